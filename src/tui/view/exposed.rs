//! Screen 5: what is published, and what policy makes of it.
//!
//! ```text
//!  WORKLOAD       BY                DECLARED    EFFECTIVE   POLICY
//! ▌shop/web       LB :443 web       any source  any         allow-web #1  carol   !
//! ──────────────── shop/web ───────────────────────────────────────────────────────
//!  declared  PUB-LB by Service shop/web :443 to 8443/tcp, for any source
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::report::table::plural;
use crate::tui::app::view::{Pane, View};
use crate::tui::area;
use crate::tui::facts::WayRow;
use crate::tui::msg::Report;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::list::{cells, inner};
use crate::tui::widget::text::{cut_name, cut_who, line, wrap};
use crate::tui::widget::{Line, List, rule};

use super::why::whole;

/// What the screen shows.
#[derive(Clone, Copy, Debug)]
pub struct ExposedView<'a> {
    /// The ways that match.
    pub rows: &'a [WayRow],
    /// The lines about the selected one.
    pub detail: &'a [Line],
    /// Cursors, focus, filter.
    pub view: &'a View,
    /// Why there may be more than is listed.
    pub doubt: Option<&'a str>,
    /// Whether the list has been made.
    pub known: bool,
}

/// From this width on, the lines about a way stand beside the list.
const WIDE: u16 = 140;

/// Widths of the columns; 0 leaves one out.
struct Columns {
    workload: u16,
    by: u16,
    ports: u16,
    declared: u16,
    effective: u16,
    policy: u16,
    who: u16,
    risk: u16,
}

impl Columns {
    fn of(width: u16) -> Self {
        let part = |of: u16, share: u16| {
            u16::try_from(u32::from(of) * u32::from(share) / 100).unwrap_or(0)
        };
        if width < 60 {
            let rest = width.saturating_sub(1 + 13);
            return Self {
                workload: part(rest, 55),
                by: part(rest, 45),
                ports: 0,
                declared: 0,
                effective: 13,
                policy: 0,
                who: 0,
                risk: 0,
            };
        }
        let who = if width >= 96 { 16 } else { 0 };
        let ports = if width >= 130 { 12 } else { 0 };
        let rest = width.saturating_sub(1 + 16 + 15 + 14 + 4 + ports + who);
        Self {
            workload: part(rest, 56),
            by: 16,
            ports,
            declared: 15,
            effective: 14,
            policy: part(rest, 44),
            who,
            risk: 4,
        }
    }
}

/// Draws the screen.
pub fn draw(exposed: &ExposedView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let small = area.height < 14 || area.width < 60;
    if small {
        return if exposed.view.focus == Pane::Detail {
            detail(exposed, area, buf, theme)
        } else {
            table(exposed, area, buf, theme)
        };
    }
    if area.width >= WIDE {
        let (left, rest) = area::left(area, area.width / 10 * 7);
        let (cut, right) = area::left(rest, 1);
        rule::vertical(buf, cut, theme);
        let mut report = table(exposed, left, buf, theme);
        report.add(detail(exposed, right, buf, theme));
        return report;
    }
    let (bottom, top) = area::bottom(area, (area.height / 2).min(14));
    let mut report = table(exposed, top, buf, theme);
    report.add(detail(exposed, bottom, buf, theme));
    report
}

fn table(exposed: &ExposedView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let columns = Columns::of(area.width);
    let (head, rows) = area::top(area, 1);
    let titles = [
        (columns.workload, Role::Strong, "WORKLOAD"),
        (columns.by, Role::Strong, "BY"),
        (columns.ports, Role::Strong, "PORTS"),
        (columns.declared, Role::Strong, "DECLARED"),
        (columns.effective, Role::Strong, "EFFECTIVE"),
        (columns.policy, Role::Strong, "POLICY"),
        (columns.who, Role::Strong, "LAST EDITOR"),
        (columns.risk, Role::Strong, ""),
    ];
    cells(buf, head, 1, (&titles, theme));
    if exposed.rows.is_empty() {
        let nothing = "nothing is published, and no policy lets everyone in";
        let text = if !exposed.known {
            "looking for ways in"
        } else if exposed.view.filter.is_empty() {
            exposed.doubt.unwrap_or(nothing)
        } else {
            "no way in matches the filter: esc clears it"
        };
        let parts = wrap(text, rows.width.saturating_sub(3));
        for (at, part) in (0..rows.height).zip(parts) {
            line(
                buf,
                area::row(rows, at),
                (2, &Line::of(Role::Dim, part)),
                theme,
            );
        }
    }
    let list = List {
        pane: Pane::Ways,
        len: exposed.rows.len(),
        view: exposed.view,
        theme,
    };
    list.draw(rows, buf, |at, place, buf| {
        if let Some(row) = exposed.rows.get(at) {
            way(row, place, buf, (theme, &columns));
        }
    })
}

fn way(row: &WayRow, place: Rect, buf: &mut Buffer, (theme, columns): (Theme, &Columns)) {
    let ellipsis = theme.glyphs.ellipsis();
    let plain = if row.dim { Role::Dim } else { Role::Plain };
    let effective = if row.dim {
        Role::Dim
    } else {
        row.extent.role()
    };
    let name = row.workload.to_string();
    let name = cut_name(&name, inner(columns.workload), ellipsis);
    let comes = format!("{} {}", row.extent.glyph(theme.glyphs), row.effective);
    let who = row.change.as_ref().map_or("", |change| &change.who);
    let who = cut_who(who, inner(columns.who), ellipsis);
    let editor = row.change.as_ref().map_or(Role::Dim, |change| {
        if row.dim {
            Role::Dim
        } else {
            change.owner.role()
        }
    });
    let cells_of = [
        (columns.workload, plain, &*name),
        (columns.by, plain, &*row.by),
        (columns.ports, plain, &*row.ports),
        (columns.declared, plain, &*row.declared),
        (columns.effective, effective, &*comes),
        (columns.policy, plain, &*row.through),
        (columns.who, editor, &*who),
        (columns.risk, row.risk.role(), row.risk.marks()),
    ];
    cells(buf, place, 1, (&cells_of, theme));
}

fn detail(exposed: &ExposedView<'_>, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
    let (head, rest) = area::top(area, 1);
    let at = exposed.view.cursor(Pane::Ways).at;
    let title = exposed
        .rows
        .get(at)
        .map(|row| row.workload.to_string())
        .unwrap_or_default();
    let of = format!("{} of {}", at + 1, plural(exposed.rows.len(), "way"));
    let of = if exposed.rows.is_empty() {
        String::new()
    } else {
        of
    };
    rule::heading(buf, head, (&title, &of), theme);
    let list = List {
        pane: Pane::Detail,
        len: exposed.detail.len(),
        view: exposed.view,
        theme,
    };
    let selected = exposed.view.cursor(Pane::Detail).at;
    let read = exposed.view.focus == Pane::Detail;
    let selected = exposed.detail.get(selected).filter(|_| read);
    let rest = whole(selected, rest, buf, theme);
    list.draw(rest, buf, |at, place, buf| {
        if let Some(text) = exposed.detail.get(at) {
            line(buf, place, (1, text), theme);
        }
    })
}
