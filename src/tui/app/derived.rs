//! Lists that the state implies. Each is computed again only when its inputs change, so that a
//! cursor move in a large cluster costs what it shows.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::{Direction, Text, WorkloadKey};
use crate::tui::facts::{
    AdviceFacts, CellFacts, Facts, FeedRow, HomeFacts, Inquiry, NamespaceRow, Outcome, PeerList,
    PolicyRow, Question, StripItem, Topic, WayRow, WhyFacts, WhyLine, WorkloadHead, WorkloadRow,
};
use crate::tui::filter::{self, Filter};
use crate::tui::theme::{Glyphs, Role};
use crate::tui::widget::Line;

use super::App;
use super::background::Ticket;
use super::chart::{self, Chart, Entry, Sides};
use super::duties;
use super::view::{Cursor, Pane, RowId, Screen};

/// A value and the inputs it was computed from.
#[derive(Clone, Debug)]
pub(super) struct Kept<K, V> {
    inputs: Option<K>,
    value: V,
}

impl<K, V: Default> Default for Kept<K, V> {
    fn default() -> Self {
        Self {
            inputs: None,
            value: V::default(),
        }
    }
}

impl<K: PartialEq, V> Kept<K, V> {
    /// A value that is made anew each time.
    pub(super) const fn made(value: V) -> Self {
        Self {
            inputs: None,
            value,
        }
    }

    pub(super) const fn value(&self) -> &V {
        &self.value
    }

    pub(super) fn refresh(&mut self, inputs: K, make: impl FnOnce(&K) -> V) {
        if self.inputs.as_ref() != Some(&inputs) {
            self.value = make(&inputs);
            self.inputs = Some(inputs);
        }
    }
}

type Scope = (u64, Vec<Text>);

/// The answer that the ways are from, the namespaces in view, the filter.
type WayScope = (Option<Ticket>, BTreeSet<Text>, String);

/// The lists of the screen at hand.
#[derive(Clone, Debug, Default)]
pub struct Derived {
    strip: Kept<u64, Vec<StripItem>>,
    home: Kept<Scope, HomeFacts>,
    namespaces: Kept<u64, Vec<NamespaceRow>>,
    workloads: Kept<(Scope, String), Vec<Arc<WorkloadRow>>>,
    peers: Kept<(u64, Option<WorkloadKey>), Around>,
    policies: Kept<(Scope, String), Vec<Arc<PolicyRow>>>,
    pub(super) detail: Kept<(u64, Option<RowId>), Vec<Line>>,
    pub(super) ways: Kept<WayScope, Vec<WayRow>>,
    why: Kept<(u64, Question), Option<WhyFacts>>,
    /// Its lines, with what would turn the verdict round.
    reasons: Vec<WhyLine>,
    sides: Kept<chart::Inputs, Sides>,
    /// The parts of the cell under the cursor of the matrix, as far as they are known.
    parts: CellFacts,
    /// Screen 4: its paths, how many lines tell what they need, and places within reach.
    pub(super) paths: Vec<RowId>,
    pub(super) needed: usize,
    pub(super) reached: Vec<RowId>,
    /// Screen 6: the lines that are known at once, and the versions of one policy.
    policy: Kept<(u64, Option<RowId>), Vec<Line>>,
    pub(super) versions: Vec<RowId>,
    /// Screen 7.
    pub duties: duties::Lists,
    /// Screen 8.
    pub(super) feed: Kept<WayScope, Vec<Arc<FeedRow>>>,
    /// Draft: what it opens and closes, and what is odd.
    pub effect: Vec<Line>,
}

/// What surrounds the selected workload.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// Which workload; `None` if there is none.
    pub workload: Option<WorkloadKey>,
    /// Its lines.
    pub head: WorkloadHead,
    /// Who can reach it.
    pub inbound: PeerList,
    /// What it can reach.
    pub outbound: PeerList,
    /// The policies that select it.
    pub policies: Vec<PolicyRow>,
}

impl Derived {
    /// The data strip.
    #[must_use]
    pub fn strip(&self) -> &[StripItem] {
        &self.strip.value
    }

    /// The home screen.
    #[must_use]
    pub fn home(&self) -> &HomeFacts {
        &self.home.value
    }

    /// Namespaces.
    #[must_use]
    pub fn namespaces(&self) -> &[NamespaceRow] {
        &self.namespaces.value
    }

    /// Workloads in view that match the filter.
    #[must_use]
    pub fn workloads(&self) -> &[Arc<WorkloadRow>] {
        &self.workloads.value
    }

    /// What surrounds the selected workload.
    #[must_use]
    pub fn around(&self) -> &Around {
        &self.peers.value
    }

    /// Policies in view that match the filter.
    #[must_use]
    pub fn policies(&self) -> &[Arc<PolicyRow>] {
        &self.policies.value
    }

