//! The shapes of an explanation (OUT-07): what decided each half, and why the rest did not match.

use crate::model::{Direction, Key, PolicyId, PortMatch, Protocol, Requirement, Text};

use super::answer::{End, Verdict, Why};
use super::note::Note;
use crate::select::Family;

/// Why one pair may or may not talk on one port.
#[derive(Clone, PartialEq, Debug)]
pub struct Explanation {
    /// Where the connection would start.
    pub source: End,
    /// Where it would end.
    pub destination: End,
    /// The protocol.
    pub protocol: Protocol,
    /// The destination port, 1..=65535.
    pub port: u16,
    /// Both halves together (EVAL-01).
    pub verdict: Verdict,
    /// The source's half.
    pub egress: Half,
    /// The destination's half.
    pub ingress: Half,
    /// What each address family says, where the ends share both and the answers differ; the halves
    /// above are those of the family that decided (IP-04).
    pub families: Vec<FamilyVerdict>,
    /// What this verdict turns on beyond the rules: tier policies of equal priority that disagree
    /// about it (TIER-05).
    pub notes: Vec<Note>,
}

/// One address family of a dual-stack question (IP-04).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FamilyVerdict {
    /// The family.
    pub family: Family,
    /// What the source's half says over it.
    pub egress: Verdict,
    /// What the destination's half says over it.
    pub ingress: Verdict,
}

/// One half of an explanation.
#[derive(Clone, PartialEq, Debug)]
pub struct Half {
    /// Which half.
    pub direction: Direction,
    /// What this half says.
    pub verdict: Verdict,
    /// The step of the ladder that decided.
    pub step: Step,
    /// NetworkPolicies that isolate the subject, in key order (NP-05); tiers isolate nothing
    /// (TIER-07). Also given where a tier decided.
    pub isolated_by: Vec<Key>,
    /// What decided: every NetworkPolicy rule that matched, in policy and rule order, or the one
    /// rule of a tier. A half that NetworkPolicies deny has none.
    pub decided_by: Vec<RuleRef>,
    /// Rules with action Pass that matched, one per tier at most: the rest of their tier was not
    /// asked (TIER-04).
    pub passed_by: Vec<RuleRef>,
    /// For a half that is not allowed: every rule that was asked and could have allowed it, and what
    /// did not match; rules of the Admin tier first.
    pub misses: Vec<Miss>,
    /// What an unknown half depends on.
    pub why: Vec<Why>,
}

/// The step of the evaluation function that decided (section 10 of the semantics).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// A pod always reaches itself (SELF-01).
    Itself,
    /// The subject is outside the cluster, or on the host network: no policy applies (EVAL-02).
    NotSubject,
    /// Host-network source on the destination's own node (NODE-01).
    OwnNode,
    /// A rule of the Admin tier matched: it allows or denies whatever comes after (TIER-04).
    Admin,
    /// Isolated: the union of the rules decided (NP-06).
    Policies,
    /// A rule of the Baseline tier matched (TIER-01).
    Baseline,
    /// No policy selects the subject, or none of the tiers says anything: allowed by default
    /// (NP-07).
    Default,
    /// Ends share no address family (IP-04).
    NoCommonFamily,
    /// Could not be decided (UNK-06).
    Unreadable,
}

/// A place in a policy. Numbers count from one, as people do.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RuleRef {
    /// The policy.
    pub policy: PolicyId,
    /// Which direction's list the rule is in.
    pub direction: Direction,
    /// Number of the rule.
    pub rule: u32,
    /// Number of the peer that matched; `None` when the rule has no peers, or fails closed whoever
    /// the peer is (AP-09).
    pub peer: Option<u32>,
    /// Number of the port entry that matched; `None` when the rule has no ports, or fails closed on
    /// every port (AP-09).
    pub port: Option<u32>,
    /// Line of the rule in its manifest.
    pub line: Option<u32>,
}

/// A rule that did not match, or a policy without rules.
#[derive(Clone, PartialEq, Debug)]
pub struct Miss {
    /// The rule; rule number 0 means that the policy has no rules in this direction (NP-08).
    pub rule: RuleRef,
    /// The difference nearest to a match, for each peer of the rule; one entry when only the port
    /// differs.
    pub reasons: Vec<MissReason>,
}

/// What differs between a rule and the traffic.
#[derive(Clone, PartialEq, Debug)]
pub enum MissReason {
    /// The policy has no rules in this direction.
    NoRules,
    /// The other end's pod label differs.
    PodLabel {
        /// What the rule asks.
        wanted: Requirement,
        /// The value the pod has; `None` if it lacks the label.
        found: Option<Text>,
    },
    /// The other end's namespace label differs.
    NamespaceLabel {
        /// The namespace of the other end.
        namespace: Text,
        /// What the rule asks.
        wanted: Requirement,
        /// The value the namespace has.
        found: Option<Text>,
    },
    /// The peer looks into the policy's own namespace only, and the other end is elsewhere (NP-13).
    OtherNamespace {
        /// Where the other end is.
        namespace: Text,
    },
    /// The peer names pods, and the other end is outside the cluster or on the host network (NP-15).
    NotAPod,
    /// No address of the other end is in the block, or it is excepted (IPB-01).
    Address {
        /// The block.
        block: ipnet::IpNet,
        /// The exception that took the address out, if that is why.
        except: Option<ipnet::IpNet>,
    },
    /// The other end's address is not known (IPB-05).
    UnknownAddress {
        /// The block.
        block: ipnet::IpNet,
    },
    /// The peers match, but not the port.
    Port {
        /// The rule's entries.
        wanted: Vec<PortMatch>,
    },
    /// The peers match, but the destination has no such port name (PT-09).
    PortName {
        /// The name.
        name: Text,
    },
    /// The peer names nodes, and the other end is not known to be one (AP-07).
    NotANode,
    /// The label of the other end's node differs (AP-07).
    NodeLabel {
        /// The node.
        node: Text,
        /// What the rule asks.
        wanted: Requirement,
        /// The value the node has.
        found: Option<Text>,
    },
    /// No address of the other end is in any of the networks (AP-06).
    Networks {
        /// The networks.
        networks: Vec<ipnet::IpNet>,
    },
    /// The peer names domains, which match no pod and no address that is known here (AP-08).
    Domains {
        /// The names.
        names: Vec<Text>,
    },
    /// The object is malformed there: it matches nothing (LD-08, AP-09).
    Malformed,
}
