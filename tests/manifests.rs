//! The manifest source as a whole: files in, model objects or problems out.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a test fails, in its helpers too"
)]

use std::fs;
use std::path::{Path, PathBuf};

use kreach::model::{Direction, Key, NamespaceScope, Peer, PortMatch, Protocol, World};
use kreach::source::files::Paths;
use kreach::source::{LoadError, Loaded, load, watch};
use tempfile::TempDir;

#[path = "manifests/admin.rs"]
mod admin;
#[path = "manifests/any_input.rs"]
mod any_input;
#[path = "manifests/edge.rs"]
mod edge;
#[path = "manifests/kinds.rs"]
mod kinds;
#[path = "manifests/refused.rs"]
mod refused;
#[path = "manifests/unread.rs"]
mod unread;

fn fixture(name: &str) -> PathBuf {
    Path::new("tests/fixtures/manifests").join(name)
}

fn shop() -> Loaded {
    load(&[fixture("shop")]).unwrap_or_else(|error| panic!("{error}"))
}

fn world(loaded: &Loaded) -> World {
    let mut world = World::default();
    for change in &loaded.changes {
        world.apply(change.clone());
    }
    world
}

/// Writes one file and loads it.
fn load_text(name: &str, text: impl AsRef<[u8]>) -> Result<Loaded, LoadError> {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, text).unwrap();
    load(&[path])
}

fn problems(name: &str, text: impl AsRef<[u8]>) -> Vec<String> {
    let error = load_text(name, text).expect_err("must be refused");
    error
        .problems
        .iter()
        .map(|problem| {
            let told = problem.to_string();
            told.split_once(name).unwrap().1.to_owned()
        })
        .collect()
}

fn policy_world(spec: &str) -> World {
    let text = format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p}}\nspec: {spec}\n"
    );
    let loaded = load_text("p.yaml", &text).unwrap_or_else(|error| panic!("{spec}: {error}"));
    world(&loaded)
}

fn isolates(spec: &str) -> (Option<usize>, Option<usize>, Option<Direction>) {
    let world = policy_world(spec);
    let policy = &world.policies[&Key::new("default", "p")];
    (
        policy.ingress.as_ref().map(Vec::len),
        policy.egress.as_ref().map(Vec::len),
        policy.ignored_rules,
    )
}

/// Every fixture under `invalid` says in comments which problem it must give at which line.
#[test]
fn ld_07_every_refusal_names_file_line_object_and_field() {
    let mut files = 0;
    for entry in fs::read_dir(fixture("invalid")).unwrap() {
        let path = entry.unwrap().path();
        let shown = path.to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let expected: Vec<(usize, String)> = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.starts_with('#'))
            .filter_map(|(i, line)| Some((i + 1, line.split_once("# <- ")?.1)))
            .map(|(line, told)| (line, told.replace("FILE", &shown)))
            .collect();
        let error = load(&[path]).expect_err("must be refused");
        let mut found: Vec<(usize, String)> = Vec::new();
        for problem in &error.problems {
            assert_eq!(*problem.file, *shown);
            assert!(problem.column.is_some(), "{problem}");
            let parts = [
                &problem.object,
                &problem.field,
                &Some(problem.message.clone()),
            ];
            let told: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
            found.push((problem.line.unwrap() as usize, told.join(": ")));
        }
        // Problems come in the order in which the fields are read, not of lines.
        found.sort();
        assert_eq!(found, expected, "{shown}");
        files += 1;
    }
    assert_eq!(files, 6);
}

#[test]
fn ld_07_a_problem_says_what_to_do() {
    let text = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\n\
                spec:\n  podSelector: {matchLabels: {a: true}}\n";
    let expected = ":5:31: NetworkPolicy default/p: spec.podSelector.matchLabels.a: \
                    invalid type: boolean `true`, expected a string; put it in quotes";
    assert_eq!(problems("p.yaml", text), [expected]);
    let quoted = text.replace("a: true", "a: \"true\"");
    assert!(load_text("p.yaml", quoted).is_ok());
}

