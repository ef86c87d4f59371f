//! What the API server refuses, case by case (LD-07).

/// What stands before a case, and how its object is called.
#[derive(Clone, Copy)]
pub struct Base(pub &'static str, pub &'static str);

const NP: Base = Base(
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec:",
    "NetworkPolicy shop/p",
);
/// A whole AdminNetworkPolicy spec.
const ANP: Base = Base(
    "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: p}\nspec:",
    "AdminNetworkPolicy p",
);
/// Rules of an AdminNetworkPolicy.
pub const ANP_RULES: Base = Base(
    "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: p}\nspec:\n  priority: 7\n  subject: {namespaces: {}}",
    "AdminNetworkPolicy p",
);
pub const BANP_RULES: Base = Base(
    "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: default}\nspec:\n  subject: {namespaces: {}}",
    "BaselineAdminNetworkPolicy default",
);
const CNP: Base = Base(
    "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: p}\nspec:",
    "ClusterNetworkPolicy p",
);
pub const CNP_RULES: Base = Base(
    "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: p}\nspec:\n  tier: Admin\n  priority: 7\n  subject: {namespaces: {}}",
    "ClusterNetworkPolicy p",
);
/// What follows says everything.
const fn object(name: &'static str) -> Base {
    Base("# whole", name)
}

/// Case by case: what stands before, the rest with `# !` at the line of the problem, the field.
pub type Case = (Base, &'static str, &'static str);

