//! A draft of the cluster with edited policies.
//!
//! Each edit is made twice in the same step: on what the engine evaluates and on the `spec` that is
//! printed. Rules, peers and ports are numbered as they stand when the step is taken.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::page::{Op, Page};
use super::written;
use crate::model::{
    AdminPolicy, AdminRule, Change, Direction, Key, Kind, NetworkPolicy, Object, Origin, Peer,
    PolicyId, PortMatch, Rule, World,
};

/// A policy that is changed or made.
#[derive(Clone, PartialEq, Debug)]
pub struct Edit {
    /// The policy.
    pub policy: PolicyId,
    /// Where the policy stands in a manifest.
    pub origin: Option<Origin>,
    /// The line of the first rule that is touched, in that manifest.
    pub line: Option<u32>,
    /// What is done, one step after the other.
    pub steps: Vec<Step>,
    /// `spec` as it is; `None` for a new policy.
    pub before: Option<Value>,
    /// `spec` as it would be.
    pub after: Value,
    /// The same as a JSON Patch of the object; empty for a new policy.
    pub patch: Vec<Op>,
}

/// One step of an edit. Numbers count from one.
#[derive(Clone, PartialEq, Debug)]
pub enum Step {
    /// Another peer in a rule.
    AddPeers(Place, Vec<Peer>),
    /// Another port in a rule.
    AddPorts(Place, Vec<PortMatch>),
    /// Another rule, the last one.
    AddRule(Direction, Rule),
    /// A peer stands for fewer: it gives way to these.
    NarrowPeer(Place, Vec<Peer>),
    /// A rule for everyone is for these only.
    NarrowRule(Place, Vec<Peer>),
    /// This peer is taken out.
    RemovePeer(Place, Peer),
    /// A rule has these ports instead.
    SetPorts(Place, Vec<PortMatch>),
    /// A rule is taken out.
    RemoveRule(Place),
    /// A second rule takes over these ports of a rule, for fewer peers.
    SplitRule(Place, Vec<PortMatch>),
    /// A new policy.
    Create,
    /// A rule of a tier before the rule of that number.
    InsertTierRule(Place, AdminRule),
}

/// A rule, and a peer within it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// Which list of rules.
    pub direction: Direction,
    /// The rule.
    pub rule: u32,
    /// The peer.
    pub peer: Option<u32>,
}

impl Place {
    /// The position in the list of rules.
    pub(super) fn rule_at(self) -> usize {
        usize::try_from(self.rule.saturating_sub(1)).unwrap_or(usize::MAX)
    }

    fn peer_at(self) -> usize {
        let peer = self.peer.unwrap_or(1).saturating_sub(1);
        usize::try_from(peer).unwrap_or(usize::MAX)
    }

    fn list(self) -> String {
        format!("/{}", written::rules_field(self.direction))
    }

    fn pointer(self) -> String {
        format!("{}/{}", self.list(), self.rule_at())
    }

    fn peers(self) -> String {
        format!(
            "{}/{}",
            self.pointer(),
            written::peers_field(self.direction)
        )
    }
}

/// A world with edits on it.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    pub(super) world: World,
    edits: BTreeMap<PolicyId, Edit>,
    /// How much a person would have to write and to think about.
    pub(super) size: u32,
}

impl Sheet {
    pub(super) fn of(world: &World) -> Self {
        Self {
            world: world.clone(),
            edits: BTreeMap::new(),
            size: 0,
        }
    }

    pub(super) fn edits(&self) -> impl Iterator<Item = &Edit> {
        self.edits.values()
    }

    /// The edits of both; `other` touches no policy that this one touches.
    pub(super) fn with(mut self, other: &Self) -> Self {
        for edit in other.edits.values() {
            let key = &edit.policy.key;
            let network = other.world.policies.get(key);
            if let Some(policy) = network.filter(|_| edit.policy.kind == Kind::NetworkPolicy) {
                self.world.policies.insert(key.clone(), policy.clone());
            }
            let tiers = other.world.admin_policies.iter();
            for (key, policy) in tiers.filter(|(_, policy)| policy.id() == edit.policy) {
                self.world
                    .admin_policies
                    .insert(key.clone(), policy.clone());
            }
            self.edits.insert(edit.policy.clone(), edit.clone());
        }
        self.size += other.size;
        self
    }

