//! Drafts: begun, typed, looked through, saved, dropped. Nothing is ever applied to a cluster.

use crossterm::event::KeyEvent;
use ratatui_textarea::CursorMove;

use crate::model::{Key, Text, WorkloadKey};
use crate::report::table::plural;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::app::draft::complete;
use crate::tui::app::draft::{Draft, Overlay, cleaned};
use crate::tui::app::layer::{Choice, Item, Layer, PathPrompt, Picker, Purpose};
use crate::tui::app::view::{Pane, RowId, Screen, View};
use crate::tui::facts::{DraftId, Lens, PeerId};
use crate::tui::msg::{Effect, Existing, WriteError};
use crate::tui::theme::Role;
use crate::tui::widget::Input;

use super::{asking, going, moving};

/// What a key asks for about drafts.
pub(super) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Draft => drop(open(app)),
        Action::DraftOutside => return outside(app),
        Action::Drafts => list(app),
        Action::Overlay => overlay(app),
        Action::SaveDraft => save(app),
        Action::ExportDrafts => return export(app),
        Action::OnlyDiff => app.drafts.only_diff = !app.drafts.only_diff,
        Action::NextChange => moving::step_in(app, Pane::Effect, 1),
        Action::PreviousChange => moving::step_in(app, Pane::Effect, -1),
        Action::DropDraft => {
            if let Screen::Draft(id) = app.view.screen {
                forget(app, id);
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Keys with an arrow, esc and tab in the editor.
pub(super) fn in_editor(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Out if app.drafts.offer.take().is_some() => {}
        Action::Out if app.drafts.only_diff => app.drafts.only_diff = false,
        Action::Out if app.asked.take().is_some() => {}
        Action::Out => going::travel(app, Action::Back),
        Action::Complete => complete(app),
        Action::WhatIf => {
            // A question that is asked here is about the drafts.
            app.drafts.overlay = Overlay::On;
            app.replay = None;
            asking::open_bar(app);
        }
        Action::Help => super::layers::open(app, action),
        _ => return act(app, action),
    }
    Vec::new()
}

/// Opens the draft of what is selected, or begins one.
fn open(app: &mut App) -> Option<DraftId> {
    let id = begin(app);
    if let Some(id) = id {
        show(app, id);
    }
    id
}

/// Shows a draft. What is shown already is no step away that esc would come back to.
fn show(app: &mut App, id: DraftId) {
    app.drafts.only_diff = false;
    if app.view.screen != Screen::Draft(id) {
        going::go(app, View::of(Screen::Draft(id)));
    }
}

fn begin(app: &mut App) -> Option<DraftId> {
    if let Screen::Draft(id) = app.view.screen {
        return Some(id);
    }
    let facts = app.facts.clone()?;
    if let Some(key) = policy(app) {
        if let Some(id) = app.drafts.of_policy(&key) {
            return Some(id);
        }
        if let Some(text) = facts.manifest(&key) {
            let name = key.to_string();
            return Some(app.drafts.begin((name, Some(key)), &text));
        }
        app.say(Role::Dim, "this policy is gone: there is nothing to edit");
        return None;
    }
    let made = match workload(app) {
        Some(key) => facts.new_policy(&key),
        None => facts.default_deny(&namespace(app)?),
    };
    if let Some((key, text)) = made {
        return Some(app.drafts.begin((key.to_string(), None), &text));
    }
    app.say(Role::Dim, "nothing can be drafted from this");
    None
}

/// The selected policy.
fn policy(app: &App) -> Option<Key> {
    if let Screen::Why(_) = app.view.screen {
        let at = app.view.cursor(Pane::Reasons).at;
        let id = app.derived.reasons().get(at)?.policy.clone()?;
        return (id.kind == crate::model::Kind::NetworkPolicy).then_some(id.key);
    }
    // A cursor waits for its row, which may never come.
    let empty = app.derived.len(app.view.focus) == 0;
    if let Screen::Changes = app.view.screen {
        return app.change_at_hand().map(|row| row.change.policy.clone());
    }
    match app.view.cursor(app.view.focus).id {
        _ if empty => None,
        Some(RowId::Policy(key)) => Some(key),
        _ => app.policy_at_hand(),
    }
}

/// The selected workload.
fn workload(app: &App) -> Option<WorkloadKey> {
    match app.view.cursor(app.view.focus).id? {
        RowId::Workload(key) | RowId::Way(key, _) => Some(key),
        RowId::Peer(PeerId::Workload(_) | PeerId::Outside(_) | PeerId::Rest) => {
            app.derived.around().workload.clone()
        }
        RowId::Namespace(_)
        | RowId::Policy(_)
        | RowId::Path(_)
        | RowId::Version(_)
        | RowId::Holder(_)
        | RowId::Line(_) => None,
    }
}

/// The namespace that a default deny would be for.
fn namespace(app: &mut App) -> Option<Text> {
    if let Some(RowId::Namespace(Some(name))) = app.view.cursor(app.view.focus).id {
        return Some(name);
    }
    if let Some(name) = app.namespace() {
        return Some(name.clone());
    }
    let rows = app.facts.as_ref()?.namespaces();
    if let [only] = rows.as_slice() {
        return Some(only.name.clone());
    }
    let text = "choose a policy or a workload, or with n one namespace, to draft a change";
    app.say(Role::Dim, text);
    None
}

/// Gives the text to the editor of the environment.
fn outside(app: &mut App) -> Vec<Effect> {
    let Some(id) = open(app) else {
        return Vec::new();
    };
    let text = app.drafts.get(id).map(Draft::text);
    vec![Effect::EditOutside(id, text.unwrap_or_default())]
}

/// A text comes back from the editor of the environment.
pub(super) fn edited(app: &mut App, id: DraftId, text: Result<String, String>) {
    app.dirty = true;
    match text {
        Ok(text) => {
            if let Some(draft) = app.drafts.get_mut(id).filter(|d| d.text() != text) {
                draft.set(&text);
                app.drafts.touched();
                app.drafts.typing = false;
            }
        }
        Err(problem) => app.say(Role::High, problem),
    }
}

/// Gives a key to the text.
pub(super) fn edit(app: &mut App, key: KeyEvent) {
    let Screen::Draft(id) = app.view.screen else {
        return;
    };
    let Some(draft) = app.drafts.get_mut(id) else {
        return;
    };
    let before = draft.editor.lines().len();
    if key.code == crossterm::event::KeyCode::Enter {
        newline(draft);
        app.drafts.touched();
    } else if draft.editor.input(key) {
        app.drafts.touched();
    }
    let typed = matches!(
        key.code,
        crossterm::event::KeyCode::Char(_) | crossterm::event::KeyCode::Backspace
    );
    let same_line = app
        .drafts
        .get(id)
        .is_some_and(|d| d.editor.lines().len() == before);
    // What was offered follows what is typed; other keys close it.
    let open = app.drafts.offer.take().is_some();
    if open && typed && same_line {
        app.drafts.offer = offer(app);
    }
}

/// A new line begins where the one before did, or deeper below a field that opens something.
fn newline(draft: &mut Draft) {
    let at = draft.editor.cursor();
    let lines = draft.editor.lines();
    let line = lines.get(at.0).map_or("", String::as_str);
    let margin = |line: &str| line.chars().take_while(|c| *c == ' ').count();
    let before: String = line.chars().take(at.1).collect();
    let own = margin(line).min(at.1);
    let opens = before.trim_end().ends_with(':');
    let entry = before.trim_start().starts_with("- ");
    // Entries that are there already say where their list begins.
    let next = lines.get(at.0 + 1).map_or("", String::as_str);
    let listed = next.trim_start().starts_with('-') && margin(next) >= own;
    let indent = match (opens && !entry && listed, opens, entry) {
        (true, ..) => margin(next),
        (false, opens, entry) => own + 2 * (usize::from(opens) + usize::from(entry)),
    };
    draft.editor.insert_newline();
    draft.editor.insert_str(" ".repeat(indent));
}

/// Pasted text goes into the draft.
pub(super) fn paste(app: &mut App, text: &str) {
    let Screen::Draft(id) = app.view.screen else {
        return;
    };
    if let Some(draft) = app.drafts.get_mut(id) {
        draft.editor.insert_str(cleaned(text));
        app.drafts.offer = None;
        app.drafts.touched();
    }
}

fn offer(app: &App) -> Option<complete::Offer> {
    let draft = app.draft_at_hand()?;
    let words = &app.drafts.newest()?.words;
    let at = draft.editor.cursor();
    complete::offer(draft.editor.lines(), (at.0, at.1), words)
}

/// Offers what could stand at the cursor, then takes it; where nothing could, indents.
fn complete(app: &mut App) {
    let taken = app.drafts.offer.take();
    let offered = taken.clone().or_else(|| offer(app));
    let only = offered.as_ref().is_some_and(|offer| offer.texts.len() == 1);
    if taken.is_none() && offered.is_some() && !only {
        app.drafts.offer = offered;
        return;
    }
    let Screen::Draft(id) = app.view.screen else {
        return;
    };
    let Some(draft) = app.drafts.get_mut(id) else {
        return;
    };
    match offered.and_then(|offer| Some((offer.typed, offer.texts.get(offer.at)?.clone()))) {
        Some((typed, text)) => {
            for _ in 0..typed {
                draft.editor.delete_char();
            }
            draft.editor.insert_str(text);
        }
        None => drop(draft.editor.insert_tab()),
    }
    app.drafts.touched();
}

/// Moves in what is offered; `false` if nothing is.
pub(super) fn step_in_offer(app: &mut App, key: KeyEvent) -> bool {
    let Some(offer) = &mut app.drafts.offer else {
        return false;
    };
    let last = offer.texts.len().saturating_sub(1);
    offer.at = match key.code {
        crossterm::event::KeyCode::Down => (offer.at + 1).min(last),
        crossterm::event::KeyCode::Up => offer.at.saturating_sub(1),
        crossterm::event::KeyCode::Enter => {
            complete(app);
            return true;
        }
        _ => return false,
    };
    true
}

/// Turns the overlay on or off.
fn overlay(app: &mut App) {
    if app.drafts.all.is_empty() {
        app.say(Role::Dim, "there are no drafts: e on a policy begins one");
        return;
    }
    app.drafts.overlay = match app.drafts.overlay {
        Overlay::On => Overlay::Off,
        Overlay::Off => Overlay::On,
    };
    app.replay = None;
    let text = match app.drafts.overlay {
        Overlay::On => {
            let drafts = plural(app.drafts.all.len(), "draft");
            format!("applying {drafts}")
        }
        Overlay::Off => "the cluster as it is".to_owned(),
    };
    app.say(Role::Plain, text);
}

/// Asks for the look that the drafts imply, if it is another one.
pub(super) fn look(app: &mut App) -> Option<Effect> {
    // While somebody types the last look stays.
    if app.drafts.typing {
        return None;
    }
    let lens = match &app.replay {
        Some(id) => Lens::After(id.clone()),
        None => app.drafts.lens(),
    };
    if app.lens == lens {
        return None;
    }
    app.lens = lens.clone();
    Some(Effect::Look(lens))
}

/// The drafts as a list.
fn list(app: &mut App) {
    if app.drafts.all.is_empty() {
        app.say(
            Role::Dim,
            "there are no drafts: e on a policy or a workload begins one",
        );
        return;
    }
    let items = app.drafts.all.iter().map(|draft| Item {
        label: draft.name.clone(),
        detail: match (&draft.path, draft.is_unsaved()) {
            (Some(path), false) => format!("saved in {}", Text::from(path.as_str()).shown()),
            (_, true) => "not saved".to_owned(),
            (None, false) => "as it was begun".to_owned(),
        },
        choice: Choice::Draft(draft.id),
    });
    let picker = Picker::of(Purpose::Drafts, items.collect());
    app.layers.push(Layer::Picker(picker));
}

/// Opens a draft of the list.
pub(super) fn pick(app: &mut App, id: DraftId) {
    show(app, id);
}

/// Drops the draft that is selected in the list.
pub(super) fn drop_picked(app: &mut App) {
    let Some(Layer::Picker(picker)) = app.layers.last() else {
        return;
    };
    if let Some((
        _,
        Item {
            choice: Choice::Draft(id),
            ..
        },
    )) = picker.selected()
    {
        let id = *id;
        app.layers.pop();
        forget(app, id);
        if !app.drafts.all.is_empty() {
            list(app);
        }
    }
}

/// Drops a draft; one that is not saved only when asked twice.
fn forget(app: &mut App, id: DraftId) {
    let unsaved = app.drafts.get(id).is_some_and(Draft::is_unsaved);
    if unsaved && app.drafts.dropping != Some(id) {
        app.drafts.dropping = Some(id);
        app.say(Role::High, "not saved: once more drops the draft");
        return;
    }
    app.drafts.forget(id);
    app.drafts.touched();
    app.drafts.typing = false;
    app.say(Role::Plain, "the draft is dropped");
    if app.view.screen == Screen::Draft(id) {
        going::travel(app, Action::Back);
        if app.view.screen == Screen::Draft(id) {
            app.view = View::of(Screen::Home);
        }
    }
}

/// Asks where to.
fn save(app: &mut App) {
    let Some(draft) = app.draft_at_hand() else {
        return;
    };
    let prompt = PathPrompt {
        input: Input::of(draft.proposed_path()),
        draft: draft.id,
        exists: None,
        problem: None,
    };
    app.layers.push(Layer::Path(prompt));
}

/// What a key does while the name of a file is typed.
pub(super) fn in_path(app: &mut App, action: Action) -> Vec<Effect> {
    let Some(Layer::Path(prompt)) = app.layers.last_mut() else {
        return Vec::new();
    };
    if action != Action::SaveDraft {
        app.layers.pop();
        return Vec::new();
    }
    let path = prompt.input.text().trim().to_owned();
    if path.is_empty() {
        prompt.problem = Some("type the name of a file".to_owned());
        return Vec::new();
    }
    let existing = if prompt.exists.as_ref() == Some(&path) {
        Existing::Overwrite
    } else {
        Existing::Keep
    };
    let id = prompt.draft;
    let text = app.drafts.get(id).map(Draft::text);
    let text = text.unwrap_or_default();
    vec![Effect::Write {
        path,
        text,
        existing,
    }]
}

/// A file was written, or not.
pub(super) fn written(app: &mut App, result: Result<(), WriteError>) {
    app.dirty = true;
    let Some(Layer::Path(prompt)) = app.layers.last_mut() else {
        match result {
            Ok(()) => app.say(Role::Plain, "saved"),
            Err(WriteError::Exists) => app.say(Role::High, "this file exists: name another one"),
            Err(WriteError::Failed(problem)) => app.say(Role::High, problem),
        }
        return;
    };
    let path = prompt.input.text().trim().to_owned();
    match result {
        Ok(()) => {
            let id = prompt.draft;
            app.layers.pop();
            let shown = Text::from(path.as_str()).shown().to_string();
            if let Some(draft) = app.drafts.get_mut(id) {
                draft.saved(path);
            }
            app.say(Role::Plain, format!("saved {shown}"));
        }
        Err(WriteError::Exists) => {
            prompt.problem = Some("exists already: enter again overwrites it".to_owned());
            prompt.exists = Some(path);
        }
        Err(WriteError::Failed(problem)) => prompt.problem = Some(problem),
    }
}

/// What the drafts do, as Markdown.
fn markdown(app: &App) -> Option<String> {
    let shown = app.drafts.shown().filter(|shown| !shown.outdated)?;
    let effect = shown.facts.effect.as_ref()?;
    let names: Vec<&str> = app.drafts.all.iter().map(|d| d.name.as_str()).collect();
    let title = format!("kreach, effect of {}", names.join(", "));
    let mut out = Vec::new();
    effect.write_markdown(&mut out, &title).ok()?;
    String::from_utf8(out).ok()
}

/// Copies what the drafts do.
fn export(app: &mut App) -> Vec<Effect> {
    let Some(text) = markdown(app) else {
        app.say(Role::Low, "no difference to copy: a draft cannot be read");
        return Vec::new();
    };
    app.say(Role::Plain, "copied as Markdown; :diff PATH saves it");
    vec![Effect::Copy(text)]
}

/// Saves what the drafts do.
pub(super) fn export_to(app: &mut App, path: &str) -> Vec<Effect> {
    let Some(text) = markdown(app) else {
        app.say(
            Role::Low,
            "no difference to save: open a draft with e first",
        );
        return Vec::new();
    };
    vec![Effect::Write {
        path: path.to_owned(),
        text,
        existing: Existing::Keep,
    }]
}

/// Whether leaving may go on: what is not saved is said once.
pub(super) fn may_leave(app: &mut App) -> bool {
    let unsaved = app.drafts.unsaved();
    if unsaved == 0 || app.drafts.leaving {
        return true;
    }
    app.drafts.leaving = true;
    let drafts = plural(unsaved, "draft");
    let text = format!("{drafts} not saved: once more leaves, d lists them");
    app.say(Role::High, text);
    false
}

/// Asks what the drafts would do, once nobody types.
pub(super) fn wish(app: &mut App) {
    let editing = matches!(app.view.screen, Screen::Draft(_));
    let drafts = &mut app.drafts;
    let wanted = editing || drafts.asked != drafts.edits;
    if wanted && !drafts.typing && !drafts.all.is_empty() {
        drafts.asked = drafts.edits;
        let inquiry = drafts.inquiry();
        app.background.ask(app.generation, inquiry);
    }
}

/// Another cluster is being loaded: drafts stay, and are applied to nothing.
pub(super) fn switched(app: &mut App) {
    app.drafts.overlay = Overlay::Off;
    app.replay = None;
    app.lens = Lens::Now;
}

/// Goes to a line of the text.
pub(super) fn click(app: &mut App, row: usize) {
    let Screen::Draft(id) = app.view.screen else {
        return;
    };
    if let Some(draft) = app.drafts.get_mut(id) {
        let row = u16::try_from(row).unwrap_or(u16::MAX);
        draft.editor.move_cursor(CursorMove::Jump(row, 0));
        draft.editor.move_cursor(CursorMove::End);
    }
}
