//! Screen 4: possible paths between two ends, and what every one of them needs.
//!
//! ```text
//!  3 possible paths, shortest 3 hops               blast radius of web: 14 of 212
//! ▌1  internet ─443→ shop/web ─8080→ shop/api ─5432→ data/db
//! ── LAYERS ── hop 2 of 3: shop/web ─8080→ shop/api ──────────────────────────────
//!  internet ───▶ shop/web ─────▶ shop/api ────▶ data/db
//! ── CHOKE POINTS ────────────────────────────────────────────────────────────────
//!  shop/api ─5432→ data/db       no egress policy, data/db #1
//! ```

mod layers;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::report::paths::Outlook;
use crate::report::table::plural;
use crate::tui::app::view::{Pane, View};
use crate::tui::area;
use crate::tui::facts::{NeededRow, PathHop, PathRow, PathStop, PathsAsk, PathsFacts, RadiusFacts};
use crate::tui::msg::Report;
use crate::tui::theme::{Glyphs, Role, Theme};
use crate::tui::widget::text::{cut, line, width, write};
use crate::tui::widget::{Line, List, rule};

use super::radius::say;

/// What the screen shows.
#[derive(Clone, Copy, Debug)]
pub struct PathsView<'a> {
    /// Between which ends.
    pub ask: &'a PathsAsk,
    /// What was found; `None` until then.
    pub facts: Option<&'a PathsFacts>,
    /// What was found is old: a newer answer is awaited.
    pub dim: bool,
    /// What the stop under the cursor reaches.
    pub radius: Option<&'a RadiusFacts>,
    /// The hop of the selected path that the cursor is on.
    pub hop: usize,
    /// Cursors and focus.
    pub view: &'a View,
}

/// Draws the screen.
pub fn draw(paths: &PathsView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    if paths.ask.destination.is_empty() {
        let text = "no destination yet: press x on a workload, mark ends with f and t, or type \
                    :paths SRC DST";
        say(text, area, buf, theme);
        return Report::default();
    }
    let Some(facts) = paths.facts else {
        say("looking for paths", area, buf, theme);
        return Report::default();
    };
    if let Some(problem) = &facts.problem {
        say(problem, area, buf, theme);
        return Report::default();
    }
    let (head, rest) = area::top(area, 1);
    title((paths, facts), head, buf, theme);
    if area.height < 14 || area.width < 60 {
        return if paths.view.focus == Pane::Needed {
            needed((paths, facts), rest, buf, theme)
        } else {
            let (below, list_area) = area::bottom(rest, 1);
            let report = list((paths, facts), list_area, buf, theme);
            if let Some(text) = hop_text((paths, facts), theme.glyphs) {
                let text = cut(
                    &text,
                    below.width.saturating_sub(1),
                    theme.glyphs.ellipsis(),
                );
                line(buf, below, (1, &Line::of(Role::Dim, text)), theme);
            }
            report
        };
    }
    let parts = Parts::of(rest, facts, paths.view);
    let mut report = list((paths, facts), parts.list, buf, theme);
    layers::draw((paths, facts), parts.layers, buf, theme);
    report.add(needed((paths, facts), parts.needed, buf, theme));
    report
}

/// The three parts of a large screen.
struct Parts {
    list: Rect,
    layers: Rect,
    needed: Rect,
}

impl Parts {
    /// The list keeps at least a third; what is below takes what it needs.
    fn of(area: Rect, facts: &PathsFacts, view: &View) -> Self {
        let rows = |len: usize| u16::try_from(len).unwrap_or(u16::MAX);
        let selected = view.cursor(Pane::Paths).at;
        let layers = match facts.rows.get(selected) {
            Some(_) => layers::height(facts, selected).saturating_add(1),
            None => 0,
        };
        let third = area.height / 3;
        let needed = rows(facts.needed.len()).saturating_add(1).min(third);
        let needed = if facts.needed.is_empty() { 0 } else { needed };
        let layers = layers.min(third);
        let (bottom, rest) = area::bottom(area, needed);
        let (middle, list) = area::bottom(rest, layers);
        Self {
            list,
            layers: middle,
            needed: bottom,
        }
    }
}

