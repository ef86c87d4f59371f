//! What could stand at the cursor of a draft: fields of a policy, and names that exist.
//!
//! The text may be anything on its way to YAML, so nothing is parsed: the fields around a line
//! follow from its indentation, in block style, with flow style on one line.

use std::collections::BTreeSet;

use crate::report::yaml;
use crate::tui::facts::Vocabulary;

/// What could stand at the cursor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// How many characters before the cursor it takes the place of.
    pub typed: usize,
    /// The texts, in order.
    pub texts: Vec<String>,
    /// The selected one.
    pub at: usize,
}

/// Texts that are offered at once.
const MOST: usize = 50;

/// What could stand at a place of the text: a line and a number of characters before the cursor.
#[must_use]
pub fn offer(lines: &[String], (row, column): (usize, usize), words: &Vocabulary) -> Option<Offer> {
    let line = lines.get(row)?;
    let before: String = line.chars().take(column).collect();
    let spot = Spot::of(lines.get(..row).unwrap_or_default(), &before);
    let fitting = spot.words(words);
    let typed = spot.typed.trim_start_matches(['"', '\'']);
    let texts: Vec<String> = fitting
        .into_iter()
        .filter(|text| text.starts_with(typed) && text != typed)
        .take(MOST)
        .collect();
    (!texts.is_empty()).then(|| Offer {
        typed: spot.typed.chars().count(),
        texts,
        at: 0,
    })
}

/// A place in the text.
struct Spot {
    /// The fields around it, outermost first.
    fields: Vec<String>,
    /// The field whose value is typed; `None` while a field or an entry of a list is.
    field: Option<String>,
    /// What stands before the cursor.
    typed: String,
}

impl Spot {
    fn of(above: &[String], before: &str) -> Self {
        let mut fields = around(above, before);
        let mut rest = before.trim_start_matches([' ', '-']);
        // Flow style: what stands before the last open brace is around the rest.
        while let Some((outer, inner)) = open_brace(rest) {
            let name = outer.trim_end_matches([' ', '[', ':']);
            fields.push(
                name.rsplit([',', '{', ' '])
                    .next()
                    .unwrap_or(name)
                    .to_owned(),
            );
            rest = inner;
        }
        let rest = rest
            .rsplit([',', '{', '['])
            .next()
            .unwrap_or(rest)
            .trim_start();
        match rest.split_once(':') {
            Some((field, value)) => Self {
                fields,
                field: Some(field.trim().trim_matches(['"', '\'']).to_owned()),
                typed: value.trim_start().trim_start_matches('[').to_owned(),
            },
            None => Self {
                fields,
                field: None,
                typed: rest.to_owned(),
            },
        }
    }

    fn words(&self, words: &Vocabulary) -> Vec<String> {
        let parent = self.fields.last().map_or("", String::as_str);
        match &self.field {
            Some(field) => self.values(field, words),
            None if parent == "matchLabels" => keys(self.labels(words))
                .map(|key| format!("{key}: "))
                .collect(),
            None => fields(parent)
                .iter()
                .map(|field| (*field).to_owned())
                .collect(),
        }
    }

    /// Values of a field.
    fn values(&self, field: &str, words: &Vocabulary) -> Vec<String> {
        let parent = self.fields.last().map_or("", String::as_str);
        let given = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        match field {
            "matchLabels" | "labels" => Vec::new(),
            _ if parent == "matchLabels" => {
                let values = self.labels(words).get(field);
                quoted(values.into_iter().flatten())
            }
            "key" => quoted(self.labels(words).keys()),
            "operator" => given(&["In", "NotIn", "Exists", "DoesNotExist"]),
            "namespace" => quoted(&words.names),
            "protocol" => given(&["TCP", "UDP", "SCTP"]),
            "port" => quoted(&words.ports),
            "policyTypes" => given(&["Ingress", "Egress", "Ingress, Egress"]),
            "kind" => given(&["NetworkPolicy"]),
            "apiVersion" => given(&["networking.k8s.io/v1"]),
            _ => Vec::new(),
        }
    }

    /// Labels of namespaces below a selector of those, else of pods.
    fn labels<'a>(
        &self,
        words: &'a Vocabulary,
    ) -> &'a std::collections::BTreeMap<String, BTreeSet<String>> {
        let selectors = ["namespaceSelector", "podSelector"];
        let nearest = self
            .fields
            .iter()
            .rev()
            .find(|f| selectors.contains(&f.as_str()));
        match nearest.map(String::as_str) {
            Some("namespaceSelector") => &words.namespaces,
            _ => &words.pods,
        }
    }
}

fn keys(
    labels: &std::collections::BTreeMap<String, BTreeSet<String>>,
) -> impl Iterator<Item = String> {
    labels.keys().map(|key| yaml::scalar(key))
}

fn quoted<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    texts.into_iter().map(|text| yaml::scalar(text)).collect()
}