pub const NETWORK_POLICIES: &[Case] = &[
    // Peers.
    (
        NP,
        "  ingress:\n  - from:\n    - {} # !",
        "spec.ingress[0].from[0]",
    ),
    (
        NP,
        "  egress:\n  - to:\n    - podSelector: null # !",
        "spec.egress[0].to[0]",
    ),
    (
        NP,
        "  ingress:\n  - from:\n    - podSelector: {}\n      ipBlock: {cidr: 10.0.0.0/8} # !",
        "spec.ingress[0].from[0].ipBlock",
    ),
    (
        NP,
        "  ingress:\n  - from:\n    - namespaceSelector: {}\n      ipBlock: {cidr: 10.0.0.0/8} # !",
        "spec.ingress[0].from[0].ipBlock",
    ),
    // Blocks.
    (
        NP,
        "  ingress:\n  - from:\n    - ipBlock:\n        cidr: 10.0.0.0/33 # !",
        "spec.ingress[0].from[0].ipBlock.cidr",
    ),
    (
        NP,
        "  ingress:\n  - from:\n    - ipBlock: {} # !",
        "spec.ingress[0].from[0].ipBlock.cidr",
    ),
    (
        NP,
        "  ingress:\n  - from:\n    - ipBlock:\n        cidr: 10.0.0.0/8\n        except:\n        - 10.0.0.0/8 # !",
        "spec.ingress[0].from[0].ipBlock.except[0]",
    ),
    (
        NP,
        "  ingress:\n  - from:\n    - ipBlock:\n        cidr: 10.0.0.0/8\n        except:\n        - 11.0.0.0/16 # !",
        "spec.ingress[0].from[0].ipBlock.except[0]",
    ),
    (
        NP,
        "  ingress:\n  - from:\n    - ipBlock:\n        cidr: 10.0.0.0/8\n        except:\n        - fd00::/64 # !",
        "spec.ingress[0].from[0].ipBlock.except[0]",
    ),
    // Ports.
    (
        NP,
        "  ingress:\n  - ports:\n    - endPort: 90 # !",
        "spec.ingress[0].ports[0].endPort",
    ),
    (
        NP,
        "  ingress:\n  - ports:\n    - port: http\n      endPort: 90 # !",
        "spec.ingress[0].ports[0].endPort",
    ),
    (
        NP,
        "  ingress:\n  - ports:\n    - port: 90\n      endPort: 89 # !",
        "spec.ingress[0].ports[0].endPort",
    ),
    (
        NP,
        "  ingress:\n  - ports:\n    - port: 0 # !",
        "spec.ingress[0].ports[0].port",
    ),
    (
        NP,
        "  ingress:\n  - ports:\n    - port: 65536 # !",
        "spec.ingress[0].ports[0].port",
    ),
    (
        NP,
        "  ingress:\n  - ports:\n    - port: \"80\" # !",
        "spec.ingress[0].ports[0].port",
    ),
    (
        NP,
        "  ingress:\n  - ports:\n    - port: a-name-of-16-chr # !",
        "spec.ingress[0].ports[0].port",
    ),
    (
        NP,
        "  ingress:\n  - ports:\n    - port: Http # !",
        "spec.ingress[0].ports[0].port",
    ),
    (
        NP,
        "  ingress:\n  - ports:\n    - port: -1 # !",
        "spec.ingress[0].ports[0].port",
    ),
    (
        NP,
        "  ingress:\n  - ports:\n    - port: a--b # !",
        "spec.ingress[0].ports[0].port",
    ),
    (
        NP,
        "  ingress:\n  - ports:\n    - port: -a # !",
        "spec.ingress[0].ports[0].port",
    ),
    (
        NP,
        "  ingress:\n  - ports:\n    - port: 80\n      endPort: 65536 # !",
        "spec.ingress[0].ports[0].endPort",
    ),
    (
        NP,
        "  ingress:\n  - ports:\n    - port: 80\n      protocol: ICMP # !",
        "spec.ingress[0].ports[0].protocol",
    ),
    // Types.
    (
        NP,
        "  policyTypes:\n  - Sideways # !",
        "spec.policyTypes[0]",
    ),
    (
        NP,
        "  policyTypes: [Ingress, Egress, Ingress] # !",
        "spec.policyTypes",
    ),
    (NP, "  policyTypes: Ingress # !", "spec.policyTypes"),
    // Selectors.
    (
        NP,
        "  podSelector:\n    matchExpressions:\n    - key: a\n      operator: Is # !",
        "spec.podSelector.matchExpressions[0].operator",
    ),
    (
        NP,
        "  podSelector:\n    matchExpressions:\n    - {key: a, operator: In} # !",
        "spec.podSelector.matchExpressions[0].values",
    ),
    (
        NP,
        "  podSelector:\n    matchExpressions:\n    - {key: a, operator: NotIn, values: []} # !",
        "spec.podSelector.matchExpressions[0].values",
    ),
    (
        NP,
        "  podSelector:\n    matchExpressions:\n    - {key: a, operator: Exists, values: [b]} # !",
        "spec.podSelector.matchExpressions[0].values",
    ),
    (
        NP,
        "  podSelector:\n    matchExpressions:\n    - {key: a, operator: DoesNotExist, values: [b]} # !",
        "spec.podSelector.matchExpressions[0].values",
    ),
    (
        NP,
        "  podSelector:\n    matchExpressions:\n    - {operator: Exists} # !",
        "spec.podSelector.matchExpressions[0].key",
    ),
    (
        NP,
        "  podSelector:\n    matchExpressions:\n    - key: a b # !\n      operator: Exists",
        "spec.podSelector.matchExpressions[0].key",
    ),
    (
        NP,
        "  podSelector:\n    matchExpressions:\n    - key: a\n      operator: In\n      values:\n      - b c # !",
        "spec.podSelector.matchExpressions[0].values[0]",
    ),
    (
        NP,
        "  podSelector:\n    matchLabels:\n      a/b/c: d # !",
        "spec.podSelector.matchLabels[\"a/b/c\"]",
    ),
    (
        NP,
        "  podSelector:\n    matchLabels:\n      a: b/c # !",
        "spec.podSelector.matchLabels.a",
    ),
    (
        NP,
        "  podSelector:\n    matchLabels:\n      a: yes # !",
        "spec.podSelector.matchLabels.a",
    ),
    (
        NP,
        "  podSelector:\n    matchLabels:\n      a: 1 # !",
        "spec.podSelector.matchLabels.a",
    ),
    (
        NP,
        "  ingress:\n  - from:\n    - namespaceSelector:\n        matchLabels:\n          a: [b] # !",
        "spec.ingress[0].from[0].namespaceSelector.matchLabels.a",
    ),
    (NP, "  podSelector: [] # !", "spec.podSelector"),
    (NP, "  ingress: {} # !", "spec.ingress"),
];

