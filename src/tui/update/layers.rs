//! Pickers, texts and the filter line.

use crossterm::event::KeyEvent;

use crate::report::table::plural;
use crate::report::time::utc;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::app::layer::{Choice, Item, Layer, Picker, Purpose, Reader};
use crate::tui::app::view::Screen;
use crate::tui::keymap::Place;
use crate::tui::msg::{Connection, Effect, Request};
use crate::tui::theme::Role;
use crate::tui::widget::text::wrap;
use crate::tui::widget::{Input, Line};

use super::{asking, command, copying, draft, going};

/// Opens the layer that `action` names.
pub(super) fn open(app: &mut App, action: Action) {
    let layer = match action {
        Action::Filter => match app.view.screen {
            Screen::Work
            | Screen::Matrix(_)
            | Screen::Exposed
            | Screen::Policies
            | Screen::Changes
            | Screen::Duties(_) => Layer::Filter(Input::of(app.view.filter.clone())),
            Screen::Home
            | Screen::Paths(_)
            | Screen::Radius(_)
            | Screen::History(_)
            | Screen::Draft(_)
            | Screen::Why(_) => {
                app.say(
                    Role::Dim,
                    "nothing to filter here: 2 work, 3 matrix and 6 policies have lists",
                );
                return;
            }
        },
        Action::Namespaces => Layer::Picker(namespaces(app)),
        Action::Contexts if app.setup.contexts.is_empty() => {
            app.say(
                Role::Dim,
                "contexts are for clusters: this is another source",
            );
            return;
        }
        Action::Contexts => Layer::Picker(contexts(app)),
        Action::Palette => Layer::Picker(Picker::of(Purpose::Palette, command::items(app))),
        Action::Help => Layer::Picker(Picker::of(Purpose::Help, help(app))),
        _ => Layer::Reader(Reader {
            title: "sources",
            lines: sources(app),
            offset: 0,
        }),
    };
    app.layers.push(layer);
}

/// Why the data are old, if they are, then what could be read.
fn sources(app: &App) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Connection::Stale { since, reason } = &app.connection {
        let text = format!("STALE since {}", utc(*since));
        lines.push(Line::of(Role::Stale, text));
        let parts = reason.lines().flat_map(|part| wrap(part, REASON));
        lines.extend(parts.map(|part| Line::plain(format!("  {part}"))));
        lines.push(Line::default());
    }
    lines.extend(app.facts.iter().flat_map(|facts| facts.sources()));
    lines
}

/// Columns of a reason, so that it fits into the smallest usual terminal.
const REASON: u16 = 72;

fn namespaces(app: &App) -> Picker {
    let rows = app
        .facts
        .as_ref()
        .map(|facts| facts.namespaces())
        .unwrap_or_default();
    let mut items = vec![Item {
        label: "all".to_owned(),
        detail: plural(rows.len(), "namespace"),
        choice: Choice::Namespace(None),
    }];
    items.extend(rows.into_iter().map(|row| Item {
        label: row.name.shown().to_string(),
        detail: plural(row.pods, "pod"),
        choice: Choice::Namespace(Some(row.name)),
    }));
    let mut picker = Picker::of(Purpose::Namespaces, items);
    for (at, item) in picker.items.iter().enumerate() {
        if let Choice::Namespace(Some(name)) = &item.choice
            && app.namespaces.contains(name)
        {
            picker.at = at;
            if app.namespaces.len() > 1 {
                picker.marked.insert(at);
            }
        }
    }
    picker
}

fn contexts(app: &App) -> Picker {
    let items = app.setup.contexts.iter().map(|name| Item {
        label: name.shown().to_string(),
        detail: if *name == app.setup.context {
            "current"
        } else {
            ""
        }
        .to_owned(),
        choice: Choice::Context(name.clone()),
    });
    Picker::of(Purpose::Contexts, items.collect())
}

/// Keys of the screen at hand first, then those of everywhere, then the rest.
fn help(app: &App) -> Vec<Item> {
    let here = app.place();
    let mut lines = app.setup.keymap.help();
    lines.sort_by_key(|line| match line.place {
        place if place == here => (0, place),
        Place::Everywhere => (1, Place::Everywhere),
        place => (2, place),
    });
    let mut items: Vec<Item> = Vec::new();
    let mut place = None;
    for line in lines {
        if place != Some(line.place) {
            place = Some(line.place);
            items.push(Item {
                label: line.place.title().to_owned(),
                detail: String::new(),
                choice: Choice::Heading,
            });
        }
        items.push(Item {
            label: line.keys,
            detail: line.action.about().to_owned(),
            choice: Choice::Act(line.action),
        });
    }
    items
}

/// What a key does in the topmost layer.
pub(super) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match app.layers.last_mut() {
        Some(Layer::Bar(_)) if action == Action::CopyCommand => return copying::copy(app, action),
        Some(Layer::Bar(_)) => asking::in_bar(app, action),
        Some(Layer::Path(_)) => return draft::in_path(app, action),
        Some(Layer::Filter(_)) => in_filter(app, action),
        Some(Layer::Reader(reader)) => {
            if action == Action::CopyName {
                let lines: Vec<String> = reader.lines.iter().map(Line::text).collect();
                app.say(Role::Plain, "copied");
                return vec![Effect::Copy(lines.join("\n"))];
            }
            in_reader(app, action);
        }
        Some(Layer::Picker(_)) => return in_picker(app, action),
        None => {}
    }
    Vec::new()
}

