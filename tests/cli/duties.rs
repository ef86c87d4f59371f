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
    assert_eq!(left_out, 1);
    assert_eq!(usual["folded"]["subjects"], left_out);
    assert_eq!(all["folded"]["subjects"], 0);
    let told = asked("").stderr;
    let sum = "1 subject of Kubernetes itself left out, 1 of them in conflict (--all)";
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
