//! `kreach paths`: which workloads one could go through, what every way needs, and how far one gets.
//!
//! A hop is a possible network connection, not a proven exploit; every format says "possible".

mod ask;
mod format;
mod name;
mod rules;
mod text;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::exposure::{Exposure, PathId};
use crate::model::{Direction, Text};
use crate::query::{QueryEnd, Surroundings};
use crate::reach::paths::{
    ChokePoints, DoorKind, Hop, Limits, MOST_CUTS, Path, PathQuestion, Paths, Stop, Way,
};
use crate::reach::{Reach, RuleRef, Why};

pub use ask::{Between, Entry, Hops, NoPaths, between, radius_question};
pub use name::{Namer, StopName};
pub use rules::{Keys, Through};
pub use text::label;

use super::end::{EndDocument, NamedEnd, PortsDocument, ports};
use super::policy_id;

/// The document `kreach.paths/v1` about ways between two ends.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PathList {
    schema: &'static str,
    source: NamedEnd,
    destination: NamedEnd,
    max_hops: usize,
    verdict: Outlook,
    /// Hops of the shortest way, however long.
    shortest: Option<usize>,
    paths: Vec<PathDocument>,
    /// Whether there are more of at most as many hops.
    more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    choke_points: Option<ChokeDocument>,
    #[serde(skip)]
    entry: Option<Entry>,
    /// What uncertain ways depend on; empty if there are none.
    #[serde(skip)]
    pub why: Vec<Why>,
}

/// Whether there is a way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outlook {
    /// There is one.
    Possible,
    /// There is none within the number of hops.
    None,
    /// There are only ways that depend on what could not be read.
    Unknown,
}

/// One way.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct PathDocument {
    certain: bool,
    /// From the source to the destination.
    stops: Vec<StopDocument>,
    /// From each stop to the next.
    hops: Vec<HopDocument>,
}

/// One stop.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct StopDocument {
    end: NamedEnd,
    /// Workloads that no answer tells from this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alike: Vec<NamedEnd>,
    #[serde(skip)]
    shown: String,
}

/// One hop.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct HopDocument {
    /// Left out where the ports of a controller that was not found are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<Vec<PortsDocument>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<PortsDocument>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    partial: bool,
    /// How addresses outside get in.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<&'static str>,
    /// By what the first stop is published.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    published_by: Vec<Publisher>,
    #[serde(skip)]
    label: String,
    #[serde(skip)]
    certain: bool,
}

/// One of the rows of SVC-04, by its id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Publisher(PathId);

impl Serialize for Publisher {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.id())
    }
}

/// What every way needs.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct ChokeDocument {
    /// Hops that every way takes.
    hops: Vec<NeededHop>,
    /// Stops that every way makes.
    stops: Vec<StopDocument>,
    /// The fewest hops to cut; null if that takes more than a few dozen.
    cut: Option<Vec<NeededHop>>,
}

/// A hop with what lets it through.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct NeededHop {
    source: StopDocument,
    destination: StopDocument,
    hop: HopDocument,
    egress: Option<HalfDocument>,
    ingress: Option<HalfDocument>,
}

/// One half of a hop.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct HalfDocument {
    /// Rules that let it through; empty if no policy has a say.
    decided_by: Vec<RuleDocument>,
    #[serde(skip)]
    shown: String,
}

/// A rule by number, counted from one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct RuleDocument {
    policy: Text,
    rule: u32,
}

/// The document `kreach.paths/v1` about everything within reach of one end.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Radius {
    schema: &'static str,
    of: NamedEnd,
    /// Workloads of the cluster, those of the end left out.
    workloads: usize,
    /// What it reaches; left out if that was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    reaches: Option<Vec<ReachedDocument>>,
    /// What reaches it; left out if that was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    reached_by: Option<Vec<ReachedDocument>>,
    /// What uncertain places depend on; empty if there are none.
    #[serde(skip)]
    pub why: Vec<Why>,
}

/// A place within reach.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct ReachedDocument {
    end: NamedEnd,
    hops: usize,
    certain: bool,
}

/// What the documents are made from.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The engine.
    pub reach: &'a Reach,
    /// What publishes workloads.
    pub exposure: &'a Exposure,
    /// Where the names were looked up.
    pub around: &'a Surroundings<'a>,
}

