//! OpenShift Routes (PUB-RT, ING-04, ING-05).

use kreach::exposure::{Level, PathId};
use kreach::model::{Key, Labels, Object, OpenShiftRoute, ServiceType, TargetPort};

use super::cluster::{Cluster, assert_blocked, everywhere, from_pods, open_and_closed, shop};

fn route(target: Option<TargetPort>, annotations: &[(&str, &str)]) -> Object {
    Object::OpenShiftRoute(Box::new(OpenShiftRoute {
        key: Key::new("shop", "front"),
        services: vec!["web".into()],
        target,
        annotations: annotations.iter().copied().collect(),
    }))
}

fn cluster(target: Option<TargetPort>, annotations: &[(&str, &str)]) -> Cluster {
    shop()
        .service(ServiceType::ClusterIp, |_| {})
        .put(route(target, annotations))
}

#[test]
fn pub_rt_is_internet_when_open_and_published_blocked_when_closed() {
    let [open, closed] = open_and_closed(|| cluster(None, &[]), PathId::Route);
    assert_eq!(open.level, Level::Internet);
    assert_blocked(&closed);
}

#[test]
fn ing_02_the_router_is_found_by_its_namespace_or_its_label() {
    let label = "ingresscontroller.operator.openshift.io/deployment-ingresscontroller";
    let with = |namespace: &str, label: &'static str| {
        cluster(None, &[])
            .pod_with(namespace, "router", move |pod| {
                pod.labels = Labels::from_iter([("app", "router"), (label, "default")]);
            })
            .policy(vec![from_pods(everywhere(), Some("router"))])
            .web()
            .level
    };
    assert_eq!(with("openshift-ingress", "x"), Level::Internet);
    assert_eq!(with("elsewhere", label), Level::Internet);
    assert_eq!(with("elsewhere", "x"), Level::Namespaces);
}

#[test]
fn ing_04_the_target_is_a_port_of_the_pod_by_number_or_name() {
    let declared = |target: Option<TargetPort>| {
        let web = cluster(target, &[]).web();
        web.paths.first().map(|path| path.declared.to_string())
    };
    let some = Some("8080/tcp".to_owned());
    assert_eq!(declared(None), some);
    assert_eq!(declared(Some(TargetPort::Number(8080))), some);
    assert_eq!(declared(Some(TargetPort::Number(80))), None);
    assert_eq!(declared(Some(TargetPort::Name("http".into()))), some);
    assert_eq!(declared(Some(TargetPort::Name("main".into()))), some);
    assert_eq!(declared(Some(TargetPort::Name("other".into()))), None);
}

#[test]
fn ing_05_listed_clients_limit_a_route() {
    for key in ["ip_whitelist", "ip_allowlist"] {
        let key = format!("haproxy.router.openshift.io/{key}");
        let listed = [(key.as_str(), "192.88.99.7 10.0.0.0/8")];
        assert_eq!(cluster(None, &listed).web().level, Level::InternetLimited);
    }
    // What belongs to another controller narrows nothing.
    let other = [(
        "nginx.ingress.kubernetes.io/whitelist-source-range",
        "10.0.0.0/8",
    )];
    assert_eq!(cluster(None, &other).web().level, Level::Internet);
}
