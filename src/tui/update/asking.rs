//! Marks, the what-if bar, and explanations.

use crate::tui::action::Action;
use crate::tui::app::layer::{Bar, Layer};
use crate::tui::app::view::{Pane, RowId, Screen, View};
use crate::tui::app::{App, Asked};
use crate::tui::facts::{Inquiry, PeerId, Question, Reply};
use crate::tui::theme::Role;
use crate::tui::widget::Input;

use super::{going, paths};

/// Candidates that the bar offers.
const MOST_CANDIDATES: usize = 8;
/// Questions that are kept.
const MOST_QUESTIONS: usize = 100;

impl App {
    /// The end that the cursor is on, as it is typed.
    #[must_use]
    pub fn selected_end(&self) -> Option<String> {
        let facts = self.facts.as_ref()?;
        match self.view.cursor(self.view.focus).id? {
            RowId::Workload(key) | RowId::Way(key, _) | RowId::Peer(PeerId::Workload(key)) => {
                Some(facts.spelling(&key))
            }
            RowId::Peer(PeerId::Outside(block)) => Some(block),
            RowId::Peer(PeerId::Rest)
            | RowId::Namespace(_)
            | RowId::Policy(_)
            | RowId::Path(_)
            | RowId::Version(_)
            | RowId::Holder(_)
            | RowId::Line(_) => None,
        }
    }

    /// The question that the selected line of a direction answers.
    #[must_use]
    pub fn row_question(&self) -> Option<Question> {
        let facts = self.facts.as_ref()?;
        let around = self.derived.around();
        let workload = facts.spelling(around.workload.as_ref()?);
        let (list, pane) = match self.view.focus {
            Pane::Outbound => (&around.outbound, Pane::Outbound),
            _ => (&around.inbound, Pane::Inbound),
        };
        let row = list.rows.get(self.view.cursor(pane).at)?;
        let peer = match &row.id {
            PeerId::Workload(key) => facts.spelling(key),
            PeerId::Outside(block) => block.clone(),
            PeerId::Rest => return None,
        };
        let inward = Question {
            source: peer,
            destination: workload,
            port: row.port.clone(),
        };
        Some(if pane == Pane::Inbound {
            inward
        } else {
            inward.swapped()
        })
    }

    /// The question that is looked at: in the bar, explained, or selected.
    #[must_use]
    pub fn question(&self) -> Option<Question> {
        let facts = self.facts.as_ref()?;
        if let Some(Layer::Bar(bar)) = self.layers.last() {
            return facts.canonical(bar.input.text(), self.namespace());
        }
        if let Some(asked) = &self.asked {
            return facts.canonical(&asked.text, self.namespace());
        }
        match &self.view.screen {
            Screen::Why(question) => Some(question.clone()),
            Screen::Work => self.row_question(),
            Screen::Matrix(_) => self.cell_question(),
            Screen::Exposed => self.selected_way()?.question.clone(),
            Screen::Paths(_) => self.hop_question(),
            Screen::Home
            | Screen::Radius(_)
            | Screen::Policies
            | Screen::History(_)
            | Screen::Changes
            | Screen::Draft(_)
            | Screen::Duties(_) => None,
        }
    }
}

/// Has the selected line explained beside the lists, where there is room for it.
pub(super) fn wish_aside(app: &mut App) {
    let roomy = app
        .drawn
        .windows
        .iter()
        .any(|(pane, ..)| *pane == Pane::Namespaces);
    if let Some(question) = app.row_question().filter(|_| roomy) {
        let inquiry = Inquiry::Why(question, app.setup.theme.glyphs);
        app.background.ask(app.generation, inquiry);
    }
}

/// Has edits looked for that would turn round the verdict that is explained.
pub(super) fn wish_advice(app: &mut App) {
    let wished = app.derived.why().is_some_and(|why| why.wish.is_some());
    if let Some(inquiry) = app.advice_inquiry().filter(|_| wished) {
        app.background.ask(app.generation, inquiry);
    }
}

/// Marks the selected end as source or destination; with both marked, the answer is in the bar.
pub(super) fn mark(app: &mut App, action: Action) {
    if app.found_paths().is_some() {
        return paths::set_end(app, action);
    }
    let Some(end) = app.selected_end() else {
        app.say(
            Role::Dim,
            "nothing to mark here: choose a workload or a line",
        );
        return;
    };
    match action {
        Action::MarkFrom => app.marks.from = Some(end),
        _ => app.marks.to = Some(end),
    }
    if let (Some(from), Some(to)) = (&app.marks.from, &app.marks.to) {
        let text = format!("{from} -> {to}");
        keep(&mut app.questions, &text);
        app.asked = Some(Asked {
            text,
            reply: Reply::Problem(String::new()),
        });
    }
}

fn keep(questions: &mut Vec<String>, text: &str) {
    questions.retain(|old| old != text);
    questions.push(text.to_owned());
    let extra = questions.len().saturating_sub(MOST_QUESTIONS);
    questions.drain(..extra);
}

