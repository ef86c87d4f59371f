//! Lines and boxes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::text::{fill, write};
use crate::tui::area;
use crate::tui::theme::{Role, Theme};

/// A horizontal line over the first row of `area`.
pub fn horizontal(buf: &mut Buffer, area: Rect, theme: Theme) {
    let row = area::row(area, 0);
    fill(buf, row, theme.glyphs.horizontal(), theme.style(Role::Rule));
}

/// A horizontal line with a title in it: `── TITLE ── 4 of 212 ────`. A vertical line to the left
/// is joined.
pub fn heading(buf: &mut Buffer, area: Rect, (title, detail): (&str, &str), theme: Theme) {
    let row = area::row(area, 0);
    horizontal(buf, row, theme);
    join_left(buf, row, theme);
    let role = theme.style(Role::Strong);
    let title = format!(" {title} ");
    let column = write(buf, row, 2, (&title, role));
    if !detail.is_empty() {
        let detail = format!(" {detail} ");
        write(
            buf,
            row,
            column.saturating_add(2),
            (&detail, theme.style(Role::Plain)),
        );
    }
}

fn join_left(buf: &mut Buffer, row: Rect, theme: Theme) {
    if let Some(x) = row.x.checked_sub(1)
        && let Some(cell) = buf.cell_mut((x, row.y))
        && cell.symbol() == theme.glyphs.vertical()
    {
        cell.set_symbol(theme.glyphs.tee_right());
    }
}

/// A vertical line over the first column of `area`, joined with horizontal lines above and below.
pub fn vertical(buf: &mut Buffer, area: Rect, theme: Theme) {
    let (column, _) = area::left(area, 1);
    fill(
        buf,
        column,
        theme.glyphs.vertical(),
        theme.style(Role::Rule),
    );
    if column.is_empty() {
        return;
    }
    let horizontal = theme.glyphs.horizontal();
    if let Some(y) = column.y.checked_sub(1)
        && let Some(cell) = buf.cell_mut((column.x, y))
        && cell.symbol() == horizontal
    {
        cell.set_symbol(theme.glyphs.tee_down());
    }
    if let Some(cell) = buf.cell_mut((column.x, column.bottom()))
        && cell.symbol() == horizontal
    {
        cell.set_symbol(theme.glyphs.tee_up());
    }
}

/// An empty box with a title; gives the room inside.
pub fn boxed(buf: &mut Buffer, area: Rect, title: &str, theme: Theme) -> Rect {
    let style = theme.style(Role::Rule);
    fill(buf, area, " ", theme.style(Role::Plain));
    let (top, _) = area::top(area, 1);
    let (bottom, _) = area::bottom(area, 1);
    let glyphs = theme.glyphs;
    for edge in [top, bottom] {
        fill(buf, edge, glyphs.horizontal(), style);
    }
    let right = Rect {
        x: area.right().saturating_sub(1),
        width: area.width.min(1),
        ..area
    };
    for side in [area::left(area, 1).0, right] {
        fill(buf, side, glyphs.vertical(), style);
    }
    let corners = [
        (area::left(top, 1).0, glyphs.top_left()),
        (right.intersection(top), glyphs.top_right()),
        (area::left(bottom, 1).0, glyphs.bottom_left()),
        (right.intersection(bottom), glyphs.bottom_right()),
    ];
    for (corner, glyph) in corners {
        fill(buf, corner, glyph, style);
    }
    let title = format!(" {title} ");
    let (_, after) = area::left(top, 2);
    write(buf, after, 0, (&title, theme.style(Role::Strong)));
    area::inside(area, 1, 1)
}
