//! Screen 8: changes of policies, newest first, and everything about the selected one.
//!
//! ```text
//!  WHEN  POLICY          WHO    EVIDENCE  OWNER?        DID      OPENED  CLOSED
//! ▌4m    shop/allow-web  carol  [audit]   ✗ NOT owner   changed     +36      -0
//! ──────────────── shop/allow-web ── 1 of 12 changes ────────────────────────────
//!  carol  patch  2026-11-23T02:47:10Z  [audit]
//! ```

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::report::effect::Sign;
use crate::report::table::plural;
use crate::tui::app::draft::sign_role;
use crate::tui::app::view::{Pane, View};
use crate::tui::area;
use crate::tui::clock::{Clock, Times};
use crate::tui::facts::FeedRow;
use crate::tui::msg::{Age, Report};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::list::{cells, inner, right};
use crate::tui::widget::text::{cut_name, cut_who, line, wrap};
use crate::tui::widget::{Line, List, rule};

use super::home::when;
use super::why::whole;

/// What the screen shows.
#[derive(Clone, Copy, Debug)]
pub struct ChangesView<'a> {
    /// The rows that match; `None` until the worker has found them.
    pub rows: Option<&'a [Arc<FeedRow>]>,
    /// What the feed may lack.
    pub doubts: &'a [String],
    /// The lines about the selected one.
    pub detail: &'a [Line],
    /// Cursors, focus, filter.
    pub view: &'a View,
    /// The present.
    pub clock: Clock,
}

/// Widths of the columns; 0 leaves one out.
struct Columns {
    time: u16,
    policy: u16,
    who: u16,
    badge: u16,
    owner: u16,
    deed: u16,
    count: u16,
}

impl Columns {
    fn of(width: u16, times: Times) -> Self {
        let time = if times == Times::Ages { 5 } else { 21 };
        let count = 8;
        if width < 76 {
            let owner = 3;
            let rest = width.saturating_sub(1 + time + owner + 2 * count);
            return Self {
                time,
                policy: rest,
                who: 0,
                badge: 0,
                owner,
                deed: 0,
                count,
            };
        }
        let (badge, owner) = (9, if width >= 100 { 15 } else { 5 });
        let deed = if width >= 100 { 9 } else { 0 };
        let rest = width.saturating_sub(1 + time + badge + owner + deed + 2 * count);
        let who = (rest / 5 * 2).min(40);
        Self {
            time,
            policy: rest.saturating_sub(who).min(60),
            who,
            badge,
            owner,
            deed,
            count,
        }
    }
}

/// Draws the screen.
pub fn draw(changes: &ChangesView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let small = area.height < 14 || area.width < 60;
    if small && changes.view.focus == Pane::Detail {
        return detail(changes, area, buf, theme);
    }
    let below = if small { 0 } else { area.height / 2 };
    let (bottom, top) = area::bottom(area, below);
    let said = doubts(changes, top.width);
    let height = u16::try_from(said.len()).unwrap_or(1).min(top.height / 3);
    let (foot, top) = area::bottom(top, height);
    let mut report = table(changes, top, buf, theme);
    for (at, text) in (0..foot.height).zip(&said) {
        line(buf, area::row(foot, at), (1, text), theme);
    }
    if below > 0 {
        report.add(detail(changes, bottom, buf, theme));
    }
    report
}

fn doubts(changes: &ChangesView<'_>, width: u16) -> Vec<Line> {
    let parts = changes
        .doubts
        .iter()
        .flat_map(|doubt| wrap(&format!("? {doubt}"), width.saturating_sub(2)));
    parts.map(|part| Line::of(Role::Unknown, part)).collect()
}

