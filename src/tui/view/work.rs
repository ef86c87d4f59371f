//! Screen 2: workloads, and what the selected one can reach and be reached from.
//!
//! ```text
//!  WORKLOAD         PODS IN OUT EXP │ shop/web   app=web tier=fe   3 pods
//!  api                 6 ◐   ◐      │ policies  allow-web  deny-all   sa web-sa
//!  cart                4 ◐   ●      ├─ WHO CAN REACH IT ── 4 of 212 ────────────
//! ▌web                 3 ◐   ◐   ▲! │ ▲◐ internet      443/tcp    allow-web #1
//! ```
//!
//! From 120 columns on, namespaces stand to the left, both directions side by side, and below them
//! why the selected line is what it is. Below 60 columns one list is shown at a time.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::model::{Direction, Text, WorkloadKey};
use crate::tui::app::background::Heard;
use crate::tui::app::derived::Derived;
use crate::tui::app::view::{Pane, View};
use crate::tui::area;
use crate::tui::clock::Clock;
use crate::tui::facts::{Extent, Outcome, PeerList, PeerRow, WhyFacts, WorkloadMarks};
use crate::tui::msg::{Hit, Report};
use crate::tui::theme::{Role, Theme};
use crate::tui::update::WIDE;
use crate::tui::widget::list::{cells, inner, right};
use crate::tui::widget::text::{cut_name, line, wrap};
use crate::tui::widget::{Line, List, rule};

use super::{policies, why};

/// What the screen shows.
#[derive(Clone, Copy)]
pub struct WorkView<'a> {
    /// The lists.
    pub derived: &'a Derived,
    /// Cursors, focus, filter.
    pub view: &'a View,
    /// What a visible row shows beside its name.
    pub marks: &'a dyn Fn(&WorkloadKey) -> Option<WorkloadMarks>,
    /// What lets a visible line of a direction through.
    pub through: &'a dyn Fn(Direction, &PeerRow) -> String,
    /// The namespace in view, if it is one: then rows leave it out.
    pub namespace: Option<&'a Text>,
    /// Why there may be more than is listed.
    pub doubt: Option<&'a str>,
    /// Why the selected line is what it is.
    pub aside: Aside<'a>,
    /// The present.
    pub clock: Clock,
}

/// The explanation beside the lists. It says itself what it explains.
#[derive(Clone, Copy, Debug)]
pub enum Aside<'a> {
    /// No line is selected that could be explained.
    Nothing,
    /// The first explanation is awaited.
    Awaited,
    /// An explanation, drawn dim when a newer one has been awaited for long.
    Known {
        /// The explanation.
        facts: &'a WhyFacts,
        /// Whether it is drawn dim.
        dim: bool,
    },
}

impl<'a> Aside<'a> {
    /// What was heard from the worker.
    #[must_use]
    pub fn of(heard: Option<Heard<'a>>) -> Self {
        match heard {
            Some(Heard {
                outcome: Outcome::Why(facts),
                dim,
                ..
            }) => Self::Known { facts, dim },
            // Another outcome never comes under this topic.
            Some(_) | None => Self::Awaited,
        }
    }
}

/// Draws the screen.
pub fn draw(work: &WorkView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    match area.width {
        0..60 => small(work, area, buf, theme),
        60..WIDE => medium(work, area, buf, theme),
        _ => wide(work, area, buf, theme),
    }
}

fn small(work: &WorkView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let around = work.derived.around();
    match work.view.focus {
        Pane::Inbound => peers(work, (Pane::Inbound, &around.inbound), area, (buf, theme)),
        Pane::Outbound => peers(work, (Pane::Outbound, &around.outbound), area, (buf, theme)),
        _ => workloads(work, area, buf, theme),
    }
}

fn medium(work: &WorkView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let (left, rest) = area::left(area, (area.width / 5 * 2).clamp(30, 44));
    let mut report = workloads(work, left, buf, theme);
    rule::vertical(buf, rest, theme);
    let (_, right) = area::left(rest, 1);
    let around = work.derived.around();
    // The last line, labels and ports, is for wide screens.
    let known = u16::try_from(around.head.lines.len()).unwrap_or(u16::MAX);
    let height = known.saturating_sub(1).max(2);
    let (head, lists) = area::top(right, height.min(right.height / 3));
    self::head(work, head, buf, theme);
    let upper = share(
        lists.height,
        (around.inbound.rows.len(), around.outbound.rows.len()),
    );
    let (inbound, outbound) = area::top(lists, upper);
    report.add(both_ways(work, [inbound, outbound], (buf, theme)));
    report
}

