//! The matrix as a table for people, as CSV and as Markdown.

use std::io;

use unicode_width::UnicodeWidthStr;

use crate::reach::{Cell, Shade};
use crate::report::table::{Paint, Tone, cut};
use crate::report::{csv, markdown};

use super::{Entry, Marked, Matrix, Side, mark, share};

/// Columns that a name may take.
const MOST_COLUMNS: usize = 40;
/// What the outside is called: no Kubernetes object can have such a name.
const OUTSIDE: &str = "(outside)";
/// Folded names that are listed.
const MOST_NAMES: usize = 8;

impl Matrix {
    /// Writes the map: columns are numbered, and their names are listed below.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_table(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        let same = self.rows == self.columns;
        let number = self.rows.entries.len().max(self.columns.entries.len());
        let digits = number.to_string().len().max(2);
        let label = |(at, entry): (usize, &Entry)| {
            let number = if same {
                format!("{:>digits$} ", at + 1)
            } else {
                String::new()
            };
            format!("{number}{}", cut(&entry.shown(), MOST_COLUMNS))
        };
        let labels: Vec<String> = self.rows.entries.iter().enumerate().map(label).collect();
        let widest = labels.iter().map(|label| label.width()).max().unwrap_or(0);
        let widest = widest.max(TITLE.len());
        let numbers = (1..=self.columns.entries.len()).map(|at| format!(" {at:>digits$}"));
        let numbers = format!("{numbers} {OUTSIDE}", numbers = numbers.collect::<String>());
        let title = Tone::Strong.paint(paint, format!("{TITLE:<widest$}{numbers}"));
        writeln!(out, "{title}")?;
        for (row, label) in labels.iter().enumerate() {
            let gap = " ".repeat(widest - label.width());
            let cells = (0..self.columns.entries.len()).map(|column| self.marked(row, column));
            let line = self.line(cells, digits, paint);
            let to = self.line(std::iter::once(self.row_outside(row)), 2, paint);
            writeln!(out, "{label}{gap}{line}{to}")?;
        }
        let gap = " ".repeat(widest - OUTSIDE.len());
        let cells = (0..self.columns.entries.len()).map(|column| self.column_outside(column));
        writeln!(
            out,
            "{OUTSIDE}{gap}{}",
            self.line(cells, digits, paint).trim_end()
        )?;
        self.write_legend(out, paint)?;
        if !same {
            write_names(&self.columns, out)?;
        }
        self.write_folded(out)
    }

    fn line(&self, cells: impl Iterator<Item = Marked>, digits: usize, paint: Paint) -> String {
        let mut line = String::new();
        for (shade, cell) in cells {
            line.extend(std::iter::repeat_n(' ', digits - 1));
            line += &tone(shade, cell).paint(paint, mark(shade, self.charset));
        }
        line
    }

    fn write_legend(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        let shades = [
            (Shade::None, "none"),
            (Shade::Few, "<10 %"),
            (Shade::Some, "<50 %"),
            (Shade::Most, "<100 %"),
            (Shade::All, "all pairs"),
            (Shade::Unknown, "not known"),
        ];
        let words = shades.map(|(shade, text)| format!("{} {text}", mark(shade, self.charset)));
        writeln!(out, "\n{}", Tone::Faint.paint(paint, words.join("  ")))?;
        if paint == Paint::On {
            let every = Tone::Strong.paint(paint, "bold");
            writeln!(out, "{every}: each of these pairs on every port")?;
        }
        Ok(())
    }

    fn write_folded(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let mut sides = vec![&self.rows];
        if self.rows != self.columns {
            sides.push(&self.columns);
        }
        let folded = sides.iter().flat_map(|side| &side.entries);
        for entry in folded.filter(|entry| entry.names.len() > 1) {
            let mut names: Vec<String> = entry.names.iter().take(MOST_NAMES).cloned().collect();
            let more = entry.names.len().saturating_sub(MOST_NAMES);
            if more > 0 {
                names.push(format!("and {more} more"));
            }
            writeln!(out, "\n{}: {}", entry.shown(), names.join(", "))?;
        }
        Ok(())
    }

    /// Writes one record per cell, the outside among the ends.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let head = [
            "source",
            "destination",
            "pairs",
            "allowed",
            "every_port",
            "unknown",
            "shade",
        ];
        csv::record(
            out,
            &head.each_ref().map(|word| word as &dyn std::fmt::Display),
        )?;
        let mut record = |source: &str, destination: &str, (shade, cell): Marked| {
            if shade == Shade::Empty {
                return Ok(());
            }
            let Cell {
                pairs,
                allowed,
                full,
                unknown,
            } = cell;
            let shade = shade.name();
            csv::record(
                out,
                &[
                    &source,
                    &destination,
                    &pairs,
                    &allowed,
                    &full,
                    &unknown,
                    &shade,
                ],
            )
        };
        for (row, from) in self.rows.entries.iter().enumerate() {
            for (column, to) in self.columns.entries.iter().enumerate() {
                record(&from.shown(), &to.shown(), self.marked(row, column))?;
            }
            record(&from.shown(), OUTSIDE, self.row_outside(row))?;
        }
        for (column, to) in self.columns.entries.iter().enumerate() {
            record(OUTSIDE, &to.shown(), self.column_outside(column))?;
        }
        Ok(())
    }

    /// Writes the map as a Markdown table with shares instead of shades.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_markdown(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let name = |entry: &Entry| markdown::code(entry.shown());
        let mut head = vec!["From \\ To".to_owned()];
        head.extend(self.columns.entries.iter().map(name));
        head.push("outside".to_owned());
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        let cell = |(shade, cell): Marked| share(shade, cell);
        let width = self.columns.entries.len();
        let mut rows: Vec<Vec<String>> = Vec::new();
        for (row, entry) in self.rows.entries.iter().enumerate() {
            let mut cells = vec![name(entry)];
            cells.extend((0..width).map(|column| cell(self.marked(row, column))));
            cells.push(cell(self.row_outside(row)));
            rows.push(cells);
        }
        let mut last = vec!["outside".to_owned()];
        last.extend((0..width).map(|column| cell(self.column_outside(column))));
        last.push(String::new());
        rows.push(last);
        markdown::table(out, &head, &rows)
    }

    fn marked(&self, row: usize, column: usize) -> Marked {
        (self.shade(row, column), self.counts.cell(row, column))
    }
}

/// The corner of the map.
const TITLE: &str = "FROM \\ TO";

fn write_names(columns: &Side, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "\ncolumns")?;
    for (at, entry) in columns.entries.iter().enumerate() {
        writeln!(out, "{:>4} {}", at + 1, entry.shown())?;
    }
    Ok(())
}

fn tone(shade: Shade, cell: Cell) -> Tone {
    match shade {
        Shade::Empty | Shade::None => Tone::Faint,
        Shade::Unknown => Tone::Unsure,
        Shade::Few | Shade::Some | Shade::Most | Shade::All => match cell.on_every_port() {
            Some(true) => Tone::Strong,
            Some(false) | None => Tone::Plain,
        },
    }
}
