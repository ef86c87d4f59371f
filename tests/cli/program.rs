//! Runs the program and takes apart what it did.

use std::process::{Command, Stdio};

use kreach::model::{Change, World};
use kreach::source::snapshot::{self, About, Origin};
use kreach::source::{Context, Mode, convert, wire};

/// What a run left behind.
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// The program with these arguments, in an environment without a cluster or settings.
pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kreach"));
    command
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("KUBECONFIG")
        .env_remove("KUBERNETES_SERVICE_HOST")
        .env("HOME", "/nonexistent")
        .env("KREACH_CONFIG_DIR", "/nonexistent")
        .stdin(Stdio::null());
    command
}

/// Runs it to the end.
pub fn run(args: &[&str]) -> Run {
    let output = command(args).output().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs it on the demo cluster.
pub fn demo(line: &str) -> Run {
    let args: Vec<&str> = line.split_whitespace().chain(["--demo"]).collect();
    run(&args)
}

/// A snapshot of pods and policies that no server would take: what stands in for a server that does.
pub fn snapshot_of(manifests: &str) -> Vec<u8> {
    let mut world = World::default();
    let mut context = Context::new(Mode::Lenient);
    for text in manifests
        .split("---\n")
        .filter(|text| !text.trim().is_empty())
    {
        let value: serde_json::Value = serde_saphyr::from_str(text).unwrap();
        let object = if value["kind"] == "Pod" {
            let pod: wire::Pod = serde_json::from_value(value).unwrap();
            convert(pod, &mut context)
        } else {
            let policy: wire::NetworkPolicy = serde_json::from_value(value).unwrap();
            convert(policy, &mut context)
        };
        world.apply(Change::Apply(object.unwrap().unwrap()));
    }
    let about = About {
        taken: "2026-01-02T03:04:05Z".parse().unwrap(),
        origin: Origin::Cluster,
        name: "\u{1b}]0;x\u{7}".into(),
        program: "\u{1b}".into(),
    };
    let mut bytes = Vec::new();
    snapshot::write(&world, &about, &mut bytes).unwrap();
    bytes
}

/// `text` with every time in it replaced, because the demo counts from now.
pub fn timeless(text: &str) -> String {
    const SHAPE: &str = "0000-00-00T00:00:00";
    let is_time = |part: &[u8]| {
        part.len() == SHAPE.len()
            && part.iter().zip(SHAPE.bytes()).all(|(c, shape)| {
                if shape == b'0' {
                    c.is_ascii_digit()
                } else {
                    *c == shape
                }
            })
    };
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let part = rest.as_bytes().get(..SHAPE.len()).unwrap_or_default();
        if is_time(part) {
            out.push_str("0000-00-00T00:00:00");
            rest = rest.get(SHAPE.len()..).unwrap_or_default();
        } else {
            let mut chars = rest.chars();
            out.extend(chars.next());
            rest = chars.as_str();
        }
    }
    out
}
