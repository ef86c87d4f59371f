//! A copy of `edit` that cannot write policies (RB-14): rules of an aggregated role cannot be
//! subtracted, so the role is written out.
//!
//! Where a rule with `*` cannot lose the policies alone, it loses more, and that is said: the copy
//! never allows a policy write.

use serde_json::{Value, json};

use crate::model::{ForeignSort, PolicyRule, Text};
use crate::rbac::WRITE_VERBS;

use super::roles::READ_VERBS;
use super::template::document;
use super::{Guard, POLICY_KINDS, Part};

const NAME: &str = "kreach-edit-without-policies";

/// Any API group, resource or verb.
const ANY: &str = "*";

/// The copy, if the original is known.
pub(super) fn copy(edit: Result<&[PolicyRule], &str>, guard: &mut Guard) {
    let rules = match edit {
        Ok(rules) => rules,
        Err(why) => return guard.leave_out(Part::EditRole, why),
    };
    let mut kept = Vec::new();
    let mut comments: Vec<String> = [
        "The ClusterRole edit as it is now, without writing policies. Bind it instead of edit, and",
        "instead of admin, which writes policies too; then edit cannot give them back.",
        "It is a copy: rules that edit gets later are not in it.",
    ]
    .map(str::to_owned)
    .into();
    for (number, rule) in (1..).zip(rules) {
        let left = without_policy_writes(rule);
        if left.lost_more {
            comments.push(format!(
                "Rule {number} of edit has a *, so more than policy writes is taken from it."
            ));
        }
        kept.extend(left.rules);
    }
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": NAME},
        "rules": kept.iter().map(written).collect::<Vec<Value>>(),
    });
    guard.add(Part::EditRole, document(&comments, &role));
}

/// What is left of a rule.
struct Left {
    rules: Vec<PolicyRule>,
    lost_more: bool,
}

fn without_policy_writes(rule: &PolicyRule) -> Left {
    let writes = rule
        .verbs
        .iter()
        .any(|verb| *verb == ANY || WRITE_VERBS.contains(&verb.as_str()));
    if !writes {
        return Left::all(rule);
    }
    // A `*` covers the policies of a group together with everything else in it.
    if rule.resources.iter().any(|resource| *resource == ANY) {
        let (lost, kept) = parted(&rule.api_groups, has_policies);
        if lost.is_empty() {
            return Left::all(rule);
        }
        let with = |api_groups: Vec<Text>| PolicyRule {
            api_groups,
            ..rule.clone()
        };
        return Left::of([with(kept), read_only(with(lost))], true);
    }
    let (lost, kept) = parted(&rule.resources, is_policy);
    if lost.is_empty() {
        return Left::all(rule);
    }
    let with = |resources: Vec<Text>| PolicyRule {
        resources,
        ..rule.clone()
    };
    Left::of([with(kept), read_only(with(lost))], false)
}

impl Left {
    fn all(rule: &PolicyRule) -> Self {
        Self::of([rule.clone()], false)
    }

    /// Rules that grant something.
    fn of<const N: usize>(rules: [PolicyRule; N], lost_more: bool) -> Self {
        let grants = |rule: &PolicyRule| {
            !(rule.verbs.is_empty() || rule.api_groups.is_empty() || rule.resources.is_empty())
        };
        let rules = rules.into_iter().filter(grants).collect();
        Self { rules, lost_more }
    }
}

/// Those that are as asked, and the others.
fn parted(names: &[Text], is: impl Fn(&str) -> bool) -> (Vec<Text>, Vec<Text>) {
    names.iter().cloned().partition(|name| is(name.as_str()))
}

fn read_only(rule: PolicyRule) -> PolicyRule {
    let every = rule.verbs.iter().any(|verb| *verb == ANY);
    let reads = READ_VERBS.iter().map(|verb| Text::from(*verb));
    let verbs = reads.filter(|verb| every || rule.verbs.contains(verb));
    PolicyRule {
        verbs: verbs.collect(),
        ..rule
    }
}

/// Whether an API group has policies, as far as is known.
fn has_policies(group: &str) -> bool {
    group == ANY
        || group == "extensions"
        || POLICY_KINDS.iter().any(|kind| kind.group() == group)
        || ForeignSort::knows(group)
}

/// Whether a resource is a policy, in whatever group.
fn is_policy(resource: &str) -> bool {
    let plural = resource.split('/').next().unwrap_or_default();
    plural.contains("networkpolic") || POLICY_KINDS.iter().any(|kind| kind.plural() == plural)
}

fn written(rule: &PolicyRule) -> Value {
    let names = |texts: &[Text]| texts.iter().map(Text::as_str).collect::<Vec<_>>().into();
    let fields = [
        ("apiGroups", &rule.api_groups),
        ("resources", &rule.resources),
        ("resourceNames", &rule.resource_names),
        ("verbs", &rule.verbs),
    ];
    let fields = fields.into_iter().filter(|(_, names)| !names.is_empty());
    let fields: serde_json::Map<String, Value> = fields
        .map(|(key, texts)| (key.to_owned(), names(texts)))
        .collect();
    Value::Object(fields)
}
