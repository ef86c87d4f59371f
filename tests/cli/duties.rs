//! `kreach duties`: who holds which duty where, and who holds too many.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::meaning::on;
use crate::program::{Run, run};

const OBJECTS: &str = "tests/fixtures/rbac/objects.json";

fn asked(line: &str) -> Run {
    let args = ["duties"].into_iter().chain(line.split_whitespace());
    let args: Vec<&str> = args
        .chain(["--from", OBJECTS, "--color", "never"])
        .collect();
    run(&args)
}

#[test]
fn sod_11_the_matrix_shows_duties_and_conflicts() {
    let run = asked("-n shop");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let line = |name: &str| run.stdout.lines().find(|l| l.starts_with(name)).unwrap();
    let words = |name: &str| line(name).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        words("Group app-devs"),
        "Group app-devs shop D D D SOD-C4 critical"
    );
    assert_eq!(
        words("Group system:masters"),
        "Group system:masters (above RBAC) shop D D D break-glass"
    );
    assert!(words("Group platform-security").ends_with("shop . D ."));
    assert!(!run.stdout.contains("Group auditors"), "{}", run.stdout);
    let csv = asked("-n shop -o csv");
    assert!(
        csv.stdout
            .contains("Group app-devs,shop,D,D,D,SOD-C4 critical")
    );
}

#[test]
fn own_05_every_cell_of_the_document_has_its_chain() {
    let run = asked("-n shop -o json");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["schema"], "kreach.duties/v1");
    let rows = document["duties"].as_array().unwrap();
    let row = rows.iter().find(|r| r["name"] == "app-devs").unwrap();
    let because = row["netpol"]["because"][0].as_str().unwrap();
    assert_eq!(
        because,
        "RoleBinding/shop/alice-edit -> ClusterRole/edit via Group app-devs"
    );
    assert_eq!(row["conflict"]["rule"], "SOD-C4");
    let cells = rows
        .iter()
        .flat_map(|r| ["build", "netpol", "access"].map(|d| &r[d]));
    for cell in cells.filter(|cell| !cell.is_null()) {
        assert!(!cell["because"].as_array().unwrap().is_empty(), "{cell}");
    }
}

#[test]
fn sod_07_controllers_are_listed_only_when_asked_for() {
    let listed = |line: &str| {
        asked(line)
            .stdout
            .contains("User system:kube-controller-manager")
    };
    assert!(!listed("") && listed("--all"));
    let conflicts = asked("--conflicts");
    let lines = conflicts.stdout.lines().skip(1);
    let lines = lines.take_while(|line| !line.is_empty());
    assert!(lines.clone().count() > 0 && lines.clone().all(|l| l.contains("SOD-C")));
}

#[test]
fn sod_07_controllers_without_a_line_are_counted() {
    let document = |line: &str| -> Value { serde_json::from_str(&asked(line).stdout).unwrap() };
    let subjects = |document: &Value| -> BTreeSet<(String, String)> {
        let rows = document["duties"].as_array().unwrap().iter();
        rows.map(|row| (row["kind"].to_string(), row["name"].to_string()))
            .collect()
    };
    let (usual, all) = (document("-o json"), document("--all -o json"));
    let left_out = subjects(&all).len() - subjects(&usual).len();
    // The controller manager and its accounts, none of which has another role.
    assert_eq!(left_out, 36);
    assert_eq!(usual["folded"]["subjects"], left_out);
    assert_eq!(all["folded"]["subjects"], 0);
    let told = asked("").stderr;
    let sum = "36 subjects of Kubernetes itself left out, ";
    assert!(told.contains(sum), "{told}");
}

#[test]
fn rb_17_unknown_duties_are_no_conflict_and_end_undecided() {
    let bound = "
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: devs, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: Group, name: devs, apiGroup: rbac.authorization.k8s.io}]
";
    let run = on(bound, "duties -n shop");
    assert_eq!(run.code, Some(3), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("Group devs"), "{}", run.stdout);
    assert!(run.stdout.contains('?') && run.stderr.contains("ClusterRole edit"));
}

