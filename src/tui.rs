//! The explorer: an interactive view of one analysis after another.
//!
//! ```text
//! keys, mouse ─► keymap ─► Action ─► update(&mut App, Msg) ─► effects
//! analyses ─────────────────────────────┘        │
//!                                                ▼
//!                                    draw(&App) ─► Report (what is where)
//! ```
//!
//! [`run`] is the only part that waits. It draws when something on the screen changes and at no
//! other time; input is drawn at once, new data at most every 33 ms. The first frame is drawn
//! before any data have arrived. Nothing here changes a cluster.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::EventStream;
use jiff::Timestamp;
use thiserror::Error;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::analysis::Analysis;

pub mod action;
pub mod app;
pub mod area;
mod boards;
pub mod clock;
pub mod draw;
mod event;
pub mod facts;
mod files;
pub mod filter;
pub mod frame;
pub mod key;
pub mod keymap;
pub mod msg;
pub mod popup;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;
pub mod widget;
mod worker;

use app::{App, Look, Setup};
use event::Signal;
use facts::{DraftId, Lens, ReadManifest};
use terminal::{Mouse, Terminal};
use update::update;
use worker::Worker;

pub use msg::{Connection, Effect, Msg, Request};

/// What the explorer is started with.
#[derive(Debug)]
pub struct Start {
    /// What never changes, or seldom.
    pub setup: Setup,
    /// Whether the mouse is used.
    pub mouse: Mouse,
    /// The newest analysis; `None` until the first, and while another context is being loaded.
    pub analyses: watch::Receiver<Option<Arc<Analysis>>>,
    /// How fresh the data are.
    pub connection: watch::Receiver<Connection>,
    /// The person's settings, whenever they change.
    pub looks: mpsc::Receiver<Result<Look, String>>,
    /// Where requests to the source go; when it is full or closed, the user is told.
    pub requests: mpsc::Sender<Request>,
    /// How drafts are read.
    pub read: ReadManifest,
}

/// How the explorer was left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// By the user.
    Quit,
    /// By a signal, or because the terminal went away.
    Ended,
}

/// Why the explorer cannot run.
#[derive(Debug, Error)]
pub enum TuiError {
    /// There is nothing to draw on.
    #[error(
        "the explorer needs a terminal, and standard output is none: use a subcommand, see kreach --help"
    )]
    NoTerminal,
    /// The terminal failed.
    #[error("the terminal failed: {0}")]
    Terminal(#[from] io::Error),
}

/// New data are drawn at most this often.
const DATA_PAUSE: Duration = Duration::from_millis(33);
/// A key that waits for another one shows the choices after this time.
const PREFIX_PAUSE: Duration = Duration::from_millis(150);
/// An answer that is awaited for longer than this shows as being awaited.
const PATIENCE: Duration = Duration::from_millis(150);
/// A draft is evaluated when nobody has typed for this long.
const TYPING_PAUSE: Duration = Duration::from_millis(120);
/// Ages and messages are looked at this often, while any is visible.
const TICK: Duration = Duration::from_secs(1);

