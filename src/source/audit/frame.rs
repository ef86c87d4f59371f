//! From bytes to the pieces that hold events: lines, and JSON values over several lines (EV-27).
//!
//! Damage costs only itself: a torn value is given up where the next one begins (EV-29).

use std::io::BufRead;

/// The longest piece that is taken apart (EV-28, EV-32): 64 MiB and some room.
pub const MAX_PIECE: usize = 68 * 1024 * 1024;

/// A piece of input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Piece<'a> {
    /// Should be one or more complete JSON values.
    Json(&'a [u8]),
    /// A line that does not begin like JSON.
    Line(&'a [u8]),
    /// Cannot be read; the bytes are the beginning of it.
    Damaged(&'static str, &'a [u8]),
}

/// What became of a piece.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// Dealt with.
    Done,
    /// The JSON value goes on behind the piece.
    Incomplete,
}

/// Cuts lines and multi-line values. Give it bytes with [`Framer::push`], then
/// [`Framer::finish`].
#[derive(Debug, Default)]
pub struct Framer {
    /// The line that has no end yet.
    partial: Vec<u8>,
    /// The rest of an over-long line is thrown away up to its end.
    skipping: bool,
    /// The value that spans lines.
    value: Vec<u8>,
    scan: Scan,
    /// Inside a top-level array whose elements come one by one.
    in_array: bool,
    line: u64,
}

/// Where in a JSON text the scanner stands.
#[derive(Clone, Copy, Debug, Default)]
struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
    last: u8,
}

type Sink<'s> = dyn FnMut(u64, Piece<'_>) -> Taken + 's;

impl Framer {
    /// Takes the next bytes; `sink` gets complete pieces with their line number.
    pub fn push(&mut self, mut bytes: &[u8], sink: &mut Sink<'_>) {
        while !bytes.is_empty() {
            let mut rest = bytes;
            // A slice cannot fail to be read.
            let length = rest.skip_until(b'\n').unwrap_or(bytes.len());
            let (line, rest) = bytes.split_at(length);
            bytes = rest;
            if line.ends_with(b"\n") {
                self.end_line(line, sink);
            } else {
                self.begin_line(line, sink);
            }
        }
    }

    /// The input has ended: what has no end is complete or torn.
    pub fn finish(&mut self, sink: &mut Sink<'_>) {
        let partial = std::mem::take(&mut self.partial);
        if !partial.is_empty() && !self.skipping {
            self.line(&partial, sink);
        }
        if !self.value.is_empty() {
            self.give_up("the input ends inside a JSON value", sink);
        }
        *self = Self::default();
    }

    fn begin_line(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        if self.skipping {
            return;
        }
        self.partial.extend_from_slice(bytes);
        if self.partial.len() > MAX_PIECE {
            let partial = std::mem::take(&mut self.partial);
            self.skipping = true;
            let line = self.line + 1;
            sink(line, Piece::Damaged("line over 64 MiB", &partial));
        }
    }

    fn end_line(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        if self.skipping {
            self.skipping = false;
            self.line += 1;
        } else if self.partial.is_empty() {
            self.line(bytes, sink);
        } else {
            let mut line = std::mem::take(&mut self.partial);
            line.extend_from_slice(bytes);
            self.line(&line, sink);
            // Keep the room for the next line, unless it was an exceptional one.
            line.clear();
            if line.capacity() <= 1024 * 1024 {
                self.partial = line;
            }
        }
    }

    fn line(&mut self, raw: &[u8], sink: &mut Sink<'_>) {
        self.line += 1;
        let line = if self.line == 1 {
            raw.strip_prefix("\u{feff}".as_bytes()).unwrap_or(raw)
        } else {
            raw
        };
        if !self.value.is_empty() {
            if self.is_restart(line) {
                self.give_up("torn JSON value", sink);
            } else {
                return self.scan_line(line, sink);
            }
        }
        if self.in_array {
            return self.scan_line(line, sink);
        }
        let text = line.trim_ascii();
        match text.first() {
            None => {}
            Some(b'{' | b'[') => self.begin_value(text, line, sink),
            Some(_) => {
                sink(self.line, Piece::Line(text));
            }
        }
    }

    /// A line that begins like JSON: mostly all of a value, else the beginning of one.
    fn begin_value(&mut self, text: &[u8], line: &[u8], sink: &mut Sink<'_>) {
        let text = text.strip_suffix(b",").unwrap_or(text);
        let whole = matches!(text.last(), Some(b'}' | b']')) && text.len() > 1;
        if whole && sink(self.line, Piece::Json(text)) == Taken::Done {
            return;
        }
        self.scan = Scan::default();
        self.in_array = text.first() == Some(&b'[');
        let line = line.trim_ascii_start();
        let line = if self.in_array {
            line.strip_prefix(b"[").unwrap_or(line)
        } else {
            line
        };
        self.scan_line(line, sink);
    }

    /// Whether a line begins a new value although the open one has no end: JSON strings do not
    /// span lines, and an object follows only a colon, a comma or a bracket.
    fn is_restart(&self, line: &[u8]) -> bool {
        self.scan.in_string
            || (line.starts_with(b"{") && !matches!(self.scan.last, b':' | b',' | b'['))
    }

