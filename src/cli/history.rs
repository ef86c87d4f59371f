//! `kreach policies --history`: which policy is meant.

use crate::history::POLICY_KINDS;
use crate::model::{Key, Kind, PolicyId, Text};
use crate::report::history::History;

use super::complain::Complaint;
use super::console::Forms;
use super::globals::Format;

/// What the history of a policy looks like.
pub(super) const FORMS: Forms<'_, History> = Forms {
    table: History::write_text,
    plain: &[
        (Format::Csv, History::write_csv),
        (Format::Md, History::write_markdown),
    ],
};

/// Reads `shop/web`, `web` in the current namespace, `NetworkPolicy/shop/web` or
/// `AdminNetworkPolicy/web`.
///
/// # Errors
///
/// It is none of these.
pub(super) fn named(text: &str, current: Option<&Text>) -> Result<PolicyId, Complaint> {
    let network = |namespace: Text, name: &str| PolicyId::network(Key::new(namespace, name));
    let parts: Vec<&str> = text.split('/').collect();
    let tiers = POLICY_KINDS
        .into_iter()
        .filter(|kind| !kind.is_namespaced());
    let tier = |kind: &str| tiers.clone().find(|tier| tier.name() == kind);
    match parts.as_slice() {
        _ if parts.iter().any(|part| part.is_empty()) => {
            Err(Complaint::PolicyName(text.to_owned()))
        }
        [name] => {
            let namespace = current.cloned().unwrap_or_else(|| "default".into());
            Ok(network(namespace, name))
        }
        [first, name] => Ok(match tier(first) {
            Some(kind) => PolicyId {
                kind,
                key: Key::cluster(*name),
            },
            None => network((*first).into(), name),
        }),
        [kind, namespace, name] if *kind == Kind::NetworkPolicy.name() => {
            Ok(network((*namespace).into(), name))
        }
        _ => Err(Complaint::PolicyName(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_named_by_namespace_and_name_or_by_kind() {
        let shop: Text = "shop".into();
        let read = |text: &str| named(text, Some(&shop)).map(|id| id.to_string());
        assert_eq!(read("web").unwrap(), "NetworkPolicy/shop/web");
        assert_eq!(read("data/db").unwrap(), "NetworkPolicy/data/db");
        assert_eq!(
            read("NetworkPolicy/data/db").unwrap(),
            "NetworkPolicy/data/db"
        );
        assert_eq!(
            read("AdminNetworkPolicy/x").unwrap(),
            "AdminNetworkPolicy/x"
        );
        for wrong in ["", "/web", "shop/", "Pod/shop/web", "a/b/c/d"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let nowhere = named("web", None).unwrap();
        assert_eq!(nowhere.to_string(), "NetworkPolicy/default/web");
    }
}
