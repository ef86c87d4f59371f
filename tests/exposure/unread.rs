//! What could not be read (UNK-06).

use kreach::exposure::{Level, PathId};
use kreach::model::{Kind, Rule, ServiceType};
use kreach::reach::Why;

use super::cluster::{everywhere, from_block, from_pods, path, shop};

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
