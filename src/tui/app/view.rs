//! What is looked at: a value that history can keep and give back.

use std::collections::BTreeMap;

use crate::model::{Key, Text, WorkloadKey};
use crate::tui::facts::{DraftId, PathsAsk, PeerId, Question, RadiusAsk};
use crate::tui::keymap::Place;

use super::chart::{Chart, Zoom};
use super::duties::Roster;

/// A screen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Screen {
    /// 1: what is exposed, open and changed.
    Home,
    /// 2: workloads and what they can reach.
    Work,
    /// 3: how much may reach how much.
    Matrix(Chart),
    /// 4: possible paths between two ends.
    Paths(PathsAsk),
    /// Everything within reach of one end.
    Radius(RadiusAsk),
    /// 5: what is published, and what policy lets in.
    Exposed,
    /// 6: policies and who changed them.
    Policies,
    /// Every version of one policy, and what changed.
    History(Key),
    /// 7: who holds which duties.
    Duties(Roster),
    /// 8: what was changed by whom, and what that opened.
    Changes,
    /// Why one verdict is what it is.
    Why(Question),
    /// A policy that is being edited, and what that would do.
    Draft(DraftId),
}

impl Screen {
    /// Number and short name at the right of the first line.
    #[must_use]
    pub const fn tab(&self) -> &'static str {
        match self {
            Self::Home => "1 Home",
            Self::Work => "2 Work",
            Self::Matrix(_) => "3 Matrix",
            Self::Paths(_) => "4 Paths",
            Self::Radius(_) => "radius",
            Self::Exposed => "5 Exposed",
            Self::Policies => "6 Policy",
            Self::History(_) => "history",
            Self::Duties(_) => "7 Duties",
            Self::Changes => "8 Changes",
            Self::Why(_) => "why",
            Self::Draft(_) => "draft",
        }
    }

    /// Where its keys are.
    #[must_use]
    pub const fn place(&self) -> Place {
        match self {
            Self::Home => Place::Home,
            Self::Work => Place::Work,
            Self::Matrix(_) => Place::Matrix,
            Self::Paths(_) => Place::Paths,
            Self::Radius(_) => Place::Radius,
            Self::Exposed => Place::Exposed,
            Self::Policies => Place::Policies,
            Self::History(_) => Place::History,
            Self::Duties(_) => Place::Duties,
            Self::Changes => Place::Changes,
            Self::Why(_) => Place::Why,
            Self::Draft(_) => Place::Draft,
        }
    }

    /// Whether a digit or a command leads to it: it is remembered as it was left. Explanations and
    /// what was zoomed into are met on the way only.
    #[must_use]
    pub const fn is_reached_by_name(&self) -> bool {
        match self {
            Self::Home
            | Self::Work
            | Self::Paths(_)
            | Self::Exposed
            | Self::Policies
            | Self::Changes
            | Self::Duties(_) => true,
            Self::Matrix(chart) => matches!(chart.zoom, Zoom::Namespaces),
            Self::Radius(_) | Self::History(_) | Self::Why(_) | Self::Draft(_) => false,
        }
    }

    /// Whether it is the same screen by name, however it is set up.
    #[must_use]
    pub fn is_as(&self, other: &Self) -> bool {
        let both = self.is_reached_by_name() && other.is_reached_by_name();
        let alike = matches!(
            (self, other),
            (Self::Paths(_), Self::Paths(_))
                | (Self::Matrix(_), Self::Matrix(_))
                | (Self::Duties(_), Self::Duties(_))
        );
        self == other || both && alike
    }

    /// Its panes in the order of tab, the main one first.
    #[must_use]
    pub const fn panes(&self) -> &'static [Pane] {
        match self {
            Self::Home => &[Pane::Exposed, Pane::Open, Pane::Colliding, Pane::Changes],
            Self::Work => &[
                Pane::Workloads,
                Pane::Inbound,
                Pane::Outbound,
                Pane::Namespaces,
            ],
            Self::Matrix(_) => &[Pane::Rows, Pane::Ports],
            Self::Paths(_) => &[Pane::Paths, Pane::Needed],
            Self::Radius(_) => &[Pane::Reached],
            Self::Exposed => &[Pane::Ways, Pane::Detail],
            Self::Policies => &[Pane::Policies, Pane::Detail],
            Self::History(_) => &[Pane::Versions, Pane::Detail],
            Self::Duties(roster) => {
                if roster.turned {
                    &[Pane::Places, Pane::Detail]
                } else {
                    &[Pane::Holders, Pane::Detail]
                }
            }
            Self::Changes => &[Pane::Feed, Pane::Detail],
            Self::Why(_) => &[Pane::Reasons],
            Self::Draft(_) => &[Pane::Draft, Pane::Effect],
        }
    }
}

/// A list on a screen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Pane {
    /// Home: published workloads.
    Exposed,
    /// Home: namespaces with open workloads.
    Open,
    /// Home: subjects with duties that collide.
    Colliding,
    /// Home: the last changes.
    Changes,
    /// Work: namespaces, on wide screens.
    Namespaces,
    /// Work: workloads.
    Workloads,
    /// Work: who can reach the selected workload.
    Inbound,
    /// Work: what it can reach.
    Outbound,
    /// Paths: the list.
    Paths,
    /// Paths: the hops of the selected one; moved along, never drawn as a list.
    Hops,
    /// Paths: what every one needs.
    Needed,
    /// Blast radius: places within reach.
    Reached,
    /// Exposed: the ways into workloads.
    Ways,
    /// Policies: the table.
    Policies,
    /// History: the versions of a policy.
    Versions,
    /// Duties: subjects.
    Holders,
    /// Duties turned round: namespaces.
    Places,
    /// Duties: the columns; moved along, never drawn as a list.
    Duty,
    /// Policies, exposed, duties: the lines about one.
    Detail,
    /// Matrix: the rows of the map.
    Rows,
    /// Matrix: its columns.
    Columns,
    /// Matrix: the ports of the cell under the cursor.
    Ports,
    /// Why: the explanation.
    Reasons,
    /// Changes: the feed.
    Feed,
    /// Draft: the text, which has a cursor of its own.
    Draft,
    /// Draft: what it opens and closes.
    Effect,
}

