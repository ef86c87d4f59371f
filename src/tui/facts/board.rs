//! [`Facts`] about an [`Analysis`].

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use crate::analysis::{Analysis, PolicyReport};
use crate::model::{Direction, Key, Kind, Text, WorkloadIdx, WorkloadKey};
use crate::query::complete::{self, Expecting};
use crate::query::{QueryEnd, Surroundings, resolve};
use crate::tui::theme::Glyphs;
use crate::tui::widget::Line;

use super::{
    AsIf, DraftFacts, DraftText, Extent, Facts, HomeFacts, Inquiry, Lens, Listed, NamespaceRow,
    Outcome, PeerId, PeerList, PeerRow, Pods, PolicyRow, Question, ReadManifest, Reply, StripItem,
    WhyFacts, WorkloadHead, WorkloadMarks, WorkloadRow,
};

mod advice;
mod ask;
mod change;
mod chronicle;
mod draft;
mod duties;
mod exposed;
mod home;
mod matrix;
mod past;
mod paths;
mod policy;
mod sources;
mod work;

/// An analysis, as the screen asks it.
#[derive(Clone, Debug)]
pub struct Board {
    analysis: Arc<Analysis>,
    /// The cluster as it is, where the analysis is of something else.
    cluster: Arc<Analysis>,
    as_if: AsIf,
    /// How drafts are read; without it there are none.
    read: Option<ReadManifest>,
    desk: draft::Desk,
    chronicle: chronicle::Chronicle,
    lists: Lists,
    /// By workload.
    marks: Box<[OnceLock<WorkloadMarks>]>,
}

/// What is about the whole cluster. Made when it is first asked for.
#[derive(Clone, Default, Debug)]
struct Lists {
    strip: OnceLock<Vec<StripItem>>,
    namespaces: OnceLock<Vec<NamespaceRow>>,
    workloads: OnceLock<Listed<WorkloadRow>>,
    policies: OnceLock<Listed<PolicyRow>>,
    home: OnceLock<HomeFacts>,
    ends: OnceLock<Vec<String>>,
}

impl Board {
    /// The facts of one version.
    #[must_use]
    pub fn of(analysis: Arc<Analysis>) -> Self {
        let workloads = analysis.inventory().workloads().len();
        Self {
            marks: (0..workloads).map(|_| OnceLock::new()).collect(),
            lists: Lists::default(),
            cluster: analysis.clone(),
            as_if: AsIf::Now,
            read: None,
            desk: draft::Desk::default(),
            chronicle: chronicle::Chronicle::default(),
            analysis,
        }
    }

    /// The same with its lists made: whoever draws should not be the first to ask, since a large
    /// cluster has long ones.
    #[must_use]
    pub fn prepared(self) -> Self {
        self.strip();
        self.namespaces();
        self.workloads();
        self.policies();
        self.whole_home();
        self.ends();
        self
    }

    /// The same, with a reader for drafts.
    #[must_use]
    pub fn reading(self, read: ReadManifest) -> Self {
        Self {
            read: Some(read),
            ..self
        }
    }

    /// A later version of the same cluster, with what this one has at hand.
    #[must_use]
    pub fn later(&self, analysis: Arc<Analysis>) -> Self {
        Self {
            read: self.read,
            desk: self.desk.clone(),
            chronicle: self.chronicle.clone(),
            ..Self::of(analysis)
        }
    }

    /// The next version of the same cluster: what changed is noted.
    #[must_use]
    pub fn next(&self, analysis: Arc<Analysis>) -> Self {
        let worlds = [&self.cluster.world, &analysis.world];
        self.chronicle.note(worlds, analysis.now);
        self.later(analysis)
    }

    fn told(&self) -> chronicle::Told {
        self.chronicle.told((&self.cluster, &self.desk), self.read)
    }

    /// One change of the feed, in lines.
    fn change(&self, id: &str, glyphs: Glyphs) -> Vec<Line> {
        let told = self.told();
        let found = told.moments.iter().find(|moment| moment.id == id);
        found.map_or_else(Vec::new, |moment| {
            change::lines(&self.cluster, moment, glyphs)
        })
    }

    /// The cluster as it was after a change.
    fn after(&self, id: &str) -> Option<Self> {
        let told = self.told();
        let moment = told.moments.iter().find(|moment| moment.id == id)?;
        let analysis = self.cluster.elsewhere(&moment.after).with_exposure();
        let pods = if moment.is_seen() {
            Pods::OfThen
        } else {
            Pods::OfNow
        };
        Some(Self {
            cluster: self.cluster.clone(),
            as_if: AsIf::Then(moment.at, pods),
            ..self.later(Arc::new(analysis))
        })
    }

