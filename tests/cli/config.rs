//! `kreach config`: the files of a person, and what is wrong with them.

use std::fs;
use std::path::Path;

use crate::program::{Run, command};

fn config(directory: &Path, action: &str) -> Run {
    let mut program = command(&["config", action]);
    program
        .env("KREACH_CONFIG_DIR", directory)
        .env("KREACH_STATE_DIR", "/somewhere/state")
        .env("COLORTERM", "truecolor")
        .env("LANG", "C.UTF-8")
        .env_remove("NO_COLOR")
        .env_remove("LC_ALL")
        .env_remove("LC_CTYPE");
    let output = program.output().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn the_paths_are_told_whether_the_files_exist_or_not() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("keys.toml"), "").unwrap();
    let run = config(home.path(), "path");
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let lines: Vec<&str> = run.stdout.lines().collect();
    let of = |name: &str| home.path().join(name).display().to_string();
    assert_eq!(
        lines,
        [
            format!("settings  {}  (none)", of("config.toml")),
            format!("keys      {}", of("keys.toml")),
            format!("theme     {}  (none)", of("theme.toml")),
            format!("rules     {}  (none)", of("kreach.toml")),
            "state     /somewhere/state".to_owned(),
        ]
    );
}

#[test]
fn what_is_printed_can_be_kept_and_says_the_same() {
    let home = tempfile::tempdir().unwrap();
    fs::write(
        home.path().join("config.toml"),
        "theme = \"tritanopia\"\nascii = true\n",
    )
    .unwrap();
    fs::write(home.path().join("keys.toml"), "[work]\nX = \"matrix\"\n").unwrap();
    let first = config(home.path(), "print");
    assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""));
    assert!(
        first
            .stdout
            .starts_with("# config.toml\ntheme = \"tritanopia\"\nascii = true\nmouse = true\n")
    );
    assert!(
        first.stdout.contains("[work]\n\"X\" = \"matrix\"\n"),
        "{}",
        first.stdout
    );
    let (settings, keys) = first.stdout.split_once("# keys.toml").unwrap();
    fs::write(home.path().join("config.toml"), settings).unwrap();
    fs::write(home.path().join("keys.toml"), keys).unwrap();
    assert_eq!(config(home.path(), "print").stdout, first.stdout);
    assert_eq!(config(home.path(), "check").code, Some(0));
}

#[test]
fn a_mistake_in_any_file_is_told_with_its_place_and_remedy() {
    for (name, text, message) in [
        (
            "config.toml",
            "thme = \"mono\"",
            "config.toml:1:1: unknown key `thme`; did you mean `theme`?",
        ),
        (
            "config.toml",
            "theme = \"mon\"",
            "config.toml:1:9: unknown theme `mon`; did you mean `mono`?",
        ),
        (
            "config.toml",
            "ascii = 1",
            "config.toml:1:9: invalid type: integer `1`, expected a boolean",
        ),
        (
            "keys.toml",
            "[work]\nj = \"fly\"",
            "keys.toml:2:5: unknown action `fly`",
        ),
        (
            "theme.toml",
            "[roles]\nhigh = { fg = \"pink\" }",
            "theme.toml:2:15: a colour is #rrggbb",
        ),
        ("theme.toml", "[roles", "theme.toml:1:"),
    ] {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(name), text).unwrap();
        let run = config(home.path(), "check");
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{text}");
        assert!(run.stderr.contains(message), "{}", run.stderr);
    }
}

#[test]
fn host_01_what_a_file_says_never_drives_the_terminal() {
    let home = tempfile::tempdir().unwrap();
    fs::write(
        home.path().join("keys.toml"),
        "[\"\\u001b[31m\"]\nj = \"down\"",
    )
    .unwrap();
    let run = config(home.path(), "check");
    assert_eq!(run.code, Some(2));
    assert!(!run.stderr.contains('\u{1b}'), "{:?}", run.stderr);
}
