//! What comes from outside: keys, signals, time.

use std::io;
use std::task::Poll;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyEventKind};
use futures::StreamExt as _;

use super::msg::Msg;

/// Events handled before a drawing when they come in a burst.
const MOST_AT_ONCE: usize = 256;

/// The next message from the terminal; `None` when the terminal is gone.
pub(super) async fn next(events: &mut EventStream) -> Option<io::Result<Msg>> {
    loop {
        match events.next().await? {
            Ok(event) => {
                if let Some(msg) = message(event) {
                    return Some(Ok(msg));
                }
            }
            Err(error) => return Some(Err(error)),
        }
    }
}

/// Messages that are there already: a paste without brackets, or a burst of resizes, is drawn once.
///
/// The stream is polled as the task that waits for it, never with a waker that wakes nobody: it
/// keeps the first waker that it is given.
pub(super) async fn waiting(events: &mut EventStream) -> Vec<Msg> {
    let mut messages = Vec::new();
    while messages.len() < MOST_AT_ONCE
        && let Poll::Ready(Some(Ok(event))) = futures::poll!(events.next())
    {
        messages.extend(message(event));
    }
    messages
}

fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) if key.kind == KeyEventKind::Release => None,
        Event::Key(key) => Some(Msg::Key(key)),
        Event::Mouse(mouse) if mouse.kind == crossterm::event::MouseEventKind::Moved => None,
        Event::Mouse(mouse) => Some(Msg::Mouse(mouse)),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(columns, rows) => Some(Msg::Resize(columns, rows)),
        Event::FocusGained => Some(Msg::Focus),
        Event::FocusLost => None,
    }
}

/// What a signal asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Signal {
    /// Leave.
    End,
    /// Somebody stopped and continued the process: the screen is not ours any more.
    Continued,
}

/// The signals that matter.
#[cfg(unix)]
pub(super) struct Signals {
    ends: [tokio::signal::unix::Signal; 3],
    continued: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Starts to listen.
    pub(super) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [
            SignalKind::terminate(),
            SignalKind::hangup(),
            SignalKind::interrupt(),
        ];
        let [terminate, hangup, interrupt] = kinds.map(signal);
        Ok(Self {
            ends: [terminate?, hangup?, interrupt?],
            continued: signal(SignalKind::from_raw(CONTINUE))?,
        })
    }

    /// The next signal.
    pub(super) async fn next(&mut self) -> Signal {
        let [terminate, hangup, interrupt] = &mut self.ends;
        tokio::select! {
            _ = terminate.recv() => Signal::End,
            _ = hangup.recv() => Signal::End,
            _ = interrupt.recv() => Signal::End,
            _ = self.continued.recv() => Signal::Continued,
        }
    }
}

/// SIGCONT has no name in tokio.
#[cfg(all(
    unix,
    any(target_os = "macos", target_os = "ios", target_os = "freebsd")
))]
const CONTINUE: i32 = 19;
/// SIGCONT has no name in tokio.
#[cfg(all(
    unix,
    not(any(target_os = "macos", target_os = "ios", target_os = "freebsd"))
))]
const CONTINUE: i32 = 18;

/// Without unix signals, only control-c ends.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Starts to listen.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    /// The next signal.
    pub(super) async fn next(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::End
    }
}

/// Waits, or for ever.
pub(super) async fn after(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
