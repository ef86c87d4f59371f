//! Exposure levels from published paths and policies (section 12 of the semantics).

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use kreach::exposure::balancer::{BalancerScope, INTERNAL, scope};
use kreach::exposure::{Exposure, Level, Marker, PathId, PublishedPath, WorkloadExposure};
use kreach::model::{
    Change, ContainerPort, Front, Ingress, IngressBackend, Inventory, IpBlock, Key, Kind,
    LabelSelector, Labels, NamespaceScope, NetworkPolicy, Node, Object, ObjectMeta, Operator, Peer,
    Phase, Pod, PortMatch, Protocol, Readiness, Requirement, Rule, Scope, Service, ServicePort,
    ServiceType, TargetPort, WorkloadKey, World,
};
use kreach::reach::{NoteCode, Options, Reach, Why};

#[derive(Default)]
struct Cluster {
    world: World,
    pods: u8,
}

impl Cluster {
    fn put(mut self, object: Object) -> Self {
        self.world.apply(Change::Apply(object));
        self
    }

    fn unreadable(mut self, kind: Kind) -> Self {
        let message = "forbidden".into();
        self.world.apply(Change::Readiness(
            kind,
            Scope::Cluster,
            Readiness::Forbidden { message },
        ));
        self
    }

    /// A pod `namespace/name` with `app: name` and port 8080 named http.
    fn pod(self, namespace: &str, name: &str) -> Self {
        self.pod_with(namespace, name, |_| {})
    }

    fn pod_with(mut self, namespace: &str, name: &str, change: impl FnOnce(&mut Pod)) -> Self {
        self.pods += 1;
        let mut pod = Pod {
            secondary_networks: false,
            key: Key::new(namespace, name),
            labels: Labels::from_iter([("app", name)]),
            addresses: [ip(&format!("10.244.0.{}", self.pods))].into(),
            host_addresses: Arc::from([]),
            node: Some("node-a".into()),
            host_network: false,
            phase: Phase::Active,
            owner: None,
            ports: [container_port(8080, None)].into(),
            service_account: "default".into(),
        };
        change(&mut pod);
        self.put(Object::Pod(pod))
    }

    fn node(self, name: &str, internal: &str, external: Option<&str>) -> Self {
        self.put(Object::Node(Node {
            name: name.into(),
            labels: Labels::default(),
            internal: vec![ip(internal)],
            external: external.map(ip).into_iter().collect(),
        }))
    }

    /// A Service before `shop/web`, port 80 to its port named http.
    fn service(self, service_type: ServiceType, change: impl FnOnce(&mut Service)) -> Self {
        let mut service = service(service_type);
        change(&mut service);
        self.put(Object::Service(Box::new(service)))
    }

    fn ingress(self, class: Option<&str>, annotations: &[(&str, &str)]) -> Self {
        let backend = IngressBackend {
            service: "web".into(),
            port: TargetPort::Number(80),
        };
        self.service(ServiceType::ClusterIp, |_| {})
            .put(Object::Ingress(Ingress {
                key: Key::new("shop", "front"),
                class: class.map(Into::into),
                backends: vec![backend],
                annotations: annotations.iter().copied().collect(),
            }))
    }

    /// Isolates the ingress of all pods of `shop`; `rules` say who may come in.
    fn policy(self, rules: Vec<Rule>) -> Self {
        self.put(Object::NetworkPolicy(Box::new(NetworkPolicy {
            key: Key::new("shop", "p"),
            meta: ObjectMeta::default(),
            selector: LabelSelector::default(),
            ingress: Some(rules),
            egress: None,
            ignored_rules: None,
            spec: Arc::new(serde_json::Value::Null),
        })))
    }

    fn exposure(&self) -> (Exposure, Arc<Inventory>) {
        let inventory = Arc::new(Inventory::of(&self.world));
        let reach = Reach::build(&self.world, inventory.clone(), Options::default());
        (Exposure::of(&self.world, &reach), inventory)
    }

    #[expect(clippy::unwrap_used, reason = "tests ask about pods they have made")]
    fn of(&self, namespace: &str, name: &str) -> WorkloadExposure {
        let (exposure, inventory) = self.exposure();
        let key = WorkloadKey {
            namespace: namespace.into(),
            kind: "Pod".into(),
            name: name.into(),
        };
        let index = inventory.find_workload(&key).unwrap();
        exposure.workloads[index.0 as usize].clone()
    }

