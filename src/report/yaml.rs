//! Values as YAML, and the lines in which two of them differ.
//!
//! Block style, keys in the order of the value, strings in quotes wherever a reader might take them
//! for something else. What could drive a terminal is escaped (HOST-01).

use std::fmt::Write as _;

use serde_json::Value;

use crate::model::text::screened;

/// The lines of a value as a YAML document.
#[must_use]
pub fn lines(value: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    block(value, 0, &mut lines);
    lines
}

/// Appends a value whose lines begin at column `indent`.
fn block(value: &Value, indent: usize, lines: &mut Vec<String>) {
    let margin = " ".repeat(indent);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields {
                let key = scalar(key);
                if let Some(value) = inline(value) {
                    lines.push(format!("{margin}{key}: {value}"));
                    continue;
                }
                lines.push(format!("{margin}{key}:"));
                // Lists stand below their key without a step, as kubectl writes them.
                let step = if value.is_array() { 0 } else { 2 };
                block(value, indent + step, lines);
            }
        }
        Value::Array(entries) if !entries.is_empty() => {
            for entry in entries {
                let first = lines.len();
                if let Some(value) = inline(entry) {
                    lines.push(format!("{margin}- {value}"));
                    continue;
                }
                block(entry, indent + 2, lines);
                if let Some(line) = lines.get_mut(first) {
                    line.replace_range(indent..indent + 2, "- ");
                }
            }
        }
        _ => lines.push(format!("{margin}{}", inline(value).unwrap_or_default())),
    }
}

/// A value that fits behind a key; `None` for filled lists and objects.
fn inline(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("null".to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::String(value) => Some(scalar(value)),
        Value::Array(entries) => entries.is_empty().then(|| "[]".to_owned()),
        Value::Object(fields) => fields.is_empty().then(|| "{}".to_owned()),
    }
}

/// A string, in quotes unless every reader takes it for one without (LD-03).
#[must_use]
pub fn scalar(raw: &str) -> String {
    if is_plain(raw) {
        return raw.to_owned();
    }
    let mut quoted = String::from("\"");
    for (c, safe) in screened(raw) {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if safe => quoted.push(c),
            c => drop(write!(quoted, "\\U{:08x}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}

fn is_plain(raw: &str) -> bool {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
    raw.starts_with(|c: char| c.is_ascii_alphabetic())
        && raw.chars().all(letter)
        && !WORDS.iter().any(|word| raw.eq_ignore_ascii_case(word))
        // 1e3 begins with a digit; .inf and .nan with a dot.
        || is_address(raw)
}

/// Addresses and blocks of IPv4: three dots make no number.
fn is_address(raw: &str) -> bool {
    raw.bytes().filter(|b| *b == b'.').count() == 3
        && raw
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'/'))
}

/// A run of lines that differ, with what stands around them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hunk {
    /// The first line on each side, from one; 0 where that side is empty.
    pub starts: [usize; 2],
    /// How many lines it covers on each side.
    pub lengths: [usize; 2],
    /// The lines, each with ` `, `-` or `+` in front.
    pub lines: Vec<String>,
}

/// Lines that stay, around each run of lines that differ.
const CONTEXT: usize = 3;

/// What turns `before` into `after`, as a unified diff shows it.
#[must_use]
pub fn hunks(before: &[String], after: &[String]) -> Vec<Hunk> {
    let script = script(before, after);
    let changed: Vec<usize> = (0..script.len())
        .filter(|at| script[*at].0 != ' ')
        .collect();
    let mut hunks: Vec<Hunk> = Vec::new();
    let mut run: Option<(usize, usize)> = None;
    for at in changed {
        let (from, to) = (
            at.saturating_sub(CONTEXT),
            (at + CONTEXT + 1).min(script.len()),
        );
        run = match run {
            Some((first, last)) if from <= last => Some((first, to)),
            Some(range) => {
                hunks.push(hunk(&script, range));
                Some((from, to))
            }
            None => Some((from, to)),
        };
    }
    hunks.extend(run.map(|range| hunk(&script, range)));
    hunks
}

fn hunk(script: &[(char, &str)], (from, to): (usize, usize)) -> Hunk {
    let count = |range: &[(char, &str)], sign: char| {
        range
            .iter()
            .filter(|(c, _)| *c == ' ' || *c == sign)
            .count()
    };
    let (before, within) = (script.get(..from), script.get(from..to));
    let (before, within) = (before.unwrap_or_default(), within.unwrap_or_default());
    let signs = ['-', '+'];
    let lengths = signs.map(|sign| count(within, sign));
    let line = |(sign, line): &(char, &str)| format!("{sign}{line}");
    Hunk {
        starts: [0, 1].map(|side| {
            let before = count(before, signs[side]);
            before + usize::from(lengths[side] > 0)
        }),
        lengths,
        lines: within.iter().map(line).collect(),
    }
}

/// The longest common lines stay. Specs have at most some thousand lines; beyond that everything
/// between the equal ends is exchanged.
fn script<'a>(before: &'a [String], after: &'a [String]) -> Vec<(char, &'a str)> {
    const MOST: usize = 4_000_000;
    let same = |(a, b): &(&String, &String)| a == b;
    let head = before.iter().zip(after).take_while(same).count();
    let (old, new) = (&before[head..], &after[head..]);
    let tail = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(same)
        .count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    let mut script: Vec<(char, &str)> = Vec::new();
    script.extend(before[..head].iter().map(|line| (' ', line.as_str())));
    if old.len().saturating_mul(new.len()) > MOST {
        script.extend(old.iter().map(|line| ('-', line.as_str())));
        script.extend(new.iter().map(|line| ('+', line.as_str())));
    } else {
        middle(old, new, &mut script);
    }
    let end = before.len() - tail;
    script.extend(before[end..].iter().map(|line| (' ', line.as_str())));
    script
}

