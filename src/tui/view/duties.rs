//! Screen 7: who holds which duties, who holds too many, and why.
//!
//! ```text
//!   SUBJECT              BUILD     NETPOL    ACCESS    OWNER  CONFLICT
//! ▌g app-devs            ◐ D 2ns   ◐ D 2ns   ○         ✗      SOD-C1 used   !!!
//! ──────────────── Group app-devs ── NETPOL ───────────────────────────────────
//!  NETPOL, GRANTED BY
//!    shop  D direct
//!      RoleBinding/shop/devs -> ClusterRole/edit via Group app-devs
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::report::duties::Holders;
use crate::report::table::plural;
use crate::tui::app::duties::{DUTIES, HolderLine, Lists, Roster};
use crate::tui::app::view::{Pane, View};
use crate::tui::area;
use crate::tui::facts::DutiesFacts;
use crate::tui::msg::Report;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::list::{cells, inner, right};
use crate::tui::widget::text::{cut_name, line, wrap};
use crate::tui::widget::{Line, List, rule};

use super::why::whole;

/// What the screen shows.
#[derive(Clone, Copy, Debug)]
pub struct DutiesView<'a> {
    /// How it is set up.
    pub roster: Roster,
    /// What the worker found; `None` until it has.
    pub facts: Option<&'a DutiesFacts>,
    /// Subjects and namespaces that match.
    pub lists: &'a Lists,
    /// The column of the cursor.
    pub duty: usize,
    /// The lines about the selected cell.
    pub detail: &'a [Line],
    /// Cursors, focus, filter.
    pub view: &'a View,
    /// Whether a newer answer has been awaited for long.
    pub dim: bool,
}

/// Widths of the columns; 0 leaves one out.
struct Columns {
    sort: u16,
    name: u16,
    duty: u16,
    owner: u16,
    conflict: u16,
    risk: u16,
}

impl Columns {
    fn of(width: u16) -> Self {
        if width < 60 {
            let (duty, risk) = (4, 4);
            return Self {
                sort: 2,
                name: width.saturating_sub(1 + 2 + 3 * duty + risk),
                duty,
                owner: 0,
                conflict: 0,
                risk,
            };
        }
        let roomy = width >= 110;
        let (duty, owner, conflict) = if roomy { (12, 16, 16) } else { (10, 6, 14) };
        Self {
            sort: 2,
            name: width.saturating_sub(1 + 2 + 3 * duty + owner + conflict + 4),
            duty,
            owner,
            conflict,
            risk: 4,
        }
    }
}

/// Draws the screen.
pub fn draw(duties: &DutiesView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let small = area.height < 14 || area.width < 60;
    if small && duties.view.focus == Pane::Detail {
        return detail(duties, area, buf, theme);
    }
    let below = if small { 0 } else { area.height / 2 };
    let (bottom, top) = area::bottom(area, below);
    let (said, top) = summary(duties, top);
    let mut report = if duties.roster.turned {
        places(duties, top, buf, theme)
    } else {
        holders(duties, top, buf, theme)
    };
    for (at, text) in (0..said.height).zip(&said_lines(duties, area.width)) {
        line(buf, area::row(said, at), (1, text), theme);
    }
    if below > 0 {
        report.add(detail(duties, bottom, buf, theme));
    }
    report
}

/// Room below the table for what could not be read, or what it comes to.
fn summary(duties: &DutiesView<'_>, top: Rect) -> (Rect, Rect) {
    let lines = said_lines(duties, top.width).len();
    let height = u16::try_from(lines).unwrap_or(1).min(top.height / 4);
    area::bottom(top, height)
}

fn said_lines(duties: &DutiesView<'_>, width: u16) -> Vec<Line> {
    let Some(facts) = duties.facts else {
        return Vec::new();
    };
    let (role, text) = match facts.missing.as_slice() {
        [] => (Role::Dim, facts.summary.clone()),
        [one] => (
            Role::Unknown,
            format!("? {one}: who holds more is not known"),
        ),
        [first, rest @ ..] => {
            let more = rest.len();
            let text = format!("? {first} and {more} more: who holds more is not known");
            (Role::Unknown, text)
        }
    };
    let role = if duties.dim { Role::Dim } else { role };
    let parts = wrap(&text, width.saturating_sub(2));
    parts.into_iter().map(|part| Line::of(role, part)).collect()
}

