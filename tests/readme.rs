//! What the README shows is what the program does. `README_WRITE=1 cargo test --test readme` writes
//! the generated parts anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;

use asked::ASKED;
use assert_cmd::Command;
use kreach::tui::key::Press;
use kreach::tui::keymap::{Keymap, Place};

#[path = "support/questions.rs"]
mod asked;

/// The questions that the README answers, with the exit code of each.
const QUESTIONS: [(&[&str], i32); 2] = [
    (&["can", "--demo", "shop/web", "shop/api:8080"], 0),
    (&["can", "--demo", "shop/web", "data/db:5432"], 1),
];

#[test]
fn the_questions_have_the_answers_that_are_shown() {
    let mut text = String::from("```console\n");
    for (args, code) in QUESTIONS {
        let output = Command::cargo_bin("kreach")
            .unwrap()
            .args(args)
            .assert()
            .code(code);
        let answer = String::from_utf8(output.get_output().stdout.clone()).unwrap();
        writeln!(text, "$ kreach {}\n{}\n", args.join(" "), answer.trim_end()).unwrap();
    }
    assert_part("questions", &format!("{}\n```", text.trim_end()));
}

/// The keys are pressed in the tests of the explorer.
#[test]
fn the_questions_at_night_stand_with_their_keys() {
    let mut text = String::from("| question | keys | on the screen |\n|---|---|---|\n");
    for asked in ASKED {
        let answer: Vec<String> = asked
            .answer
            .iter()
            .map(|words| format!("`{words}`"))
            .collect();
        writeln!(
            text,
            "| {} | {} | {} |",
            asked.question,
            spelled(asked.keys),
            answer.join(" … ")
        )
        .unwrap();
    }
    assert_part("night", text.trim_end());
}

/// Keys as people read them: text in one piece, other keys one by one.
fn spelled(keys: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut text = String::new();
    for press in Press::sequence(keys).unwrap() {
        if press.is_text() {
            text.push_str(&press.to_string().replace("space", " "));
            continue;
        }
        if !text.is_empty() {
            parts.push(format!("`{}`", std::mem::take(&mut text)));
        }
        parts.push(format!("`{press}`"));
    }
    if !text.is_empty() {
        parts.push(format!("`{text}`"));
    }
    parts.join(" ")
}

#[test]
fn the_keys_are_those_of_the_program() {
    let mut text = String::from("| where | key | does |\n|---|---|---|\n");
    let shown = [
        Place::Everywhere,
        Place::Home,
        Place::Work,
        Place::Policies,
        Place::Why,
    ];
    for line in Keymap::builtin().help() {
        if shown.contains(&line.place) {
            let keys: Vec<String> = line.keys.split(' ').map(|key| format!("`{key}`")).collect();
            let keys = keys.join(" ").replace('|', "\\|");
            writeln!(
                text,
                "| {} | {keys} | {} |",
                line.place.title(),
                line.action.about()
            )
            .unwrap();
        }
    }
    assert_part("keys", text.trim_end());
}

static WRITING: Mutex<()> = Mutex::new(());

/// Compares the part between the markers `<!-- name -->` and `<!-- /name -->`, or writes it.
fn assert_part(name: &str, wanted: &str) {
    // Tests run side by side, and all of them write the same file.
    let _one_at_a_time = WRITING.lock().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (open, close) = (format!("<!-- {name} -->\n"), format!("\n<!-- /{name} -->"));
    let (before, rest) = readme.split_once(&open).expect("the opening marker");
    let (found, after) = rest.split_once(&close).expect("the closing marker");
    if std::env::var_os("README_WRITE").is_some() {
        std::fs::write(&path, format!("{before}{open}{wanted}{close}{after}")).unwrap();
    } else {
        assert_eq!(found, wanted, "README.md is behind the program");
    }
}
