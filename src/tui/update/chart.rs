//! Screen 3: the cell cursor, zooming, and what is asked of the worker.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::app::chart::{Chart, Entry, Zoom};
use crate::tui::app::view::{Cursor, Pane, RowId, Screen, View};
use crate::tui::facts::{Inquiry, MatrixEnd, MatrixWindow, PeerId, Question, Topic};
use crate::tui::theme::Role;

use super::{going, moving};

/// What a key does on the matrix.
pub(super) fn act(app: &mut App, action: Action) {
    match action {
        Action::Left => sideways(app, -1),
        Action::Right => sideways(app, 1),
        Action::PageLeft => sideways(app, -page(app)),
        Action::PageRight => sideways(app, page(app)),
        Action::Fold => change(app, |chart| chart.folded = !chart.folded),
        _ => transpose(app),
    }
}

/// Shows the matrix with the cursor on the namespace of what is selected.
pub(super) fn around(app: &mut App) {
    let namespace = match app.view.cursor(app.view.focus).id {
        Some(RowId::Workload(key) | RowId::Peer(PeerId::Workload(key)) | RowId::Way(key, _)) => {
            Some(key.namespace)
        }
        Some(RowId::Policy(key)) => Some(key.namespace),
        Some(RowId::Namespace(name)) => name,
        Some(
            RowId::Peer(PeerId::Outside(_) | PeerId::Rest)
            | RowId::Path(_)
            | RowId::Version(_)
            | RowId::Holder(_)
            | RowId::Line(_),
        )
        | None => None,
    };
    let Some(namespace) = namespace else {
        app.say(Role::Dim, "choose a workload, a policy or a namespace");
        return;
    };
    let id = RowId::Namespace(Some(namespace));
    let mut view = View::of(Screen::Matrix(Chart::default())).at(Pane::Rows, id.clone());
    view.cursor_mut(Pane::Columns).id = Some(id);
    going::go(app, view);
}

/// Whether the screen is too narrow for a map and lists the cells of one row.
fn is_list(app: &App) -> bool {
    let drawn = |pane| app.drawn.windows.iter().any(|(drawn, ..)| *drawn == pane);
    drawn(Pane::Columns) && !drawn(Pane::Rows)
}

/// The pane that up and down move in, of those that are not simply the focused one.
pub(super) fn upright(app: &App) -> Pane {
    match app.view.focus {
        Pane::Rows if is_list(app) => Pane::Columns,
        focus => focus,
    }
}

fn sideways(app: &mut App, by: isize) {
    match app.view.focus {
        Pane::Rows if is_list(app) => moving::step_in(app, Pane::Rows, by),
        Pane::Rows => moving::step_in(app, Pane::Columns, by),
        _ if by < 0 => app.view.focus = Pane::Rows,
        _ => {}
    }
}

/// Half of the visible columns.
fn page(app: &App) -> isize {
    let windows = app.drawn.windows.iter();
    let shown = windows
        .filter(|(pane, ..)| *pane == Pane::Columns)
        .map(|window| window.2);
    isize::try_from(shown.max().unwrap_or(2) / 2)
        .unwrap_or(1)
        .max(1)
}

fn change(app: &mut App, change: impl FnOnce(&mut Chart)) {
    if let Screen::Matrix(chart) = &mut app.view.screen {
        change(chart);
    }
}

/// Rows become columns; the cursor stays on its cell.
fn transpose(app: &mut App) {
    change(app, |chart| chart.transposed = !chart.transposed);
    app.view.filter.clear();
    let [row, column] = [Pane::Rows, Pane::Columns].map(|pane| app.view.cursor(pane));
    let turned = |cursor: Cursor| Cursor {
        offset: 0,
        ..cursor
    };
    app.view.cursors.insert(Pane::Rows, turned(column));
    app.view.cursors.insert(Pane::Columns, turned(row));
}

/// Goes nearer: from namespaces to workloads, from a cell to its ports, from ports to a reason.
pub(super) fn open(app: &mut App) {
    if app.view.focus == Pane::Ports {
        match port_question(app) {
            Some(question) => going::go(app, View::of(Screen::Why(question))),
            None => app.say(
                Role::Dim,
                "these ports stand for many pairs: enter a cell first",
            ),
        }
        return;
    }
    let (Some(chart), Some([from, to])) = (app.chart().cloned(), app.cell_ends()) else {
        return;
    };
    match chart.zoom {
        Zoom::Workloads { .. } => app.view.focus = Pane::Ports,
        Zoom::Namespaces if from.is_outside() && to.is_outside() => {
            app.say(Role::Dim, "what is outside on both ends is not looked at");
        }
        Zoom::Namespaces => {
            let view = nearer(&chart, [from, to]);
            going::go(app, view);
        }
    }
}