/// What a listing holds beside the ways.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// Nothing.
    Paths,
    /// Also what every way needs.
    ChokePoints,
}

impl PathList {
    /// Finds the ways and makes the document.
    ///
    /// # Errors
    ///
    /// The ends cannot be asked about.
    pub fn find(
        input: Input<'_>,
        ask: &Between,
        (limits, extent): (Limits, Extent),
    ) -> Result<Self, NoPaths> {
        let question = between(input.reach, input.around, ask)?;
        let mut graph = input.reach.hops(&question);
        let found = graph.shortest(limits);
        let needed = match extent {
            Extent::Paths => None,
            Extent::ChokePoints => Some(graph.choke_points()),
        };
        let namer = Namer::of(input.around, (&ask.source, Some(&ask.destination)));
        let writer = Writer {
            input,
            namer,
            question: &question,
        };
        Ok(Self {
            schema: "kreach.paths/v1",
            source: writer.namer.stop(&Stop::Start).end,
            destination: writer.namer.stop(&Stop::Goal).end,
            max_hops: limits.hops,
            verdict: Outlook::of(&found.paths),
            shortest: found.distance,
            why: doubts(&found),
            paths: found.paths.iter().map(|path| writer.path(path)).collect(),
            more: found.more,
            choke_points: needed.map(|needed| writer.needed(&needed)),
            entry: writer.entry(ask.hops.entry),
        })
    }

    /// Whether there is a way.
    #[must_use]
    pub const fn verdict(&self) -> Outlook {
        self.verdict
    }

    /// What to know beside the list, for people: longer ways, how addresses outside come in.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if let (Outlook::None, Some(hops)) = (self.verdict, self.shortest) {
            remarks.push(format!(
                "there are longer paths: the shortest has {hops} hops, see --max-hops"
            ));
        }
        if self.more {
            remarks.push(format!(
                "there are more paths than the {} listed, see -k",
                self.paths.len()
            ));
        }
        match self.entry {
            Some(Entry::Published) => remarks.push(
                "only what something publishes counts as the first hop; --unpublished lifts this"
                    .to_owned(),
            ),
            Some(Entry::Anyhow) => remarks.push(
                "first hops that only policy admits count too: nothing publishes them".to_owned(),
            ),
            None => {}
        }
        remarks
    }
}

impl Outlook {
    /// What these paths come to.
    #[must_use]
    pub fn of(paths: &[Path]) -> Self {
        if paths.iter().any(|path| path.certain) {
            Self::Possible
        } else if paths.is_empty() {
            Self::None
        } else {
            Self::Unknown
        }
    }
}

impl Radius {
    /// Looks in the ways that are asked for, and makes the document.
    ///
    /// # Errors
    ///
    /// The end cannot be asked about.
    pub fn find(
        input: Input<'_>,
        end: &QueryEnd,
        (ways, hops): (&[Way], &Hops),
    ) -> Result<Self, NoPaths> {
        let namer = Namer::of(input.around, (end, None));
        let mut radius = Self {
            schema: "kreach.paths/v1",
            of: namer.stop(&Stop::Start).end,
            workloads: namer.others(),
            reaches: None,
            reached_by: None,
            why: Vec::new(),
        };
        for way in ways {
            let question = radius_question(input.reach, input.around, (end, *way), hops)?;
            let mut graph = input.reach.hops(&question);
            let reached = graph.radius();
            radius.why.extend(graph.doubts());
            let places = reached.iter().flat_map(|reached| {
                let of = |end| ReachedDocument {
                    end,
                    hops: reached.hops,
                    certain: reached.certain,
                };
                namer.places(&reached.stop).into_iter().map(of)
            });
            let list = Some(places.collect());
            match way {
                Way::Along => radius.reaches = list,
                Way::Against => radius.reached_by = list,
            }
        }
        radius.why.sort_unstable();
        radius.why.dedup();
        Ok(radius)
    }
}

fn doubts(found: &Paths) -> Vec<Why> {
    let hops = found.paths.iter().flat_map(|path| &path.hops);
    let why: BTreeSet<Why> = hops
        .flat_map(|hop| hop.answer.why.iter().cloned())
        .collect();
    why.into_iter().collect()
}

/// Turns answers into documents.
struct Writer<'a> {
    input: Input<'a>,
    namer: Namer<'a>,
    question: &'a PathQuestion,
}

