//! What `y` puts onto the clipboard.

use crate::model::{Direction, Text};
use crate::report::effect::Sign;
use crate::report::matrix::share;
use crate::report::shell::word;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::app::chart::{Chart, Zoom};
use crate::tui::app::duties::{HolderLine, Roster};
use crate::tui::app::paths::HOPS;
use crate::tui::app::view::{Pane, RowId, Screen};
use crate::tui::facts::{NeededRow, PathHop, PathsAsk, PeerId, Question, RadiusAsk, Sight};
use crate::tui::msg::Effect;
use crate::tui::theme::{Glyphs, Role};
use crate::tui::widget::text::cut;

/// Copies a form of what is selected, or says that there is nothing.
pub(super) fn copy(app: &mut App, action: Action) -> Vec<Effect> {
    let text = match action {
        Action::CopyName => name(app),
        Action::CopyMarkdown => markdown(app),
        _ => Some(command(app)),
    };
    let Some(text) = text else {
        app.say(Role::Dim, "nothing to copy here");
        return Vec::new();
    };
    app.say(Role::Plain, format!("copied {}", cut(&text, 60, "…")));
    vec![Effect::Copy(text)]
}

fn name(app: &App) -> Option<String> {
    if let Screen::Why(question) = &app.view.screen {
        return Some(question.to_string());
    }
    if let Screen::Matrix(_) = &app.view.screen {
        let [from, to] = app.cell_ends()?;
        return Some(format!("{} -> {}", from.name, to.name));
    }
    match app.view.cursor(app.view.focus).id? {
        RowId::Namespace(name) => name.map(|name| name.shown().to_string()),
        RowId::Workload(key) | RowId::Way(key, _) | RowId::Peer(PeerId::Workload(key)) => {
            Some(key.to_string())
        }
        RowId::Peer(PeerId::Outside(block)) => Some(block),
        RowId::Peer(PeerId::Rest) => None,
        RowId::Policy(key) => Some(key.to_string()),
        RowId::Path(name) | RowId::Holder(name) => Some(name),
        RowId::Version(_) => match app.view.screen {
            Screen::Changes => Some(app.change_at_hand()?.change.policy.to_string()),
            _ => app.policy_at_hand().map(|key| key.to_string()),
        },
        RowId::Line(at) => app
            .derived
            .detail()
            .get(at)
            .map(|line| line.text().trim().to_owned()),
    }
}

/// The command line that prints what is looked at.
fn command(app: &App) -> String {
    let subcommand = match (app.question(), &app.view.screen) {
        (Some(question), Screen::Why(_)) if app.layers.is_empty() && app.asked.is_none() => {
            format!("{} --suggest", can(&question))
        }
        (Some(question), _) if asks(app) => can(&question),
        (_, Screen::Work) => match &app.derived.around().workload {
            Some(key) => format!("connections --of {}", word(&key.to_string())),
            None => "connections".to_owned(),
        },
        (_, Screen::Matrix(chart)) => matrix(chart),
        (_, Screen::Policies | Screen::History(_) | Screen::Draft(_) | Screen::Changes) => {
            "policies".to_owned()
        }
        (_, Screen::Paths(ask)) => paths(app, ask),
        (_, Screen::Radius(ask)) => radius(ask),
        (_, Screen::Duties(roster)) => duties(*roster),
        (_, Screen::Home | Screen::Exposed | Screen::Why(_)) => "exposed".to_owned(),
    };
    let namespaces: Vec<String> = app
        .namespaces
        .iter()
        .map(|name| name.shown().to_string())
        .collect();
    let scope = match namespaces.as_slice() {
        _ if subcommand.starts_with("can ") || subcommand.contains("--of") => String::new(),
        // What is between two ends may be anywhere, and what was zoomed into is named.
        _ if subcommand.starts_with("paths ") || subcommand.contains("--source") => String::new(),
        [] => " -A".to_owned(),
        names => format!(" -n {}", word(&names.join(","))),
    };
    let source = &app.setup.source_options;
    let gap = if source.is_empty() { "" } else { " " };
    format!("kreach{gap}{source} {subcommand}{scope}")
}

