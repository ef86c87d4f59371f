//! Comma-separated values that no spreadsheet takes for formulas (HOST-04), with line feeds alone at
//! the ends of records (HOST-01).

use std::fmt::Display;
use std::io;

use crate::model::Shown;

/// Writes one record. Whatever could drive a terminal is escaped.
///
/// # Errors
///
/// What `out` fails with.
pub fn record(out: &mut dyn io::Write, cells: &[&dyn Display]) -> io::Result<()> {
    for (i, cell) in cells.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        write!(out, "{comma}{}", quoted(&cell.to_string()))?;
    }
    // A carriage return is a control character, and every spreadsheet does without.
    out.write_all(b"\n")
}

/// What a spreadsheet would take for a formula gets an apostrophe in front, which makes it text.
fn quoted(cell: &str) -> String {
    let formula = cell.trim_start().starts_with(FORMULA) || cell.starts_with(['\t', '\r']);
    let guard = if formula { "'" } else { "" };
    let text = Shown::of(cell).to_string();
    if text.contains([',', '"']) || text.trim() != text {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

/// What formulas begin with, in full width too.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_04_cells_are_quoted_and_never_formulas() {
        let mut out = Vec::new();
        record(&mut out, &[&"a", &"=1+1", &"x,\"y\"", &"-1,2", &80]).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "a,'=1+1,\"x,\"\"y\"\"\",\"'-1,2\",80\n");
        for start in ["=", "+", "-", "@", "\t=", "\r@", " =", "＝"] {
            let written = quoted(&format!("{start}HYPERLINK(1)"));
            let guarded = written.trim_start_matches('"').starts_with('\'');
            assert!(guarded, "{written}");
        }
    }

    #[test]
    fn host_01_a_cell_never_ends_its_record_or_drives_a_terminal() {
        assert_eq!(
            quoted("a\nb\u{1b}[2J\u{202e}"),
            "a\\u{a}b\\u{1b}[2J\\u{202e}"
        );
        assert_eq!(quoted("shop/web-1"), "shop/web-1");
    }
}
