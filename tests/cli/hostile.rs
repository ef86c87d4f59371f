//! Every command in every format on a cluster, a log and rules that are hostile in every field: what
//! comes out drives no terminal, ends no cell, starts no formula and is no markup (HOST-01,
//! HOST-04, section H 4).

use std::fs;
use std::path::Path;

use kreach::model::Key;
use kreach::model::text::is_dangerous;
use tempfile::TempDir;

use crate::hostile_names::{TAIL, hostile, log, snapshot_of, unclean, world};
use crate::program::{Run, run};

const FORMATS: [&str; 6] = ["table", "json", "csv", "md", "dot", "mermaid"];

/// The files that commands are told of.
struct Place {
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let write =
            |name: &str, bytes: &[u8]| fs::write(directory.path().join(name), bytes).unwrap();
        let mut fewer = world();
        let first = fewer.policies.keys().next().unwrap().clone();
        fewer.policies.remove(&first);
        write("cluster", &snapshot_of(&world()));
        write("before", &snapshot_of(&fewer));
        write("audit.log", log().as_bytes());
        write("kreach.toml", rules().as_bytes());
        let (web, db) = (end("shop", "web"), end("data", "db"));
        let assertions = format!("{web} -> {db}:5432 deny\nno\u{1b}where -> b allow\n");
        write("assertions", assertions.as_bytes());
        Self { directory }
    }

    fn path(&self, name: &str) -> String {
        let path = self.directory.path().join(name);
        path.to_str().unwrap().to_owned()
    }

    fn run(&self, command: &[&str], format: &str) -> Run {
        let files = [
            self.path("cluster"),
            self.path("audit.log"),
            self.path("kreach.toml"),
        ];
        let mut args: Vec<&str> = command.to_vec();
        args.extend(["-o", format, "--color", "never"]);
        if !matches!(command[0], "diff" | "guard") {
            args.extend(["--from", &files[0]]);
        }
        if command[0] != "guard" {
            args.extend(["--audit-log", &files[1]]);
        }
        args.extend(["--rules", &files[2], "-v"]);
        run(&args)
    }
}

fn raw(key: &Key) -> String {
    format!("{}/{}", key.namespace.as_str(), key.name.as_str())
}

fn end(namespace: &str, name: &str) -> String {
    format!("{}/{}", hostile(namespace), hostile(name))
}

/// Rules whose every name is hostile, as TOML writes it.
fn rules() -> String {
    let quoted = |name: &str| {
        let json = serde_json::to_string(&hostile(name)).unwrap();
        // What TOML does not take as it is.
        json.replace('\u{7f}', "\\u007F")
    };
    let (owners, alice, role, namespace) = (
        quoted("platform"),
        quoted("alice"),
        quoted("netpol"),
        quoted("shop"),
    );
    format!(
        "[owners]\ngroups = [{owners}]\nusers = [{alice}]\ncluster_roles = [{role}]\n\n\
         [owners.namespaces.{namespace}]\nusers = [{alice}]\n\n[break_glass]\nusers = [{alice}]\n"
    )
}

/// Fails on anything in `text` that could do harm.
fn check(what: &str, format: &str, run: &Run) {
    for text in [&run.stdout, &run.stderr] {
        assert_eq!(unclean(text), None, "{what} as {format}");
    }
    let raw = &TAIL[TAIL.find("|<b>").unwrap()..];
    match format {
        "csv" => cells(what, &run.stdout),
        "md" => {
            assert!(!run.stdout.contains(raw), "{what}: {}", run.stdout);
            assert!(!run.stdout.contains("<b>"), "{what}: {}", run.stdout);
            columns(what, &run.stdout);
        }
        "dot" | "mermaid" => assert!(!run.stdout.contains(raw), "{what}: {}", run.stdout),
        _ => {}
    }
}

/// HOST-04: no cell begins like a formula, and every record has as many as the first.
fn cells(what: &str, text: &str) {
    let mut width = None;
    for record in text.lines() {
        let mut count = 1;
        let (mut quoted, mut start) = (false, true);
        for c in record.chars() {
            match c {
                '"' if start && !quoted => {
                    quoted = true;
                    continue;
                }
                '"' => quoted = !quoted,
                ',' if !quoted => {
                    count += 1;
                    start = true;
                    continue;
                }
                _ if start => assert!(!"=+-@".contains(c), "{what}: {record}"),
                _ => {}
            }
            start = false;
        }
        assert_eq!(*width.get_or_insert(count), count, "{what}: {record}");
    }
}

/// Every row of a table has as many cells as its head.
fn columns(what: &str, text: &str) {
    let mut width = None;
    for line in text.lines() {
        if !line.starts_with('|') {
            width = None;
            continue;
        }
        let count = line.matches('|').count();
        assert_eq!(*width.get_or_insert(count), count, "{what}: {line}");
    }
}

/// Runs a command in every format; it must give an answer in at least the first two.
fn try_all(place: &Place, command: &[&str]) {
    for format in FORMATS {
        let run = place.run(command, format);
        check(&command.join(" "), format, &run);
        let refused = run.stderr.contains("is not written as");
        assert_eq!(run.code == Some(2), refused, "{command:?}: {}", run.stderr);
        assert!(
            !run.stdout.is_empty() || refused,
            "{command:?}: {}",
            run.stderr
        );
        assert!(
            !refused || !matches!(format, "table" | "json"),
            "{command:?}"
        );
    }
}

