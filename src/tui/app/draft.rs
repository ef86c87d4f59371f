//! Drafts: texts of policies that exist only here, and what they would do together.

use std::sync::Arc;

use ratatui_textarea::{CursorMove, TextArea};

use crate::model::Key;
use crate::report::effect::{EffectLine, Sign};
use crate::tui::facts::{
    DraftFacts, DraftId, DraftText, Gravity, Inquiry, Lens, Outcome, Remark, Topic,
};
use crate::tui::theme::Role;
use crate::tui::widget::Line;

use super::App;
use super::background::Ticket;
use super::view::{Pane, Screen};

pub mod complete;

use complete::Offer;

/// Longest draft that is accepted, in bytes: the largest object of an API server.
pub const LONGEST: usize = 1_500_000;

/// A text that is being edited.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its number.
    pub id: DraftId,
    /// What it is called on the screen, escaped.
    pub name: String,
    /// The policy it was begun from.
    pub replaces: Option<Key>,
    /// The text and its cursor.
    pub editor: TextArea<'static>,
    /// The text as it was begun, or saved last.
    kept: Arc<str>,
    /// The text that could be read last.
    good: Option<Arc<str>>,
    /// Where it was saved last.
    pub path: Option<String>,
}

/// All drafts, and what is known of them.
#[derive(Clone, Debug, Default)]
pub struct Drafts {
    /// In the order they were begun.
    pub all: Vec<Draft>,
    last: DraftId,
    /// Whether every screen shows the cluster as if they were applied.
    pub overlay: Overlay,
    /// Whether the text changed and nobody has paused since.
    pub typing: bool,
    /// Counts the changes of texts.
    pub edits: u64,
    /// How many of them had been made when their effect was asked for last.
    pub asked: u64,
    /// Whether only the difference is shown.
    pub only_diff: bool,
    /// What could stand at the cursor.
    pub offer: Option<Offer>,
    /// The newest answer whose texts could all be read.
    good: Option<Good>,
    /// The newest answer.
    heard: Option<(Ticket, Arc<[DraftText]>, DraftFacts)>,
    /// Whether leaving has been asked for although something is not saved.
    pub leaving: bool,
    /// The draft that is to be dropped although it is not saved.
    pub dropping: Option<DraftId>,
}

/// Whether drafts are applied to every screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Overlay {
    /// The screens show the cluster.
    #[default]
    Off,
    /// The screens show the cluster with the drafts.
    On,
}

#[derive(Clone, Debug)]
struct Good {
    ticket: Ticket,
    facts: DraftFacts,
}

/// What is shown beside the text.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// What the drafts do.
    pub facts: &'a DraftFacts,
    /// Whether that is of an earlier text, because the present one cannot be read.
    pub outdated: bool,
}

impl Draft {
    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.editor.lines().join("\n");
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }

    /// Whether the text differs from what is in a file, or from what it was begun with.
    #[must_use]
    pub fn is_unsaved(&self) -> bool {
        self.text() != *self.kept
    }

    /// Takes over another text, which can be undone.
    pub fn set(&mut self, text: &str) {
        let at = self.editor.cursor();
        self.editor.select_all();
        self.editor.insert_str(cleaned(text).trim_end_matches('\n'));
        let [row, column] = [at.0, at.1].map(|at| u16::try_from(at).unwrap_or(u16::MAX));
        self.editor.move_cursor(CursorMove::Jump(row, column));
    }

    /// Remembers that the text is in a file.
    pub fn saved(&mut self, path: String) {
        self.kept = self.text().into();
        self.path = Some(path);
    }

    /// The file that is proposed for it.
    #[must_use]
    pub fn proposed_path(&self) -> String {
        self.path.clone().unwrap_or_else(|| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
            let name: String = self
                .name
                .chars()
                .map(|c| if plain(c) { c } else { '-' })
                .collect();
            format!("./{name}.yaml")
        })
    }

    fn evaluated(&self) -> DraftText {
        DraftText {
            id: self.id,
            text: self.text().into(),
            replaces: self.replaces.clone(),
        }
    }
}

