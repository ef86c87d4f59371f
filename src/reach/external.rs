//! Addresses outside the cluster: the whole space of each family, cut where answers change.
//!
//! The space is not reduced by pod, Service or node ranges (IP-05). A pod takes part with the
//! families it has addresses of (IP-03).

use ipnet::IpNet;

use super::address::Block;
use super::answer::{Answer, ExternalAnswer};
use super::class::ClassIdx;
use super::engine::Reach;
use super::pair::Rung;
use super::table::PolicyIdx;
use crate::model::{Direction, MemberIdx, WorkloadIdx};
use crate::select::cidr::{Range, minimal_blocks};
use crate::select::{Family, PortSet};

/// One family's space in ascending pieces without gaps.
pub(super) type Pieces = Vec<(Range, Spot)>;

/// What holds at some address.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Spot {
    pub(super) answer: Answer,
    /// Pods of the workload differ here (OUT-01).
    pub(super) partial: bool,
}

impl Spot {
    pub(super) const fn certain(allowed: PortSet) -> Self {
        Self {
            answer: Answer::certain(allowed),
            partial: false,
        }
    }
}

/// An external answer, and whether pods of the workload differ somewhere in it.
pub(super) struct ExternalLine {
    pub(super) external: ExternalAnswer,
    pub(super) partial: bool,
}

impl Reach {
    /// What `member` may open outside (egress) or what may be opened on it from outside (ingress),
    /// in blocks with equal answers (OUT-04). Addresses with nothing allowed are left out.
    #[must_use]
    pub fn external(&self, member: MemberIdx, direction: Direction) -> Vec<ExternalAnswer> {
        let class = self.tables.classes.of(member);
        class.map_or_else(Vec::new, |class| self.external_of(class, direction))
    }

    /// As [`Reach::external`], of each pod of a class.
    pub(super) fn external_of(&self, class: ClassIdx, direction: Direction) -> Vec<ExternalAnswer> {
        answers(lines(&self.surface(class, direction)))
    }

    /// As [`Reach::external`], the union over the pods of a workload.
    #[must_use]
    pub fn workload_external(
        &self,
        workload: WorkloadIdx,
        direction: Direction,
    ) -> Vec<ExternalAnswer> {
        answers(self.external_lines(workload, direction))
    }

    pub(super) fn external_lines(
        &self,
        workload: WorkloadIdx,
        direction: Direction,
    ) -> Vec<ExternalLine> {
        self.workload_surface(workload, direction)
            .as_ref()
            .map_or_else(Vec::new, lines)
    }

    /// A workload over the whole space, by family slot: the union over its pods.
    pub(super) fn workload_surface(
        &self,
        workload: WorkloadIdx,
        direction: Direction,
    ) -> Option<[Pieces; 2]> {
        self.groups_of(workload)
            .iter()
            .map(|group| self.surface(group.class, direction))
            .reduce(|a, b| {
                let [a4, a6] = a;
                let [b4, b6] = b;
                [overlay(a4, b4), overlay(a6, b6)]
            })
    }

    /// One class over the whole space, by family slot.
    pub(super) fn surface(&self, class: ClassIdx, direction: Direction) -> [Pieces; 2] {
        Family::BOTH.map(|family| {
            if self.tables.classes.get(class).signature[family.slot()].is_none() {
                return even(family, Answer::default());
            }
            let rung = self.tables.rung(direction, class);
            if self.tables.is_tiered(direction, class) && !matches!(rung, Rung::NotSubject) {
                return self.by_ladder((class, direction), family, rung);
            }
            match rung {
                Rung::NotSubject | Rung::Default => even(family, Answer::certain(PortSet::all())),
                Rung::Unread(why) => even(
                    family,
                    Answer {
                        allowed: PortSet::none(),
                        unknown: PortSet::all(),
                        why: vec![why.clone()],
                    },
                ),
                Rung::Policies(policies) => self.by_rules((class, direction), family, policies),
            }
        })
    }

    /// What the rules of isolating policies allow outside, over one family.
    pub(super) fn by_rules(
        &self,
        (class, direction): (ClassIdx, Direction),
        family: Family,
        policies: &[PolicyIdx],
    ) -> Pieces {
        let destination = (direction == Direction::Ingress).then_some(class);
        let mut everywhere = PortSet::none();
        let mut blocks: Vec<(&Block, PortSet)> = Vec::new();
        for rule in self.tables.rules(policies, direction) {
            let ports = self.tables.ports(rule.ports, destination);
            let Some(peers) = &rule.peers else {
                everywhere = everywhere.union(&ports);
                continue;
            };
            blocks.extend(peers.iter().flatten().filter_map(|peer| {
                let block = self.tables.block(self.tables.peer(*peer).block()?);
                (block.family == family).then(|| (block, ports.clone().into_owned()))
            }));
        }
        sweep(family, &everywhere, &blocks)
    }
}