/// A rules file with these contents.
fn rules(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

fn waiver(id: &str, name: &str, rule: &str, expires: &str) -> String {
    format!(
        "[[waivers]]\nid = \"{id}\"\nsubject = {{ kind = \"Group\", name = \"{name}\" }}\n\
         rule = \"{rule}\"\nnamespaces = [\"shop\"]\nowner = \"dana\"\nreason = \"r\"\n\
         expires = {expires}\n"
    )
}

/// A day that is neither past nor too far ahead.
fn soon() -> String {
    let now = jiff::Timestamp::now().as_second() + 30 * 24 * 3600;
    let then = jiff::Timestamp::from_second(now).unwrap();
    then.strftime("%Y-%m-%d").to_string()
}

fn asked_with(rules_text: &str, line: &str) -> Run {
    let file = rules(rules_text);
    asked(&format!("{line} --rules {}", file.path().display()))
}

#[test]
fn sod_10_waived_conflicts_stay_visible_and_are_counted_apart() {
    let text = waiver("W-1", "app-devs", "SOD-C4", &soon());
    let run = asked_with(&text, "-n shop --conflicts");
    let line = run.stdout.lines().find(|l| l.contains("app-devs")).unwrap();
    assert!(
        line.contains("SOD-C4 critical (waiver W-1 until "),
        "{line}"
    );
    assert!(run.stderr.contains("1 conflict waived"), "{}", run.stderr);
    let without = asked("-n shop --conflicts");
    let count = |run: &Run| {
        let word = run.stderr.split(" in ").nth(1).unwrap();
        word.split(' ').next().unwrap().parse::<usize>().unwrap()
    };
    assert_eq!(count(&run) + 1, count(&without));
    let json = asked_with(&text, "-n shop -o json");
    let document: Value = serde_json::from_str(&json.stdout).unwrap();
    let rows = document["duties"].as_array().unwrap();
    let row = rows.iter().find(|r| r["name"] == "app-devs").unwrap();
    assert_eq!(row["conflict"]["waiver"]["id"], "W-1");
    assert_eq!(row["conflict"]["waiver"]["holds"], true);
    let csv = asked_with(&text, "-n shop -o csv").stdout;
    assert!(
        csv.contains("D,D,D,SOD-C4 critical,waiver W-1 until "),
        "{csv}"
    );
}

#[test]
fn sod_10_only_conflicts_left_are_waived_ones_and_the_exit_code_is_fine() {
    let manifests = "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: both, namespace: shop}
rules:
- {apiGroups: [''], resources: [pods], verbs: [create]}
- {apiGroups: [networking.k8s.io], resources: [networkpolicies], verbs: [create]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: devs, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: both}
subjects: [{kind: Group, name: devs, apiGroup: rbac.authorization.k8s.io}]
";
    let end = |text: &str| {
        let file = rules(text);
        let line = format!("duties --rules {}", file.path().display());
        let run = on(manifests, &line);
        (run.code, run.stdout)
    };
    assert_eq!(end("").0, Some(1));
    assert_eq!(end(&waiver("W-1", "devs", "SOD-C1", &soon())).0, Some(0));
    let (code, table) = end(&waiver("W-1", "devs", "SOD-C1", "2026-01-01"));
    assert_eq!(code, Some(1));
    let expired = table.lines().find(|l| l.contains("devs")).unwrap();
    assert!(
        expired.contains("SOD-C1 high (waiver W-1 expired "),
        "{expired}"
    );
    assert!(expired.ends_with(" days ago)"), "{expired}");
}

#[test]
fn sod_10_a_waiver_that_matches_nothing_is_a_warning() {
    let text = waiver("W-9", "nobody", "SOD-C1", &soon());
    let run = asked_with(&text, "");
    let wanted = "waiver W-9 (SOD-C1, Group nobody) matches nothing";
    assert!(run.stderr.contains(wanted), "{}", run.stderr);
    // One namespace does not tell.
    let part = asked_with(&text, "-n argocd");
    assert!(!part.stderr.contains("W-9"), "{}", part.stderr);
}

#[test]
fn sod_10_a_waiver_without_an_owner_ends_with_the_place_of_it() {
    let text = waiver("W-1", "app-devs", "SOD-C4", &soon()).replace("owner = \"dana\"\n", "");
    let run = asked_with(&text, "");
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains(".toml:1:1: waiver has no owner"),
        "{}",
        run.stderr
    );
}

