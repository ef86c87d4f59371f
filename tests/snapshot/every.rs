//! A world with something of every sort, hostile names among it: what the format must carry.

use std::sync::Arc;

use kreach::model::*;
use serde_json::json;

pub fn every_sort() -> World {
    let mut world = World::default();
    let changes = objects().into_iter().map(Change::Apply);
    for change in changes.chain(states()) {
        world.apply(change);
    }
    world
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().copied().collect()
}

fn text(value: &str) -> Text {
    value.into()
}

fn selector() -> LabelSelector {
    let operators = [
        Operator::In(vec![text("x"), text("")]),
        Operator::NotIn(vec![text("\u{1b}[31m\u{202e}")]),
        Operator::Exists,
        Operator::DoesNotExist,
    ];
    let requirement = |operator| Requirement {
        key: text("app"),
        operator,
    };
    LabelSelector {
        requirements: operators.map(requirement).into(),
    }
}

fn app(name: &str) -> LabelSelector {
    LabelSelector {
        requirements: vec![Requirement {
            key: text("app"),
            operator: Operator::In(vec![text(name)]),
        }],
    }
}

fn meta() -> ObjectMeta {
    ObjectMeta {
        uid: Some(text("6ad1")),
        generation: Some(3),
        resource_version: Some(text("77")),
        created: Some("2026-01-02T03:04:05.678901234Z".parse().unwrap()),
        deleting: Some("2026-01-02T03:04:06Z".parse().unwrap()),
        labels: labels(&[("team", "net")]),
        annotations: labels(&[("argocd.argoproj.io/tracking-id", "x")]),
        managed_fields: vec![ManagedFields {
            manager: text("kubectl"),
            operation: text("Apply"),
            time: Some("2026-01-02T03:04:05Z".parse().unwrap()),
            subresource: Some(text("status")),
            touches_spec: true,
        }],
        faults: vec![text("spec.ingress[0].from[0]: \u{1b}[31m")].into(),
        origin: Some(Origin {
            file: "net/\u{7}web.yaml".into(),
            line: 7,
        }),
    }
}

fn ports() -> Arc<[ContainerPort]> {
    Arc::new([
        ContainerPort {
            name: Some(text("http")),
            number: 80,
            protocol: Protocol::Tcp,
            host_port: Some(8080),
        },
        ContainerPort {
            name: None,
            number: 53,
            protocol: Protocol::Udp,
            host_port: None,
        },
    ])
}

fn pod(name: &str, address: &str) -> Pod {
    Pod {
        key: Key::new("shop", name),
        labels: labels(&[("app", name), ("empty", "")]),
        addresses: Arc::new([address.parse().unwrap()]),
        host_addresses: Arc::new(["fd00::1".parse().unwrap()]),
        node: Some(text("n1")),
        host_network: false,
        phase: Phase::Active,
        owner: Some(Owner {
            api_version: text("apps/v1"),
            kind: text("StatefulSet"),
            name: text(name),
        }),
        ports: ports(),
        service_account: text("default"),
        secondary_networks: true,
    }
}

fn pods() -> Vec<Object> {
    let done = Pod {
        phase: Phase::Terminal,
        owner: None,
        node: None,
        addresses: Arc::new([]),
        ..pod("done", "10.0.0.9")
    };
    let host = Pod {
        host_network: true,
        ..pod("host", "10.1.0.1")
    };
    let all = [pod("web", "10.0.0.1"), pod("db", "10.0.0.2"), done, host];
    all.map(Object::Pod).into()
}

fn controllers() -> Vec<Object> {
    let controller = |kind: ControllerKind| {
        Object::Controller(Controller {
            kind,
            key: Key::new("jobs", "a"),
            owner: (kind == ControllerKind::Job).then(|| Owner {
                api_version: text("batch/v1"),
                kind: text("CronJob"),
                name: text("a"),
            }),
            template: PodTemplate {
                labels: labels(&[("app", kind.name())]),
                host_network: kind == ControllerKind::DaemonSet,
                ports: ports(),
                service_account: text("robot"),
                secondary_networks: true,
            },
            replicas: (kind == ControllerKind::Deployment).then_some(3),
            finished: kind == ControllerKind::Job,
            containers: Box::new([Container {
                name: text("main"),
                image: text("example.org/main:1"),
            }]),
        })
    };
    ControllerKind::ALL.map(controller).into()
}

