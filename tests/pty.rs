//! The explorer in a real terminal: the binary on the demo, in a pseudo terminal.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "support/terminal.rs"]
mod terminal;

use std::path::Path;
use std::time::Duration;

use terminal::Terminal;

const SIZE: (u16, u16) = (80, 24);

fn explorer() -> Terminal {
    let program = Path::new(env!("CARGO_BIN_EXE_kreach"));
    let mut terminal = Terminal::start(program, &["--demo"], SIZE);
    terminal.wait_for("EXPOSED TO OUTSIDE");
    terminal
}

fn signal(terminal: &Terminal, name: &str) {
    let id = terminal.pid().to_string();
    let status = std::process::Command::new("kill")
        .args(["-s", name, &id])
        .status();
    assert!(status.unwrap().success());
}

/// Everything that was switched on is off again.
fn assert_given_back(terminal: &Terminal) {
    let screen = terminal.screen();
    assert!(!screen.alternate_screen());
    assert!(!screen.hide_cursor());
    assert!(!screen.bracketed_paste());
    assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    let raw = String::from_utf8_lossy(terminal.raw());
    let last = |on: &str, off: &str| raw.rfind(on) < raw.rfind(off);
    assert!(
        last("\u{1b}[?1004h", "\u{1b}[?1004l"),
        "focus events are still on"
    );
    assert!(
        last("\u{1b}[?2026h", "\u{1b}[?2026l"),
        "an update is still open"
    );
}

#[test]
fn the_explorer_starts_answers_keys_and_gives_the_terminal_back() {
    let mut terminal = explorer();
    terminal.wait_for("DEMO");
    terminal.send("2");
    terminal.wait_for("WHO CAN REACH IT");
    terminal.send("/name:web\r\r");
    terminal.wait_for("/controller");
    terminal.send("w\u{15}shop/web -> data/db:5432");
    terminal.wait_for("BLOCKED");
    terminal.send("\r");
    terminal.wait_for("INGRESS of data/db-0 is refused");
    terminal.send("6");
    terminal.wait_for("OWNER?");
    terminal.send("q");
    assert_eq!(terminal.wait(), 0);
    assert_given_back(&terminal);
}

#[test]
fn a_resize_is_drawn_and_below_the_smallest_size_one_line_says_so() {
    let mut terminal = explorer();
    terminal.send("2");
    terminal.wait_for("WHO CAN REACH IT");
    terminal.resize((160, 48));
    terminal.wait_for("NAMESPACES");
    terminal.resize((30, 8));
    terminal.wait_for("kreach needs 40x12");
    terminal.resize((40, 12));
    terminal.wait_for("WORKLOAD");
    terminal.send("q");
    assert_eq!(terminal.wait(), 0);
}

#[test]
fn signals_end_it_and_the_terminal_is_given_back() {
    for signal in ["TERM", "HUP"] {
        let mut terminal = explorer();
        self::signal(&terminal, signal);
        terminal.wait();
        assert_given_back(&terminal);
    }
}

#[test]
fn control_z_gives_the_terminal_to_the_shell_and_fg_takes_it_back() {
    let shell = Path::new("/bin/sh");
    let variables = [("PS1", "ready$ ")];
    let mut terminal = Terminal::start_with(shell, &["-i"], (SIZE, &variables));
    terminal.wait_for("ready$");
    terminal.send(&format!("{} --demo\r", env!("CARGO_BIN_EXE_kreach")));
    terminal.wait_for("EXPOSED TO OUTSIDE");
    terminal.send("\u{1a}");
    terminal.wait_for("topped");
    assert!(!terminal.screen().alternate_screen());
    assert!(!terminal.screen().bracketed_paste());
    terminal.send("fg\r");
    terminal.wait_for("EXPOSED TO OUTSIDE");
    terminal.send("2");
    terminal.wait_for("WHO CAN REACH IT");
    terminal.send("q");
    // Older prompts are still there: only one at the end takes input.
    terminal.wait_until("a new prompt", |text| text.trim_end().ends_with("ready$"));
    terminal.send("exit\r");
    assert_eq!(terminal.wait(), 0);
}

