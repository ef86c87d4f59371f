//! `kreach duties`: ways around the policies, and the edges that they would open (BYP-01 to BYP-14).

use std::sync::Arc;

use kreach::analysis::bypass::{Effect, Effects, Place};
use kreach::analysis::{Analysis, Input};
use kreach::history::Ledger;
use kreach::model::{Direction, Inventory, Key, MemberIdx, World};
use kreach::rbac::duty::Bypass;
use kreach::rbac::{Aggregation, Rules};
use kreach::reach::{Options, Reach};
use serde_json::Value;

use crate::meaning::on;

/// Two namespaces; the database lets in what `from` says, on one port, and `shop` is closed by
/// `shop`.
fn cluster(from: &str, shop: &str) -> String {
    format!(
        "
apiVersion: v1
kind: Namespace
metadata: {{name: shop}}
---
apiVersion: v1
kind: Namespace
metadata: {{name: data}}
---
apiVersion: v1
kind: Pod
metadata: {{name: web, namespace: shop, labels: {{app: web}}}}
spec: {{containers: [{{name: c, image: i}}]}}
---
apiVersion: v1
kind: Pod
metadata: {{name: db, namespace: data, labels: {{app: db}}}}
spec: {{containers: [{{name: c, image: i}}]}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: db, namespace: data}}
spec:
  podSelector: {{matchLabels: {{app: db}}}}
  policyTypes: [Ingress]
  ingress:
  - from: [{from}]
    ports: [{{port: 5432}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: shop, namespace: shop}}
spec: {shop}
"
    )
}

const CLOSED: &str = "{podSelector: {}, policyTypes: [Ingress]}";
const IN_SHOP: &str = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}";

/// A role with one rule, bound to a group of the same name; in no namespace everywhere.
fn group(name: &str, namespace: &str, (group, resource, verb): (&str, &str, &str)) -> String {
    let (role, place) = match namespace {
        "" => ("ClusterRole", String::new()),
        ns => ("Role", format!(", namespace: {ns}")),
    };
    let api = "apiVersion: rbac.authorization.k8s.io/v1";
    format!(
        "---\n{api}\nkind: {role}\nmetadata: {{name: {name}{place}}}\nrules: [{{apiGroups: \
         ['{group}'], resources: [{resource}], verbs: [{verb}]}}]\n---\n{api}\nkind: \
         {role}Binding\nmetadata: {{name: {name}{place}}}\nroleRef: {{apiGroup: \
         rbac.authorization.k8s.io, kind: {role}, name: {name}}}\nsubjects: [{{kind: Group, name: \
         {name}, apiGroup: rbac.authorization.k8s.io}}]\n"
    )
}

fn document(manifests: &str) -> Value {
    let run = on(manifests, "duties -o json");
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr))
}

/// Effect and text of one way of the group `devs`.
fn way(manifests: &str, bypass: &str) -> (String, String) {
    let document = document(manifests);
    let ways = document["bypasses"].as_array().unwrap();
    let one = ways
        .iter()
        .find(|w| w["name"] == "devs" && w["bypass"] == bypass);
    let one = one.unwrap_or_else(|| panic!("{ways:#?}"));
    let text = |key: &str| one[key].as_str().unwrap().to_owned();
    (text("effect"), text("text"))
}

fn opens(text: &str) -> (String, String) {
    ("opens".to_owned(), text.to_owned())
}

#[test]
fn byp_01_a_label_that_a_peer_selector_admits_opens_the_edge() {
    let from = format!("{{{IN_SHOP}, podSelector: {{matchLabels: {{app: api}}}}}}");
    let devs = group("devs", "shop", ("", "pods", "patch"));
    let edge = opens("shop/web -> data/db on 5432/tcp, with app=api");
    assert_eq!(way(&(cluster(&from, CLOSED) + &devs), "BYP-01"), edge);
    // The template of a workload does the same at the next roll-out.
    let rollout = group("devs", "shop", ("apps", "deployments", "patch"));
    assert_eq!(way(&(cluster(&from, CLOSED) + &rollout), "BYP-02"), edge);
}

