//! Who a request came from: person, impersonation, trusted proxies, token (EV-02, EV-13, EV-15).

use super::attribute::AttributionContext;
use super::event::AuditUser;
use super::fact::{Actor, Fact};
use super::record::{ChangeRecord, Confidence, Evidence, Flag, PrincipalKind, Token};
use crate::model::Text;

const SERVICE_ACCOUNT: &str = "system:serviceaccount:";

/// ServiceAccounts of the controllers inside kube-controller-manager, bound to roles
/// `system:controller:*`.
const BUILT_IN: [&str; 34] = [
    "attachdetach-controller",
    "certificate-controller",
    "clusterrole-aggregation-controller",
    "cronjob-controller",
    "daemon-set-controller",
    "deployment-controller",
    "disruption-controller",
    "endpoint-controller",
    "endpointslice-controller",
    "endpointslicemirroring-controller",
    "ephemeral-volume-controller",
    "expand-controller",
    "generic-garbage-collector",
    "horizontal-pod-autoscaler",
    "job-controller",
    "legacy-service-account-token-cleaner",
    "namespace-controller",
    "node-controller",
    "persistent-volume-binder",
    "pod-garbage-collector",
    "pv-protection-controller",
    "pvc-protection-controller",
    "replicaset-controller",
    "replication-controller",
    "resourcequota-controller",
    "root-ca-cert-publisher",
    "route-controller",
    "service-account-controller",
    "service-cidrs-controller",
    "service-controller",
    "statefulset-controller",
    "ttl-after-finished-controller",
    "ttl-controller",
    "validatingadmissionpolicy-status-controller",
];

/// The name that a change is attributed to, for telling people apart.
pub fn who<'a>(fact: &'a Fact, context: &AttributionContext) -> &'a Text {
    let actor = &fact.actor;
    match &actor.impersonated {
        Some(target) if is_trusted(&actor.user, context) => {
            extra(target, "username").unwrap_or(&target.name)
        }
        _ => &actor.user.name,
    }
}

/// A record that names the person behind `fact`, with everything the event says about the way.
pub fn record(fact: &Fact, context: &AttributionContext) -> ChangeRecord {
    let actor = &*fact.actor;
    let mut record = ChangeRecord {
        who: Some(who(fact, context).clone()).filter(|name| !name.is_empty()),
        when: fact.when,
        evidence: Evidence::Audit,
        audit_id: Some(fact.audit_id.clone()),
        object_uid: fact.uid.clone(),
        generation: fact.state.as_ref().and_then(|state| state.generation),
        resource_version: fact.state.as_ref().and_then(|s| s.version_text.clone()),
        confidence: Confidence::Likely,
        ..ChangeRecord::default()
    };
    record.via.verb = Some(fact.verb.clone());
    record.via.manager.clone_from(&actor.manager);
    record.via.user_agent.clone_from(&actor.user_agent);
    let person = come_through(&mut record, actor, context);
    record.groups.clone_from(&person.groups);
    record.kind = kind(person, context);
    record.via.token = token(person);
    record.via.identity = identity(person);
    // The server allowed the request of the impersonated identity, not that of the caller.
    record.allowed = fact
        .allowed
        .clone()
        .filter(|_| record.via.acting_as.is_none());
    if claims_service_account(person) && !person.groups.is_empty() && !agrees(person) {
        record.flag(Flag::NameClaimsServiceAccount);
    }
    if fact.truncated {
        record.flag(Flag::Truncated);
    }
    if fact.text {
        record.flag(Flag::TextFormat);
    }
    record
}

/// The identity that acted, with the impersonation or the proxy noted in `record` (EV-13).
fn come_through<'a>(
    record: &mut ChangeRecord,
    actor: &'a Actor,
    context: &AttributionContext,
) -> &'a AuditUser {
    match &actor.impersonated {
        Some(target) if is_trusted(&actor.user, context) => {
            record.via.through = Some(actor.user.name.clone());
            if extra(target, "username").is_some() {
                record.via.account = Some(target.name.clone());
            }
            target
        }
        Some(target) => {
            record.via.acting_as = Some((target.name.clone(), target.groups.clone()));
            record.flag(Flag::Impersonation);
            &actor.user
        }
        None => &actor.user,
    }
}

