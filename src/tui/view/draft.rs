//! A policy that is being edited, and beside it what that would do.
//!
//! ```text
//!   9 spec:                            │ LIVE DIFF ── 1 draft vs the cluster ──────
//!  10   podSelector:                   │ 3 pod pairs opened, 212 pod pairs closed
//!  11     matchLabels: {app: web}      │ - ops/prometheus -> shop/web 9090/tcp
//!            └ no pod names a port htpp
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::model::Shown;
use crate::report::effect::Sign;
use crate::report::table::plural;
use crate::tui::app::draft::{Draft, Drafts, Shown as Known, sign_role};
use crate::tui::app::view::{Pane, View};
use crate::tui::area;
use crate::tui::facts::{Gravity, Remark};
use crate::tui::msg::{Hit, Report};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::list::scroll;
use crate::tui::widget::text::{cut, fill, line, width, wrap, write};
use crate::tui::widget::{Line, List, rule};

/// What the screen shows.
#[derive(Clone, Copy, Debug)]
pub struct DraftView<'a> {
    /// The draft.
    pub draft: &'a Draft,
    /// All of them, with what is known.
    pub drafts: &'a Drafts,
    /// The lines of the difference.
    pub effect: &'a [Line],
    /// Cursors.
    pub view: &'a View,
    /// Whether an answer has been awaited for long.
    pub dim: bool,
}

/// Rows that remarks below one line may take.
const MOST_ROWS: usize = 4;
/// Texts that are offered at once.
const SHOWN: u16 = 6;

/// Draws the screen.
pub fn draw(draft: &DraftView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    if draft.drafts.only_diff {
        return difference(draft, area, buf, theme);
    }
    if area.width < 60 {
        // One pane: the text, with the counts in its last row.
        let (foot, text) = area::bottom(area, 1);
        line(buf, foot, (1, &counts(draft, foot.width)), theme);
        return editor(draft, text, buf, theme);
    }
    let (left, rest) = area::left(area, area.width / 100 * 4 + area.width * 45 / 100);
    let (ruled, right) = area::left(rest, 1);
    rule::vertical(buf, ruled, theme);
    let mut report = difference(draft, right, buf, theme);
    report.add(editor(draft, left, buf, theme));
    report
}

/// One row of the editor.
enum Row<'a> {
    /// A line of the text.
    Text(usize, &'a str),
    /// A remark about the line above.
    Remark(Gravity, String),
}

fn editor(draft: &DraftView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let lines = draft.draft.editor.lines();
    let digits = u16::try_from(lines.len().to_string().len())
        .unwrap_or(3)
        .max(2);
    let gutter = digits + 2;
    let room = area.width.saturating_sub(gutter + 1);
    let rows = rows(draft, lines, (room, theme.glyphs.bottom_left()));
    let cursor = draft.draft.editor.cursor();
    let (row, column) = (cursor.0, cursor.1);
    let is_cursor = |r: &Row<'_>| matches!(r, Row::Text(at, _) if *at == row);
    let at = rows.iter().position(is_cursor).unwrap_or(0);
    let before = draft.view.cursor(Pane::Draft).offset;
    let offset = scroll(rows.len(), at, (before, area.height));
    let current = lines.get(row).map_or("", String::as_str);
    let skip = hidden(current, column, room);
    let mut report = Report {
        windows: vec![(Pane::Draft, offset, area.height)],
        hits: vec![(area, Hit::Pane(Pane::Draft))],
        ..Report::default()
    };
    let pen = Pen {
        theme,
        gutter,
        room,
        skip,
    };
    for (y, text) in (0..area.height).zip(rows.iter().skip(offset)) {
        let place = area::row(area, y);
        match text {
            Row::Text(at, text) => {
                let caret = (*at == row).then_some(column);
                let cursor = pen.text((*at, text), place, buf, caret);
                report.cursor = cursor.or(report.cursor);
                report.hits.push((place, Hit::Row(Pane::Draft, *at)));
            }
            Row::Remark(gravity, text) => {
                let role = match gravity {
                    Gravity::Error => Role::High,
                    Gravity::Warning => Role::Low,
                };
                line(buf, place, (gutter, &Line::of(role, text.clone())), theme);
            }
        }
    }
    if let Some(cursor) = report.cursor {
        offered(draft, (area, cursor), buf, theme);
    }
    report
}