#[test]
fn byp_01_a_policy_that_selects_everything_cannot_be_escaped() {
    let nobody = "{podSelector: {matchLabels: {app: none}}}";
    let devs = group("devs", "shop", ("", "pods", "patch"));
    let closed = way(&(cluster(nobody, CLOSED) + &devs), "BYP-01");
    assert_eq!(closed.0, "not_found", "{}", closed.1);
    let by_label = "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}";
    let escaped = way(&(cluster(nobody, by_label) + &devs), "BYP-01");
    let edge = "any pod -> shop/web on any port, without app";
    assert_eq!(escaped, opens(edge));
}

#[test]
fn byp_03_a_namespace_label_opens_the_edge_through_a_role_binding_there() {
    let from = "{namespaceSelector: {matchLabels: {access: db}}}";
    let devs = group("devs", "shop", ("", "namespaces", "patch"));
    let edge = "shop/web -> data/db on 5432/tcp, the namespace with access=db";
    assert_eq!(way(&(cluster(from, CLOSED) + &devs), "BYP-03"), opens(edge));
    // The label that the server sets is nobody's to change.
    let other = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}}}";
    let fixed = way(&(cluster(other, CLOSED) + &devs), "BYP-03");
    assert_eq!(fixed.0, "not_found", "{}", fixed.1);
}

#[test]
fn byp_04_whoever_enters_a_pod_has_what_it_reaches_and_not_everybody_does() {
    let admitted = format!("{{{IN_SHOP}, podSelector: {{matchLabels: {{app: web}}}}}}");
    let devs = group("devs", "shop", ("", "pods/exec", "create"));
    let edge = "shop/web -> data/db on 5432/tcp, from inside the pod";
    assert_eq!(
        way(&(cluster(&admitted, CLOSED) + &devs), "BYP-04"),
        opens(edge)
    );
    let everybody = "{namespaceSelector: {}}";
    let nothing = way(&(cluster(everybody, CLOSED) + &devs), "BYP-04");
    assert_eq!(nothing.0, "not_found", "{}", nothing.1);
}

#[test]
fn byp_07_a_new_pod_with_the_right_labels_is_let_in() {
    let from = format!("{{{IN_SHOP}, podSelector: {{matchLabels: {{app: api}}}}}}");
    let devs = group("devs", "shop", ("", "pods", "create"));
    let edge = "a new pod in shop -> data/db on 5432/tcp, with app=api";
    let manifests = cluster(&from, CLOSED) + &devs;
    assert_eq!(way(&manifests, "BYP-07"), opens(edge));
    // Where every pod is let in, a new one opens nothing.
    let any = cluster(&format!("{{{IN_SHOP}}}"), CLOSED) + &devs;
    assert_eq!(way(&any, "BYP-07").0, "not_found");
    // Egress of the namespace counts.
    let shut = "{podSelector: {}, policyTypes: [Ingress, Egress]}";
    assert_eq!(
        way(&(cluster(&from, shut) + &devs), "BYP-07").0,
        "not_found"
    );
}

#[test]
fn byp_12_a_new_namespace_with_the_right_labels_is_let_in() {
    let from = "{namespaceSelector: {matchLabels: {access: db}}}";
    let devs = group("devs", "", ("", "namespaces", "create"));
    let edge = "a pod in a new namespace -> data/db on 5432/tcp, the namespace with access=db";
    assert_eq!(way(&(cluster(from, CLOSED) + &devs), "BYP-12"), opens(edge));
    let here = cluster(&format!("{{{IN_SHOP}}}"), CLOSED) + &devs;
    assert_eq!(way(&here, "BYP-12").0, "not_found");
}

#[test]
fn byp_10_what_no_network_policy_refers_to_is_latent_and_says_so() {
    let devs = group(
        "devs",
        "shop",
        ("projectcalico.org", "networksets", "create"),
    );
    let told = way(&(cluster("{podSelector: {}}", CLOSED) + &devs), "BYP-10");
    assert_eq!(told, ("latent".to_owned(), "not computed".to_owned()));
}