    fn web(&self) -> WorkloadExposure {
        self.of("shop", "web")
    }

    fn notes(&self) -> Vec<NoteCode> {
        self.exposure().0.notes.iter().map(|n| n.code).collect()
    }
}

fn shop() -> Cluster {
    Cluster::default().pod("shop", "web")
}

#[expect(clippy::unwrap_used, reason = "addresses in tests are literals")]
fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[expect(clippy::unwrap_used, reason = "blocks in tests are literals")]
fn net(text: &str) -> IpNet {
    text.parse().unwrap()
}

fn container_port(number: u16, host_port: Option<u16>) -> ContainerPort {
    ContainerPort {
        name: Some("http".into()),
        number,
        protocol: Protocol::Tcp,
        host_port,
    }
}

fn service(service_type: ServiceType) -> Service {
    Service {
        key: Key::new("shop", "web"),
        service_type,
        selector: Some(Labels::from_iter([("app", "web")])),
        ports: vec![ServicePort {
            name: Some("main".into()),
            port: 80,
            protocol: Protocol::Tcp,
            target: TargetPort::Name("http".into()),
            node_port: Some(30080),
        }],
        cluster_ips: Vec::new(),
        families: [false; 2],
        front: Front::Virtual,
        external_ips: Vec::new(),
        source_ranges: Vec::new(),
        load_balancer_class: None,
        load_balancer_ips: Vec::new(),
        load_balancer_hostname: false,
        allocates_node_ports: false,
        local_traffic: true,
        annotations: Labels::default(),
    }
}

fn rule(peers: Vec<Peer>) -> Rule {
    Rule {
        peers: Some(peers),
        ports: None,
        line: None,
    }
}

fn from_block(cidr: &str) -> Rule {
    let cidr = net(cidr);
    rule(vec![Peer::Block(IpBlock {
        cidr,
        except: Vec::new(),
    })])
}

fn from_pods(namespaces: NamespaceScope, app: Option<&str>) -> Rule {
    let pods = app.map_or_else(LabelSelector::default, |app| LabelSelector {
        requirements: vec![Requirement {
            key: "app".into(),
            operator: Operator::In(vec![app.into()]),
        }],
    });
    rule(vec![Peer::Pods { namespaces, pods }])
}

fn everywhere() -> NamespaceScope {
    NamespaceScope::Matching(LabelSelector::default())
}

fn on_port(mut rule: Rule, port: u16) -> Rule {
    rule.ports = Some(vec![PortMatch::Range {
        protocol: Protocol::Tcp,
        first: port,
        last: port,
    }]);
    rule
}

#[expect(clippy::panic, reason = "a missing path fails the test")]
fn path(exposure: &WorkloadExposure, id: PathId) -> &PublishedPath {
    let found = exposure.paths.iter().find(|path| path.id == id);
    found.unwrap_or_else(|| panic!("no {} in {:?}", id.id(), exposure.paths))
}

/// The level with no policy at all, and with a policy that lets nobody in.
fn open_and_closed(cluster: impl Fn() -> Cluster, id: PathId) -> [WorkloadExposure; 2] {
    let (open, closed) = (cluster().web(), cluster().policy(Vec::new()).web());
    assert_eq!(path(&open, id).open.to_string(), "8080/tcp");
    assert!(open.markers.contains(&Marker::NoIngressPolicy));
    assert!(path(&closed, id).open.is_none());
    [open, closed]
}

#[track_caller]
fn assert_blocked(closed: &WorkloadExposure) {
    assert_eq!(closed.level, Level::Closed);
    assert_eq!(closed.markers, [Marker::PublishedBlocked]);
    assert_eq!(closed.paths[0].level, Level::Closed);
}

// Each way to publish, with policy open and closed.

#[test]
fn pub_lb_is_internet_when_open_and_published_blocked_when_closed() {
    let cluster = || shop().service(ServiceType::LoadBalancer, |_| {});
    let [open, closed] = open_and_closed(cluster, PathId::LoadBalancer);
    assert_eq!(open.level, Level::Internet);
    assert_eq!(path(&open, PathId::LoadBalancer).entry, Some(80));
    assert_eq!(open.ports.to_string(), "8080/tcp");
    assert_blocked(&closed);
}

