//! `diff` and `snapshot`: two states side by side, one state for later.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use insta::assert_snapshot;
use kreach::model::{Change, Kind, Readiness, Scope, World};
use kreach::source::files;
use kreach::source::snapshot::{self, About, Origin};
use serde_json::{Value, json};

use crate::program::{Run, command, demo, run};

/// Pods `web`, `api` and `db`; whom `db` admits on which port is left open.
const SHOP: &str = "
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {containers: [{name: c}]}, status: {podIP: 10.0.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: api, namespace: shop, labels: {app: api}}, spec: {containers: [{name: c}]}, status: {podIP: 10.0.0.2}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: data, labels: {app: db}}, spec: {containers: [{name: c}]}, status: {podIP: 10.0.0.3}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: closed, namespace: shop}, spec: {podSelector: {}, policyTypes: [Ingress]}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: db, namespace: data}, spec: {podSelector: {}, policyTypes: [Ingress, Egress], ingress: [RULES]}}
";

fn shop(rules: &[(&str, u16)]) -> String {
    let rule = |(app, port): &(&str, u16)| {
        format!(
            "{{from: [{{namespaceSelector: {{}}, podSelector: {{matchLabels: {{app: {app}}}}}}}], \
             ports: [{{port: {port}}}]}}"
        )
    };
    let rules: Vec<String> = rules.iter().map(rule).collect();
    SHOP.replace("RULES", &rules.join(", "))
}

/// Two files: `db` lets in `web`, then `api`, and `web` on one port more.
struct Two {
    _dir: tempfile::TempDir,
    before: String,
    after: String,
}

fn two() -> Two {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (before, after) = (path("before.yaml"), path("after.yaml"));
    fs::write(&before, shop(&[("web", 5432), ("old", 1)])).unwrap();
    fs::write(&after, shop(&[("web", 5432), ("web", 5433), ("api", 5432)])).unwrap();
    Two {
        _dir: dir,
        before,
        after,
    }
}

/// Runs a line with BEFORE and AFTER filled in.
fn with(two: &Two, line: &str) -> Run {
    let fill = |word| match word {
        "BEFORE" => two.before.as_str(),
        "AFTER" => two.after.as_str(),
        word => word,
    };
    let args: Vec<&str> = line.split_whitespace().map(fill).collect();
    run(&args)
}

#[test]
fn diff_tells_what_opened_closed_and_changed_in_every_format() {
    let two = two();
    for format in ["table", "json", "csv", "md"] {
        let run = with(&two, &format!("diff BEFORE AFTER -o {format}"));
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert_eq!(run.stderr, "note: 1 connection added, 1 changed\n");
        assert_snapshot!(format!("diff-{format}"), run.stdout);
    }
    let run = with(&two, "diff AFTER BEFORE -q");
    assert!(run.stdout.contains("removed"), "{}", run.stdout);
}

#[test]
fn diff_ends_with_1_only_where_that_was_asked_for() {
    let two = two();
    assert_eq!(
        with(&two, "diff BEFORE AFTER --fail-on opened").code,
        Some(1)
    );
    assert_eq!(with(&two, "diff BEFORE AFTER --fail-on any").code, Some(1));
    assert_eq!(with(&two, "diff BEFORE BEFORE --fail-on any").code, Some(0));
    let dir = tempfile::tempdir().unwrap();
    let closed = dir.path().join("closed.yaml");
    fs::write(&closed, shop(&[])).unwrap();
    let closed = closed.to_str().unwrap();
    let less = |what| run(&["diff", &two.before, closed, "--fail-on", what]).code;
    assert_eq!(less("opened"), Some(0), "it only closes");
    assert_eq!(less("any"), Some(1));
}

#[test]
fn diff_takes_the_target_from_the_options() {
    let two = two();
    let named = with(&two, "diff BEFORE AFTER -o json");
    let from = with(&two, "diff BEFORE --from AFTER -o json");
    assert_eq!(named.stdout, from.stdout);
    let same = demo("diff demo --fail-on any");
    assert_eq!(same.code, Some(0), "{}", same.stderr);
    assert!(same.stderr.contains("note: no connection differs"));
    let elsewhere = with(&two, "diff BEFORE AFTER -n data -o json");
    let other = with(&two, "diff BEFORE AFTER -n shop -o json");
    assert_eq!(elsewhere.stdout, other.stdout, "both ends count");
}

#[test]
fn diff_by_pod_names_pods() {
    let run = with(&two(), "diff BEFORE AFTER --by pod -o json");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["schema"], "kreach.diff/v1");
    assert_eq!(document["changes"][0]["destination"]["type"], "pod");
}