#[test]
fn h_4_answers_about_the_network_are_clean_in_every_format() {
    let place = Place::new();
    // Nobody can type these names, because there are spaces in them; pods have addresses, too.
    let (web, db, db_port) = ("10.244.1.10", "10.244.4.13", "10.244.4.13:5432");
    for command in [
        &["can", web, db_port][..],
        &["can", web, db, "--suggest"],
        &["can", "internet", web],
        &["connections"],
        &["connections", "--by", "pod", "--of", web],
        &["matrix"],
        &["matrix", "--by", "workload"],
        &["matrix", "--totals"],
        &["exposed", "--all"],
        &["paths", "internet", db, "--unpublished", "--choke-points"],
        &["paths", web, "--blast-radius"],
    ] {
        try_all(&place, command);
    }
}

#[test]
fn h_4_answers_about_people_are_clean_in_every_format() {
    let place = Place::new();
    let shop = hostile("shop");
    let web = world().policies.keys().next().map(raw).unwrap();
    let (before, after) = (place.path("before"), place.path("cluster"));
    let assertions = place.path("assertions");
    for command in [
        &["policies"][..],
        &["policies", "--history", &web],
        &["duties", "--all"],
        &["duties", "--by", "namespace"],
        &["who-can", "patch", "networkpolicies", "-n", &shop],
        &["who-can", "create", "pods", "-n", &shop],
        &["diff", &before, &after],
    ] {
        try_all(&place, command);
    }
    for command in [
        &["check", "--assert", &assertions][..],
        &["can", "no\u{1b}where/a\u{202e}", "b\u{9b}:\u{7}"],
        &["who-can", "patch\u{1b}", "networkpolicies\u{202e}"],
        &[
            "who-can",
            "patch",
            "networkpolicies",
            "--as",
            "\u{1b}eve",
            "--as-group",
            "\u{202e}g",
        ],
        &["connections", "--of", "\u{9b}"],
        &["policies", "-n", "\u{1b}"],
        &["policies", "--history", "\u{1b}/\u{202e}"],
    ] {
        for format in ["table", "json", "csv", "md"] {
            check(&command.join(" "), format, &place.run(command, format));
        }
    }
}

#[test]
fn h_4_guard_manifests_are_clean_for_every_engine() {
    let place = Place::new();
    for engine in ["native", "kyverno", "gatekeeper"] {
        let command = [
            "guard",
            "owner-role",
            "stamp",
            "owners",
            "reader",
            "--kubernetes",
            "1.36",
            "--engine",
            engine,
        ];
        for format in ["table", "json"] {
            let run = place.run(&command, format);
            check(engine, format, &run);
            assert!(matches!(run.code, Some(0 | 3)), "{}", run.stderr);
        }
    }
}

/// Hostile users of the recorded logs, and everything else in them.
#[test]
fn h_4_the_recorded_logs_are_told_cleanly() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audit");
    for (log, objects) in [
        ("audit-requestresponse.jsonl", "live-networkpolicies.json"),
        ("audit-big-annotation.jsonl", "live-big-annotation.json"),
        ("audit-metadata.jsonl", "live-metadata.json"),
        ("audit-request.jsonl", "live-request.json"),
        (
            "audit-truncated-hostile.jsonl",
            "live-truncated-hostile.json",
        ),
        ("rotated", "rotated/live.json"),
        ("audit-legacy.log", "live-legacy.json"),
        ("audit-damaged.jsonl", "live-networkpolicies.json"),
        ("wrapped", "live-networkpolicies.json"),
    ] {
        let path = |name: &str| fixtures.join(name).to_str().unwrap().to_owned();
        let (log, objects) = (path(log), path(objects));
        for command in ["policies", "duties"] {
            for format in ["table", "json", "csv", "md"] {
                let all = [
                    command,
                    "-o",
                    format,
                    "--from",
                    &objects,
                    "--audit-log",
                    &log,
                    "--color",
                    "never",
                ];
                check(&format!("{command} {log}"), format, &run(&all));
            }
        }
    }
}

/// With colour on, the only escapes are those that style text.
#[test]
fn h_4_colour_is_the_only_thing_that_escapes_do() {
    let place = Place::new();
    let cluster = place.path("cluster");
    let log = place.path("audit.log");
    for command in ["policies", "exposed", "connections"] {
        let run = run(&[
            command,
            "--from",
            &cluster,
            "--audit-log",
            &log,
            "--color",
            "always",
        ]);
        let mut rest = run.stdout.as_str();
        let mut plain = String::new();
        while let Some(at) = rest.find("\u{1b}[") {
            plain.push_str(&rest[..at]);
            let sequence = &rest[at + 2..];
            let end = sequence
                .find(|c: char| !(c.is_ascii_digit() || c == ';'))
                .unwrap();
            assert!(sequence[end..].starts_with('m'), "{command}: {sequence:?}");
            rest = &sequence[end + 1..];
        }
        plain.push_str(rest);
        assert_eq!(unclean(&plain), None, "{command}");
        assert!(!plain.contains(is_dangerous_but_line_ends), "{command}");
    }
}

fn is_dangerous_but_line_ends(c: char) -> bool {
    c != '\n' && is_dangerous(c)
}