#[test]
fn pub_lbi_is_internal_when_open() {
    let cluster = || {
        shop().service(ServiceType::LoadBalancer, |s| {
            s.load_balancer_ips = vec![ip("10.1.2.3")];
        })
    };
    let [open, closed] = open_and_closed(cluster, PathId::InternalLoadBalancer);
    assert_eq!(open.level, Level::InternalLb);
    assert_blocked(&closed);
}

#[test]
fn pub_np_is_node_ports_unless_a_node_has_a_global_address() {
    let cluster = || shop().service(ServiceType::NodePort, |_| {});
    let [open, closed] = open_and_closed(cluster, PathId::NodePort);
    assert_eq!(open.level, Level::NodePorts);
    assert_eq!(path(&open, PathId::NodePort).entry, Some(30080));
    assert_blocked(&closed);
    let private = cluster().node("node-b", "10.0.0.2", None).web();
    assert_eq!(private.level, Level::NodePorts);
    let global = cluster().node("node-b", "10.0.0.2", Some("8.8.4.4")).web();
    assert_eq!(global.level, Level::Internet);
}

#[test]
fn pub_np_comes_with_a_load_balancer_and_ignores_its_source_ranges() {
    let cluster = shop().service(ServiceType::LoadBalancer, |s| {
        s.allocates_node_ports = true;
        s.source_ranges = vec![net("192.88.99.0/24")];
    });
    let web = cluster.web();
    // SVC-06: the ranges limit the load balancer only.
    let level = |id| path(&web, id).level;
    assert_eq!(level(PathId::LoadBalancer), Level::InternetLimited);
    assert_eq!(level(PathId::NodePort), Level::NodePorts);
    let without = shop().service(ServiceType::LoadBalancer, |_| {}).web();
    assert!(without.paths.iter().all(|p| p.id != PathId::NodePort));
}

#[test]
fn pub_eip_depends_on_whether_the_address_is_global() {
    let cluster = |address: &'static str| {
        move || {
            shop().service(ServiceType::ClusterIp, |s| {
                s.external_ips = vec![ip(address)];
            })
        }
    };
    let [open, closed] = open_and_closed(cluster("8.8.8.8"), PathId::ExternalIp);
    assert_eq!(open.level, Level::Internet);
    assert_blocked(&closed);
    assert_eq!(cluster("10.9.9.9")().web().level, Level::InternalLb);
}

#[test]
fn pub_hn_stays_open_whatever_the_policies_say() {
    let cluster = |policy: bool| {
        let cluster = Cluster::default().pod_with("shop", "web", |pod| {
            pod.host_network = true;
            pod.host_addresses = [ip("10.0.0.1")].into();
        });
        if policy {
            cluster.policy(Vec::new()).web()
        } else {
            cluster.web()
        }
    };
    for web in [cluster(false), cluster(true)] {
        assert_eq!(web.level, Level::NodePorts);
        let path = path(&web, PathId::HostNetwork);
        assert_eq!(path.open.to_string(), "8080/tcp");
    }
}

#[test]
fn pub_hp_is_judged_by_the_node_the_pod_runs_on() {
    let cluster = || {
        Cluster::default().pod_with("shop", "web", |pod| {
            pod.ports = [container_port(8080, Some(2121))].into();
        })
    };
    let [open, closed] = open_and_closed(cluster, PathId::HostPort);
    assert_eq!(open.level, Level::NodePorts);
    assert_eq!(path(&open, PathId::HostPort).entry, Some(2121));
    assert_blocked(&closed);
    let elsewhere = cluster().node("node-b", "10.0.0.2", Some("8.8.4.4")).web();
    assert_eq!(elsewhere.level, Level::NodePorts);
    let here = cluster().node("node-a", "10.0.0.1", Some("8.8.4.4")).web();
    assert_eq!(here.level, Level::Internet);
}