impl Writer<'_> {
    fn path(&self, path: &Path) -> PathDocument {
        let first = path.hops.first().map(|hop| &hop.source);
        let rest = path.hops.iter().map(|hop| &hop.destination);
        PathDocument {
            certain: path.certain,
            stops: first
                .into_iter()
                .chain(rest)
                .map(|s| self.stop(s))
                .collect(),
            hops: path.hops.iter().map(|hop| self.hop(hop)).collect(),
        }
    }

    fn stop(&self, stop: &Stop) -> StopDocument {
        let StopName { end, alike, shown } = self.namer.stop(stop);
        StopDocument { end, alike, shown }
    }

    fn hop(&self, hop: &Hop) -> HopDocument {
        let named = hop.destination != Stop::Controller;
        HopDocument {
            allowed: named.then(|| ports(&hop.answer.allowed)),
            unknown: if named {
                ports(&hop.answer.unknown)
            } else {
                Vec::new()
            },
            partial: hop.partial,
            entry: hop.door.and_then(entry),
            published_by: self.publishers(hop),
            label: text::label(hop),
            certain: !hop.answer.allowed.is_none(),
        }
    }

    /// By what the destination of a hop from outside is published.
    fn publishers(&self, hop: &Hop) -> Vec<Publisher> {
        if hop.door != Some(DoorKind::Published) {
            return Vec::new();
        }
        let open = hop.answer.possible();
        let workloads = self.namer.workloads(&hop.destination, self.question);
        let paths = workloads
            .iter()
            .filter_map(|workload| self.input.exposure.workloads.get(workload.0 as usize))
            .flat_map(|exposure| &exposure.paths)
            .filter(|path| path.declared.meets(&open));
        let ids: BTreeSet<Publisher> = paths.map(|path| Publisher(path.id)).collect();
        ids.into_iter().collect()
    }

    fn needed(&self, needed: &ChokePoints) -> ChokeDocument {
        let hops = |hops: &[Hop]| hops.iter().map(|hop| self.needed_hop(hop)).collect();
        ChokeDocument {
            hops: hops(&needed.hops),
            stops: needed.stops.iter().map(|stop| self.stop(stop)).collect(),
            cut: needed.cut.as_deref().map(hops),
        }
    }

    fn needed_hop(&self, hop: &Hop) -> NeededHop {
        let through = Keys::of(self.input.reach, self.question).through(hop);
        let half = |direction| {
            let half = through.iter().find(|half| half.direction == direction)?;
            // Nobody can change what the world may do.
            let stop = match direction {
                Direction::Egress => &hop.source,
                Direction::Ingress => &hop.destination,
            };
            self.is_inside(stop).then(|| HalfDocument {
                decided_by: half.rules.iter().map(rule).collect(),
                shown: text::half(half),
            })
        };
        NeededHop {
            source: self.stop(&hop.source),
            destination: self.stop(&hop.destination),
            hop: self.hop(hop),
            egress: half(Direction::Egress),
            ingress: half(Direction::Ingress),
        }
    }

    /// What was demanded of the first hop, if the ways begin outside.
    fn entry(&self, wanted: Entry) -> Option<Entry> {
        (!self.is_inside(&Stop::Start)).then_some(wanted)
    }

    /// Whether policies of the cluster have a say about a stop.
    fn is_inside(&self, stop: &Stop) -> bool {
        match self.namer.stop(stop).end.document {
            EndDocument::Workload { .. }
            | EndDocument::Pod { .. }
            | EndDocument::Service { .. } => true,
            EndDocument::External { .. }
            | EndDocument::Internet
            | EndDocument::Node { .. }
            | EndDocument::IngressController => false,
        }
    }
}

const fn entry(kind: DoorKind) -> Option<&'static str> {
    match kind {
        DoorKind::Published => Some("published"),
        DoorKind::Unpublished => Some("unpublished"),
        DoorKind::Controller => Some("ingress-controller"),
        DoorKind::Out => None,
    }
}

fn rule(rule: &RuleRef) -> RuleDocument {
    RuleDocument {
        policy: policy_id(&rule.policy),
        rule: rule.rule,
    }
}

/// The cut that was not found, in words.
fn too_many() -> String {
    format!("more than {MOST_CUTS} hops would have to be cut")
}
