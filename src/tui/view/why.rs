//! Why one verdict is what it is: the source's half, the destination's half, and what follows.
//!
//! ```text
//!  shop/web-1  ->  data/db-0 : 5432/tcp                               ○ BLOCKED
//! ────────────────────────────────────────────────────────────────────────────────
//!  1 ● EGRESS of web is allowed
//!      isolated by  egress-web                       last change alice ✓ owner
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::app::view::{Pane, View};
use crate::tui::area;
use crate::tui::facts::{WhyFacts, WhyLine};
use crate::tui::msg::Report;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::text::{line, wrap};
use crate::tui::widget::{Line, List, rule};

/// What the screen shows.
#[derive(Clone, Copy, Debug)]
pub struct WhyView<'a> {
    /// The explanation.
    pub facts: Option<&'a WhyFacts>,
    /// All lines below the title.
    pub reasons: &'a [WhyLine],
    /// Cursor and focus.
    pub view: &'a View,
}

/// Draws the screen.
pub fn draw(why: &WhyView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let Some(facts) = why.facts else {
        return Report::default();
    };
    let (head, rest) = area::top(area, 2);
    title(facts, head, buf, theme);
    let list = List {
        pane: Pane::Reasons,
        len: why.reasons.len(),
        view: why.view,
        theme,
    };
    let at = why.view.cursor(Pane::Reasons).at;
    let selected = why.reasons.get(at).map(|reason| &reason.line);
    let rest = whole(selected, rest, buf, theme);
    list.draw(rest, buf, |at, place, buf| {
        if let Some(reason) = why.reasons.get(at) {
            line(buf, place, (1, &reason.line), theme);
        }
    })
}

/// A selected line that is cut in the list stands below it in full; gives the room above.
pub(super) fn whole(selected: Option<&Line>, area: Rect, buf: &mut Buffer, theme: Theme) -> Rect {
    let room = area.width.saturating_sub(2);
    let Some(text) = selected.filter(|line| line.width() > room.saturating_add(1)) else {
        return area;
    };
    let parts = wrap(&text.text(), room);
    let height = u16::try_from(parts.len())
        .unwrap_or(u16::MAX)
        .saturating_add(1);
    // The list keeps a row on each side of the selected one.
    if height.saturating_add(2) > area.height {
        return area;
    }
    let (below, above) = area::bottom(area, height);
    let (ruled, below) = area::top(below, 1);
    rule::horizontal(buf, ruled, theme);
    for (at, part) in (0..below.height).zip(parts) {
        line(buf, area::row(below, at), (1, &Line::plain(part)), theme);
    }
    above
}

/// Question and verdict in one row with a rule below, or in two rows where one is too narrow.
fn title(facts: &WhyFacts, area: Rect, buf: &mut Buffer, theme: Theme) {
    let verdict = Line::of(facts.extent.role(), facts.extent.glyph(theme.glyphs))
        .and(Role::Strong, format!(" {} ", facts.verdict));
    let question = Line::of(Role::Strong, facts.title.clone());
    let at = area.width.saturating_sub(verdict.width());
    if question.width().saturating_add(2) > at {
        line(buf, area, (1, &question), theme);
        line(buf, area::row(area, 1), (1, &verdict), theme);
        return;
    }
    line(buf, area, (at, &verdict), theme);
    line(buf, area::left(area, at).0, (1, &question), theme);
    rule::horizontal(buf, area::row(area, 1), theme);
}

/// The explanation without a cursor, for the side of another screen.
pub(super) fn lines(facts: &WhyFacts, area: Rect, buf: &mut Buffer, theme: Theme) {
    let verdict = Line::of(facts.extent.role(), facts.extent.glyph(theme.glyphs))
        .and(Role::Strong, format!(" {}", facts.verdict));
    let (first, rest) = area::top(area, 1);
    line(buf, first, (1, &verdict), theme);
    for (at, reason) in (0..rest.height).zip(&facts.lines) {
        line(buf, area::row(rest, at), (1, &reason.line), theme);
    }
}