#[test]
fn ld_07_every_problem_of_every_file_is_told() {
    let paths = ["peers.yaml", "missing.yaml", "ports.yaml"];
    let paths = paths.map(|name| fixture("invalid").join(name));
    let error = load(&paths).unwrap_err();
    let of = |name: &str| {
        error
            .problems
            .iter()
            .filter(|p| p.file.contains(name))
            .count()
    };
    assert_eq!((of("peers"), of("missing"), of("ports")), (10, 1, 16));
    assert_eq!(error.to_string().lines().count(), 27);
}

#[test]
fn ld_02_lists_documents_and_formats_all_count() {
    let loaded = shop();
    let world = world(&loaded);
    assert_eq!(loaded.files, 7);
    assert_eq!(world.namespaces.len(), 2);
    assert_eq!(world.pods.len(), 5);
    assert_eq!(world.controllers.len(), 3);
    assert_eq!(world.policies.len(), 1);
    assert_eq!(world.services.len(), 2);
    assert_eq!(world.ingresses.len(), 2);
    assert_eq!(world.nodes.len(), 1);
    assert_eq!((world.roles.len(), world.bindings.len()), (1, 1));
}

#[test]
fn ld_11_what_is_passed_over_is_counted() {
    let loaded = shop();
    assert_eq!(loaded.skipped.documents_without_kind, 1);
    let kinds: Vec<(&str, usize)> = loaded
        .skipped
        .other_kinds
        .iter()
        .map(|(kind, count)| (kind.as_str(), *count))
        .collect();
    assert_eq!(
        kinds,
        [("CiliumNetworkPolicy.cilium.io", 1), ("ConfigMap", 2)]
    );
    let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "tests/fixtures/manifests/shop/others.json:6: CiliumNetworkPolicy.cilium.io is not \
          evaluated; what it allows or denies is missing from every answer"
        ]
    );
}

#[test]
fn ld_11_a_template_that_is_not_rendered_is_an_error_with_its_line() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n";
    let told = problems("pod.yaml", text);
    assert!(told[0].starts_with(":4:"), "{told:?}");
    assert!(told[0].ends_with("; render the template first"), "{told:?}");
    let told = problems("all.yaml", "{{- if .Values.on }}\na: 1\n{{- end }}\n");
    assert!(told[0].starts_with(":1:"), "{told:?}");
}

#[test]
fn ld_11_a_json_syntax_error_has_a_line() {
    let told = problems("a.json", "{\"apiVersion\": \"v1\",\n \"kind\": Pod}\n");
    assert_eq!(told, [":2:10: expected value"]);
    let told = problems("a.yaml", "{\"a\": 1}\n{\"b\": }\n");
    assert!(told[0].starts_with(":2:7"), "{told:?}");
}

#[test]
fn ld_03_keys_that_stand_twice_are_refused_in_yaml_and_json() {
    let yaml = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\n\
                spec:\n  podSelector: {}\n  podSelector: {}\n";
    let told = problems("p.yaml", yaml);
    assert!(told[0].starts_with(":6:3: duplicate"), "{told:?}");
    for spec in [
        r#"{"podSelector": {}, "podSelector": {}}"#,
        r#"{"podSelector": {"matchLabels": {"a": "1", "a": "2"}}}"#,
    ] {
        let json = format!(
            r#"{{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {{"name": "p"}}, "spec": {spec}}}"#
        );
        let told = problems("p.json", json);
        assert!(told[0].contains("a key stands twice"), "{told:?}");
    }
    let labels = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"a": "1", "a": "2"}}}"#;
    let told = problems("p.json", labels);
    assert_eq!(
        told,
        [":1:73: Pod default/p: metadata.labels: a key stands twice"]
    );
}

