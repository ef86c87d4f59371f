//! Clicks and the wheel.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use crate::tui::action::Action;
use crate::tui::app::layer::Layer;
use crate::tui::app::view::Pane;
use crate::tui::app::{App, Click};
use crate::tui::msg::{Effect, Hit};

use super::{act, moving};

/// Rows per notch of the wheel.
const NOTCH: isize = 3;
/// Two clicks within this many milliseconds are a double click.
const DOUBLE: i64 = 400;

/// A click selects, a second one opens; the wheel moves the list under the pointer.
pub(super) fn mouse(app: &mut App, event: MouseEvent) -> Vec<Effect> {
    let hit = app.drawn.at(event.column, event.row);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => click(app, event, hit),
        MouseEventKind::ScrollDown => wheel(app, hit, NOTCH),
        MouseEventKind::ScrollUp => wheel(app, hit, -NOTCH),
        _ => Vec::new(),
    }
}

fn click(app: &mut App, event: MouseEvent, hit: Option<Hit>) -> Vec<Effect> {
    let at = (event.column, event.row);
    let now = app.clock.now;
    let double = app.click.is_some_and(|before| {
        before.at == at && now.as_millisecond() - before.when.as_millisecond() <= DOUBLE
    });
    app.click = (!double).then_some(Click { at, when: now });
    app.dirty = true;
    match hit {
        Some(Hit::Act(action)) => return act(app, action),
        Some(Hit::LayerRow(row)) => {
            if let Some(Layer::Picker(picker)) = app.layers.last_mut() {
                picker.at = row;
            }
        }
        Some(Hit::Row(Pane::Draft, row)) if app.layers.is_empty() => super::draft::click(app, row),
        Some(Hit::Row(pane, row)) if app.layers.is_empty() => {
            app.view.focus = pane;
            moving::put(app, pane, row);
        }
        Some(Hit::Cell(row, column)) if app.layers.is_empty() => {
            app.view.focus = Pane::Rows;
            moving::put(app, Pane::Rows, row);
            moving::put(app, Pane::Columns, column);
        }
        Some(Hit::Pane(pane)) if app.layers.is_empty() => app.view.focus = pane,
        Some(Hit::Row(..) | Hit::Cell(..) | Hit::Pane(_)) | None => {
            // A click beside a popup closes it; one beside everything does nothing.
            app.layers.pop();
            return Vec::new();
        }
    }
    if double {
        act(app, Action::Open)
    } else {
        Vec::new()
    }
}

fn wheel(app: &mut App, hit: Option<Hit>, by: isize) -> Vec<Effect> {
    app.dirty = true;
    if !app.layers.is_empty() {
        let action = if by > 0 { Action::Down } else { Action::Up };
        return act(app, action);
    }
    match hit {
        Some(Hit::Row(pane, _) | Hit::Pane(pane)) => moving::step_in(app, pane, by),
        Some(Hit::Cell(..)) => {
            app.view.focus = Pane::Rows;
            moving::step(app, by);
        }
        Some(Hit::LayerRow(_) | Hit::Act(_)) | None => {}
    }
    Vec::new()
}
