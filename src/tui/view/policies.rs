//! Screen 6: every policy, who changed it last, and whether they own it.
//!
//! ```text
//!  NAMESPACE  POLICY        SELECTS  DIR  LAST CHANGE            OWNER?   FINDING
//! ▌shop       allow-web           3  I    4m  carol    [audit]   ✗ NOT owner
//! ──────────────── shop/allow-web ────────────────────────────────────────────────
//!  carol  update  2026-11-23 02:47:10Z  via kubectl
//! ```

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::report::table::plural;
use crate::tui::app::view::{Pane, View};
use crate::tui::area;
use crate::tui::clock::{Clock, Times};
use crate::tui::facts::PolicyRow;
use crate::tui::msg::{Age, Report};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::list::{cells, inner, right};
use crate::tui::widget::text::{cut_who, line};
use crate::tui::widget::{Line, List, rule};

use super::home::when;
use super::why::whole;

/// What the screen shows.
#[derive(Clone, Copy, Debug)]
pub struct PoliciesView<'a> {
    /// The rows that match.
    pub rows: &'a [Arc<PolicyRow>],
    /// The lines about the selected one.
    pub detail: &'a [Line],
    /// Cursors, focus, filter.
    pub view: &'a View,
    /// Why there may be more than is listed.
    pub doubt: Option<&'a str>,
    /// The present.
    pub clock: Clock,
}

/// Widths of the columns; 0 leaves one out.
struct Columns {
    namespace: u16,
    name: u16,
    selects: u16,
    directions: u16,
    time: u16,
    who: u16,
    badge: u16,
    owner: u16,
    finding: u16,
}

impl Columns {
    fn of(width: u16, times: Times) -> Self {
        let time = if times == Times::Ages { 5 } else { 21 };
        let roomy = width >= 76;
        let (owner, selects) = if width >= 100 { (15, 8) } else { (12, 5) };
        let fixed = if roomy {
            selects + 4 + time + 9 + owner
        } else {
            time + 4
        };
        let rest = width.saturating_sub(fixed + 1);
        let part =
            |share: u16| u16::try_from(u32::from(rest) * u32::from(share) / 100).unwrap_or(0);
        if roomy {
            Self {
                namespace: part(20),
                name: part(32),
                selects,
                directions: 4,
                time,
                who: part(28),
                badge: 9,
                owner,
                finding: part(20),
            }
        } else {
            Self {
                namespace: part(35),
                name: part(65),
                selects: 0,
                directions: 0,
                time,
                who: 0,
                badge: 0,
                owner: 4,
                finding: 0,
            }
        }
    }
}

/// Draws the screen.
pub fn draw(policies: &PoliciesView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let small = area.height < 14 || area.width < 60;
    if small && policies.view.focus == Pane::Detail {
        return detail(policies, area, buf, theme);
    }
    let below = if small { 0 } else { (area.height / 2).min(14) };
    let (bottom, top) = area::bottom(area, below);
    let (head, rows) = area::top(top, 1);
    let columns = Columns::of(area.width, policies.clock.times);
    header(&columns, head, buf, theme);
    let mut report = table(policies, rows, buf, (theme, &columns));
    if below > 0 {
        report.add(detail(policies, bottom, buf, theme));
    }
    report
}

fn header(columns: &Columns, area: Rect, buf: &mut Buffer, theme: Theme) {
    let change = columns.time + columns.who + columns.badge;
    let titles = [
        (columns.namespace, Role::Strong, "NAMESPACE"),
        (columns.name, Role::Strong, "POLICY"),
        (
            columns.selects,
            Role::Strong,
            if columns.selects > 5 {
                "SELECTS"
            } else {
                "PODS"
            },
        ),
        (columns.directions, Role::Strong, "DIR"),
        (
            change,
            Role::Strong,
            if columns.who > 0 {
                "LAST CHANGE"
            } else {
                "AGE"
            },
        ),
        (
            columns.owner,
            Role::Strong,
            if columns.owner > 4 { "OWNER?" } else { "OWN" },
        ),
        (columns.finding, Role::Strong, "FINDING"),
    ];
    cells(buf, area, 1, (&titles, theme));
}