    fn give_up(&mut self, why: &'static str, sink: &mut Sink<'_>) {
        let value = std::mem::take(&mut self.value);
        self.scan = Scan::default();
        self.in_array = false;
        sink(self.line, Piece::Damaged(why, &value));
        // Whole lines that the torn value had swallowed are still good.
        for line in value.split(|byte| *byte == b'\n').skip(1) {
            let text = line.trim_ascii();
            let text = text.strip_suffix(b",").unwrap_or(text);
            if text.starts_with(b"{\"") && text.ends_with(b"}") {
                sink(self.line, Piece::Json(text));
            }
        }
    }

    /// Adds a line to the open value and passes on what is complete with it.
    fn scan_line(&mut self, line: &[u8], sink: &mut Sink<'_>) {
        for &byte in line {
            if self.value.is_empty() {
                match byte {
                    b'{' | b'[' => {}
                    b']' if self.in_array => {
                        self.in_array = false;
                        continue;
                    }
                    _ => continue,
                }
            }
            self.value.push(byte);
            if self.scan.step(byte) {
                let value = std::mem::take(&mut self.value);
                sink(self.line, Piece::Json(&value));
                self.value = value;
                self.value.clear();
                self.scan = Scan::default();
            }
        }
        if self.value.len() > MAX_PIECE {
            self.give_up("JSON value over 64 MiB", sink);
        }
    }
}

impl Scan {
    /// Moves over one byte; true at the end of a value.
    fn step(&mut self, byte: u8) -> bool {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            self.last = byte;
        }
        self.depth == 0 && matches!(byte, b'}' | b']')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces of `input`, fed in steps of `step` bytes: `J`son, `L`ine or `D`amaged.
    fn pieces(input: &str, step: usize) -> Vec<String> {
        let mut out = Vec::new();
        let mut sink = |_: u64, piece: Piece<'_>| {
            let (kind, bytes) = match piece {
                Piece::Json(bytes) => {
                    if serde_json::from_slice::<serde_json::Value>(bytes).is_err() {
                        return Taken::Incomplete;
                    }
                    ("J", bytes)
                }
                Piece::Line(bytes) => ("L", bytes),
                Piece::Damaged(_, bytes) => ("D", bytes),
            };
            let text = String::from_utf8_lossy(bytes).replace(['\n', ' '], "");
            out.push(format!("{kind} {text}"));
            Taken::Done
        };
        let mut framer = Framer::default();
        for chunk in input.as_bytes().chunks(step) {
            framer.push(chunk, &mut sink);
        }
        framer.finish(&mut sink);
        out
    }

    fn assert_pieces(input: &str, expected: &[&str]) {
        for step in [1, 3, 1000] {
            assert_eq!(
                pieces(input, step),
                expected,
                "{input:?} in steps of {step}"
            );
        }
    }

    #[test]
    fn ev_27_lines_documents_arrays_and_concatenated_values_are_cut() {
        assert_pieces("{\"a\":1}\r\n\n{\"a\":2}", &["J {\"a\":1}", "J {\"a\":2}"]);
        assert_pieces(
            "{\n \"a\": [\n {}\n ]\n}\n{\n}",
            &["J {\"a\":[{}]}", "J {}"],
        );
        assert_pieces(
            "[\n {\"a\":1},\n {\"a\":2}\n]\n",
            &["J {\"a\":1}", "J {\"a\":2}"],
        );
        assert_pieces("[{\"a\":\"]\"}]", &["J [{\"a\":\"]\"}]"]);
        assert_pieces("\u{feff}{}\n", &["J {}"]);
    }

    #[test]
    fn ev_29_a_torn_line_costs_only_itself() {
        assert_pieces(
            "{\"a\":\"to\n{\"a\":2}\n",
            &["D {\"a\":\"to", "J {\"a\":2}"],
        );
        assert_pieces(
            "{\"a\":{\"b\":1}\n{\"a\":2}\nklog\n{\"a\":3",
            &["D {\"a\":{\"b\":1}", "J {\"a\":2}", "L klog", "D {\"a\":3"],
        );
        assert_pieces(
            "{\"a\":1,\n{\"a\":2}\n{\"a\":3}\n",
            &["D {\"a\":1,{\"a\":2}", "J {\"a\":2}", "J {\"a\":3}"],
        );
    }

    #[test]
    fn ev_28_a_line_over_the_limit_is_counted_and_the_next_one_is_read() {
        let mut out = Vec::new();
        let mut sink = |line: u64, piece: Piece<'_>| {
            out.push((line, matches!(piece, Piece::Json(_))));
            Taken::Done
        };
        let mut framer = Framer::default();
        let chunk = vec![b'x'; 1024 * 1024];
        for _ in 0..70 {
            framer.push(&chunk, &mut sink);
        }
        framer.push(b"\n{}\n", &mut sink);
        framer.finish(&mut sink);
        assert_eq!(out, [(1, false), (2, true)]);
    }
}