#[test]
fn pub_ing_without_a_known_controller_is_judged_by_an_arbitrary_pod() {
    let cluster = || shop().ingress(Some("nginx"), &[]);
    let [open, closed] = open_and_closed(cluster, PathId::Ingress);
    assert_eq!(open.level, Level::Internet);
    assert_blocked(&closed);
    // ING-03: a policy that names the controller by label leaves the synthetic pod out.
    let named = cluster().policy(vec![from_pods(everywhere(), Some("ingress-nginx"))]);
    assert_eq!(named.web().level, Level::Closed);
    assert_eq!(named.notes(), [NoteCode::IngressControllerUnknown]);
    assert!(cluster().notes().is_empty());
}

#[test]
fn ing_01_ing_02_a_known_controller_is_the_source_with_its_own_egress() {
    let cluster = |labels: (&'static str, &'static str)| {
        Cluster::default()
            .pod("shop", "web")
            .pod_with("ingress", "ingress-nginx", |pod| {
                pod.labels = Labels::from_iter([labels, ("app", "ingress-nginx")]);
            })
            .ingress(Some("nginx"), &[])
            .policy(vec![from_pods(everywhere(), Some("ingress-nginx"))])
    };
    let known = cluster(("app.kubernetes.io/name", "ingress-nginx"));
    assert_eq!(known.web().level, Level::Internet);
    assert!(known.notes().is_empty());
    let egress = known.put(Object::NetworkPolicy(Box::new(NetworkPolicy {
        key: Key::new("ingress", "none"),
        meta: ObjectMeta::default(),
        selector: LabelSelector::default(),
        ingress: None,
        egress: Some(Vec::new()),
        ignored_rules: None,
        spec: Arc::new(serde_json::Value::Null),
    })));
    // Nothing comes in through the Ingress, and still the policy admits another namespace (EXP-7):
    // levels are about what the pod accepts.
    assert_eq!(egress.web().level, Level::Namespaces);
    assert!(egress.web().markers.contains(&Marker::PublishedBlocked));
}

#[test]
fn ing_05_an_internal_controller_or_listed_clients_limit_the_ingress() {
    let level = |class: &str, annotations: &[(&str, &str)]| {
        shop().ingress(Some(class), annotations).web().level
    };
    assert_eq!(level("alb", &[]), Level::InternalLb);
    let facing = ("alb.ingress.kubernetes.io/scheme", "internet-facing");
    assert_eq!(level("alb", &[facing]), Level::Internet);
    let cidrs = ("alb.ingress.kubernetes.io/inbound-cidrs", "192.88.99.0/24");
    assert_eq!(level("alb", &[facing, cidrs]), Level::InternetLimited);
    assert_eq!(level("gce", &[]), Level::Internet);
    assert_eq!(level("gce-internal", &[]), Level::InternalLb);
    let private = ("appgw.ingress.kubernetes.io/use-private-ip", "true");
    assert_eq!(
        level("azure-application-gateway", &[private]),
        Level::InternalLb
    );
    for key in ["whitelist", "allowlist"] {
        let key = format!("nginx.ingress.kubernetes.io/{key}-source-range");
        let listed = [(key.as_str(), "192.88.99.7, 10.0.0.0/8")];
        assert_eq!(level("nginx", &listed), Level::InternetLimited);
    }
    let inside = |service_type| {
        Cluster::default()
            .pod("shop", "web")
            .pod("ingress-nginx", "controller")
            .ingress(Some("nginx"), &[])
            .put(Object::Service(Box::new(Service {
                key: Key::new("ingress-nginx", "controller"),
                selector: Some(Labels::from_iter([("app", "controller")])),
                ..service(service_type)
            })))
            .web()
            .level
    };
    assert_eq!(inside(ServiceType::ClusterIp), Level::InternalLb);
    assert_eq!(inside(ServiceType::LoadBalancer), Level::Internet);
}

#[test]
fn ing_04_backends_by_name_or_number_lead_to_the_pods_port() {
    let backend = |port: TargetPort| {
        shop()
            .service(ServiceType::ClusterIp, |_| {})
            .put(Object::Ingress(Ingress {
                key: Key::new("shop", "front"),
                class: None,
                backends: vec![IngressBackend {
                    service: "web".into(),
                    port,
                }],
                annotations: Labels::default(),
            }))
            .web()
    };
    for port in [TargetPort::Number(80), TargetPort::Name("main".into())] {
        let path = path(&backend(port), PathId::Ingress).clone();
        assert_eq!(path.declared.to_string(), "8080/tcp");
    }
    assert!(backend(TargetPort::Number(8080)).paths.is_empty());
}