pub(super) fn even(family: Family, answer: Answer) -> Pieces {
    let spot = Spot {
        answer,
        partial: false,
    };
    vec![(Range::whole(family), spot)]
}

/// Cuts a family's space at the borders of `blocks` and adds up what holds in each piece.
fn sweep(family: Family, everywhere: &PortSet, blocks: &[(&Block, PortSet)]) -> Pieces {
    let mut events: Vec<(u128, bool, usize)> = Vec::new();
    for (at, (block, _)) in blocks.iter().enumerate() {
        for range in &block.ranges {
            events.push((range.first, true, at));
            if range.last < family.last() {
                events.push((range.last + 1, false, at));
            }
        }
    }
    events.sort_unstable();
    let mut open = std::collections::BTreeSet::new();
    let mut pieces = Pieces::new();
    let mut first = 0;
    for together in events.chunk_by(|a, b| a.0 == b.0) {
        let Some((start, _, _)) = together.first().copied() else {
            continue;
        };
        if start > first {
            let last = start - 1;
            push(
                &mut pieces,
                Range { first, last },
                sum(everywhere, blocks, &open),
            );
            first = start;
        }
        // A block's ranges are disjoint and do not touch, so it never ends where it begins.
        for (_, begins, at) in together {
            if *begins {
                open.insert(*at);
            } else {
                open.remove(at);
            }
        }
    }
    let last = family.last();
    push(
        &mut pieces,
        Range { first, last },
        sum(everywhere, blocks, &open),
    );
    pieces
}

fn sum(
    everywhere: &PortSet,
    blocks: &[(&Block, PortSet)],
    open: &std::collections::BTreeSet<usize>,
) -> Spot {
    let ports = open
        .iter()
        .filter_map(|at| blocks.get(*at))
        .fold(everywhere.clone(), |sum, (_, ports)| sum.union(ports));
    Spot::certain(ports)
}

pub(super) fn push(pieces: &mut Pieces, range: Range, spot: Spot) {
    match pieces.last_mut() {
        Some((before, same)) if *same == spot => before.last = range.last,
        _ => pieces.push((range, spot)),
    }
}

/// The union of two surfaces of one family (OUT-01).
fn overlay(a: Pieces, b: Pieces) -> Pieces {
    let (mut left, mut right) = (a.into_iter().peekable(), b.into_iter().peekable());
    let mut pieces = Pieces::new();
    let mut first = 0;
    while let (Some((l, x)), Some((r, y))) = (left.peek(), right.peek()) {
        let last = l.last.min(r.last);
        let spot = Spot {
            answer: x.answer.or(&y.answer),
            partial: x.partial || y.partial || !x.answer.same_ports(&y.answer),
        };
        let (ends_left, ends_right) = (l.last == last, r.last == last);
        push(&mut pieces, Range { first, last }, spot);
        if ends_left {
            left.next();
        }
        if ends_right {
            right.next();
        }
        first = last.saturating_add(1);
    }
    pieces
}

/// Pieces with equal answers, together (OUT-04).
fn lines(surface: &[Pieces; 2]) -> Vec<ExternalLine> {
    let mut found: Vec<(Spot, [Vec<Range>; 2])> = Vec::new();
    for family in Family::BOTH {
        for (range, spot) in &surface[family.slot()] {
            if spot.answer.is_none() {
                continue;
            }
            let at = found
                .iter()
                .position(|(other, _)| other.answer.same_ports(&spot.answer))
                .unwrap_or_else(|| {
                    found.push((spot.clone(), Default::default()));
                    found.len() - 1
                });
            let (whole, ranges) = &mut found[at];
            whole.partial |= spot.partial;
            extend(&mut ranges[family.slot()], *range);
        }
    }
    let mut lines: Vec<ExternalLine> = found.into_iter().map(line).collect();
    lines.sort_by(|a, b| a.external.blocks.cmp(&b.external.blocks));
    lines
}

/// Appends a range, joined to the one before if they touch.
pub(super) fn extend(ranges: &mut Vec<Range>, range: Range) {
    match ranges.last_mut() {
        Some(before) if before.last.checked_add(1) == Some(range.first) => before.last = range.last,
        _ => ranges.push(range),
    }
}

fn line((spot, ranges): (Spot, [Vec<Range>; 2])) -> ExternalLine {
    let blocks: Vec<IpNet> = Family::BOTH
        .into_iter()
        .flat_map(|family| minimal_blocks(family, &ranges[family.slot()]))
        .collect();
    ExternalLine {
        external: ExternalAnswer {
            blocks,
            answer: spot.answer,
        },
        partial: spot.partial,
    }
}

fn answers(lines: Vec<ExternalLine>) -> Vec<ExternalAnswer> {
    lines.into_iter().map(|line| line.external).collect()
}
