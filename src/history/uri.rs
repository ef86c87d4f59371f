//! The query of a `requestURI`: dry runs, field managers and collection selectors.

use crate::model::{LabelSelector, Labels, Operator, Requirement, Text};
use crate::select::label;

/// The decoded query parameters, in order.
pub fn parameters(uri: &str) -> impl Iterator<Item = (String, String)> {
    let query = uri.split_once('?').map_or("", |(_, query)| query);
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
}

/// The first value of a parameter that is not empty.
pub fn parameter(uri: &str, name: &str) -> Option<Text> {
    parameters(uri)
        .find(|(key, value)| key == name && !value.is_empty())
        .map(|(_, value)| Text::from(value))
}

/// Whether the query makes the request a dry run: exactly `dryRun`, exactly `All` (EV-10).
pub fn is_dry_run(uri: &str) -> bool {
    parameters(uri).any(|(name, value)| name == "dryRun" && value == "All")
}

/// Percent-decoding as the server does it; what is not valid stays as it is.
fn decode(raw: &str) -> String {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.as_bytes();
    while let Some((&byte, rest)) = bytes.split_first() {
        bytes = rest;
        let hex = rest.get(..2).filter(|_| byte == b'%').and_then(|pair| {
            let digits = std::str::from_utf8(pair).ok()?;
            let plain = pair.iter().all(u8::is_ascii_hexdigit);
            plain.then(|| u8::from_str_radix(digits, 16).ok())?
        });
        match (byte, hex) {
            (_, Some(value)) => {
                out.push(value);
                bytes = rest.get(2..).unwrap_or_default();
            }
            (b'+', None) => out.push(b' '),
            (other, None) => out.push(other),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Which objects a collection request chooses (EV-12).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Selection {
    labels: Option<LabelSelector>,
    fields: Vec<(String, bool, String)>,
}

impl Selection {
    /// The selectors in the query of `uri`. One that cannot be read admits everything: the answer
    /// rests on it only as a hint.
    pub fn of(uri: &str) -> Self {
        let mut selection = Self::default();
        for (name, value) in parameters(uri) {
            match name.as_str() {
                "labelSelector" => selection.labels = parse_labels(&value),
                "fieldSelector" => selection.fields = parse_fields(&value),
                _ => {}
            }
        }
        selection
    }

    /// Whether an object of this name may be among the chosen; unknown labels may be.
    pub fn admits(&self, name: &str, labels: Option<&Labels>) -> bool {
        let by_label = match (&self.labels, labels) {
            (Some(selector), Some(labels)) => label::matches(selector, labels),
            (None, _) | (_, None) => true,
        };
        by_label
            && self
                .fields
                .iter()
                .all(|(field, equal, value)| field != "metadata.name" || (value == name) == *equal)
    }
}

fn parse_fields(raw: &str) -> Vec<(String, bool, String)> {
    raw.split(',')
        .filter_map(|term| {
            let (field, equal, value) = if let Some((field, value)) = term.split_once("!=") {
                (field, false, value)
            } else if let Some((field, value)) = term.split_once("==") {
                (field, true, value)
            } else {
                let (field, value) = term.split_once('=')?;
                (field, true, value)
            };
            Some((field.trim().to_owned(), equal, value.trim().to_owned()))
        })
        .collect()
}

fn parse_labels(raw: &str) -> Option<LabelSelector> {
    let requirements = split_terms(raw)
        .into_iter()
        .filter(|term| !term.is_empty())
        .map(parse_term)
        .collect::<Option<Vec<_>>>()?;
    Some(LabelSelector { requirements })
}

/// Splits at commas outside parentheses.
fn split_terms(raw: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    raw.split(|c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .map(str::trim)
    .collect()
}

fn parse_term(term: &str) -> Option<Requirement> {
    let requirement = |key: &str, operator| Requirement {
        key: Text::from(key.trim()),
        operator,
    };
    if let Some(body) = term.strip_suffix(')') {
        let (head, values) = body.split_once('(')?;
        let values = values.split(',').map(|v| Text::from(v.trim())).collect();
        let mut words = head.split_whitespace();
        let (key, word) = (words.next()?, words.next()?);
        return match word {
            "in" => Some(requirement(key, Operator::In(values))),
            "notin" => Some(requirement(key, Operator::NotIn(values))),
            _ => None,
        };
    }
    if let Some((key, value)) = term.split_once("!=") {
        let values = vec![Text::from(value.trim())];
        return Some(requirement(key, Operator::NotIn(values)));
    }
    if let Some((key, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
        let values = vec![Text::from(value.trim())];
        return Some(requirement(key, Operator::In(values)));
    }
    if let Some(key) = term.strip_prefix('!') {
        return Some(requirement(key, Operator::DoesNotExist));
    }
    Some(requirement(term, Operator::Exists))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ev_10_only_dry_run_all_spelled_exactly_is_a_dry_run() {
        for (uri, dry) in [
            ("/x?dryRun=All", true),
            ("/x?dryRun=%41ll", true),
            ("/x?a=b&dryRun=All&dryRun=All", true),
            ("/x?%64ryRun=All", true),
            ("/x?dryrun=All", false),
            ("/x?dryRun=all", false),
            ("/x?dryRun=", false),
            ("/x?dryRun=%4", false),
            ("/x/dryRun=All", false),
        ] {
            assert_eq!(is_dry_run(uri), dry, "{uri}");
        }
    }

    #[test]
    fn ev_12_selectors_of_a_collection_request_admit_matching_labels() {
        let labels: Labels = [("batch", "x"), ("tier", "a")].into_iter().collect();
        for (query, admitted) in [
            ("labelSelector=batch%3Dx", true),
            ("labelSelector=batch%3D%3Dy", false),
            ("labelSelector=batch!%3Dx", false),
            ("labelSelector=tier+in+(a,b),!gone", true),
            ("labelSelector=tier+notin+(a,b)", false),
            ("fieldSelector=metadata.name%3Dweb", true),
            ("fieldSelector=metadata.name!%3Dweb", false),
            ("", true),
        ] {
            let selection = Selection::of(&format!("/x?{query}"));
            assert_eq!(selection.admits("web", Some(&labels)), admitted, "{query}");
        }
        assert!(Selection::of("/x?labelSelector=a%3Db").admits("web", None));
    }
}
