//! Stops by their names.

use std::collections::BTreeSet;

use crate::model::{MemberIdx, WorkloadIdx};
use crate::query::{QueryEnd, Surroundings, aims};
use crate::reach::ConnectionEnd;
use crate::reach::paths::{PathQuestion, Stop, Terminal};
use crate::report::end::{NamedEnd, Names};

/// A stop as it is shown.
#[derive(Clone, PartialEq, Debug)]
pub struct StopName {
    /// The end that stands for it.
    pub end: NamedEnd,
    /// Workloads that no answer tells from it.
    pub alike: Vec<NamedEnd>,
    /// `shop/web (+2 like it)`, escaped.
    pub shown: String,
}

/// Names the stops of one question.
pub struct Namer<'a> {
    around: &'a Surroundings<'a>,
    names: Names<'a>,
    start: &'a QueryEnd,
    /// The internet if nothing is.
    goal: QueryEnd,
}

impl<'a> Namer<'a> {
    /// About the ways from `start` to `goal`; without one, to the internet.
    #[must_use]
    pub fn of(
        around: &'a Surroundings<'a>,
        (start, goal): (&'a QueryEnd, Option<&QueryEnd>),
    ) -> Self {
        Self {
            around,
            names: Names::of(around.inventory),
            start,
            goal: goal.cloned().unwrap_or(QueryEnd::Internet),
        }
    }

    /// The names of a stop.
    #[must_use]
    pub fn stop(&self, stop: &Stop) -> StopName {
        let mut ends = self.places(stop).into_iter();
        let end = ends
            .next()
            .unwrap_or_else(|| self.names.query_end(&self.goal));
        let alike: Vec<NamedEnd> = ends.collect();
        let shown = if alike.is_empty() {
            end.to_string()
        } else {
            format!("{end} (+{} like it)", alike.len())
        };
        StopName { end, alike, shown }
    }

    /// Every end that a stop stands for, in order.
    #[must_use]
    pub fn places(&self, stop: &Stop) -> Vec<NamedEnd> {
        match stop {
            Stop::Start => vec![self.names.query_end(self.start)],
            Stop::Goal => vec![self.names.query_end(&self.goal)],
            Stop::Controller => {
                vec![self.names.connection_end(&ConnectionEnd::IngressController)]
            }
            Stop::Workloads(alike) => {
                let ends = alike.iter().map(|workload| self.names.workload(*workload));
                ends.collect()
            }
        }
    }

    /// What one would type for a stop, if it can be asked about.
    #[must_use]
    pub fn query_end(&self, stop: &Stop) -> Option<QueryEnd> {
        match stop {
            Stop::Start => Some(self.start.clone()),
            Stop::Goal => Some(self.goal.clone()),
            Stop::Controller => None,
            Stop::Workloads(_) => stop.workload().map(QueryEnd::Workload),
        }
    }

    /// The workloads that a stop is made of.
    #[must_use]
    pub fn workloads(&self, stop: &Stop, question: &PathQuestion) -> BTreeSet<WorkloadIdx> {
        let terminal = match stop {
            Stop::Start => Some(&question.start),
            Stop::Goal => question.goal.as_ref(),
            Stop::Controller => None,
            Stop::Workloads(alike) => return alike.iter().copied().collect(),
        };
        let pods = match terminal {
            Some(Terminal::Pods(pods)) => pods.as_slice(),
            Some(Terminal::Outside(_)) | None => &[],
        };
        let of = |member: MemberIdx| Some(self.around.inventory.member(member)?.workload);
        pods.iter().filter_map(|(member, _)| of(*member)).collect()
    }

    /// Workloads beside those of the start.
    #[must_use]
    pub fn others(&self) -> usize {
        let own: BTreeSet<WorkloadIdx> = aims(self.around, self.start, None)
            .iter()
            .filter_map(|aim| Some(self.around.inventory.member(aim.member)?.workload))
            .collect();
        self.around.inventory.workloads().len() - own.len()
    }
}
