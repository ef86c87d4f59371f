//! Notes: what a reader of a verdict must know beside it (section 14 of the semantics).

use std::fmt;

/// A code of section 14, and one sentence about one subject.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Note {
    /// What kind of caveat.
    pub code: NoteCode,
    /// The object or endpoint it is about, already escaped.
    pub subject: String,
    /// One sentence, already escaped.
    pub text: String,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// The codes of section 14.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum NoteCode { $($(#[$doc])* $name,)* }

        impl NoteCode {
            /// The code as printed.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

// A table of name pairs: an enum and its spelling, kept on one line each.
codes! {
    /// UNK-02
    AdminApiNotEnforced = "admin-api-not-enforced",
    /// AP-08
    DomainPeer = "domain-peer",
    /// UNK-01
    EnforcementUnknown = "enforcement-unknown",
    /// UNK-03
    ForeignPolicies = "foreign-policies",
    /// HN-03
    HostNetworkUnprotected = "hostnetwork-unprotected",
    /// ING-03
    IngressControllerUnknown = "ingress-controller-unknown",
    /// LD-08
    InvalidObject = "invalid-object",
    /// LD-07
    InvalidObjectSkipped = "invalid-object-skipped",
    /// IPB-04
    IpBlockMatchesPod = "ipblock-matches-pod",
    /// IPB-05
    IpBlockUnknownPodIp = "ipblock-unknown-pod-ip",
    /// SVC-01
    IpBlockServiceIp = "ipblock-service-ip",
    /// LB-02
    LbScopeAssumed = "lb-scope-assumed",
    /// UNK-04
    Mesh = "mesh",
    /// TIER-09
    MixedAdminApis = "mixed-admin-apis",
    /// PT-09
    NamedPortUnresolved = "named-port-unresolved",
    /// NS-01
    NamespaceUndeclared = "namespace-undeclared",
    /// IP-04
    NoCommonFamily = "no-common-family",
    /// WL-05
    NoRunningPods = "no-running-pods",
    /// AP-07
    NodesUnknown = "nodes-unknown",
    /// UNK-01
    NotEnforced = "not-enforced",
    /// SELF-03
    OwnService = "own-service",
    /// NODE-03
    OwnNodeBypass = "own-node-bypass",
    /// TIER-05
    PriorityTie = "priority-tie",
    /// NP-04
    RulesIgnored = "rules-ignored",
    /// WL-06
    RuntimeLabel = "runtime-label",
    /// SEL-04
    SelectorNever = "selector-never",
    /// NP-18
    SelectsNothing = "selects-nothing",
    /// SVC-05
    SourceNat = "source-nat",
    /// AP-09
    UnknownPeerField = "unknown-peer-field",
    /// LD-01
    UnsupportedVersion = "unsupported-version",
}

impl fmt::Display for NoteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