/// Text as an editor holds it: tabs are no indentation in YAML, and line ends are one character.
#[must_use]
pub fn cleaned(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    text = text.replace('\t', "  ");
    if text.len() > LONGEST {
        let mut end = LONGEST;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}

impl Drafts {
    /// Begins a draft.
    pub fn begin(&mut self, (name, replaces): (String, Option<Key>), text: &str) -> DraftId {
        self.last += 1;
        let text = cleaned(text);
        let mut editor = TextArea::from(text.lines());
        editor.set_tab_length(2);
        editor.set_max_histories(500);
        editor.move_cursor(CursorMove::Jump(first_rule(&text), 0));
        editor.move_cursor(CursorMove::End);
        let mut draft = Draft {
            id: self.last,
            name,
            replaces,
            editor,
            kept: "".into(),
            good: None,
            path: None,
        };
        draft.kept = draft.text().into();
        self.all.push(draft);
        self.last
    }

    /// A draft by its number.
    #[must_use]
    pub fn get(&self, id: DraftId) -> Option<&Draft> {
        self.all.iter().find(|draft| draft.id == id)
    }

    /// A draft by its number, to change it.
    pub fn get_mut(&mut self, id: DraftId) -> Option<&mut Draft> {
        self.all.iter_mut().find(|draft| draft.id == id)
    }

    /// The draft that was begun from a policy.
    #[must_use]
    pub fn of_policy(&self, key: &Key) -> Option<DraftId> {
        let same = |draft: &&Draft| draft.replaces.as_ref() == Some(key);
        Some(self.all.iter().find(same)?.id)
    }

    /// How many drafts are in no file.
    #[must_use]
    pub fn unsaved(&self) -> usize {
        self.all.iter().filter(|draft| draft.is_unsaved()).count()
    }

    /// Drops a draft.
    pub fn forget(&mut self, id: DraftId) {
        self.all.retain(|draft| draft.id != id);
        if self.all.is_empty() {
            let last = self.last;
            let edits = self.edits + 1;
            *self = Self {
                last,
                edits,
                ..Self::default()
            };
        }
    }

    /// Notes that a text changed.
    pub fn touched(&mut self) {
        self.typing = true;
        self.edits += 1;
    }

    /// What all of them would do is asked like this.
    #[must_use]
    pub fn inquiry(&self) -> Inquiry {
        Inquiry::Draft(self.all.iter().map(Draft::evaluated).collect())
    }

    /// How the screens look at the cluster: with the texts that could be read last.
    #[must_use]
    pub fn lens(&self) -> Lens {
        if self.overlay == Overlay::Off || self.all.is_empty() {
            return Lens::Now;
        }
        let readable = self.all.iter().filter_map(|draft| {
            Some(DraftText {
                text: draft.good.clone()?,
                ..draft.evaluated()
            })
        });
        Lens::Drafts(readable.collect())
    }

    /// What is known of their effect.
    #[must_use]
    pub fn shown(&self) -> Option<Shown<'_>> {
        let good = self.good.as_ref()?;
        let outdated = self
            .heard
            .as_ref()
            .is_some_and(|(ticket, ..)| *ticket > good.ticket);
        Some(Shown {
            facts: &good.facts,
            outdated,
        })
    }

    /// The newest answer, whether its texts could be read or not.
    #[must_use]
    pub fn newest(&self) -> Option<&DraftFacts> {
        self.heard.as_ref().map(|(_, _, facts)| facts)
    }

    /// What is to be said about the lines of a draft.
    pub fn remarks(&self, id: DraftId) -> impl Iterator<Item = &Remark> {
        let all = self.heard.iter().flat_map(|(_, _, facts)| &facts.remarks);
        all.filter(move |(of, _)| *of == id)
            .map(|(_, remark)| remark)
    }

    fn hear(&mut self, ticket: Ticket, (texts, facts): (&Arc<[DraftText]>, &DraftFacts)) {
        if self
            .heard
            .as_ref()
            .is_some_and(|(known, ..)| *known == ticket)
        {
            return;
        }
        for draft in &mut self.all {
            let text = texts.iter().find(|text| text.id == draft.id);
            if let Some(text) = text.filter(|text| facts.could_read(text.id)) {
                draft.good = Some(text.text.clone());
            }
        }
        if facts.effect.is_some() {
            let facts = facts.clone();
            self.good = Some(Good { ticket, facts });
        }
        self.heard = Some((ticket, texts.clone(), facts.clone()));
    }
}

