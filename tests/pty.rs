//! The explorer in a real terminal: the binary on the demo, in a pseudo terminal.
#![cfg(unix)]

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long to wait for something to appear.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running explorer and what its terminal shows.
struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    raw: Vec<u8>,
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

fn size(cols: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

impl Terminal {
    fn start(args: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_kreach"));
        command.args(args);
        Self::spawn(command, variables)
    }

    fn spawn(mut command: CommandBuilder, variables: &[(&str, &str)]) -> Self {
        let pty = native_pty_system().openpty(size(80, 24)).unwrap();
        command.env("LC_ALL", "C.UTF-8");
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        command.env_remove("TMUX");
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let keys = pty.master.take_writer().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut chunk) {
                if sender.send(chunk[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            master: pty.master,
            keys,
            output,
            screen: vt100::Parser::new(cells(24), cells(80), 0),
            raw: Vec::new(),
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Reads output for at most `wait`; tells whether there was any.
    fn read(&mut self, wait: Duration) -> bool {
        let Ok(bytes) = self.output.recv_timeout(wait) else {
            return false;
        };
        self.screen.process(&bytes);
        self.raw.extend(bytes);
        true
    }

    fn text(&self) -> String {
        self.screen.screen().contents()
    }

    fn wait_for(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.text().contains(text) {
            self.read(Duration::from_millis(50));
            assert!(Instant::now() < end, "no {text} in\n{}", self.text());
        }
    }

    fn resize(&mut self, cols: u16, rows: u16) {
        self.master.resize(size(cols, rows)).unwrap();
        self.screen.screen_mut().set_size(cells(rows), cells(cols));
    }

    fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        let status = std::process::Command::new("kill")
            .args(["-s", name, &id])
            .status();
        assert!(status.unwrap().success());
    }

    /// Waits for the end and reads what is left.
    fn end(&mut self) -> u32 {
        let end = Instant::now() + PATIENCE;
        loop {
            self.read(Duration::from_millis(20));
            if let Some(status) = self.child.try_wait().unwrap() {
                while self.read(Duration::from_millis(100)) {}
                return status.exit_code();
            }
            assert!(Instant::now() < end, "still running\n{}", self.text());
        }
    }

    /// Everything that was switched on is off again.
    fn assert_given_back(&self) {
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen());
        assert!(!screen.hide_cursor());
        assert!(!screen.bracketed_paste());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        let raw = String::from_utf8_lossy(&self.raw);
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
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn the_explorer_starts_answers_keys_and_gives_the_terminal_back() {
    let mut terminal = Terminal::start(&["--demo"], &[]);
    terminal.wait_for("EXPOSED TO OUTSIDE");
    terminal.wait_for("DEMO");
    terminal.press("2");
    terminal.wait_for("WHO CAN REACH IT");
    terminal.press("/name:web\r\r");
    terminal.wait_for("ingress/control");
    terminal.press("w\u{15}shop/web -> data/db:5432");
    terminal.wait_for("BLOCKED");
    terminal.press("\r");
    terminal.wait_for("INGRESS of data/db-0 is refused");
    terminal.press("6");
    terminal.wait_for("OWNER?");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    terminal.assert_given_back();
}

#[test]
fn a_resize_is_drawn_and_below_the_smallest_size_one_line_says_so() {
    let mut terminal = Terminal::start(&["--demo"], &[]);
    terminal.wait_for("EXPOSED TO OUTSIDE");
    terminal.press("2");
    terminal.wait_for("WHO CAN REACH IT");
    terminal.resize(160, 48);
    terminal.wait_for("NAMESPACES");
    terminal.resize(30, 8);
    terminal.wait_for("kreach needs 40x12");
    terminal.resize(40, 12);
    terminal.wait_for("WORKLOAD");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn signals_end_it_and_the_terminal_is_given_back() {
    for signal in ["TERM", "HUP"] {
        let mut terminal = Terminal::start(&["--demo"], &[]);
        terminal.wait_for("EXPOSED TO OUTSIDE");
        terminal.signal(signal);
        terminal.end();
        terminal.assert_given_back();
    }
}

#[test]
fn control_z_gives_the_terminal_to_the_shell_and_fg_takes_it_back() {
    let mut shell = CommandBuilder::new("/bin/sh");
    shell.arg("-i");
    let mut terminal = Terminal::spawn(shell, &[("PS1", "ready$ ")]);
    terminal.wait_for("ready$");
    terminal.press(&format!("{} --demo\r", env!("CARGO_BIN_EXE_kreach")));
    terminal.wait_for("EXPOSED TO OUTSIDE");
    terminal.press("\u{1a}");
    terminal.wait_for("topped");
    assert!(!terminal.screen.screen().alternate_screen());
    assert!(!terminal.screen.screen().bracketed_paste());
    terminal.press("fg\r");
    terminal.wait_for("EXPOSED TO OUTSIDE");
    terminal.press("2");
    terminal.wait_for("WHO CAN REACH IT");
    terminal.press("q");
    terminal.wait_for("ready$");
    terminal.press("exit\r");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn no_color_and_another_locale_are_respected() {
    let variables = [("NO_COLOR", "1"), ("LC_ALL", "C")];
    let mut terminal = Terminal::start(&["--demo"], &variables);
    terminal.wait_for("EXPOSED TO OUTSIDE");
    terminal.press("2");
    terminal.wait_for("WHO CAN REACH IT");
    assert!(terminal.text().is_ascii(), "{}", terminal.text());
    for (row, col) in (0..24).flat_map(|row| (0..80).map(move |col| (row, col))) {
        let cell = terminal.screen.screen().cell(row, col).unwrap();
        assert_eq!(cell.fgcolor(), vt100::Color::Default);
    }
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn copying_writes_the_text_for_the_terminal_to_keep() {
    let mut terminal = Terminal::start(&["--demo"], &[]);
    terminal.wait_for("EXPOSED TO OUTSIDE");
    terminal.press("yc");
    terminal.wait_for("copied kreach --demo exposed -A");
    assert!(String::from_utf8_lossy(&terminal.raw).contains("\u{1b}]52;c;"));
}

#[test]
fn nothing_is_drawn_while_nothing_happens() {
    let mut terminal = Terminal::start(&["--demo"], &[]);
    terminal.wait_for("EXPOSED TO OUTSIDE");
    // The picker shows no age, and the demo's first scripted change is 20 s away.
    terminal.press("2n");
    terminal.wait_for("namespaces");
    while terminal.read(Duration::from_millis(300)) {}
    assert!(
        !terminal.read(Duration::from_secs(2)),
        "drawn without a reason"
    );
}
