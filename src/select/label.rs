//! Label selector evaluation (section 4 of the semantics).

use crate::model::{LabelSelector, Labels, Operator, Requirement};

/// Whether all requirements hold (SEL-01); an empty selector matches everything (SEL-02).
#[must_use]
pub fn matches(selector: &LabelSelector, labels: &Labels) -> bool {
    selector
        .requirements
        .iter()
        .all(|requirement| holds(requirement, labels))
}

/// Whether one requirement holds (SEL-03, SEL-05).
#[must_use]
pub fn holds(requirement: &Requirement, labels: &Labels) -> bool {
    let value = labels.get(requirement.key.as_str());
    match &requirement.operator {
        Operator::In(values) => value.is_some_and(|v| values.contains(v)),
        Operator::NotIn(values) => value.is_none_or(|v| !values.contains(v)),
        Operator::Exists => value.is_some(),
        Operator::DoesNotExist => value.is_none(),
    }
}
