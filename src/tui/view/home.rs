//! Screen 1: what is exposed, open and changed.
//!
//! ```text
//!  EXPOSED TO OUTSIDE ── 12 workloads ──────────┬─ OPEN ── 31 workloads ─────
//!   shop/web        LB :443   any source    !   │ team-07    9 workloads
//!  WHO CHANGED POLICY LAST ─────────────────────┼─ DUTIES THAT COLLIDE ──────
//!   171 ✓ an owner                              │ bob   SOD-C1 used     !!!
//!  LAST CHANGES ─────────────────────────────────────────────────────────────
//!   4m  shop/allow-web    carol   [audit]  ✗ NOT owner
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::report::table::plural;
use crate::tui::app::duties::HolderLine;
use crate::tui::app::view::{Pane, View};
use crate::tui::area;
use crate::tui::clock::{Clock, Times};
use crate::tui::facts::{ChangeRow, DutiesFacts, Extent, HomeFacts, Ownership};
use crate::tui::msg::{Age, Report, Step};
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::list::{cells, inner, right};
use crate::tui::widget::text::{cut_name, cut_who, line, wrap};
use crate::tui::widget::{Line, List, rule};

/// What the screen shows.
#[derive(Clone, Copy, Debug)]
pub struct HomeView<'a> {
    /// The lists.
    pub facts: &'a HomeFacts,
    /// What is known of duties; `None` until that has been found out.
    pub duties: Option<&'a DutiesFacts>,
    /// Subjects whose duties collide, the worst first.
    pub colliding: &'a [HolderLine],
    /// Cursors and focus.
    pub view: &'a View,
    /// The present.
    pub clock: Clock,
}

/// Below this size one list is shown at a time.
const SMALL: (u16, u16) = (60, 14);

/// Draws the screen.
pub fn draw(home: &HomeView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let area = match &home.facts.banner {
        Some(banner) => {
            let (head, rest) = area::top(area, 1);
            line(buf, head, (1, &Line::of(Role::High, banner.clone())), theme);
            rest
        }
        None => area,
    };
    if area.width < SMALL.0 || area.height < SMALL.1 {
        return small(home, area, buf, theme);
    }
    let lower = (area.height / 3).clamp(5, 14);
    let (bottom, rest) = area::bottom(area, lower);
    let (owners_area, top) = area::bottom(rest, 7.min(rest.height / 2));
    let (left, rest) = area::left(top, area.width / 20 * 13);
    let (line_area, open) = area::left(rest, 1);
    rule::horizontal(buf, area::row(top, 0), theme);
    let mut report = exposed(home, left, buf, theme);
    report.add(self::open(home, open, buf, theme));
    let (owners_left, rest) = area::left(owners_area, area.width / 20 * 13);
    let (cut, colliding) = area::left(rest, 1);
    rule::horizontal(buf, area::row(owners_area, 0), theme);
    owners(home, owners_left, buf, theme);
    report.add(self::colliding(home, colliding, buf, theme));
    rule::vertical(buf, area::top_cut(cut, 1), theme);
    rule::vertical(buf, area::top_cut(line_area, 1), theme);
    report.add(changes(home, bottom, buf, theme));
    report
}

fn small(home: &HomeView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let (tally, rest) = area::bottom(area, u16::from(area.height > 4));
    let owners = &home.facts.owners;
    let text = Line::of(Role::Owner, format!(" owner {} ", owners.owner))
        .and(Role::NotOwner, format!(" NOT {} ", owners.not_owner))
        .and(Role::Unknown, format!(" unknown {}", owners.unknown));
    line(buf, tally, (0, &text), theme);
    match home.view.focus {
        Pane::Open => open(home, rest, buf, theme),
        Pane::Changes => changes(home, rest, buf, theme),
        Pane::Colliding => colliding(home, rest, buf, theme),
        _ => exposed(home, rest, buf, theme),
    }
}

fn list<'a>(home: &HomeView<'a>, (pane, len): (Pane, usize), theme: Theme) -> List<'a> {
    List {
        pane,
        len,
        view: home.view,
        theme,
    }
}

