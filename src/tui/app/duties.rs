//! Screen 7: what the worker found about duties, cut down to what is in view.

use std::collections::BTreeSet;

use crate::model::Text;
use crate::rbac::duty::Rule;
use crate::report::duties::{CellDocument, Extent, Holders, Row};
use crate::tui::facts::{
    Deed, DutiesFacts, HolderRow, Inquiry, Outcome, OwnerMark, Ownership, Risk, Topic,
};
use crate::tui::filter::Filter;
use crate::tui::theme::{Glyphs, Role};

use super::App;
use super::background::Ticket;
use super::derived::Kept;
use super::view::{Pane, RowId, Screen};

mod detail;

/// How the screen is set up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Roster {
    /// A line is a namespace rather than a subject.
    pub turned: bool,
    /// Only subjects in conflict.
    pub conflicts: bool,
    /// The subjects of Kubernetes itself too.
    pub system: bool,
}

/// The names of the duties, in the order of columns.
pub const DUTIES: [&str; 3] = ["BUILD", "NETPOL", "ACCESS"];

/// One subject as a line.
#[derive(Clone, PartialEq, Debug)]
pub struct HolderLine {
    /// Its place among the facts.
    pub at: usize,
    /// Which subject.
    pub shown: String,
    /// How each duty is held.
    pub cells: [Sum; 3],
    /// The worst that is wrong, with the judgement on it; empty if nothing is.
    pub conflict: (Risk, String),
    /// Whether it owns policies.
    pub owner: (Ownership, String),
    /// Nothing counts: emergency access, or excused.
    pub dim: bool,
}

/// One duty of one subject in all namespaces in view.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sum {
    /// The strongest state: `D`, `T`, `N`, `?`; empty if it is not held.
    pub state: &'static str,
    /// In how many namespaces; `None` for the whole cluster.
    pub places: Option<usize>,
    /// It is held more weakly elsewhere.
    pub more: bool,
}

type Inputs = (Option<Ticket>, BTreeSet<Text>, String, Roster);

/// The lists of the screen.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    holders: Kept<Inputs, Vec<HolderLine>>,
    places: Kept<Inputs, Vec<Holders>>,
    /// For the home screen.
    colliding: Kept<Inputs, Vec<HolderLine>>,
}

impl Lists {
    /// The subjects in view.
    #[must_use]
    pub fn holders(&self) -> &[HolderLine] {
        self.holders.value()
    }

    /// The subjects in view whose duties collide, the worst first.
    #[must_use]
    pub fn colliding(&self) -> &[HolderLine] {
        self.colliding.value()
    }

    /// What a row is about.
    pub(super) fn id(&self, pane: Pane, at: usize) -> Option<RowId> {
        let holder = |lines: &[HolderLine]| Some(RowId::Holder(lines.get(at)?.shown.clone()));
        match pane {
            Pane::Colliding => holder(self.colliding()),
            Pane::Holders => holder(self.holders()),
            _ => Some(RowId::Namespace(self.places().get(at)?.namespace.clone())),
        }
    }

    /// The namespaces in view, the whole cluster first.
    #[must_use]
    pub fn places(&self) -> &[Holders] {
        self.places.value()
    }
}

impl Roster {
    /// Its main list.
    #[must_use]
    pub const fn pane(self) -> Pane {
        if self.turned {
            Pane::Places
        } else {
            Pane::Holders
        }
    }

    /// What to ask the worker for.
    #[must_use]
    pub const fn inquiry(self) -> Inquiry {
        Inquiry::Duties(if self.system {
            Extent::Everybody
        } else {
            Extent::Usual
        })
    }
}

impl Sum {
    fn of<'a>(rows: impl Iterator<Item = &'a Row>, duty: usize) -> Self {
        let held = rows.filter_map(|row| Some((row.namespace.is_none(), cell(row, duty)?.state)));
        let held: Vec<(bool, &'static str)> = held.collect();
        let Some(best) = held.iter().map(|(_, state)| *state).min_by_key(|s| rank(s)) else {
            return Self::default();
        };
        let everywhere = held.contains(&(true, best));
        let places = held.iter().filter(|(_, state)| *state == best).count();
        Self {
            state: best,
            places: (!everywhere).then_some(places),
            more: !everywhere && held.iter().any(|(_, state)| *state != best),
        }
    }

    /// Glyph, letter and reach in a cell: `● D all`, `◐ T 2ns`, `○`.
    #[must_use]
    pub fn told(self, glyphs: Glyphs) -> String {
        let reach = match (self.state, self.places) {
            ("", _) => return glyphs.none().to_owned(),
            ("?", None) => return format!("{} all", glyphs.unknown()),
            ("?", Some(places)) => return format!("{} {places}ns", glyphs.unknown()),
            (_, None) => "all".to_owned(),
            (_, Some(places)) if self.more => format!("{places}ns+"),
            (_, Some(places)) => format!("{places}ns"),
        };
        format!("{} {} {reach}", self.glyph(glyphs), self.state)
    }

    /// Its glyph: full for a whole duty in the whole cluster.
    #[must_use]
    pub const fn glyph(self, glyphs: Glyphs) -> &'static str {
        match (self.state.as_bytes(), self.places) {
            (b"", _) => glyphs.none(),
            (b"?", _) => glyphs.unknown(),
            (b"N", _) | (_, Some(_)) => glyphs.some(),
            (_, None) => glyphs.all(),
        }
    }

    /// Its role in a theme.
    #[must_use]
    pub const fn role(self) -> Role {
        match (self.state.as_bytes(), self.places) {
            (b"", _) => Role::None,
            (b"?", _) => Role::Unknown,
            (b"N", _) | (_, Some(_)) => Role::Some,
            (_, None) => Role::All,
        }
    }
}