/// Where somebody who drafts begins to read: the first rules, else the spec.
fn first_rule(text: &str) -> u16 {
    let starts = |begin: &str| {
        text.lines()
            .position(|line| line.trim_start().starts_with(begin))
    };
    let at = ["ingress:", "egress:", "spec:"]
        .into_iter()
        .find_map(starts);
    at.and_then(|at| u16::try_from(at).ok()).unwrap_or(0)
}

impl App {
    /// The draft that is being edited.
    #[must_use]
    pub fn draft_at_hand(&self) -> Option<&Draft> {
        match self.view.screen {
            Screen::Draft(id) => self.drafts.get(id),
            _ => None,
        }
    }

    /// Takes in what the worker found, and makes the lines beside the text.
    pub(super) fn refresh_draft(&mut self) {
        let lines = self.drafts.shown().map(lines);
        self.derived.effect = lines.unwrap_or_default();
        self.settle(Pane::Effect);
    }

    /// Takes in what the worker found about the drafts.
    pub(super) fn hear_drafts(&mut self) {
        let Some(heard) = self.background.heard(Topic::Draft) else {
            return;
        };
        if let (Inquiry::Draft(texts), Outcome::Draft(facts)) = (heard.inquiry, heard.outcome) {
            self.drafts.hear(heard.ticket, (texts, facts));
        }
    }
}

/// The lines of the difference, then the notes.
fn lines(shown: Shown<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(effect) = &shown.facts.effect {
        lines.extend(effect.lines.iter().map(line));
        if effect.more > 0 {
            let text = format!("and {} more, counted above", effect.more);
            lines.push(Line::of(Role::Dim, text));
        }
    }
    if !shown.facts.notes.is_empty() {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(shown.facts.notes.iter().cloned());
    }
    let odd = |remark: &&(DraftId, Remark)| remark.1.gravity == Gravity::Warning;
    for (_, remark) in shown.facts.remarks.iter().filter(odd) {
        let at = remark.line.map(|line| format!("line {line}: "));
        let text = format!("! {}{}", at.unwrap_or_default(), remark.text);
        lines.push(Line::of(Role::Low, text));
    }
    lines
}

/// One line of a difference.
#[must_use]
pub fn line(line: &EffectLine) -> Line {
    let role = sign_role(line.sign);
    let ends = format!(" {} -> {}", line.source, line.destination);
    let mut shown = Line::of(role, line.sign.glyph())
        .and(Role::Plain, ends)
        .and(Role::Some, format!(" {}", line.ports));
    if let Some(pairs) = line.pairs.filter(|pairs| *pairs > 1) {
        shown = shown.and(Role::Dim, format!(" x{pairs}"));
    }
    if line.outside && matches!(line.sign, Sign::Opened | Sign::Changed) {
        shown = shown.and(Role::Low, " !");
    }
    shown
}

/// How a sign looks.
#[must_use]
pub const fn sign_role(sign: Sign) -> Role {
    match sign {
        Sign::Opened => Role::Owner,
        Sign::Undecided => Role::Unknown,
        Sign::Changed => Role::Low,
        Sign::Closed => Role::NotOwner,
    }
}
