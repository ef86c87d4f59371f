//! The compiled engine and the questions about single pods.

use std::net::IpAddr;
use std::sync::Arc;

use super::answer::{Answer, Isolation};
use super::bits::Bits;
use super::bound::Reading;
use super::class::ClassIdx;
use super::compile::compile;
use super::pair::{Half, Link, Other, Rung};
use super::place::{Group, Places, groups};
use super::table::{PolicyIdx, Tables};
use super::weights::Weights;
use crate::model::chunked::Chunked;
use crate::model::{
    AdminPolicy, Direction, Inventory, Key, Kind, MemberIdx, PolicyId, Tier, WorkloadIdx, World,
};
use crate::select::{Family, PortSet};

/// How to read what the policy language leaves open.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Options {
    /// Whether address blocks match pods (IPB-04).
    pub blocks_match_pods: BlocksMatchPods,
}

/// `--ipblock-pods` (IPB-04).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum BlocksMatchPods {
    /// A block matches a pod by its address, host-network pods by their node's.
    #[default]
    Match,
    /// Blocks match addresses outside only, never a pod of any sort.
    Ignore,
}

/// Every answer about one version of the cluster. Immutable; a copy shares the tables.
#[derive(Clone, Debug)]
pub struct Reach {
    pub(super) inventory: Arc<Inventory>,
    pub(super) tables: Tables,
    /// By workload: its members, grouped by class.
    pub(super) groups: Chunked<Arc<[Group]>>,
    /// By class: the workloads with members in it, ascending.
    pub(super) workloads: Chunked<Arc<[WorkloadIdx]>>,
    pub(super) places: Arc<Places>,
    pub(super) weights: Arc<Weights>,
}

impl Reach {
    /// Compiles a world. `inventory` must be that of the same world.
    #[must_use]
    pub fn build(world: &World, inventory: Arc<Inventory>, options: Options) -> Self {
        let (tables, _) = compile(world, &inventory, options);
        Self::of(world, inventory, tables)
    }

    /// Puts together what was compiled from a world.
    pub(super) fn of(world: &World, inventory: Arc<Inventory>, tables: Tables) -> Self {
        let places = Places::of(world, &inventory, &tables);
        let groups = inventory
            .workloads()
            .map(|workload| groups(workload, &inventory, (&tables, &places)))
            .collect();
        let classes = tables.classes.iter().map(|(at, _)| at);
        Self {
            workloads: classes
                .map(|class| workloads_of(class, &tables, &inventory))
                .collect(),
            places: Arc::new(places),
            weights: Arc::new(Weights::of(&tables.classes)),
            inventory,
            tables,
            groups,
        }
    }

    /// How the policies were read.
    #[must_use]
    pub const fn options(&self) -> Options {
        Options {
            blocks_match_pods: if self.tables.blocks_match_pods {
                BlocksMatchPods::Match
            } else {
                BlocksMatchPods::Ignore
            },
        }
    }

    /// Who takes part.
    #[must_use]
    pub const fn inventory(&self) -> &Arc<Inventory> {
        &self.inventory
    }

    /// Every port that `source` may open on `destination`: the definition of all other answers.
    /// A pod reaches itself on every port (SELF-01). A member of another inventory reaches nothing.
    #[must_use]
    pub fn pair(&self, source: MemberIdx, destination: MemberIdx) -> Answer {
        self.pair_within(source, destination, Reading::Default)
    }

    /// As [`Reach::pair`], but unknown wherever the answer turns on whether a partial block contains
    /// a pod of unknown address (IPB-05), or on where a host-network pod runs (AP-07).
    #[must_use]
    pub fn pair_strict(&self, source: MemberIdx, destination: MemberIdx) -> Answer {
        self.pair_within(source, destination, Reading::Strict)
    }

    fn pair_within(&self, source: MemberIdx, destination: MemberIdx, reading: Reading) -> Answer {
        let classes = (
            self.tables.classes.of(source),
            self.tables.classes.of(destination),
        );
        let (Some(from), Some(to)) = classes else {
            return Answer::default();
        };
        if source == destination {
            return Answer::certain(PortSet::all());
        }
        let link = Link {
            near: self.own_node(source, destination),
            ..Link::new(from, to)
        };
        let names =
            [source, destination].map(|member| self.inventory.member(member).map(|m| &m.pod.key));
        self.tables.answer(link, reading, names)
    }

    /// NODE-01: a host-network source on the node of an ordinary destination.
    pub(super) fn own_node(&self, source: MemberIdx, destination: MemberIdx) -> bool {
        let pods = (
            self.inventory.member(source),
            self.inventory.member(destination),
        );
        let (Some(source), Some(destination)) = pods else {
            return false;
        };
        source.pod.host_network
            && !destination.pod.host_network
            && source.pod.node.is_some()
            && source.pod.node == destination.pod.node
    }

    /// What `member` may open on an address (egress), or what may be opened on it from there
    /// (ingress). NetworkPolicies let an address of the member's own node open everything on it
    /// (NODE-01, CAN-01).
    #[must_use]
    pub fn address(&self, member: MemberIdx, direction: Direction, address: IpAddr) -> Answer {
        self.address_within((member, direction), address, Reading::Default)
    }

    /// As [`Reach::address`], but unknown wherever the answer turns on whether the address is a
    /// node's, with Node objects out of reach (AP-07), or one of a domain that a rule allows (AP-08).
    #[must_use]
    pub fn address_strict(
        &self,
        member: MemberIdx,
        direction: Direction,
        address: IpAddr,
    ) -> Answer {
        self.address_within((member, direction), address, Reading::Strict)
    }

