//! Selectors, peers, rules and ports in few words.

use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};
use kreach::model::namespace::NAME_LABEL;
use kreach::model::{
    IpBlock, LabelSelector, NamespaceScope, Operator, Peer, PortMatch, Protocol, Requirement, Rule,
};

use super::rng::Rng;

pub const EVERYTHING: LabelSelector = LabelSelector {
    requirements: Vec::new(),
};

/// Labels with these values.
pub fn equal(pairs: &[(&str, &str)]) -> LabelSelector {
    let requirement = |(key, value): &(&str, &str)| Requirement {
        key: (*key).into(),
        operator: Operator::In(vec![(*value).into()]),
    };
    LabelSelector {
        requirements: pairs.iter().map(requirement).collect(),
    }
}

/// Both selectors.
pub fn both(mut one: LabelSelector, other: LabelSelector) -> LabelSelector {
    one.requirements.extend(other.requirements);
    one
}

/// One condition.
pub fn having(key: &str, operator: Operator) -> LabelSelector {
    LabelSelector {
        requirements: vec![Requirement {
            key: key.into(),
            operator,
        }],
    }
}

pub fn one_of<S: AsRef<str>>(values: &[S]) -> Operator {
    Operator::In(values.iter().map(|value| value.as_ref().into()).collect())
}

pub fn none_of<S: AsRef<str>>(values: &[S]) -> Operator {
    Operator::NotIn(values.iter().map(|value| value.as_ref().into()).collect())
}

/// The namespace of this name.
pub fn called(name: &str) -> LabelSelector {
    equal(&[(NAME_LABEL, name)])
}

pub fn pods_here(pods: LabelSelector) -> Peer {
    Peer::Pods {
        namespaces: NamespaceScope::Own,
        pods,
    }
}

pub fn pods_in(namespaces: LabelSelector, pods: LabelSelector) -> Peer {
    Peer::Pods {
        namespaces: NamespaceScope::Matching(namespaces),
        pods,
    }
}

pub fn namespaces(selector: LabelSelector) -> Peer {
    pods_in(selector, EVERYTHING)
}

/// No ports are all ports.
pub fn rule(peers: Vec<Peer>, ports: Vec<PortMatch>) -> Rule {
    Rule {
        peers: Some(peers),
        ports: (!ports.is_empty()).then_some(ports),
        line: None,
    }
}

pub fn on(protocol: Protocol, port: u16) -> PortMatch {
    PortMatch::Range {
        protocol,
        first: port,
        last: port,
    }
}

/// A block of a popular network, at times with exceptions; at times nearly everything.
pub fn block(rng: &mut Rng) -> Peer {
    if rng.percent(15) {
        return Peer::Block(IpBlock {
            cidr: net(0, 0),
            except: vec![net(0xa9fe_a9fe, 32), net(0x0a00_0000, 8)],
        });
    }
    let first = *rng.pick(&[10, 172, 100, 52, 34, 203]);
    let bits = *rng.pick(&[8, 12, 16, 20, 22, 24, 28, 32]);
    let random = u32::try_from(rng.below(1 << 24)).unwrap();
    let cidr = net(first << 24 | random, bits);
    let mut except = Vec::new();
    if bits <= 22 && rng.percent(30) {
        let sixteenths = rng.below(3) + 1;
        except = cidr.subnets(bits + 4).unwrap().collect();
        except = rng.some(sixteenths, &except);
    }
    Peer::Block(IpBlock { cidr, except })
}

fn net(address: u32, bits: u8) -> IpNet {
    let net = Ipv4Net::new(Ipv4Addr::from_bits(address), bits).unwrap();
    IpNet::V4(net.trunc())
}