    /// The cluster of this version, looked at in some way; its lists are made.
    #[must_use]
    pub fn seen(&self, lens: &Lens) -> Self {
        let cluster = self.later(self.cluster.clone());
        match (lens, self.read) {
            (Lens::Now, _) | (Lens::Drafts(_), None) => cluster.prepared(),
            (Lens::After(id), _) => self.after(id).unwrap_or(cluster).prepared(),
            (Lens::Drafts(drafts), Some(read)) => {
                let world = draft::apply(&self.cluster.world, (drafts, read)).world;
                let analysis = self.cluster.elsewhere(&world).with_exposure();
                let drafted = Self {
                    cluster: self.cluster.clone(),
                    as_if: AsIf::Drafts(drafts.len()),
                    ..self.later(Arc::new(analysis))
                };
                drafted.prepared()
            }
        }
    }

    /// A policy in a list. Nobody has changed what a draft says: it is said to be one.
    fn row(&self, key: &Key, report: &PolicyReport) -> PolicyRow {
        let mut row = policy::row(&self.analysis, key, report);
        let [shown, real] =
            [&self.analysis, &self.cluster].map(|analysis| analysis.world.policies.get(key));
        if matches!(self.as_if, AsIf::Drafts(_)) && shown != real {
            row.change.when = None;
            "(draft)".clone_into(&mut row.change.who);
            row.change.badge = "[draft]";
        }
        row
    }

    /// What drafts would do to the cluster as it is.
    fn drafted(&self, drafts: &[DraftText]) -> DraftFacts {
        match self.read {
            Some(read) => draft::facts((&self.cluster, &self.desk), (drafts, read)),
            None => DraftFacts::default(),
        }
    }

    /// What can be typed as an end.
    fn ends(&self) -> &[String] {
        let ends = || complete::ends(&self.around(None));
        self.lists.ends.get_or_init(ends)
    }

    /// The home screen for all namespaces.
    fn whole_home(&self) -> &HomeFacts {
        let home = || home::home(&self.analysis, &|_| true);
        self.lists.home.get_or_init(home)
    }

    fn around<'a>(&'a self, namespace: Option<&'a Text>) -> Surroundings<'a> {
        Surroundings {
            world: &self.analysis.world,
            inventory: self.analysis.inventory(),
            namespace,
        }
    }

    fn index(&self, workload: &WorkloadKey) -> Option<WorkloadIdx> {
        self.analysis.inventory().find_workload(workload)
    }
}

impl Facts for Board {
    fn made(&self) -> Timestamp {
        self.analysis.now
    }

    fn strip(&self) -> Vec<StripItem> {
        let strip = || sources::strip(&self.analysis);
        self.lists.strip.get_or_init(strip).clone()
    }

    fn sources(&self) -> Vec<Line> {
        sources::lines(&self.analysis)
    }

    fn doubt(&self, kinds: &[Kind]) -> Option<String> {
        sources::doubt(&self.analysis, kinds)
    }

    fn namespaces(&self) -> Vec<NamespaceRow> {
        let namespaces = || work::namespaces(&self.analysis);
        self.lists.namespaces.get_or_init(namespaces).clone()
    }

    fn workloads(&self) -> Listed<WorkloadRow> {
        let workloads = || {
            let rows = work::workloads(&self.analysis);
            rows.into_iter().map(Arc::new).collect()
        };
        self.lists.workloads.get_or_init(workloads).clone()
    }

    fn marks(&self, workload: &WorkloadKey) -> Option<WorkloadMarks> {
        let index = self.index(workload)?;
        let known = self.marks.get(index.0 as usize)?;
        Some(*known.get_or_init(|| work::marks(&self.analysis, index)))
    }

    fn head(&self, workload: &WorkloadKey, glyphs: Glyphs) -> WorkloadHead {
        match self.index(workload) {
            Some(index) => work::head(&self.analysis, index, glyphs),
            None => WorkloadHead::default(),
        }
    }

    fn peers(&self, workload: &WorkloadKey, direction: Direction) -> PeerList {
        match self.index(workload) {
            Some(index) => work::peers(&self.analysis, index, direction),
            None => PeerList::default(),
        }
    }

    fn through(&self, workload: &WorkloadKey, direction: Direction, row: &PeerRow) -> String {
        let peer = match &row.id {
            PeerId::Workload(key) => self.index(key),
            PeerId::Outside(_) | PeerId::Rest => None,
        };
        match (self.index(workload), peer) {
            (Some(index), Some(peer)) => {
                work::through(&self.analysis, (index, peer), (direction, &row.through))
            }
            (Some(_) | None, _) => row.through.clone(),
        }
    }

    fn home(&self, shown: &BTreeSet<Text>) -> HomeFacts {
        if shown.is_empty() {
            return self.whole_home().clone();
        }
        home::home(&self.analysis, &|namespace| shown.contains(namespace))
    }

