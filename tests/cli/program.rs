//! Runs the program and takes apart what it did.

use std::process::{Command, Stdio};

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