/// The workloads of two namespaces. The outside has none: it is met on the other side's own matrix.
fn nearer(chart: &Chart, [from, to]: [&Entry; 2]) -> View {
    let inside = |entry: &Entry, other: &Entry| {
        let own = if entry.is_outside() { other } else { entry };
        own.namespaces()
    };
    let screen = Screen::Matrix(Chart {
        zoom: Zoom::Workloads {
            from: inside(from, to),
            to: inside(to, from),
        },
        folded: false,
        transposed: chart.transposed,
    });
    let mut view = View::of(screen);
    let [rows, columns] = if chart.transposed {
        [to, from]
    } else {
        [from, to]
    };
    for (pane, entry) in [(Pane::Rows, rows), (Pane::Columns, columns)] {
        if entry.is_outside() {
            view.cursor_mut(pane).id = Some(entry.id());
        }
    }
    view
}

/// The question that the selected ports answer.
fn port_question(app: &App) -> Option<Question> {
    let at = app.view.cursor(Pane::Ports).at;
    app.derived.parts().ports.get(at)?.question.clone()
}

impl App {
    /// The question that the cell under the cursor answers, on the selected ports if there are any.
    #[must_use]
    pub fn cell_question(&self) -> Option<Question> {
        if self.view.focus == Pane::Ports {
            return port_question(self);
        }
        let facts = self.facts.as_ref()?;
        let end = |entry: &Entry| match (entry.end.len(), entry.id()) {
            (0, RowId::Peer(PeerId::Outside(name))) => Some(name),
            (1, RowId::Workload(key)) => Some(facts.spelling(&key)),
            _ => None,
        };
        let [from, to] = self.cell_ends()?;
        let both = from.is_outside() && to.is_outside();
        let question = Question {
            source: end(from)?,
            destination: end(to)?,
            port: None,
        };
        (!both).then_some(question)
    }
}

/// Asks for what the screen needs and does not have: alike places, visible cells, the parts of the
/// cell under the cursor.
pub(super) fn wish(app: &mut App) {
    let Some(chart) = app.chart().cloned() else {
        return;
    };
    if chart.folded {
        let inquiry = app.derived.sides().fold_inquiry(chart.zoom.by());
        app.background.ask(app.generation, inquiry);
    }
    if let Some(window) = window(app, &chart) {
        app.background.ask(app.generation, Inquiry::Matrix(window));
    }
    let ends = app
        .cell_ends()
        .map(|ends| ends.map(|entry| entry.end.clone()));
    let shown = app
        .drawn
        .windows
        .iter()
        .any(|(pane, ..)| *pane == Pane::Ports);
    if let Some(ends) = ends.filter(|_| shown || app.view.focus == Pane::Ports) {
        app.background.ask(app.generation, Inquiry::Cell(ends));
    }
}

/// The window to count: that of the last question if it still covers what is visible, else what is
/// visible with as much again around it.
fn window(app: &App, chart: &Chart) -> Option<MatrixWindow> {
    let sides = app.derived.sides();
    let near = |pane, entries: &[Entry], margin: usize| {
        let windows = app.drawn.windows.iter();
        let found = windows.filter(|(drawn, ..)| *drawn == pane);
        let (offset, shown) = found
            .map(|window| (window.1, usize::from(window.2)))
            .next()
            // A list of cells has one row.
            .unwrap_or((app.view.cursor(pane).at, 1));
        let margin = if margin == 0 { 0 } else { shown.max(margin) };
        let (first, last) = (offset.saturating_sub(margin), offset + shown + margin);
        let range = first.min(entries.len())..last.min(entries.len());
        let inside = entries.get(range).unwrap_or_default().iter();
        inside
            .filter(|entry| !entry.is_outside())
            .map(|entry| entry.end.clone())
            .collect::<Vec<MatrixEnd>>()
    };
    if !app
        .drawn
        .windows
        .iter()
        .any(|(pane, ..)| *pane == Pane::Columns)
    {
        return None;
    }
    let visible = [
        near(Pane::Rows, &sides.down, 0),
        near(Pane::Columns, &sides.across, 0),
    ];
    let visible = turned(visible, chart);
    if let Some(Inquiry::Matrix(asked)) = app.background.asked(Topic::Matrix) {
        let covers = |asked: &[MatrixEnd], needed: &[MatrixEnd]| {
            let asked: BTreeSet<&MatrixEnd> = asked.iter().collect();
            needed.iter().all(|end| asked.contains(end))
        };
        if covers(&asked.rows, &visible[0]) && covers(&asked.columns, &visible[1]) {
            return Some(asked.clone());
        }
    }
    let around = [
        near(Pane::Rows, &sides.down, MARGIN),
        near(Pane::Columns, &sides.across, MARGIN),
    ];
    let [rows, columns] = turned(around, chart);
    Some(MatrixWindow {
        rows: Arc::from(rows),
        columns: Arc::from(columns),
    })
}

/// Places around the visible ones that are counted with them, at least.
const MARGIN: usize = 8;

/// Both sides as where connections start and where they end.
fn turned<T>([down, across]: [T; 2], chart: &Chart) -> [T; 2] {
    if chart.transposed {
        [across, down]
    } else {
        [down, across]
    }
}