fn policies() -> Vec<Object> {
    let block = IpBlock {
        cidr: "10.0.0.0/8".parse().unwrap(),
        except: vec!["10.1.0.0/16".parse().unwrap()],
    };
    let pods = |namespaces| Peer::Pods {
        namespaces,
        pods: app("web"),
    };
    let peers = vec![
        pods(NamespaceScope::Own),
        pods(NamespaceScope::Matching(selector())),
        Peer::Block(block),
        Peer::Nothing,
    ];
    let ports = vec![
        PortMatch::Range {
            protocol: Protocol::Sctp,
            first: 1,
            last: 65535,
        },
        PortMatch::Named {
            protocol: Protocol::Tcp,
            name: text("http"),
        },
        PortMatch::Nothing,
    ];
    let rule = |peers, ports, line| Rule { peers, ports, line };
    let policy = |name: &str, ingress, egress| NetworkPolicy {
        key: Key::new("shop", name),
        meta: ObjectMeta::default(),
        selector: app(name),
        ingress,
        egress,
        ignored_rules: None,
        spec: Arc::new(serde_json::Value::Null),
    };
    let full = NetworkPolicy {
        meta: meta(),
        ignored_rules: Some(Direction::Egress),
        spec: Arc::new(json!({"podSelector": {}, "odd": [1, -2, 0.5, null, "\u{1b}"]})),
        ..policy(
            "db",
            Some(vec![
                rule(Some(peers), Some(ports), Some(9)),
                rule(None, None, None),
            ]),
            None,
        )
    };
    let empty = policy("web", None, Some(vec![]));
    [full, empty]
        .map(|p| Object::NetworkPolicy(Box::new(p)))
        .into()
}

fn admin_policies() -> Vec<Object> {
    let set = PodSet {
        namespaces: selector(),
        pods: LabelSelector::default(),
    };
    let peers = vec![
        AdminPeer::Pods(set.clone()),
        AdminPeer::Nodes(app("node")),
        AdminPeer::Networks(vec!["::/0".parse().unwrap()]),
        AdminPeer::Domains(vec![text("*.example.org")]),
        AdminPeer::Unknown,
    ];
    let ports = vec![
        AdminPort::Range {
            protocol: Protocol::Udp,
            first: 9,
            last: 3,
        },
        AdminPort::Named(text("http")),
        AdminPort::Unknown,
    ];
    let rule = |action, ports| AdminRule {
        name: Some(text("first")),
        action,
        peers: peers.clone(),
        ports,
        line: Some(12),
    };
    let policy = |api, tier, priority| {
        Object::AdminPolicy(Box::new(AdminPolicy {
            api,
            name: text("default"),
            meta: meta(),
            tier,
            priority,
            subject: set.clone(),
            ingress: vec![rule(Action::Allow, None), rule(Action::Deny, Some(vec![]))],
            egress: vec![rule(Action::Pass, Some(ports.clone()))],
            spec: Arc::new(json!({"priority": priority})),
        }))
    };
    vec![
        policy(AdminApi::Admin, Tier::Admin, 1000),
        policy(AdminApi::Cluster, Tier::Baseline, 5),
        policy(AdminApi::Baseline, Tier::Baseline, 0),
    ]
}

fn services() -> Vec<Object> {
    let service = |name: &str, service_type, front, target| {
        Object::Service(Box::new(Service {
            key: Key::new("shop", name),
            service_type,
            selector: (front == Front::Virtual).then(|| labels(&[("app", "web")])),
            ports: vec![ServicePort {
                name: Some(text("web")),
                port: 80,
                protocol: Protocol::Tcp,
                target,
                node_port: Some(30080),
            }],
            cluster_ips: vec!["10.96.0.10".parse().unwrap()],
            families: [true, false],
            front,
            external_ips: vec!["192.0.2.1".parse().unwrap()],
            source_ranges: vec!["198.51.100.0/24".parse().unwrap()],
            load_balancer_class: Some(text("example.org/lb")),
            load_balancer_ips: vec!["203.0.113.1".parse().unwrap()],
            load_balancer_hostname: true,
            allocates_node_ports: true,
            local_traffic: true,
            annotations: labels(&[("a", "b")]),
        }))
    };
    let named = || TargetPort::Name(text("http"));
    vec![
        service("a", ServiceType::ClusterIp, Front::Virtual, named()),
        service(
            "b",
            ServiceType::NodePort,
            Front::Pods,
            TargetPort::Number(80),
        ),
        service("c", ServiceType::LoadBalancer, Front::Virtual, named()),
        service("d", ServiceType::ExternalName, Front::Virtual, named()),
    ]
}

fn publishing() -> Vec<Object> {
    let backend = IngressBackend {
        service: text("a"),
        port: TargetPort::Number(80),
    };
    vec![
        Object::Ingress(Ingress {
            key: Key::new("shop", "in"),
            class: Some(text("nginx")),
            backends: vec![backend],
            annotations: labels(&[("c", "d")]),
        }),
        Object::IngressClass(IngressClass {
            name: text("nginx"),
            controller: text("k8s.io/ingress-nginx"),
            default: true,
        }),
        Object::EndpointSlice(EndpointSlice {
            key: Key::new("shop", "b-1"),
            service: text("b"),
            endpoints: vec![SliceEndpoint {
                addresses: vec!["10.0.0.1".parse().unwrap()],
                pod: Some(Key::new("shop", "web")),
            }],
            ports: vec![SlicePort {
                name: Some(text("web")),
                protocol: Protocol::Tcp,
                number: Some(80),
            }],
        }),
        Object::OpenShiftRoute(Box::new(OpenShiftRoute {
            key: Key::new("shop", "route"),
            services: vec![text("a")],
            target: Some(TargetPort::Number(80)),
            annotations: labels(&[("e", "f")]),
        })),
    ]
}

