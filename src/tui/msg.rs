//! What happens to the screen, what it asks for, and what a drawing tells.

use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};
use jiff::Timestamp;
use ratatui::layout::{Position, Rect};

use crate::model::Text;

use super::action::Action;
use super::app::Look;
use super::app::background::Ticket;
use super::app::view::Pane;
use super::facts::{DraftId, Facts, Inquiry, Lens, Outcome};

/// Something happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The mouse was used.
    Mouse(MouseEvent),
    /// The terminal has this size now, in columns and rows.
    Resize(u16, u16),
    /// The terminal got the focus: it may have been drawn over.
    Focus,
    /// A new version of the cluster; `None` while another one is being loaded.
    Facts(Option<Arc<dyn Facts>>),
    /// The answer to a question that was handed over by [`Effect::Compute`].
    Answer {
        /// Which question.
        ticket: Ticket,
        /// The answer.
        outcome: Arc<Outcome>,
    },
    /// An answer has been awaited for so long that the screen should say so.
    AnswerAwaited,
    /// The connection changed.
    Connection(Connection),
    /// The person's settings changed; the sentence says what is wrong with them.
    Look(Result<Look, String>),
    /// It is now.
    Clock(Timestamp),
    /// A key that waits for another one has waited long enough to show the choices.
    PrefixWaited,
    /// The screen was drawn.
    Drawn(Report),
    /// Something is asked for by name.
    Act(Action),
    /// Nobody has typed into a draft for a moment.
    TypingPaused,
    /// A file was written, or not, by [`Effect::Write`].
    Written(Result<(), WriteError>),
    /// A draft comes back from [`Effect::EditOutside`], or why not.
    Edited(DraftId, Result<String, String>),
}

/// Something to do outside the state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Put this text onto the clipboard.
    Copy(String),
    /// Give the terminal back and stop until continued.
    Suspend,
    /// Draw every cell again.
    Redraw,
    /// Answer a question beside the drawing, by [`Msg::Answer`]. One of the same topic that still
    /// waits is dropped.
    Compute {
        /// Which question.
        ticket: Ticket,
        /// The question.
        inquiry: Inquiry,
    },
    /// Ask whoever runs the source.
    Ask(Request),
    /// Look at the cluster like this from now on.
    Look(Lens),
    /// Write a file.
    Write {
        /// Its path.
        path: String,
        /// What is written.
        text: String,
        /// What becomes of a file that is there.
        existing: Existing,
    },
    /// Give the terminal to the editor of the environment, with this text.
    EditOutside(DraftId, String),
    /// Leave.
    Quit,
}

/// A request to whoever runs the source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Request {
    /// Connect again now.
    Reconnect,
    /// Load another context. New analyses follow on the same channel.
    SwitchContext(Text),
}

/// What becomes of a file that is there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Existing {
    /// It stays, and nothing is written.
    Keep,
    /// It is overwritten: the user was asked.
    Overwrite,
}

/// Why a file was not written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WriteError {
    /// There is one already.
    Exists,
    /// The system said this.
    Failed(String),
}

/// How fresh the data are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Connection {
    /// The first connection is being made.
    Connecting,
    /// Watching. Quiet is not old: there is no age to it.
    Live,
    /// The connection is lost; the data are as of that time.
    Stale {
        /// When the data were last known to be right.
        since: Timestamp,
        /// What happened, escaped.
        reason: String,
    },
    /// Manifests.
    Files,
    /// A saved snapshot of that time.
    Snapshot(Timestamp),
    /// The built-in demo.
    Demo,
}

/// What is under a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hit {
    /// A row of a list.
    Row(Pane, usize),
    /// A cell of the matrix: its row and its column.
    Cell(usize, usize),
    /// A list, beside its rows.
    Pane(Pane),
    /// A row of the topmost layer.
    LayerRow(usize),
    /// Something to do.
    Act(Action),
}

/// What a drawing tells the state: where things are, and which ages are visible.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// What is where; later entries lie above earlier ones.
    pub hits: Vec<(Rect, Hit)>,
    /// The first visible row, and how many fit, of each list.
    pub windows: Vec<(Pane, usize, u16)>,
    /// How many rows of the topmost layer fit.
    pub layer_height: u16,
    /// Where the selected row begins, in the list or layer that has the focus.
    pub cursor: Option<Position>,
    /// Visible ages.
    pub ages: Vec<Age>,
}

/// A visible age: since when, in which steps, and as which text.
pub type Age = (Timestamp, Step, String);

/// In which steps an age is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Every second at first.
    Fine,
    /// Every ten seconds from ten on.
    Coarse,
}

impl Report {
    /// Adds what another part of the screen told.
    pub fn add(&mut self, other: Self) {
        self.hits.extend(other.hits);
        self.windows.extend(other.windows);
        self.ages.extend(other.ages);
        self.cursor = other.cursor.or(self.cursor);
        self.layer_height = self.layer_height.max(other.layer_height);
    }

    /// The topmost thing at a cell.
    #[must_use]
    pub fn at(&self, x: u16, y: u16) -> Option<Hit> {
        let position = Position { x, y };
        self.hits
            .iter()
            .rev()
            .find(|(area, _)| area.contains(position))
            .map(|(_, hit)| *hit)
    }
}
