//! What one version of the cluster opens and closes against another, by name, for people.
//!
//! ```text
//! + internet  -> shop/web  443/tcp
//! + shop/cart -> shop/web  8080/tcp  12 pod pairs
//! - ops/prom  -> shop/web  9090/tcp   3 pod pairs
//! ```
//!
//! Counts are exact, whatever number of lines is kept. Where the engine compiled everything anew and
//! cannot tell pairs apart, connections between workloads are counted instead, and said so.

use std::collections::BTreeMap;
use std::io;

use crate::model::{Direction, Inventory, MemberIdx, Text, WorkloadIdx};
use crate::reach::delta::{Delta, DeltaLine, OutsideChange};
use crate::reach::update::Step;
use crate::reach::{
    Answer, Connection, ConnectionEnd, DiffChange, DiffEnd, Difference, ExternalAnswer, ListBy,
    Listed, Reach, diff, diff_lists,
};
use crate::select::PortSet;

use super::end::{Names, external};
use super::markdown::{self, code};
use super::table::plural;

/// What became of a line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sign {
    /// Some port, and none before.
    Opened,
    /// Whether it changed cannot be said.
    Undecided,
    /// Other ports than before.
    Changed,
    /// No port, and some before.
    Closed,
}

impl Sign {
    /// Every sign, in the order of lists.
    pub const ALL: [Self; 4] = [Self::Opened, Self::Undecided, Self::Changed, Self::Closed];

    /// One character: `+`, `?`, `~`, `-`.
    #[must_use]
    pub const fn glyph(self) -> &'static str {
        match self {
            Self::Opened => "+",
            Self::Undecided => "?",
            Self::Changed => "~",
            Self::Closed => "-",
        }
    }

    /// The word behind a count.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Undecided => "undecided",
            Self::Changed => "changed",
            Self::Closed => "closed",
        }
    }

    const fn at(self) -> usize {
        match self {
            Self::Opened => 0,
            Self::Undecided => 1,
            Self::Changed => 2,
            Self::Closed => 3,
        }
    }
}

impl From<DiffChange> for Sign {
    fn from(change: DiffChange) -> Self {
        match change {
            DiffChange::Added => Self::Opened,
            DiffChange::Removed => Self::Closed,
            DiffChange::Changed => Self::Changed,
            DiffChange::Undecided => Self::Undecided,
        }
    }
}

/// What the counts inside the cluster are of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Unit {
    /// Pairs of pods.
    #[default]
    PodPairs,
    /// Connections between workloads.
    Connections,
}

impl Unit {
    /// The name of one.
    #[must_use]
    pub const fn one(self) -> &'static str {
        match self {
            Self::PodPairs => "pod pair",
            Self::Connections => "connection",
        }
    }
}

/// Connections between two ends that changed alike.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EffectLine {
    /// What became of them.
    pub sign: Sign,
    /// Where they start, escaped.
    pub source: String,
    /// Where they end, escaped.
    pub destination: String,
    /// The ports: those that opened or closed, or `before => after`.
    pub ports: String,
    /// How many pairs of pods; `None` where that is not known or one end is outside.
    pub pairs: Option<u64>,
    /// Whether one end is outside the cluster.
    pub outside: bool,
    /// The namespaces of its ends.
    pub namespaces: Vec<Text>,
}

/// What changed between two versions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Effect {
    /// What the counts inside are of.
    pub unit: Unit,
    /// Counts between pods, by sign.
    inside: [u64; 4],
    /// Lines with an end outside, by sign.
    outside: [u64; 4],
    /// The lines: outside first, then the larger ones. No more than [`MOST_LINES`].
    pub lines: Vec<EffectLine>,
    /// How many lines there were beside those.
    pub more: usize,
}

/// Lines that are kept.
pub const MOST_LINES: usize = 400;

impl Effect {
    /// What a step of the engine changed.
    #[must_use]
    pub fn of(step: &Step) -> Self {
        match step.delta() {
            Some(delta) => Self::exact(step, &delta),
            None => Self::between(&step.before, &step.after),
        }
    }

    /// What differs between two versions that may have other pods.
    #[must_use]
    pub fn between(before: &Reach, after: &Reach) -> Self {
        let found = diff(before, after, ListBy::Workload);
        let lines: Vec<EffectLine> = found.iter().map(|found| named(found, None)).collect();
        let mut effect = Self {
            unit: Unit::Connections,
            ..Self::default()
        };
        for line in lines.iter().filter(|line| !line.outside) {
            effect.inside[line.sign.at()] += 1;
        }
        effect.keep(lines);
        effect
    }