/// Whether a question is looked at, rather than a list.
fn asks(app: &App) -> bool {
    let in_bar = !app.layers.is_empty() || app.asked.is_some();
    let on_line = matches!(
        app.view.focus,
        Pane::Inbound | Pane::Outbound | Pane::Ports | Pane::Reasons
    );
    in_bar || on_line
}

fn duties(roster: Roster) -> String {
    let options = [
        (roster.turned, " --by namespace"),
        (roster.conflicts && !roster.turned, " --conflicts"),
        (roster.system && !roster.conflicts, " --all"),
    ];
    let options = options.into_iter().filter(|(set, _)| *set);
    let options: String = options.map(|(_, option)| option).collect();
    format!("duties{options}")
}

fn paths(app: &App, ask: &PathsAsk) -> String {
    let mut words = vec![
        "paths".to_owned(),
        word(&ask.source),
        word(&ask.destination),
    ];
    if ask.hops != HOPS {
        words.push(format!("--max-hops {}", ask.hops));
    }
    if app.view.focus == Pane::Needed {
        words.push("--choke-points".to_owned());
    }
    words.join(" ")
}

fn radius(ask: &RadiusAsk) -> String {
    let way = match ask.way {
        Sight::Reaches => "reaches",
        Sight::ReachedBy => "reached-by",
    };
    format!("paths {} --blast-radius={way}", word(&ask.end))
}

fn matrix(chart: &Chart) -> String {
    let mut words = vec!["matrix".to_owned()];
    if let Zoom::Workloads { from, to } = &chart.zoom {
        words.push("--by workload".to_owned());
        for (option, names) in [("--source", from), ("--destination", to)] {
            let name = |name: &Text| format!("{option} {}", word(&name.shown().to_string()));
            words.extend(names.iter().map(name));
        }
    }
    if chart.folded {
        words.push("--fold".to_owned());
    }
    words.join(" ")
}

fn can(question: &Question) -> String {
    let target = question.target();
    format!("can {} {}", word(&question.source), word(&target))
}