const OWNERS: &str = "[owners]\ngroups = [\"platform-security\"]\n\
     cluster_roles = [\"netpol-owner\"]\n";
const LOG: &str = "tests/fixtures/audit/audit-requestresponse.jsonl";

fn document(rules_text: &str, line: &str) -> Value {
    let run = asked_with(rules_text, &format!("{line} -o json"));
    serde_json::from_str(&run.stdout).unwrap()
}

fn findings<'a>(document: &'a Value, what: &str) -> Vec<&'a Value> {
    let all = document["findings"].as_array().unwrap();
    all.iter().filter(|f| f["what"] == what).collect()
}

#[test]
fn sod_c5_whoever_decides_everywhere_is_a_declared_owner_or_a_finding() {
    let document = document(OWNERS, "");
    let names: BTreeSet<&str> = findings(&document, "cluster_wide_netpol")
        .iter()
        .map(|f| f["name"].as_str().unwrap())
        .collect();
    assert!(!names.contains("platform-security"), "{names:?}");
    assert!(!names.contains("system:masters"), "{names:?}");
    // Through the account of a delivery tool that she can become.
    assert!(names.contains("alice"), "{names:?}");
}

#[test]
fn sod_c5_without_declared_owners_nobody_is_accused_and_it_is_said() {
    let run = asked("");
    assert!(!run.stdout.contains("SOD-C5"), "{}", run.stdout);
    let wanted = "SOD-C5 cannot be decided: the rules file declares no owners";
    assert!(run.stderr.contains(wanted), "{}", run.stderr);
}

#[test]
fn sod_08_emergency_access_has_its_own_block_with_its_uses() {
    let line = format!("--audit-log {LOG}");
    let with = document(OWNERS, &line);
    let masters = &with["break_glass"][0];
    assert_eq!(masters["name"], "system:masters");
    assert_eq!(masters["uses"], 5);
    let last = masters["last_use"].as_str().unwrap();
    assert!(last.starts_with("2026-11-23T02:34:58"), "{last}");
    let without = document(OWNERS, "");
    assert!(without["break_glass"][0]["uses"].is_null());
    assert!(asked("").stdout.contains("BREAK-GLASS"));
}

#[test]
fn sod_08_a_break_glass_role_makes_its_holders_break_glass_where_it_is_bound() {
    let rules = format!("{OWNERS}[break_glass]\ncluster_roles = [\"cluster-admin\"]\n");
    let document = document(&rules, "");
    let rows = document["duties"].as_array().unwrap();
    let row = rows.iter().find(|r| r["name"] == "u-cadmns").unwrap();
    assert_eq!(row["break_glass"], true, "{row}");
    assert!(row["conflict"].is_null());
}

#[test]
fn sod_07_people_of_the_log_have_lines_with_their_groups_at_the_time() {
    let document = document(OWNERS, &format!("--audit-log {LOG} -n shop"));
    let rows = document["duties"].as_array().unwrap();
    let alice = rows
        .iter()
        .find(|r| r["name"] == "alice" && !r["seen"].is_null());
    let alice = alice.unwrap();
    let groups = alice["seen"]["groups"].as_array().unwrap();
    assert!(groups.iter().any(|g| g == "app-devs"), "{alice}");
    assert_eq!(alice["conflict"]["rule"], "SOD-C4", "{alice}");
    let because = alice["netpol"]["because"][0].as_str().unwrap();
    assert!(because.ends_with("via Group app-devs"), "{because}");
}

