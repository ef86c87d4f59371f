//! The terminal: taken over at the start, given back on every way out.
//!
//! It is given back when the guard is dropped, on a panic before the message is printed, and while
//! suspended. Each frame is one synchronized update.

use std::io::{self, IsTerminal as _, Stdout, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Position, Rect};

use super::app::App;
use super::draw::draw;
use super::msg::Report;

/// Whether the mouse is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mouse {
    /// Wheel and clicks; shift-drag stays the terminal's.
    #[default]
    On,
    /// Left to the terminal.
    Off,
}

/// The terminal while the explorer has it.
pub struct Terminal {
    screen: ratatui::Terminal<CrosstermBackend<Stdout>>,
    mouse: Mouse,
    /// Whether what is on the screen is not what was drawn last.
    forgotten: bool,
    /// Whether the terminal has to be given back; shared with the panic hook.
    taken: Arc<AtomicBool>,
}

/// Whether there is a terminal to draw on and to read keys from.
#[must_use]
pub fn is_there() -> bool {
    let keys = || io::stdin().is_terminal() || std::fs::File::open("/dev/tty").is_ok();
    io::stdout().is_terminal() && keys()
}

impl Terminal {
    /// Takes the terminal over.
    ///
    /// # Errors
    ///
    /// The terminal refuses.
    pub fn take(mouse: Mouse) -> io::Result<Self> {
        let taken = Arc::new(AtomicBool::new(false));
        give_back_on_panic(taken.clone());
        let screen = ratatui::Terminal::new(CrosstermBackend::new(io::stdout()))?;
        let mut terminal = Self {
            screen,
            mouse,
            forgotten: true,
            taken,
        };
        terminal.enter()?;
        Ok(terminal)
    }

    fn enter(&mut self) -> io::Result<()> {
        self.taken.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        let mut out = io::stdout();
        execute!(
            out,
            EnterAlternateScreen,
            EnableBracketedPaste,
            EnableFocusChange,
            cursor::Hide
        )?;
        if self.mouse == Mouse::On {
            execute!(out, EnableMouseCapture)?;
        }
        self.forget();
        Ok(())
    }

    /// Draws the state and tells where things are.
    ///
    /// # Errors
    ///
    /// The terminal is gone.
    pub fn draw(&mut self, app: &App) -> io::Result<Report> {
        let mut report = Report::default();
        queue!(io::stdout(), BeginSynchronizedUpdate)?;
        if std::mem::take(&mut self.forgotten) {
            // Clearing would ask the terminal for its cursor and wait for an answer; this does not.
            let area = Rect::from((Position::ORIGIN, self.screen.size()?));
            self.screen.resize(area)?;
        }
        self.screen.draw(|frame| {
            let area = frame.area();
            report = draw(app, area, frame.buffer_mut());
            // Magnifiers and screen readers follow the cursor.
            if let Some(cursor) = report.cursor {
                frame.set_cursor_position(cursor);
            }
        })?;
        execute!(io::stdout(), EndSynchronizedUpdate)?;
        Ok(report)
    }

    /// Forgets what is on the screen, so that the next frame draws every cell.
    pub fn forget(&mut self) {
        self.forgotten = true;
    }

    /// Gives the terminal back and stops the process group until it is continued.
    ///
    /// # Errors
    ///
    /// The terminal is gone, or there is no `kill` program.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back(&self.taken);
        // The whole group, as the terminal itself would: a wrapper such as kubectl has to stop too.
        let stopped = Command::new("kill").args(["-TSTP", "0"]).status();
        self.enter()?;
        stopped.map(drop)
    }

    /// Gives the terminal back while something else uses it.
    ///
    /// # Errors
    ///
    /// The terminal is gone.
    pub async fn lend<T>(&mut self, borrower: impl AsyncFnOnce() -> T) -> io::Result<T> {
        give_back(&self.taken);
        let made = borrower().await;
        self.enter()?;
        Ok(made)
    }

    /// Puts text onto the clipboard: OSC 52, and tmux's own buffer inside tmux.
    ///
    /// # Errors
    ///
    /// The terminal is gone.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text))?;
        if std::env::var_os("TMUX").is_some() {
            let child = Command::new("tmux")
                .args(["load-buffer", "-w", "-"])
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            if let Ok(mut child) = child {
                if let Some(mut input) = child.stdin.take() {
                    input.write_all(text.as_bytes()).ok();
                }
                child.wait().ok();
            }
        }
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back(&self.taken);
    }
}

/// Gives the terminal back if it was taken; what fails here has nobody to be told to.
fn give_back(taken: &AtomicBool) {
    if taken.swap(false, Ordering::SeqCst) {
        execute!(
            io::stdout(),
            EndSynchronizedUpdate,
            DisableMouseCapture,
            DisableFocusChange,
            DisableBracketedPaste,
            LeaveAlternateScreen,
            cursor::Show
        )
        .ok();
        disable_raw_mode().ok();
    }
}

fn give_back_on_panic(taken: Arc<AtomicBool>) {
    let next = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        give_back(&taken);
        next(panic);
    }));
}