// Services.

#[test]
fn lb_01_every_annotation_of_the_table_makes_the_balancer_internal() {
    const K8S: &str = "service.beta.kubernetes.io/";
    let word = |key: String, yes: &'static str, no: &'static str| (key, yes, Some(no));
    let rows = [
        word(
            "networking.gke.io/load-balancer-type".into(),
            "Internal",
            "External",
        ),
        word(
            "cloud.google.com/load-balancer-type".into(),
            "Internal",
            "External",
        ),
        word(
            format!("{K8S}azure-load-balancer-internal"),
            "true",
            "false",
        ),
        word(
            format!("{K8S}openstack-internal-load-balancer"),
            "true",
            "false",
        ),
        word(format!("{K8S}oci-load-balancer-internal"), "true", "false"),
        word(
            "oci-network-load-balancer.oraclecloud.com/internal".into(),
            "true",
            "false",
        ),
        word(
            format!("{K8S}alibaba-cloud-loadbalancer-address-type"),
            "intranet",
            "internet",
        ),
        word(
            format!("{K8S}alicloud-loadbalancer-address-type"),
            "intranet",
            "internet",
        ),
        word(
            "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type".into(),
            "private",
            "public",
        ),
        (
            "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid".into(),
            "subnet-1",
            None,
        ),
        word(
            format!("{K8S}cce-load-balancer-internal-vpc"),
            "true",
            "false",
        ),
        word(
            format!("{K8S}do-loadbalancer-network"),
            "INTERNAL",
            "EXTERNAL",
        ),
        word(
            "load-balancer.hetzner.cloud/disable-public-network".into(),
            "true",
            "false",
        ),
        word(format!("{K8S}scw-loadbalancer-private"), "true", "false"),
    ];
    let listed: Vec<&str> = INTERNAL.iter().map(|(key, _)| *key).collect();
    let expected: Vec<&str> = rows.iter().map(|(key, _, _)| key.as_str()).collect();
    assert_eq!(listed, expected);
    for (key, yes, no) in &rows {
        let with = |value: &str| {
            let mut service = service(ServiceType::LoadBalancer);
            service.annotations = Labels::from_iter([(key.as_str(), value)]);
            scope(&service)
        };
        assert_eq!(with(yes), BalancerScope::Internal, "{key}: {yes}");
        assert_eq!(with(&yes.to_lowercase()), BalancerScope::Internal, "{key}");
        if let Some(no) = no {
            assert_eq!(with(no), BalancerScope::Assumed, "{key}: {no}");
        }
    }
}

#[test]
fn lb_01_on_aws_the_scheme_wins_and_the_newer_controller_is_internal_by_default() {
    const PREFIX: &str = "service.beta.kubernetes.io/aws-load-balancer-";
    let with = |annotations: &[(&str, &str)], class: Option<&str>| {
        let mut service = service(ServiceType::LoadBalancer);
        let annotations = annotations.iter();
        service.annotations = annotations
            .map(|(k, v)| (format!("{PREFIX}{k}"), *v))
            .collect();
        service.load_balancer_class = class.map(Into::into);
        scope(&service)
    };
    let (internal, internet) = (BalancerScope::Internal, BalancerScope::Internet);
    assert_eq!(with(&[("scheme", "internal")], None), internal);
    assert_eq!(with(&[("internal", "true")], None), internal);
    assert_eq!(with(&[("internal", "0.0.0.0/0")], None), internal);
    assert_eq!(with(&[("internal", "false")], None), BalancerScope::Assumed);
    let both = [("internal", "true"), ("scheme", "internet-facing")];
    assert_eq!(with(&both, None), internet);
    for class in ["service.k8s.aws/nlb", "eks.amazonaws.com/nlb"] {
        assert_eq!(with(&[], Some(class)), internal);
        let facing = [("scheme", "internet-facing")];
        assert_eq!(with(&facing, Some(class)), internet);
    }
    assert_eq!(with(&[("type", "external")], None), internal);
    assert_eq!(with(&[("type", "nlb-ip")], None), internal);
    let outside = [("type", "external"), ("internal", "false")];
    assert_eq!(with(&outside, None), BalancerScope::Assumed);
    assert_eq!(with(&[("type", "nlb")], None), BalancerScope::Assumed);
}