    /// Ways into workloads in view that match the filter.
    #[must_use]
    pub fn ways(&self) -> &[WayRow] {
        &self.ways.value
    }

    /// Changes in view that match the filter.
    #[must_use]
    pub fn feed(&self) -> &[Arc<FeedRow>] {
        &self.feed.value
    }

    /// The lines about the selected policy or way.
    #[must_use]
    pub fn detail(&self) -> &[Line] {
        &self.detail.value
    }

    /// What stands along the sides of the matrix.
    #[must_use]
    pub fn sides(&self) -> &Sides {
        &self.sides.value
    }

    /// The parts of the cell under the cursor of the matrix, as far as they are known.
    #[must_use]
    pub fn parts(&self) -> &CellFacts {
        &self.parts
    }

    /// The explanation of the Why screen.
    #[must_use]
    pub fn why(&self) -> Option<&WhyFacts> {
        self.why.value.as_ref()
    }

    /// The lines of the Why screen: the explanation, what would turn the verdict round, caveats.
    #[must_use]
    pub fn reasons(&self) -> &[WhyLine] {
        &self.reasons
    }

    /// How many rows a list has.
    #[must_use]
    pub fn len(&self, pane: Pane) -> usize {
        match pane {
            Pane::Paths => self.paths.len(),
            Pane::Hops | Pane::Draft => 0,
            Pane::Needed => self.needed,
            Pane::Reached => self.reached.len(),
            Pane::Exposed => self.home().exposed.len(),
            Pane::Open => self.home().open.len(),
            Pane::Changes => self.home().changes.len(),
            Pane::Colliding => self.duties.colliding().len(),
            Pane::Versions => self.versions.len(),
            Pane::Feed => self.feed().len(),
            Pane::Holders => self.duties.holders().len(),
            Pane::Places => self.duties.places().len(),
            Pane::Duty => duties::DUTIES.len(),
            Pane::Namespaces => self.namespaces().len() + 1,
            Pane::Workloads => self.workloads().len(),
            Pane::Inbound => self.around().inbound.rows.len(),
            Pane::Outbound => self.around().outbound.rows.len(),
            Pane::Policies => self.policies().len(),
            Pane::Ways => self.ways().len(),
            Pane::Detail => self.detail().len(),
            Pane::Reasons => self.reasons().len(),
            Pane::Rows => self.sides().down.len(),
            Pane::Columns => self.sides().across.len(),
            Pane::Ports => self.parts().ports.len(),
            Pane::Effect => self.effect.len(),
        }
    }

    /// What a row is about.
    #[must_use]
    pub fn id(&self, pane: Pane, at: usize) -> Option<RowId> {
        let peer = |list: &PeerList| list.rows.get(at).map(|row| RowId::Peer(row.id.clone()));
        match pane {
            Pane::Exposed => self
                .home()
                .exposed
                .get(at)
                .map(|row| RowId::Workload(row.workload.clone())),
            Pane::Open => self
                .home()
                .open
                .get(at)
                .map(|row| RowId::Namespace(Some(row.namespace.clone()))),
            Pane::Changes => self
                .home()
                .changes
                .get(at)
                .map(|row| RowId::Policy(row.policy.clone())),
            Pane::Namespaces => match at.checked_sub(1) {
                None => Some(RowId::Namespace(None)),
                Some(at) => self
                    .namespaces()
                    .get(at)
                    .map(|row| RowId::Namespace(Some(row.name.clone()))),
            },
            Pane::Workloads => self
                .workloads()
                .get(at)
                .map(|row| RowId::Workload(row.key.clone())),
            Pane::Inbound => peer(&self.around().inbound),
            Pane::Outbound => peer(&self.around().outbound),
            Pane::Paths => self.paths.get(at).cloned(),
            Pane::Reached => self.reached.get(at).cloned(),
            Pane::Policies => self
                .policies()
                .get(at)
                .map(|row| RowId::Policy(row.key.clone())),
            Pane::Ways => self.ways().get(at).map(super::exposed::id),
            Pane::Rows => self.sides().down.get(at).map(Entry::id),
            Pane::Columns => self.sides().across.get(at).map(Entry::id),
            Pane::Versions => self.versions.get(at).cloned(),
            Pane::Feed => self.feed().get(at).map(App::feed_id),
            Pane::Colliding | Pane::Holders | Pane::Places => self.duties.id(pane, at),
            Pane::Duty
            | Pane::Detail
            | Pane::Ports
            | Pane::Hops
            | Pane::Needed
            | Pane::Reasons
            | Pane::Draft
            | Pane::Effect => (at < self.len(pane)).then_some(RowId::Line(at)),
        }
    }

    fn position(&self, pane: Pane, id: &RowId) -> Option<usize> {
        (0..self.len(pane)).find(|at| self.id(pane, *at).as_ref() == Some(id))
    }

