//! Policies of all kinds.

use ipnet::IpNet;
use serde_json::Value;

use super::object::{Meta, Name};
use super::stored::stored;
use crate::model::{self, Protocol, Text};

stored! {
    enum Operator = model::Operator {
        In { 0 = values: Vec<Text> },
        NotIn { 0 = values: Vec<Text> },
        Exists {},
        DoesNotExist {},
    }
}

stored! {
    struct Requirement = model::Requirement { key: Text, operator: Operator }
}

stored! {
    struct LabelSelector = model::LabelSelector { requirements: Vec<Requirement> }
}

stored! {
    enum NamespaceScope = model::NamespaceScope {
        Own {},
        Matching { 0 = selector: LabelSelector },
    }
}

stored! {
    struct IpBlock = model::IpBlock { cidr: IpNet, except: Vec<IpNet> }
}

stored! {
    enum Peer = model::Peer {
        Pods { namespaces = namespaces: NamespaceScope, pods = pods: LabelSelector },
        Block { 0 = block: IpBlock },
        Nothing {},
    }
}

stored! {
    enum PortMatch = model::PortMatch {
        Range { protocol = protocol: Protocol, first = first: u16, last = last: u16 },
        Named { protocol = protocol: Protocol, name = name: Text },
        Nothing {},
    }
}

stored! {
    struct Rule = model::Rule {
        peers: Option<Vec<Peer>>,
        ports: Option<Vec<PortMatch>>,
        line: Option<u32>,
    }
}

stored! {
    names Direction = model::Direction { Ingress, Egress }
}

stored! {
    struct NetworkPolicy = model::NetworkPolicy {
        key: Name,
        meta: Meta,
        selector: LabelSelector,
        ingress: Option<Vec<Rule>>,
        egress: Option<Vec<Rule>>,
        ignored_rules: Option<Direction>,
        spec: Value,
    }
}

stored! {
    names AdminApi = model::AdminApi { Admin, Cluster, Baseline }
}

stored! {
    names Tier = model::Tier { Admin, Baseline }
}

stored! {
    names Action = model::Action { Allow, Deny, Pass }
}

stored! {
    struct PodSet = model::PodSet { namespaces: LabelSelector, pods: LabelSelector }
}

stored! {
    enum AdminPeer = model::AdminPeer {
        Pods { 0 = pods: PodSet },
        Nodes { 0 = selector: LabelSelector },
        Networks { 0 = blocks: Vec<IpNet> },
        Domains { 0 = names: Vec<Text> },
        Unknown {},
    }
}

stored! {
    enum AdminPort = model::AdminPort {
        Range { protocol = protocol: Protocol, first = first: u16, last = last: u16 },
        Named { 0 = name: Text },
        Unknown {},
    }
}

stored! {
    struct AdminRule = model::AdminRule {
        name: Option<Text>,
        action: Action,
        peers: Vec<AdminPeer>,
        ports: Option<Vec<AdminPort>>,
        line: Option<u32>,
    }
}

stored! {
    struct AdminPolicy = model::AdminPolicy {
        api: AdminApi,
        name: Text,
        meta: Meta,
        tier: Tier,
        priority: u16,
        subject: PodSet,
        ingress: Vec<AdminRule>,
        egress: Vec<AdminRule>,
        spec: Value,
    }
}
