//! `kreach` without a command: the explorer, on any source.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

use crate::config::Paths;
use crate::model::Text;
use crate::report::shell;
use crate::source::demo;
use crate::source::input::{self, Input};
use crate::source::live::{LiveOptions, target};
use crate::tui::app::{Look, Setup};
use crate::tui::terminal::{self, Mouse};
use crate::tui::{self, Start};

use super::complain::Complaint;
use super::drafts;
use super::exit::Exit;
use super::feed::{Feed, Outlets, Supply};
use super::globals::{Globals, SourceChoice};
use super::open::{self, unsettled};
use super::preferences::{self, Preferences};

/// Requests of the user that may wait while the source is busy.
const REQUESTS: usize = 8;

/// Shows the explorer until the user leaves it. What can be said without waiting for anything, such
/// as a kubeconfig that is broken, is said before the terminal is taken.
///
/// # Errors
///
/// Options or files that cannot be used, no terminal, or first data that cannot be accepted.
pub fn explore(globals: &Globals, now: Timestamp) -> Result<Exit, Complaint> {
    let choice = globals.source()?;
    if !terminal::is_there() {
        return Err(Complaint::NoTerminal);
    }
    let paths = Paths::discover();
    let preferences = Preferences::load(paths.as_ref());
    let preferences = preferences.map_err(|error| Complaint::File(error.to_string()))?;
    let mouse = preferences.mouse;
    let Prepared { feed, setup } = prepare(globals, (&choice, preferences), now)?;
    let runtime =
        Runtime::new().map_err(|error| Complaint::Cluster(format!("cannot start: {error}")))?;
    let (looks, watching) = paths.and_then(preferences::follow).unzip();
    let opening = Opening {
        setup,
        mouse,
        looks: looks.unwrap_or_else(|| mpsc::channel(1).1),
    };
    let end = runtime.block_on(show(feed, opening));
    drop(watching);
    // Threads that follow a log or wait for files must not hold up the way out.
    runtime.shutdown_background();
    end
}

/// What the explorer is opened with.
struct Opening {
    setup: Setup,
    mouse: Mouse,
    looks: mpsc::Receiver<Result<Look, String>>,
}

async fn show(feed: Feed, opening: Opening) -> Result<Exit, Complaint> {
    let (analyses, newest) = watch::channel(None);
    let (connection, state) = watch::channel(opening.setup.connection.clone());
    let (requests, asked) = mpsc::channel(REQUESTS);
    let start = Start {
        setup: opening.setup,
        mouse: opening.mouse,
        looks: opening.looks,
        analyses: newest,
        connection: state,
        requests,
        read: drafts::read,
    };
    let outlets = Outlets {
        analyses,
        connection,
        requests: asked,
    };
    // Another task, so that the source goes on while the screen is drawn.
    let mut feeding = tokio::spawn(feed.run(outlets));
    let end = tokio::select! {
        left = tui::run(start) => left.map(|_| Exit::Yes).map_err(Complaint::from),
        Ok(complaint) = &mut feeding => Err(complaint),
    };
    feeding.abort();
    end
}

struct Prepared {
    feed: Feed,
    setup: Setup,
}

fn prepare(
    globals: &Globals,
    (choice, preferences): (&SourceChoice, Preferences),
    now: Timestamp,
) -> Result<Prepared, Complaint> {
    let (supply, embedded, context, contexts) = match choice {
        SourceChoice::Demo => {
            let rules = Some(demo::RULES);
            (Supply::Demo, rules, "demo".into(), Vec::new())
        }
        SourceChoice::Files(paths) => match input::open(paths)? {
            Input::Manifests(manifests) => (
                Supply::Files(manifests.with_invalid(globals.invalid())),
                None,
                open::names(paths),
                Vec::new(),
            ),
            Input::Snapshot(snapshot) => {
                let context = snapshot.about.name.clone();
                (
                    Supply::Snapshot(Arc::from(snapshot)),
                    None,
                    context,
                    Vec::new(),
                )
            }
        },
        SourceChoice::Live {
            context,
            kubeconfig,
        } => {
            let options = LiveOptions {
                kubeconfig: kubeconfig.clone(),
                context: context.clone(),
                namespaces: globals.namespace.clone(),
            };
            let target = target(&options).map_err(|error| unsettled(&error.into(), None))?;
            (Supply::Live(options), None, target.context, target.contexts)
        }
    };
    let feed = Feed {
        supply,
        audit: globals.audit_log.clone(),
        rules: open::rules(globals, embedded, now)?,
        options: globals.options(),
    };
    let setup = Setup {
        context,
        contexts,
        connection: feed.first_connection(),
        namespaces: globals.namespaces().into_iter().collect(),
        theme: preferences.theme,
        depth: preferences.depth,
        keymap: preferences.keymap,
        source_options: source_options(globals),
        now,
    };
    Ok(Prepared { feed, setup })
}

/// The options that lead to the same source, as one would type them.
fn source_options(globals: &Globals) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut option = |name: &str, value: &str| {
        words.push(name.to_owned());
        words.push(shell::word(&Text::from(value).shown().to_string()));
    };
    if let Some(context) = &globals.context {
        option("--context", context);
    }
    let single = [
        ("--kubeconfig", &globals.kubeconfig),
        ("--rules", &globals.rules),
    ];
    for (name, path) in single
        .into_iter()
        .filter_map(|(name, path)| Some((name, path.as_ref()?)))
    {
        option(name, &path.display().to_string());
    }
    for path in &globals.from {
        option("--from", &path.display().to_string());
    }
    for path in &globals.audit_log {
        option("--audit-log", &path.display().to_string());
    }
    if globals.demo {
        words.push("--demo".to_owned());
    }
    words.join(" ")
}