    /// Puts a cursor back onto its row; if that is gone, onto the row now in its place.
    fn settle(&self, pane: Pane, cursor: &mut Cursor) {
        let here = cursor
            .id
            .as_ref()
            .is_some_and(|id| self.id(pane, cursor.at).as_ref() == Some(id));
        if !here {
            let found = cursor.id.as_ref().and_then(|id| self.position(pane, id));
            cursor.at = found
                .unwrap_or(cursor.at)
                .min(self.len(pane).saturating_sub(1));
            // A row that is missing because nothing has arrived yet is waited for.
            if found.is_some() || self.len(pane) > 0 {
                cursor.id = self.id(pane, cursor.at);
            }
        }
    }
}

impl App {
    /// Brings the lists of the screen at hand up to date, and the cursors back onto their rows.
    pub fn refresh(&mut self) {
        let Some(facts) = self.facts.clone() else {
            self.derived = Derived::default();
            return;
        };
        self.derived
            .strip
            .refresh(self.generation, |_| facts.strip());
        self.hear_drafts();
        match self.view.screen.clone() {
            Screen::Home => self.refresh_home(&*facts),
            Screen::Work => self.refresh_work(&*facts),
            Screen::Matrix(chart) => self.refresh_matrix(&*facts, &chart),
            Screen::Policies => self.refresh_policies(&*facts),
            Screen::Paths(_) => self.refresh_paths(),
            Screen::Radius(_) => self.refresh_radius(),
            Screen::Exposed => self.refresh_exposed(),
            Screen::History(_) => self.refresh_past(),
            Screen::Duties(roster) => self.refresh_duties(roster),
            Screen::Draft(_) => self.refresh_draft(),
            Screen::Changes => self.refresh_feed(),
            Screen::Why(question) => {
                let glyphs = self.setup.theme.glyphs;
                self.derived
                    .why
                    .refresh((self.generation, question), |(_, question)| {
                        Some(facts.why(question, glyphs))
                    });
                self.derived.reasons = self.reasons();
                self.settle(Pane::Reasons);
            }
        }
    }

    pub(super) fn settle(&mut self, pane: Pane) {
        let mut cursor = self.view.cursor(pane);
        self.derived.settle(pane, &mut cursor);
        self.view.select(pane, cursor);
    }

    /// The question about what would turn round the verdict that is explained.
    #[must_use]
    pub fn advice_inquiry(&self) -> Option<Inquiry> {
        let Screen::Why(question) = &self.view.screen else {
            return None;
        };
        Some(Inquiry::Advice(question.clone()))
    }

    /// Egress, ingress, ports and pods, the smallest change, caveats: always in this order.
    fn reasons(&self) -> Vec<WhyLine> {
        let Some(why) = self.derived.why() else {
            return Vec::new();
        };
        let advice = why.wish.and_then(|_| self.advice());
        let mut lines = why.lines.clone();
        if let Some(wish) = why.wish {
            let title = Line::of(Role::Strong, wish).and(Role::Dim, " (not applied)");
            lines.extend([WhyLine::default(), WhyLine::plain(title)]);
            match advice {
                Some(advice) => lines.extend(advice.lines.iter().cloned()),
                None => lines.push(WhyLine::plain(Line::of(Role::Dim, "  \u{2026}"))),
            }
        }
        let late = advice.map_or(&[][..], |advice| &advice.caveats);
        if !why.caveats.is_empty() || !late.is_empty() {
            let title = Line::of(Role::Strong, "caveats");
            lines.extend([WhyLine::default(), WhyLine::plain(title)]);
            lines.extend(why.caveats.iter().chain(late).cloned());
        }
        lines
    }

    /// What the worker found about the verdict at hand.
    fn advice(&self) -> Option<&AdviceFacts> {
        let heard = self.background.heard(Topic::Advice)?;
        match heard.outcome {
            Outcome::Advice(advice) if Some(heard.inquiry) == self.advice_inquiry().as_ref() => {
                Some(advice)
            }
            // Another outcome never comes under this topic.
            _ => None,
        }
    }

    fn scope_key(&self) -> Scope {
        (self.generation, self.namespaces.iter().cloned().collect())
    }

    fn refresh_home(&mut self, facts: &dyn Facts) {
        let scope = self.scope_key();
        let shown = &self.namespaces;
        self.derived.home.refresh(scope, |_| facts.home(shown));
        self.refresh_colliding();
        for pane in [Pane::Exposed, Pane::Open, Pane::Colliding, Pane::Changes] {
            self.settle(pane);
        }
    }

