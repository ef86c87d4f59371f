//! The reducer: a message changes the state and asks for effects. No input or output, no clock, no
//! waiting.

mod asking;
mod change;
mod chart;
mod command;
mod copying;
mod draft;
mod duties;
mod going;
mod layers;
mod mouse;
mod moving;
mod past;
mod paths;

use crossterm::event::{KeyEvent, KeyEventKind};
use jiff::Timestamp;

use crate::report::time::age;

use super::action::Action;
use super::app::chart::Chart;
use super::app::duties::Roster;
use super::app::layer::Layer;
use super::app::{App, view::Screen};
use super::clock::{Times, coarse_age};
use super::facts::Inquiry;
use super::key::Press;
use super::keymap::{Found, Place};
use super::msg::{Connection, Effect, Msg, Request, Step};
use super::theme::Role;

/// From this width on, the explanation of the selected line is always open beside it.
pub const WIDE: u16 = 140;

/// Applies a message.
pub fn update(app: &mut App, msg: Msg) -> Vec<Effect> {
    let mut effects = match msg {
        Msg::Key(key) => press(app, key),
        Msg::Paste(text) => layers::paste(app, &text),
        Msg::Mouse(event) => mouse::mouse(app, event),
        Msg::Resize(..) => {
            app.dirty = true;
            Vec::new()
        }
        Msg::Focus => vec![Effect::Redraw],
        Msg::Facts(facts) => {
            if facts.is_none() {
                app.background.forget();
            }
            app.facts = facts;
            app.generation += 1;
            app.dirty = true;
            Vec::new()
        }
        Msg::Answer { ticket, outcome } => {
            if !app.background.take(ticket, outcome) {
                return Vec::new();
            }
            app.dirty = true;
            Vec::new()
        }
        Msg::AnswerAwaited => {
            app.dirty |= app.background.lose_patience();
            return Vec::new();
        }
        Msg::Connection(connection) => connect(app, connection),
        Msg::Look(look) => {
            match look {
                Ok(look) => {
                    app.setup.theme = look.theme;
                    app.setup.keymap = look.keymap;
                    app.say(Role::Fresh, "your settings are in effect");
                }
                Err(problem) => app.say(Role::High, problem),
            }
            app.dirty = true;
            Vec::new()
        }
        Msg::Clock(now) => return tick(app, now),
        Msg::PrefixWaited => {
            app.choices_shown = !app.pending.is_empty();
            app.dirty |= app.choices_shown;
            return Vec::new();
        }
        Msg::Drawn(report) => return remember(app, report),
        Msg::Act(action) => act(app, action),
        Msg::TypingPaused => {
            app.drafts.typing = false;
            Vec::new()
        }
        Msg::Written(result) => {
            draft::written(app, result);
            Vec::new()
        }
        Msg::Edited(id, text) => {
            draft::edited(app, id, text);
            Vec::new()
        }
    };
    app.refresh();
    asking::refresh(app);
    wish(app);
    effects.extend(draft::look(app));
    effects.extend(app.background.effects());
    effects
}

/// Looks the key up, alone or behind those that wait; text goes to the topmost layer.
fn press(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    app.dirty = true;
    app.choices_shown = false;
    let place = app.place();
    if place == Place::Draft && draft::step_in_offer(app, key) {
        return Vec::new();
    }
    app.pending.push(Press::from(key));
    match app.setup.keymap.find(place, &app.pending) {
        Found::Act(action) => {
            app.pending.clear();
            act(app, action)
        }
        Found::Prefix(_) => Vec::new(),
        Found::Nothing if app.pending.len() > 1 => {
            // A sequence that means nothing: the last key counts by itself, except for esc.
            app.pending.clear();
            if key.code == crossterm::event::KeyCode::Esc {
                return Vec::new();
            }
            press(app, key)
        }
        Found::Nothing => {
            app.pending.clear();
            app.drafts.leaving = false;
            if place == Place::Draft {
                draft::edit(app, key);
            } else {
                layers::edit(app, key);
            }
            Vec::new()
        }
    }
}

/// Does what is asked for, in the topmost layer or on the screen.
pub(super) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    app.dirty = true;
    match action {
        Action::Quit if app.layers.is_empty() => {
            return if draft::may_leave(app) {
                vec![Effect::Quit]
            } else {
                Vec::new()
            };
        }
        Action::Redraw => return vec![Effect::Redraw],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Reconnect => {
            app.say(Role::Plain, "reconnecting");
            return vec![Effect::Ask(Request::Reconnect)];
        }
        _ => {}
    }
    app.drafts.leaving = false;
    if action != Action::DropDraft {
        app.drafts.dropping = None;
    }
    if !app.layers.is_empty() {
        return layers::act(app, action);
    }
    if let Screen::Draft(_) = app.view.screen {
        return draft::in_editor(app, action);
    }
    on_screen(app, action)
}

