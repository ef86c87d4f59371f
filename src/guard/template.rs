//! Fills the templates of `assets/guard`, and writes YAML values on one line.

use serde_json::Value;

use crate::report::yaml;

/// The template with each `@name@` replaced, in one pass: what is put in is never looked at again.
/// Names that are not given stay.
pub(super) fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('@') {
        out.push_str(before);
        let given = values
            .iter()
            .find_map(|(name, value)| Some((value, after.strip_prefix(name)?.strip_prefix('@')?)));
        rest = if let Some((value, after)) = given {
            out.push_str(value);
            after
        } else {
            out.push('@');
            after
        };
    }
    out.push_str(rest);
    out
}

/// A value on one line.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::Array(entries) => {
            let entries: Vec<String> = entries.iter().map(flow).collect();
            format!("[{}]", entries.join(", "))
        }
        Value::Object(fields) => {
            let field =
                |(key, value): (&String, &Value)| format!("{}: {}", yaml::scalar(key), flow(value));
            let fields: Vec<String> = fields.iter().map(field).collect();
            format!("{{{}}}", fields.join(", "))
        }
        Value::String(text) => yaml::scalar(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// Comment lines, which must be escaped, and a document in block style.
pub(super) fn document(comments: &[String], value: &Value) -> String {
    let comments = comments.iter().map(|line| format!("# {line}\n"));
    let lines = yaml::lines(value).into_iter().map(|line| line + "\n");
    comments.chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_not_filled_again() {
        let values = [("a", "@b@".to_owned()), ("b", "x".to_owned())];
        assert_eq!(fill("@a@ @b@ @c@ c@d", &values), "@b@ x @c@ c@d");
    }
}
