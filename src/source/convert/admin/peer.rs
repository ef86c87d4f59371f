//! Peers of tier policies (AP-03, AP-06 to AP-09, AP-11).

use crate::model::{AdminPeer, Shown, Text};
use crate::source::field::At;
use crate::source::wire::admin as wire;
use crate::source::wire::admin::NamespacedPods;
use crate::source::wire::object::Checked;
use crate::source::wire::selector::LabelSelector;

use super::super::{Context, address, selector};
use super::{Limit, in_namespaces, namespaced};

/// A peer of either direction; an ingress peer never has what only egress knows.
pub(super) struct WirePeer<'w> {
    namespaces: Option<&'w LabelSelector>,
    pods: Option<&'w NamespacedPods>,
    nodes: Option<&'w LabelSelector>,
    networks: Option<&'w [String]>,
    domains: Option<&'w [String]>,
    beside: bool,
    within: bool,
}

impl<'w> From<&'w Checked<wire::IngressPeer>> for WirePeer<'w> {
    fn from(wire: &'w Checked<wire::IngressPeer>) -> Self {
        Self {
            namespaces: wire.value.namespaces.as_ref(),
            pods: wire.value.pods.as_ref(),
            nodes: None,
            networks: None,
            domains: None,
            beside: wire.beside,
            within: wire.within,
        }
    }
}

impl<'w> From<&'w Checked<wire::EgressPeer>> for WirePeer<'w> {
    fn from(wire: &'w Checked<wire::EgressPeer>) -> Self {
        Self {
            namespaces: wire.value.namespaces.as_ref(),
            pods: wire.value.pods.as_ref(),
            nodes: wire.value.nodes.as_ref(),
            networks: wire.value.networks.as_deref(),
            domains: wire.value.domain_names.as_deref(),
            beside: wire.beside,
            within: wire.within,
        }
    }
}

impl WirePeer<'_> {
    fn fields(&self) -> usize {
        [
            self.namespaces.is_some(),
            self.pods.is_some(),
            self.nodes.is_some(),
            self.networks.is_some(),
            self.domains.is_some(),
            self.beside,
        ]
        .into_iter()
        .map(usize::from)
        .sum()
    }
}

/// At most so many networks or domain names in one peer (AP-10).
const ADDRESSES: Limit = Limit(25);

pub(super) fn peers(
    context: &mut Context,
    at: &At<'_>,
    (limit, wire): (Limit, &[WirePeer<'_>]),
) -> Vec<AdminPeer> {
    limit.check(context, at, wire.len());
    wire.iter()
        .enumerate()
        .map(|(i, peer)| self::peer(context, &at.index(i), peer).unwrap_or(AdminPeer::Unknown))
        .collect()
}

/// One peer, or nothing if it is malformed or not known as a whole (AP-09).
fn peer(context: &mut Context, at: &At<'_>, wire: &WirePeer<'_>) -> Option<AdminPeer> {
    if wire.fields() > 1 {
        let message = "the peer has more than one field";
        context.fault(at, message, "split it into several entries");
        return None;
    }
    // A field that is not known may narrow what the others say (AP-11).
    if wire.within {
        return None;
    }
    if let Some(written) = wire.namespaces {
        return in_namespaces(context, &at.key("namespaces"), written).map(AdminPeer::Pods);
    }
    if let Some(written) = wire.pods {
        return namespaced(context, &at.key("pods"), written).map(AdminPeer::Pods);
    }
    if let Some(written) = wire.nodes {
        return selector::selector(context, &at.key("nodes"), written).map(AdminPeer::Nodes);
    }
    if let Some(written) = wire.networks {
        let read = address::cidr;
        return listed(context, &at.key("networks"), (written, read)).map(AdminPeer::Networks);
    }
    let written = wire.domains?;
    listed(context, &at.key("domainNames"), (written, domain)).map(AdminPeer::Domains)
}

type Read<T> = fn(&mut Context, &At<'_>, &str) -> Option<T>;

/// A list of which every entry must be good.
fn listed<T>(
    context: &mut Context,
    at: &At<'_>,
    (written, read): (&[String], Read<T>),
) -> Option<Vec<T>> {
    ADDRESSES.check(context, at, written.len());
    if written.is_empty() {
        context.fault(at, "the list is empty", "list at least one entry");
        return None;
    }
    let found: Vec<Option<T>> = written
        .iter()
        .enumerate()
        .map(|(i, entry)| read(context, &at.index(i), entry))
        .collect();
    found.into_iter().collect()
}

/// A host name, or `*.` and a host name (AP-08).
fn domain(context: &mut Context, at: &At<'_>, written: &str) -> Option<Text> {
    let name = written.strip_prefix("*.").unwrap_or(written);
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && !label.starts_with(['-', '_'])
            && !label.ends_with(['-', '_'])
    };
    if name.contains('.') && name.split('.').all(is_label) {
        return Some(written.into());
    }
    let message = format!("\"{}\" is not a domain name", Shown::of(written));
    let remedy = "write a name such as www.example.com or *.example.com";
    context.fault(at, message, remedy);
    None
}
