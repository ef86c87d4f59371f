//! [`Facts`] about an [`Analysis`].

use std::sync::Arc;

use jiff::Timestamp;

use crate::analysis::Analysis;
use crate::model::{Direction, Key, Kind, Text, WorkloadIdx, WorkloadKey};
use crate::query::{QueryEnd, Surroundings, complete, resolve};
use crate::tui::theme::Glyphs;
use crate::tui::widget::Line;

use super::{
    Extent, Facts, HomeFacts, Inquiry, NamespaceRow, Outcome, PeerList, PolicyRow, Question, Reply,
    StripItem, WhyFacts, WorkloadHead, WorkloadMarks, WorkloadRow,
};

mod advice;
mod ask;
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
}

impl Board {
    /// The facts of one version.
    #[must_use]
    pub fn of(analysis: Arc<Analysis>) -> Self {
        Self { analysis }
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
        sources::strip(&self.analysis)
    }

    fn sources(&self) -> Vec<Line> {
        sources::lines(&self.analysis)
    }

    fn doubt(&self, kinds: &[Kind]) -> Option<String> {
        sources::doubt(&self.analysis, kinds)
    }

    fn namespaces(&self) -> Vec<NamespaceRow> {
        work::namespaces(&self.analysis)
    }

    fn workloads(&self) -> Vec<WorkloadRow> {
        work::workloads(&self.analysis)
    }

    fn marks(&self, workload: &WorkloadKey) -> Option<WorkloadMarks> {
        Some(work::marks(&self.analysis, self.index(workload)?))
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

    fn home(&self, shown: &dyn Fn(&Text) -> bool) -> HomeFacts {
        home::home(&self.analysis, shown)
    }

    fn policies(&self) -> Vec<PolicyRow> {
        let all = self.analysis.policies.iter();
        all.map(|(key, report)| policy::row(&self.analysis, key, report))
            .collect()
    }

    fn policy_row(&self, key: &Key) -> Option<PolicyRow> {
        Some(policy::row(
            &self.analysis,
            key,
            self.analysis.policies.get(key)?,
        ))
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
        let found = complete::candidates(&self.around(namespace), text, context, MOST_CANDIDATES);
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
        }
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