#[test]
fn lb_02_the_address_it_got_overrules_the_annotations() {
    let with = |ips: &[&str], hostname: bool, annotated: bool| {
        let mut service = service(ServiceType::LoadBalancer);
        service.load_balancer_ips = ips.iter().copied().map(ip).collect();
        service.load_balancer_hostname = hostname;
        if annotated {
            service.annotations =
                Labels::from_iter([("networking.gke.io/load-balancer-type", "Internal")]);
        }
        scope(&service)
    };
    assert_eq!(
        with(&["8.8.8.8", "10.0.0.1"], false, true),
        BalancerScope::Internet
    );
    for private in ["10.0.0.1", "100.64.1.1", "fd00::1", "fe80::1"] {
        assert_eq!(with(&[private], false, false), BalancerScope::Internal);
    }
    assert_eq!(with(&[], true, true), BalancerScope::Internal);
    assert_eq!(with(&[], true, false), BalancerScope::Internet);
    assert_eq!(with(&[], false, false), BalancerScope::Assumed);
}

#[test]
fn lb_02_an_assumed_scope_is_noted_once() {
    let cluster = shop().service(ServiceType::LoadBalancer, |_| {});
    assert_eq!(cluster.notes(), [NoteCode::LbScopeAssumed]);
}

#[test]
fn lb_03_a_class_that_nobody_knows_counts_as_published() {
    let cluster = shop().service(ServiceType::LoadBalancer, |s| {
        s.load_balancer_class = Some("example.com/unheard-of".into());
    });
    assert_eq!(cluster.web().level, Level::Internet);
}

#[test]
fn svc_01_a_named_target_is_resolved_on_each_pod_with_its_protocol() {
    let udp = shop().service(ServiceType::LoadBalancer, |s| {
        s.ports[0].protocol = Protocol::Udp;
    });
    assert!(udp.web().paths.is_empty());
    let number = shop().service(ServiceType::LoadBalancer, |s| {
        s.ports[0].target = TargetPort::Number(9999);
    });
    assert_eq!(number.web().ports.to_string(), "9999/tcp");
}

#[test]
fn svc_02_svc_03_no_selector_no_match_and_external_names_publish_nothing() {
    let changes: [fn(&mut Service); 3] = [
        |s| s.selector = None,
        |s| s.selector = Some(Labels::from_iter([("app", "nobody")])),
        |s| s.service_type = ServiceType::ExternalName,
    ];
    for change in changes {
        let web = shop().service(ServiceType::LoadBalancer, change).web();
        assert!(web.paths.is_empty());
        assert_eq!(web.level, Level::OpenUnpublished);
    }
}

#[test]
fn svc_05_a_nodes_address_opens_what_the_clients_does_not_and_is_noted() {
    let cluster = |local: bool| {
        shop()
            .node("node-a", "172.16.0.1", None)
            .node("node-b", "172.16.0.2", None)
            .service(ServiceType::LoadBalancer, |s| {
                s.local_traffic = local;
                s.source_ranges = vec![net("8.0.0.0/7")];
                s.load_balancer_ips = vec![ip("8.8.8.8")];
            })
            .policy(vec![from_block("172.16.0.0/24")])
    };
    let passed_on = cluster(false);
    assert_eq!(passed_on.web().level, Level::Internet);
    assert_eq!(passed_on.notes(), [NoteCode::SourceNat]);
    let direct = cluster(true);
    assert!(path(&direct.web(), PathId::LoadBalancer).open.is_none());
    assert!(direct.notes().is_empty());
}

