//! What lies above the screen: pickers, texts, the filter line, the what-if bar. Keys go to the
//! topmost layer.

use std::collections::BTreeSet;

use crate::model::Text;
use crate::tui::action::Action;
use crate::tui::facts::{DraftId, Reply};
use crate::tui::keymap::Place;
use crate::tui::widget::{Input, Line};

use super::fuzzy;

/// A layer.
#[derive(Clone, PartialEq, Debug)]
pub enum Layer {
    /// A list to pick from.
    Picker(Picker),
    /// Text to scroll.
    Reader(Reader),
    /// The filter line.
    Filter(Input),
    /// The what-if bar.
    Bar(Bar),
    /// The name of a file.
    Path(PathPrompt),
}

impl Layer {
    /// Where its keys are.
    #[must_use]
    pub const fn place(&self) -> Place {
        match self {
            Self::Picker(_) => Place::Picker,
            Self::Reader(_) => Place::Reader,
            Self::Filter(_) => Place::Filter,
            Self::Bar(_) => Place::Bar,
            Self::Path(_) => Place::Path,
        }
    }
}

/// What a picker is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Namespaces in view; several can be marked.
    Namespaces,
    /// Another cluster.
    Contexts,
    /// A command.
    Palette,
    /// A key to read about.
    Help,
    /// A draft to open.
    Drafts,
}

impl Purpose {
    /// The title of the box.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Namespaces => "namespaces",
            Self::Contexts => "contexts",
            Self::Palette => "command",
            Self::Help => "help",
            Self::Drafts => "drafts",
        }
    }
}

/// What picking an item means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Choice {
    /// A namespace, or all of them.
    Namespace(Option<Text>),
    /// A context of the kubeconfig.
    Context(Text),
    /// An action.
    Act(Action),
    /// A draft.
    Draft(DraftId),
    /// A command that needs an argument: its name is typed and the picker stays.
    Argument(&'static str),
    /// Nothing to pick: a heading.
    Heading,
}

/// One line to pick.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// What is matched and shown.
    pub label: String,
    /// Shown to the right, and matched after the label.
    pub detail: String,
    /// What it means.
    pub choice: Choice,
}

/// A list to pick from, with a line that narrows it.
#[derive(Clone, PartialEq, Debug)]
pub struct Picker {
    /// What it is for.
    pub purpose: Purpose,
    /// What was typed.
    pub input: Input,
    /// Everything that could be picked.
    pub items: Vec<Item>,
    /// What matches, best first, as positions in `items`.
    pub shown: Vec<usize>,
    /// The selected row of `shown`.
    pub at: usize,
    /// Marked items.
    pub marked: BTreeSet<usize>,
}

impl Picker {
    /// A picker over `items` with nothing typed.
    #[must_use]
    pub fn of(purpose: Purpose, items: Vec<Item>) -> Self {
        let shown = (0..items.len()).collect();
        let mut picker = Self {
            purpose,
            input: Input::default(),
            items,
            shown,
            at: 0,
            marked: BTreeSet::new(),
        };
        picker.narrow();
        picker
    }

    /// The item under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<(usize, &Item)> {
        let at = *self.shown.get(self.at)?;
        Some((at, self.items.get(at)?))
    }

    /// Matches the items against what was typed. A command line is matched by its first word.
    pub fn narrow(&mut self) {
        let typed = match self.purpose {
            Purpose::Palette => self.input.text().split_whitespace().next().unwrap_or(""),
            Purpose::Namespaces | Purpose::Contexts | Purpose::Help | Purpose::Drafts => {
                self.input.text()
            }
        };
        let texts = self
            .items
            .iter()
            .map(|i| format!("{}  {}", i.label, i.detail));
        self.shown = fuzzy::ranked(typed, texts);
        if !typed.is_empty() {
            let items = &self.items;
            self.shown
                .retain(|at| items.get(*at).is_some_and(|i| i.choice != Choice::Heading));
        }
        self.at = self.next_item(0, 1);
    }

    /// Moves the cursor.
    pub fn step(&mut self, by: isize) {
        let last = self.shown.len().saturating_sub(1);
        let at = self.at.saturating_add_signed(by).min(last);
        self.at = self.next_item(at, by.signum());
    }

    /// The nearest row from `at` on that can be picked; headings cannot.
    fn next_item(&self, at: usize, direction: isize) -> usize {
        let is_item = |at: &usize| {
            let item = self.shown.get(*at).and_then(|index| self.items.get(*index));
            item.is_some_and(|item| item.choice != Choice::Heading)
        };
        let after = (at..self.shown.len()).find(is_item);
        let before = (0..=at).rev().find(is_item);
        if direction < 0 {
            before.or(after)
        } else {
            after.or(before)
        }
        .unwrap_or(at)
    }

    /// Marks or unmarks the item under the cursor, and goes on.
    pub fn mark(&mut self) {
        let Some((at, _)) = self.selected() else {
            return;
        };
        if !self.marked.remove(&at) {
            self.marked.insert(at);
        }
        self.step(1);
    }
}

/// The name of a file to save something to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PathPrompt {
    /// What was typed.
    pub input: Input,
    /// The draft that is saved.
    pub draft: DraftId,
    /// The file that exists already and would be overwritten by another enter.
    pub exists: Option<String>,
    /// What went wrong.
    pub problem: Option<String>,
}

/// Text to scroll.
#[derive(Clone, PartialEq, Debug)]
pub struct Reader {
    /// The title of the box.
    pub title: &'static str,
    /// The text.
    pub lines: Vec<Line>,
    /// The first visible line.
    pub offset: usize,
}

/// The what-if bar while it is typed into.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Bar {
    /// What was typed.
    pub input: Input,
    /// The answer so far.
    pub reply: Option<Reply>,
    /// Where a completion would begin.
    pub start: usize,
    /// What could stand there.
    pub candidates: Vec<String>,
    /// The candidate that tab takes.
    pub at: usize,
}