/// The lines of the text, each with what is to be said about it.
fn rows<'a>(
    draft: &DraftView<'a>,
    lines: &'a [String],
    (room, lead): (u16, &'a str),
) -> Vec<Row<'a>> {
    let mut rows = Vec::with_capacity(lines.len());
    let remarks: Vec<&Remark> = draft.drafts.remarks(draft.draft.id).collect();
    let of_line = |number: Option<usize>| {
        let fits = move |remark: &&&Remark| {
            let line = remark.line.map(|line| usize::try_from(line).unwrap_or(0));
            // What is about a line that is gone is said about the last one.
            line.map(|line| line.clamp(1, lines.len())) == number
        };
        remarks.iter().filter(fits).flat_map(move |remark| {
            let parts = wrap(&remark.text, room.saturating_sub(2)).into_iter();
            let lead = move |at| if at == 0 { lead } else { " " };
            let gravity = remark.gravity;
            parts
                .take(MOST_ROWS)
                .enumerate()
                .map(move |(at, part)| Row::Remark(gravity, format!("{} {part}", lead(at))))
        })
    };
    rows.extend(of_line(None));
    for (at, text) in lines.iter().enumerate() {
        rows.push(Row::Text(at, text));
        rows.extend(of_line(Some(at + 1)));
    }
    rows
}

/// Characters at the beginning of a line that have to be out of view for the cursor to be in view.
fn hidden(text: &str, column: usize, room: u16) -> usize {
    let typed: String = text.chars().take(column).collect();
    let mut skip = 0;
    let mut rest = typed.as_str();
    while shown_width(rest) >= room.max(1) {
        let Some(first) = rest.chars().next() else {
            break;
        };
        rest = rest.get(first.len_utf8()..).unwrap_or("");
        skip += 1;
    }
    skip
}

fn shown_width(text: &str) -> u16 {
    width(&Shown::of(text).to_string())
}

/// How lines of the text are drawn.
struct Pen {
    theme: Theme,
    /// Columns of the number before the text.
    gutter: u16,
    /// Columns of the text.
    room: u16,
    /// Characters of the line with the cursor that are left out.
    skip: usize,
}

impl Pen {
    /// Draws one line; tells where the cursor is, if it is on it.
    fn text(
        &self,
        (at, text): (usize, &str),
        place: Rect,
        buf: &mut Buffer,
        caret: Option<usize>,
    ) -> Option<Position> {
        let theme = self.theme;
        let digits = usize::from(self.gutter.saturating_sub(2));
        let number = format!(" {:>digits$}", at + 1);
        let role = if caret.is_some() {
            Role::Plain
        } else {
            Role::Dim
        };
        write(buf, place, 0, (&number, theme.style(role)));
        let (_, line) = area::left(place, self.gutter);
        let line = Rect {
            width: self.room,
            ..line
        };
        let skip = if caret.is_some() { self.skip } else { 0 };
        let visible: String = text.chars().skip(skip).collect();
        let style = theme.style(role_of(&visible));
        let ellipsis = theme.glyphs.ellipsis();
        let shown = Shown::of(&visible).to_string();
        write(buf, line, 0, (&cut(&shown, self.room, ellipsis), style));
        let caret = caret?.saturating_sub(skip);
        let before: String = visible.chars().take(caret).collect();
        let under: String = visible.chars().skip(caret).collect();
        let under = under.graphemes(true).next().unwrap_or(" ");
        let under = Shown::of(under).to_string();
        let column = shown_width(&before).min(self.room.saturating_sub(1));
        write(buf, line, column, (&under, theme.selected()));
        Some(Position {
            x: line.x.saturating_add(column),
            y: line.y,
        })
    }
}

/// Comments recede.
fn role_of(text: &str) -> Role {
    if text.trim_start().starts_with('#') {
        Role::Dim
    } else {
        Role::Plain
    }
}

/// What could stand at the cursor, in a box below it, or above it at the end of the screen.
fn offered(
    draft: &DraftView<'_>,
    (area, cursor): (Rect, Position),
    buf: &mut Buffer,
    theme: Theme,
) {
    let Some(offer) = &draft.drafts.offer else {
        return;
    };
    let count = u16::try_from(offer.texts.len()).unwrap_or(SHOWN).min(SHOWN);
    let widest = offer
        .texts
        .iter()
        .map(|text| width(text))
        .max()
        .unwrap_or(0);
    let wide = widest.saturating_add(2).min(area.width);
    let below = area.bottom().saturating_sub(cursor.y.saturating_add(1));
    let y = if below >= count {
        cursor.y.saturating_add(1)
    } else {
        cursor.y.saturating_sub(count).max(area.y)
    };
    let x = cursor.x.min(area.right().saturating_sub(wide)).max(area.x);
    let first = offer.at.saturating_sub(usize::from(SHOWN) - 1);
    for (row, (at, text)) in (0..count).zip(offer.texts.iter().enumerate().skip(first)) {
        let place = Rect::new(x, y.saturating_add(row), wide, 1).intersection(area);
        let style = if at == offer.at {
            theme.selected()
        } else {
            theme.style(Role::Strong)
        };
        fill(buf, place, " ", style);
        write(buf, place, 1, (text, style));
    }
}