/// Shows the explorer until the user leaves it. The terminal is as before when it returns.
///
/// # Errors
///
/// There is no terminal, or it fails.
pub async fn run(start: Start) -> Result<Exit, TuiError> {
    if !terminal::is_there() {
        return Err(TuiError::NoTerminal);
    }
    let mut signals = event::Signals::listen()?;
    let (worker, mut answers) = Worker::start()?;
    let (lenses, looked) = watch::channel(Lens::Now);
    let mut boards = Some(boards::start(boards::Sources {
        analyses: start.analyses,
        lenses: looked,
        read: start.read,
    })?);
    let mut explorer = Explorer {
        terminal: Terminal::take(start.mouse)?,
        app: App::new(start.setup),
        requests: start.requests,
        worker,
        lenses,
        edit: None,
        typed: (0, None),
        awaited: None,
        due: Some(Instant::now()),
        drawn: None,
    };
    explorer.draw_if_due()?;
    let mut events = EventStream::new();
    let mut connection = start.connection;
    let mut looks = start.looks;
    // What is there already counts as new.
    connection.mark_changed();
    let mut connection = Some(connection);
    loop {
        let waits = explorer.waits();
        let step = tokio::select! {
            biased;
            signal = signals.next() => match signal {
                Signal::End => return Ok(Exit::Ended),
                Signal::Continued => explorer.apply(Msg::Focus, Urgency::Now)?,
            },
            input = event::next(&mut events) => match input {
                None | Some(Err(_)) => return Ok(Exit::Ended),
                Some(Ok(msg)) => explorer.input(msg, event::waiting(&mut events).await)?,
            },
            Some((ticket, outcome)) = answers.recv() => {
                explorer.apply(Msg::Answer { ticket, outcome }, Urgency::Now)?
            }
            facts = newest(&mut boards) => {
                explorer.worker.look_at(facts.clone());
                explorer.apply(Msg::Facts(facts), Urgency::Soon)?
            }
            state = newest(&mut connection) => {
                explorer.apply(Msg::Connection(state), Urgency::Soon)?
            }
            Some(look) = looks.recv() => explorer.apply(Msg::Look(look), Urgency::Now)?,
            () = event::after(waits.prefix) => explorer.apply(Msg::PrefixWaited, Urgency::Now)?,
            () = event::after(waits.typing) => explorer.apply(Msg::TypingPaused, Urgency::Now)?,
            () = event::after(waits.answer) => explorer.apply(Msg::AnswerAwaited, Urgency::Now)?,
            () = event::after(waits.draw) => Step::Stay,
            () = event::after(waits.tick) => explorer.apply(Msg::Clock(Timestamp::now()), Urgency::Now)?,
        };
        if step == Step::Leave {
            return Ok(Exit::Quit);
        }
        if let Some((draft, text)) = explorer.edit.take() {
            // Whoever reads keys must not compete with the editor for them.
            drop(events);
            let edited = explorer.terminal.lend(|| files::edit(&text)).await?;
            events = EventStream::new();
            // An interrupt was meant for the editor.
            signals = event::Signals::listen()?;
            if explorer.apply(Msg::Edited(draft, edited), Urgency::Now)? == Step::Leave {
                return Ok(Exit::Quit);
            }
        }
        explorer.draw_if_due()?;
    }
}

/// The newest value when it changes; waits for ever once no more can come.
async fn newest<T: Clone>(source: &mut Option<watch::Receiver<T>>) -> T {
    if let Some(receiver) = source
        && receiver.changed().await.is_ok()
    {
        return receiver.borrow_and_update().clone();
    }
    *source = None;
    std::future::pending().await
}

/// When a change is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Urgency {
    /// At once: somebody pressed a key.
    Now,
    /// Not before the pause after the last drawing is over.
    Soon,
}

/// Whether the loop goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Stay,
    Leave,
}

/// How long to wait for what.
struct Waits {
    prefix: Option<Duration>,
    typing: Option<Duration>,
    answer: Option<Duration>,
    draw: Option<Duration>,
    tick: Option<Duration>,
}

/// The state together with what it acts on.
struct Explorer {
    terminal: Terminal,
    app: App,
    requests: mpsc::Sender<Request>,
    worker: Worker,
    /// Where it is said how the cluster is looked at.
    lenses: watch::Sender<Lens>,
    /// A text for the editor of the environment.
    edit: Option<(DraftId, String)>,
    /// How often drafts had been typed into, and when last.
    typed: (u64, Option<Instant>),
    /// When the wait for an answer began that does not show yet.
    awaited: Option<Instant>,
    /// When the screen has to be drawn next, if at all.
    due: Option<Instant>,
    /// When it was drawn last.
    drawn: Option<Instant>,
}

