//! Screen 3: a map of who may reach how much of whom.
//!
//! ```text
//!  from \ to        1  2  3  4  5  6  7 │ to 3 = shop
//!   1 auth          ██ ▒▒ ░░ ·· ·· ·· ▓▓│ from 5 = ops
//! ▌ 5 ops           ░░ ░░ ▒▒ ░░ ██ ░░ ▓▓│ 18 % of 1204 pairs
//!     outside     ▲ ·· ·· ░░ ·· ·· ·· ░░│   9090/tcp   210
//! ```
//!
//! The map reads without colour; hue adds whether the allowed pairs allow every port. Below 60
//! columns the cells of one row are listed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::reach::Shade;
use crate::report::matrix::{Charset, mark, share};
use crate::tui::app::chart::{Chart, Entry, Known, Sides, Zoom};
use crate::tui::app::view::{Pane, View};
use crate::tui::area;
use crate::tui::facts::{CellFacts, MatrixCell};
use crate::tui::msg::{Hit, Report};
use crate::tui::theme::{Glyphs, Role, Theme};
use crate::tui::widget::list::{cells, inner, right, scroll, select};
use crate::tui::widget::text::{cut, cut_name, line, width, wrap, write};
use crate::tui::widget::{Line, List, rule};

mod cell;

/// What the screen shows.
#[derive(Clone, Copy)]
pub struct MatrixView<'a> {
    /// Which matrix.
    pub chart: &'a Chart,
    /// Its sides.
    pub sides: &'a Sides,
    /// What is known of its cells.
    pub known: Option<&'a Known<'a>>,
    /// The parts of the cell under the cursor, once they are known.
    pub parts: Option<&'a CellFacts>,
    /// Cursors, focus, filter.
    pub view: &'a View,
    /// Why there may be more than is shown.
    pub doubt: Option<&'a str>,
    /// What it looks like.
    pub theme: Theme,
}

/// The way to a matrix, for the first line.
#[must_use]
pub fn crumbs(chart: &Chart, scope: String) -> Vec<String> {
    let mut crumbs = vec![scope, "Matrix".to_owned()];
    if let Zoom::Workloads { from, to } = &chart.zoom {
        let names = [from, to].map(|names| match names.as_slice() {
            [] => String::new(),
            [one] => one.shown().to_string(),
            [first, rest @ ..] => format!("{} +{}", first.shown(), rest.len()),
        });
        let [from, to] = names;
        crumbs.push(if from == to {
            from
        } else {
            format!("{from} -> {to}")
        });
    }
    if chart.folded {
        crumbs.push("folded".to_owned());
    }
    crumbs
}

/// From this width on there is a map; below it, one row as a list.
const ROOMY: u16 = 60;

/// Draws the screen.
pub fn draw(matrix: &MatrixView<'_>, area: Rect, buf: &mut Buffer) -> Report {
    if area.width < ROOMY {
        return if matrix.view.focus == Pane::Ports {
            matrix.detail(area, buf)
        } else {
            matrix.list(area, buf)
        };
    }
    let detail = (area.width / 3).clamp(25, 48);
    let (left, rest) = area::left(area, area.width.saturating_sub(detail));
    let mut report = matrix.map(left, buf);
    rule::vertical(buf, rest, matrix.theme);
    let (_, right) = area::left(rest, 1);
    report.add(matrix.detail(right, buf));
    report
}

/// Where the parts of the map are.
struct Layout {
    /// Columns that a number takes.
    digits: u16,
    /// Columns of a row before its cells.
    label: u16,
    /// Columns of a cell with the gap before it.
    cell: u16,
    /// Visible columns of the matrix: the first one, and how many.
    across: (usize, u16),
}