    fn refresh_work(&mut self, facts: &dyn Facts) {
        self.derived
            .namespaces
            .refresh(self.generation, |_| facts.namespaces());
        let only = (self.namespaces.len() == 1)
            .then(|| self.namespaces.first().cloned())
            .flatten();
        self.view.cursor_mut(Pane::Namespaces).id = Some(RowId::Namespace(only));
        self.settle(Pane::Namespaces);
        let shown = self.namespaces.clone();
        let inputs = (self.scope_key(), self.view.filter.clone());
        self.derived.workloads.refresh(inputs, |(_, filter)| {
            let filter = Filter::parse(filter);
            let all = facts.workloads();
            let accepted = all.iter().filter(|row| {
                (shown.is_empty() || shown.contains(&row.key.namespace)) && accepts(&filter, row)
            });
            accepted.cloned().collect()
        });
        self.settle(Pane::Workloads);
        let selected = match self.view.cursor(Pane::Workloads).id {
            Some(RowId::Workload(key)) => Some(key),
            _ => None,
        };
        let glyphs = self.setup.theme.glyphs;
        self.derived
            .peers
            .refresh((self.generation, selected), |(_, workload)| {
                workload
                    .as_ref()
                    .map_or_else(Around::default, |w| around(facts, w, glyphs))
            });
        self.settle(Pane::Inbound);
        self.settle(Pane::Outbound);
    }

    fn refresh_matrix(&mut self, facts: &dyn Facts, chart: &Chart) {
        let (generation, shown) = self.scope_key();
        let filter = self.view.filter.clone();
        let mut folds = None;
        // What folds depends on the places, and what is shown on what folds.
        for _ in 0..2 {
            let inputs = (
                generation,
                shown.clone(),
                filter.clone(),
                chart.clone(),
                folds,
            );
            self.derived
                .sides
                .refresh(inputs, |inputs| Sides::of(facts, inputs));
            let wanted = self.derived.sides().fold_inquiry(chart.zoom.by());
            folds = self.folds(&wanted).filter(|_| chart.folded);
            if folds.is_none() {
                break;
            }
        }
        self.settle(Pane::Rows);
        self.settle(Pane::Columns);
        self.derived.parts = self.cell_parts().cloned().unwrap_or_default();
        self.settle(Pane::Ports);
    }

    fn refresh_policies(&mut self, facts: &dyn Facts) {
        let shown = self.namespaces.clone();
        let inputs = (self.scope_key(), self.view.filter.clone());
        self.derived.policies.refresh(inputs, |(_, filter)| {
            let filter = Filter::parse(filter);
            let all = facts.policies();
            let accepted = all.iter().filter(|row| {
                (shown.is_empty() || shown.contains(&row.key.namespace))
                    && accepts_policy(&filter, row)
            });
            accepted.cloned().collect()
        });
        self.settle(Pane::Policies);
        let selected = self.view.cursor(Pane::Policies).id;
        let glyphs = self.setup.theme.glyphs;
        self.derived.policy.refresh(
            (self.generation, selected),
            |(_, selected)| match selected {
                Some(RowId::Policy(key)) => facts.policy(key, glyphs),
                _ => Vec::new(),
            },
        );
        let mut lines = self.derived.policy.value().clone();
        lines.extend(self.past_lines());
        self.derived.detail = Kept::made(lines);
        self.settle(Pane::Detail);
    }
}

fn around(facts: &dyn Facts, workload: &WorkloadKey, glyphs: Glyphs) -> Around {
    let head = facts.head(workload, glyphs);
    Around {
        workload: Some(workload.clone()),
        inbound: facts.peers(workload, Direction::Ingress),
        outbound: facts.peers(workload, Direction::Egress),
        policies: head
            .policies
            .iter()
            .filter_map(|key| facts.policy_row(key))
            .collect(),
        head,
    }
}

fn accepts(filter: &Filter, row: &WorkloadRow) -> bool {
    if filter.is_empty() {
        return true;
    }
    let [namespace, kind, name] =
        [&row.key.namespace, &row.key.kind, &row.key.name].map(filter::shown);
    filter.matches(&[
        // As it is shown, and so as it is typed.
        ("object", &[&*namespace, "/", &*name].concat()),
        ("name", &name),
        ("namespace", &namespace),
        ("kind", &kind),
        ("label", &row.labels),
    ])
}

fn accepts_policy(filter: &Filter, row: &PolicyRow) -> bool {
    if filter.is_empty() {
        return true;
    }
    let owner = row.change.owner.badge(Glyphs::Ascii);
    let finding = row.finding.as_ref().map_or("", |(_, text)| text);
    let [namespace, name] = [&row.key.namespace, &row.key.name].map(filter::shown);
    filter.matches(&[
        ("object", &[&*namespace, "/", &*name].concat()),
        ("name", &name),
        ("policy", &name),
        ("namespace", &namespace),
        ("who", &row.change.who),
        ("evidence", row.change.badge),
        ("owner", &owner),
        ("finding", finding),
    ])
}
