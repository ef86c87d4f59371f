//! Values as CEL text. All of it is ASCII without `'`, so it stands in YAML between single quotes
//! as it is.

use std::fmt::Write as _;

use crate::model::Text;
use crate::rbac::Pattern;

/// A string literal that means exactly `raw`.
pub(super) fn literal(raw: &str) -> String {
    let mut out = String::from("\"");
    for c in raw.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\'' => out.push_str("\\u0027"),
            ' '..='~' => out.push(c),
            c => drop(write!(out, "\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// A list of string literals.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(literal).collect();
    format!("[{}]", names.join(", "))
}

/// Any of the alternatives; false without one.
pub(super) fn any(alternatives: &[String]) -> String {
    if alternatives.is_empty() {
        return "false".to_owned();
    }
    alternatives.join(" || ")
}

/// Whether the variable `namespace` fits.
pub(super) fn in_namespaces(pattern: &Pattern) -> String {
    let name = pattern.text().as_str();
    if name.contains('*') {
        return format!("variables.namespace.matches({})", literal(&regex(pattern)));
    }
    format!("variables.namespace == {}", literal(name))
}

/// The pattern as a regular expression of RE2.
pub(super) fn regex(pattern: &Pattern) -> String {
    let mut out = String::from("^");
    for c in pattern.text().as_str().chars() {
        match c {
            '*' => out.push_str("(?s:.*)"),
            c if c.is_ascii_punctuation() => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out.push('$');
    out
}

/// Whether the variables `user` and `groups` are among the names; nothing without names.
pub(super) fn is_one_of(users: &[String], groups: &[Text]) -> Option<String> {
    let mut tests = Vec::new();
    if !users.is_empty() {
        let users = list(users.iter().map(String::as_str));
        tests.push(format!("variables.user in {users}"));
    }
    if !groups.is_empty() {
        let groups = list(groups.iter().map(Text::as_str));
        tests.push(format!("variables.groups.exists(g, g in {groups})"));
    }
    (!tests.is_empty()).then(|| any(&tests))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_01_a_literal_cannot_end_early_nor_leave_its_quotes_in_yaml() {
        assert_eq!(literal(r#"a" || true || ""#), r#""a\" || true || \"""#);
        assert_eq!(literal(r"a\"), r#""a\\""#);
        assert_eq!(literal("it's"), r#""it\u0027s""#);
        assert_eq!(
            literal("a\n\u{1b}\u{202e}é"),
            r#""a\U0000000a\U0000001b\U0000202e\U000000e9""#
        );
    }

    #[test]
    fn own_01_a_pattern_becomes_an_anchored_expression() {
        assert_eq!(regex(&Pattern::new("team-*")), r"^team\-(?s:.*)$");
        assert_eq!(regex(&Pattern::new("a.b|c")), r"^a\.b\|c$");
        assert_eq!(
            in_namespaces(&Pattern::new("shop")),
            r#"variables.namespace == "shop""#
        );
    }
}