    fn exact(step: &Step, delta: &Delta) -> Self {
        let counts = delta.counts();
        let inventory = step.after.inventory();
        let names = Names::of(inventory);
        let mut effect = Self {
            inside: [counts.opened, 0, counts.changed, counts.closed],
            ..Self::default()
        };
        let inside = delta.lines(&step.after);
        let mut lines: Vec<EffectLine> = inside
            .iter()
            .map(|line| between_workloads(line, &names))
            .collect();
        for change in delta.outside() {
            lines.extend(beyond(change, (inventory, &names)));
        }
        effect.keep(lines);
        effect
    }

    fn keep(&mut self, mut lines: Vec<EffectLine>) {
        for line in lines.iter().filter(|line| line.outside) {
            self.outside[line.sign.at()] += 1;
        }
        lines.sort_by(|a, b| {
            let key = |line: &EffectLine| (line.sign, !line.outside);
            let ends = |line: &EffectLine| (line.source.clone(), line.destination.clone());
            key(a)
                .cmp(&key(b))
                .then_with(|| b.pairs.cmp(&a.pairs))
                .then_with(|| ends(a).cmp(&ends(b)))
        });
        self.more = lines.len().saturating_sub(MOST_LINES);
        lines.truncate(MOST_LINES);
        self.lines = lines;
    }

    /// Keeps no more than the first lines; the counts stay.
    pub fn keep_first(&mut self, most: usize) {
        self.more += self.lines.len().saturating_sub(most);
        self.lines.truncate(most);
    }

    /// Whether no connection changed.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.inside.iter().chain(&self.outside).all(|n| *n == 0)
    }

    /// How many changed between pods, in [`Effect::unit`].
    #[must_use]
    pub const fn inside(&self, sign: Sign) -> u64 {
        self.inside[sign.at()]
    }

    /// How many lines with an end outside the cluster changed.
    #[must_use]
    pub const fn outside(&self, sign: Sign) -> u64 {
        self.outside[sign.at()]
    }

    /// `3 pod pairs and 1 way outside opened, 212 pod pairs closed`, or that nothing changed.
    #[must_use]
    pub fn summary(&self) -> String {
        let parts = Sign::ALL.into_iter().filter_map(|sign| {
            let inside = self.inside(sign);
            let outside = self.outside(sign);
            let counted = [
                (inside, self.unit.one()),
                (outside, "way from or to outside"),
            ];
            let counted: Vec<String> = counted
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, one)| counted_words(count, one))
                .collect();
            (!counted.is_empty()).then(|| format!("{} {}", counted.join(" and "), sign.word()))
        });
        let parts: Vec<String> = parts.collect();
        if parts.is_empty() {
            return "no connection changed".to_owned();
        }
        parts.join(", ")
    }

    /// Writes Markdown for a pull request: the summary first, long tables folded away.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_markdown(&self, out: &mut dyn io::Write, title: &str) -> io::Result<()> {
        writeln!(out, "**{title}**: {}", self.summary())?;
        for sign in Sign::ALL {
            let lines = self.lines.iter().filter(|line| line.sign == sign);
            let rows: Vec<Vec<String>> = lines
                .map(|line| {
                    let pairs = line.pairs.map_or_else(String::new, |n| n.to_string());
                    vec![
                        code(&line.source),
                        code(&line.destination),
                        code(&line.ports),
                        pairs,
                    ]
                })
                .collect();
            if !rows.is_empty() {
                let title = format!("{} {}", plural(rows.len(), "line"), sign.word());
                let head = ["source", "destination", "ports", "pod pairs"];
                markdown::section(out, &title, &head, &rows)?;
            }
        }
        if self.more > 0 {
            writeln!(out, "\nand {}", plural(self.more, "more line"))?;
        }
        Ok(())
    }
}

fn counted_words(count: u64, one: &str) -> String {
    if let Some(rest) = one.strip_prefix("way ") {
        let ways = if count == 1 { "way" } else { "ways" };
        return format!("{count} {ways} {rest}");
    }
    plural(usize::try_from(count).unwrap_or(usize::MAX), one)
}

fn between_workloads(line: &DeltaLine, names: &Names<'_>) -> EffectLine {
    let ends = [line.source, line.destination].map(ConnectionEnd::Workload);
    let [source, destination] = ends
        .each_ref()
        .map(|end| names.connection_end(end).to_string());
    let namespaces = ends.iter().filter_map(|end| names.namespace(end).cloned());
    EffectLine {
        sign: sign(&line.before, &line.after),
        source,
        destination,
        ports: ports(&line.before, &line.after),
        pairs: Some(line.pairs),
        outside: false,
        namespaces: namespaces.collect(),
    }
}

