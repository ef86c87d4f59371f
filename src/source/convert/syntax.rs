//! How names, label keys and label values are written (LD-07).
//!
//! A cluster has checked all of this when it stored the object, so only manifests are checked here.

use crate::model::{Kind, Shown};
use crate::source::field::At;
use crate::source::wire::scalar::StringMap;

use super::{Context, Mode};

const LABEL: usize = 63;
const SUBDOMAIN: usize = 253;

/// What an object of a kind may be called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum NameForm {
    /// One part of a host name.
    Label,
    /// A host name.
    Subdomain,
    /// Anything that can stand in a URL by itself.
    Segment,
}

impl NameForm {
    const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Namespace | Kind::Service => Self::Label,
            Kind::Role | Kind::ClusterRole | Kind::RoleBinding | Kind::ClusterRoleBinding => {
                Self::Segment
            }
            Kind::Pod
            | Kind::NetworkPolicy
            | Kind::Deployment
            | Kind::ReplicaSet
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::Job
            | Kind::CronJob
            | Kind::ReplicationController
            | Kind::Ingress
            | Kind::Node
            | Kind::AdminNetworkPolicy
            | Kind::BaselineAdminNetworkPolicy
            | Kind::ClusterNetworkPolicy
            | Kind::IngressClass
            | Kind::EndpointSlice
            | Kind::GatewayClass
            | Kind::Gateway
            | Kind::HttpRoute
            | Kind::GrpcRoute
            | Kind::TlsRoute
            | Kind::TcpRoute
            | Kind::UdpRoute
            | Kind::ReferenceGrant
            | Kind::OpenShiftRoute => Self::Subdomain,
        }
    }

    fn admits(self, name: &str) -> bool {
        match self {
            Self::Label => is_label(name),
            Self::Subdomain => is_subdomain(name),
            Self::Segment => !matches!(name, "." | "..") && !name.contains(['/', '%']),
        }
    }

    const fn remedy(self) -> &'static str {
        match self {
            Self::Label => "use at most 63 of a-z, 0-9 and -, with a letter or digit at both ends",
            Self::Subdomain => {
                "use at most 253 of a-z, 0-9, - and ., with a letter or digit at both ends"
            }
            Self::Segment => "use a name without / and %",
        }
    }
}

/// The name of an object, as given.
pub(super) fn name(context: &mut Context, at: &At<'_>, (kind, written): (Kind, &str)) {
    let form = NameForm::of(kind);
    check(context, at, (form, written));
}

/// The prefix of a name that the server completes: a hyphen may stand at its end.
pub(super) fn prefix(context: &mut Context, at: &At<'_>, (kind, written): (Kind, &str)) {
    let form = NameForm::of(kind);
    check(
        context,
        at,
        (form, written.strip_suffix('-').unwrap_or(written)),
    );
}

/// The namespace of an object.
pub(super) fn namespace(context: &mut Context, at: &At<'_>, written: &str) {
    check(context, at, (NameForm::Label, written));
}

fn check(context: &mut Context, at: &At<'_>, (form, written): (NameForm, &str)) {
    if context.mode == Mode::Strict && !form.admits(written) {
        let message = format!("\"{}\" is not a name", Shown::of(written));
        context.fault(at, message, form.remedy());
    }
}

/// Labels, or the pairs of a selector.
pub(super) fn labels(context: &mut Context, at: &At<'_>, written: &StringMap) {
    for (name, value) in written.iter() {
        let at = at.key(name);
        key(context, &at, name);
        self::value(context, &at, value);
    }
}

/// A label key: `name` or `domain/name`.
pub(super) fn key(context: &mut Context, at: &At<'_>, written: &str) {
    if context.mode == Mode::Lenient {
        return;
    }
    let (domain, name) = match written.rsplit_once('/') {
        Some((domain, name)) => (Some(domain), name),
        None => (None, written),
    };
    if !domain.is_none_or(is_subdomain) || name.is_empty() || !is_label_part(name) {
        let message = format!("\"{}\" is not a label key", Shown::of(written));
        let remedy =
            "write name or domain/name; a name has at most 63 of A-Z, a-z, 0-9, -, _ and .";
        context.fault(at, message, remedy);
    }
}

/// A label value, which may be empty.
pub(super) fn value(context: &mut Context, at: &At<'_>, written: &str) {
    if context.mode == Mode::Strict && !is_label_part(written) {
        let message = format!("\"{}\" is not a label value", Shown::of(written));
        let remedy =
            "use at most 63 of A-Z, a-z, 0-9, -, _ and ., with a letter or digit at both ends";
        context.fault(at, message, remedy);
    }
}

fn is_label_part(written: &str) -> bool {
    written.len() <= LABEL
        && written.bytes().all(|b| LABEL_PARTS.holds(b))
        && !written.starts_with(['-', '_', '.'])
        && !written.ends_with(['-', '_', '.'])
}

fn is_label(written: &str) -> bool {
    written.len() <= LABEL && is_part(written)
}

fn is_subdomain(written: &str) -> bool {
    written.len() <= SUBDOMAIN && written.split('.').all(is_part)
}

/// One part of a host name, of any length.
fn is_part(written: &str) -> bool {
    !written.is_empty()
        && written.bytes().all(|b| HOST_PARTS.holds(b))
        && !written.starts_with('-')
        && !written.ends_with('-')
}

/// A set of bytes; every name and label of a manifest is looked at byte by byte.
struct Bytes([bool; 256]);

const LABEL_PARTS: Bytes =
    Bytes::of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
const HOST_PARTS: Bytes = Bytes::of(b"abcdefghijklmnopqrstuvwxyz0123456789-");

impl Bytes {
    const fn of(mut members: &[u8]) -> Self {
        let mut held = [false; 256];
        while let [first, rest @ ..] = members {
            held[*first as usize] = true;
            members = rest;
        }
        Self(held)
    }

    fn holds(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).is_some_and(|held| *held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ld_07_names_are_what_the_server_takes() {
        let long = "a".repeat(64);
        for (kind, name, good) in [
            (Kind::Pod, "web-1.shop", true),
            (Kind::Pod, &long, true),
            (Kind::Pod, "Web", false),
            (Kind::Pod, "a..b", false),
            (Kind::Pod, "a_b", false),
            (Kind::Namespace, "a.b", false),
            (Kind::Namespace, &long, false),
            (Kind::Service, "-a", false),
            (Kind::ClusterRole, "system:Node Reader", true),
            (Kind::ClusterRole, "a/b", false),
            (Kind::ClusterRole, "..", false),
        ] {
            assert_eq!(NameForm::of(kind).admits(name), good, "{kind} {name}");
        }
    }

    #[test]
    fn ld_07_label_keys_and_values_are_what_the_server_takes() {
        let faults = |read: fn(&mut Context, &At<'_>, &str), written: &str| {
            let mut context = Context::new(Mode::Strict);
            read(&mut context, &At::ROOT, written);
            context.faults.len()
        };
        for good in ["app", "a.b/c_D", "k8s.io/x", "A"] {
            assert_eq!(faults(key, good), 0, "{good}");
        }
        for bad in ["", "a/", "/a", "A.b/c", "a/b/c", "-a", "a b", "é"] {
            assert_eq!(faults(key, bad), 1, "{bad}");
        }
        for good in ["", "a", "V1.2_x-y"] {
            assert_eq!(faults(value, good), 0, "{good}");
        }
        for bad in ["-", "a/b", "a b", ".a", &"a".repeat(64)] {
            assert_eq!(faults(value, bad), 1, "{bad}");
        }
    }
}