    /// Whether both touch some policy.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.edits.keys().any(|id| other.edits.contains_key(id))
    }

    /// Edits a NetworkPolicy; `line` is that of the rule in its manifest.
    pub(super) fn edit(&mut self, key: &Key, line: Option<u32>, change: impl FnOnce(&mut Pen)) {
        let Some(policy) = self.world.policies.get(key).cloned() else {
            return;
        };
        let edit = self
            .edits
            .remove(&PolicyId::network(key.clone()))
            .unwrap_or_else(|| Edit {
                policy: PolicyId::network(key.clone()),
                origin: policy.meta.origin.clone(),
                line,
                steps: Vec::new(),
                before: Some(written::stored(&policy)),
                after: written::stored(&policy),
                patch: Vec::new(),
            });
        let mut pen = Pen {
            policy: (*policy).clone(),
            page: Page {
                spec: edit.after.clone(),
                ops: edit.patch.clone(),
            },
            steps: edit.steps.clone(),
        };
        change(&mut pen);
        pen.policy.spec = Arc::new(pen.page.spec.clone());
        self.store(pen.policy);
        let edit = Edit {
            steps: pen.steps,
            after: pen.page.spec,
            patch: pen.page.ops,
            ..edit
        };
        self.edits.insert(edit.policy.clone(), edit);
    }

    /// Adds a policy that is not there yet.
    pub(super) fn create(&mut self, mut policy: NetworkPolicy) {
        let spec = written::spec(&policy);
        policy.spec = Arc::new(spec.clone());
        let id = PolicyId::network(policy.key.clone());
        let edit = Edit {
            policy: id.clone(),
            origin: None,
            line: None,
            steps: vec![Step::Create],
            before: None,
            after: spec,
            patch: Vec::new(),
        };
        self.store(policy);
        self.edits.insert(id, edit);
    }

    fn store(&mut self, policy: NetworkPolicy) {
        let object = Object::NetworkPolicy(Box::new(policy));
        self.world.apply(Change::Apply(object));
    }

    /// Puts a rule of a tier before the one at `place`.
    pub(super) fn insert_tier_rule(&mut self, id: &PolicyId, place: Place, rule: AdminRule) {
        let mut found = self.world.admin_policies.values();
        let Some(policy) = found.find(|policy| policy.id() == *id).cloned() else {
            return;
        };
        let mut policy: AdminPolicy = (*policy).clone();
        let before = written::stored_admin(&policy);
        let mut page = Page::of(before.clone());
        let value = written::admin_rule(policy.api, place.direction, &rule);
        page.insert(&place.list(), place.rule_at(), value);
        let rules = match place.direction {
            Direction::Ingress => &mut policy.ingress,
            Direction::Egress => &mut policy.egress,
        };
        let line = rules.get(place.rule_at()).and_then(|rule| rule.line);
        rules.insert(place.rule_at().min(rules.len()), rule.clone());
        let edit = Edit {
            policy: id.clone(),
            origin: policy.meta.origin.clone(),
            line,
            steps: vec![Step::InsertTierRule(place, rule)],
            before: Some(before),
            after: page.spec.clone(),
            patch: page.ops,
        };
        policy.spec = Arc::new(page.spec);
        let object = Object::AdminPolicy(Box::new(policy));
        self.world.apply(Change::Apply(object));
        self.edits.insert(id.clone(), edit);
    }
}

/// One NetworkPolicy being edited.
pub(super) struct Pen {
    pub(super) policy: NetworkPolicy,
    page: Page,
    steps: Vec<Step>,
}

impl Pen {
    fn rules(&mut self, direction: Direction) -> Option<&mut Vec<Rule>> {
        match direction {
            Direction::Ingress => self.policy.ingress.as_mut(),
            Direction::Egress => self.policy.egress.as_mut(),
        }
    }

    fn rule(&mut self, place: Place) -> Option<&mut Rule> {
        self.rules(place.direction)?.get_mut(place.rule_at())
    }

    pub(super) fn add_peers(&mut self, place: Place, peers: Vec<Peer>) {
        let Some(list) = self.rule(place).and_then(|rule| rule.peers.as_mut()) else {
            return;
        };
        list.extend(peers.iter().cloned());
        for peer in &peers {
            self.page.push(&place.peers(), written::peer(peer));
        }
        self.steps.push(Step::AddPeers(place, peers));
    }

