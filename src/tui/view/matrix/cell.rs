//! The cell under the cursor in words: how much, on which ports, and by whose rule.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::reach::Shade;
use crate::report::matrix::share;
use crate::report::table::plural;
use crate::tui::app::chart::Entry;
use crate::tui::app::view::Pane;
use crate::tui::area;
use crate::tui::facts::{CellFacts, MatrixCell};
use crate::tui::msg::Report;
use crate::tui::theme::Role;
use crate::tui::widget::list::{cells, inner, right};
use crate::tui::widget::text::{line, width, wrap};
use crate::tui::widget::{Line, List};

use super::{MatrixView, role};

/// Below this height there is no room for blank lines and titles.
const ROOMY: u16 = 12;

impl MatrixView<'_> {
    /// The cell under the cursor in words.
    pub(super) fn detail(&self, area: Rect, buf: &mut Buffer) -> Report {
        let Some([row, column]) = self.under_cursor() else {
            return Report::default();
        };
        let roomy = area.height >= ROOMY;
        let mut lines = self.head(row, column, inner(area.width));
        if roomy {
            lines.insert(2, Line::default());
        }
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        let (top, mut rest) = area::top(area, height);
        self.lines(&lines, top, buf);
        if roomy {
            let title = match self.parts {
                Some(parts) if parts.ports.is_empty() => "no ports",
                Some(_) | None => "ports, and for how many",
            };
            let title = [Line::default(), Line::of(Role::Dim, title)];
            self.lines(&title, area::top(rest, 2).0, buf);
            rest = area::top_cut(rest, 2);
        }
        let Some(parts) = self.parts else {
            self.lines(
                &[Line::of(Role::Dim, self.theme.glyphs.pending())],
                rest,
                buf,
            );
            return Report {
                windows: vec![(Pane::Ports, 0, 0)],
                ..Report::default()
            };
        };
        let contributor = self.contributor(parts, area.width);
        let below = u16::try_from(contributor.len()).unwrap_or(u16::MAX);
        let listed = u16::try_from(parts.ports.len()).unwrap_or(u16::MAX);
        let most = rest.height.saturating_sub(below).max(rest.height / 2);
        let (table, bottom) = area::top(rest, if roomy { listed.min(most) } else { rest.height });
        if self.view.focus != Pane::Ports {
            self.lines(&contributor, bottom, buf);
            return self.ports(parts, table, buf);
        }
        // Of the selected ports, all are told.
        let at = self.view.cursor(Pane::Ports).at;
        let selected = parts
            .ports
            .get(at)
            .filter(|row| width(&row.ports) > room(area));
        let told = selected.map_or_else(Vec::new, |row| wrap(&row.ports, inner(area.width)));
        let mut told: Vec<Line> = told.into_iter().map(Line::plain).collect();
        if !told.is_empty() {
            told.insert(0, Line::default());
        }
        told.extend(contributor);
        self.lines(&told, bottom, buf);
        self.ports(parts, table, buf)
    }

    fn under_cursor(&self) -> Option<[&Entry; 2]> {
        let at = |pane| self.view.cursor(pane).at;
        let row = self.sides.down.get(at(Pane::Rows))?;
        let column = self.sides.across.get(at(Pane::Columns))?;
        (!self.is_empty()).then_some([row, column])
    }

    /// Both ends, the counts, and what they lack.
    fn head(&self, row: &Entry, column: &Entry, columns: u16) -> Vec<Line> {
        let (from, to) = if self.chart.transposed {
            (column, row)
        } else {
            (row, column)
        };
        let numbered = |word: &str, entry: &Entry, across: bool| {
            let number = if entry.is_outside() || !(self.sides.square || across) {
                String::new()
            } else {
                format!(" {}", entry.number)
            };
            Line::of(Role::Dim, format!("{word}{number} ")).and(Role::Strong, entry.name.clone())
        };
        let across = self.chart.transposed;
        let mut lines = vec![numbered("from", from, across), numbered("to", to, !across)];
        if let Some(cell) = self.look(row, column) {
            lines.extend(counted(cell, from.is_outside() || to.is_outside()));
        }
        lines.extend(
            self.parts
                .into_iter()
                .flat_map(|parts| reasons(parts, columns)),
        );
        lines
    }

    fn lines(&self, lines: &[Line], area: Rect, buf: &mut Buffer) {
        for (at, text) in (0..area.height).zip(lines) {
            line(buf, area::row(area, at), (1, text), self.theme);
        }
    }

    fn ports(&self, parts: &CellFacts, area: Rect, buf: &mut Buffer) -> Report {
        let theme = self.theme;
        let list = List {
            pane: Pane::Ports,
            len: parts.ports.len(),
            view: self.view,
            theme,
        };
        list.draw(area, buf, |at, place, buf| {
            let Some(row) = parts.ports.get(at) else {
                return;
            };
            let count = right(&row.pairs.to_string(), COUNT - 1);
            let room = room(place).saturating_add(1);
            let row = [
                (room, Role::Plain, &*row.ports),
                (COUNT, Role::Dim, &*count),
            ];
            cells(buf, place, 1, (&row, theme));
        })
    }

    fn contributor(&self, parts: &CellFacts, columns: u16) -> Vec<Line> {
        let Some(most) = &parts.contributor else {
            return Vec::new();
        };
        let glyphs = self.theme.glyphs;
        let mut lines = vec![Line::default(), Line::of(Role::Dim, "largest contributor")];
        let words = wrap(&most.rule, columns.saturating_sub(4));
        lines.extend(
            words
                .into_iter()
                .map(|part| Line::plain(format!("  {part}"))),
        );
        let count = plural(usize::try_from(most.pairs).unwrap_or(usize::MAX), "pair");
        lines.push(Line::of(Role::Dim, format!("  lets {count} through")));
        if let Some((who, owner)) = &most.changed {
            let who = Line::plain(format!("  {who} ")).and(owner.role(), owner.badge(glyphs));
            lines.push(who);
        }
        lines
    }
}

/// Columns of the number of pairs with the gap before it.
const COUNT: u16 = 8;

/// Columns for ports.
const fn room(area: Rect) -> u16 {
    area.width.saturating_sub(COUNT + 2)
}

/// The counts in words.
fn counted(cell: MatrixCell, outside: bool) -> Vec<Line> {
    let counts = cell.counts;
    let unit = if outside { "pods" } else { "pairs" };
    if counts.pairs == 0 && cell.shade != Shade::Unknown {
        return vec![Line::of(Role::Dim, format!("no {unit}"))];
    }
    let share = share(cell.shade, counts);
    let whole =
        Line::of(role(cell), share).and(Role::Plain, format!(" of {} {unit}", counts.pairs));
    let mut lines = vec![whole];
    if counts.allowed > 0 {
        lines.push(Line::plain(format!("{} allowed", counts.allowed)));
        lines.push(Line::plain(format!("{} on every port", counts.full)));
    }
    if counts.unknown > 0 {
        lines.push(Line::of(
            Role::Unknown,
            format!("{} not known", counts.unknown),
        ));
    } else if cell.shade == Shade::Unknown {
        lines.push(Line::of(Role::Unknown, "some pods could not be read"));
    }
    lines
}

/// Why pairs are not known.
fn reasons(parts: &CellFacts, columns: u16) -> Vec<Line> {
    let words = parts.unknown.iter();
    words
        .flat_map(|why| wrap(why, columns.saturating_sub(2)))
        .map(|part| Line::of(Role::Unknown, format!("  {part}")))
        .collect()
}