#[test]
fn byp_05_whether_policies_see_a_proxy_is_unknown_where_they_close_anything() {
    let devs = group("devs", "shop", ("", "pods/proxy", "create"));
    let closed = way(&(cluster("{podSelector: {}}", CLOSED) + &devs), "BYP-05");
    assert_eq!(closed.0, "unknown", "{}", closed.1);
    let open = "{podSelector: {matchLabels: {app: none}}}";
    let open = way(&(cluster("{podSelector: {}}", open) + &devs), "BYP-05");
    assert_eq!(open.0, "not_found", "{}", open.1);
}

/// The same cluster with the database on a node.
fn on_a_node(manifests: &str) -> String {
    let pod = "labels: {app: db}}\nspec: {";
    assert!(manifests.contains(pod));
    let node = "---\napiVersion: v1\nkind: Node\nmetadata: {name: n2}\nstatus: {addresses: \
                [{type: InternalIP, address: 10.9.0.2}]}\n";
    manifests.replace(pod, &format!("{pod}nodeName: n1, ")) + node
}

#[test]
fn byp_06_a_pod_on_the_host_network_of_its_node_reaches_a_guarded_one() {
    let devs = group("devs", "shop", ("", "pods", "create"));
    let manifests = cluster("{podSelector: {}}", CLOSED) + &devs;
    let edge = "a new pod in shop -> data/db on any port, on the host network of node n1";
    assert_eq!(way(&on_a_node(&manifests), "BYP-06"), opens(edge));
    // Where it runs decides, and a manifest does not tell.
    assert_eq!(way(&manifests, "BYP-06").0, "unknown");
    let enforced = "{name: shop, labels: {pod-security.kubernetes.io/enforce: baseline}}";
    let forbidden = on_a_node(&manifests).replacen("{name: shop}", enforced, 1);
    assert_eq!(way(&forbidden, "BYP-06").0, "not_found");
}

#[test]
fn byp_09_a_load_balancer_opens_a_pod_that_admits_the_internet() {
    let devs = group("devs", "shop", ("", "services", "create"));
    let open = "{podSelector: {matchLabels: {app: none}}}";
    let edge = "the internet -> shop/web on any port, through a load balancer";
    let published = way(&(cluster("{podSelector: {}}", open) + &devs), "BYP-09");
    assert_eq!(published, opens(edge));
    let closed = way(&(cluster("{podSelector: {}}", CLOSED) + &devs), "BYP-09");
    assert_eq!(closed.0, "not_found", "{}", closed.1);
}

#[test]
fn byp_11_and_14_without_a_policy_everybody_comes_in() {
    let delete = group("devs", "shop", ("", "namespaces", "delete"));
    let manifests = cluster("{podSelector: {}}", CLOSED);
    let edge = "any pod -> shop/web on any port, while the namespace is deleted";
    assert_eq!(way(&(manifests.clone() + &delete), "BYP-11"), opens(edge));
    let api = "networking.k8s.io";
    let collect = group("devs", "data", (api, "networkpolicies", "patch"));
    let edge = "any pod -> data/db on any port, without data/db";
    assert_eq!(way(&(manifests.clone() + &collect), "BYP-14"), opens(edge));
    // One of two that say the same may go.
    let twin = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: \
                twin, namespace: shop}\nspec: {podSelector: {}, policyTypes: [Ingress]}\n";
    let kept = group("devs", "shop", (api, "networkpolicies", "patch"));
    let kept = way(&(manifests + twin + &kept), "BYP-14");
    assert_eq!(kept.0, "not_found", "{}", kept.1);
}

