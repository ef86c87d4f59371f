//! The state of the screen. Only [`update`](super::update::update) changes it.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::Text;

use super::action::Action;
use super::clock::{Clock, Times};
use super::facts::{Facts, Lens, Reply};
use super::key::Press;
use super::keymap::{Keymap, Place};
use super::msg::{Connection, Report};
use super::theme::{Depth, Role, Theme};

pub mod background;
mod change;
pub mod chart;
pub mod derived;
pub mod draft;
pub mod duties;
mod exposed;
mod fuzzy;
pub mod layer;
pub mod past;
pub mod paths;
pub mod view;

use background::Background;
use derived::Derived;
use draft::Drafts;
use layer::{Layer, Purpose};
use view::{Screen, Trail, View, Visit};

/// What never changes, or seldom.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The context, or another name of what is looked at.
    pub context: Text,
    /// Contexts to switch to.
    pub contexts: Vec<Text>,
    /// How fresh the data are at first.
    pub connection: Connection,
    /// Namespaces in view at first; empty is all.
    pub namespaces: BTreeSet<Text>,
    /// What things look like.
    pub theme: Theme,
    /// How many colours the terminal has.
    pub depth: Depth,
    /// The keys.
    pub keymap: Keymap,
    /// The options of the command line that select the source, for copied commands; escaped.
    pub source_options: String,
    /// The present.
    pub now: Timestamp,
}

/// How the explorer looks and what keys do, where the person's settings decide.
#[derive(Clone, Debug)]
pub struct Look {
    /// What things look like.
    pub theme: Theme,
    /// The keys.
    pub keymap: Keymap,
}

/// A message that goes away by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Toast {
    /// One line.
    pub text: String,
    /// How it looks.
    pub role: Role,
    /// Until when it is shown.
    pub until: Timestamp,
}

/// Ends that `f` and `t` marked, as typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Marks {
    /// The source.
    pub from: Option<String>,
    /// The destination.
    pub to: Option<String>,
}

/// A question whose answer stays in the bar.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// The question as typed.
    pub text: String,
    /// Its answer.
    pub reply: Reply,
}

/// A click that may become a double click.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Click {
    /// Where.
    pub at: (u16, u16),
    /// When.
    pub when: Timestamp,
}

/// Everything the screen knows.
#[derive(Clone, Debug)]
pub struct App {
    /// What never changes, or seldom.
    pub setup: Setup,
    /// The cluster; `None` until the first version.
    pub facts: Option<Arc<dyn Facts>>,
    /// Counts the versions.
    pub generation: u64,
    /// How fresh it is.
    pub connection: Connection,
    /// Namespaces in view; empty is all.
    pub namespaces: BTreeSet<Text>,
    /// What is looked at.
    pub view: View,
    /// What was looked at before.
    pub trail: Trail,
    /// Screens as they were left.
    pub left: Vec<View>,
    /// What lies above, topmost last.
    pub layers: Vec<Layer>,
    /// Marked ends.
    pub marks: Marks,
    /// The question in the bar.
    pub asked: Option<Asked>,
    /// Questions asked before, oldest first.
    pub questions: Vec<String>,
    /// Keys that wait for another one.
    pub pending: Vec<Press>,
    /// Whether their choices are shown.
    pub choices_shown: bool,
    /// Messages.
    pub toasts: Vec<Toast>,
    /// The present, and how the past is written.
    pub clock: Clock,
    /// What the last drawing told.
    pub drawn: Report,
    /// The last click.
    pub click: Option<Click>,
    /// Lists that the state implies, computed when their inputs change.
    pub derived: Derived,
    /// Questions that a worker answers.
    pub background: Background,
    /// Edited policies that exist only here.
    pub drafts: Drafts,
    /// The change of the feed after which everything is shown; `None` for now.
    pub replay: Option<String>,
    /// How the cluster was last asked to be looked at.
    pub lens: Lens,
    /// Whether the screen must be drawn.
    pub dirty: bool,
}

impl App {
    /// The state at the start: the home screen without data.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        Self {
            connection: setup.connection.clone(),
            namespaces: setup.namespaces.clone(),
            clock: Clock {
                now: setup.now,
                times: Times::Ages,
            },
            setup,
            facts: None,
            generation: 0,
            view: View::of(Screen::Home),
            trail: Trail::default(),
            left: Vec::new(),
            layers: Vec::new(),
            marks: Marks::default(),
            asked: None,
            questions: Vec::new(),
            pending: Vec::new(),
            choices_shown: false,
            toasts: Vec::new(),
            drawn: Report::default(),
            click: None,
            derived: Derived::default(),
            background: Background::default(),
            drafts: Drafts::default(),
            replay: None,
            lens: Lens::Now,
            dirty: true,
        }
    }

    /// Where keys go.
    #[must_use]
    pub fn place(&self) -> Place {
        self.layers
            .last()
            .map_or_else(|| self.view.screen.place(), Layer::place)
    }

    /// What the footer offers.
    #[must_use]
    pub fn offered(&self) -> Vec<Action> {
        let purpose = match self.layers.last() {
            Some(Layer::Picker(picker)) => Some(picker.purpose),
            _ => None,
        };
        let fits = |action: &Action| match (action, purpose) {
            (Action::Mark, Some(purpose)) => purpose == Purpose::Namespaces,
            (Action::DropDraft, Some(purpose)) => purpose == Purpose::Drafts,
            _ => true,
        };
        let footer = self.place().footer().iter().copied();
        footer.filter(fits).collect()
    }

    /// Whether objects of a namespace are in view.
    #[must_use]
    pub fn shows(&self, namespace: &Text) -> bool {
        self.namespaces.is_empty() || self.namespaces.contains(namespace)
    }

    /// The namespace of bare names: the one in view, if it is one.
    #[must_use]
    pub fn namespace(&self) -> Option<&Text> {
        match self.namespaces.len() {
            1 => self.namespaces.first(),
            _ => None,
        }
    }

    /// The namespaces in view, in words.
    #[must_use]
    pub fn scope(&self) -> String {
        let names: Vec<String> = self
            .namespaces
            .iter()
            .take(3)
            .map(|n| n.shown().to_string())
            .collect();
        match self.namespaces.len() {
            0 => ALL_NAMESPACES.to_owned(),
            1..=3 => names.join(","),
            n => format!("{n} namespaces"),
        }
    }

    /// The present visit, for the trail.
    #[must_use]
    pub fn visit(&self) -> Visit {
        Visit {
            view: self.view.clone(),
            namespaces: self.namespaces.clone(),
        }
    }

    /// Shows a message for five seconds; three at most stay.
    pub fn say(&mut self, role: Role, text: impl Into<String>) {
        let toast = Toast {
            text: text.into(),
            role,
            until: self
                .clock
                .now
                .saturating_add(TOAST)
                .unwrap_or(self.clock.now),
        };
        self.toasts.retain(|old| old.text != toast.text);
        self.toasts.push(toast);
        let extra = self.toasts.len().saturating_sub(MOST_TOASTS);
        self.toasts.drain(..extra);
        self.dirty = true;
    }
}

/// The scope of everything, in words.
pub const ALL_NAMESPACES: &str = "all namespaces";

const TOAST: jiff::SignedDuration = jiff::SignedDuration::from_secs(5);
const MOST_TOASTS: usize = 3;