#[test]
fn diff_refuses_sources_that_exclude_each_other() {
    for (line, part) in [
        ("diff x y --demo", "TARGET cannot be used with --demo"),
        ("diff x y --from z", "TARGET cannot be used with --from"),
        ("diff x y --context z", "--context cannot be used with"),
        ("diff - -", "- can be given once only"),
        ("diff - --from -", "- can be given once only"),
        ("diff /nonexistent demo", "/nonexistent"),
        (
            "diff demo demo -n nowhere",
            "no namespace is called nowhere",
        ),
        ("exposed --demo -o md", "not written as md"),
    ] {
        let run = run(&line.split_whitespace().collect::<Vec<_>>());
        assert_eq!(run.code, Some(2), "{line}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{line}");
        assert!(run.stderr.contains(part), "{line}: {}", run.stderr);
    }
}

/// A snapshot of manifests of which one kind could not be read.
fn partly(path: &Path, manifests: &str, kind: Kind) -> String {
    let loaded = files::parse([("shop.yaml", manifests)]).unwrap();
    let mut world = World::default();
    let message = "pods is forbidden for \u{1b}[31malice".into();
    let refused = Change::Readiness(kind, Scope::Cluster, Readiness::Forbidden { message });
    for change in loaded.changes.into_iter().chain([refused]) {
        world.apply(change);
    }
    let about = About {
        taken: "2026-01-02T03:04:05Z".parse().unwrap(),
        origin: Origin::Cluster,
        name: "prod".into(),
        program: "0.1.0".into(),
    };
    snapshot::save(path, &world, &about).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn unk_06_a_side_that_lacks_something_leaves_the_answer_open() {
    let dir = tempfile::tempdir().unwrap();
    let manifests = shop(&[("web", 5432)]);
    let unread = |kind: Kind| partly(&dir.path().join(kind.name()), &manifests, kind);
    for (kind, part) in [
        (Kind::Pod, "before: pods could not be read"),
        (
            Kind::NetworkPolicy,
            "before: networkpolicies could not be read",
        ),
    ] {
        let path = unread(kind);
        let same = run(&["diff", &path, &path]);
        assert_eq!(same.code, Some(3), "{}", same.stderr);
        assert!(same.stderr.contains(part), "{}", same.stderr);
        assert!(
            same.stderr.contains("is known to differ"),
            "{}",
            same.stderr
        );
        let comment = run(&["diff", &path, &path, "-o", "md"]).stdout;
        assert!(
            comment.contains("Cannot be decided: `before: "),
            "{comment}"
        );
        let list = run(&["connections", "--from", &path]);
        assert_eq!(list.code, Some(3), "the gap is kept: {}", list.stderr);
        assert!(!list.stderr.contains('\u{1b}'));
    }
    let path = unread(Kind::NetworkPolicy);
    let document = run(&["diff", &path, &path, "-o", "json"]).stdout;
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["changes"], json!([]));
    assert_eq!(document["undecided"][0]["change"], "undecided");
    assert!(document["undecided"][0]["unknownAfter"].is_array());
}

#[test]
fn unk_06_what_may_have_opened_counts_as_opened() {
    let dir = tempfile::tempdir().unwrap();
    let manifests = shop(&[("web", 5432)]);
    let known = dir.path().join("known.yaml");
    fs::write(&known, &manifests).unwrap();
    let unread = partly(&dir.path().join("unread"), &manifests, Kind::NetworkPolicy);
    let known = known.to_str().unwrap();
    let opened = run(&["diff", known, &unread, "--fail-on", "opened"]);
    assert_eq!(opened.code, Some(1), "{}", opened.stderr);
    assert!(opened.stdout.contains("maybe"), "{}", opened.stdout);
}

#[test]
fn a_snapshot_gives_the_answers_of_its_source() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("demo");
    let path = file.to_str().unwrap();
    let saved = run(&["snapshot", path, "--demo"]);
    assert_eq!(saved.code, Some(0), "{}", saved.stderr);
    assert_eq!(saved.stdout, "");
    assert!(
        saved.stderr.contains("saved 64 pods and 30 policies"),
        "{}",
        saved.stderr
    );
    for line in [
        "connections -o json",
        "connections --by pod -o json",
        "exposed --all -o json",
        "can shop/web data/db:5432",
    ] {
        let args: Vec<&str> = line.split_whitespace().chain(["--from", path]).collect();
        let (from, of_demo) = (run(&args), demo(line));
        assert_eq!(from.stdout, of_demo.stdout, "{line}");
        assert_eq!(from.code, of_demo.code, "{line}");
        assert!(
            from.stderr.contains("note: snapshot of demo, taken "),
            "{}",
            from.stderr
        );
    }
    let same = demo(&format!("diff {path} --fail-on any"));
    assert_eq!(same.code, Some(0), "{}", same.stderr);
}