#[test]
fn svc_05_everyone_comes_in_behind_a_node_that_the_policy_admits() {
    let cluster = |local: bool| {
        shop()
            .node("node-a", "172.16.0.1", None)
            .node("node-b", "172.16.0.2", None)
            .service(ServiceType::LoadBalancer, |s| {
                s.local_traffic = local;
                s.load_balancer_ips = vec![ip("8.8.8.8")];
            })
            .policy(vec![from_block("172.16.0.0/24")])
    };
    let passed_on = cluster(false);
    assert_eq!(passed_on.web().level, Level::Internet);
    assert_eq!(passed_on.notes(), [NoteCode::SourceNat]);
    let direct = cluster(true);
    let balancer = path(&direct.web(), PathId::LoadBalancer).level;
    assert_eq!(balancer, Level::InternalLb);
    assert!(direct.notes().is_empty());
}

#[test]
fn svc_07_the_policy_is_asked_about_the_pods_port() {
    let with = |port: u16| {
        shop()
            .service(ServiceType::LoadBalancer, |_| {})
            .policy(vec![on_port(from_block("0.0.0.0/0"), port)])
            .web()
            .level
    };
    assert_eq!(with(8080), Level::Internet);
    assert_eq!(with(80), Level::OpenUnpublished);
}

// Levels.

#[test]
fn exp_02_listed_clients_on_either_side_make_it_limited() {
    let balancer = |ranges: &[&str], policy: &str| {
        shop()
            .service(ServiceType::LoadBalancer, |s| {
                s.source_ranges = ranges.iter().copied().map(net).collect();
            })
            .policy(vec![from_block(policy)])
            .web()
    };
    assert_eq!(
        balancer(&[], "192.88.99.0/24").level,
        Level::InternetLimited
    );
    assert_eq!(
        balancer(&["192.88.99.0/24"], "0.0.0.0/0").level,
        Level::InternetLimited
    );
    assert_eq!(balancer(&[], "10.0.0.0/8").level, Level::InternalLb);
    let apart = balancer(&["192.88.99.0/24"], "8.8.8.0/24");
    assert!(path(&apart, PathId::LoadBalancer).open.is_none());
    // WIDE: chopping a wide block up does not hide it.
    let halves = balancer(&["8.0.0.0/9", "8.128.0.0/9"], "0.0.0.0/0");
    assert_eq!(halves.level, Level::Internet);
}

#[test]
fn exp_01_ports_are_judged_one_by_one() {
    let cluster = Cluster::default()
        .pod_with("shop", "web", |pod| {
            pod.ports = [container_port(8080, None)].into();
        })
        .service(ServiceType::LoadBalancer, |s| {
            let admin = ServicePort {
                port: 90,
                target: TargetPort::Number(9090),
                ..s.ports[0].clone()
            };
            s.ports.push(admin);
        })
        .policy(vec![
            on_port(from_block("0.0.0.0/0"), 8080),
            on_port(from_block("192.88.99.0/24"), 9090),
        ]);
    let web = cluster.web();
    assert_eq!(web.level, Level::Internet);
    assert_eq!(web.ports.to_string(), "8080/tcp");
    let levels: Vec<_> = web.paths.iter().map(|p| (p.entry, p.level)).collect();
    let wanted = [
        (Some(80), Level::Internet),
        (Some(90), Level::InternetLimited),
    ];
    assert_eq!(levels, wanted);
}

#[test]
fn exp_05_to_09_without_a_path_the_policy_alone_decides() {
    let own = NamespaceScope::Own;
    let cases = [
        (vec![from_block("0.0.0.0/0")], Level::OpenUnpublished),
        (vec![from_block("8.0.0.0/8")], Level::OpenUnpublished),
        (vec![from_pods(everywhere(), None)], Level::Cluster),
        (
            vec![from_pods(everywhere(), Some("other"))],
            Level::Namespaces,
        ),
        (vec![from_pods(own.clone(), None)], Level::Namespace),
        (vec![from_pods(own, Some("nobody"))], Level::Closed),
        (Vec::new(), Level::Closed),
    ];
    for (rules, level) in cases {
        let text = format!("{rules:?}");
        let cluster = shop().pod("shop", "peer").pod("data", "other");
        let web = cluster.policy(rules).web();
        assert_eq!(web.level, level, "{text}");
        assert!(web.markers.is_empty());
    }
}