fn table(
    policies: &PoliciesView<'_>,
    area: Rect,
    buf: &mut Buffer,
    (theme, columns): (Theme, &Columns),
) -> Report {
    if policies.rows.is_empty() {
        let nothing = "0 NetworkPolicies here: every pod can reach every pod";
        let text = if policies.view.filter.is_empty() {
            policies.doubt.unwrap_or(nothing)
        } else {
            "no policy matches the filter: esc clears it"
        };
        line(buf, area, (2, &Line::of(Role::Dim, text)), theme);
    }
    let list = List {
        pane: Pane::Policies,
        len: policies.rows.len(),
        view: policies.view,
        theme,
    };
    let mut ages = Vec::new();
    let mut report = list.draw(area, buf, |at, place, buf| {
        if let Some(row) = policies.rows.get(at) {
            ages.extend(policy((row, policies.clock), place, buf, (theme, columns)));
        }
    });
    report.ages.extend(ages);
    report
}

/// Draws one row; gives the age in it.
fn policy(
    (row, clock): (&PolicyRow, Clock),
    place: Rect,
    buf: &mut Buffer,
    (theme, columns): (Theme, &Columns),
) -> Vec<Age> {
    let mut ages = Vec::new();
    let when = when(&row.change, clock, &mut ages);
    let selects = row
        .selects
        .map_or_else(|| "gone".to_owned(), |n| n.to_string());
    let (risk, finding) = match &row.finding {
        Some((risk, text)) => (risk.role(), format!("{} {text}", risk.marks())),
        None => (Role::Plain, String::new()),
    };
    let owner = row.change.owner;
    let who = cut_who(&row.change.who, inner(columns.who), theme.glyphs.ellipsis());
    let cells_of = [
        (
            columns.namespace,
            Role::Plain,
            &*row.key.namespace.shown().to_string(),
        ),
        (
            columns.name,
            Role::Plain,
            &*row.key.name.shown().to_string(),
        ),
        (
            columns.selects,
            Role::Plain,
            &*right(&selects, columns.selects.saturating_sub(1)),
        ),
        (columns.directions, Role::Plain, row.directions),
        (columns.time, Role::Plain, &*when),
        (columns.who, Role::Plain, &*who),
        (columns.badge, Role::Dim, row.change.badge),
        (
            columns.owner,
            owner.role(),
            &*owner.within(columns.owner, theme.glyphs),
        ),
        (columns.finding, risk, &*finding),
    ];
    cells(buf, place, 1, (&cells_of, theme));
    ages
}

/// The same table without a cursor, for the policies of one workload.
pub(super) fn plain_table(
    (rows, clock): (&[PolicyRow], Clock),
    area: Rect,
    buf: &mut Buffer,
    theme: Theme,
) -> Report {
    let columns = Columns::of(area.width, clock.times);
    let (head, body) = area::top(area, 1);
    header(&columns, head, buf, theme);
    let mut report = Report::default();
    for (at, row) in (0..body.height).zip(rows) {
        let place = area::row(body, at);
        report
            .ages
            .extend(policy((row, clock), place, buf, (theme, &columns)));
    }
    report
}

fn detail(policies: &PoliciesView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let (head, rest) = area::top(area, 1);
    let at = policies.view.cursor(Pane::Policies).at;
    let title = policies
        .rows
        .get(at)
        .map(|row| row.key.to_string())
        .unwrap_or_default();
    let more = plural(policies.rows.len(), "policy");
    rule::heading(buf, head, (&title, &format!("{} of {more}", at + 1)), theme);
    let list = List {
        pane: Pane::Detail,
        len: policies.detail.len(),
        view: policies.view,
        theme,
    };
    let selected = policies.view.cursor(Pane::Detail).at;
    let read = policies.view.focus == Pane::Detail;
    let selected = policies.detail.get(selected).filter(|_| read);
    let rest = whole(selected, rest, buf, theme);
    list.draw(rest, buf, |at, place, buf| {
        if let Some(text) = policies.detail.get(at) {
            line(buf, place, (1, text), theme);
        }
    })
}