/// Opens the bar with what is known: the answered question, the marks, or the selection.
pub(super) fn open_bar(app: &mut App) {
    let text = match (&app.asked, &app.marks.from, &app.marks.to) {
        (Some(asked), ..) => asked.text.clone(),
        (None, Some(from), _) => format!("{from} -> "),
        (None, None, Some(to)) => format!(" -> {to}"),
        (None, None, None) => prefill(app),
    };
    app.layers.push(Layer::Bar(Bar {
        input: Input::of(text),
        ..Bar::default()
    }));
}

fn prefill(app: &App) -> String {
    match app.question() {
        Some(question) if app.view.focus != Pane::Workloads => question.to_string(),
        _ => app
            .selected_end()
            .map(|end| format!("{end} -> "))
            .unwrap_or_default(),
    }
}

/// Answers what stands in the bar, and looks for completions.
pub(super) fn refresh(app: &mut App) {
    let Some(facts) = app.facts.clone() else {
        return;
    };
    let namespace = app.namespace().cloned();
    if let Some(asked) = &mut app.asked {
        asked.reply = facts.ask(&asked.text, namespace.as_ref());
    }
    let Some(bar) = app.bar_mut() else {
        return;
    };
    let (text, cursor) = (bar.input.text().to_owned(), bar.input.cursor());
    bar.reply = Some(facts.ask(&text, namespace.as_ref()));
    let (start, mut candidates) = facts.complete(&text, cursor, namespace.as_ref());
    candidates.truncate(MOST_CANDIDATES);
    if bar.candidates != candidates {
        bar.at = 0;
    }
    (bar.start, bar.candidates) = (start, candidates);
}

/// What a key does in the bar.
pub(super) fn in_bar(app: &mut App, action: Action) {
    let Some(bar) = app.bar_mut() else {
        return;
    };
    match action {
        Action::Down => bar.at = (bar.at + 1).min(bar.candidates.len().saturating_sub(1)),
        Action::Up if bar.at > 0 => bar.at -= 1,
        Action::Up => recall(app),
        Action::Complete => {
            if let Some(text) = bar.candidates.get(bar.at).cloned() {
                bar.input.complete(bar.start, &text);
            }
        }
        Action::SwapEnds => swap_bar(app),
        Action::Why => explain(app),
        _ => close_bar(app),
    }
}

/// Puts the question before the one at hand into the bar.
fn recall(app: &mut App) {
    let questions = app.questions.clone();
    let Some(bar) = app.bar_mut() else {
        return;
    };
    let here = questions.iter().position(|q| q == bar.input.text());
    let before = here.unwrap_or(questions.len()).checked_sub(1);
    if let Some(question) = before.and_then(|at| questions.get(at)) {
        bar.input = Input::of(question.clone());
    }
}

/// Closes the bar; a question that could be read is kept for later.
fn close_bar(app: &mut App) {
    let text = app.bar_mut().map(|bar| bar.input.text().trim().to_owned());
    app.layers.pop();
    app.asked = None;
    if let (Some(facts), Some(text)) = (app.facts.clone(), text)
        && facts.canonical(&text, app.namespace()).is_some()
    {
        keep(&mut app.questions, &text);
    }
}

fn swap_bar(app: &mut App) {
    let swapped = app
        .question()
        .map(|question| question.swapped().to_string());
    if let (Some(text), Some(bar)) = (swapped, app.bar_mut()) {
        bar.input = Input::of(text);
    }
}

/// Swaps the ends of the explained or answered question.
pub(super) fn swap(app: &mut App) {
    if app.asked.is_none() && matches!(app.view.screen, Screen::Paths(_) | Screen::Radius(_)) {
        return paths::turn(app);
    }
    let Some(question) = app.question().map(Question::swapped) else {
        return;
    };
    match app.view.screen {
        Screen::Why(_) => app.view = View::of(Screen::Why(question)),
        Screen::Home
        | Screen::Work
        | Screen::Matrix(_)
        | Screen::Paths(_)
        | Screen::Radius(_)
        | Screen::Exposed
        | Screen::Policies
        | Screen::History(_)
        | Screen::Changes
        | Screen::Draft(_)
        | Screen::Duties(_) => {
            if let Some(asked) = &mut app.asked {
                asked.text = question.to_string();
                std::mem::swap(&mut app.marks.from, &mut app.marks.to);
            }
        }
    }
}

/// Explains the question in the bar.
fn explain(app: &mut App) {
    let text = app.bar_mut().map(|bar| bar.input.text().trim().to_owned());
    let Some(question) = app.question() else {
        let problem = app.bar_mut().and_then(|bar| match &bar.reply {
            Some(Reply::Problem(problem)) => Some(problem.clone()),
            Some(Reply::Verdict { .. }) | None => None,
        });
        app.say(
            Role::Low,
            problem.unwrap_or_else(|| "nothing to explain yet".to_owned()),
        );
        return;
    };
    app.layers.pop();
    if let Some(text) = text {
        keep(&mut app.questions, &text);
    }
    app.asked = None;
    going::go(app, View::of(Screen::Why(question)));
}

/// Explains the question that is looked at.
pub(super) fn explain_asked(app: &mut App) {
    if let Some(question) = app.question() {
        app.asked = None;
        going::go(app, View::of(Screen::Why(question)));
    }
}