#[test]
fn sod_09_exercised_conflicts_are_those_of_the_log() {
    let document = document(OWNERS, &format!("--audit-log {LOG}"));
    let whose = |what: &str| -> Vec<(&str, &str)> {
        findings(&document, what)
            .iter()
            .map(|f| {
                (
                    f["name"].as_str().unwrap(),
                    f["namespace"].as_str().unwrap(),
                )
            })
            .collect()
    };
    assert_eq!(
        whose("policy_written_by_not_owner"),
        [("alice", "shop"), ("ci-deployer", "shop")]
    );
    assert_eq!(whose("not_owner_acting_as_owner"), [("alice", "shop")]);
    let denied = whose("denied_attempt_by_builder");
    assert_eq!(denied, [("alice", "payments")]);
    let outside = findings(&document, "service_account_outside_a_pod");
    let lines = |f: &Value| f["evidence"].to_string();
    let all: String = outside.iter().map(|f| lines(f)).collect();
    assert!(
        all.contains("shop/np-05-sa") && !all.contains("np-29-bound"),
        "{all}"
    );
    let not_owner = findings(&document, "policy_written_by_not_owner");
    let alice = lines(not_owner[0]);
    // Whole no-ops, labels, refused and dry requests are no writes.
    for none in [
        "np-07-noop",
        "np-08-label",
        "np-09-fail",
        "np-10-dry",
        "np-38-precond",
    ] {
        assert!(!alice.contains(none), "{alice}");
    }
    for one in [
        "np-01-csa",
        "np-06-recreate",
        "np-13-dc",
        "np-35-revert",
        "np-39-dryodd",
    ] {
        assert!(alice.contains(one), "{one}: {alice}");
    }
}

#[test]
fn sod_c7_one_person_changed_the_policy_and_last_the_workload() {
    let log = "--audit-log tests/fixtures/audit/works.jsonl";
    let with = document(OWNERS, log);
    let both = findings(&with, "policy_and_workload_by_one_person");
    assert_eq!(both.len(), 1, "{both:#?}");
    assert_eq!(both[0]["name"], "bob");
    assert_eq!(both[0]["conflict"]["rule"], "SOD-C7");
    assert_eq!(
        both[0]["evidence"][0],
        "2026-11-20T10:00:00Z patch shop/web: last write of deployments shop/web at \
         2026-11-20T11:00:00Z"
    );
    let short = document(&format!("{OWNERS}[duties]\nlook_back_days = 0\n"), log);
    assert!(findings(&short, "policy_and_workload_by_one_person").is_empty());
    let without = asked_with(OWNERS, "");
    let wanted = "SOD-09 and SOD-C7 cannot be decided without --audit-log";
    assert!(without.stderr.contains(wanted), "{}", without.stderr);
}