#[test]
fn ld_06_unknown_fields_of_a_policy_are_warned_about() {
    let text = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\n\
                spec:\n  podSelector: {}\n  ingres:\n    - {}\n  ingress:\n    - form: []\n";
    let loaded = load_text("p.yaml", text).unwrap();
    let told: Vec<String> = loaded
        .warnings
        .iter()
        .map(|w| w.to_string().split_once("p.yaml").unwrap().1.to_owned())
        .collect();
    assert_eq!(
        told,
        [
            ":6:3: NetworkPolicy default/p: spec.ingres: unknown field, ignored; check its spelling",
            ":9:7: NetworkPolicy default/p: spec.ingress[0].form: unknown field, ignored; check its spelling",
        ]
    );
}

#[test]
fn np_03_without_policy_types_ingress_always_and_egress_with_rules() {
    for types in ["", "policyTypes: []", "policyTypes: null"] {
        let spec = |rest: &str| {
            let parts: Vec<&str> = [types, rest]
                .into_iter()
                .filter(|p| !p.is_empty())
                .collect();
            format!("{{{}}}", parts.join(", "))
        };
        assert_eq!(isolates(&spec("")), (Some(0), None, None));
        assert_eq!(isolates(&spec("egress: []")), (Some(0), None, None));
        assert_eq!(isolates(&spec("egress: null")), (Some(0), None, None));
        assert_eq!(isolates(&spec("egress: [{}]")), (Some(0), Some(1), None));
        assert_eq!(
            isolates(&spec("ingress: [{}, {}], egress: [{}]")),
            (Some(2), Some(1), None)
        );
    }
}

#[test]
fn np_04_listed_types_are_exactly_those_and_other_rules_are_ignored() {
    let egress = Some(Direction::Egress);
    let ingress = Some(Direction::Ingress);
    for (spec, expected) in [
        ("{policyTypes: [Ingress]}", (Some(0), None, None)),
        (
            "{policyTypes: [Ingress], egress: []}",
            (Some(0), None, None),
        ),
        (
            "{policyTypes: [Ingress], egress: [{}]}",
            (Some(0), None, egress),
        ),
        ("{policyTypes: [Egress]}", (None, Some(0), None)),
        (
            "{policyTypes: [Egress], ingress: [{}]}",
            (None, Some(0), ingress),
        ),
        ("{policyTypes: [Egress, Egress]}", (None, Some(0), None)),
        (
            "{policyTypes: [Egress, Ingress], egress: [{}]}",
            (Some(0), Some(1), None),
        ),
    ] {
        assert_eq!(isolates(spec), expected, "{spec}");
    }
}

#[test]
fn np_08_np_10_missing_null_and_empty_lists_are_one() {
    for rules in ["", "ingress: null", "ingress: []"] {
        assert_eq!(isolates(&format!("{{{rules}}}")), (Some(0), None, None));
    }
    for rule in ["{}", "{from: [], ports: []}", "{from: null, ports: null}"] {
        let world = policy_world(&format!("{{ingress: [{rule}]}}"));
        let rules = world.policies[&Key::new("default", "p")]
            .ingress
            .clone()
            .unwrap();
        assert_eq!((&rules[0].peers, &rules[0].ports), (&None, &None), "{rule}");
    }
    let world = policy_world("{ingress: [{ports: [{}]}]}");
    let rules = world.policies[&Key::new("default", "p")]
        .ingress
        .clone()
        .unwrap();
    let all_tcp = PortMatch::Range {
        protocol: Protocol::Tcp,
        first: 1,
        last: u16::MAX,
    };
    assert_eq!(
        rules[0].ports.as_deref(),
        Some([all_tcp].as_slice()),
        "PT-02"
    );
}

#[test]
fn ld_04_a_missing_spec_is_an_empty_one() {
    for spec in ["", "null", "{}", "{podSelector: null}"] {
        let world = policy_world(spec);
        let policy = &world.policies[&Key::new("default", "p")];
        assert!(policy.selector.is_everything(), "{spec}");
        assert_eq!(policy.ingress.as_deref(), Some([].as_slice()), "{spec}");
    }
}