impl MatrixView<'_> {
    fn layout(&self, area: Rect) -> Layout {
        let count = self.sides.across.len();
        let digits = width(&count.to_string()).max(2);
        let names = self.sides.down.iter().map(|entry| width(&entry.name)).max();
        let most = if area.width >= 80 { 32 } else { 16 };
        let label = names.unwrap_or(0).clamp(8, most) + digits + 3;
        let cell = digits + 1;
        let room = area.width.saturating_sub(label) / cell.max(1);
        let cursor = self.view.cursor(Pane::Columns);
        let first = scroll(count, cursor.at, (cursor.offset, room));
        let shown = room.min(u16::try_from(count - first.min(count)).unwrap_or(u16::MAX));
        Layout {
            digits,
            label,
            cell,
            across: (first, shown),
        }
    }

    fn map(&self, area: Rect, buf: &mut Buffer) -> Report {
        let (head, rest) = area::top(area, 1);
        let (legend, rest) = area::bottom(rest, 2);
        let layout = self.layout(area);
        self.heading(&layout, head, buf);
        self.legend(legend, buf);
        if self.is_empty() {
            self.empty(rest, buf);
            return Report {
                windows: vec![(Pane::Rows, 0, rest.height), (Pane::Columns, 0, 0)],
                ..Report::default()
            };
        }
        let cursor = self.view.cursor(Pane::Rows);
        let first = scroll(
            self.sides.down.len(),
            cursor.at,
            (cursor.offset, rest.height),
        );
        let mut report = Report {
            windows: vec![
                (Pane::Rows, first, rest.height),
                (Pane::Columns, layout.across.0, layout.across.1),
            ],
            hits: vec![(rest, Hit::Pane(Pane::Rows))],
            ..Report::default()
        };
        let (left, shown) = (layout.across.0, usize::from(layout.across.1));
        let down = self
            .sides
            .down
            .iter()
            .skip(first)
            .take(usize::from(rest.height));
        let across: Vec<&Entry> = self.sides.across.iter().skip(left).take(shown).collect();
        for (at, entry) in (0..).zip(down) {
            let row = area::row(rest, at);
            let here = first + usize::from(at) == cursor.at;
            self.label(entry, &layout, (row, here), buf);
            for (place, other) in (0u16..).zip(&across) {
                let x = layout.label + place * layout.cell;
                let place = Rect {
                    x: row.x.saturating_add(x),
                    width: layout.cell.min(row.width.saturating_sub(x)),
                    ..row
                };
                let at = (
                    first + usize::from(at),
                    left + usize::from(x - layout.label) / usize::from(layout.cell),
                );
                report.hits.push((place, Hit::Cell(at.0, at.1)));
                let under = here && at.1 == self.view.cursor(Pane::Columns).at;
                self.cell(self.look(entry, other), (place, under), buf);
                if under && self.view.focus == Pane::Rows {
                    report.cursor = Some(place.as_position());
                }
            }
        }
        if self.known.is_some_and(|known| known.dim) {
            buf.set_style(rest, self.theme.style(Role::Dim));
        }
        report
    }

    /// What is known about the cell of a row and a column; `None` while it is being counted.
    fn look(&self, row: &Entry, column: &Entry) -> Option<MatrixCell> {
        if row.is_outside() && column.is_outside() {
            return Some(MatrixCell {
                shade: Shade::Empty,
                counts: crate::reach::Cell::default(),
            });
        }
        let known = self.known?;
        if self.chart.transposed {
            known.cell(&column.end, &row.end)
        } else {
            known.cell(&row.end, &column.end)
        }
    }

    fn heading(&self, layout: &Layout, row: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let corner = match (self.view.filter.as_str(), self.chart.transposed) {
            ("", false) => "from \\ to".to_owned(),
            ("", true) => "to \\ from".to_owned(),
            (filter, _) => format!("/{filter}"),
        };
        let room = layout.label.saturating_sub(2);
        let corner = cut(&corner, room, theme.glyphs.ellipsis());
        write(buf, row, 1, (&corner, theme.style(Role::Strong)));
        let (first, shown) = layout.across;
        let entries = self.sides.across.iter().enumerate().skip(first);
        for (place, (at, entry)) in (0..shown).zip(entries) {
            let number = if entry.is_outside() {
                theme.glyphs.outside().to_owned()
            } else {
                entry.number.to_string()
            };
            let role = match (at == self.view.cursor(Pane::Columns).at, entry.is_outside()) {
                (true, _) => Role::Strong,
                (false, true) => Role::Outside,
                (false, false) => Role::Dim,
            };
            let column = layout.label + place * layout.cell;
            let number = right(&number, layout.cell);
            write(buf, row, column, (&number, theme.style(role)));
        }
    }

    fn label(&self, entry: &Entry, layout: &Layout, (row, here): (Rect, bool), buf: &mut Buffer) {
        let theme = self.theme;
        let number = match (entry.is_outside(), self.sides.square) {
            (true, _) => theme.glyphs.outside().to_owned(),
            (false, true) => entry.number.to_string(),
            (false, false) => String::new(),
        };
        let role = if entry.is_outside() {
            Role::Outside
        } else {
            Role::Dim
        };
        let number = right(&number, layout.digits);
        write(buf, row, 1, (&number, theme.style(role)));
        let room = layout.label.saturating_sub(layout.digits + 2);
        let name = cut_name(&entry.name, room, theme.glyphs.ellipsis());
        write(
            buf,
            row,
            layout.digits + 2,
            (&name, theme.style(Role::Plain)),
        );
        if here {
            let (label, _) = area::left(row, layout.label);
            select(buf, label, (self.view.focus == Pane::Rows, theme));
        }
    }

    fn cell(&self, cell: Option<MatrixCell>, (place, under): (Rect, bool), buf: &mut Buffer) {
        let theme = self.theme;
        let (text, role) = match cell {
            None => (theme.glyphs.pending(), Role::Dim),
            Some(cell) => (mark(cell.shade, charset(theme)), role(cell)),
        };
        let style = theme.style(role);
        if under {
            // Reversed, a full block would be nothing to see.
            let at = place.width.saturating_sub(3);
            let brackets = [(at, "["), (place.width, "]")];
            let strong = theme.style(Role::Strong);
            for (at, bracket) in brackets {
                let whole = Rect {
                    width: place.width.saturating_add(1),
                    ..place
                };
                write(buf, whole, at, (bracket, strong));
            }
        }
        let at = place.width.saturating_sub(2);
        write(buf, place, at, (text, style));
    }

    fn legend(&self, area: Rect, buf: &mut Buffer) {
        let theme = self.theme;
        let shades = [
            (Shade::None, "0"),
            (Shade::Few, "<10%"),
            (Shade::Some, "<50%"),
            (Shade::Most, "<100%"),
            (Shade::All, "all"),
            (Shade::Unknown, "unknown"),
        ];
        let mut text = Line::default();
        for (at, (shade, word)) in shades.into_iter().enumerate() {
            let gap = if at == 0 { "" } else { "  " };
            let role = if shade == Shade::Unknown {
                Role::Unknown
            } else {
                Role::Plain
            };
            text = text
                .and(Role::Dim, gap)
                .and(role, mark(shade, charset(theme)))
                .and(Role::Dim, format!(" {word}"));
        }
        let hue = Line::of(Role::All, mark(Shade::All, charset(theme)))
            .and(Role::Dim, " on every port  ")
            .and(Role::Some, mark(Shade::All, charset(theme)))
            .and(Role::Dim, " on some");
        let hue = if self.sides.too_many {
            Line::of(Role::Low, "too many places to find out which look alike")
        } else {
            hue
        };
        line(buf, area::row(area, 0), (1, &hue), theme);
        line(buf, area::row(area, 1), (1, &text), theme);
    }

    /// Whether there is nothing but the outside.
    fn is_empty(&self) -> bool {
        self.sides.down.iter().all(Entry::is_outside)
    }

    fn empty(&self, area: Rect, buf: &mut Buffer) {
        let text = if self.view.filter.is_empty() {
            self.doubt.unwrap_or("no pods")
        } else {
            "no row matches the filter: esc clears it"
        };
        for (at, part) in (0..area.height).zip(wrap(text, area.width.saturating_sub(3))) {
            let text = Line::of(Role::Dim, part);
            line(buf, area::row(area, at), (2, &text), self.theme);
        }
    }

    /// One row as a list, on narrow screens.
    fn list(&self, area: Rect, buf: &mut Buffer) -> Report {
        let theme = self.theme;
        let (head, rest) = area::top(area, 1);
        let at = self.view.cursor(Pane::Rows).at;
        let Some(row) = self.sides.down.get(at).filter(|_| !self.is_empty()) else {
            self.empty(rest, buf);
            return Report {
                windows: vec![(Pane::Columns, 0, 0)],
                ..Report::default()
            };
        };
        let word = if self.chart.transposed { "to" } else { "from" };
        let place = format!("{}/{}", at + 1, self.sides.down.len());
        let room = head.width.saturating_sub(width(&place) + 10);
        let name = cut_name(&row.name, room, theme.glyphs.ellipsis());
        rule::heading(buf, head, (&format!("{word} {name}"), &place), theme);
        // The cursor of the columns is the one that moves: the list has the focus of the rows.
        let view = View {
            focus: Pane::Columns,
            ..self.view.clone()
        };
        let list = List {
            pane: Pane::Columns,
            len: self.sides.across.len(),
            view: &view,
            theme,
        };
        let mut report = list.draw(rest, buf, |at, place, buf| {
            let Some(entry) = self.sides.across.get(at) else {
                return;
            };
            let cell = self.look(row, entry);
            let (text, role, share) = match cell {
                None => (theme.glyphs.pending(), Role::Dim, String::new()),
                Some(cell) => (
                    mark(cell.shade, charset(theme)),
                    role(cell),
                    share(cell.shade, cell.counts),
                ),
            };
            let outside = if entry.is_outside() {
                theme.glyphs.outside()
            } else {
                ""
            };
            let room = place.width.saturating_sub(17);
            let name = cut_name(&entry.name, inner(room), theme.glyphs.ellipsis());
            let row = [
                (3, role, text),
                (2, Role::Outside, outside),
                (room, Role::Plain, &*name),
                (11, Role::Dim, &*right(&share, 10)),
            ];
            cells(buf, place, 1, (&row, theme));
        });
        let hits = report.hits.iter_mut();
        for (_, hit) in hits {
            if let Hit::Row(Pane::Columns, column) = *hit {
                *hit = Hit::Cell(at, column);
            }
        }
        report
    }
}

fn role(cell: MatrixCell) -> Role {
    match (cell.shade, cell.counts.on_every_port()) {
        (Shade::Unknown, _) => Role::Unknown,
        (Shade::Empty | Shade::None, _) => Role::None,
        (_, Some(true)) => Role::All,
        (_, Some(false) | None) => Role::Some,
    }
}

const fn charset(theme: Theme) -> Charset {
    match theme.glyphs {
        Glyphs::Unicode => Charset::Unicode,
        Glyphs::Ascii => Charset::Ascii,
    }
}