#[test]
fn sod_09_an_owner_by_a_role_of_the_same_day_is_told() {
    let manifests = |created: &str| {
        format!(
            "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: netpol-owner}}
rules: [{{apiGroups: [networking.k8s.io], resources: [networkpolicies], verbs: ['*']}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: own, namespace: shop, creationTimestamp: '{created}'}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: netpol-owner}}
subjects: [{{kind: User, name: bob, apiGroup: rbac.authorization.k8s.io}}]
"
        )
    };
    let file = rules("[owners]\ncluster_roles = [\"netpol-owner\"]\n");
    let log = "--audit-log tests/fixtures/audit/works.jsonl";
    let told_with = |created: &str, more: &str| {
        let line = format!(
            "duties {log}{more} -o json --rules {}",
            file.path().display()
        );
        let run = on(&manifests(created), &line);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let found = findings(&document, "owner_role_granted_within_a_day");
        found
            .first()
            .map(|f| f["evidence"][0].as_str().unwrap().to_owned())
    };
    let told = |created: &str| told_with(created, "");
    let young = told("2026-11-20T07:00:00Z").unwrap();
    for (giver, words) in [("bob", "given by itself"), ("eve", "given by eve")] {
        let event = serde_json::json!({
            "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata",
            "auditID": "b", "stage": "ResponseComplete", "verb": "create",
            "requestURI": "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings",
            "user": {"username": giver, "groups": ["system:authenticated"]},
            "objectRef": {"resource": "rolebindings", "namespace": "shop", "name": "own",
                "apiGroup": "rbac.authorization.k8s.io", "apiVersion": "v1"},
            "responseStatus": {"code": 201},
            "requestReceivedTimestamp": "2026-11-20T07:00:00.000000Z",
            "stageTimestamp": "2026-11-20T07:00:00.100000Z",
        });
        let granted = rules(&format!("{event}\n"));
        let more = format!(" --audit-log {}", granted.path().display());
        let told = told_with("2026-11-20T07:00:00Z", &more).unwrap();
        assert!(told.ends_with(&format!("3 h old, {words}")), "{told}");
    }
    assert!(
        young.ends_with("through RoleBinding/shop/own -> ClusterRole/netpol-owner, 3 h old"),
        "{young}"
    );
    assert_eq!(told("2026-11-19T07:00:00Z"), None);
    assert_eq!(told("2026-11-21T07:00:00Z"), None);
}

/// A Role in a namespace with these rules, bound to the group `devs`; a ClusterRole bound
/// everywhere if there is no namespace.
fn bound(name: &str, namespace: &str, rules: &str) -> String {
    let (role, binding, place) = match namespace {
        "" => ("ClusterRole", "ClusterRoleBinding", String::new()),
        ns => ("Role", "RoleBinding", format!(", namespace: {ns}")),
    };
    let api = "apiVersion: rbac.authorization.k8s.io/v1";
    format!(
        "---\n{api}\nkind: {role}\nmetadata: {{name: {name}{place}}}\nrules:\n{rules}\n---\n{api}\n\
         kind: {binding}\nmetadata: {{name: {name}{place}}}\nroleRef: {{apiGroup: \
         rbac.authorization.k8s.io, kind: {role}, name: {name}}}\nsubjects: [{{kind: Group, name: \
         devs, apiGroup: rbac.authorization.k8s.io}}]\n"
    )
}

/// The lines of group `devs`: namespace and the three symbols.
fn lines_of_devs(manifests: &str, rules_text: &str) -> Vec<String> {
    let file = rules(rules_text);
    let line = format!("duties -o csv --rules {}", file.path().display());
    let csv = on(manifests, &line).stdout;
    let own = csv.lines().filter_map(|l| l.strip_prefix("Group devs,"));
    let short = |l: &str| l.split(',').take(4).collect::<Vec<_>>().join(" ");
    own.map(short).collect()
}

#[test]
fn sod_02_the_rules_file_adds_workloads_and_kinds_of_policies() {
    let manifests = bound(
        "roll",
        "shop",
        "- {apiGroups: [argoproj.io], resources: [rollouts], verbs: [create]}\n\
         - {apiGroups: [acme.io], resources: [firewallrules], verbs: [delete]}",
    );
    assert_eq!(lines_of_devs(&manifests, ""), [""; 0]);
    let added = "[[duties.permissions]]\nduty = \"build\"\ntakes = \"workloads\"\n\
                 groups = [\"argoproj.io\"]\nresources = [\"rollouts\"]\n\
                 [[duties.permissions]]\nduty = \"netpol\"\ngroups = [\"acme.io\"]\n\
                 resources = [\"firewallrules\"]\n";
    assert_eq!(lines_of_devs(&manifests, added), ["shop D D ."]);
    let wrong = added.replace("resources = [\"rollouts\"]", "resources = []");
    let run = asked_with(&wrong, "");
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains(".toml:1:1: resources is empty"),
        "{}",
        run.stderr
    );
}