fn say(text: &str, area: Rect, buf: &mut Buffer, theme: Theme) {
    let parts = wrap(text, area.width.saturating_sub(3));
    for (at, part) in (0..area.height).zip(parts) {
        let part = Line::of(Role::Dim, part);
        line(buf, area::row(area, at), (2, &part), theme);
    }
}

fn exposed(home: &HomeView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let rows = &home.facts.exposed;
    let (head, rest) = area::top(area, 1);
    rule::heading(
        buf,
        head,
        ("EXPOSED TO OUTSIDE", &plural(rows.len(), "workload")),
        theme,
    );
    if rows.is_empty() {
        let nothing = "nothing that is published can be reached from outside";
        let text = home.facts.exposed_doubt.as_deref().unwrap_or(nothing);
        say(text, rest, buf, theme);
    }
    let room = area.width.saturating_sub(2);
    let (by, from) = ((room / 4).clamp(16, 24), (room / 4).clamp(12, 28));
    let (by, from) = if room < 46 {
        (room / 4, room / 4)
    } else {
        (by, from)
    };
    let name = room.saturating_sub(by + from + 6);
    list(home, (Pane::Exposed, rows.len()), theme).draw(rest, buf, |at, place, buf| {
        let Some(row) = rows.get(at) else { return };
        let glyph = if row.extent == Extent::Unknown {
            theme.glyphs.unknown()
        } else {
            theme.glyphs.outside()
        };
        let role = if row.extent == Extent::Unknown {
            Role::Unknown
        } else {
            Role::Outside
        };
        let workload = row.workload.to_string();
        let workload = cut_name(&workload, inner(name), theme.glyphs.ellipsis());
        let cells_of = [
            (2, role, glyph),
            (name, Role::Plain, &*workload),
            (by, Role::Plain, &*row.by),
            (from, Role::Plain, &*row.clients),
            (4, row.risk.role(), row.risk.marks()),
        ];
        cells(buf, place, 1, (&cells_of, theme));
    })
}

fn open(home: &HomeView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let rows = &home.facts.open;
    let total: usize = rows.iter().map(|row| row.workloads).sum();
    let (head, rest) = area::top(area, 1);
    rule::heading(buf, head, ("NO INGRESS POLICY", &total.to_string()), theme);
    let doubt = home.facts.policy_doubt.as_deref();
    if let Some(doubt) = doubt.filter(|_| rows.is_empty()) {
        say(doubt, rest, buf, theme);
    } else if home.facts.policies == 0 && home.facts.workloads > 0 && doubt.is_none() {
        let text = "0 NetworkPolicies: every pod can reach every pod";
        say(text, rest, buf, theme);
    } else if rows.is_empty() {
        say("every workload has one", rest, buf, theme);
    }
    let body = if home.facts.policies == 0 && doubt.is_none() {
        area::top_cut(rest, 3)
    } else {
        rest
    };
    let number = 16.min(area.width / 2);
    let name = area.width.saturating_sub(number + 2);
    list(home, (Pane::Open, rows.len()), theme).draw(body, buf, |at, place, buf| {
        let Some(row) = rows.get(at) else { return };
        let count = plural(row.workloads, "workload");
        let cells_of = [
            (name, Role::Plain, &*row.namespace.shown().to_string()),
            (number, Role::Dim, &*count),
        ];
        cells(buf, place, 1, (&cells_of, theme));
    })
}

/// Who holds duties that must be apart (SOD-05).
fn colliding(home: &HomeView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let (head, rest) = area::top(area, 1);
    let rows = home.colliding;
    let count = home
        .duties
        .map_or_else(String::new, |_| rows.len().to_string());
    rule::heading(buf, head, ("DUTIES THAT COLLIDE", &count), theme);
    match home.duties {
        None => say("looking through roles and bindings", rest, buf, theme),
        Some(duties) if rows.is_empty() => {
            let doubt = duties.missing.first().map(String::as_str);
            say(doubt.unwrap_or("nobody holds too many"), rest, buf, theme);
        }
        Some(_) => {}
    }
    let (rule, risk) = (if area.width < 40 { 7 } else { 13 }, 4);
    let name = area.width.saturating_sub(1 + rule + risk);
    list(home, (Pane::Colliding, rows.len()), theme).draw(rest, buf, |at, place, buf| {
        let Some(row) = rows.get(at) else { return };
        let facts = home.duties.and_then(|duties| duties.holders.get(row.at));
        let shown = facts.map_or(row.shown.as_str(), |holder| &holder.name);
        let shown = cut_name(shown, inner(name), theme.glyphs.ellipsis());
        let (risk_of, wrong) = &row.conflict;
        // Where there is no room for it, the marks alone tell that it was used.
        let wrong = if rule < 13 {
            wrong.split(' ').next().unwrap_or_default()
        } else {
            wrong
        };
        let cells_of = [
            (name, Role::Plain, &*shown),
            (rule, Role::Dim, wrong),
            (risk, risk_of.role(), risk_of.marks()),
        ];
        cells(buf, place, 1, (&cells_of, theme));
    })
}