/// The strongest first.
fn rank(state: &str) -> usize {
    ["D", "T", "N"]
        .iter()
        .position(|known| *known == state)
        .unwrap_or(3)
}

/// One duty in a row of the matrix.
fn cell(row: &Row, duty: usize) -> Option<&CellDocument> {
    let cells = [&row.build, &row.netpol, &row.access];
    cells.into_iter().nth(duty)?.as_ref()
}

impl App {
    /// What the worker found, for the subjects at hand or fewer.
    #[must_use]
    pub fn found_duties(&self) -> Option<&DutiesFacts> {
        match self.background.heard(Topic::Duties)?.outcome {
            Outcome::Duties(facts) => Some(facts),
            // Another outcome never comes under this topic.
            _ => None,
        }
    }

    /// How the screen is set up.
    #[must_use]
    pub const fn roster(&self) -> Option<Roster> {
        match self.view.screen {
            Screen::Duties(roster) => Some(roster),
            Screen::Home
            | Screen::Work
            | Screen::Matrix(_)
            | Screen::Paths(_)
            | Screen::Radius(_)
            | Screen::Exposed
            | Screen::Policies
            | Screen::History(_)
            | Screen::Why(_)
            | Screen::Changes
            | Screen::Draft(_) => None,
        }
    }

    /// Which duty the cursor is on.
    #[must_use]
    pub fn duty_at(&self) -> usize {
        self.view.cursor(Pane::Duty).at.min(DUTIES.len() - 1)
    }

    /// The selected subject.
    #[must_use]
    pub fn selected_holder(&self) -> Option<&HolderRow> {
        let at = self.view.cursor(Pane::Holders).at;
        let line = self.derived.duties.holders().get(at)?;
        self.found_duties()?.holders.get(line.at)
    }

    /// Brings the lists and the lines about the selected cell up to date.
    pub(super) fn refresh_duties(&mut self, roster: Roster) {
        self.refresh_holders(roster);
        self.refresh_places(roster);
        let pane = roster.pane();
        self.settle(pane);
        self.settle(Pane::Duty);
        let lines = match self.found_duties() {
            None => Vec::new(),
            Some(facts) if roster.turned => self.lines_of_place(facts),
            Some(facts) => self.lines_of_holder(facts),
        };
        self.derived.detail = Kept::made(lines);
        self.settle(Pane::Detail);
    }

    /// Brings the list of subjects up to date.
    pub(super) fn refresh_holders(&mut self, roster: Roster) {
        let inputs = self.duties_inputs(roster);
        let heard = self.background.heard(Topic::Duties);
        let holders: &[HolderRow] = match heard.map(|heard| heard.outcome) {
            Some(Outcome::Duties(facts)) => &facts.holders,
            Some(_) | None => &[],
        };
        let lists = &mut self.derived.duties;
        lists.holders.refresh(inputs, |(_, shown, filter, roster)| {
            let filter = Filter::parse(filter);
            let lines = holders.iter().enumerate().filter_map(|(at, holder)| {
                let line = HolderLine::of(at, holder, shown)?;
                let wanted = line.conflict.0 != Risk::None || !roster.conflicts;
                (wanted && accepts(&filter, (holder, &line), shown)).then_some(line)
            });
            lines.collect()
        });
    }

    /// Brings the list of the home screen up to date.
    pub(super) fn refresh_colliding(&mut self) {
        let (ticket, shown, ..) = self.duties_inputs(Roster::default());
        let inputs = (ticket, shown, String::new(), Roster::default());
        let heard = self.background.heard(Topic::Duties);
        let holders: &[HolderRow] = match heard.map(|heard| heard.outcome) {
            Some(Outcome::Duties(facts)) => &facts.holders,
            Some(_) | None => &[],
        };
        let lists = &mut self.derived.duties;
        lists.colliding.refresh(inputs, |(_, shown, ..)| {
            let lines = holders.iter().enumerate();
            let lines = lines.filter_map(|(at, holder)| HolderLine::of(at, holder, shown));
            let mut lines: Vec<HolderLine> =
                lines.filter(|line| line.conflict.0 != Risk::None).collect();
            lines.sort_by_key(|line| std::cmp::Reverse(line.conflict.0));
            lines
        });
    }

