//! The shape of the code: dependencies point down, the core is pure, the cluster is only read, and
//! the top level holds what it should. Reads the sources as text; nothing is run.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may use of the crate. A module that is missing here fails the test.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("select", &["model"]),
    ("reach", &["model", "select"]),
    ("exposure", &["model", "select", "reach"]),
    ("enforcement", &["model", "reach"]),
    ("rbac", &["model", "select"]),
    ("history", &["model", "select", "rbac"]),
    ("query", &["model", "select", "reach"]),
    (
        "analysis",
        &[
            "model",
            "select",
            "reach",
            "exposure",
            "enforcement",
            "rbac",
            "history",
        ],
    ),
    ("config", &["model", "rbac"]),
    ("source", &["model", "history"]),
    ("session", &["model", "history", "source", "analysis"]),
    (
        "report",
        &[
            "model",
            "select",
            "reach",
            "exposure",
            "enforcement",
            "rbac",
            "history",
            "query",
            "analysis",
        ],
    ),
    ("guard", &["model", "rbac", "history", "report"]),
    (
        "tui",
        &[
            "model",
            "select",
            "reach",
            "exposure",
            "enforcement",
            "rbac",
            "history",
            "query",
            "analysis",
            "report",
            "config",
        ],
    ),
    (
        "cli",
        &[
            "model",
            "select",
            "reach",
            "exposure",
            "enforcement",
            "rbac",
            "history",
            "query",
            "analysis",
            "config",
            "source",
            "session",
            "report",
            "guard",
            "tui",
        ],
    ),
];

/// The pure modules: no client, no terminal, no file, no clock.
const CORE: &[&str] = &[
    "model",
    "select",
    "reach",
    "exposure",
    "enforcement",
    "rbac",
    "history",
    "query",
    "analysis",
    "guard",
];

/// What the core may not name.
const IMPURE: &[&str] = &[
    "tokio",
    "kube::",
    "k8s_openapi",
    "ratatui",
    "crossterm",
    "std::fs",
    "std::env",
    "std::io",
    "std::time",
    "Timestamp::now",
    // A scope that ends with its threads gives the same answer as none.
    "std::thread::spawn",
    "std::thread::sleep",
    "std::thread::Builder",
    "std::process",
];

/// Crates that stay where they belong.
const HOMES: &[(&str, &[&str])] = &[
    ("ratatui", &["tui"]),
    ("crossterm", &["tui"]),
    ("k8s_openapi", &["source"]),
    ("kube::", &["source"]),
    ("serde_saphyr", &["source"]),
    ("clap", &["cli"]),
];

/// Words of the client that write. None may appear in the sources.
const WRITES: &[&str] = &[
    "PostParams",
    "PatchParams",
    "DeleteParams",
    "ReplaceParams",
    ".delete_collection(",
    "Request::create",
    "Request::patch",
    "Request::replace",
    "Request::delete",
    "Verb::Post",
    "Method::POST",
    "Method::PUT",
    "Method::PATCH",
    "Method::DELETE",
];

#[test]
fn dependencies_point_down() {
    let mut wrong = Vec::new();
    for (module, allowed) in MAY_USE {
        for (path, text) in sources_of(module) {
            for used in crate_modules(&text) {
                if used != *module && !allowed.contains(&used.as_str()) {
                    wrong.push(format!("{}: {module} uses {used}", path.display()));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "upward dependencies:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_module_has_its_place_in_the_picture() {
    let known: BTreeSet<&str> = MAY_USE
        .iter()
        .map(|(module, _)| *module)
        .chain(["lib", "main"])
        .collect();
    let unknown: Vec<String> = fs::read_dir(root().join("src"))
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| !known.contains(name.as_str()))
        .collect();
    assert!(unknown.is_empty(), "modules without a layer: {unknown:?}");
}

#[test]
fn the_core_is_pure() {
    let wrong: Vec<String> = CORE
        .iter()
        .flat_map(|module| mentions(module, IMPURE))
        .collect();
    assert!(wrong.is_empty(), "impure core:\n{}", wrong.join("\n"));
}

#[test]
fn crates_stay_in_their_layer() {
    let mut wrong = Vec::new();
    for (module, _) in MAY_USE {
        for (name, homes) in HOMES {
            if !homes.contains(module) {
                wrong.extend(mentions(module, &[name]));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "crates away from home:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn views_know_neither_sources_nor_sessions() {
    let wrong: Vec<PathBuf> = sources_of("tui")
        .into_iter()
        .filter(|(path, _)| path.to_string_lossy().contains("/view"))
        .filter(|(_, text)| {
            crate_modules(text)
                .iter()
                .any(|m| m == "source" || m == "session")
        })
        .map(|(path, _)| path)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn the_cluster_is_only_read() {
    let wrong: Vec<String> = MAY_USE
        .iter()
        .flat_map(|(module, _)| mentions(module, WRITES))
        .collect();
    assert!(wrong.is_empty(), "calls that write:\n{}", wrong.join("\n"));
}

#[test]
fn files_stay_small_enough_to_read() {
    let long: Vec<String> = MAY_USE
        .iter()
        .flat_map(|(module, _)| sources_of(module))
        .filter(|(_, text)| text.lines().count() > 700)
        .map(|(path, text)| format!("{} {}", text.lines().count(), path.display()))
        .collect();
    assert!(long.is_empty(), "past 700 lines:\n{}", long.join("\n"));
}

#[test]
fn the_top_level_holds_what_it_should() {
    let fixed = [
        "Cargo.toml",
        "Cargo.lock",
        "src",
        "assets",
        "tests",
        "README.md",
        "LICENSE",
        "screenshots",
    ];
    let extra: Vec<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| {
            !name.starts_with('.') && name != "target" && !fixed.contains(&name.as_str())
        })
        .collect();
    assert!(extra.is_empty(), "{extra:?}");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of one top-level module, with their text outside of test modules.
fn sources_of(module: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let file = root().join("src").join(format!("{module}.rs"));
    if file.exists() {
        files.push(file);
    }
    collect(&root().join("src").join(module), &mut files);
    assert!(!files.is_empty(), "no module {module}");
    files
        .into_iter()
        .filter(|path| !path.ends_with("tests.rs"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// Code lines without comments and without the test module at the end of a file.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split("#[cfg(test)]")
        .next()
        .unwrap_or_default()
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"))
}

/// Names after `crate::` and `kreach::` in code.
fn crate_modules(text: &str) -> BTreeSet<String> {
    code(text)
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect::<String>()
        })
        .filter(|name| MAY_USE.iter().any(|(module, _)| module == name))
        .collect()
}

fn mentions(module: &str, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in sources_of(module) {
        for line in code(&text) {
            for word in words.iter().filter(|word| line.contains(**word)) {
                found.push(format!("{}: {word}: {line}", path.display()));
            }
        }
    }
    found
}
