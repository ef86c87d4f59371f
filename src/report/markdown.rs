//! Markdown as pull requests show it: names that cannot become markup or mentions (HOST-04).

use std::fmt::{Display, Write as _};
use std::io;

/// Rows from which on a table is folded away.
const LONG: usize = 20;

/// A name as code. Characters that could end it or mean something are written as entities, and
/// then the element takes the place of backticks.
#[must_use]
pub fn code(name: impl Display) -> String {
    let name = name.to_string();
    let plain = |c: char| c.is_alphanumeric() || " ./:;,-_()'?".contains(c);
    if name.chars().all(plain) {
        return format!("`{name}`");
    }
    let mut text = String::from("<code>");
    for c in name.chars() {
        if c.is_alphanumeric() || " ./:,-".contains(c) {
            text.push(c);
        } else {
            // Writing to a string does not fail.
            let _ = write!(text, "&#{};", u32::from(c));
        }
    }
    text + "</code>"
}

/// Writes a heading, in bold or as the summary of something folded away, and a table under it.
/// Cells must be markup already, see [`code`].
///
/// # Errors
///
/// What `out` fails with.
pub fn section(
    out: &mut dyn io::Write,
    title: &str,
    head: &[&str],
    rows: &[Vec<String>],
) -> io::Result<()> {
    let long = rows.len() > LONG;
    if long {
        writeln!(out, "\n<details>\n<summary>{title}</summary>\n")?;
    } else {
        writeln!(out, "\n**{title}**\n")?;
    }
    table(out, head, rows)?;
    if long {
        writeln!(out, "\n</details>")?;
    }
    Ok(())
}

/// Writes a table. Cells must be markup already, see [`code`].
///
/// # Errors
///
/// What `out` fails with.
pub fn table(out: &mut dyn io::Write, head: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    writeln!(out, "| {} |", head.join(" | "))?;
    writeln!(out, "|{}", " --- |".repeat(head.len()))?;
    for row in rows {
        writeln!(out, "| {} |", row.join(" | "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_04_names_stay_names() {
        assert_eq!(code("shop/web"), "`shop/web`");
        assert_eq!(
            code("a`|<b>@c*"),
            "<code>a&#96;&#124;&#60;b&#62;&#64;c&#42;</code>"
        );
        assert_eq!(code("\\u{1b}"), "<code>&#92;u&#123;1b&#125;</code>");
    }

    #[test]
    fn only_long_tables_are_folded_away() {
        let written = |rows: usize| {
            let mut out = Vec::new();
            let rows = vec![vec!["x".to_owned()]; rows];
            section(&mut out, "2 added", &["name"], &rows).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written(1), "\n**2 added**\n\n| name |\n| --- |\n| x |\n");
        let long = written(21);
        assert!(long.starts_with("\n<details>\n<summary>2 added</summary>\n\n| name"));
        assert!(long.ends_with("| x |\n\n</details>\n"));
    }
}
