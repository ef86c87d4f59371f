//! Comma-separated values (RFC 4180) that no spreadsheet takes for formulas (HOST-04).

use std::fmt::Display;
use std::io;

/// Writes one record. Cells must be escaped where they came from outside.
///
/// # Errors
///
/// What `out` fails with.
pub fn record(out: &mut dyn io::Write, cells: &[&dyn Display]) -> io::Result<()> {
    for (i, cell) in cells.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        write!(out, "{comma}{}", quoted(&cell.to_string()))?;
    }
    out.write_all(b"\r\n")
}

fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    if cell.contains([',', '"', '\r', '\n']) {
        format!("\"{guard}{}\"", cell.replace('"', "\"\""))
    } else {
        format!("{guard}{cell}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_04_cells_are_quoted_and_never_formulas() {
        let mut out = Vec::new();
        record(&mut out, &[&"a", &"=1+1", &"x,\"y\"", &"-1,2", &80]).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "a,'=1+1,\"x,\"\"y\"\"\",\"'-1,2\",80\r\n");
    }
}
