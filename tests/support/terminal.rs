//! The real program in a pseudo terminal: type keys, wait for text, look at the screen.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a harness stops its test when the machine lets it down, and says why"
)]

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long a wait may take before it fails; generous, since machines may be loaded.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program under test with the screen it has drawn so far.
pub struct Terminal {
    screen: vt100::Parser,
    output: Receiver<Vec<u8>>,
    input: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    started: Instant,
    raw: Vec<u8>,
}

impl Terminal {
    /// Starts `program` with `args` in a terminal of `columns` by `rows`.
    pub fn start(program: &Path, args: &[&str], size: (u16, u16)) -> Self {
        Self::start_with(program, args, (size, &[]))
    }

    /// The same with more environment variables.
    pub fn start_with(
        program: &Path,
        args: &[&str],
        (cells_of, variables): ((u16, u16), &[(&str, &str)]),
    ) -> Self {
        let (columns, rows) = cells_of;
        let pair = native_pty_system().openpty(size(cells_of)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        let common = [
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("LC_ALL", "C.UTF-8"),
            // Whoever runs the tests may have settings.
            ("KREACH_CONFIG_DIR", "/nonexistent"),
        ];
        for name in ["NO_COLOR", "TMUX"] {
            command.env_remove(name);
        }
        for (name, value) in common.iter().chain(variables) {
            command.env(name, value);
        }
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let input = pair.master.take_writer().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        let screen = vt100::Parser::new(cells(rows), cells(columns), 0);
        Self {
            screen,
            output,
            input,
            master: pair.master,
            child,
            started,
            raw: Vec::new(),
        }
    }

    /// Types `keys` as they are; write `\r` for enter and `\x1b` for escape.
    pub fn send(&mut self, keys: &str) {
        self.input.write_all(keys.as_bytes()).unwrap();
        self.input.flush().unwrap();
    }

    /// Waits until the screen shows `text`; returns the time since the start.
    pub fn wait_for(&mut self, text: &str) -> Duration {
        self.wait_until(text, |screen| screen.contains(text))
    }

    /// Waits until the screen's text satisfies `condition`; `what` names it when it never does.
    pub fn wait_until(&mut self, what: &str, condition: impl Fn(&str) -> bool) -> Duration {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if condition(&self.text()) {
                return self.started.elapsed();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => {
                    panic!(
                        "no {what:?} within {PATIENCE:?}; the screen is\n{}",
                        self.text()
                    )
                }
                Err(RecvTimeoutError::Disconnected) => {
                    assert!(
                        condition(&self.text()),
                        "the program ended before {what:?}:\n{}",
                        self.text()
                    );
                    return self.started.elapsed();
                }
            }
        }
    }

    /// Takes in what the program draws until it has been quiet for `quiet`.
    pub fn settle(&mut self, quiet: Duration) {
        while let Ok(bytes) = self.output.recv_timeout(quiet) {
            self.take(&bytes);
        }
    }

    /// Takes in what the program draws for `time`, and says how many bytes that were.
    pub fn drawn_within(&mut self, time: Duration) -> usize {
        let before = self.raw.len();
        let deadline = Instant::now() + time;
        while let Ok(bytes) = self
            .output
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            self.take(&bytes);
        }
        self.raw.len() - before
    }

    /// Changes the size of the terminal.
    pub fn resize(&mut self, (columns, rows): (u16, u16)) {
        self.master.resize(size((columns, rows))).unwrap();
        self.screen
            .screen_mut()
            .set_size(cells(rows), cells(columns));
    }

    /// The screen as the terminal understands it, with colours and cursor.
    pub fn screen(&self) -> &vt100::Screen {
        self.screen.screen()
    }

    /// The text of the screen, rows separated by newlines.
    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Every byte the program has written.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Process id of the program.
    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Waits for the program to end; returns its exit code.
    pub fn wait(&mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.settle(Duration::from_millis(100));
                return status.exit_code();
            }
            assert!(
                Instant::now() < deadline,
                "the program does not end:\n{}",
                self.text()
            );
            if let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(20)) {
                self.take(&bytes);
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        self.screen.process(bytes);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // The program may have ended by itself; either way it must not outlive the test.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size((cols, rows): (u16, u16)) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a terminal has at least one cell")
}