/// Who can reach the selected workload, and what it can reach.
fn both_ways(
    work: &WorkView<'_>,
    [inbound, outbound]: [Rect; 2],
    (buf, theme): (&mut Buffer, Theme),
) -> Report {
    let around = work.derived.around();
    let upper = (Pane::Inbound, &around.inbound);
    let mut report = peers(work, upper, inbound, (&mut *buf, theme));
    let lower = (Pane::Outbound, &around.outbound);
    report.add(peers(work, lower, outbound, (buf, theme)));
    report
}

/// How many of `height` rows the upper of two lists gets: half, or what the lower does not need.
fn share(height: u16, (upper, lower): (usize, usize)) -> u16 {
    let needs = |rows: usize| u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(1);
    let half = height / 2;
    let spare_below = height.saturating_sub(needs(lower));
    half.max(spare_below).min(needs(upper).max(half))
}

fn wide(work: &WorkView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let (left, rest) = area::left(area, 57.min(area.width * 2 / 5));
    let (names, lists) = area::left(left, 20);
    let mut report = namespaces(work, names, buf, theme);
    report.add(workloads(work, lists, buf, theme));
    rule::vertical(buf, rest, theme);
    let (_, right) = area::left(rest, 1);
    let around = work.derived.around();
    let known = u16::try_from(around.head.lines.len()).unwrap_or(u16::MAX);
    let (head, rest) = area::top(right, known.max(3).min(right.height));
    self::head(work, head, buf, theme);
    let owned = u16::try_from(around.policies.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let (bottom, rest) = area::bottom(rest, owned.min(rest.height / 4));
    let (middle, lists) = area::bottom(rest, 14.min(rest.height / 2));
    let (inbound, outbound) = area::left(lists, lists.width / 2);
    report.add(both_ways(work, [inbound, outbound], (buf, theme)));
    aside(work, middle, buf, theme);
    let (title, table) = area::top(bottom, 1);
    rule::heading(buf, title, ("POLICIES ON THIS WORKLOAD", ""), theme);
    if around.policies.is_empty() {
        line(buf, table, (2, &Line::of(Role::Dim, "none")), theme);
    } else {
        let rows = (around.policies.as_slice(), work.clock);
        report.add(policies::plain_table(rows, table, buf, theme));
    }
    report
}

fn aside(work: &WorkView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) {
    let (title, rest) = area::top(area, 1);
    let text = match work.aside {
        Aside::Known { facts, dim } => {
            rule::heading(buf, title, ("WHY", &facts.title), theme);
            why::lines(facts, rest, buf, theme);
            if dim {
                buf.set_style(rest, theme.style(Role::Dim));
            }
            return;
        }
        Aside::Awaited => theme.glyphs.pending(),
        Aside::Nothing => "choose a line to see what decides it",
    };
    rule::heading(buf, title, ("WHY", ""), theme);
    line(buf, rest, (2, &Line::of(Role::Dim, text)), theme);
}

fn head(work: &WorkView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) {
    for (at, text) in (0..area.height).zip(&work.derived.around().head.lines) {
        line(buf, area::row(area, at), (1, text), theme);
    }
}

fn namespaces(work: &WorkView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let rows = work.derived.namespaces();
    let (head, rest) = area::top(area, 1);
    cells(
        buf,
        head,
        1,
        (&[(area.width, Role::Strong, "NAMESPACES")], theme),
    );
    let list = List {
        pane: Pane::Namespaces,
        len: rows.len() + 1,
        view: work.view,
        theme,
    };
    let name = area.width.saturating_sub(8);
    list.draw(rest, buf, |at, place, buf| {
        let (text, count) = match at.checked_sub(1).and_then(|at| rows.get(at)) {
            Some(row) => (row.name.shown().to_string(), row.pods),
            None => ("all".to_owned(), rows.iter().map(|row| row.pods).sum()),
        };
        let count = right(&count.to_string(), 5);
        let row = [(name, Role::Plain, &*text), (6, Role::Dim, &*count)];
        cells(buf, place, 1, (&row, theme));
    })
}

fn workloads(work: &WorkView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let rows = work.derived.workloads();
    let (head, rest) = area::top(area, 1);
    let name = area.width.saturating_sub(17);
    let title = if work.view.filter.is_empty() {
        "WORKLOAD".to_owned()
    } else {
        // The column is narrow: what is looked for matters more than what is listed.
        format!("/{}", work.view.filter)
    };
    let titles = [
        (name, Role::Strong, &*title),
        (5, Role::Strong, "PODS"),
        (3, Role::Strong, "IN"),
        (4, Role::Strong, "OUT"),
        (4, Role::Strong, "EXP"),
    ];
    cells(buf, head, 1, (&titles, theme));
    if rows.is_empty() {
        empty(work, rest, buf, theme);
    }
    let list = List {
        pane: Pane::Workloads,
        len: rows.len(),
        view: work.view,
        theme,
    };
    list.draw(rest, buf, |at, place, buf| {
        let Some(row) = rows.get(at) else { return };
        let text = if work.namespace == Some(&row.key.namespace) {
            row.key.name.shown().to_string()
        } else {
            row.key.to_string()
        };
        let pods = if row.pods == 0 {
            theme.glyphs.dash().to_owned()
        } else {
            row.pods.to_string()
        };
        let text = cut_name(&text, inner(name), theme.glyphs.ellipsis());
        let start = [
            (name, Role::Plain, &*text),
            (5, Role::Dim, &*right(&pods, 4)),
        ];
        cells(buf, place, 1, (&start, theme));
        let marks = (work.marks)(&row.key);
        marked(
            marks,
            area::left(place, name.saturating_add(6)).1,
            buf,
            theme,
        );
    })
}

fn marked(marks: Option<WorkloadMarks>, area: Rect, buf: &mut Buffer, theme: Theme) {
    let (inbound, outbound) = marks.map_or((Extent::Pending, Extent::Pending), |m| {
        (m.inbound, m.outbound)
    });
    let exposed = marks
        .filter(|m| m.exposed)
        .map_or("", |_| theme.glyphs.outside());
    let risk = marks.map(|m| m.risk).unwrap_or_default();
    let row = [
        (3, inbound.role(), inbound.glyph(theme.glyphs)),
        (4, outbound.role(), outbound.glyph(theme.glyphs)),
        (1, Role::Outside, exposed),
        (4, risk.role(), risk.marks()),
    ];
    cells(buf, area, 0, (&row, theme));
}

fn empty(work: &WorkView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) {
    let text = if !work.view.filter.is_empty() {
        "no workload matches the filter: esc clears it".to_owned()
    } else if let Some(doubt) = work.doubt {
        doubt.to_owned()
    } else if let Some(namespace) = work.namespace {
        let others = work
            .derived
            .namespaces()
            .iter()
            .filter(|row| row.pods > 0)
            .count();
        let name = namespace.shown();
        format!("no workloads in {name}. {others} namespaces have pods: n to pick")
    } else {
        "no workloads".to_owned()
    };
    for (at, text) in (0..area.height).zip(wrap(&text, area.width.saturating_sub(3))) {
        line(
            buf,
            area::row(area, at),
            (2, &Line::of(Role::Dim, text)),
            theme,
        );
    }
}

fn peers(
    work: &WorkView<'_>,
    (pane, list): (Pane, &PeerList),
    area: Rect,
    (buf, theme): (&mut Buffer, Theme),
) -> Report {
    let (head, rest) = area::top(area, 1);
    let (direction, title) = if pane == Pane::Inbound {
        (Direction::Ingress, "WHO CAN REACH IT")
    } else {
        (Direction::Egress, "WHAT IT CAN REACH")
    };
    let detail = match work.derived.around().workload {
        Some(_) => format!("{} of {}", list.reached, list.total),
        None => String::new(),
    };
    rule::heading(buf, head, (title, &detail), theme);
    let drawn = List {
        pane,
        len: list.rows.len(),
        view: work.view,
        theme,
    };
    let mut report = drawn.draw(rest, buf, |at, place, buf| {
        if let Some(row) = list.rows.get(at) {
            let through = || (work.through)(direction, row);
            peer((row, &through), place, buf, theme);
        }
    });
    report.hits.push((head, Hit::Pane(pane)));
    report
}

fn peer((row, told): (&PeerRow, &dyn Fn() -> String), area: Rect, buf: &mut Buffer, theme: Theme) {
    let room = area.width.saturating_sub(4);
    let ports = (room / 4).clamp(9, 18);
    let through = if room >= 34 {
        room.saturating_sub(ports) / 2
    } else {
        0
    };
    let name = room.saturating_sub(ports + through);
    let outside = if row.is_outside() {
        theme.glyphs.outside()
    } else {
        ""
    };
    let text = cut_name(&row.name, inner(name), theme.glyphs.ellipsis());
    let told = if through > 0 { told() } else { String::new() };
    let row = [
        (1, Role::Outside, outside),
        (2, row.extent.role(), row.extent.glyph(theme.glyphs)),
        (name, Role::Plain, &*text),
        (ports, Role::Plain, &*row.ports),
        (through, Role::Dim, &*told),
    ];
    cells(buf, area, 1, (&row, theme));
}