#[cfg(unix)]
#[test]
fn a_snapshot_is_for_its_owner_and_replaces_nothing_but_a_snapshot() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("demo");
    let save = |path: &Path| demo(&format!("snapshot {}", path.display()));
    assert_eq!(save(&file).code, Some(0));
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(save(&file).code, Some(0), "a snapshot may be replaced");
    assert_eq!(
        fs::read_dir(dir.path()).unwrap().count(),
        1,
        "nothing is left behind"
    );
    let manifest = dir.path().join("shop.yaml");
    fs::write(&manifest, "kind: Pod").unwrap();
    for (path, part) in [
        (manifest.as_path(), "is no snapshot"),
        (dir.path(), "is a directory"),
        (Path::new("/dev/null"), "is no ordinary file"),
        (Path::new("/nonexistent/x"), "cannot be written"),
    ] {
        let refused = save(path);
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
    }
    assert_eq!(fs::read_to_string(&manifest).unwrap(), "kind: Pod");
}

#[test]
fn options_that_mean_nothing_to_a_snapshot_are_refused() {
    for (line, part) in [
        (
            "snapshot x -o json",
            "--output cannot be used with snapshot",
        ),
        ("snapshot x -n shop", "--namespace cannot be used with"),
    ] {
        let refused = demo(line);
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
    }
}

/// Runs a command with bytes on its standard input.
fn fed(bytes: &[u8], line: &str) -> Run {
    let args: Vec<&str> = line.split_whitespace().collect();
    let mut child = command(&args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses what it is fed may have gone away.
    drop(child.stdin.take().unwrap().write_all(bytes));
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_snapshot_goes_through_pipes() {
    let written = command(&["snapshot", "-", "--demo"]).output().unwrap();
    assert!(written.status.success());
    assert!(snapshot::is_snapshot(&written.stdout));
    let read = fed(&written.stdout, "connections --from - -o json");
    assert_eq!(read.stdout, demo("connections -o json").stdout);
    let same = fed(&written.stdout, "diff - demo --fail-on any");
    assert_eq!(same.code, Some(0), "{}", same.stderr);
    let manifests = fed(shop(&[("web", 1)]).as_bytes(), "connections --from - -q");
    assert!(
        manifests.stdout.contains("shop/web"),
        "{}",
        manifests.stderr
    );
}

#[test]
fn a_snapshot_that_is_broken_or_newer_is_told_in_one_line() {
    let written = command(&["snapshot", "-", "--demo"])
        .output()
        .unwrap()
        .stdout;
    for (bytes, part) in [
        (&written[..written.len() / 2], "standard input: is cut off"),
        (
            &b"kreach snapshot 9\n"[..],
            "has version 9 of the snapshot format",
        ),
        (
            &b"kreach snapshot 1\nthis is not gzip at all"[..],
            "standard input: is damaged",
        ),
    ] {
        let refused = fed(bytes, "connections --from -");
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
        assert_eq!(refused.stderr.lines().count(), 1, "{}", refused.stderr);
    }
    let two = two();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("demo");
    fs::write(&file, &written).unwrap();
    let both = run(&[
        "connections",
        "--from",
        &two.before,
        "--from",
        file.to_str().unwrap(),
    ]);
    assert_eq!(both.code, Some(2));
    assert!(both.stderr.contains("give it alone"), "{}", both.stderr);
}

#[test]
fn host_01_hostile_names_never_reach_a_diff_raw() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::default();
    let pod = |label: &str| {
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: x, namespace: ns, labels: {{a: {label}}}}}, \
             spec: {{containers: [{{name: c}}]}}}}"
        )
    };
    let loaded = files::parse([("x.yaml", pod("b").as_str())]).unwrap();
    for change in loaded.changes {
        world.apply(change);
    }
    let mut hostile = world.pods.values().next().unwrap().as_ref().clone();
    hostile.key.name = "=`|<b>\u{1b}[31m\u{202e}@all".into();
    world.apply(Change::Apply(kreach::model::Object::Pod(hostile)));
    let about = About {
        taken: "2026-01-02T03:04:05Z".parse().unwrap(),
        origin: Origin::Cluster,
        name: "\u{1b}]0;x\u{7}".into(),
        program: "\u{1b}".into(),
    };
    let (file, empty) = (dir.path().join("hostile"), dir.path().join("empty"));
    snapshot::save(&file, &world, &about).unwrap();
    snapshot::save(&empty, &World::default(), &about).unwrap();
    for format in ["table", "json", "csv", "md"] {
        let paths = [&empty, &file].map(|path| path.to_str().unwrap());
        let run = run(&["diff", paths[0], paths[1], "--by", "pod", "-o", format]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let text = run.stdout + &run.stderr;
        let raw = |c: char| c.is_control() && !matches!(c, '\n' | '\r') || c == '\u{202e}';
        assert_eq!(text.chars().find(|c| raw(*c)), None, "{format}: {text:?}");
        if format == "md" {
            assert!(!text.contains("<b>") && !text.contains("@all"), "{text}");
        }
    }
}
