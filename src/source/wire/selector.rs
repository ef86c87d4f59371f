//! Label selectors.

use serde::Deserialize;

use super::object::objects;
use super::scalar::{StringMap, nullable};

/// A selector as written; operators are not yet checked.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LabelSelector {
    /// `matchLabels`
    #[serde(default, deserialize_with = "nullable")]
    pub match_labels: StringMap,
    /// `matchExpressions`
    #[serde(default, deserialize_with = "objects")]
    pub match_expressions: Vec<Expression>,
}

/// One entry of `matchExpressions`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct Expression {
    /// `key`
    #[serde(default, deserialize_with = "nullable")]
    pub key: String,
    /// `operator`
    #[serde(default, deserialize_with = "nullable")]
    pub operator: String,
    /// `values`
    #[serde(default, deserialize_with = "nullable")]
    pub values: Vec<String>,
}