impl Explorer {
    fn waits(&self) -> Waits {
        let app = &self.app;
        let ages = !app.drawn.ages.is_empty() || !app.toasts.is_empty();
        Waits {
            prefix: (!app.pending.is_empty() && !app.choices_shown).then_some(PREFIX_PAUSE),
            typing: self
                .typed
                .1
                .map(|last| (last + TYPING_PAUSE).saturating_duration_since(Instant::now())),
            answer: self
                .awaited
                .map(|since| (since + PATIENCE).saturating_duration_since(Instant::now())),
            draw: self
                .due
                .map(|due| due.saturating_duration_since(Instant::now())),
            tick: ages.then_some(TICK),
        }
    }

    /// Applies an event and those that wait behind it.
    fn input(&mut self, first: Msg, others: Vec<Msg>) -> Result<Step, TuiError> {
        self.app.clock.now = Timestamp::now();
        for msg in std::iter::once(first).chain(others) {
            if self.apply(msg, Urgency::Now)? == Step::Leave {
                return Ok(Step::Leave);
            }
        }
        Ok(Step::Stay)
    }

    fn apply(&mut self, msg: Msg, urgency: Urgency) -> Result<Step, TuiError> {
        let effects = update(&mut self.app, msg);
        if self.perform_all(effects)? == Step::Leave {
            return Ok(Step::Leave);
        }
        let drafts = &self.app.drafts;
        if drafts.edits != self.typed.0 || !drafts.typing {
            self.typed = (drafts.edits, drafts.typing.then(Instant::now));
        }
        if self.app.dirty {
            let now = Instant::now();
            let due = match (urgency, self.drawn) {
                (Urgency::Soon, Some(drawn)) => now.max(drawn + DATA_PAUSE),
                (Urgency::Now, _) | (Urgency::Soon, None) => now,
            };
            self.due = Some(self.due.map_or(due, |earlier| earlier.min(due)));
        }
        Ok(Step::Stay)
    }

    fn perform_all(&mut self, effects: Vec<Effect>) -> Result<Step, TuiError> {
        for effect in effects {
            if self.perform(effect)? == Step::Leave {
                return Ok(Step::Leave);
            }
        }
        let patient = self.app.background.is_patient();
        self.awaited = patient.then(|| self.awaited.unwrap_or_else(Instant::now));
        Ok(Step::Stay)
    }

    fn perform(&mut self, effect: Effect) -> Result<Step, TuiError> {
        match effect {
            Effect::Quit => return Ok(Step::Leave),
            Effect::Compute { ticket, inquiry } => {
                // Nothing to draw before the answer.
                self.worker.ask(ticket, inquiry);
                return Ok(Step::Stay);
            }
            Effect::Look(lens) => drop(self.lenses.send_replace(lens)),
            Effect::Write {
                path,
                text,
                existing,
            } => {
                let written = files::write(&path, &text, existing);
                let effects = update(&mut self.app, Msg::Written(written));
                return self.perform_all(effects);
            }
            Effect::EditOutside(draft, text) => self.edit = Some((draft, text)),
            Effect::Redraw => self.terminal.forget(),
            Effect::Copy(text) => self.terminal.copy(&text)?,
            Effect::Suspend => {
                if let Err(error) = self.terminal.suspend() {
                    let text = format!("cannot suspend: {error}");
                    self.app.say(theme::Role::High, text);
                }
            }
            Effect::Ask(request) => {
                if self.requests.try_send(request).is_err() {
                    self.app
                        .say(theme::Role::Low, "this source does not take requests now");
                }
            }
        }
        self.app.dirty = true;
        Ok(Step::Stay)
    }

    fn draw_if_due(&mut self) -> Result<(), TuiError> {
        let now = Instant::now();
        if self.due.is_none_or(|due| due > now) {
            return Ok(());
        }
        self.due = None;
        self.app.clock.now = Timestamp::now();
        let report = self.terminal.draw(&self.app)?;
        self.drawn = Some(now);
        let effects = update(&mut self.app, Msg::Drawn(report));
        self.perform_all(effects)?;
        Ok(())
    }
}