/// The selected row as a row of a Markdown table.
fn markdown(app: &App) -> Option<String> {
    let pane = app.view.focus;
    let at = app.view.cursor(pane).at;
    let derived = &app.derived;
    let cells: Vec<String> = match pane {
        Pane::Exposed => {
            let row = derived.home().exposed.get(at)?;
            let risk = row.risk.marks().to_owned();
            vec![
                row.workload.to_string(),
                row.by.clone(),
                row.clients.clone(),
                risk,
            ]
        }
        Pane::Open => {
            let row = derived.home().open.get(at)?;
            vec![row.namespace.shown().to_string(), row.workloads.to_string()]
        }
        Pane::Changes => change_cells(derived.home().changes.get(at)?),
        Pane::Paths | Pane::Hops => {
            let row = app.selected_path()?;
            let arrow = |hop: &PathHop| format!(" ─{}→ ", hop.ports);
            let hops = row.hops.iter().map(arrow).chain([String::new()]);
            let stops = row.stops.iter().zip(hops);
            let way: String = stops.map(|(stop, hop)| stop.name.clone() + &hop).collect();
            vec![way, row.hops.len().to_string(), row.note.clone()]
        }
        Pane::Needed => match app.found_paths()?.needed.get(at)? {
            NeededRow::Text(text) => vec![text.clone()],
            NeededRow::Hop { hop, through } => {
                let (from, hop, to) = &**hop;
                let way = format!("{} ─{}→ {}", from.name, hop.ports, to.name);
                vec![way, through.clone()]
            }
        },
        Pane::Reached => {
            let row = app.found_radius(&app.wanted_radius()?)?.rows.get(at)?;
            vec![row.name.clone(), row.hops.to_string()]
        }
        Pane::Ways => {
            let row = derived.ways().get(at)?;
            vec![
                row.workload.to_string(),
                row.level.clone(),
                row.by.clone(),
                row.declared.clone(),
                row.ports.clone(),
                row.effective.clone(),
                row.through.clone(),
            ]
        }
        Pane::Versions => change_cells(&app.selected_version()?.change),
        Pane::Colliding | Pane::Holders | Pane::Places | Pane::Duty => duty_cells(app, pane)?,
        Pane::Policies => change_cells(&derived.policies().get(at)?.change),
        Pane::Workloads => {
            let row = derived.workloads().get(at)?;
            vec![row.key.to_string(), row.pods.to_string()]
        }
        Pane::Inbound | Pane::Outbound => {
            let around = derived.around();
            let (list, direction) = if pane == Pane::Inbound {
                (&around.inbound, Direction::Ingress)
            } else {
                (&around.outbound, Direction::Egress)
            };
            let row = list.rows.get(at)?;
            let workload = around.workload.as_ref()?;
            let through = app.facts.as_ref()?.through(workload, direction, row);
            vec![row.name.clone(), row.ports.clone(), through]
        }
        Pane::Namespaces => {
            let row = derived.namespaces().get(at.checked_sub(1)?)?;
            vec![row.name.shown().to_string(), row.pods.to_string()]
        }
        Pane::Rows | Pane::Columns => {
            let [from, to] = app.cell_ends()?;
            let mut cells = vec![from.name.clone(), to.name.clone()];
            if let Some(cell) = app
                .known_cells()
                .and_then(|known| known.cell(&from.end, &to.end))
            {
                let pairs = format!("{} of {}", cell.counts.allowed, cell.counts.pairs);
                cells.extend([share(cell.shade, cell.counts), pairs]);
            }
            cells
        }
        Pane::Ports => {
            let row = derived.parts().ports.get(at)?;
            vec![row.ports.clone(), row.pairs.to_string()]
        }
        Pane::Detail => vec![derived.detail().get(at)?.text()],
        Pane::Feed | Pane::Effect | Pane::Draft => changed_cells(app, pane)?,
        Pane::Reasons => vec![derived.reasons().get(at)?.line.text()],
    };
    let cells: Vec<String> = cells
        .iter()
        .map(|cell| cell.trim().replace('\\', "\\\\").replace('|', "\\|"))
        .collect();
    Some(format!("| {} |", cells.join(" | ")))
}

/// A row of the feed, or of what a draft opens and closes.
fn changed_cells(app: &App, pane: Pane) -> Option<Vec<String>> {
    if pane == Pane::Effect {
        let at = app.view.cursor(pane).at;
        return Some(vec![app.derived.effect.get(at)?.text()]);
    }
    let row = app.change_at_hand().filter(|_| pane == Pane::Feed)?;
    let mut cells = change_cells(&row.change);
    cells.extend([Sign::Opened, Sign::Closed].map(|sign| row.count(sign)));
    Some(cells)
}

/// A row of the lists about duties.
fn duty_cells(app: &App, pane: Pane) -> Option<Vec<String>> {
    let (lists, at) = (&app.derived.duties, app.view.cursor(pane).at);
    match pane {
        Pane::Colliding => lists.colliding().get(at).map(holder_cells),
        Pane::Holders => lists.holders().get(at).map(holder_cells),
        _ => {
            let row = lists.places().get(at)?;
            let counts = [row.build, row.netpol, row.access].map(|count| count.to_string());
            let all = [row.all_three.join(", ")];
            Some([row.place()].into_iter().chain(counts).chain(all).collect())
        }
    }
}

fn holder_cells(line: &HolderLine) -> Vec<String> {
    let cells = line.cells.map(|sum| sum.told(Glyphs::Unicode));
    let name = line.shown.clone();
    let wrong = line.conflict.1.clone();
    [name].into_iter().chain(cells).chain([wrong]).collect()
}

fn change_cells(change: &crate::tui::facts::ChangeRow) -> Vec<String> {
    let when = change
        .when
        .map_or_else(|| "unknown".to_owned(), crate::report::time::utc);
    let owner = change.owner.badge(Glyphs::Unicode);
    vec![
        change.policy.to_string(),
        when,
        change.who.clone(),
        change.badge.to_owned(),
        owner,
    ]
}