#[test]
fn np_13_missing_and_empty_selectors_of_a_peer_differ() {
    let world = world(&shop());
    let policy = &world.policies[&Key::new("shop", "web")];
    let rules = policy.ingress.as_deref().unwrap();
    let shown: Vec<String> = rules[0].peers.iter().flatten().map(peer).collect();
    assert_eq!(
        shown,
        [
            "ns {} pods {}",
            "own pods {}",
            "ns team=storefront pods app notin (bad,worse)",
            "10.0.0.0/8 except [10.2.0.0/16]",
            "own pods {}",
        ]
    );
    assert_eq!(rules[1].peers, None);
    assert_eq!(policy.egress.as_deref(), Some([].as_slice()), "NP-08");
}

fn peer(peer: &Peer) -> String {
    match peer {
        Peer::Pods {
            namespaces: NamespaceScope::Own,
            pods,
        } => format!("own pods {pods}"),
        Peer::Pods {
            namespaces: NamespaceScope::Matching(ns),
            pods,
        } => {
            format!("ns {ns} pods {pods}")
        }
        Peer::Block(block) => format!("{} except {:?}", block.cidr, block.except),
        Peer::Nothing => "nothing".to_owned(),
    }
}

#[test]
fn pt_01_to_pt_03_ports_are_ranges_or_names_of_a_protocol() {
    let world = world(&shop());
    let rules = world.policies[&Key::new("shop", "web")]
        .ingress
        .clone()
        .unwrap();
    let range = |protocol, first, last| PortMatch::Range {
        protocol,
        first,
        last,
    };
    let expected = [
        range(Protocol::Tcp, 80, 80),
        range(Protocol::Udp, 8000, 8010),
        PortMatch::Named {
            protocol: Protocol::Tcp,
            name: "http".into(),
        },
        range(Protocol::Tcp, 1, 65535),
    ];
    assert_eq!(rules[0].ports.as_deref(), Some(expected.as_slice()));
}

#[test]
fn policies_and_rules_know_their_lines_and_provenance() {
    let world = world(&shop());
    let policy = &world.policies[&Key::new("shop", "web")];
    let lines: Vec<Option<u32>> = policy.ingress.iter().flatten().map(|r| r.line).collect();
    assert_eq!(lines, [Some(13), Some(27)]);
    let origin = policy.meta.origin.as_ref().unwrap();
    assert!(origin.file.ends_with("shop/policies.yaml"));
    assert_eq!(origin.line, 1);
    let kept: Vec<&str> = policy
        .meta
        .annotations
        .iter()
        .map(|(k, _)| k.as_str())
        .collect();
    assert_eq!(kept, ["kreach.io/changed-by"]);
    assert_eq!(policy.spec["podSelector"]["matchLabels"]["app"], "web");
    let role = &world.roles[&Key::cluster("netpol-owner")];
    assert_eq!(role.meta.origin.as_ref().unwrap().line, 1);
    let binding = &world.bindings[&Key::new("shop", "owners")];
    assert_eq!(binding.meta.origin.as_ref().unwrap().line, 9);
}

#[test]
fn ld_09_an_object_in_two_files_is_refused_and_a_file_named_twice_is_not() {
    let directory = TempDir::new().unwrap();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
    let (one, two) = (
        directory.path().join("1.yaml"),
        directory.path().join("2.json"),
    );
    fs::write(&one, pod).unwrap();
    let paths = [directory.path().to_path_buf(), one.clone(), one.clone()];
    assert_eq!(load(&paths).unwrap().files, 1);
    fs::write(
        &two,
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}"#,
    )
    .unwrap();
    let error = load(&paths).unwrap_err();
    let expected = format!(
        "{}:1:1: Pod default/a: declared twice, first in {}:1; remove one of them",
        two.display(),
        one.display()
    );
    assert_eq!(error.to_string(), expected);
}