impl Pane {
    /// Lists about its selected row: for another row their cursors begin anew.
    #[must_use]
    pub const fn followers(self) -> &'static [Self] {
        match self {
            Self::Workloads => &[Self::Inbound, Self::Outbound],
            Self::Policies
            | Self::Versions
            | Self::Ways
            | Self::Feed
            | Self::Holders
            | Self::Places
            | Self::Duty => &[Self::Detail],
            Self::Rows | Self::Columns => &[Self::Ports],
            Self::Paths => &[Self::Hops],
            Self::Exposed
            | Self::Open
            | Self::Colliding
            | Self::Changes
            | Self::Namespaces
            | Self::Inbound
            | Self::Outbound
            | Self::Detail
            | Self::Ports
            | Self::Hops
            | Self::Needed
            | Self::Reached
            | Self::Reasons
            | Self::Draft
            | Self::Effect => &[],
        }
    }

    /// Whether its selected row matters to the other panes, so that it is marked without the focus
    /// too.
    #[must_use]
    pub const fn leads(self) -> bool {
        matches!(
            self,
            Self::Namespaces
                | Self::Workloads
                | Self::Policies
                | Self::Versions
                | Self::Feed
                | Self::Ways
                | Self::Paths
                | Self::Holders
                | Self::Places
        )
    }
}

/// What a row is about; the cursor follows it when the data change.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RowId {
    /// A namespace, or all of them.
    Namespace(Option<Text>),
    /// A workload.
    Workload(WorkloadKey),
    /// The other end of a line.
    Peer(PeerId),
    /// A policy.
    Policy(Key),
    /// A path, by its stops.
    Path(String),
    /// A way into a workload.
    Way(WorkloadKey, String),
    /// A version of a policy.
    Version(String),
    /// A subject of RBAC or of the audit log, as it is shown.
    Holder(String),
    /// A line of text.
    Line(usize),
}

/// The cursor of a list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cursor {
    /// What it is on.
    pub id: Option<RowId>,
    /// The row, counted from zero.
    pub at: usize,
    /// The first visible row when it was drawn last.
    pub offset: usize,
}

/// A screen with everything the user did to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    /// Which screen.
    pub screen: Screen,
    /// Where keys go.
    pub focus: Pane,
    /// The filter as typed; empty shows everything.
    pub filter: String,
    /// Cursors of its lists.
    pub cursors: BTreeMap<Pane, Cursor>,
}

impl View {
    /// Puts the cursor of a list onto a row.
    pub fn select(&mut self, pane: Pane, cursor: Cursor) {
        if self.cursor(pane).id != cursor.id {
            for follower in pane.followers() {
                self.cursors.remove(follower);
            }
        }
        *self.cursor_mut(pane) = cursor;
    }

    /// A screen as it is first seen.
    #[must_use]
    pub fn of(screen: Screen) -> Self {
        let focus = screen.panes().first().copied().unwrap_or(Pane::Reasons);
        Self {
            screen,
            focus,
            filter: String::new(),
            cursors: BTreeMap::new(),
        }
    }

    /// The same view with the cursor of `pane` on `id`, and the focus there.
    #[must_use]
    pub fn at(mut self, pane: Pane, id: RowId) -> Self {
        self.focus = pane;
        self.cursor_mut(pane).id = Some(id);
        self
    }

    /// The cursor of a list.
    #[must_use]
    pub fn cursor(&self, pane: Pane) -> Cursor {
        self.cursors.get(&pane).cloned().unwrap_or_default()
    }

    /// The cursor of a list, to move it.
    pub fn cursor_mut(&mut self, pane: Pane) -> &mut Cursor {
        self.cursors.entry(pane).or_default()
    }
}

/// Where the user was and what they saw there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Visit {
    /// What was looked at.
    pub view: View,
    /// The namespaces in view; empty is all.
    pub namespaces: std::collections::BTreeSet<Text>,
}

/// Visits before and after the present one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trail {
    past: Vec<Visit>,
    future: Vec<Visit>,
}

/// Visits that are kept.
const LONGEST: usize = 100;

impl Trail {
    /// Leaves `visit` for a new one: there is no future from there.
    pub fn leave(&mut self, visit: Visit) {
        self.future.clear();
        self.past.push(visit);
        if self.past.len() > LONGEST {
            self.past.remove(0);
        }
    }

    /// Goes back from `visit`, if there was something before.
    pub fn back(&mut self, visit: &Visit) -> Option<Visit> {
        let before = self.past.pop()?;
        self.future.push(visit.clone());
        Some(before)
    }

    /// Goes forward from `visit`, if the user had gone back.
    pub fn forward(&mut self, visit: &Visit) -> Option<Visit> {
        let after = self.future.pop()?;
        self.past.push(visit.clone());
        Some(after)
    }

    /// Swaps `visit` with the one before.
    pub fn last(&mut self, visit: &Visit) -> Option<Visit> {
        let before = self.past.pop()?;
        self.past.push(visit.clone());
        Some(before)
    }
}