fn gateways() -> Vec<Object> {
    let listener = |name: &str, from| Listener {
        name: text(name),
        port: 443,
        from,
        kinds: vec![text("HTTPRoute")],
    };
    let listeners = vec![
        listener("a", AllowedNamespaces::Same),
        listener("b", AllowedNamespaces::All),
        listener("c", AllowedNamespaces::Matching(selector())),
        listener("d", AllowedNamespaces::None),
    ];
    let route = |kind| {
        Object::GatewayRoute(Box::new(GatewayRoute {
            kind,
            key: Key::new("shop", "r"),
            parents: vec![ParentRef {
                gateway: Key::new("infra", "gw"),
                section: Some(text("a")),
                port: Some(443),
                refused: true,
            }],
            backends: vec![BackendRef {
                service: Key::new("shop", "a"),
                port: None,
            }],
        }))
    };
    let mut all = vec![
        Object::GatewayClass(GatewayClass {
            name: text("gc"),
            controller: text("example.org/gw"),
        }),
        Object::Gateway(Box::new(Gateway {
            key: Key::new("infra", "gw"),
            class: text("gc"),
            listeners,
            addresses: vec!["192.0.2.9".parse().unwrap()],
            annotations: labels(&[("g", "h")]),
        })),
        Object::ReferenceGrant(ReferenceGrant {
            key: Key::new("shop", "grant"),
            from: vec![GrantFrom {
                group: text("gateway.networking.k8s.io"),
                kind: text("HTTPRoute"),
                namespace: text("infra"),
            }],
            to: vec![GrantTo {
                group: text(""),
                kind: text("Service"),
                name: Some(text("a")),
            }],
        }),
    ];
    let kinds = [
        Kind::HttpRoute,
        Kind::GrpcRoute,
        Kind::TlsRoute,
        Kind::TcpRoute,
        Kind::UdpRoute,
    ];
    all.extend(kinds.map(route));
    all
}

fn rights() -> Vec<Object> {
    let role = |namespace: &str| {
        Object::Role(Box::new(Role {
            key: Key::new(namespace, "netpol"),
            meta: meta(),
            rules: vec![PolicyRule {
                verbs: vec![text("*")],
                api_groups: vec![text("networking.k8s.io")],
                resources: vec![text("networkpolicies")],
                resource_names: vec![text("db")],
            }],
            aggregation: vec![selector()],
        }))
    };
    let binding = |namespace: &str, role| {
        Object::Binding(Box::new(Binding {
            key: Key::new(namespace, "netpol"),
            meta: meta(),
            role,
            subjects: vec![
                Subject::User(text("b\u{43e}b")),
                Subject::Group(text("net")),
                Subject::ServiceAccount(Key::new("ci", "deployer")),
            ],
        }))
    };
    vec![
        role("shop"),
        role(""),
        binding("shop", RoleRef::Role(text("netpol"))),
        binding("", RoleRef::ClusterRole(text("netpol"))),
    ]
}

fn objects() -> Vec<Object> {
    let namespace = |name: &str| Object::Namespace(Namespace::new(name, &labels(&[("env", "x")])));
    let node = Object::Node(Node {
        name: text("n1"),
        labels: labels(&[("zone", "a")]),
        internal: vec!["10.1.0.1".parse().unwrap()],
        external: vec!["203.0.113.5".parse().unwrap()],
    });
    let mut all = vec![namespace("shop"), namespace("\u{1b}]0;x\u{7}"), node];
    for more in [
        pods(),
        controllers(),
        policies(),
        admin_policies(),
        services(),
        publishing(),
        gateways(),
        rights(),
    ] {
        all.extend(more);
    }
    all
}

fn states() -> Vec<Change> {
    let message = || text("forbidden for \u{202e}alice");
    let all = [
        (Kind::Namespace, Readiness::Loading { seen: 4 }),
        (Kind::Pod, Readiness::Complete),
        (
            Kind::Service,
            Readiness::Stale {
                since: "2026-01-02T03:04:05Z".parse().unwrap(),
                reason: message(),
            },
        ),
        (Kind::Ingress, Readiness::Absent),
        (
            Kind::AdminNetworkPolicy,
            Readiness::Unsupported {
                version: text("v9"),
                objects: Some(2),
            },
        ),
        (Kind::Node, Readiness::Failed { message: message() }),
        (Kind::Role, Readiness::Forbidden { message: message() }),
    ];
    let cluster = all.map(|(kind, state)| Change::Readiness(kind, Scope::Cluster, state));
    let shop = Scope::Namespace(text("shop"));
    let foreign = [
        (None, ForeignCount::Unreadable),
        (Some(text("shop")), ForeignCount::Objects(3)),
    ]
    .map(|(namespace, count)| {
        let kind = text("CiliumNetworkPolicy.cilium.io");
        (Foreign { kind, namespace }, count)
    });
    cluster
        .into_iter()
        .chain([
            Change::Readiness(Kind::Role, shop, Readiness::Complete),
            Change::Foreign(foreign.into()),
            Change::Skipped([(Kind::Pod, Key::new("shop", ""))].into()),
        ])
        .collect()
}
