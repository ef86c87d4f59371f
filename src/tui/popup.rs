//! What lies above a screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::action::Action;
use super::app::layer::{Choice, Picker, Reader};
use super::area;
use super::msg::{Hit, Report};
use super::theme::{Role, Theme};
use super::widget::list::{cells, scroll, select};
use super::widget::text::{line, width, write};
use super::widget::{Line, rule};

/// Draws a list to pick from.
pub fn picker(picker: &Picker, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    // A box that leaves a margin of a few columns only would look torn.
    let wide = if area.width < 96 { area.width } else { 84 };
    let tall = u16::try_from(picker.items.len()).unwrap_or(u16::MAX);
    let frame = area::middle(area, wide, tall.saturating_add(4).min(30));
    let inside = rule::boxed(buf, frame, picker.purpose.title(), theme);
    let (typed, rest) = area::top(inside, 1);
    let column = write(buf, typed, 0, (" > ", theme.style(Role::Key)));
    picker.input.draw(buf, typed, column, theme);
    let count = format!("{}/{} ", picker.shown.len(), picker.items.len());
    let (_, corner) = area::left(typed, typed.width.saturating_sub(width(&count)));
    write(buf, corner, 0, (&count, theme.style(Role::Dim)));
    let (ruled, rows) = area::top(rest, 1);
    rule::horizontal(buf, ruled, theme);
    let mut report = items(picker, rows, buf, theme);
    report.layer_height = rows.height;
    report
}

fn items(picker: &Picker, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let mut report = Report::default();
    let offset = scroll(picker.shown.len(), picker.at, (0, area.height));
    let label = (area.width / 3).max(12).min(area.width);
    let detail = area.width.saturating_sub(label + 3);
    for (row, (at, index)) in (0..area.height).zip(picker.shown.iter().enumerate().skip(offset)) {
        let Some(item) = picker.items.get(*index) else {
            continue;
        };
        let place = area::row(area, row);
        let mark = if picker.marked.contains(index) {
            theme.glyphs.yes()
        } else {
            ""
        };
        let role = if item.choice == Choice::Heading {
            Role::Strong
        } else {
            Role::Plain
        };
        let indent = if item.choice == Choice::Heading { 1 } else { 3 };
        write(buf, place, 1, (mark, theme.style(Role::Marked)));
        let of_item = [
            (label, role, &*item.label),
            (detail, Role::Dim, &*item.detail),
        ];
        cells(buf, place, indent, (&of_item, theme));
        if at == picker.at {
            select(buf, place, (true, theme));
            report.cursor = Some(place.as_position());
        }
        report.hits.push((place, Hit::LayerRow(at)));
    }
    report
}

/// Draws text to scroll.
pub fn reader(reader: &Reader, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let longest = u16::try_from(reader.lines.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let wide = if area.width < 112 { area.width } else { 100 };
    let frame = area::middle(area, wide, longest);
    let inside = rule::boxed(buf, frame, reader.title, theme);
    let last = reader
        .lines
        .len()
        .saturating_sub(usize::from(inside.height));
    let offset = reader.offset.min(last);
    if last > 0 {
        let shown = (offset + usize::from(inside.height)).min(reader.lines.len());
        let text = format!(" {shown}/{} ", reader.lines.len());
        let (_, corner) = area::left(frame, frame.width.saturating_sub(width(&text) + 2));
        write(
            buf,
            area::row(corner, 0),
            0,
            (&text, theme.style(Role::Dim)),
        );
    }
    for (row, text) in (0..inside.height).zip(reader.lines.iter().skip(offset)) {
        line(buf, area::row(inside, row), (1, text), theme);
    }
    Report {
        layer_height: inside.height,
        ..Report::default()
    }
}

/// Draws what the next key could be, in the lower right corner.
pub fn choices(choices: &[(String, Action)], area: Rect, buf: &mut Buffer, theme: Theme) {
    let lines: Vec<Line> = choices
        .iter()
        .map(|(key, action)| {
            Line::of(Role::Key, format!(" {key}"))
                .and(Role::Plain, format!("  {} ", action.about()))
        })
        .collect();
    let wide = lines
        .iter()
        .map(Line::width)
        .max()
        .unwrap_or(0)
        .saturating_add(2);
    let tall = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let (bottom, _) = area::bottom(area, tall);
    let (_, corner) = area::left(bottom, area.width.saturating_sub(wide));
    let inside = rule::boxed(buf, corner, "then", theme);
    for (row, text) in (0..inside.height).zip(&lines) {
        line(buf, area::row(inside, row), (0, text), theme);
    }
}