pub const TIERS: &[Case] = &[
    // Priority, tier, subject.
    (
        ANP,
        "  subject: {namespaces: {}}\n  priority: 1001 # !",
        "spec.priority",
    ),
    (
        ANP,
        "  subject: {namespaces: {}}\n  priority: -1 # !",
        "spec.priority",
    ),
    (
        ANP,
        "  subject: {namespaces: {}}\n  priority: 99999999999 # !",
        "spec.priority",
    ),
    (
        ANP,
        "  subject: {namespaces: {}}\n  priority: \"1\" # !",
        "spec.priority",
    ),
    (
        CNP,
        "  tier: Admin\n  subject: {namespaces: {}}\n  priority: 1001 # !",
        "spec.priority",
    ),
    (
        CNP,
        "  priority: 1\n  subject: {namespaces: {}}\n  tier: Middle # !",
        "spec.tier",
    ),
    (ANP, "  priority: 1\n  subject: {} # !", "spec.subject"),
    (
        ANP,
        "  priority: 1\n  subject: {namespaces: null} # !",
        "spec.subject",
    ),
    (
        ANP,
        "  priority: 1\n  subject: {namespaces: {}, pods: {}} # !",
        "spec.subject",
    ),
    (
        ANP,
        "  priority: 1\n  subject: {users: {}} # !",
        "spec.subject",
    ),
    (
        ANP,
        "  priority: 1\n  subject: {namespaces: {sameLabels: [a]}} # !",
        "spec.subject",
    ),
    (
        ANP,
        "  priority: 1\n  subject: {pods: {podSelector: {matchLabels: {a: -x}}}} # !",
        "spec.subject.pods.podSelector.matchLabels.a",
    ),
    // Actions.
    (
        ANP_RULES,
        "  ingress:\n  - from: [{namespaces: {}}]\n    action: Accept # !",
        "spec.ingress[0].action",
    ),
    (
        ANP_RULES,
        "  ingress:\n  - from: [{namespaces: {}}]\n    action: allow # !",
        "spec.ingress[0].action",
    ),
    (
        CNP_RULES,
        "  egress:\n  - to: [{namespaces: {}}]\n    action: Allow # !",
        "spec.egress[0].action",
    ),
    (
        BANP_RULES,
        "  ingress:\n  - from: [{namespaces: {}}]\n    action: Pass # !",
        "spec.ingress[0].action",
    ),
    (
        object("BaselineAdminNetworkPolicy other"),
        "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: other} # !\nspec: {subject: {namespaces: {}}}",
        "metadata.name",
    ),
    // Peers.
    (
        ANP_RULES,
        "  ingress:\n  - action: Deny\n    from: [] # !",
        "spec.ingress[0].from",
    ),
    (
        ANP_RULES,
        "  egress:\n  - action: Deny\n    to: null # !",
        "spec.egress[0].to",
    ),
    (
        CNP_RULES,
        "  egress:\n  - action: Deny # !",
        "spec.egress[0].to",
    ),
    (
        ANP_RULES,
        "  ingress:\n  - action: Deny\n    from:\n    - {namespaces: {}, pods: {}} # !",
        "spec.ingress[0].from[0]",
    ),
    (
        ANP_RULES,
        "  ingress:\n  - action: Deny\n    from:\n    - {namespaces: {}, users: {}} # !",
        "spec.ingress[0].from[0]",
    ),
    (
        CNP_RULES,
        "  egress:\n  - action: Deny\n    to:\n    - {nodes: {}, networks: [10.0.0.0/8]} # !",
        "spec.egress[0].to[0]",
    ),
    (
        ANP_RULES,
        "  egress:\n  - action: Deny\n    to:\n    - networks:\n      - 10.0.0.0 # !",
        "spec.egress[0].to[0].networks[0]",
    ),
    (
        CNP_RULES,
        "  egress:\n  - action: Deny\n    to:\n    - networks: [] # !",
        "spec.egress[0].to[0].networks",
    ),
    (
        CNP_RULES,
        "  egress:\n  - action: Accept\n    to:\n    - domainNames:\n      - \"**.example.com\" # !",
        "spec.egress[0].to[0].domainNames[0]",
    ),
    // Ports.
    (
        ANP_RULES,
        "  ingress:\n  - action: Deny\n    from: [{namespaces: {}}]\n    ports: [] # !",
        "spec.ingress[0].ports",
    ),
    (
        CNP_RULES,
        "  ingress:\n  - action: Deny\n    from: [{namespaces: {}}]\n    protocols: [] # !",
        "spec.ingress[0].protocols",
    ),
    (
        ANP_RULES,
        "  ingress:\n  - action: Deny\n    from: [{namespaces: {}}]\n    ports:\n    - {} # !",
        "spec.ingress[0].ports[0]",
    ),
    (
        ANP_RULES,
        "  ingress:\n  - action: Deny\n    from: [{namespaces: {}}]\n    ports:\n    - {namedPort: a, portNumber: {port: 1}} # !",
        "spec.ingress[0].ports[0]",
    ),
    (
        ANP_RULES,
        "  ingress:\n  - action: Deny\n    from: [{namespaces: {}}]\n    ports:\n    - portNumber: {protocol: TCP, port: 0} # !",
        "spec.ingress[0].ports[0].portNumber.port",
    ),
    (
        ANP_RULES,
        "  ingress:\n  - action: Deny\n    from: [{namespaces: {}}]\n    ports:\n    - portNumber: {protocol: tcp, port: 1} # !",
        "spec.ingress[0].ports[0].portNumber.protocol",
    ),
    (
        ANP_RULES,
        "  ingress:\n  - action: Deny\n    from: [{namespaces: {}}]\n    ports:\n    - portRange: {start: 1} # !",
        "spec.ingress[0].ports[0].portRange.end",
    ),
    (
        ANP_RULES,
        "  ingress:\n  - action: Deny\n    from: [{namespaces: {}}]\n    ports:\n    - namedPort: \"80\" # !",
        "spec.ingress[0].ports[0].namedPort",
    ),
    (
        ANP_RULES,
        "  ingress:\n  - action: Deny\n    from: [{namespaces: {}}]\n    ports:\n    - {namedPort: a, other: {}} # !",
        "spec.ingress[0].ports[0]",
    ),
    (
        CNP_RULES,
        "  ingress:\n  - action: Deny\n    from: [{namespaces: {}}]\n    protocols:\n    - {} # !",
        "spec.ingress[0].protocols[0]",
    ),
    (
        CNP_RULES,
        "  ingress:\n  - action: Deny\n    from: [{namespaces: {}}]\n    protocols:\n    - {tcp: {}, udp: {}} # !",
        "spec.ingress[0].protocols[0]",
    ),
    (
        CNP_RULES,
        "  ingress:\n  - action: Deny\n    from: [{namespaces: {}}]\n    protocols:\n    - tcp: {destinationPort: {}} # !",
        "spec.ingress[0].protocols[0].tcp.destinationPort",
    ),
    (
        CNP_RULES,
        "  ingress:\n  - action: Deny\n    from: [{namespaces: {}}]\n    protocols:\n    - tcp: {destinationPort: {number: 1, range: {start: 1, end: 2}}} # !",
        "spec.ingress[0].protocols[0].tcp.destinationPort",
    ),
    (
        CNP_RULES,
        "  ingress:\n  - action: Deny\n    from: [{namespaces: {}}]\n    protocols:\n    - tcp: {destinationPort: {number: 65536}} # !",
        "spec.ingress[0].protocols[0].tcp.destinationPort.number",
    ),
    (
        CNP_RULES,
        "  ingress:\n  - action: Deny\n    from: [{namespaces: {}}]\n    protocols:\n    - sctp: {destinationPort: {range: {start: 5, end: 5}}} # !",
        "spec.ingress[0].protocols[0].sctp.destinationPort.range",
    ),
    (
        CNP_RULES,
        "  ingress:\n  - action: Deny\n    from: [{namespaces: {}}]\n    protocols:\n    - udp: {destinationPort: {range: {start: 6, end: 5}}} # !",
        "spec.ingress[0].protocols[0].udp.destinationPort.range",
    ),
    // Names beside peers that have none.
    (
        ANP_RULES,
        "  egress:\n  - action: Deny\n    to: [{nodes: {}}]\n    ports:\n    - namedPort: http # !",
        "spec.egress[0].ports[0]",
    ),
    (
        ANP_RULES,
        "  egress:\n  - action: Deny\n    to: [{networks: [10.0.0.0/8]}]\n    ports:\n    - namedPort: http # !",
        "spec.egress[0].ports[0]",
    ),
    (
        CNP_RULES,
        "  egress:\n  - action: Accept\n    to: [{domainNames: [a.example.com]}]\n    protocols:\n    - destinationNamedPort: http # !",
        "spec.egress[0].protocols[0]",
    ),
];