#[test]
fn byp_13_a_node_whose_address_a_rule_covers_reaches_the_pod() {
    let devs = group("devs", "", ("", "nodes", "patch"));
    let covered = cluster("{ipBlock: {cidr: 10.9.0.0/16}}", CLOSED) + &devs;
    let edge = "node n2 -> data/db on 5432/tcp, a rule covers its address";
    assert_eq!(way(&on_a_node(&covered), "BYP-13"), opens(edge));
    assert_eq!(way(&covered, "BYP-13").0, "unknown");
    let other = cluster("{ipBlock: {cidr: 10.8.0.0/16}}", CLOSED) + &devs;
    assert_eq!(way(&on_a_node(&other), "BYP-13").0, "not_found");
}

#[test]
fn byp_08_a_pod_may_run_as_an_account_that_writes_policies() {
    let devs = group("devs", "shop", ("", "pods", "create"));
    let manifests = cluster("{podSelector: {}}", CLOSED) + &devs;
    assert_eq!(way(&manifests, "BYP-08").0, "not_found");
    let writes = ("networking.k8s.io", "networkpolicies", "patch");
    let account = group("system:serviceaccounts:shop", "data", writes);
    let mounted = way(&(manifests + &account), "BYP-08");
    assert_eq!(mounted.0, "opens", "{}", mounted.1);
    assert!(mounted.1.starts_with("any pod -> data/db on any port, as "));
}

#[test]
fn byp_where_there_was_more_to_try_nothing_found_is_unknown() {
    let pods = |count: usize| -> String {
        let pod = |at| {
            format!(
                "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{at}, namespace: shop, labels: \
                 {{app: p{at}}}}}\nspec: {{containers: [{{name: c, image: i}}]}}\n"
            )
        };
        (0..count).map(pod).collect()
    };
    let nobody = "{podSelector: {matchLabels: {app: none}}}";
    let devs = group("devs", "shop", ("", "pods", "patch"));
    let manifests = |count| cluster(nobody, CLOSED) + &pods(count) + &devs;
    assert_eq!(way(&manifests(1), "BYP-01").0, "not_found");
    let more = way(&manifests(6), "BYP-01");
    let told = "nothing found, but not everything was tried";
    assert_eq!(more, ("unknown".to_owned(), told.to_owned()));
}

#[test]
fn byp_the_table_lists_what_opens_and_counts_the_rest() {
    let from = format!("{{{IN_SHOP}, podSelector: {{matchLabels: {{app: api}}}}}}");
    let devs = group("devs", "shop", ("", "pods", "create"));
    let run = on(&(cluster(&from, CLOSED) + &devs), "duties");
    let line = run.stdout.lines().find(|line| line.starts_with("BYP-07"));
    let line = line.unwrap_or_else(|| panic!("{}", run.stdout));
    assert!(line.contains("a new pod in shop -> data/db on 5432/tcp"));
    assert!(
        run.stdout
            .contains("1 way around the policies of unknown effect")
    );
}

#[test]
fn sod_c6_building_and_a_way_around_is_a_finding_and_worse_across_namespaces() {
    let from = format!("{{{IN_SHOP}, podSelector: {{matchLabels: {{app: api}}}}}}");
    let devs = group("devs", "shop", ("", "pods", "create"));
    let across = document(&(cluster(&from, CLOSED) + &devs));
    let finding = |document: &Value| {
        let all = document["findings"].as_array().unwrap();
        let own = all
            .iter()
            .find(|f| f["what"] == "builder_can_bypass_policies");
        own.cloned()
    };
    let found = finding(&across).unwrap();
    assert_eq!(found["conflict"]["rule"], "SOD-C6");
    assert_eq!(found["conflict"]["severity"], "high");
    assert_eq!(found["namespace"], "shop");
    let evidence = |at: usize| found["evidence"][at].as_str().unwrap();
    assert!(evidence(0).starts_with("BYP-07: a new pod in shop -> "));
    assert_eq!(
        evidence(1),
        "BYP-07 by RoleBinding/shop/devs -> Role/shop/devs via Group devs"
    );
    // Within one namespace it is medium.
    let inside = "{podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress], ingress: \
                  [{from: [{podSelector: {matchLabels: {app: front}}}]}]}";
    let api = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: api, namespace: shop, labels: \
               {app: api}}\nspec: {containers: [{name: c, image: i}]}\n";
    let nobody = "{podSelector: {matchLabels: {app: none}}}";
    let within = finding(&document(&(cluster(nobody, inside) + api + &devs))).unwrap();
    assert_eq!(within["conflict"]["severity"], "medium", "{within:#}");
    // Whoever does not build has the way, and no conflict.
    let relabel = group("devs", "shop", ("", "namespaces", "patch"));
    let by_label = "{namespaceSelector: {matchLabels: {access: db}}}";
    assert_eq!(
        finding(&document(&(cluster(by_label, CLOSED) + &relabel))),
        None
    );
}