    pub(super) fn add_ports(&mut self, place: Place, ports: Vec<PortMatch>) {
        let Some(list) = self.rule(place).and_then(|rule| rule.ports.as_mut()) else {
            return;
        };
        list.extend(ports.iter().cloned());
        let at = format!("{}/ports", place.pointer());
        for port in &ports {
            self.page.push(&at, written::port(port));
        }
        self.steps.push(Step::AddPorts(place, ports));
    }

    pub(super) fn add_rule(&mut self, direction: Direction, rule: Rule) {
        let Some(rules) = self.rules(direction) else {
            return;
        };
        rules.push(rule.clone());
        let list = format!("/{}", written::rules_field(direction));
        self.page.push(&list, written::rule(direction, &rule));
        self.steps.push(Step::AddRule(direction, rule));
    }

    /// Puts other peers in the place of one; none at all takes it out.
    pub(super) fn narrow_peer(&mut self, place: Place, peers: Vec<Peer>) {
        let at = place.peer_at();
        let Some(list) = self.rule(place).and_then(|rule| rule.peers.as_mut()) else {
            return;
        };
        let Some(old) = list.get(at).cloned() else {
            return;
        };
        if peers.is_empty() && list.len() == 1 {
            // An empty list would mean everyone (NP-10).
            self.remove_rule(place);
            return;
        }
        list.splice(at..=at, peers.iter().cloned());
        let pointer = place.peers();
        let mut rest = peers.iter();
        match rest.next() {
            None => self.page.remove(&pointer, at),
            Some(first) => self
                .page
                .replace(&format!("{pointer}/{at}"), &written::peer(first)),
        }
        for (more, peer) in (at + 1..).zip(rest) {
            self.page.insert(&pointer, more, written::peer(peer));
        }
        self.steps.push(if peers.is_empty() {
            Step::RemovePeer(place, old)
        } else {
            Step::NarrowPeer(place, peers)
        });
    }

    /// Gives a rule for everyone peers.
    pub(super) fn narrow_rule(&mut self, place: Place, peers: Vec<Peer>) {
        if peers.is_empty() {
            self.remove_rule(place);
            return;
        }
        let Some(rule) = self.rule(place) else {
            return;
        };
        rule.peers = Some(peers.clone());
        let field = written::peers_field(place.direction);
        self.page
            .set(&place.pointer(), field, &written::peers(&peers));
        self.steps.push(Step::NarrowRule(place, peers));
    }

    /// Gives a rule other ports; none at all takes it out.
    pub(super) fn set_ports(&mut self, place: Place, ports: Vec<PortMatch>) {
        if ports.is_empty() {
            // An empty list would mean every port (NP-10).
            self.remove_rule(place);
            return;
        }
        let Some(rule) = self.rule(place) else {
            return;
        };
        rule.ports = Some(ports.clone());
        self.page
            .set(&place.pointer(), "ports", &written::ports(&ports));
        self.steps.push(Step::SetPorts(place, ports));
    }

    /// Leaves a rule with the ports `left`, and adds `second`, which takes over the others.
    pub(super) fn split_rule(&mut self, place: Place, left: &[PortMatch], second: Rule) {
        let Some(rule) = self.rule(place) else {
            return;
        };
        let moved = second.ports.clone().unwrap_or_default();
        rule.ports = Some(left.to_vec());
        self.page
            .set(&place.pointer(), "ports", &written::ports(left));
        let value = written::rule(place.direction, &second);
        if let Some(rules) = self.rules(place.direction) {
            let at = (place.rule_at() + 1).min(rules.len());
            rules.insert(at, second);
            self.page.insert(&place.list(), at, value);
        }
        self.steps.push(Step::SplitRule(place, moved));
    }

    /// Takes a rule out. The policy goes on isolating: without `policyTypes` the last egress rule
    /// would take the isolation with it (NP-03).
    pub(super) fn remove_rule(&mut self, place: Place) {
        let at = place.rule_at();
        let Some(rules) = self.rules(place.direction) else {
            return;
        };
        if at >= rules.len() {
            return;
        }
        rules.remove(at);
        self.write_types();
        self.page.remove(&place.list(), at);
        self.steps.push(Step::RemoveRule(place));
    }

    fn write_types(&mut self) {
        let listed = self.page.spec.get("policyTypes").and_then(Value::as_array);
        if listed.is_some_and(|types| !types.is_empty()) {
            return;
        }
        if self.policy.egress.as_ref().is_some_and(Vec::is_empty) {
            let types = json!(["Ingress", "Egress"]);
            self.page.set("", "policyTypes", &types);
        }
    }
}
