//! Sentences for the parts of an explanation.

use crate::model::{Inventory, Kind, PolicyId, PortMatch, Requirement, Shown, Text, World};
use crate::reach::{End, Half, Miss, MissReason, RuleRef, Step, Verdict};

/// What differs, for example `needs app=api, found app=web`.
#[must_use]
pub fn miss(reason: &MissReason) -> String {
    match reason {
        MissReason::NoRules => "the policy has no rules in this direction".to_owned(),
        MissReason::PodLabel { wanted, found } => {
            format!(
                "the pod needs {wanted}, {}",
                found_label(wanted, found.as_ref())
            )
        }
        MissReason::NamespaceLabel {
            namespace,
            wanted,
            found,
        } => format!(
            "namespace {} needs {wanted}, {}",
            namespace.shown(),
            found_label(wanted, found.as_ref()),
        ),
        MissReason::OtherNamespace { namespace } => format!(
            "the rule looks into its own namespace only, the pod is in {}",
            namespace.shown()
        ),
        MissReason::NotAPod => {
            "the rule names pods, this is an address outside or a host-network pod".to_owned()
        }
        MissReason::Address {
            block,
            except: None,
        } => format!("the address is not in {block}"),
        MissReason::Address {
            block,
            except: Some(except),
        } => {
            format!("{except} is excepted from {block}")
        }
        MissReason::UnknownAddress { block } => {
            format!("the pod has no known address to compare with {block}")
        }
        MissReason::Port { wanted } => {
            let ports: Vec<String> = wanted.iter().map(port).collect();
            format!(
                "the peer matches, the rule is for {} only",
                ports.join(", ")
            )
        }
        MissReason::PortName { name } => {
            format!(
                "the peer matches, the destination has no port named {}",
                name.shown()
            )
        }
        MissReason::NotANode => "the rule names nodes, this is not known to be one".to_owned(),
        MissReason::NodeLabel {
            node,
            wanted,
            found,
        } => format!(
            "node {} needs {wanted}, {}",
            node.shown(),
            found_label(wanted, found.as_ref()),
        ),
        MissReason::Networks { networks } => {
            let networks: Vec<String> = networks.iter().map(ToString::to_string).collect();
            format!("the address is not in {}", networks.join(", "))
        }
        MissReason::Domains { names } => {
            let names: Vec<String> = names.iter().map(|n| n.shown().to_string()).collect();
            format!("the rule names domains only: {}", names.join(", "))
        }
        MissReason::Malformed => "the rule is malformed there and matches nothing".to_owned(),
    }
}

fn found_label(wanted: &Requirement, found: Option<&Text>) -> String {
    match found {
        Some(value) => format!("has {}={}", wanted.key.shown(), value.shown()),
        None => format!("has no label {}", wanted.key.shown()),
    }
}

/// A port entry of a rule, for example `80/TCP`.
#[must_use]
pub fn port(port: &PortMatch) -> String {
    match port {
        PortMatch::Range {
            protocol,
            first: 1,
            last: u16::MAX,
        } => format!("all of {protocol}"),
        PortMatch::Range {
            protocol,
            first,
            last,
        } if first == last => format!("{first}/{protocol}"),
        PortMatch::Range {
            protocol,
            first,
            last,
        } => format!("{first}-{last}/{protocol}"),
        PortMatch::Named { protocol, name } => format!("{}/{protocol}", name.shown()),
        PortMatch::Nothing => "nothing".to_owned(),
    }
}

/// A policy as people call it: a NetworkPolicy by its key, the others with their kind.
#[must_use]
pub fn policy(policy: &PolicyId) -> String {
    match policy.kind {
        Kind::NetworkPolicy => policy.key.to_string(),
        _ => policy.to_string(),
    }
}

/// A rule by number, with its line where the source has lines: `shop/web rule 2 (line 14)`.
#[must_use]
pub fn rule(rule: &RuleRef) -> String {
    let line = rule
        .line
        .map_or_else(String::new, |line| format!(" (line {line})"));
    match rule.rule {
        0 => format!("{}{line}", policy(&rule.policy)),
        number => format!(
            "{} {} rule {number}{}{line}",
            policy(&rule.policy),
            rule.direction,
            entries(rule)
        ),
    }
}

/// As [`rule`], with the file that a manifest's policy is in: `… rule 2 (shop.yaml line 14)`.
#[must_use]
pub fn placed(world: &World, at: &RuleRef) -> String {
    let text = rule(at);
    match (file(world, &at.policy), at.line) {
        (Some(file), Some(line)) => {
            let bare = rule(&RuleRef {
                line: None,
                ..at.clone()
            });
            format!("{bare} ({} line {line})", Shown::of(file))
        }
        _ => text,
    }
}

/// The manifest that a policy is in, as the user named it; raw.
#[must_use]
pub fn file<'a>(world: &'a World, id: &PolicyId) -> Option<&'a str> {
    let meta = if id.kind == Kind::NetworkPolicy {
        &world.policies.get(&id.key)?.meta
    } else {
        let mut policies = world.admin_policies.values();
        &policies.find(|policy| policy.id() == *id)?.meta
    };
    Some(&meta.origin.as_ref()?.file)
}

/// `, peer 2, port 1`, where the rule has them.
fn entries(rule: &RuleRef) -> String {
    let part = |name: &str, number: Option<u32>| {
        number.map_or_else(String::new, |number| format!(", {name} {number}"))
    };
    format!("{}{}", part("peer", rule.peer), part("port", rule.port))
}

/// What a rule lacks, each reason once: peers of one rule often differ in the same way.
#[must_use]
pub fn reasons(miss: &Miss) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for reason in miss.reasons.iter().map(self::miss) {
        if !found.contains(&reason) {
            found.push(reason);
        }
    }
    found
}

/// What the rules that decided did.
#[must_use]
pub const fn decided(half: &Half) -> &'static str {
    match half.verdict {
        Verdict::Allowed => "let through by",
        Verdict::Denied => "refused by",
        Verdict::Unknown => "decided by",
    }
}

/// Why the half came out as it did, in a few words.
#[must_use]
pub const fn step(half: &Half) -> &'static str {
    step_name(half.step)
}

/// What decided, in a few words.
#[must_use]
pub const fn step_name(step: Step) -> &'static str {
    match step {
        Step::Itself => "a pod always reaches itself",
        Step::NotSubject => "no policy applies to this end",
        Step::OwnNode => "the node of a pod always reaches it",
        Step::Admin => "a rule of the Admin tier decides",
        Step::Policies => "its policies decide",
        Step::Baseline => "a rule of the Baseline tier decides",
        Step::Default => "no policy isolates it, so everything passes",
        Step::NoCommonFamily => "the ends share no address family",
        Step::Unreadable => "cannot be decided",
    }
}

/// One end of an explanation by name.
#[must_use]
pub fn end(inventory: &Inventory, end: &End) -> String {
    match end {
        End::Member(member) => inventory
            .member(*member)
            .map_or_else(|| "a pod".to_owned(), |member| member.pod.key.to_string()),
        End::Address(address) => address.to_string(),
        End::IngressController => "the ingress controller".to_owned(),
    }
}
