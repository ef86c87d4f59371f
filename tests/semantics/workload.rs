//! Section 3: workloads, pods, namespaces.

use super::scene::Scene;

fn owned_by(owner: &str, labels: &str) -> String {
    format!(
        "apiVersion: v1
kind: Pod
metadata:
  namespace: a
  name: web-1
  labels: {labels}
  ownerReferences: [{owner}]
spec: {{}}"
    )
}

const REPLICA_SET: &str =
    "{apiVersion: apps/v1, kind: ReplicaSet, name: web-5d9f, controller: true}";

fn names(scene: &Scene) -> Vec<String> {
    scene.workloads().into_iter().collect()
}

#[test]
fn ns_01_ns_02_an_undeclared_namespace_has_its_name_for_a_label_and_nothing_else() {
    Scene::of("pod a/web\n pod b/db")
        .policy(
            "b/p",
            "{podSelector: {}, ingress: [
               {from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: a}}}], ports: [{port: 1}]},
               {from: [{namespaceSelector: {matchLabels: {env: prod}}}], ports: [{port: 2}]},
               {from: [{namespaceSelector: {matchExpressions: [{key: env, operator: DoesNotExist}]}}], ports: [{port: 3}]}]}",
        )
        .says(
            "a/web -> b/db 1 allowed
             a/web -> b/db 2 denied
             a/web -> b/db 3 allowed",
        );
}

#[test]
fn ns_02_the_name_label_cannot_be_overridden() {
    Scene::of("ns a kubernetes.io/metadata.name=b\n pod a/web\n pod b/db")
        .policy(
            "b/p",
            "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}]}]}",
        )
        .says("a/web -> b/db 80 denied");
}

#[test]
fn pod_01_pod_03_pending_and_unknown_pods_take_part() {
    let scene = Scene::of(
        "pod a/pending phase:Pending
         pod a/lost phase:Unknown
         pod a/running",
    );
    assert_eq!(
        names(&scene),
        ["a/Pod/lost", "a/Pod/pending", "a/Pod/running"]
    );
}

#[test]
fn pod_02_a_finished_pod_is_gone_and_its_address_belongs_to_another() {
    let scene = Scene::of(
        "pod a/done app=client phase:Succeeded 10.0.0.1
         pod a/failed phase:Failed 10.0.0.1
         pod b/new app=other 10.0.0.1
         pod c/server",
    )
    .policy(
        "c/p",
        "{podSelector: {}, ingress: [
           {from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: client}}}], ports: [{port: 1}]},
           {from: [{ipBlock: {cidr: 10.0.0.1/32}}], ports: [{port: 2}]}]}",
    )
    .says(
        "b/new -> c/server 1 denied
         b/new -> c/server 2 allowed",
    );
    assert_eq!(names(&scene), ["b/Pod/new", "c/Pod/server"]);
}

#[test]
fn wl_01_the_controlling_owner_else_the_only_one_and_never_a_node() {
    let of = |owner: &str| names(&Scene::default().with(&owned_by(owner, "{}")));
    assert_eq!(
        of("{apiVersion: x/v1, kind: Thing, name: t}"),
        ["a/Thing/t"]
    );
    let two = "{apiVersion: x/v1, kind: Thing, name: t}, {apiVersion: x/v1, kind: Other, name: o, controller: true}";
    assert_eq!(of(two), ["a/Other/o"]);
    let neither =
        "{apiVersion: x/v1, kind: Thing, name: t}, {apiVersion: x/v1, kind: Other, name: o}";
    assert_eq!(of(neither), ["a/Pod/web-1"]);
    let node = "{apiVersion: v1, kind: Node, name: n1, controller: true}";
    assert_eq!(of(node), ["a/Pod/web-1"]);
}

#[test]
fn wl_02_a_replica_set_that_is_there_leads_to_its_controller() {
    let scene = Scene::default().with(&owned_by(REPLICA_SET, "{}")).with(
        "apiVersion: apps/v1
kind: ReplicaSet
metadata:
  namespace: a
  name: web-5d9f
  ownerReferences: [{apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: shop, controller: true}]
spec: {template: {}}",
    );
    assert_eq!(names(&scene), ["a/Rollout/shop"]);
}

#[test]
fn wl_02_an_absent_replica_set_is_a_deployment_if_the_hash_says_so() {
    let with = |labels: &str| names(&Scene::default().with(&owned_by(REPLICA_SET, labels)));
    assert_eq!(with("{pod-template-hash: 5d9f}"), ["a/Deployment/web"]);
    assert_eq!(
        with("{pod-template-hash: other}"),
        ["a/ReplicaSet/web-5d9f"]
    );
    assert_eq!(with("{}"), ["a/ReplicaSet/web-5d9f"]);
}

#[test]
fn wl_04_wl_05_pods_stand_for_their_workload_and_a_template_where_there_is_none() {
    let deployment = "deployment a/web app=template";
    let scene = Scene::of(deployment).policy(
        "a/p",
        "{podSelector: {matchLabels: {app: template}}, policyTypes: [Ingress]}",
    );
    scene.clone().says("8.8.8.8 -> a/web 80 denied");
    let owner = "{apiVersion: apps/v1, kind: Deployment, name: web, controller: true}";
    let scene = scene.with(&owned_by(owner, "{app: real}"));
    assert_eq!(names(&scene), ["a/Deployment/web"]);
    scene.says("8.8.8.8 -> a/web 80 allowed");
}

#[test]
fn wl_05_what_is_finished_or_scaled_away_yields_nothing() {
    let kinds = |yaml: &str| names(&Scene::default().with(yaml));
    let old = "apiVersion: apps/v1
kind: ReplicaSet
metadata: {namespace: a, name: old}
spec: {replicas: 0, template: {}}";
    assert_eq!(kinds(old), [""; 0]);
    let done = "apiVersion: batch/v1
kind: Job
metadata: {namespace: a, name: done}
spec: {template: {}}
status: {conditions: [{type: Complete, status: 'True'}]}";
    assert_eq!(kinds(done), [""; 0]);
    let scaled = "apiVersion: apps/v1
kind: Deployment
metadata: {namespace: a, name: web}
spec: {replicas: 0, selector: {}, template: {}}";
    assert_eq!(kinds(scaled), ["a/Deployment/web"]);
}