pub const METADATA: &[Case] = &[
    (
        object("Pod shop/a"),
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: shop\n  labels:\n    app: no # !",
        "metadata.labels.app",
    ),
    (
        object("Pod shop/a"),
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: shop\n  labels:\n    version: 1.10 # !",
        "metadata.labels.version",
    ),
    (
        object("Pod shop/a"),
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: shop\n  labels:\n    a b: c # !",
        "metadata.labels[\"a b\"]",
    ),
    (
        object("Pod shop/a"),
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: shop\n  labels:\n    app: -c # !",
        "metadata.labels.app",
    ),
    (
        object("Pod shop/A"),
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: A # !\n  namespace: shop",
        "metadata.name",
    ),
    (
        object("Pod shop/a_"),
        "apiVersion: v1\nkind: Pod\nmetadata:\n  generateName: a_ # !\n  namespace: shop",
        "metadata.generateName",
    ),
    (
        object("Pod a.b/a"),
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: a.b # !",
        "metadata.namespace",
    ),
    (
        object("Pod without a name"),
        "apiVersion: v1\nkind: Pod\nmetadata: {} # !",
        "metadata.name",
    ),
    (
        object("Namespace Shop"),
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: Shop # !",
        "metadata.name",
    ),
    (
        object("Service default/web"),
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector:\n    app: a/b # !",
        "spec.selector.app",
    ),
    (
        object("Deployment default/web"),
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    metadata:\n      labels:\n        app: a/b # !",
        "spec.template.metadata.labels.app",
    ),
    (
        object("Gateway default/g"),
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g}\nspec:\n  listeners:\n  - name: a\n    port: 0 # !",
        "spec.listeners[0].port",
    ),
    (
        object("EndpointSlice default/e"),
        "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: e}\naddressType: IPv4\nendpoints:\n- addresses:\n  - nowhere # !",
        "endpoints[0].addresses[0]",
    ),
    (
        object("Endpoints default/e"),
        "apiVersion: v1\nkind: Endpoints\nmetadata: {name: e}\nsubsets:\n- addresses:\n  - ip: nowhere # !",
        "subsets[0].addresses[0].ip",
    ),
    (
        object("Ingress default/i"),
        "apiVersion: networking.k8s.io/v2\nkind: Ingress\nmetadata: {name: i} # version",
        "apiVersion",
    ),
];
