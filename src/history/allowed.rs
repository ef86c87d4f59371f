//! Which grant the server says allowed a request: proof that it existed then (OWN-07), never that
//! no other did.

use crate::model::{Key, Shown};

/// The annotation of an event.
pub const REASON: &str = "authorization.k8s.io/reason";

/// A binding and its role, as the authorizer named them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allowed {
    /// The binding, escaped: `RoleBinding/shop/alice-edit`.
    pub binding: String,
    /// The role; without a namespace a ClusterRole.
    pub role: Key,
}

impl Allowed {
    /// Reads `RBAC: allowed by RoleBinding "b/ns" of ClusterRole "r" to Group "g"`. Names with
    /// escapes are not read: they could pretend to be other text.
    #[must_use]
    pub fn of(reason: &str) -> Option<Self> {
        let rest = reason.strip_prefix("RBAC: allowed by ")?;
        if rest.contains('\\') {
            return None;
        }
        let (binding_kind, binding, rest) = named(rest)?;
        let (role_kind, role, rest) = named(rest.strip_prefix(" of ")?)?;
        rest.strip_prefix(" to ")?;
        let (binding, role) = (key(binding), key(role));
        let fits = match binding_kind {
            "ClusterRoleBinding" => binding.namespace.is_empty(),
            "RoleBinding" => !binding.namespace.is_empty(),
            _ => false,
        };
        let known = match role_kind {
            "ClusterRole" => role.namespace.is_empty(),
            "Role" => role.namespace == binding.namespace,
            _ => false,
        };
        (fits && known).then(|| Self {
            binding: format!("{}/{binding}", Shown::of(binding_kind)),
            role,
        })
    }
}

/// A kind, the name in quotes behind it, and the rest.
fn named(text: &str) -> Option<(&str, &str, &str)> {
    let (kind, rest) = text.split_once(" \"")?;
    let (name, rest) = rest.split_once('"')?;
    Some((kind, name, rest))
}

/// The namespace stands behind the name.
fn key(name: &str) -> Key {
    match name.split_once('/') {
        Some((name, namespace)) => Key::new(namespace, name),
        None => Key::cluster(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_07_the_grant_is_read_and_nothing_that_pretends_to_be_one() {
        let of = |text: &str| Allowed::of(text).map(|a| (a.binding, a.role.to_string()));
        let read = |binding: &str, role: &str| Some((binding.to_owned(), role.to_owned()));
        assert_eq!(
            of(
                "RBAC: allowed by RoleBinding \"alice-edit/shop\" of ClusterRole \"edit\" to Group \"app-devs\""
            ),
            read("RoleBinding/shop/alice-edit", "edit")
        );
        assert_eq!(
            of("RBAC: allowed by RoleBinding \"b/payments\" of Role \"r/payments\" to User \"x\""),
            read("RoleBinding/payments/b", "payments/r")
        );
        assert_eq!(
            of("RBAC: allowed by ClusterRoleBinding \"b\" of ClusterRole \"r\" to User \"x\""),
            read("ClusterRoleBinding/b", "r")
        );
        for text in [
            "",
            "RBAC: allowed by RoleBinding \"x\\\" of ClusterRole \\\"owner/shop\" of ClusterRole \"edit\" to User \"x\"",
            "RBAC: allowed by RoleBinding \"b/shop\" of Role \"r/other\" to User \"x\"",
            "RBAC: allowed by RoleBinding \"b\" of ClusterRole \"r\" to User \"x\"",
            "webhook: allowed by ClusterRoleBinding \"b\" of ClusterRole \"r\" to User \"x\"",
            "RBAC: allowed by ClusterRoleBinding \"b\" of ClusterRole \"r",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
