//! Label selectors as data. Matching lives in `select::label`.

use std::fmt;

use super::Text;

/// A label selector: all requirements must hold (SEL-01); none at all selects everything (SEL-02).
/// `matchLabels` pairs are kept as `In` with one value, in key order before the expressions.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct LabelSelector {
    /// What must hold, in the order of the object.
    pub requirements: Vec<Requirement>,
}

impl LabelSelector {
    /// Whether the selector is `{}` and matches everything (SEL-02).
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }
}

/// One condition on one label key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Requirement {
    /// The label key.
    pub key: Text,
    /// What is asked of its value.
    pub operator: Operator,
}

/// The four operators of SEL-03.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operator {
    /// The key exists and its value is listed.
    In(Vec<Text>),
    /// The key is missing, or its value is not listed.
    NotIn(Vec<Text>),
    /// The key exists, whatever its value.
    Exists,
    /// The key is missing.
    DoesNotExist,
}

/// Writes kubectl's selector syntax, escaped: `app=web,tier in (a,b),!old`; `{}` for everything.
impl fmt::Display for LabelSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_everything() {
            return f.write_str("{}");
        }
        for (i, requirement) in self.requirements.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            write!(f, "{requirement}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key.shown();
        match &self.operator {
            Operator::In(values) if let [value] = values.as_slice() => {
                write!(f, "{key}={}", value.shown())
            }
            Operator::In(values) => write!(f, "{key} in ({})", joined(values)),
            Operator::NotIn(values) if let [value] = values.as_slice() => {
                write!(f, "{key}!={}", value.shown())
            }
            Operator::NotIn(values) => write!(f, "{key} notin ({})", joined(values)),
            Operator::Exists => write!(f, "{key}"),
            Operator::DoesNotExist => write!(f, "!{key}"),
        }
    }
}

fn joined(values: &[Text]) -> String {
    values
        .iter()
        .map(|v| v.shown().to_string())
        .collect::<Vec<_>>()
        .join(",")
}
