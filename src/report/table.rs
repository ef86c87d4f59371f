//! Tables for people: columns aligned by display width, long values cut in the middle (HOST-03).
//!
//! What goes into a cell is escaped already or becomes so here: a cell is made from a value that
//! can be shown, never from raw text.

use std::fmt::Display;
use std::io;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Whether tables bear colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Paint {
    /// Plain text.
    #[default]
    Off,
    /// With SGR sequences.
    On,
}

/// What a cell wants to say by its colour; never the only carrier of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// A heading or the thing itself.
    Strong,
    /// As it should be.
    Good,
    /// A judgement against it.
    Bad,
    /// Could not be said.
    Unsure,
    /// Beside the point.
    Faint,
}

impl Tone {
    const fn start(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "\u{1b}[1m",
            Self::Good => "\u{1b}[32m",
            Self::Bad => "\u{1b}[31m",
            Self::Unsure => "\u{1b}[33m",
            Self::Faint => "\u{1b}[2m",
        }
    }

    /// `text` in this tone.
    #[must_use]
    pub fn paint(self, paint: Paint, text: impl Display) -> String {
        match (paint, self) {
            (Paint::Off, _) | (Paint::On, Self::Plain) => text.to_string(),
            (Paint::On, tone) => format!("{}{text}\u{1b}[0m", tone.start()),
        }
    }
}

/// One cell.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A cell with `value`, which must be escaped where it came from outside.
    pub fn new(value: impl Display) -> Self {
        Self {
            text: value.to_string(),
            tone: Tone::Plain,
        }
    }

    /// What stands in it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same cell in another tone.
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }
}

/// Rows under a heading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

/// Columns that a cell may take, the last one included.
pub const MOST_COLUMNS: usize = 64;

const GAP: usize = 2;

impl Table {
    /// An empty table with these columns.
    #[must_use]
    pub fn new(head: &[&'static str]) -> Self {
        Self {
            head: head.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; cells beyond the heading are dropped.
    pub fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Writes heading and rows.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write(&self, mut out: impl io::Write, paint: Paint) -> io::Result<()> {
        let head = self
            .head
            .iter()
            .map(|name| Cell::new(name).tone(Tone::Strong))
            .collect();
        let lines: Vec<Vec<Cell>> = std::iter::once(head)
            .chain(
                self.rows
                    .iter()
                    .map(|row| row.iter().map(shortened).collect()),
            )
            .collect();
        let widths = self.widths(&lines);
        for line in &lines {
            out.write_all(painted(line, &widths, paint).as_bytes())?;
        }
        Ok(())
    }

    fn widths(&self, lines: &[Vec<Cell>]) -> Vec<usize> {
        (0..self.head.len())
            .map(|column| {
                let cells = lines.iter().filter_map(|line| line.get(column));
                cells.map(|cell| cell.text.width()).max().unwrap_or(0)
            })
            .collect()
    }
}

fn shortened(cell: &Cell) -> Cell {
    Cell {
        text: cut(&cell.text, MOST_COLUMNS),
        tone: cell.tone,
    }
}

fn painted(line: &[Cell], widths: &[usize], paint: Paint) -> String {
    let mut text = String::new();
    let last = line
        .iter()
        .rposition(|cell| !cell.text.is_empty())
        .unwrap_or(0);
    for (column, (cell, width)) in line.iter().zip(widths).enumerate().take(last + 1) {
        text.push_str(&cell.tone.paint(paint, &cell.text));
        if column < last {
            let missing = width.saturating_sub(cell.text.width()) + GAP;
            text.extend(std::iter::repeat_n(' ', missing));
        }
    }
    text.push('\n');
    text
}

/// `text` in at most `columns` columns: the middle gives way to an ellipsis, and the number of
/// characters stands behind it, as in `LLLL…LLLL (4000)`.
#[must_use]
pub fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let tail = format!(" ({})", text.chars().count());
    let room = columns.saturating_sub(tail.width() + 1);
    let front = taken(text.graphemes(true), room.div_ceil(2));
    let back = taken(text.graphemes(true).rev(), room / 2);
    let front: String = front.concat();
    let back: String = back.into_iter().rev().collect();
    format!("{front}…{back}{tail}")
}

fn taken<'a>(graphemes: impl Iterator<Item = &'a str>, columns: usize) -> Vec<&'a str> {
    let mut used = 0;
    graphemes
        .take_while(|grapheme| {
            used += grapheme.width();
            used <= columns
        })
        .collect()
}

/// `1 pod`, `2 pods`: the one place that makes plurals.
#[must_use]
pub fn plural(count: usize, one: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {}", many(one))
    }
}

fn many(one: &str) -> String {
    match one.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Text;

    fn drawn(table: &Table, paint: Paint) -> String {
        let mut bytes = Vec::new();
        table.write(&mut bytes, paint).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn columns_align_by_display_width_and_lines_have_no_trailing_blanks() {
        let mut table = Table::new(&["NAME", "PORTS"]);
        table.row(vec![Cell::new("名前"), Cell::new("80")]);
        table.row(vec![Cell::new("webshop"), Cell::new("")]);
        assert_eq!(
            drawn(&table, Paint::Off),
            "NAME     PORTS\n名前     80\nwebshop\n"
        );
    }

    #[test]
    fn host_03_long_values_lose_their_middle_and_keep_their_length() {
        let long = Text::from("L".repeat(4000)).shown().to_string();
        let shown = cut(&long, 24);
        assert_eq!(shown, "LLLLLLLL…LLLLLLLL (4000)");
        assert_eq!(shown.width(), 24);
        assert!(cut(&"名".repeat(90), 11).width() <= 11);
    }

    #[test]
    fn colour_is_written_only_when_asked_for() {
        let mut table = Table::new(&["A"]);
        table.row(vec![Cell::new("x").tone(Tone::Bad)]);
        assert!(!drawn(&table, Paint::Off).contains('\u{1b}'));
        assert_eq!(
            drawn(&table, Paint::On),
            "\u{1b}[1mA\u{1b}[0m\n\u{1b}[31mx\u{1b}[0m\n"
        );
    }

    #[test]
    fn plurals_follow_the_count() {
        assert_eq!(plural(1, "policy"), "1 policy");
        assert_eq!(plural(2, "policy"), "2 policies");
        assert_eq!(plural(0, "pod"), "0 pods");
    }
}