fn in_reader(app: &mut App, action: Action) {
    let page = usize::from(app.drawn.layer_height / 2).max(1);
    let Some(Layer::Reader(reader)) = app.layers.last_mut() else {
        return;
    };
    let last = reader.lines.len().saturating_sub(1);
    reader.offset = match action {
        Action::Down => reader.offset + 1,
        Action::Up => reader.offset.saturating_sub(1),
        Action::PageDown => reader.offset + page,
        Action::PageUp => reader.offset.saturating_sub(page),
        Action::First => 0,
        Action::Last => last,
        _ => {
            app.layers.pop();
            return;
        }
    }
    .min(last);
}

fn in_filter(app: &mut App, action: Action) {
    match action {
        Action::Down => super::moving::step(app, 1),
        Action::Up => super::moving::step(app, -1),
        Action::Open => drop(app.layers.pop()),
        _ => {
            app.layers.pop();
            app.view.filter.clear();
        }
    }
}

fn in_picker(app: &mut App, action: Action) -> Vec<Effect> {
    let page = isize::try_from(app.drawn.layer_height / 2)
        .unwrap_or(1)
        .max(1);
    let Some(Layer::Picker(picker)) = app.layers.last_mut() else {
        return Vec::new();
    };
    match action {
        Action::Down => picker.step(1),
        Action::Up => picker.step(-1),
        Action::PageDown => picker.step(page),
        Action::PageUp => picker.step(-page),
        Action::Mark if picker.purpose == Purpose::Namespaces => picker.mark(),
        Action::Mark => complete(picker),
        Action::Open => return pick(app),
        Action::DropDraft if picker.purpose == Purpose::Drafts => draft::drop_picked(app),
        Action::DropDraft => {}
        _ => drop(app.layers.pop()),
    }
    Vec::new()
}

/// Tab in the palette takes the name of the selected command.
fn complete(picker: &mut Picker) {
    if picker.purpose != Purpose::Palette || picker.input.text().contains(' ') {
        return;
    }
    if let Some((_, item)) = picker.selected() {
        picker.input = Input::of(format!("{} ", item.label));
        picker.narrow();
    }
}

fn pick(app: &mut App) -> Vec<Effect> {
    let Some(Layer::Picker(picker)) = app.layers.pop() else {
        return Vec::new();
    };
    if picker.purpose == Purpose::Palette {
        return command::run(app, picker);
    }
    let choice = picker.selected().map(|(_, item)| item.choice.clone());
    match choice {
        Some(Choice::Namespace(one)) => {
            let marked = picker.marked.iter().filter_map(|at| picker.items.get(*at));
            let mut names: std::collections::BTreeSet<_> = marked
                .filter_map(|item| match &item.choice {
                    Choice::Namespace(name) => name.clone(),
                    _ => None,
                })
                .collect();
            if names.is_empty() {
                names.extend(one);
            }
            going::scope(app, names);
            Vec::new()
        }
        Some(Choice::Context(name)) => switch_context(app, name),
        Some(Choice::Act(action)) => super::act(app, action),
        Some(Choice::Draft(id)) => {
            draft::pick(app, id);
            Vec::new()
        }
        Some(Choice::Argument(_) | Choice::Heading) | None => Vec::new(),
    }
}

/// Loads another context: nothing of the old cluster stays on the screen.
pub(super) fn switch_context(app: &mut App, name: crate::model::Text) -> Vec<Effect> {
    if app.setup.context == name {
        return Vec::new();
    }
    app.setup.context = name.clone();
    draft::switched(app);
    app.facts = None;
    app.background.forget();
    app.generation += 1;
    app.connection = Connection::Connecting;
    app.namespaces.clear();
    app.marks = crate::tui::app::Marks::default();
    app.asked = None;
    app.left.clear();
    app.trail = crate::tui::app::view::Trail::default();
    app.view = crate::tui::app::view::View::of(Screen::Home);
    vec![Effect::Ask(Request::SwitchContext(name))]
}

/// Gives a key to the text of the topmost layer.
pub(super) fn edit(app: &mut App, key: KeyEvent) {
    match app.layers.last_mut() {
        Some(Layer::Picker(picker)) => {
            let marks = picker.purpose == Purpose::Namespaces && picker.input.text().is_empty();
            if marks && key.code == crossterm::event::KeyCode::Char(' ') {
                picker.mark();
            } else if picker.input.edit(key) {
                picker.narrow();
            }
        }
        Some(Layer::Filter(input)) => {
            if input.edit(key) {
                app.view.filter = input.text().to_owned();
            }
        }
        Some(Layer::Bar(bar)) => {
            bar.input.edit(key);
        }
        Some(Layer::Path(prompt)) => {
            if prompt.input.edit(key) {
                prompt.problem = None;
            }
        }
        Some(Layer::Reader(_)) | None => {}
    }
}

/// Text from the clipboard goes where text is typed; elsewhere it is a question.
pub(super) fn paste(app: &mut App, text: &str) -> Vec<Effect> {
    app.dirty = true;
    match app.layers.last_mut() {
        Some(Layer::Picker(picker)) => {
            picker.input.insert(text);
            picker.narrow();
        }
        Some(Layer::Filter(input)) => {
            input.insert(text);
            app.view.filter = input.text().to_owned();
        }
        Some(Layer::Bar(bar)) => bar.input.insert(text),
        Some(Layer::Path(prompt)) => prompt.input.insert(text),
        None => draft::paste(app, text),
        Some(Layer::Reader(_)) => {}
    }
    Vec::new()
}