    fn refresh_places(&mut self, roster: Roster) {
        let inputs = self.duties_inputs(roster);
        let heard = self.background.heard(Topic::Duties);
        let places = match heard.map(|heard| heard.outcome) {
            Some(Outcome::Duties(facts)) => facts.namespaces.as_slice(),
            Some(_) | None => &[],
        };
        let lists = &mut self.derived.duties;
        lists.places.refresh(inputs, |(_, shown, filter, roster)| {
            let filter = Filter::parse(filter);
            let wanted = |place: &&Holders| {
                let within = |namespace: &Text| shown.is_empty() || shown.contains(namespace);
                let in_view = place.namespace.as_ref().is_none_or(within);
                let all = place.all_three.join(" ");
                let columns = [("namespace", place.place()), ("subject", all.clone())];
                let columns = columns
                    .each_ref()
                    .map(|(name, text)| (*name, text.as_str()));
                in_view
                    && (!roster.conflicts || !all.is_empty())
                    && (filter.is_empty() || filter.matches(&columns))
            };
            places.iter().filter(wanted).cloned().collect()
        });
    }

    fn duties_inputs(&self, roster: Roster) -> Inputs {
        let ticket = self.background.heard(Topic::Duties);
        let ticket = ticket.map(|heard| heard.ticket);
        (
            ticket,
            self.namespaces.clone(),
            self.view.filter.clone(),
            roster,
        )
    }
}

/// The rows of a subject that are in view; those about the whole cluster always are.
fn in_view<'a>(
    holder: &'a HolderRow,
    shown: &'a BTreeSet<Text>,
) -> impl Iterator<Item = &'a Row> + Clone {
    holder.rows.iter().filter(|row| {
        let within = |namespace: &Text| shown.is_empty() || shown.contains(namespace);
        row.namespace.as_ref().is_none_or(within)
    })
}

impl HolderLine {
    /// `None` if nothing about the subject is in view.
    fn of(at: usize, holder: &HolderRow, shown: &BTreeSet<Text>) -> Option<Self> {
        let rows = in_view(holder, shown);
        let bare = holder.rows.is_empty() && shown.is_empty();
        if rows.clone().next().is_none() && !bare {
            return None;
        }
        let cells = [0, 1, 2].map(|duty| Sum::of(rows.clone(), duty));
        let conflict = worst(holder, shown);
        let glass = rows.clone().any(|row| row.break_glass);
        let mut rows = rows;
        let waived = rows.find_map(|row| row.conflict.as_ref());
        let told = match (&conflict, waived) {
            (Some(conflict), _) => conflict.clone(),
            (None, _) if glass => (Risk::None, "break-glass".to_owned()),
            (None, Some(broken)) => (Risk::None, format!("{} waived", broken.rule)),
            (None, None) => (Risk::None, String::new()),
        };
        Some(Self {
            at,
            shown: holder.shown.clone(),
            cells,
            owner: owner(&holder.owner),
            dim: conflict.is_none() && (glass || waived.is_some()),
            conflict: told,
        })
    }
}

/// The worst conflict in view that nothing excuses; worse if the log shows that one person used
/// both sides of it (SOD-C7).
fn worst(holder: &HolderRow, shown: &BTreeSet<Text>) -> Option<(Risk, String)> {
    let open = in_view(holder, shown).filter_map(|row| row.conflict.as_ref());
    let open = open.filter(|broken| broken.counts());
    let worst = open.max_by_key(|broken| (risk(broken.severity), broken.rule))?;
    let both = |deed: &Deed| {
        let broken = &deed.finding.conflict;
        broken.rule == Rule::BothHands.id() && broken.counts()
    };
    let used = holder.deeds.iter().any(both);
    if used {
        return Some((Risk::Critical, format!("{} used", worst.rule)));
    }
    Some((risk(worst.severity), worst.rule.to_owned()))
}

/// The judgement behind a severity.
pub(super) fn risk(severity: &str) -> Risk {
    match severity {
        "critical" => Risk::Critical,
        "high" => Risk::High,
        _ => Risk::Low,
    }
}

fn owner(mark: &OwnerMark) -> (Ownership, String) {
    match mark {
        OwnerMark::Everywhere(owner) => (*owner, String::new()),
        OwnerMark::In(places) => (Ownership::Owner, format!("{}ns", places.len())),
    }
}

fn accepts(
    filter: &Filter,
    (holder, line): (&HolderRow, &HolderLine),
    shown: &BTreeSet<Text>,
) -> bool {
    if filter.is_empty() {
        return true;
    }
    let places: Vec<String> = in_view(holder, shown).map(Row::place).collect();
    let held = (0..)
        .zip(&line.cells)
        .filter(|(_, sum)| !sum.state.is_empty());
    let held: Vec<&str> = held
        .filter_map(|(at, _): (usize, _)| DUTIES.get(at).copied())
        .collect();
    let used = holder.deeds.iter().map(|deed| deed.who.as_str());
    filter.matches(&[
        ("subject", &holder.shown),
        ("name", &holder.name),
        ("kind", holder.sort.word()),
        ("namespace", &places.join(" ")),
        ("duty", &held.join(" ")),
        ("conflict", &line.conflict.1),
        ("owner", &line.owner.0.badge(Glyphs::Ascii)),
        ("used", &used.collect::<Vec<_>>().join(" ")),
    ])
}
