//! Everything that one end reaches, or that reaches it, over any number of hops.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::app::view::{Pane, View};
use crate::tui::area;
use crate::tui::facts::{RadiusAsk, RadiusFacts, ReachedRow};
use crate::tui::msg::Report;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::list::{cells, right};
use crate::tui::widget::text::{line, wrap};
use crate::tui::widget::{Line, List};

/// What the screen shows.
#[derive(Clone, Copy, Debug)]
pub struct RadiusView<'a> {
    /// Of which end, which way.
    pub ask: &'a RadiusAsk,
    /// What was found; `None` until then.
    pub facts: Option<&'a RadiusFacts>,
    /// Cursor and focus.
    pub view: &'a View,
}

/// Draws the screen.
pub fn draw(radius: &RadiusView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let (head, rest) = area::top(area, 1);
    let Some(facts) = radius.facts else {
        line(
            buf,
            head,
            (1, &Line::of(Role::Dim, "looking for ways")),
            theme,
        );
        return Report::default();
    };
    if let Some(problem) = &facts.problem {
        say(problem, area, buf, theme);
        return Report::default();
    }
    let (reached, all) = facts.count;
    let words = radius.ask.way.words();
    let title = Line::of(Role::Strong, facts.name.clone()).and(
        Role::Plain,
        format!(" {words} {reached} of {all} workloads, possibly and over any number of hops"),
    );
    line(buf, head, (1, &title), theme);
    let (head, rest) = area::top(rest, 1);
    let titles = [(6, Role::Strong, "HOPS"), (area.width, Role::Strong, "END")];
    cells(buf, head, 1, (&titles, theme));
    if facts.rows.is_empty() {
        say("nothing", rest, buf, theme);
    }
    let list = List {
        pane: Pane::Reached,
        len: facts.rows.len(),
        view: radius.view,
        theme,
    };
    list.draw(rest, buf, |at, place, buf| {
        if let Some(row) = facts.rows.get(at) {
            reached_row(row, place, buf, theme);
        }
    })
}

fn reached_row(row: &ReachedRow, place: Rect, buf: &mut Buffer, theme: Theme) {
    let hops = right(&row.hops.to_string(), 4);
    let (role, doubt) = if row.certain {
        (Role::Plain, String::new())
    } else {
        (Role::Unknown, format!("{} ", theme.glyphs.unknown()))
    };
    let name = format!("{doubt}{}", row.name);
    let cells_of = [(6, Role::Dim, &*hops), (place.width, role, &*name)];
    cells(buf, place, 1, (&cells_of, theme));
}

/// A sentence in place of a list.
pub(super) fn say(text: &str, area: Rect, buf: &mut Buffer, theme: Theme) {
    let parts = wrap(text, area.width.saturating_sub(3));
    for (at, part) in (0..area.height).zip(parts) {
        let part = Line::of(Role::Dim, part);
        line(buf, area::row(area, at), (2, &part), theme);
    }
}
