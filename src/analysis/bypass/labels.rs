//! Labels that a selector accepts, made from others by the fewest changes.

use crate::model::{LabelSelector, Labels, NetworkPolicy, Operator, Text};
use crate::select::label;

/// The value of a label that only has to be there.
const ANY: &str = "x";

/// `labels`, changed so that `selector` accepts them; `None` if it accepts nothing.
pub(super) fn accepted(selector: &LabelSelector, labels: &Labels) -> Option<Labels> {
    let mut changed = labels.clone();
    for requirement in &selector.requirements {
        if label::holds(requirement, &changed) {
            continue;
        }
        let key = &requirement.key;
        changed = match &requirement.operator {
            Operator::In(values) => changed.with(key.clone(), values.first()?.clone()),
            Operator::Exists => changed.with(key.clone(), ANY),
            Operator::NotIn(_) | Operator::DoesNotExist => without(&changed, key),
        };
    }
    label::matches(selector, &changed).then_some(changed)
}

/// Labels that none of `policies` selects; `None` if that was not found.
pub(super) fn unselected(policies: &[&NetworkPolicy]) -> Option<Labels> {
    let mut labels = Labels::default();
    for _ in 0..=policies.len() {
        let Some(policy) = policies
            .iter()
            .find(|p| label::matches(&p.selector, &labels))
        else {
            return Some(labels);
        };
        labels = avoid(&policy.selector, &labels)?;
    }
    None
}

/// One more label, so that `selector` does not accept them.
fn avoid(selector: &LabelSelector, labels: &Labels) -> Option<Labels> {
    selector.requirements.iter().find_map(|requirement| {
        let key = requirement.key.clone();
        match &requirement.operator {
            Operator::DoesNotExist => Some(labels.with(key, ANY)),
            Operator::NotIn(values) => Some(labels.with(key, values.first()?.clone())),
            Operator::In(_) | Operator::Exists => None,
        }
    })
}

fn without(labels: &Labels, key: &Text) -> Labels {
    let kept = labels.iter().filter(|(other, _)| *other != key);
    kept.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// What is said about the labels `after` that are not those `before`: `with the labels app=api`,
/// escaped.
pub(super) fn told(before: &Labels, after: &Labels) -> String {
    let new = after
        .iter()
        .filter(|(key, value)| before.get(key.as_str()) != Some(value));
    let new: Vec<String> = new
        .map(|(key, value)| format!("{}={}", key.shown(), value.shown()))
        .collect();
    let gone = before
        .iter()
        .filter(|(key, _)| after.get(key.as_str()).is_none());
    let gone: Vec<String> = gone.map(|(key, _)| key.shown().to_string()).collect();
    match (new.is_empty(), gone.is_empty()) {
        (true, true) => "with the same labels".to_owned(),
        (false, true) => format!("with {}", new.join(" ")),
        (true, false) => format!("without {}", gone.join(" ")),
        (false, false) => format!("with {}, without {}", new.join(" "), gone.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Requirement;

    fn selector(requirements: &[(&str, Operator)]) -> LabelSelector {
        let requirement = |(key, operator): &(&str, Operator)| Requirement {
            key: (*key).into(),
            operator: operator.clone(),
        };
        LabelSelector {
            requirements: requirements.iter().map(requirement).collect(),
        }
    }

    #[test]
    fn byp_01_labels_are_changed_only_as_far_as_a_selector_asks() {
        let is_api = selector(&[("app", Operator::In(vec!["api".into()]))]);
        let labels: Labels = [("app", "web"), ("tier", "1")].into_iter().collect();
        let changed = accepted(&is_api, &labels).unwrap();
        assert_eq!(told(&labels, &changed), "with app=api");
        let never = selector(&[("app", Operator::Exists), ("app", Operator::DoesNotExist)]);
        assert_eq!(accepted(&never, &labels), None);
        assert_eq!(told(&labels, &Labels::default()), "without app tier");
    }
}