/// Everything that does not depend on the file an object came from.
fn content(world: &World) -> String {
    let mut world = world.clone();
    let names: Vec<Key> = world.policies.keys().cloned().collect();
    for key in names {
        let mut policy = (*world.policies[&key]).clone();
        policy.meta.origin = None;
        for rule in policy
            .ingress
            .iter_mut()
            .chain(&mut policy.egress)
            .flatten()
        {
            rule.line = None;
        }
        world.policies.insert(key, policy.into());
    }
    format!(
        "{:#?}{:#?}{:#?}",
        world.policies, world.pods, world.services
    )
}

#[test]
fn ld_02_json_and_yaml_of_one_object_are_equal() {
    for name in ["policies.yaml", "base/pods.yaml"] {
        let yaml = fs::read_to_string(fixture("shop").join(name)).unwrap();
        let value: serde_json::Value = serde_saphyr::from_str(&yaml).unwrap();
        let json = serde_json::to_string_pretty(&value).unwrap();
        let from_yaml = world(&load_text("a.yaml", &yaml).unwrap());
        let from_json = world(&load_text("a.json", &json).unwrap());
        assert_eq!(content(&from_yaml), content(&from_json));
        // JSON is YAML too, whatever the file is called.
        let named_yaml = world(&load_text("a.yaml", format!("# head\n---\n{json}")).unwrap());
        assert_eq!(content(&named_yaml), content(&from_json));
    }
}

#[test]
fn lines_of_json_rules_are_counted_too() {
    let json = "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n\n\
        {\"apiVersion\": \"networking.k8s.io/v1\", \"kind\": \"NetworkPolicy\",\n\
        \"metadata\": {\"name\": \"p\"},\n\
        \"spec\": {\"ingress\": [\n{},\n\n{}]}}]}";
    let world = world(&load_text("p.json", json).unwrap());
    let policy = &world.policies[&Key::new("default", "p")];
    let lines: Vec<Option<u32>> = policy.ingress.iter().flatten().map(|r| r.line).collect();
    assert_eq!(lines, [Some(6), Some(8)]);
    assert_eq!(policy.meta.origin.as_ref().unwrap().line, 3);
}

#[test]
fn the_order_of_files_does_not_matter() {
    let names = [
        "policies.yaml",
        "base/pods.yaml",
        "namespaces.yaml",
        "others.json",
        "rbac.yaml",
        "base/workloads.yml",
        "values.yaml",
    ];
    let all = |world: &World| format!("{world:#?}");
    let expected = all(&world(&shop()));
    for turn in 0..names.len() {
        let mut paths: Vec<PathBuf> = names.iter().map(|n| fixture("shop").join(n)).collect();
        paths.rotate_left(turn);
        assert_eq!(all(&world(&load(&paths).unwrap())), expected);
    }
}

#[test]
fn paths_without_manifests_are_clear_errors() {
    let directory = TempDir::new().unwrap();
    fs::create_dir(directory.path().join("sub")).unwrap();
    fs::write(directory.path().join("sub/notes.txt"), "kind: Pod").unwrap();
    fs::create_dir(directory.path().join(".git")).unwrap();
    fs::write(directory.path().join(".git/a.yaml"), "kind: Pod").unwrap();
    let shown = directory.path().display();
    let told = |path: PathBuf| load(&[path]).unwrap_err().to_string();
    assert_eq!(
        told(directory.path().to_path_buf()),
        format!("{shown}: the directory holds no .yaml, .yml or .json file")
    );
    let missing = told(directory.path().join("none.yaml"));
    assert!(
        missing.starts_with(&format!("{shown}/none.yaml: cannot be read: ")),
        "{missing}"
    );
    assert!(
        missing.ends_with("; check the path given with --from"),
        "{missing}"
    );
    let told = problems("a.yaml", b"a: 1\nb: \xff\n");
    assert_eq!(told, [":2: is not UTF-8 text; convert it to UTF-8"]);
}

