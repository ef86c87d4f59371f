//! Label selectors (SEL-01 to SEL-03).

use crate::model::{LabelSelector, Operator, Requirement, Shown, Text};
use crate::source::field::At;
use crate::source::wire;
use crate::source::wire::selector::Expression;

use super::{Context, syntax};

/// The selector, or nothing if a part of it is malformed.
pub(super) fn selector(
    context: &mut Context,
    at: &At<'_>,
    wire: &wire::LabelSelector,
) -> Option<LabelSelector> {
    let mut requirements: Vec<Requirement> = Vec::new();
    syntax::labels(context, &at.key("matchLabels"), &wire.match_labels);
    for (key, value) in wire.match_labels.iter() {
        requirements.push(Requirement {
            key: context.pool.text(key),
            operator: Operator::In(vec![context.pool.text(value)]),
        });
    }
    let at = at.key("matchExpressions");
    let mut whole = true;
    for (i, expression) in wire.match_expressions.iter().enumerate() {
        match requirement(context, &at.index(i), expression) {
            Some(requirement) => requirements.push(requirement),
            None => whole = false,
        }
    }
    whole.then_some(LabelSelector { requirements })
}

fn requirement(context: &mut Context, at: &At<'_>, wire: &Expression) -> Option<Requirement> {
    if wire.key.is_empty() {
        context.fault(&at.key("key"), "the key is missing", "name a label key");
        return None;
    }
    syntax::key(context, &at.key("key"), &wire.key);
    let values_at = at.key("values");
    for (i, value) in wire.values.iter().enumerate() {
        syntax::value(context, &values_at.index(i), value);
    }
    let values: Vec<Text> = wire.values.iter().map(|v| context.pool.text(v)).collect();
    let operator = match (wire.operator.as_str(), values.is_empty()) {
        ("In", false) => Operator::In(values),
        ("NotIn", false) => Operator::NotIn(values),
        ("Exists", true) => Operator::Exists,
        ("DoesNotExist", true) => Operator::DoesNotExist,
        ("In" | "NotIn", true) => {
            let message = format!("operator {} needs values", wire.operator);
            context.fault(&values_at, message, "list at least one value");
            return None;
        }
        ("Exists" | "DoesNotExist", false) => {
            let message = format!("operator {} takes no values", wire.operator);
            context.fault(&values_at, message, "remove the values");
            return None;
        }
        (other, _) => {
            let message = format!("unknown operator \"{}\"", Shown::of(other));
            let remedy = "use In, NotIn, Exists or DoesNotExist";
            context.fault(&at.key("operator"), message, remedy);
            return None;
        }
    };
    Some(Requirement {
        key: context.pool.text(&wire.key),
        operator,
    })
}