#[test]
fn sod_04_writing_the_identity_map_of_aws_is_access() {
    let maps = "- {apiGroups: [''], resources: [configmaps], verbs: [update]}";
    let named = "- {apiGroups: [''], resources: [configmaps], verbs: [patch], resourceNames: \
                 [aws-auth]}";
    let other = named.replace("aws-auth", "settings");
    let lines = |namespace: &str, rules: &str| lines_of_devs(&bound("m", namespace, rules), "");
    assert_eq!(lines("kube-system", maps), ["kube-system . . D"]);
    assert_eq!(lines("kube-system", named), ["kube-system . . D"]);
    assert_eq!(lines("", maps), ["(cluster) . . D"]);
    for nothing in [lines("shop", maps), lines("kube-system", &other)] {
        assert_eq!(nothing, [""; 0]);
    }
}

#[test]
fn sod_11_the_smallest_fix_is_suggested_and_who_would_remain_is_counted() {
    let build = bound(
        "build",
        "shop",
        "- {apiGroups: [apps], resources: [deployments], verbs: [create]}",
    );
    let policies = bound(
        "policies",
        "shop",
        "- {apiGroups: [networking.k8s.io], resources: [networkpolicies], verbs: [create]}",
    );
    let run = on(&format!("{build}{policies}"), "duties -o json");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let rows = document["duties"].as_array().unwrap();
    let devs = rows.iter().find(|r| r["name"] == "devs").unwrap();
    assert_eq!(
        devs["fix"].as_array().unwrap(),
        &["take NETPOL out of RoleBinding/shop/policies -> Role/shop/policies via Group devs"]
    );
    assert_eq!(document["after_fix"], 0);
    let wanted = "0 subjects would remain in conflict after the suggested fix";
    assert!(run.stderr.contains(wanted), "{}", run.stderr);
}

#[test]
fn sod_11_a_fix_is_tried_and_not_believed() {
    let run = asked("-o json");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let rows = document["duties"].as_array().unwrap();
    let row = rows
        .iter()
        .find(|r| r["name"] == "app-devs" && r["namespace"] == "shop");
    let fix = row.unwrap()["fix"].as_array().unwrap();
    let wanted = "take NETPOL out of RoleBinding/shop/alice-edit -> ClusterRole/edit via Group \
                  app-devs";
    assert!(fix.iter().any(|line| line == wanted), "{fix:?}");
}