/// The pod of the demo with its labels changed as `how` says.
fn relabelled(world: &World, pod: &Key, how: &str) -> World {
    let mut world = world.clone();
    let mut changed = world.pods[pod].as_ref().clone();
    for part in how.split(", ") {
        if let Some(list) = part.strip_prefix("with ") {
            for (key, value) in list.split(' ').filter_map(|pair| pair.split_once('=')) {
                changed.labels = changed.labels.with(key, value);
            }
        }
        if let Some(list) = part.strip_prefix("without ") {
            let gone: Vec<&str> = list.split(' ').collect();
            let kept = changed.labels.iter();
            let kept = kept.filter(|(key, _)| !gone.contains(&key.as_str()));
            changed.labels = kept.map(|(k, v)| (k.clone(), v.clone())).collect();
        }
    }
    changed.owner = None;
    world.pods.insert(pod.clone(), Arc::new(changed));
    world
}

#[test]
fn byp_01_every_edge_of_the_demo_opens_when_the_labels_really_change() {
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    let mut world = World::default();
    for change in kreach::source::demo::load(now).unwrap().changes {
        world.apply(change);
    }
    let analysis = Analysis::of(&Input {
        world: &world,
        ledger: &Ledger::default(),
        rules: &Arc::new(Rules::none()),
        options: Options::default(),
        aggregation: Aggregation::Stored,
        now,
    });
    let names = analysis.inventory().namespaces().keys().cloned().collect();
    let effects = Effects::of(&analysis, &names);
    let mut checked = 0;
    for name in &names {
        let Effect::Opens(edge) = effects.effect(name, Bypass::RelabelPod) else {
            continue;
        };
        let pod = match (&edge.source, &edge.destination) {
            (Place::Pod(pod), Place::Pod(_) | Place::Internet)
            | (Place::AnyPod, Place::Pod(pod)) => pod,
            other => panic!("{other:?}"),
        };
        if !world.pods.contains_key(pod) {
            // A template, which has no pod to change.
            continue;
        }
        let changed = relabelled(&world, pod, &edge.how);
        let inventory = Arc::new(Inventory::of(&changed));
        let reach = Reach::build(&changed, inventory.clone(), Options::default());
        let at = |key: &Key| inventory.find_pod(key).unwrap();
        let answers =
            |reach: &Reach, at: &dyn Fn(&Key) -> MemberIdx| match (&edge.source, &edge.destination)
            {
                (Place::Pod(from), Place::Pod(to)) => reach.pair(at(from), at(to)),
                (Place::AnyPod, Place::Pod(to)) => reach.arbitrary_pod(at(to)),
                (Place::Pod(from), _) => {
                    reach.address(at(from), Direction::Egress, "1.1.1.1".parse().unwrap())
                }
                other => panic!("{other:?}"),
            };
        let after = answers(&reach, &at);
        assert!(edge.ports.difference(&after.allowed).is_none(), "{edge}");
        let before = answers(&analysis.reach, &|key| {
            analysis.inventory().find_pod(key).unwrap()
        });
        assert!(!edge.ports.meets(&before.allowed), "{edge}");
        checked += 1;
    }
    assert!(checked >= 3, "{checked}");
}