#[test]
fn an_empty_file_holds_nothing_and_is_no_error() {
    for text in [
        "",
        "\n",
        "# only\n",
        "---\n---\n",
        "\u{feff}---\n",
        "null\n",
    ] {
        let loaded = load_text("a.yaml", text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(loaded.skipped.documents_without_kind, 0, "{text:?}");
    }
    let loaded = load_text("a.yaml", "just text\n---\n- op: add\n---\n[1]\n").unwrap();
    assert_eq!(loaded.skipped.documents_without_kind, 3);
}

#[test]
fn ld_02_only_lists_are_unpacked_and_nothing_is_lost_silently() {
    let loaded = load_text(
        "a.yaml",
        "apiVersion: x.io/v1\nkind: AllowList\nspec: {}\n---\n\
         apiVersion: x.io/v1\nkind: AllowList\nitems: 5\n---\n\
         apiVersion: v1\nkind: List\nitems: null\n---\napiVersion: v1\nkind: PodList\n",
    )
    .unwrap();
    let counted: Vec<(&String, &usize)> = loaded.skipped.other_kinds.iter().collect();
    assert_eq!(counted, [(&"AllowList.x.io".to_owned(), &2)]);
    let told = problems("a.yaml", "kind: PodList\nitems: []\n");
    assert!(told[0].contains("apiVersion is missing"), "{told:?}");
    let told = problems("a.yaml", "apiVersion: v1\nkind: List\nitems: {}\n");
    assert_eq!(told, [":3:1: items: items is not a list"]);
    let twice = r#"{"apiVersion": "v1", "kind": "Pod", "kind": "Pod", "metadata": {"name": "a"}}"#;
    let told = problems("a.json", twice);
    assert_eq!(
        told,
        [":1:1: apiVersion, kind or items stands twice; remove one of them"]
    );
}

#[test]
fn nesting_without_end_is_an_error_and_not_a_crash() {
    let deep = |open: &str, close: &str| open.repeat(20_000) + &close.repeat(20_000);
    let policy = |spec: &str| {
        format!(
            r#"{{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {{"name": "p"}}, "spec": {spec}}}"#
        )
    };
    for spec in [deep("[", "]"), deep("{\"a\":", "}").replace(":}", ":1}")] {
        assert!(load_text("a.json", policy(&spec)).is_err());
        assert!(load_text("a.yaml", policy(&spec)).is_err());
    }
    assert!(load_text("a.yaml", format!("a: {}", deep("[", "]"))).is_err());
    let _ = load_text("a.json", deep("[", "]"));
}

#[test]
fn lists_within_lists_end_somewhere() {
    let mut json = String::from("null");
    for _ in 0..40 {
        json = format!(r#"{{"apiVersion":"v1","kind":"List","items":[{json}]}}"#);
    }
    let told = problems("a.json", json);
    assert!(told[0].contains("nested too deep"), "{told:?}");
}

#[test]
fn host_01_problems_show_nothing_that_drives_a_terminal() {
    let text =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: \"a\\e[2J\", labels: {\"\\e]0;x\": 1}}\n";
    let told = problems("a.yaml", text);
    assert!(!told[0].contains('\u{1b}'), "{told:?}");
    assert!(
        told[0].contains("Pod default/a\\u{1b}[2J: metadata.labels"),
        "{told:?}"
    );
}

#[test]
fn a_change_on_disk_is_read_again_and_an_error_is_not_the_end() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("a.yaml");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
    fs::write(&file, pod).unwrap();
    let mut readings = watch(Paths::new(&[directory.path().to_path_buf()])).unwrap();
    let pods = |loaded: &Loaded| world(loaded).pods.len();
    assert_eq!(pods(&readings.next_blocking().unwrap().unwrap()), 1);
    fs::write(directory.path().join("noise.log"), "not ours").unwrap();
    fs::write(&file, "a: [").unwrap();
    assert!(readings.next_blocking().unwrap().is_err());
    fs::write(
        &file,
        format!("{pod}---\n{}", pod.replace("name: a", "name: b")),
    )
    .unwrap();
    assert_eq!(pods(&readings.next_blocking().unwrap().unwrap()), 2);
}