/// Draws the titles; that of the selected duty stands out.
fn header(
    duties: &DutiesView<'_>,
    area: Rect,
    buf: &mut Buffer,
    (theme, columns): (Theme, &[(u16, Role, &str)]),
) {
    cells(buf, area, 1, (columns, theme));
    let before = columns.iter().take(duties.duty + first_duty(duties));
    let at = before.fold(1_u16, |at, (width, ..)| at.saturating_add(*width));
    let own = columns.get(duties.duty + first_duty(duties));
    let (_, from) = area::left(area, at);
    let (title, _) = area::left(from, own.map_or(0, |(width, ..)| inner(*width)));
    buf.set_style(title.intersection(buf.area), theme.selected());
}

/// The place of the first duty among the columns.
const fn first_duty(duties: &DutiesView<'_>) -> usize {
    if duties.roster.turned { 1 } else { 2 }
}

fn holders(duties: &DutiesView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let columns = Columns::of(area.width);
    let (head, rest) = area::top(area, 1);
    let titles = titles(columns.duty);
    let [build, netpol, access] = titles.map(|title| (columns.duty, Role::Strong, title));
    let titles = [
        (columns.sort, Role::Strong, ""),
        (columns.name, Role::Strong, "SUBJECT"),
        build,
        netpol,
        access,
        (columns.owner, Role::Strong, "OWNER"),
        (columns.conflict, Role::Strong, "CONFLICT"),
        (columns.risk, Role::Strong, ""),
    ];
    header(duties, head, buf, (theme, &titles));
    let rows = duties.lists.holders();
    empty(
        (duties, rows.len(), "nobody holds a duty"),
        rest,
        buf,
        theme,
    );
    let list = list(duties, (Pane::Holders, rows.len()), theme);
    list.draw(rest, buf, |at, place, buf| {
        let holder = rows.get(at).and_then(|line| {
            let facts = duties.facts?;
            Some((line, facts.holders.get(line.at)?))
        });
        if let Some((line, facts)) = holder {
            let sort = facts.sort.letter();
            holder_row((line, sort, &facts.name), place, buf, (theme, &columns));
        }
    })
}

/// The titles of the duties, short where there is no room.
const fn titles(width: u16) -> [&'static str; 3] {
    if width < 8 {
        ["BLD", "NET", "ACC"]
    } else {
        DUTIES
    }
}

fn holder_row(
    (line, sort, name): (&HolderLine, &str, &str),
    place: Rect,
    buf: &mut Buffer,
    (theme, columns): (Theme, &Columns),
) {
    let glyphs = theme.glyphs;
    let plain = if line.dim { Role::Dim } else { Role::Plain };
    let name = cut_name(name, inner(columns.name), glyphs.ellipsis());
    let told = line.cells.map(|sum| {
        if columns.duty < 8 {
            format!("{}{}", sum.glyph(glyphs), sum.state.trim_matches('?'))
        } else {
            sum.told(glyphs)
        }
    });
    let role = |at: usize| {
        let role = line.cells.get(at).map_or(Role::None, |sum| sum.role());
        if line.dim { Role::Dim } else { role }
    };
    let [build, netpol, access] = &told;
    let (owner, places) = &line.owner;
    let badge = if columns.owner < 12 {
        format!("{}{places}", owner.glyph(glyphs))
    } else {
        format!("{} {places}", owner.badge(glyphs))
    };
    let (risk, wrong) = &line.conflict;
    let cells_of = [
        (columns.sort, Role::Dim, sort),
        (columns.name, plain, &*name),
        (columns.duty, role(0), build.as_str()),
        (columns.duty, role(1), netpol.as_str()),
        (columns.duty, role(2), access.as_str()),
        (columns.owner, owner.role(), badge.as_str()),
        (
            columns.conflict,
            if line.dim { Role::Dim } else { risk.role() },
            wrong.as_str(),
        ),
        (columns.risk, risk.role(), risk.marks()),
    ];
    cells(buf, place, 1, (&cells_of, theme));
}