/// How many there are, and what the stop under the cursor reaches.
fn title(
    (paths, facts): (&PathsView<'_>, &PathsFacts),
    area: Rect,
    buf: &mut Buffer,
    theme: Theme,
) {
    let hops = plural(usize::from(paths.ask.hops), "hop");
    let count = if facts.more {
        format!("first {}", facts.rows.len())
    } else {
        facts.rows.len().to_string()
    };
    let (role, text) = match (facts.outlook, facts.shortest) {
        (Outlook::None, None) => (Role::Strong, "no possible path, however long".to_owned()),
        (Outlook::None, Some(least)) => (
            Role::Strong,
            format!("no possible path of {hops} at most, the shortest has {least}"),
        ),
        (outlook, _) => {
            let doubt = if outlook == Outlook::Unknown {
                ", none of them certain"
            } else {
                ""
            };
            let word = if facts.rows.len() == 1 {
                "path"
            } else {
                "paths"
            };
            let text = format!("{count} possible {word} of {hops} at most{doubt}");
            (Role::Strong, text)
        }
    };
    let mut text = Line::of(if paths.dim { Role::Dim } else { role }, text);
    if !facts.entry.is_empty() {
        text = text.and(Role::Dim, format!(", {}", facts.entry));
    }
    let end = line(buf, area, (1, &text), theme);
    let Some(radius) = paths.radius.filter(|radius| radius.problem.is_none()) else {
        return;
    };
    let (reached, all) = radius.count;
    let text = format!("blast radius of {}: {reached} of {all}", radius.name);
    let at = area.width.saturating_sub(width(&text)).saturating_sub(1);
    if at > end.saturating_add(1) {
        line(buf, area, (at, &Line::of(Role::Dim, text)), theme);
    }
}

fn list(
    (paths, facts): (&PathsView<'_>, &PathsFacts),
    area: Rect,
    buf: &mut Buffer,
    theme: Theme,
) -> Report {
    if facts.rows.is_empty() {
        let text = match facts.shortest {
            Some(_) => "press + to look for longer paths",
            None => "nothing leads there; r looks the other way round",
        };
        say(text, area, buf, theme);
    }
    let rows = List {
        pane: Pane::Paths,
        len: facts.rows.len(),
        view: paths.view,
        theme,
    };
    let digits = width(&facts.rows.len().to_string());
    let selected = paths.view.cursor(Pane::Paths).at;
    let mut under: Option<Rect> = None;
    let report = rows.draw(area, buf, |at, place, buf| {
        if let Some(row) = facts.rows.get(at) {
            let hop = (at == selected).then_some(paths.hop);
            let drawn = path((at + 1, row), (place, digits, hop), buf, theme);
            under = drawn.or(under);
        }
    });
    if let Some(under) = under.filter(|_| paths.view.focus == Pane::Paths) {
        let style = Style::new()
            .remove_modifier(Modifier::REVERSED)
            .add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
        buf.set_style(under, style);
    }
    report
}

/// `─443→` in the glyphs of the theme.
pub(super) fn arrow(ports: &str, glyphs: Glyphs) -> String {
    format!("{}{ports}{}", glyphs.horizontal(), glyphs.arrow())
}

/// Draws one path; gives the cells of the hop under the cursor. A path that is too long begins
/// where that hop begins.
fn path(
    (number, row): (usize, &PathRow),
    (place, digits, hop): (Rect, u16, Option<usize>),
    buf: &mut Buffer,
    theme: Theme,
) -> Option<Rect> {
    let number = format!("{number:>width$}", width = usize::from(digits));
    let start = write(buf, place, 1, (&number, theme.style(Role::Dim))).saturating_add(2);
    let room = place.width.saturating_sub(start);
    let pieces = pieces(row, theme.glyphs);
    let first = first_shown(&pieces, hop, room);
    let mut column = start;
    let mut found = None;
    if first > 0 {
        let ellipsis = format!("{} ", theme.glyphs.ellipsis());
        column = write(buf, place, column, (&ellipsis, theme.style(Role::Dim)));
    }
    for (at, (role, text)) in pieces.iter().enumerate().skip(first) {
        let left = place.width.saturating_sub(column);
        let text = cut(text, left, theme.glyphs.ellipsis());
        let end = write(buf, place, column, (&text, theme.style(*role)));
        if hop.is_some_and(|hop| at == hop * 2 + 1) {
            found = Some(Rect {
                x: place.x.saturating_add(column),
                width: end.saturating_sub(column),
                ..place
            });
        }
        column = end.saturating_add(1);
    }
    let note = if row.certain || row.note.is_empty() {
        row.note.clone()
    } else {
        format!("{} {}", theme.glyphs.unknown(), row.note)
    };
    let note = if row.certain {
        note
    } else {
        format!("{} {note}", theme.glyphs.unknown())
    };
    let at = place
        .width
        .saturating_sub(width(note.trim_end()))
        .saturating_sub(1);
    if at > column.saturating_add(1) {
        let role = if row.certain {
            Role::Dim
        } else {
            Role::Unknown
        };
        write(buf, place, at, (note.trim_end(), theme.style(role)));
    }
    found
}

/// Stops and hops, one after the other.
fn pieces(row: &PathRow, glyphs: Glyphs) -> Vec<(Role, String)> {
    let mut pieces = Vec::with_capacity(row.stops.len() * 2);
    for (at, stop) in row.stops.iter().enumerate() {
        pieces.push((Role::Plain, stop.name.clone()));
        if let Some(hop) = row.hops.get(at) {
            pieces.push((role_of(hop), arrow(&hop.ports, glyphs)));
        }
    }
    pieces
}

const fn role_of(hop: &PathHop) -> Role {
    if hop.certain {
        Role::Some
    } else {
        Role::Unknown
    }
}

/// The first piece to draw such that the hop under the cursor is visible with both its ends.
fn first_shown(pieces: &[(Role, String)], hop: Option<usize>, room: u16) -> usize {
    let hop = hop.unwrap_or(0);
    let needed = |first: usize| {
        let shown = pieces.get(first..=hop * 2 + 2).unwrap_or_default();
        let text = shown.iter().map(|(_, text)| width(text).saturating_add(1));
        text.fold(2_u16, u16::saturating_add)
    };
    let starts = (0..=hop).map(|at| at * 2);
    let mut fitting = starts.filter(|first| needed(*first) <= room);
    fitting.next().unwrap_or(hop * 2)
}

/// The hop under the cursor in words.
fn hop_text((paths, facts): (&PathsView<'_>, &PathsFacts), glyphs: Glyphs) -> Option<String> {
    let row = facts.rows.get(paths.view.cursor(Pane::Paths).at)?;
    let hop = row.hops.get(paths.hop)?;
    let (from, to) = (row.stops.get(paths.hop)?, row.stops.get(paths.hop + 1)?);
    let count = row.hops.len();
    let way = way(from, hop, (to, glyphs));
    Some(format!("hop {} of {count}: {way}", paths.hop + 1))
}

fn way(from: &PathStop, hop: &PathHop, (to, glyphs): (&PathStop, Glyphs)) -> String {
    format!("{} {} {}", from.name, arrow(&hop.ports, glyphs), to.name)
}

/// What every path needs.
fn needed(
    (paths, facts): (&PathsView<'_>, &PathsFacts),
    area: Rect,
    buf: &mut Buffer,
    theme: Theme,
) -> Report {
    if area.is_empty() {
        return Report::default();
    }
    let (head, rest) = area::top(area, 1);
    let detail = "cut one and every path is gone";
    let some = facts.needed.iter().take(1);
    let some = some
        .filter(|row| matches!(row, NeededRow::Hop { .. }))
        .count()
        > 0;
    let detail = if some && area.width >= 60 { detail } else { "" };
    rule::heading(buf, head, ("CHOKE POINTS", detail), theme);
    let list = List {
        pane: Pane::Needed,
        len: facts.needed.len(),
        view: paths.view,
        theme,
    };
    list.draw(rest, buf, |at, place, buf| match facts.needed.get(at) {
        Some(NeededRow::Text(text)) => {
            line(buf, place, (1, &Line::of(Role::Dim, text.clone())), theme);
        }
        Some(NeededRow::Hop { hop, through }) => {
            let (from, hop, to) = &**hop;
            let text = way(from, hop, (to, theme.glyphs));
            let half = place.width / 2;
            let text = cut(&text, half, theme.glyphs.ellipsis());
            write(buf, place, 2, (&text, theme.style(Role::Plain)));
            let room = place.width.saturating_sub(half).saturating_sub(4);
            let through = cut(through, room, theme.glyphs.ellipsis());
            let at = half.saturating_add(4);
            write(buf, place, at, (&through, theme.style(Role::Dim)));
        }
        None => {}
    })
}
