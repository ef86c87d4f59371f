//! Internal and open load balancers (LB-01 to LB-03).

use kreach::exposure::Level;
use kreach::exposure::balancer::{BalancerScope, INTERNAL, scope};
use kreach::model::{Labels, ServiceType};
use kreach::reach::NoteCode;

use super::cluster::{ip, service, shop};

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