fn places(duties: &DutiesView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let small = area.width < 60;
    let (count, unknown) = if small { (5, 0) } else { (8, 9) };
    let name = area.width.saturating_sub(1 + 3 * count + unknown) / 3;
    let all = area.width.saturating_sub(1 + 3 * count + unknown + name);
    let (head, rest) = area::top(area, 1);
    let [build, netpol, access] = titles(count).map(|title| (count, Role::Strong, title));
    let titles = [
        (name, Role::Strong, "NAMESPACE"),
        build,
        netpol,
        access,
        (unknown, Role::Strong, "UNKNOWN"),
        (all, Role::Strong, "ALL THREE"),
    ];
    header(duties, head, buf, (theme, &titles));
    let rows = duties.lists.places();
    empty((duties, rows.len(), "no namespaces"), rest, buf, theme);
    let list = list(duties, (Pane::Places, rows.len()), theme);
    list.draw(rest, buf, |at, place, buf| {
        if let Some(row) = rows.get(at) {
            place_row(row, place, buf, (theme, [name, count, unknown, all]));
        }
    })
}

fn place_row(
    row: &Holders,
    place: Rect,
    buf: &mut Buffer,
    (theme, [name, count, unknown, all]): (Theme, [u16; 4]),
) {
    let number = |n: usize| right(&n.to_string(), count.saturating_sub(3));
    let (build, netpol, access) = (number(row.build), number(row.netpol), number(row.access));
    let doubt = match row.unknown {
        0 => String::new(),
        some => format!("? {some}"),
    };
    let others = row.all_three.len().saturating_sub(1);
    let three = match row.all_three.first() {
        None => String::new(),
        Some(first) if others == 0 => first.clone(),
        Some(first) => format!("{} of them, {first}", others + 1),
    };
    let cells_of = [
        (name, Role::Plain, &*row.place()),
        (count, Role::Plain, &*build),
        (count, Role::Plain, &*netpol),
        (count, Role::Plain, &*access),
        (unknown, Role::Unknown, &*doubt),
        (all, Role::High, &*three),
    ];
    cells(buf, place, 1, (&cells_of, theme));
}

/// Says why a list is empty.
fn empty(
    (duties, rows, nothing): (&DutiesView<'_>, usize, &str),
    area: Rect,
    buf: &mut Buffer,
    theme: Theme,
) {
    if rows > 0 {
        return;
    }
    let text = match duties.facts {
        None => "looking through roles and bindings",
        Some(_) if !duties.view.filter.is_empty() => "nothing matches the filter: esc clears it",
        Some(_) if duties.roster.conflicts => "no duties collide, as far as could be read",
        Some(_) => nothing,
    };
    line(buf, area, (2, &Line::of(Role::Dim, text)), theme);
}

fn list<'a>(duties: &DutiesView<'a>, (pane, len): (Pane, usize), theme: Theme) -> List<'a> {
    List {
        pane,
        len,
        view: duties.view,
        theme,
    }
}

fn detail(duties: &DutiesView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let (head, rest) = area::top(area, 1);
    let duty = DUTIES.get(duties.duty).copied().unwrap_or_default();
    let at = duties.view.cursor(duties.roster.pane()).at;
    let (title, of) = if duties.roster.turned {
        let rows = duties.lists.places();
        let title = rows.get(at).map(Holders::place);
        (title, plural(rows.len().saturating_sub(1), "namespace"))
    } else {
        let rows = duties.lists.holders();
        let title = rows.get(at).map(|line| line.shown.clone());
        (
            title,
            format!("{} of {}", at + 1, plural(rows.len(), "subject")),
        )
    };
    let title = title.map_or_else(String::new, |title| format!("{title}  {duty}"));
    let of = if title.is_empty() { String::new() } else { of };
    rule::heading(buf, head, (&title, &of), theme);
    let list = list(duties, (Pane::Detail, duties.detail.len()), theme);
    let selected = duties.view.cursor(Pane::Detail).at;
    let read = duties.view.focus == Pane::Detail;
    let selected = duties.detail.get(selected).filter(|_| read);
    let rest = whole(selected, rest, buf, theme);
    list.draw(rest, buf, |at, place, buf| {
        if let Some(text) = duties.detail.get(at) {
            line(buf, place, (1, text), theme);
        }
    })
}
