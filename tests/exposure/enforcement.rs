//! Whether policies are enforced, and what else has a say (UNK-01 to UNK-04, EXP-12).

use std::collections::BTreeMap;
use std::sync::Arc;

use kreach::enforcement::{Enforced, Enforcement};
use kreach::model::{
    AdminApi, AdminPolicy, Change, Container, Controller, ControllerKind, Foreign, ForeignCount,
    Inventory, Key, Kind, LabelSelector, Labels, Node, Object, ObjectMeta, Owner, PodSet,
    PodTemplate, Tier,
};
use kreach::reach::NoteCode;
use kreach::report::exposed::{Exposed, Extent, Filter};

use super::cluster::{Cluster, analysis, shop};

/// A DaemonSet with containers by name and image.
fn daemons(namespace: &str, name: &str, containers: &[(&str, &str)]) -> Object {
    let container = |(name, image): &(&str, &str)| Container {
        name: (*name).into(),
        image: (*image).into(),
    };
    Object::Controller(Controller {
        kind: ControllerKind::DaemonSet,
        key: Key::new(namespace, name),
        owner: None,
        template: PodTemplate {
            labels: Labels::default(),
            host_network: true,
            ports: Arc::from([]),
            service_account: "default".into(),
        },
        replicas: None,
        finished: false,
        containers: containers.iter().map(container).collect(),
    })
}

/// A pod of a DaemonSet, where DaemonSets themselves are not seen.
fn daemon(cluster: Cluster, namespace: &str, set: &'static str) -> Cluster {
    cluster.pod_with(namespace, &format!("{set}-x7k2p"), |pod| {
        pod.owner = Some(Owner {
            api_version: "apps/v1".into(),
            kind: "DaemonSet".into(),
            name: set.into(),
        });
    })
}

fn found(cluster: &Cluster) -> Enforcement {
    Enforcement::of(&cluster.world, &Inventory::of(&cluster.world))
}

fn enforced(namespace: &str, name: &str, containers: &[(&str, &str)]) -> Enforced {
    found(&shop().put(daemons(namespace, name, containers))).enforced
}

#[test]
fn unk_01_networks_are_recognised_by_the_name_of_their_daemonset() {
    let rows = [
        ("kube-system", "calico-node", Enforced::Yes),
        ("calico-system", "calico-node", Enforced::Yes),
        ("kube-system", "canal", Enforced::Yes),
        ("kube-system", "cilium", Enforced::Yes),
        ("kube-system", "anetd", Enforced::Yes),
        ("kube-system", "antrea-agent", Enforced::Yes),
        ("openshift-ovn-kubernetes", "ovnkube-node", Enforced::Yes),
        ("kube-system", "kube-router", Enforced::Yes),
        ("kube-system", "kube-ovn-cni", Enforced::Yes),
        ("kube-system", "kube-network-policies", Enforced::Yes),
        ("kube-system", "weave-net", Enforced::Yes),
        ("kube-system", "romana-agent", Enforced::Yes),
        ("kube-system", "azure-npm", Enforced::Yes),
        ("openshift-sdn", "sdn", Enforced::Yes),
        ("kube-system", "kindnet", Enforced::Likely),
        ("kube-flannel", "kube-flannel-ds", Enforced::No),
        ("kube-system", "kube-flannel-ds-amd64", Enforced::No),
        ("kube-system", "aws-node", Enforced::No),
        ("kube-system", "azure-cns", Enforced::No),
        ("kube-system", "kube-proxy", Enforced::Unknown),
        // A name proves nothing where anybody may use it.
        ("shop", "cilium", Enforced::Unknown),
    ];
    for (namespace, name, wanted) in rows {
        assert_eq!(enforced(namespace, name, &[]), wanted, "{namespace}/{name}");
    }
}

#[test]
fn unk_01_networks_are_recognised_by_container_or_image() {
    let by = |name: &str, image: &str| enforced("kube-system", "net", &[(name, image)]);
    assert_eq!(by("calico-node", "x"), Enforced::Yes);
    assert_eq!(by("x", "quay.io/cilium/cilium:v1.19"), Enforced::Yes);
    assert_eq!(by("x", "docker.io/flannel/flannel:v0.27"), Enforced::No);
    let agent = ("aws-network-policy-agent", "x");
    let aws = enforced("kube-system", "aws-node", &[("aws-node", "x"), agent]);
    assert_eq!(aws, Enforced::Likely);
    let canal = [("calico-node", "x"), ("kube-flannel", "x")];
    assert_eq!(enforced("kube-system", "canal", &canal), Enforced::Yes);
}

#[test]
fn unk_01_owners_of_pods_tell_where_daemonsets_cannot_be_read() {
    let by_pod = |set: &'static str| {
        let cluster = daemon(shop(), "kube-system", set).unreadable(Kind::DaemonSet);
        found(&cluster).enforced
    };
    assert_eq!(by_pod("calico-node"), Enforced::Yes);
    assert_eq!(by_pod("kube-flannel-ds"), Enforced::No);
    // Pods do not tell whether the policy agent runs in them.
    assert_eq!(by_pod("aws-node"), Enforced::Unknown);
}

#[test]
fn unk_01_that_nothing_enforces_is_not_said_where_something_may_be_hidden() {
    let hidden = daemon(shop(), "kube-flannel", "kube-flannel-ds")
        .unreadable(Kind::DaemonSet)
        .unreadable(Kind::Pod);
    assert_eq!(found(&hidden).enforced, Enforced::Unknown);
    assert!(found(&hidden).banner().is_none());
}

