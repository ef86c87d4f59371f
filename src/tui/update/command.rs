//! The palette: every action by name, and commands with an argument.

use std::collections::BTreeSet;

use crate::config::theme::NAMES;
use crate::model::Text;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::app::layer::{Choice, Item, Layer, Picker, Purpose};
use crate::tui::app::view::{Screen, View};
use crate::tui::msg::Effect;
use crate::tui::theme::{Role, named};
use crate::tui::widget::Input;

use super::{going, layers};

/// Commands with an argument: name, argument, sentence.
const COMMANDS: &[(&str, &str, &str)] = &[
    ("ns", "NAME,NAME", "Show these namespaces"),
    ("ctx", "NAME", "Load another context"),
    ("filter", "TEXT", "Show only rows that match"),
    (
        "can",
        "SRC -> DST[:PORT]",
        "Ask whether one end may talk to another",
    ),
    ("why", "SRC -> DST[:PORT]", "Explain a verdict"),
    ("paths", "SRC DST", "Show possible paths between two ends"),
    ("theme", "NAME", "Draw with another theme until you leave"),
    (
        "diff",
        "PATH",
        "Save what the drafts open and close, as Markdown",
    ),
];

/// Other names for actions, as k9s and vi users type them.
const ALIASES: &[(&str, Action)] = &[
    ("q", Action::Quit),
    ("pod", Action::Work),
    ("po", Action::Work),
    ("deploy", Action::Work),
    ("netpol", Action::Policies),
    ("np", Action::Policies),
    ("sod", Action::Duties),
];

/// Everything the palette offers.
pub(super) fn items(app: &App) -> Vec<Item> {
    let commands = COMMANDS.iter().map(|(name, argument, about)| Item {
        label: (*name).to_owned(),
        detail: format!("{argument}  {about}"),
        choice: Choice::Argument(name),
    });
    let place = app.view.screen.place();
    let actions = Action::ALL
        .iter()
        .filter(|action| !action.is_missing())
        .filter_map(|action| {
            let key = app.setup.keymap.label(place, *action)?;
            Some(Item {
                label: action.name(),
                detail: format!("{}  ({key})", action.about()),
                choice: Choice::Act(*action),
            })
        });
    let aliases = ALIASES.iter().map(|(name, action)| Item {
        label: (*name).to_owned(),
        detail: action.about().to_owned(),
        choice: Choice::Act(*action),
    });
    // Who wants to move does not open a menu for it.
    let (moves, rest): (Vec<Item>, Vec<Item>) =
        actions.partition(|item| matches!(&item.choice, Choice::Act(action) if action.is_move()));
    commands.chain(rest).chain(aliases).chain(moves).collect()
}

/// Runs what stands in the palette: a command with its argument, an exact name, or the selection.
pub(super) fn run(app: &mut App, picker: Picker) -> Vec<Effect> {
    let typed = picker.input.text().trim().to_owned();
    let (name, argument) = typed.split_once(' ').unwrap_or((&typed, ""));
    if COMMANDS.iter().any(|(known, ..)| *known == name) && !argument.trim().is_empty() {
        return with_argument(app, name, argument.trim());
    }
    let exact = picker.items.iter().find(|item| item.label == name);
    let selected = picker.selected().map(|(_, item)| item);
    match exact.or(selected).map(|item| item.choice.clone()) {
        Some(Choice::Act(action)) => super::act(app, action),
        Some(Choice::Argument(name)) => {
            let mut picker = Picker::of(Purpose::Palette, picker.items);
            picker.input = Input::of(format!("{name} "));
            picker.narrow();
            app.layers.push(Layer::Picker(picker));
            Vec::new()
        }
        _ => {
            app.say(Role::Low, format!("no command is called {name}"));
            Vec::new()
        }
    }
}

fn with_argument(app: &mut App, name: &str, argument: &str) -> Vec<Effect> {
    match name {
        "ns" => pick_namespaces(app, argument),
        "ctx" => return pick_context(app, argument),
        "filter" => argument.clone_into(&mut app.view.filter),
        "why" => explain(app, argument),
        "paths" => paths(app, argument),
        "theme" => change_theme(app, argument),
        "diff" => return super::draft::export_to(app, argument),
        _ => {
            app.asked = Some(crate::tui::app::Asked {
                text: argument.to_owned(),
                reply: crate::tui::facts::Reply::Problem(String::new()),
            });
        }
    }
    Vec::new()
}

fn change_theme(app: &mut App, name: &str) {
    if let Some(palette) = named(name, app.setup.depth) {
        app.setup.theme.palette = palette;
    } else {
        let known = NAMES.join(", ");
        app.say(
            Role::Low,
            format!("no theme is called {name}; there are {known}"),
        );
    }
}

fn pick_namespaces(app: &mut App, argument: &str) {
    let known: BTreeSet<Text> = app
        .facts
        .as_ref()
        .map(|facts| facts.namespaces().into_iter().map(|row| row.name).collect())
        .unwrap_or_default();
    let wanted: BTreeSet<Text> = argument
        .split([',', ' '])
        .filter(|name| !name.is_empty() && *name != "all")
        .map(Text::from)
        .collect();
    match wanted.difference(&known).next() {
        Some(unknown) => app.say(
            Role::Low,
            format!("no namespace is called {}", unknown.shown()),
        ),
        None => going::scope(app, wanted),
    }
}

fn pick_context(app: &mut App, argument: &str) -> Vec<Effect> {
    let name = Text::from(argument);
    if app.setup.contexts.contains(&name) {
        return layers::switch_context(app, name);
    }
    app.say(Role::Low, format!("no context is called {}", name.shown()));
    Vec::new()
}

fn explain(app: &mut App, argument: &str) {
    let Some(facts) = app.facts.clone() else {
        return;
    };
    match facts.canonical(argument, app.namespace()) {
        Some(question) => going::go(app, View::of(Screen::Why(question))),
        None => {
            if let crate::tui::facts::Reply::Problem(text) = facts.ask(argument, app.namespace()) {
                app.say(Role::Low, text);
            }
        }
    }
}

/// `A B` or `A -> B`; with one end, paths from outside to it.
fn paths(app: &mut App, argument: &str) {
    let ends: Vec<&str> = argument
        .split_whitespace()
        .filter(|word| !["->", "→", ">"].contains(word))
        .collect();
    let screen = match ends.as_slice() {
        [to] => super::paths::screen("internet".to_owned(), (*to).to_owned()),
        [from, to] => super::paths::screen((*from).to_owned(), (*to).to_owned()),
        _ => {
            app.say(Role::Low, "type one or two ends, as in internet shop/web");
            return;
        }
    };
    going::go(app, View::of(screen));
}