fn owners(home: &HomeView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) {
    let (head, rest) = area::top(area, 1);
    let mut of = format!("of {}", plural(home.facts.policies, "policy"));
    if home.facts.policy_doubt.is_some() {
        of.push_str(" that could be read");
    }
    rule::heading(buf, head, ("WHO CHANGED POLICY LAST", &of), theme);
    let tally = &home.facts.owners;
    let kinds = [
        (Ownership::Owner, "an owner", tally.owner),
        (Ownership::NotOwner, "NOT an owner", tally.not_owner),
        (Ownership::BreakGlass, "break-glass", tally.break_glass),
        (Ownership::Unknown, "unknown", tally.unknown),
    ];
    let shown = kinds
        .into_iter()
        .filter(|(kind, _, n)| *n > 0 || *kind != Ownership::BreakGlass);
    for (at, (kind, word, count)) in (0..).zip(shown) {
        let glyph = kind.glyph(theme.glyphs);
        let role = if count == 0 { Role::Dim } else { kind.role() };
        let mut text = Line::of(
            role,
            format!("  {} {glyph} {word}", right(&count.to_string(), 5)),
        );
        if let (Ownership::Unknown, Some(why)) = (kind, &tally.because) {
            text = text.and(Role::Dim, format!("  ({why})"));
        }
        line(buf, area::row(rest, at), (0, &text), theme);
    }
}

fn changes(home: &HomeView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let rows = &home.facts.changes;
    let (head, rest) = area::top(area, 1);
    rule::heading(buf, head, ("LAST CHANGES", ""), theme);
    if rows.is_empty() {
        let nothing = "no policy has a change on record";
        let text = home.facts.policy_doubt.as_deref().unwrap_or(nothing);
        say(text, rest, buf, theme);
    }
    let mut ages = Vec::new();
    let mut report =
        list(home, (Pane::Changes, rows.len()), theme).draw(rest, buf, |at, place, buf| {
            let Some(row) = rows.get(at) else { return };
            let when = when(row, home.clock, &mut ages);
            let (wide, time) = (
                place.width >= 60,
                if home.clock.times == Times::Ages {
                    5
                } else {
                    21
                },
            );
            let badge = if wide { 10 } else { 0 };
            let owner = if wide { 15 } else { 2 };
            let room = place.width.saturating_sub(time + badge + owner + 2);
            let (name, who) = (room / 2, room - room / 2);
            let policy = row.policy.to_string();
            let policy = cut_name(&policy, inner(name), theme.glyphs.ellipsis());
            let person = cut_who(&row.who, inner(who), theme.glyphs.ellipsis());
            let cells_of = [
                (time, Role::Plain, &*when),
                (name, Role::Plain, &*policy),
                (who, Role::Plain, &*person),
                (badge, Role::Dim, row.badge),
                (
                    owner,
                    row.owner.role(),
                    &*row.owner.within(owner, theme.glyphs),
                ),
            ];
            cells(buf, place, 1, (&cells_of, theme));
        });
    report.ages.extend(ages);
    report
}

/// When a change was, and the age to watch.
pub(super) fn when(row: &ChangeRow, clock: Clock, ages: &mut Vec<Age>) -> String {
    let Some(at) = row.when else {
        return "?".to_owned();
    };
    let text = clock.show(at);
    ages.push((at, Step::Fine, text.clone()));
    text
}