/// The lines of pods whose connections with addresses outside changed alike, by workload.
fn beyond(change: &OutsideChange, (inventory, names): (&Inventory, &Names<'_>)) -> Vec<EffectLine> {
    let mut pods: BTreeMap<WorkloadIdx, u64> = BTreeMap::new();
    let owner = |member: &MemberIdx| Some(inventory.member(*member)?.workload);
    for workload in change.members.iter().filter_map(owner) {
        *pods.entry(workload).or_default() += 1;
    }
    let Some(first) = pods.keys().next().copied() else {
        return Vec::new();
    };
    let side = |answers: &[ExternalAnswer]| Listed {
        connections: answers
            .iter()
            .map(|answer| connection(answer, (change.direction, first)))
            .collect(),
        inventory,
    };
    let found = diff_lists([side(&change.before), side(&change.after)]);
    let of_workload = |workload: &WorkloadIdx| {
        let name = names.workload(*workload).to_string();
        let namespace = names.namespace(&ConnectionEnd::Workload(*workload));
        let own = (name, namespace.cloned());
        found
            .iter()
            .map(move |found| named(found, Some(&own)))
            .collect::<Vec<EffectLine>>()
    };
    pods.keys().flat_map(of_workload).collect()
}

fn connection(
    answer: &ExternalAnswer,
    (direction, workload): (Direction, WorkloadIdx),
) -> Connection {
    let own = ConnectionEnd::Workload(workload);
    let outside = ConnectionEnd::External(answer.blocks.clone());
    let (source, destination) = match direction {
        Direction::Egress => (own, outside),
        Direction::Ingress => (outside, own),
    };
    Connection {
        source,
        destination,
        answer: answer.answer.clone(),
        partial: false,
    }
}

/// A difference in words; `own` is said in the place of its end inside the cluster.
fn named(found: &Difference, own: Option<&(String, Option<Text>)>) -> EffectLine {
    let name = |end: &DiffEnd| match end {
        DiffEnd::External(blocks) => external(blocks).to_string(),
        DiffEnd::IngressController => "ingress controller".to_owned(),
        DiffEnd::Workload(key) => own.map_or_else(|| key.to_string(), |(name, _)| name.clone()),
        DiffEnd::Pod(key) => key.to_string(),
    };
    let namespace = |end: &DiffEnd| match end {
        DiffEnd::External(_) | DiffEnd::IngressController => None,
        DiffEnd::Workload(key) => match own {
            Some((_, namespace)) => namespace.clone(),
            None => Some(key.namespace.clone()),
        },
        DiffEnd::Pod(key) => Some(key.namespace.clone()),
    };
    let ends = [&found.source, &found.destination];
    let outside = |end: &&DiffEnd| matches!(end, DiffEnd::External(_) | DiffEnd::IngressController);
    EffectLine {
        sign: found.change.into(),
        source: name(&found.source),
        destination: name(&found.destination),
        ports: answers(&found.before, &found.after),
        pairs: None,
        outside: ends.iter().any(outside),
        namespaces: ends.into_iter().filter_map(namespace).collect(),
    }
}

fn sign(before: &PortSet, after: &PortSet) -> Sign {
    match (before.is_none(), after.is_none()) {
        (true, _) => Sign::Opened,
        (false, true) => Sign::Closed,
        (false, false) => Sign::Changed,
    }
}

fn ports(before: &PortSet, after: &PortSet) -> String {
    match sign(before, after) {
        Sign::Opened => after.to_string(),
        Sign::Closed => before.to_string(),
        Sign::Changed | Sign::Undecided => format!("{before} => {after}"),
    }
}

/// As [`ports`], with what is not known.
fn answers(before: &Answer, after: &Answer) -> String {
    if before.unknown.is_none() && after.unknown.is_none() {
        return ports(&before.allowed, &after.allowed);
    }
    let side = |answer: &Answer| match (answer.allowed.is_none(), answer.unknown.is_none()) {
        (_, true) => answer.allowed.to_string(),
        (true, false) => format!("maybe {}", answer.unknown),
        (false, false) => format!("{} and maybe {}", answer.allowed, answer.unknown),
    };
    format!("{} => {}", side(before), side(after))
}