fn middle<'a>(old: &'a [String], new: &'a [String], script: &mut Vec<(char, &'a str)>) {
    // common[i][j]: lines that `old[i..]` and `new[j..]` can keep.
    let mut common = vec![vec![0usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            script.push((' ', &old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            script.push(('-', &old[i]));
            i += 1;
        } else {
            script.push(('+', &new[j]));
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(value: &Value) -> String {
        lines(value).join("\n")
    }

    #[test]
    fn lists_and_objects_stand_as_kubectl_writes_them() {
        let value = json!({"ingress": [
            {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": 80}]},
            {},
        ], "podSelector": {}, "policyTypes": ["Ingress"]});
        assert_eq!(
            written(&value),
            "ingress:\n- from:\n  - podSelector:\n      matchLabels:\n        app: web\n  \
             ports:\n  - port: 80\n- {}\npodSelector: {}\npolicyTypes:\n- Ingress"
        );
    }

    #[test]
    fn ld_03_strings_that_could_be_something_else_are_quoted() {
        let value = json!([
            "yes",
            "80",
            "",
            "a: b",
            "1e3",
            "~",
            "web",
            "10.0.0.0/8",
            "::/0",
            "a\u{1b}"
        ]);
        assert_eq!(
            written(&value),
            "- \"yes\"\n- \"80\"\n- \"\"\n- \"a: b\"\n- \"1e3\"\n- \"~\"\n- web\n- 10.0.0.0/8\n\
             - \"::/0\"\n- \"a\\U0000001b\""
        );
    }

    #[test]
    fn a_hunk_has_three_lines_around_what_differs() {
        let numbered = |skip: usize| -> Vec<String> {
            (1..=20)
                .filter(|n| *n != skip)
                .map(|n: usize| n.to_string())
                .collect()
        };
        let (before, after) = (numbered(0), numbered(10));
        let found = hunks(&before, &after);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].starts, found[0].lengths), ([7, 7], [7, 6]));
        assert_eq!(found[0].lines[3], "-10");
        assert_eq!(hunks(&before, &before), []);
        let added = hunks(&[], &after[..2]);
        assert_eq!((added[0].starts, added[0].lengths), ([0, 1], [0, 2]));
    }

    proptest::proptest! {
        #[test]
        fn the_minus_lines_are_the_old_text_and_the_plus_lines_the_new(
            before in "[abc]{0,12}", after in "[abc]{0,12}"
        ) {
            let split = |text: &str| text.chars().map(String::from).collect::<Vec<String>>();
            let (before, after) = (split(&before), split(&after));
            let script = script(&before, &after);
            let side = |sign: char| -> Vec<String> {
                let kept = script.iter().filter(|(c, _)| *c == ' ' || *c == sign);
                kept.map(|(_, line)| (*line).to_owned()).collect()
            };
            proptest::prop_assert_eq!(side('-'), before.as_slice());
            proptest::prop_assert_eq!(side('+'), after.as_slice());
        }
    }
}