/// What kind of principal (EV-02).
pub fn kind(user: &AuditUser, context: &AttributionContext) -> PrincipalKind {
    let name = user.name.as_str();
    if name.is_empty() || name == "system:anonymous" {
        return PrincipalKind::Unknown;
    }
    if claims_service_account(user) {
        return match agrees(user) {
            true if is_controller_account(&user.name, context) => PrincipalKind::Controller,
            true => PrincipalKind::ServiceAccount,
            false => PrincipalKind::Unknown,
        };
    }
    let part = name.starts_with("system:node:")
        || name.starts_with("system:kube-")
        || name == "system:apiserver";
    if part || is_declared(&user.name, context) {
        PrincipalKind::Controller
    } else {
        PrincipalKind::Human
    }
}

fn claims_service_account(user: &AuditUser) -> bool {
    user.name.as_str().starts_with(SERVICE_ACCOUNT)
}

/// Whether the groups are those that the server gives to this ServiceAccount.
fn agrees(user: &AuditUser) -> bool {
    let name = user.name.as_str();
    let Some((namespace, account)) = name
        .strip_prefix(SERVICE_ACCOUNT)
        .and_then(|rest| rest.split_once(':'))
    else {
        return false;
    };
    let own = format!("system:serviceaccounts:{namespace}");
    !account.is_empty()
        && user
            .groups
            .iter()
            .any(|group| *group == "system:serviceaccounts")
        && user.groups.iter().any(|group| *group == *own)
}

fn is_controller_account(name: &Text, context: &AttributionContext) -> bool {
    let built_in = name
        .as_str()
        .strip_prefix("system:serviceaccount:kube-system:")
        .is_some_and(|account| BUILT_IN.contains(&account));
    built_in || is_declared(name, context)
}

fn is_declared(name: &Text, context: &AttributionContext) -> bool {
    let gitops = context.gitops_accounts.values().flatten();
    gitops
        .chain(&context.controllers)
        .any(|pattern| glob(pattern.as_str(), name.as_str()))
}

/// Whether the authenticated caller is a proxy whose impersonation is believed (EV-13). A plain
/// user with a ServiceAccount's name is not.
fn is_trusted(user: &AuditUser, context: &AttributionContext) -> bool {
    let listed = |pattern: &Text| glob(pattern.as_str(), user.name.as_str());
    context.trusted_impersonators.iter().any(listed)
        && (!claims_service_account(user) || agrees(user))
}

/// Whether the namespace controller carried the request out (EV-22).
pub fn is_namespace_controller(fact: &Fact) -> bool {
    let user = &fact.actor.user;
    user.name == "system:serviceaccount:kube-system:namespace-controller" && agrees(user)
}

fn extra<'a>(user: &'a AuditUser, key: &str) -> Option<&'a Text> {
    let (_, values) = user.extra.iter().find(|(name, _)| *name == *key)?;
    values.first().filter(|value| !value.is_empty())
}

fn token(user: &AuditUser) -> Option<Token> {
    let get = |key: &str| extra(user, &format!("authentication.kubernetes.io/{key}"));
    let namespace = user
        .name
        .as_str()
        .strip_prefix(SERVICE_ACCOUNT)
        .and_then(|rest| rest.split_once(':'))
        .map(|(namespace, _)| namespace);
    let pod = get("pod-name").map(|pod| match namespace {
        Some(namespace) => Text::from(format!("{namespace}/{}", pod.as_str())),
        None => pod.clone(),
    });
    let token = Token {
        pod,
        node: get("node-name").cloned(),
        credential_id: get("credential-id").cloned(),
    };
    (token != Token::default()).then_some(token)
}

fn identity(user: &AuditUser) -> Vec<(Text, Text)> {
    const SHOWN: [&str; 7] = [
        "arn",
        "canonicalArn",
        "principalId",
        "sessionName",
        "accessKeyId",
        "principalid",
        "username",
    ];
    let shown = |key: &&str| Some((Text::from(*key), extra(user, key)?.clone()));
    SHOWN.iter().filter_map(shown).collect()
}

/// Shell-like matching with `*` for any run of characters.
pub fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_names_with_stars_for_any_run() {
        for (pattern, text, matches) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab", true),
            ("*b", "ab", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abde", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("", "", true),
        ] {
            assert_eq!(glob(pattern, text), matches, "{pattern} {text}");
        }
    }
}