#[test]
fn sod_11_turned_round_it_says_per_namespace_who_holds_all_three() {
    let run = asked_with(OWNERS, "--by namespace");
    let line = |name: &str| {
        let line = run.stdout.lines().find(|l| l.starts_with(name)).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    // Emergency access does not count, whoever holds it in the whole cluster does.
    assert_eq!(line("(cluster)"), "(cluster) 2 8 2 0 User u-corestar");
    let shop = line("shop");
    let wanted = "Group app-devs, ServiceAccount shop/ci-deployer, User u-corestar";
    assert!(shop.ends_with(wanted), "{shop}");
    let csv = asked_with(OWNERS, "--by namespace -o csv").stdout;
    assert!(
        csv.starts_with("namespace,build,netpol,access,unknown,all three\n"),
        "{csv}"
    );
    let md = asked_with(OWNERS, "--by namespace -o md").stdout;
    assert!(md.contains("| `shop` |"), "{md}");
    let document = document(OWNERS, "");
    let shop = document["namespaces"].as_array().unwrap().iter();
    let shop = shop.clone().find(|n| n["namespace"] == "shop").unwrap();
    let all = shop["all_three"].as_array().unwrap();
    assert!(all.iter().any(|name| name == "Group app-devs"), "{shop}");
}

#[test]
fn sod_11_markdown_has_every_part_of_the_model() {
    let md = asked_with(OWNERS, &format!("--audit-log {LOG} -o md")).stdout;
    for part in [
        "| subject | namespace | BUILD | NETPOL | ACCESS | conflict | fix |",
        "| `Group app-devs` | `shop` | D | D | D | SOD-C4 critical | ",
        " findings",
        "wrote policies without being an owner",
        "Break-glass",
        "around the policies",
    ] {
        assert!(md.contains(part), "{part}\n{md}");
    }
}

/// Bindings whose names and subjects are as hostile as bytes can be.
fn hostile() -> String {
    let bad = "=x()|<b>`\\u001b]0;own\\u0007\\u009b2J\\u202e\\nfake\\u2028";
    let api = "rbac.authorization.k8s.io";
    let rules = format!(
        r#"[{{"apiGroups":["","{api}","networking.k8s.io"],"resources":["*"],"verbs":["*"]}}]"#
    );
    let role = format!(
        r#"{{"apiVersion":"{api}/v1","kind":"ClusterRole","metadata":{{"name":"{bad}"}},"rules":{rules}}}"#
    );
    let subject = |kind: &str| {
        let group = if kind == "ServiceAccount" { "" } else { api };
        format!(r#"{{"kind":"{kind}","name":"{bad}","namespace":"","apiGroup":"{group}"}}"#)
    };
    let binding = |place: &str, name: &str, role: &str| {
        let kind = if place.is_empty() {
            "ClusterRoleBinding"
        } else {
            "RoleBinding"
        };
        format!(
            r#"{{"apiVersion":"{api}/v1","kind":"{kind}","metadata":{{"name":"{name}{bad}"{place}}},"roleRef":{{"apiGroup":"{api}","kind":"ClusterRole","name":"{role}"}},"subjects":[{},{}]}}"#,
            subject("User"),
            subject("Group"),
        )
    };
    let items = [
        role,
        binding("", "a", bad),
        binding(r#","namespace":"shop""#, "b", bad),
        binding("", "c", &format!("missing{bad}")),
    ];
    format!(
        r#"{{"apiVersion":"v1","kind":"List","items":[{}]}}"#,
        items.join(",")
    )
}

#[test]
fn host_01_hostile_names_never_reach_any_format_raw() {
    let toml = "[owners]\nusers = [\"dana\"]\n[[waivers]]\nid = \"W\\u001b[2J\\u202e\"\n\
                subject = { kind = \"User\", name = \"=\\u009b\" }\nrule = \"SOD-C1\"\n\
                namespaces = [\"*\"]\nowner = \"\\u001b\"\nreason = \"r\"\nexpires = 2026-01-01\n";
    let file = rules(toml);
    let logs = "--audit-log tests/fixtures/audit/audit-truncated-hostile.jsonl --audit-log \
                tests/fixtures/audit/audit-metadata.jsonl --audit-log \
                tests/fixtures/audit/audit-requestresponse.jsonl";
    for view in ["", "--by namespace", "--all", "--conflicts"] {
        for format in ["table", "csv", "md", "json"] {
            let rules = file.path().display();
            let line = format!("duties {view} -o {format} {logs} --rules {rules}");
            let run = on(&hostile(), &line);
            assert_eq!(run.code, Some(1), "{}", run.stderr);
            for text in [&run.stdout, &run.stderr] {
                let dangerous =
                    |c: char| c != '\n' && (c.is_control() || kreach::model::text::is_dangerous(c));
                let found = text.chars().find(|c| dangerous(*c));
                assert_eq!(found, None, "{view} {format}");
            }
            if matches!(format, "table" | "csv") {
                assert!(run.stdout.contains("u{202e}"), "{view} {format}");
            }
            if format == "csv" {
                let starts = ["=", "+", "-", "@", ",=", ",\"=", "\"="];
                let formula = |line: &str| starts.iter().any(|s| line.starts_with(s));
                assert!(!run.stdout.lines().any(formula), "{}", run.stdout);
                assert!(!run.stdout.contains(",=") && !run.stdout.contains(",\"="));
            }
            if format == "md" {
                assert!(!run.stdout.contains("<b>"), "{}", run.stdout);
            }
        }
    }
}