    fn address_within(
        &self,
        (member, direction): (MemberIdx, Direction),
        address: IpAddr,
        reading: Reading,
    ) -> Answer {
        let Some(class) = self.tables.classes.of(member) else {
            return Answer::default();
        };
        let family = Family::of(&address);
        if self.tables.classes.get(class).signature[family.slot()].is_none() {
            return Answer::default();
        }
        let half = Half {
            direction,
            subject: class,
            other: Other::Address(address),
            family,
            near: direction == Direction::Ingress && self.is_own_node(member, &address),
            variant: None,
        };
        self.tables.half_answer(&half, reading)
    }

    /// Whether an address is one of the node that an ordinary member runs on.
    pub(super) fn is_own_node(&self, member: MemberIdx, address: &IpAddr) -> bool {
        let node = self
            .inventory
            .member(member)
            .filter(|member| !member.pod.host_network)
            .and_then(|member| member.pod.node.as_ref());
        node.is_some_and(|node| self.places.nodes_at(address).contains(node))
    }

    /// What a pod that nobody named could open on `destination`: no labels, no known address, in a
    /// namespace that no selector can name (ING-03). Its own egress is taken as allowed.
    #[must_use]
    pub fn arbitrary_pod(&self, destination: MemberIdx) -> Answer {
        self.tables
            .classes
            .of(destination)
            .map_or_else(Answer::default, |class| {
                let arbitrary = self.tables.classes.arbitrary;
                let link = Link::new(arbitrary, class);
                self.tables.answer(link, Reading::Default, [None, None])
            })
    }

    /// How NetworkPolicies stand to a member in one direction (NP-05, TIER-07).
    #[must_use]
    pub fn isolation(&self, member: MemberIdx, direction: Direction) -> Isolation {
        let Some(class) = self.tables.classes.of(member) else {
            return Isolation::Open;
        };
        match self.tables.rung(direction, class) {
            Rung::NotSubject => Isolation::Host,
            Rung::Unread(why) => Isolation::Unknown(vec![why.clone()]),
            Rung::Default => Isolation::Open,
            Rung::Policies(policies) => Isolation::Isolated(self.keys(policies)),
        }
    }

    pub(super) fn keys(&self, policies: &[PolicyIdx]) -> Vec<Key> {
        policies
            .iter()
            .map(|policy| self.tables.policy(*policy).source.key.clone())
            .collect()
    }

    /// The members a NetworkPolicy selects, by index; none if there is no such policy (NP-01,
    /// NP-02).
    #[must_use]
    pub fn selected_by(&self, policy: &Key) -> Vec<MemberIdx> {
        let found = self.tables.by_key.get(policy);
        found.map_or_else(Vec::new, |at| {
            self.members_of(&self.tables.policy(*at).subjects)
        })
    }

    /// The members a policy of any kind selects, by index; none if there is no such policy. Pods
    /// whose namespace's labels could not be read are left out (UNK-06).
    #[must_use]
    pub fn subjects(&self, policy: &PolicyId) -> Vec<MemberIdx> {
        if policy.kind == Kind::NetworkPolicy {
            return self.selected_by(&policy.key);
        }
        let mut policies = self.tables.tiers.policies.iter();
        let found = policies.find(|compiled| compiled.id() == *policy);
        found.map_or_else(Vec::new, |policy| self.members_of(&policy.subjects[0]))
    }

    /// The policies of both tiers, in the order they are asked (TIER-01, TIER-03, TIER-05).
    pub fn tier_policies(&self) -> impl Iterator<Item = &Arc<AdminPolicy>> {
        self.tables
            .tiers
            .policies
            .iter()
            .map(|policy| &policy.source)
    }

    /// The policies of both tiers that are asked about a member in one direction, in order; those
    /// that select it only possibly included (UNK-06).
    #[must_use]
    pub fn asked_about(&self, member: MemberIdx, direction: Direction) -> Vec<PolicyId> {
        let Some(class) = self.tables.classes.of(member) else {
            return Vec::new();
        };
        let tiers = &self.tables.tiers;
        [Tier::Admin, Tier::Baseline]
            .into_iter()
            .flat_map(|tier| tiers.asked(tier, direction, class))
            .map(|(policy, _)| tiers.get(*policy).id())
            .collect()
    }

    /// Whether no policy can tell two members apart: every answer about one holds for the other,
    /// but for who runs on which node (NODE-01).
    #[must_use]
    pub fn alike(&self, a: MemberIdx, b: MemberIdx) -> bool {
        let class = self.tables.classes.of(a);
        class.is_some() && class == self.tables.classes.of(b)
    }

    fn members_of(&self, classes: &Bits) -> Vec<MemberIdx> {
        let mut members: Vec<MemberIdx> = classes
            .iter()
            .flat_map(|class| self.tables.classes.members(ClassIdx(class)))
            .copied()
            .collect();
        members.sort_unstable();
        members
    }
}

/// The workloads with members in a class, ascending.
pub(super) fn workloads_of(
    class: ClassIdx,
    tables: &Tables,
    inventory: &Inventory,
) -> Arc<[WorkloadIdx]> {
    let members = tables.classes.members(class).iter();
    let mut workloads: Vec<WorkloadIdx> = members
        .filter_map(|member| Some(inventory.member(*member)?.workload))
        .collect();
    workloads.sort_unstable();
    workloads.dedup();
    workloads.into()
}