fn table(changes: &ChangesView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let columns = Columns::of(area.width, changes.clock.times);
    let (head, rest) = area::top(area, 1);
    let number = |text| right(text, columns.count.saturating_sub(1));
    let (opened, closed) = (number("OPENED"), number("CLOSED"));
    let titles = [
        (columns.time, Role::Strong, "WHEN"),
        (columns.policy, Role::Strong, "POLICY"),
        (columns.who, Role::Strong, "WHO"),
        (columns.badge, Role::Strong, "EVIDENCE"),
        (
            columns.owner,
            Role::Strong,
            if columns.owner > 6 { "OWNER?" } else { "OWN" },
        ),
        (columns.deed, Role::Strong, "DID"),
        (columns.count, Role::Strong, &*opened),
        (columns.count, Role::Strong, &*closed),
    ];
    cells(buf, head, 1, (&titles, theme));
    let rows = changes.rows.unwrap_or_default();
    if rows.is_empty() {
        let text = match changes.rows {
            None => "counting what each change opened",
            Some(_) if changes.view.filter.is_empty() => "no change of a policy is known here",
            Some(_) => "no change matches the filter: esc clears it",
        };
        line(buf, rest, (2, &Line::of(Role::Dim, text)), theme);
    }
    let list = List {
        pane: Pane::Feed,
        len: rows.len(),
        view: changes.view,
        theme,
    };
    let mut ages = Vec::new();
    let mut report = list.draw(rest, buf, |at, place, buf| {
        if let Some(row) = rows.get(at) {
            ages.extend(change((row, changes.clock), place, buf, (theme, &columns)));
        }
    });
    report.ages.extend(ages);
    report
}

/// Draws one row; gives the age in it.
fn change(
    (row, clock): (&FeedRow, Clock),
    place: Rect,
    buf: &mut Buffer,
    (theme, columns): (Theme, &Columns),
) -> Vec<Age> {
    let mut ages = Vec::new();
    let when = when(&row.change, clock, &mut ages);
    let ellipsis = theme.glyphs.ellipsis();
    let name = row.change.policy.to_string();
    let name = cut_name(&name, inner(columns.policy), ellipsis).into_owned();
    let who = cut_who(&row.change.who, inner(columns.who), ellipsis);
    let owner = row.change.owner;
    let number = |sign: Sign| right(&row.count(sign), columns.count.saturating_sub(1));
    let role = |sign: Sign| match row.count(sign).as_str() {
        "?" => Role::Unknown,
        "+0" | "-0" => Role::Dim,
        _ => sign_role(sign),
    };
    let (opened, closed) = (number(Sign::Opened), number(Sign::Closed));
    let cells_of = [
        (columns.time, Role::Plain, &*when),
        (columns.policy, Role::Plain, &*name),
        (columns.who, Role::Plain, &*who),
        (columns.badge, Role::Dim, row.change.badge),
        (
            columns.owner,
            owner.role(),
            &*owner.within(columns.owner, theme.glyphs),
        ),
        (columns.deed, Role::Plain, row.deed),
        (columns.count, role(Sign::Opened), &*opened),
        (columns.count, role(Sign::Closed), &*closed),
    ];
    cells(buf, place, 1, (&cells_of, theme));
    ages
}

fn detail(changes: &ChangesView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let (head, rest) = area::top(area, 1);
    let rows = changes.rows.unwrap_or_default();
    let at = changes.view.cursor(Pane::Feed).at;
    let (title, of) = match rows.get(at) {
        Some(row) => {
            let of = format!("{} of {}", at + 1, plural(rows.len(), "change"));
            (format!("{} {}", row.change.policy, row.deed), of)
        }
        None => (String::new(), String::new()),
    };
    rule::heading(buf, head, (&title, &of), theme);
    let list = List {
        pane: Pane::Detail,
        len: changes.detail.len(),
        view: changes.view,
        theme,
    };
    let selected = changes.view.cursor(Pane::Detail).at;
    let read = changes.view.focus == Pane::Detail;
    let selected = changes.detail.get(selected).filter(|_| read);
    let rest = whole(selected, rest, buf, theme);
    list.draw(rest, buf, |at, place, buf| {
        if let Some(text) = changes.detail.get(at) {
            line(buf, place, (1, text), theme);
        }
    })
}