/// What the drafts open and close.
fn difference(draft: &DraftView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let (head, rest) = area::top(area, 1);
    let of = format!("{} vs the cluster", plural(draft.drafts.all.len(), "draft"));
    rule::heading(buf, head, ("LIVE DIFF", &of), theme);
    let summary = summary(draft, rest.width.saturating_sub(2));
    let height = u16::try_from(summary.len())
        .unwrap_or(1)
        .min(rest.height / 2);
    let (top, rest) = area::top(rest, height);
    for (at, text) in (0..top.height).zip(&summary) {
        line(buf, area::row(top, at), (1, text), theme);
    }
    let dim = draft.dim || draft.drafts.shown().is_some_and(|known| known.outdated);
    let list = List {
        pane: Pane::Effect,
        len: draft.effect.len(),
        view: draft.view,
        theme,
    };
    let at = draft.view.cursor(Pane::Effect).at;
    let mut report = list.draw(rest, buf, |row, place, buf| {
        if let Some(text) = draft.effect.get(row) {
            let text = if dim {
                Line::of(Role::Dim, text.text())
            } else {
                text.clone()
            };
            line(buf, place, (1, &text), theme);
            if row == at && at > 0 {
                write(
                    buf,
                    place,
                    0,
                    (theme.glyphs.cursor(), theme.style(Role::Plain)),
                );
            }
        }
    });
    report.cursor = None;
    report
}

/// The counts in words, and what stands in the way of newer ones.
fn summary(draft: &DraftView<'_>, room: u16) -> Vec<Line> {
    let mut lines = Vec::new();
    let errors = draft.drafts.newest().map_or(0, |newest| {
        let errors = newest.remarks.iter();
        errors.filter(|(_, r)| r.gravity == Gravity::Error).count()
    });
    if errors > 0 {
        let text = "a draft cannot be read: below is what it did before";
        let parts = wrap(text, room).into_iter();
        lines.extend(parts.map(|part| Line::of(Role::High, part)));
    }
    match draft.drafts.shown() {
        None if errors > 0 => {}
        None => lines.push(Line::of(Role::Dim, "computing")),
        Some(known) => lines.extend(counted(known)),
    }
    lines
}

/// One line for each sign.
fn counted(known: Known<'_>) -> Vec<Line> {
    let Some(effect) = &known.facts.effect else {
        return Vec::new();
    };
    if effect.is_none() {
        return vec![Line::of(Role::Dim, "no connection would change")];
    }
    let of_sign = |sign: Sign| {
        let (inside, outside) = (effect.inside(sign), effect.outside(sign));
        let mut parts = Vec::new();
        if inside > 0 {
            let count = usize::try_from(inside).unwrap_or(usize::MAX);
            parts.push(plural(count, effect.unit.one()));
        }
        if outside > 0 {
            parts.push(format!("{outside} from/to outside"));
        }
        let text = format!(" {} {}", parts.join(", "), sign.word());
        let line = Line::of(sign_role(sign), sign.glyph()).and(Role::Strong, text);
        (!parts.is_empty()).then_some(line)
    };
    Sign::ALL.into_iter().filter_map(of_sign).collect()
}

/// The counts in one row, for a screen without room for more.
fn counts(draft: &DraftView<'_>, room: u16) -> Line {
    let mut lines = summary(draft, u16::MAX);
    let fits = |line: &Line| line.width().saturating_add(1) <= room;
    let problem = draft.drafts.shown().is_none_or(|known| known.outdated);
    if lines.len() < 2 && lines.first().is_none_or(fits) || problem {
        return lines.drain(..).next().unwrap_or_default();
    }
    let effect = draft
        .drafts
        .shown()
        .and_then(|known| known.facts.effect.as_ref());
    let mut text = Line::default();
    for (sign, effect) in Sign::ALL.into_iter().zip(std::iter::repeat(effect)) {
        let all = effect.map_or(0, |effect| effect.inside(sign) + effect.outside(sign));
        if all > 0 {
            text = text.and(sign_role(sign), format!("{}{all} ", sign.glyph()));
        }
    }
    text.and(Role::Dim, "(^d shows them)")
}
