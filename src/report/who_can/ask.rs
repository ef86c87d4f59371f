//! A request in words, and as the command that asks the cluster itself.

use crate::model::{Shown, Text};
use crate::rbac::{Principal, Request};
use crate::report::shell::word;

/// `networkpolicies.networking.k8s.io`, raw.
fn typed(request: &Request) -> String {
    let mut text = request.resource.as_str().to_owned();
    if !request.group.is_empty() && request.resource != "*" {
        text.push('.');
        text.push_str(request.group.as_str());
    }
    text
}

/// `patch networkpolicies.networking.k8s.io/status in shop`, escaped.
pub(super) fn sentence(request: &Request) -> String {
    let mut resource = typed(request);
    if !request.subresource.is_empty() {
        resource.push('/');
        resource.push_str(request.subresource.as_str());
    }
    let name = request.name.as_ref();
    let name = name.map_or_else(String::new, |name| format!(" {}", name.shown()));
    let place = match &request.namespace {
        Some(namespace) => format!("in {}", namespace.shown()),
        None => "in the whole cluster".to_owned(),
    };
    let (verb, resource) = (request.verb.shown(), Shown::of(&resource));
    format!("{verb} {resource}{name} {place}")
}

/// `kubectl auth can-i …`, escaped and quoted for a shell.
pub(super) fn command(request: &Request, principal: Option<&Principal>) -> String {
    let shown = |text: &Text| word(&text.shown().to_string());
    let mut typed = typed(request);
    if let Some(name) = &request.name {
        typed.push('/');
        typed.push_str(name.as_str());
    }
    let mut words = vec![
        "kubectl auth can-i".to_owned(),
        shown(&request.verb),
        shown(&typed.into()),
    ];
    if !request.subresource.is_empty() {
        words.push(format!("--subresource {}", shown(&request.subresource)));
    }
    words.push(match &request.namespace {
        Some(namespace) => format!("-n {}", shown(namespace)),
        None => "-A".to_owned(),
    });
    match principal {
        Some(principal) => {
            words.push(format!("--as {}", shown(&principal.name)));
            let groups = principal.groups.iter().flatten();
            words.extend(groups.map(|group| format!("--as-group {}", shown(group))));
        }
        None => words.push("--as USER".to_owned()),
    }
    words.join(" ")
}
