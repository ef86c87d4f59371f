//! Every version of one policy that the log shows, and what changed in the selected one.
//!
//! ```text
//!  WHEN  WHO      DID       GEN  LINES   EVIDENCE  OWNER?
//! ▌4m    carol    changed     7  +3 -1   [audit]   ✗ NOT owner
//! ──────────────── generation 7 ── 1 of 7 changes ─────────────
//!  +  - ports:
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::report::table::plural;
use crate::tui::app::view::{Pane, View};
use crate::tui::area;
use crate::tui::clock::{Clock, Times};
use crate::tui::facts::{PastFacts, VersionRow};
use crate::tui::msg::{Age, Report};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::list::{cells, inner, right};
use crate::tui::widget::text::{cut_who, line, wrap};
use crate::tui::widget::{Line, List, rule};

use super::home::when;
use super::why::whole;

/// What the screen shows.
#[derive(Clone, Copy, Debug)]
pub struct HistoryView<'a> {
    /// The past; `None` until the worker has found it.
    pub past: Option<&'a PastFacts>,
    /// The lines of the selected version.
    pub detail: &'a [Line],
    /// Cursors and focus.
    pub view: &'a View,
    /// The present.
    pub clock: Clock,
}

/// Widths of the columns; 0 leaves one out.
struct Columns {
    time: u16,
    who: u16,
    deed: u16,
    generation: u16,
    size: u16,
    badge: u16,
    owner: u16,
}

impl Columns {
    fn of(width: u16, times: Times) -> Self {
        let time = if times == Times::Ages { 6 } else { 21 };
        if width < 60 {
            let (deed, owner) = (9, 3);
            return Self {
                time,
                who: width.saturating_sub(1 + time + deed + owner),
                deed,
                generation: 0,
                size: 0,
                badge: 0,
                owner,
            };
        }
        let (deed, generation, size, badge, owner) = (17, 5, 10, 10, 14);
        let rest = width.saturating_sub(1 + time + deed + generation + size + badge + owner);
        Self {
            time,
            who: rest.min(40),
            deed,
            generation,
            size,
            badge,
            owner,
        }
    }
}

/// Draws the screen.
pub fn draw(history: &HistoryView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let small = area.height < 14 || area.width < 60;
    if small && history.view.focus == Pane::Detail {
        return detail(history, area, buf, theme);
    }
    let below = if small { 0 } else { area.height / 10 * 6 };
    let (bottom, top) = area::bottom(area, below);
    let said = doubts(history, top.width);
    let height = u16::try_from(said.len()).unwrap_or(1).min(top.height / 3);
    let (foot, top) = area::bottom(top, height);
    let mut report = table(history, top, buf, theme);
    for (at, text) in (0..foot.height).zip(&said) {
        line(buf, area::row(foot, at), (1, text), theme);
    }
    if below > 0 {
        report.add(detail(history, bottom, buf, theme));
    }
    report
}

/// Why the list may lack changes.
fn doubts(history: &HistoryView<'_>, width: u16) -> Vec<Line> {
    let doubts = history.past.map_or(&[][..], |past| &past.doubts);
    let parts = doubts
        .iter()
        .flat_map(|doubt| wrap(&format!("? {doubt}"), width.saturating_sub(2)));
    parts.map(|part| Line::of(Role::Unknown, part)).collect()
}

fn table(history: &HistoryView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let columns = Columns::of(area.width, history.clock.times);
    let (head, rest) = area::top(area, 1);
    let titles = [
        (columns.time, Role::Strong, "WHEN"),
        (columns.who, Role::Strong, "WHO"),
        (columns.deed, Role::Strong, "DID"),
        (columns.generation, Role::Strong, "GEN"),
        (columns.size, Role::Strong, "LINES"),
        (columns.badge, Role::Strong, "EVIDENCE"),
        (columns.owner, Role::Strong, "OWNER?"),
    ];
    cells(buf, head, 1, (&titles, theme));
    let rows = history.past.map_or(&[][..], |past| &past.versions);
    if rows.is_empty() {
        let text = match history.past {
            None => "reading the log",
            Some(_) => "the log shows no change of this policy",
        };
        line(buf, rest, (2, &Line::of(Role::Dim, text)), theme);
    }
    let list = List {
        pane: Pane::Versions,
        len: rows.len(),
        view: history.view,
        theme,
    };
    let mut ages = Vec::new();
    let mut report = list.draw(rest, buf, |at, place, buf| {
        if let Some(row) = rows.get(at) {
            ages.extend(version((row, history.clock), place, buf, (theme, &columns)));
        }
    });
    report.ages.extend(ages);
    report
}

/// Draws one row; gives the age in it.
fn version(
    (row, clock): (&VersionRow, Clock),
    place: Rect,
    buf: &mut Buffer,
    (theme, columns): (Theme, &Columns),
) -> Vec<Age> {
    let mut ages = Vec::new();
    let when = when(&row.change, clock, &mut ages);
    let who = cut_who(&row.change.who, inner(columns.who), theme.glyphs.ellipsis());
    let generation = row.generation.map(|generation| generation.to_string());
    let generation = generation.unwrap_or_else(|| "?".to_owned());
    let size = match row.size {
        Some((new, old)) => format!("+{new} -{old}"),
        None => "?".to_owned(),
    };
    let owner = row.change.owner;
    let cells_of = [
        (columns.time, Role::Plain, &*when),
        (columns.who, Role::Plain, &*who),
        (columns.deed, Role::Plain, row.deed),
        (
            columns.generation,
            Role::Dim,
            &*right(&generation, columns.generation.saturating_sub(2)),
        ),
        (columns.size, Role::Plain, &*size),
        (columns.badge, Role::Dim, row.change.badge),
        (
            columns.owner,
            owner.role(),
            &*owner.within(columns.owner, theme.glyphs),
        ),
    ];
    cells(buf, place, 1, (&cells_of, theme));
    ages
}

fn detail(history: &HistoryView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let (head, rest) = area::top(area, 1);
    let rows = history.past.map_or(&[][..], |past| &past.versions);
    let at = history.view.cursor(Pane::Versions).at;
    let (title, of) = match rows.get(at) {
        Some(row) => {
            let of = format!("{} of {}", at + 1, plural(rows.len(), "change"));
            (row.deed.to_owned(), of)
        }
        None => (String::new(), String::new()),
    };
    rule::heading(buf, head, (&title, &of), theme);
    let list = List {
        pane: Pane::Detail,
        len: history.detail.len(),
        view: history.view,
        theme,
    };
    let selected = history.view.cursor(Pane::Detail).at;
    let read = history.view.focus == Pane::Detail;
    let selected = history.detail.get(selected).filter(|_| read);
    let rest = whole(selected, rest, buf, theme);
    list.draw(rest, buf, |at, place, buf| {
        if let Some(text) = history.detail.get(at) {
            line(buf, place, (1, text), theme);
        }
    })
}