#[test]
fn exp_08_other_replicas_count_and_the_pod_itself_does_not() {
    let own = || vec![from_pods(NamespaceScope::Own, None)];
    assert_eq!(shop().policy(own()).web().level, Level::Closed);
    let owner = |pod: &mut Pod| {
        pod.owner = Some(kreach::model::Owner {
            api_version: "apps/v1".into(),
            kind: "StatefulSet".into(),
            name: "web".into(),
        });
    };
    let cluster = Cluster::default()
        .pod_with("shop", "web-0", owner)
        .pod_with("shop", "web-1", owner)
        .policy(own());
    let (exposure, _) = cluster.exposure();
    assert_eq!(exposure.workloads[0].level, Level::Namespace);
}

#[test]
fn exp_07_host_network_pods_are_nodes_and_no_namespace() {
    let cluster = shop()
        .pod_with("kube-system", "proxy", |pod| {
            pod.host_network = true;
            pod.host_addresses = [ip("10.0.0.1")].into();
        })
        .policy(Vec::new());
    assert_eq!(cluster.web().level, Level::Closed);
}

#[test]
fn exp_11_not_isolated_and_not_published_is_marked_and_not_internet() {
    let web = shop().web();
    assert_eq!(web.level, Level::OpenUnpublished);
    assert_eq!(web.markers, [Marker::NoIngressPolicy]);
    assert!(web.ports.is_all());
}

#[test]
fn a_workload_is_as_exposed_as_its_worst_pod() {
    let owner = |app: &'static str| {
        move |pod: &mut Pod| {
            pod.labels = Labels::from_iter([("app", app)]);
            pod.owner = Some(kreach::model::Owner {
                api_version: "apps/v1".into(),
                kind: "StatefulSet".into(),
                name: "web".into(),
            });
        }
    };
    let cluster = Cluster::default()
        .pod_with("shop", "web-0", owner("web"))
        .pod_with("shop", "web-1", owner("else"))
        .service(ServiceType::LoadBalancer, |_| {});
    let web = &cluster.exposure().0.workloads[0];
    assert_eq!(web.level, Level::Internet);
    assert_eq!(web.markers, [Marker::NoIngressPolicy, Marker::Partial]);
}

// What could not be read.

#[test]
fn unk_06_unreadable_policies_leave_the_level_and_the_path_unknown() {
    let cluster = shop()
        .service(ServiceType::LoadBalancer, |_| {})
        .unreadable(Kind::NetworkPolicy);
    let web = cluster.web();
    assert_eq!(web.level, Level::Unknown);
    assert_eq!(
        path(&web, PathId::LoadBalancer).unknown.to_string(),
        "8080/tcp"
    );
    assert!(!web.why.is_empty());
    assert!(web.markers.is_empty());
}

#[test]
fn unk_06_unreadable_services_leave_unknown_only_what_policies_would_let_in() {
    let with = |rules: Vec<Rule>| shop().policy(rules).unreadable(Kind::Service).web();
    let open = with(vec![from_block("0.0.0.0/0")]);
    assert_eq!(open.level, Level::Unknown);
    let wanted = Why::Unreadable {
        kind: Kind::Service,
        namespace: Some("shop".into()),
    };
    assert_eq!(open.why, [wanted]);
    assert_eq!(with(Vec::new()).level, Level::Closed);
}

#[test]
fn unk_06_unreadable_ingresses_matter_where_a_controller_would_be_let_in() {
    let with = |app: &str| {
        shop()
            .pod("ingress-nginx", "controller")
            .pod("data", "other")
            .policy(vec![from_pods(everywhere(), Some(app))])
            .unreadable(Kind::Ingress)
            .web()
            .level
    };
    assert_eq!(with("controller"), Level::Unknown);
    assert_eq!(with("other"), Level::Namespaces);
}

#[test]
fn unk_06_unreadable_pods_leave_open_who_a_rule_lets_in() {
    let with = |rules: Vec<Rule>| shop().policy(rules).unreadable(Kind::Pod).web().level;
    assert_eq!(with(Vec::new()), Level::Closed);
    assert_eq!(
        with(vec![from_pods(everywhere(), Some("x"))]),
        Level::Unknown
    );
}

#[test]
fn unk_06_what_is_certainly_on_the_internet_stays_so() {
    let web = shop()
        .service(ServiceType::LoadBalancer, |_| {})
        .unreadable(Kind::Ingress)
        .web();
    assert_eq!(web.level, Level::Internet);
    assert!(web.why.is_empty());
}