/// What may stand below a field.
fn fields(parent: &str) -> &'static [&'static str] {
    match parent {
        "" => &["apiVersion: ", "kind: ", "metadata:", "spec:"],
        "metadata" => &["name: ", "namespace: ", "labels:"],
        "spec" => &["podSelector:", "policyTypes:", "ingress:", "egress:"],
        "podSelector" | "namespaceSelector" => &["matchLabels:", "matchExpressions:"],
        "matchExpressions" => &["key: ", "operator: ", "values: "],
        "policyTypes" => &["Ingress", "Egress"],
        "ingress" => &["from:", "ports:"],
        "egress" => &["to:", "ports:"],
        "from" | "to" => &["podSelector:", "namespaceSelector:", "ipBlock:"],
        "ipBlock" => &["cidr: ", "except:"],
        "ports" => &["port: ", "protocol: ", "endPort: "],
        _ => &[],
    }
}

/// Spaces at the beginning of a line, and whether an entry of a list begins behind them.
fn margin(line: &str) -> (usize, bool) {
    let spaces = line.chars().take_while(|c| *c == ' ').count();
    (spaces, line.trim_start_matches(' ').starts_with('-'))
}

/// The fields that a line stands below, outermost first.
fn around(above: &[String], line: &str) -> Vec<String> {
    let (spaces, dash) = margin(line);
    // A list may begin in the column of its field.
    let mut limit = spaces + usize::from(dash);
    let mut fields = Vec::new();
    for line in above.iter().rev() {
        let text = line.trim_start_matches([' ', '-']);
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let (spaces, dash) = margin(line);
        let column = line.chars().count() - text.chars().count();
        let opens = text
            .split_once(':')
            .filter(|(_, value)| value.trim().is_empty());
        if let Some((field, _)) = opens.filter(|_| column < limit) {
            fields.push(field.trim().to_owned());
            limit = column;
        }
        if dash && spaces < limit {
            limit = spaces + 1;
        }
    }
    fields.reverse();
    fields
}

/// What stands before and behind the first brace that is not closed.
fn open_brace(text: &str) -> Option<(&str, &str)> {
    let mut open: Vec<usize> = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '{' => open.push(at),
            '}' => drop(open.pop()),
            _ => {}
        }
    }
    let at = *open.first()?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const POLICY: &str = "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: a
spec:
  podSelector:
    matchLabels:
      app: web
  ingress:
  - from:
    - namespaceSelector:
        matchLabels:
          team: ops
      podSelector:
        matchLabels:
          app: prom
    ports:
    - port: http
";

    fn words() -> Vocabulary {
        let labels = |pairs: &[(&str, &str)]| {
            let mut map: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for (key, value) in pairs {
                let values = map.entry((*key).to_owned()).or_default();
                values.insert((*value).to_owned());
            }
            map
        };
        Vocabulary {
            pods: labels(&[("app", "web"), ("app", "prom"), ("tier", "fe")]),
            namespaces: labels(&[("team", "ops"), ("team", "dev")]),
            names: ["ops", "shop"].map(str::to_owned).into(),
            ports: ["http", "https"].map(str::to_owned).into(),
        }
    }

    /// What is offered behind these lines of the policy and a last one.
    fn offered(lines: usize, last: &str) -> Vec<String> {
        let mut text: Vec<String> = POLICY.lines().take(lines).map(str::to_owned).collect();
        text.push(last.to_owned());
        let at = (lines, last.chars().count());
        offer(&text, at, &words()).map_or_else(Vec::new, |offer| offer.texts)
    }

    #[test]
    fn labels_of_pods_and_of_namespaces_are_told_apart() {
        assert_eq!(offered(7, "      "), ["app: ", "tier: "]);
        assert_eq!(offered(7, "      app: "), ["prom", "web"]);
        assert_eq!(offered(12, "          te"), ["team: "]);
        assert_eq!(offered(12, "          team: d"), ["dev"]);
        assert_eq!(offered(15, "          app: "), ["prom", "web"]);
        assert_eq!(
            offered(9, "  - from: [{podSelector: {matchLabels: {ti"),
            ["tier: "]
        );
        assert_eq!(offered(5, "  podSelector: {matchLabels: {app: w"), ["web"]);
    }

    #[test]
    fn fields_follow_from_what_is_around() {
        assert_eq!(offered(3, "  na"), ["name: ", "namespace: "]);
        assert_eq!(offered(5, "  in"), ["ingress:"]);
        assert_eq!(offered(10, "    - po"), ["podSelector:"]);
        assert_eq!(offered(17, "    - p"), ["port: ", "protocol: "]);
        assert_eq!(offered(9, "  - f"), ["from:"]);
        assert_eq!(offered(16, "    p"), ["ports:"]);
        assert_eq!(offered(4, "s"), ["spec:"]);
    }

    #[test]
    fn ports_protocols_and_namespaces_are_those_that_exist() {
        assert_eq!(offered(17, "    - port: ht"), ["http", "https"]);
        assert_eq!(offered(17, "    - protocol: "), ["TCP", "UDP", "SCTP"]);
        assert_eq!(offered(4, "  namespace: "), ["ops", "shop"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_an_answer(lines in proptest::collection::vec("[ a-c:{}\\[\\],#-]{0,12}|名[:-]", 0..6), row in 0..7_usize, column in 0..14_usize) {
            let found = offer(&lines, (row, column), &words());
            proptest::prop_assert!(found.is_none_or(|offer| !offer.texts.is_empty()));
        }
    }
}