#[test]
fn no_color_and_another_locale_are_respected() {
    let variables = [("NO_COLOR", "1"), ("LC_ALL", "C")];
    let program = Path::new(env!("CARGO_BIN_EXE_kreach"));
    let mut terminal = Terminal::start_with(program, &["--demo"], (SIZE, &variables));
    terminal.wait_for("EXPOSED TO OUTSIDE");
    terminal.send("2");
    terminal.wait_for("WHO CAN REACH IT");
    assert!(terminal.text().is_ascii(), "{}", terminal.text());
    for (row, col) in (0..24).flat_map(|row| (0..80).map(move |col| (row, col))) {
        let cell = terminal.screen().cell(row, col).unwrap();
        assert_eq!(cell.fgcolor(), vt100::Color::Default);
    }
    terminal.send("q");
    assert_eq!(terminal.wait(), 0);
}

#[test]
fn settings_of_ones_own_are_there_at_once_and_mistakes_are_told_before_the_screen() {
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(home.path().join(name), text).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_kreach"));
    let directory = home.path().to_str().unwrap();
    let variables = [("KREACH_CONFIG_DIR", directory), ("COLORTERM", "truecolor")];
    write("config.toml", "theme = \"okabe-ito\"");
    let mut terminal = Terminal::start_with(program, &["--demo"], (SIZE, &variables));
    terminal.wait_for("EXPOSED TO OUTSIDE");
    assert!(String::from_utf8_lossy(terminal.raw()).contains("48;2;22;24;29"));
    write("keys.toml", "[everywhere]\nP = \"policies\"");
    terminal.wait_for("your settings are in effect");
    terminal.send("P");
    terminal.wait_for("OWNER?");
    write("keys.toml", "[everywhere]\nP = \"policy\"");
    terminal.wait_for("unknown action `policy`");
    terminal.send("q");
    assert_eq!(terminal.wait(), 0);
    assert_given_back(&terminal);
    let mut terminal = Terminal::start_with(program, &["--demo"], (SIZE, &variables));
    assert_eq!(terminal.wait(), 2);
    assert!(terminal.text().contains("did you mean `policies`?"));
    assert!(!String::from_utf8_lossy(terminal.raw()).contains("\u{1b}[?1049h"));
}

#[test]
fn copying_writes_the_text_for_the_terminal_to_keep() {
    let mut terminal = explorer();
    terminal.send("yc");
    terminal.wait_for("copied kreach --demo exposed -A");
    assert!(String::from_utf8_lossy(terminal.raw()).contains("\u{1b}]52;c;"));
}

#[test]
fn nothing_is_drawn_while_nothing_happens() {
    let mut terminal = explorer();
    // The picker shows no age, and the demo's first scripted change is 20 s away.
    terminal.send("2n");
    terminal.wait_for("namespaces");
    terminal.settle(Duration::from_millis(300));
    let drawn = terminal.drawn_within(Duration::from_secs(2));
    assert_eq!(drawn, 0, "drawn without a reason");
}

const GOOD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\n";
const BAD: &str = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n\
                   metadata: {name: p, namespace: shop}\nspec: {policyTypes: [Sideways]}\n";

#[test]
fn ld_07_one_bad_file_makes_what_is_shown_old_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("good.yaml"), GOOD).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_kreach"));
    let path = directory.path().to_str().unwrap();
    let mut terminal = Terminal::start(program, &["--from", path], SIZE);
    terminal.wait_for("FILES");
    terminal.send("2");
    terminal.wait_for("shop/web");
    let bad = directory.path().join("bad.yaml");
    std::fs::write(&bad, BAD).unwrap();
    terminal.wait_for("STALE");
    assert!(terminal.text().contains("shop/web"), "{}", terminal.text());
    terminal.send("!");
    terminal.wait_for("spec.policyTypes[0]");
    terminal.wait_for("bad.yaml:4");
    terminal.send("\u{1b}");
    std::fs::remove_file(&bad).unwrap();
    terminal.wait_for("FILES");
    terminal.send("q");
    assert_eq!(terminal.wait(), 0);
}

#[test]
fn ld_07_a_bad_file_at_the_start_is_told_and_nothing_is_shown() {
    let directory = tempfile::tempdir().unwrap();
    let bad = directory.path().join("bad.yaml");
    std::fs::write(&bad, BAD).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_kreach"));
    let mut terminal = Terminal::start(program, &["--from", bad.to_str().unwrap()], (160, 24));
    assert_eq!(terminal.wait(), 2);
    assert_given_back(&terminal);
    let text = terminal.text();
    assert!(
        text.contains("NetworkPolicy shop/p: spec.policyTypes[0]"),
        "{text}"
    );
}
