//! JSON whose bytes are safe to print (HOST-01).
//!
//! Values stay raw: a reader that decodes the document gets the exact names. The bytes hold no
//! character that could drive a terminal, because each is written as `\uXXXX`. The layout is fixed:
//! every element of a list right below the document stands on its own line.

use std::io;

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter};

use crate::model::text::screened;

/// Writes `document` and a newline.
///
/// # Errors
///
/// What `out` or the serializer fail with.
pub fn write(mut out: impl io::Write, document: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Lines::default());
    document.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// The layout and the escapes.
#[derive(Default)]
struct Lines {
    /// How many arrays and objects are open.
    depth: usize,
    /// Whether the array that is being written has an element.
    filled: bool,
}

/// Depth inside a list that lies right below the document.
const LISTED: usize = 2;

impl Formatter for Lines {
    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(b"}")
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        writer.write_all(b"[")
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let broken = self.depth == LISTED && self.filled;
        self.depth -= 1;
        self.filled = true;
        writer.write_all(if broken { b"\n]" } else { b"]" })
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        if self.depth == LISTED {
            writer.write_all(b"\n ")?;
        }
        Ok(())
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut buffer = [0; 4];
        for (c, safe) in screened(fragment) {
            if safe {
                writer.write_all(c.encode_utf8(&mut buffer).as_bytes())?;
                continue;
            }
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }

    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        match escape {
            CharEscape::Quote => writer.write_all(b"\\\""),
            CharEscape::ReverseSolidus => writer.write_all(b"\\\\"),
            CharEscape::Solidus => writer.write_all(b"/"),
            CharEscape::Backspace => writer.write_all(b"\\b"),
            CharEscape::FormFeed => writer.write_all(b"\\f"),
            CharEscape::LineFeed => writer.write_all(b"\\n"),
            CharEscape::CarriageReturn => writer.write_all(b"\\r"),
            CharEscape::Tab => writer.write_all(b"\\t"),
            CharEscape::AsciiControl(byte) => write!(writer, "\\u{byte:04x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::text::is_dangerous;

    fn written(value: &serde_json::Value) -> String {
        let mut bytes = Vec::new();
        write(&mut bytes, value).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn host_01_bytes_are_clean_and_values_stay_raw() {
        let hostile =
            "a\"\\\u{1b}[31m\u{7f}\u{9b}2J\u{202e}\u{200b}\u{e000}\u{e0001}\u{10ffff}\n名";
        let marks = "e\u{301}\u{301}\u{301}\u{301}";
        let value = json!({ hostile: [hostile, marks] });
        let text = written(&value);
        assert!(
            !text
                .trim_end()
                .chars()
                .any(|c| c != '\n' && is_dangerous(c)),
            "{text}"
        );
        assert_eq!(text.matches('\u{301}').count(), 2);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }

    #[test]
    fn elements_of_a_list_below_the_document_stand_on_lines() {
        let text = written(&json!({"a": [{"b": [1, 2]}, {"b": []}], "c": []}));
        assert_eq!(
            text,
            "{\"a\":[\n {\"b\":[1,2]},\n {\"b\":[]}\n],\"c\":[]}\n"
        );
    }
}