#[test]
fn unk_01_the_server_of_k3s_enforces_without_a_pod() {
    let node = |kind: &str| {
        shop().put(Object::Node(Node {
            name: "n".into(),
            labels: Labels::from_iter([("node.kubernetes.io/instance-type", kind)]),
            internal: Vec::new(),
            external: Vec::new(),
        }))
    };
    for kind in ["k3s", "rke2"] {
        assert_eq!(found(&node(kind)).enforced, Enforced::Likely);
    }
    assert_eq!(found(&node("m5.large")).enforced, Enforced::Unknown);
}

#[test]
fn unk_01_each_state_has_its_note_and_only_no_has_a_banner() {
    let of = |name: &str| found(&shop().put(daemons("kube-system", name, &[])));
    let codes = |e: &Enforcement| e.notes.iter().map(|n| n.code).collect::<Vec<_>>();
    let (yes, likely) = (of("cilium"), of("kindnet"));
    let (no, unknown) = (of("kube-flannel"), of("kube-proxy"));
    assert_eq!(codes(&yes), []);
    assert_eq!(codes(&likely), [NoteCode::EnforcementUnknown]);
    assert_eq!(codes(&no), [NoteCode::NotEnforced]);
    assert_eq!(codes(&unknown), [NoteCode::EnforcementUnknown]);
    assert!(!yes.is_doubtful() && likely.is_doubtful() && no.is_doubtful());
    let banner = no.banner().unwrap();
    assert!(banner.starts_with("NetworkPolicies are not enforced here"));
    assert!([yes, likely, unknown].iter().all(|e| e.banner().is_none()));
}

fn tier(api: AdminApi) -> Object {
    Object::AdminPolicy(Box::new(AdminPolicy {
        api,
        name: "p".into(),
        meta: ObjectMeta::default(),
        tier: Tier::Admin,
        priority: 1,
        subject: PodSet {
            namespaces: LabelSelector::default(),
            pods: LabelSelector::default(),
        },
        ingress: Vec::new(),
        egress: Vec::new(),
        spec: Arc::new(serde_json::Value::Null),
    }))
}

#[test]
fn unk_02_tier_policies_need_a_network_that_knows_them() {
    let noted = |name: &str, api: AdminApi| {
        let cluster = shop().put(daemons("kube-system", name, &[])).put(tier(api));
        let notes = found(&cluster).notes;
        notes
            .iter()
            .any(|n| n.code == NoteCode::AdminApiNotEnforced)
    };
    let knows = [
        ("calico-node", true, true),
        ("antrea-agent", true, false),
        ("ovnkube-node", true, false),
        ("kube-ovn-cni", true, true),
        ("kube-network-policies", true, true),
        ("cilium", false, false),
        ("aws-node", false, false),
        ("kube-flannel", false, false),
    ];
    for (name, admin, cluster) in knows {
        assert_eq!(noted(name, AdminApi::Admin), !admin, "{name}");
        assert_eq!(noted(name, AdminApi::Baseline), !admin, "{name}");
        assert_eq!(noted(name, AdminApi::Cluster), !cluster, "{name}");
    }
    // Without a recognised network, `enforcement-unknown` says it all.
    assert!(!noted("kube-proxy", AdminApi::Admin));
}

fn foreign(kind: &str, namespace: Option<&str>) -> Foreign {
    Foreign {
        kind: kind.into(),
        namespace: namespace.map(Into::into),
    }
}

#[test]
fn unk_03_unk_04_foreign_objects_are_counted_once_per_namespace() {
    let mut cluster = shop().put(daemons("kube-system", "cilium", &[]));
    cluster.world.apply(Change::Foreign(BTreeMap::from([
        (
            foreign("CiliumNetworkPolicy.cilium.io", Some("shop")),
            ForeignCount::Objects(3),
        ),
        (
            foreign("Tier.crd.antrea.io", Some("shop")),
            ForeignCount::Unreadable,
        ),
        (
            foreign("GlobalNetworkPolicy.projectcalico.org", None),
            ForeignCount::Objects(1),
        ),
        (
            foreign("AuthorizationPolicy.security.istio.io", Some("shop")),
            ForeignCount::Objects(2),
        ),
    ])));
    let notes = found(&cluster).notes;
    let told: Vec<_> = notes.iter().map(|n| (n.code, n.subject.as_str())).collect();
    let wanted = [
        (NoteCode::ForeignPolicies, "Namespace shop"),
        (NoteCode::ForeignPolicies, "cluster"),
        (NoteCode::Mesh, "Namespace shop"),
    ];
    assert_eq!(told, wanted);
    assert!(notes[0].text.contains("3 CiliumNetworkPolicy.cilium.io"));
    assert!(
        notes[0]
            .text
            .contains("Tier.crd.antrea.io that could not be listed")
    );
}

#[test]
fn unk_03_further_networks_are_noted_for_their_workload() {
    let cluster = Cluster::default()
        .pod_with("shop", "web", |pod| pod.secondary_networks = true)
        .put(daemons("kube-system", "cilium", &[]));
    let notes = found(&cluster).notes;
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].subject, "Pod shop/web");
    assert_eq!(notes[0].code, NoteCode::ForeignPolicies);
}

#[test]
fn exp_12_a_doubtful_network_makes_levels_lower_bounds() {
    let level = |set: &str| {
        let cluster = shop()
            .policy(Vec::new())
            .put(daemons("kube-system", set, &[]));
        let analysis = analysis(&cluster.world);
        let filter = Filter {
            namespaces: &["shop".into()],
            extent: Extent::Everything,
            levels: &[],
        };
        let document = serde_json::to_value(Exposed::of(&analysis, filter)).unwrap();
        document["workloads"][0]["atLeast"].as_bool().unwrap()
    };
    assert!(!level("cilium"));
    assert!(level("kindnet") && level("kube-flannel") && level("kube-proxy"));
}
