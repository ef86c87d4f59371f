//! Lists: which rows are visible, how the selected one looks, and cells in columns.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{cut, width, write};
use crate::tui::app::view::{Pane, View};
use crate::tui::area;
use crate::tui::msg::{Hit, Report};
use crate::tui::theme::{Role, Theme};

/// A list as it is to be drawn.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    /// Which.
    pub pane: Pane,
    /// How many rows it has.
    pub len: usize,
    /// The view it belongs to, for its cursor and the focus.
    pub view: &'a View,
    /// What it looks like.
    pub theme: Theme,
}

impl List<'_> {
    /// Draws the visible rows with `row`, marks the selected one, and tells what is where.
    pub fn draw(
        &self,
        area: Rect,
        buf: &mut Buffer,
        mut row: impl FnMut(usize, Rect, &mut Buffer),
    ) -> Report {
        let cursor = self.view.cursor(self.pane);
        let offset = scroll(self.len, cursor.at, (cursor.offset, area.height));
        let mut report = Report {
            windows: vec![(self.pane, offset, area.height)],
            hits: vec![(area, Hit::Pane(self.pane))],
            ..Report::default()
        };
        for (line, at) in (0..area.height).zip(offset..self.len) {
            let place = area::row(area, line);
            row(at, place, buf);
            let focused = self.view.focus == self.pane;
            if at == cursor.at && (focused || self.pane.leads()) {
                select(buf, place, (focused, self.theme));
                if focused {
                    report.cursor = Some(place.as_position());
                }
            }
            report.hits.push((place, Hit::Row(self.pane, at)));
        }
        report
    }
}

/// The first visible row such that the cursor is visible, as near as possible to `offset`.
#[must_use]
pub fn scroll(len: usize, cursor: usize, (offset, height): (usize, u16)) -> usize {
    let height = usize::from(height).max(1);
    let most = len.saturating_sub(height);
    let least = cursor.saturating_add(1).saturating_sub(height);
    offset.clamp(least, cursor.max(least)).min(most)
}

/// Marks a drawn row as selected: a bar in its first column, and a style over all of it.
pub fn select(buf: &mut Buffer, row: Rect, (focused, theme): (bool, Theme)) {
    let row = row.intersection(buf.area);
    if focused {
        write(
            buf,
            row,
            0,
            (theme.glyphs.cursor(), theme.style(Role::Plain)),
        );
        buf.set_style(row, theme.selected());
    } else {
        write(buf, row, 0, (theme.glyphs.cursor(), theme.style(Role::Dim)));
        buf.set_style(row, theme.selected_elsewhere());
    }
}

/// A cell of a row: its width in columns with the gap behind it, its role, its text.
pub type Cell<'a> = (u16, Role, &'a str);

/// Writes cells side by side from column `at` on; each is cut to its width.
pub fn cells(buf: &mut Buffer, row: Rect, at: u16, (cells, theme): (&[Cell<'_>], Theme)) {
    let mut column = at;
    for (room, role, text) in cells {
        let room = (*room).min(row.width.saturating_sub(column));
        let text = cut(
            text,
            room.saturating_sub(1).max(u16::from(room == 1)),
            theme.glyphs.ellipsis(),
        );
        write(buf, row, column, (&text, theme.style(*role)));
        column = column.saturating_add(room);
    }
}

/// The room for text in a cell: one column of its width is the gap.
#[must_use]
pub const fn inner(room: u16) -> u16 {
    room.saturating_sub(1)
}

/// Text at the right end of a width, for numbers.
#[must_use]
pub fn right(text: &str, columns: u16) -> String {
    let gap = usize::from(columns.saturating_sub(width(text)));
    format!("{}{text}", " ".repeat(gap))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrolling_moves_only_as_far_as_the_cursor_needs() {
        assert_eq!(scroll(100, 5, (0, 10)), 0);
        assert_eq!(scroll(100, 10, (0, 10)), 1);
        assert_eq!(scroll(100, 3, (7, 10)), 3);
        assert_eq!(scroll(100, 99, (0, 10)), 90);
        assert_eq!(scroll(3, 2, (9, 10)), 0);
        assert_eq!(scroll(0, 0, (0, 0)), 0);
    }

    #[test]
    fn a_cursor_beyond_the_end_shows_the_end() {
        assert_eq!(scroll(5, 90, (40, 3)), 2);
    }
}