    fn policies(&self) -> Listed<PolicyRow> {
        let row = |(key, report)| Arc::new(self.row(key, report));
        let policies = || self.analysis.policies.iter().map(row).collect();
        self.lists.policies.get_or_init(policies).clone()
    }

    fn policy_row(&self, key: &Key) -> Option<PolicyRow> {
        Some(self.row(key, self.analysis.policies.get(key)?))
    }

    fn policy(&self, key: &Key, glyphs: Glyphs) -> Vec<Line> {
        match self.analysis.policies.get(key) {
            Some(report) => policy::lines(&self.analysis, (key, report), glyphs),
            None => Vec::new(),
        }
    }

    fn ask(&self, question: &str, namespace: Option<&Text>) -> Reply {
        ask::reply(&self.analysis, &self.around(namespace), question)
    }

    fn canonical(&self, question: &str, namespace: Option<&Text>) -> Option<Question> {
        ask::canonical(&self.around(namespace), question)
    }

    fn why(&self, question: &Question, glyphs: Glyphs) -> WhyFacts {
        ask::why(&self.analysis, &self.around(None), (question, glyphs))
    }

    fn complete(
        &self,
        text: &str,
        cursor: usize,
        namespace: Option<&Text>,
    ) -> (usize, Vec<String>) {
        let context = complete::context(text, cursor);
        let around = self.around(namespace);
        // Names are typed letter by letter, mostly with all namespaces in view.
        let found = if context.expecting == Expecting::End && namespace.is_none() {
            complete::among(self.ends(), text, context, MOST_CANDIDATES)
        } else {
            complete::candidates(&around, text, context, MOST_CANDIDATES)
        };
        (context.typed.start, found)
    }

    fn compute(&self, inquiry: &Inquiry) -> Outcome {
        match inquiry {
            Inquiry::Why(question, glyphs) => Outcome::Why(self.why(question, *glyphs)),
            Inquiry::Advice(question) => {
                Outcome::Advice(advice::advice(&self.analysis, &self.around(None), question))
            }
            Inquiry::Matrix(window) => Outcome::Matrix(matrix::window(&self.analysis, window)),
            Inquiry::Fold { by, rows, columns } => {
                Outcome::Fold(matrix::fold(&self.analysis, *by, [rows, columns]))
            }
            Inquiry::Cell([from, to]) => Outcome::Cell(matrix::cell(&self.analysis, [from, to])),
            Inquiry::Paths(ask) => {
                Outcome::Paths(paths::paths(&self.analysis, &self.around(None), ask))
            }
            Inquiry::Radius(ask) => {
                Outcome::Radius(paths::radius(&self.analysis, &self.around(None), ask))
            }
            Inquiry::Exposed(glyphs) => {
                Outcome::Exposed(exposed::rows(&self.analysis, &self.around(None), *glyphs))
            }
            Inquiry::Past(key, glyphs) => Outcome::Past(past::past(&self.analysis, key, *glyphs)),
            Inquiry::Duties(extent) => Outcome::Duties(duties::duties(&self.analysis, *extent)),
            Inquiry::Draft(drafts) => Outcome::Draft(self.drafted(drafts)),
            Inquiry::Feed => Outcome::Feed(change::feed(&self.cluster, &self.told())),
            Inquiry::Change(id, glyphs) => Outcome::Change(self.change(id, *glyphs)),
        }
    }

    fn as_if(&self) -> AsIf {
        self.as_if.clone()
    }

    fn looked_at(&self, lens: &Lens) -> Option<Arc<dyn Facts>> {
        Some(Arc::new(self.seen(lens)))
    }

    fn manifest(&self, policy: &Key) -> Option<String> {
        let policy = self.cluster.world.policies.get(policy)?;
        Some(draft::manifest(policy))
    }

    fn new_policy(&self, workload: &WorkloadKey) -> Option<(Key, String)> {
        draft::for_workload(&self.cluster, workload)
    }

    fn default_deny(&self, namespace: &Text) -> Option<(Key, String)> {
        Some(draft::default_deny(&self.cluster, namespace))
    }

    fn spelling(&self, workload: &WorkloadKey) -> String {
        self.index(workload).map_or_else(
            || workload.to_string(),
            |index| resolve::spelling(&self.around(None), &QueryEnd::Workload(index)),
        )
    }
}

const MOST_CANDIDATES: usize = 20;

/// How much an answer allows; `partial` says that pod pairs differ.
fn extent(answer: &crate::reach::Answer, partial: bool) -> Extent {
    match (answer.allowed.is_none(), answer.unknown.is_none()) {
        (false, _) if answer.allowed.is_all() && !partial => Extent::All,
        (false, _) => Extent::Some,
        (true, false) => Extent::Unknown,
        (true, true) => Extent::None,
    }
}
