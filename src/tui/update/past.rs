//! Screen 6: what is asked about a policy's past, and the sections of its lines.

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::app::past::{RULES, WRITERS};
use crate::tui::app::view::{Cursor, Pane, RowId, Screen};
use crate::tui::facts::Inquiry;
use crate::tui::theme::Role;
use crate::tui::widget::Line;

/// Has the past of the selected policy told.
pub(super) fn wish(app: &mut App) {
    if let Some(key) = app.policy_at_hand() {
        let inquiry = Inquiry::Past(key, app.setup.theme.glyphs);
        app.background.ask(app.generation, inquiry);
    }
}

/// Goes to the rules with their authors, or to whoever could write.
pub(super) fn section(app: &mut App, action: Action) {
    if app.view.screen != Screen::Policies {
        return;
    }
    let title = if action == Action::Blame {
        RULES
    } else {
        WRITERS
    };
    let lines = app.derived.detail().iter();
    let Some(at) = lines.map(Line::text).position(|text| text == title) else {
        app.say(Role::Dim, "choose a policy");
        return;
    };
    app.view.focus = Pane::Detail;
    let last = app.derived.detail().len();
    let height = app
        .drawn
        .windows
        .iter()
        .find(|(pane, ..)| *pane == Pane::Detail);
    let height = height.map_or(0, |window| usize::from(window.2));
    let cursor = Cursor {
        id: Some(RowId::Line(at)),
        at,
        offset: at.min(last.saturating_sub(height)),
    };
    app.view.select(Pane::Detail, cursor);
}