fn on_screen(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Left | Action::Right if matches!(app.view.screen, Screen::Paths(_)) => {
            paths::act(app, action);
        }
        Action::Left | Action::Right | Action::Transpose
            if matches!(app.view.screen, Screen::Duties(_)) =>
        {
            duties::act(app, action);
        }
        Action::Blame | Action::Writers => past::section(app, action),
        Action::OnlyConflicts | Action::SystemSubjects => duties::act(app, action),
        Action::Left
        | Action::Right
        | Action::PageLeft
        | Action::PageRight
        | Action::Fold
        | Action::Transpose => chart::act(app, action),
        Action::Down => moving::step(app, 1),
        Action::Up => moving::step(app, -1),
        Action::PageDown => moving::page(app, 1),
        Action::PageUp => moving::page(app, -1),
        Action::First => moving::step(app, isize::MIN),
        Action::Last => moving::step(app, isize::MAX),
        Action::NextPane => moving::pane(app, 1),
        Action::PreviousPane => moving::pane(app, -1),
        Action::Open => going::open(app),
        Action::Out => going::out(app),
        Action::Home => going::switch(app, Screen::Home),
        Action::Work => going::switch(app, Screen::Work),
        Action::Matrix => going::switch(app, Screen::Matrix(Chart::default())),
        Action::MatrixHere => chart::around(app),
        Action::Paths
        | Action::PathsHere
        | Action::BlastRadius
        | Action::ChokePoints
        | Action::MoreHops
        | Action::FewerHops => paths::act(app, action),
        Action::Exposed => going::switch(app, Screen::Exposed),
        Action::Policies => going::switch(app, Screen::Policies),
        Action::Duties => going::switch(app, Screen::Duties(Roster::default())),
        Action::Changes => going::switch(app, Screen::Changes),
        Action::Replay => change::replay(app),
        Action::Missing9 => app.say(
            Role::Low,
            format!("{}: there are screens 1 to 8", action.about()),
        ),
        Action::AllNamespaces => going::scope(app, std::collections::BTreeSet::new()),
        Action::Back | Action::Forward | Action::LastView => going::travel(app, action),
        Action::Filter | Action::Namespaces | Action::Contexts | Action::Palette => {
            layers::open(app, action);
        }
        Action::Draft
        | Action::DraftOutside
        | Action::Drafts
        | Action::Overlay
        | Action::SaveDraft
        | Action::ExportDrafts
        | Action::OnlyDiff
        | Action::NextChange
        | Action::PreviousChange
        | Action::DropDraft => return draft::act(app, action),
        Action::Help | Action::Sources => layers::open(app, action),
        Action::WhatIf => asking::open_bar(app),
        Action::MarkFrom | Action::MarkTo => asking::mark(app, action),
        Action::Why => asking::explain_asked(app),
        Action::SwapEnds => asking::swap(app),
        Action::CopyName | Action::CopyCommand | Action::CopyMarkdown => {
            return copying::copy(app, action);
        }
        Action::AbsoluteTime => {
            app.clock.times = match app.clock.times {
                Times::Ages => Times::Absolute,
                Times::Absolute => Times::Ages,
            };
        }
        Action::Mark
        | Action::Complete
        | Action::Quit
        | Action::Redraw
        | Action::Suspend
        | Action::Reconnect => {}
    }
    Vec::new()
}

fn connect(app: &mut App, connection: Connection) -> Vec<Effect> {
    if let Connection::Stale { reason, .. } = &connection
        && !matches!(app.connection, Connection::Stale { .. })
    {
        app.say(Role::High, format!("{reason} (! shows all of it)"));
    }
    app.dirty |= app.connection != connection;
    app.connection = connection;
    Vec::new()
}

/// A new second: only what it changes on the screen is drawn.
fn tick(app: &mut App, now: Timestamp) -> Vec<Effect> {
    app.clock.now = now;
    let before = app.toasts.len();
    app.toasts.retain(|toast| toast.until > now);
    let aged = app.clock.times == Times::Ages
        && app.drawn.ages.iter().any(|(at, step, text)| match step {
            Step::Fine => age(now, *at) != *text,
            Step::Coarse => coarse_age(*at, now) != *text,
        });
    app.dirty |= before != app.toasts.len() || aged;
    Vec::new()
}

/// Asks what the screen at hand needs from the worker. What has been asked is not asked again.
fn wish(app: &mut App) {
    if app.facts.is_none() {
        return;
    }
    draft::wish(app);
    match app.view.screen {
        Screen::Work => asking::wish_aside(app),
        Screen::Why(_) => asking::wish_advice(app),
        Screen::Matrix(_) => chart::wish(app),
        Screen::Exposed => {
            let inquiry = Inquiry::Exposed(app.setup.theme.glyphs);
            app.background.ask(app.generation, inquiry);
        }
        Screen::Paths(_) | Screen::Radius(_) => paths::wish(app),
        Screen::Duties(roster) => app.background.ask(app.generation, roster.inquiry()),
        Screen::Home => {
            let inquiry = Roster::default().inquiry();
            app.background.ask(app.generation, inquiry);
        }
        Screen::Policies | Screen::History(_) => past::wish(app),
        Screen::Changes => change::wish(app),
        Screen::Draft(_) => {}
    }
}

fn remember(app: &mut App, report: super::msg::Report) -> Vec<Effect> {
    for (pane, offset, _) in &report.windows {
        app.view.cursor_mut(*pane).offset = *offset;
    }
    app.drawn = report;
    app.dirty = false;
    // What is visible may decide what has to be known.
    wish(app);
    app.background.effects().collect()
}

impl App {
    /// The topmost layer, if it is a bar that takes text.
    pub(super) fn bar_mut(&mut self) -> Option<&mut super::app::layer::Bar> {
        match self.layers.last_mut() {
            Some(Layer::Bar(bar)) => Some(bar),
            _ => None,
        }
    }
}
