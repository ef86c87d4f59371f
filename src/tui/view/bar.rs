//! The line above the keys: the filter, or a question with its answer.
//!
//! ```text
//!  what-if> web -> db:5432/tcp ?                        ○ BLOCKED by ingress of db
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::app::Asked;
use crate::tui::app::layer::{Bar, PathPrompt};
use crate::tui::area;
use crate::tui::facts::Reply;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::text::{fill, line, write};
use crate::tui::widget::{Input, Line};

/// Candidates shown above the bar.
const SHOWN: u16 = 6;

/// Draws the filter line.
pub fn filter(input: &Input, area: Rect, buf: &mut Buffer, theme: Theme) {
    fill(buf, area, " ", theme.style(Role::Plain));
    let column = write(buf, area, 0, (" /", theme.style(Role::Key)));
    input.draw(buf, area, column, theme);
}

/// Draws the name of a file that is being typed, and what is wrong with it.
pub fn path(prompt: &PathPrompt, area: Rect, buf: &mut Buffer, theme: Theme) {
    fill(buf, area, " ", theme.style(Role::Plain));
    let column = write(buf, area, 0, (" save to> ", theme.style(Role::Key)));
    let problem = prompt.problem.as_deref().unwrap_or_default();
    let problem = Line::of(Role::High, problem);
    let room = problem.width().min(area.width / 2);
    let (text, right) = area::left(area, area.width.saturating_sub(room + 1));
    prompt.input.draw(buf, text, column, theme);
    line(buf, right, (0, &problem), theme);
}

/// Draws a question that is being typed, its answer, and what could be typed next above it.
pub fn typed(bar: &Bar, (area, above): (Rect, Rect), buf: &mut Buffer, theme: Theme) {
    fill(buf, area, " ", theme.style(Role::Plain));
    let column = write(buf, area, 0, (PROMPT, theme.style(Role::Key)));
    let answer = bar
        .reply
        .as_ref()
        .map(|reply| answer(reply, theme))
        .unwrap_or_default();
    if area.width < ONE_LINE {
        // No room for both: the answer stands above.
        let (row, above) = area::bottom(above, 1);
        fill(buf, row, " ", theme.style(Role::Plain));
        line(buf, row, (1, &answer), theme);
        bar.input.draw(buf, area, column, theme);
        candidates(bar, above, buf, theme);
        return;
    }
    let room = answer.width().min(area.width / 2);
    let (text, right) = area::left(area, area.width.saturating_sub(room + 1));
    bar.input.draw(buf, text, column, theme);
    line(buf, right, (0, &answer), theme);
    candidates(bar, above, buf, theme);
}

/// Below this width question and answer stand on two lines.
const ONE_LINE: u16 = 60;

const PROMPT: &str = " what-if> ";

fn candidates(bar: &Bar, above: Rect, buf: &mut Buffer, theme: Theme) {
    let count = u16::try_from(bar.candidates.len())
        .unwrap_or(SHOWN)
        .min(SHOWN);
    let widest = bar
        .candidates
        .iter()
        .map(|c| crate::tui::widget::text::width(c))
        .max();
    let wide = widest.unwrap_or(0).saturating_add(3).min(above.width);
    let (rows, _) = area::bottom(above, count);
    let typed = bar
        .input
        .text()
        .get(..bar.start)
        .map_or(0, crate::tui::widget::text::width);
    let indent = typed
        .saturating_add(9)
        .min(above.width.saturating_sub(wide));
    let first = bar.at.saturating_sub(usize::from(SHOWN) - 1);
    for (at, (index, text)) in (0..count).zip(bar.candidates.iter().enumerate().skip(first)) {
        let place = area::left(area::left(area::row(rows, at), indent).1, wide).0;
        let style = if index == bar.at {
            theme.selected()
        } else {
            theme.style(Role::Plain)
        };
        fill(buf, place, " ", style);
        write(buf, place, 1, (text, style));
    }
}

/// Draws a question that has been answered.
pub fn answered(asked: &Asked, area: Rect, buf: &mut Buffer, theme: Theme) {
    fill(buf, area, " ", theme.style(Role::Plain));
    let column = write(buf, area, 0, (PROMPT, theme.style(Role::Dim)));
    let answer = answer(&asked.reply, theme);
    let room = answer.width().min(area.width / 3 * 2);
    let (text, right) = area::left(area, area.width.saturating_sub(room + 1));
    line(
        buf,
        text,
        (column, &Line::of(Role::Marked, asked.text.clone())),
        theme,
    );
    line(buf, right, (0, &answer), theme);
}

fn answer(reply: &Reply, theme: Theme) -> Line {
    match reply {
        Reply::Verdict { extent, text } => Line::of(extent.role(), extent.glyph(theme.glyphs))
            .and(Role::Strong, format!(" {text}")),
        Reply::Problem(text) => Line::of(Role::Dim, text.clone()),
    }
}
