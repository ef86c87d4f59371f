//! The smallest edits that turn a verdict round, tried on drafts.
//!
//! ```text
//! explanation ── which half stands in the way ──▶ candidates (allow, deny)
//!      each: edited copy of the world ── the same engine ──▶ does the verdict turn? what else changes?
//! ```
//!
//! A candidate counts only if the engine says that it works. Those that change least beside the
//! question come first, then those about the fewest other pods, then those that are least to write. Nothing is applied anywhere.

mod allow;
mod deny;
mod naming;
mod page;
mod part;
mod sheet;
mod side;
mod written;

use std::collections::BTreeSet;
use std::fmt;

use ipnet::IpNet;

use super::answer::Verdict;
use super::diff::{DiffEnd, Difference};
use super::engine::Reach;
use super::explain::{Explanation, Half, Step as Rung};
use crate::model::{Direction, MemberIdx, WorkloadIdx, World};
use crate::select::PortSet;

pub use page::{Op, OpKind};
pub use sheet::{Edit, Place, Step};

use sheet::Sheet;

/// Suggestions that are given, at most.
const MOST: usize = 3;
/// Candidates for one half that are tried, at most.
const MOST_TRIED: usize = 8;

/// One side of a question.
#[derive(Clone, PartialEq, Debug)]
pub enum Party {
    /// Pods, or what a template would give.
    Pods(Vec<MemberIdx>),
    /// Addresses outside, as asked.
    Blocks(Vec<IpNet>),
    /// All global addresses (CAN-02), in disjoint blocks.
    Internet(Vec<IpNet>),
}

/// What the engine says about the question on some version of the cluster.
#[derive(Clone, PartialEq, Debug)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// One pair that has that verdict, on one port.
    pub explanation: Explanation,
    /// The ports of that pair's destination that were asked about.
    pub asked: PortSet,
}

/// A question whose answer should be another.
pub struct Wish<'a> {
    /// The cluster.
    pub world: &'a World,
    /// The same, compiled.
    pub reach: &'a Reach,
    /// Where the connection would start.
    pub source: Party,
    /// Where it would end.
    pub destination: Party,
    /// How the question is answered; `None` if it has no answer on that version.
    pub judge: &'a dyn Fn(&Reach) -> Option<Judged>,
}

/// Edits that turn the verdict round.
#[derive(Clone, PartialEq, Debug)]
pub struct Suggestion {
    /// What to edit, by policy.
    pub edits: Vec<Edit>,
    /// Every connection between workloads or with the outside that changes, the one that was asked
    /// about included.
    pub effects: Vec<Difference>,
    /// How many of the effects nobody asked for.
    pub beside: usize,
}

/// Why there is no suggestion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nothing {
    /// The verdict is not known, so it cannot be turned round.
    Undecided,
    /// No policy decides: the ends share no family, are one pod, or are no subjects of policies.
    NoPolicy,
    /// None of the edits that were tried does it.
    NotFound,
    /// The ends are too many pods to ask about all of them for every edit.
    TooLarge,
}

impl fmt::Display for Nothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Undecided => "the verdict is not known, so nothing is known to turn it round",
            Self::NoPolicy => "no policy decides this, so no policy can change it",
            Self::NotFound => "none of the small edits that were tried changes it",
            Self::TooLarge => "these are too many pods to try edits; ask about one of them",
        })
    }
}

/// The best edits that make the opposite of the verdict true, best first, at most three.
///
/// # Errors
///
/// Why there is none.
pub fn suggest(wish: &Wish<'_>) -> Result<Vec<Suggestion>, Nothing> {
    let judged = (wish.judge)(wish.reach).ok_or(Nothing::NotFound)?;
    let search = Search {
        wish,
        asked: asked(&judged),
        wanted: match judged.verdict {
            Verdict::Allowed => Verdict::Denied,
            Verdict::Denied => Verdict::Allowed,
            Verdict::Unknown => return Err(Nothing::Undecided),
        },
    };
    let explanation = &judged.explanation;
    let halves = [&explanation.egress, &explanation.ingress];
    let tried = match search.wanted {
        Verdict::Allowed => {
            let stuck = |half: &&Half| half.verdict != Verdict::Allowed && !half.is_editable();
            if halves.iter().any(stuck) {
                return Err(Nothing::NoPolicy);
            }
            search.allowing(&judged)
        }
        Verdict::Denied | Verdict::Unknown => {
            if !halves.iter().any(|half| half.is_editable()) {
                return Err(Nothing::NoPolicy);
            }
            search.denying(&judged)
        }
    };
    let best = best(tried, MOST);
    if best.is_empty() {
        return Err(Nothing::NotFound);
    }
    Ok(best.into_iter().map(Tried::finish).collect())
}

/// The ports that an edit is for. Of a question about every port, only the one that is explained is
/// opened.
fn asked(judged: &Judged) -> PortSet {
    let explanation = &judged.explanation;
    if judged.verdict == Verdict::Denied && (judged.asked.is_all() || judged.asked.is_none()) {
        return PortSet::range(explanation.protocol, explanation.port, explanation.port);
    }
    judged.asked.clone()
}

impl Half {
    /// Whether some policy has a say in this half.
    fn is_editable(&self) -> bool {
        match self.step {
            Rung::Admin | Rung::Policies | Rung::Baseline | Rung::Default => true,
            Rung::Itself
            | Rung::NotSubject
            | Rung::OwnNode
            | Rung::NoCommonFamily
            | Rung::Unreadable => false,
        }
    }
}

/// One search for edits.
struct Search<'a> {
    wish: &'a Wish<'a>,
    asked: PortSet,
    wanted: Verdict,
}

/// A draft that the engine has looked at.
struct Tried {
    sheet: Sheet,
    judged: Judged,
    effects: Vec<Difference>,
    beside: usize,
    /// Pods that nobody asked about and that the edited policies open as well, whether or not that
    /// lets anything through today.
    reserve: usize,
}

impl Tried {
    fn finish(self) -> Suggestion {
        Suggestion {
            edits: self.sheet.edits().cloned().collect(),
            effects: self.effects,
            beside: self.beside,
        }
    }
}

impl Search<'_> {
    /// Compiles a draft and asks the question again.
    fn judge(&self, sheet: &Sheet) -> Option<(Reach, Judged)> {
        let reach = self.wish.reach;
        let inventory = reach.inventory().clone();
        let draft = Reach::build(&sheet.world, inventory, reach.options());
        let judged = (self.wish.judge)(&draft)?;
        Some((draft, judged))
    }

    /// The draft with its side effects.
    fn tried(&self, sheet: Sheet, draft: &Reach, judged: Judged) -> Tried {
        let effects = side::effects((self.wish.world, self.wish.reach), draft, &sheet);
        let beside = effects
            .iter()
            .filter(|effect| !self.is_asked(effect))
            .count();
        let reserve = match self.wanted {
            Verdict::Allowed => self.bystanders(&sheet, draft),
            Verdict::Denied | Verdict::Unknown => 0,
        };
        Tried {
            sheet,
            judged,
            effects,
            beside,
            reserve,
        }
    }

    fn bystanders(&self, sheet: &Sheet, draft: &Reach) -> usize {
        let inventory = draft.inventory();
        let workloads = |party: &Party| match party {
            Party::Pods(members) => members
                .iter()
                .filter_map(|member| Some(inventory.member(*member)?.workload))
                .collect(),
            Party::Blocks(_) | Party::Internet(_) => BTreeSet::new(),
        };
        let mut asked: BTreeSet<WorkloadIdx> = workloads(&self.wish.source);
        asked.extend(workloads(&self.wish.destination));
        let subjects = sheet
            .edits()
            .flat_map(|edit| draft.subjects(&edit.policy))
            .filter_map(|member| inventory.member(member));
        subjects
            .filter(|member| !asked.contains(&member.workload))
            .count()
    }

    fn half(explanation: &Explanation, direction: Direction) -> &Half {
        match direction {
            Direction::Egress => &explanation.egress,
            Direction::Ingress => &explanation.ingress,
        }
    }

    /// Edits for one half, then edits for both where both are in the way.
    fn allowing(&self, judged: &Judged) -> Vec<Tried> {
        let mut done = Vec::new();
        let mut steps: Vec<Vec<Tried>> = Vec::new();
        for direction in Direction::BOTH {
            let half = Self::half(&judged.explanation, direction);
            if half.verdict == Verdict::Allowed {
                continue;
            }
            let candidates = allow::candidates(self, &judged.explanation, direction);
            let mut helpful = Vec::new();
            for sheet in candidates.into_iter().take(MOST_TRIED) {
                let Some((draft, judged)) = self.judge(&sheet) else {
                    continue;
                };
                let opened = Self::half(&judged.explanation, direction).verdict;
                let tried = self.tried(sheet, &draft, judged);
                if tried.judged.verdict == self.wanted {
                    done.push(tried);
                } else if opened == Verdict::Allowed {
                    helpful.push(tried);
                }
            }
            steps.push(best(helpful, 2));
        }
        if let [egress, ingress] = steps.as_slice() {
            let pairs = egress
                .iter()
                .flat_map(|a| ingress.iter().map(move |b| (a, b)));
            for (a, b) in pairs.filter(|(a, b)| !a.sheet.meets(&b.sheet)) {
                self.keep(a.sheet.clone().with(&b.sheet), &mut done);
            }
        }
        done
    }

    /// Keeps a draft that turns the verdict round.
    fn keep(&self, sheet: Sheet, done: &mut Vec<Tried>) {
        if let Some((draft, judged)) = self.judge(&sheet)
            && judged.verdict == self.wanted
        {
            done.push(self.tried(sheet, &draft, judged));
        }
    }

    /// Each way of closing, on each half, until nothing of what was asked passes.
    fn denying(&self, judged: &Judged) -> Vec<Tried> {
        let mut done: Vec<Tried> = Vec::new();
        for direction in [Direction::Ingress, Direction::Egress] {
            for way in deny::Way::ALL {
                let closed = self.close((direction, way), judged);
                let Some((sheet, draft, judged)) = closed else {
                    continue;
                };
                let known = done
                    .iter()
                    .any(|tried| tried.sheet.edits().eq(sheet.edits()));
                if !known {
                    done.push(self.tried(sheet, &draft, judged));
                }
            }
        }
        done
    }

    fn close(
        &self,
        (direction, way): (Direction, deny::Way),
        judged: &Judged,
    ) -> Option<(Sheet, Reach, Judged)> {
        let mut sheet = Sheet::of(self.wish.world);
        let mut judged = judged.clone();
        for _ in 0..MOST_ROUNDS {
            sheet = deny::apply(self, sheet, (&judged.explanation, direction), way)?;
            let (draft, after) = self.judge(&sheet)?;
            if after.verdict == self.wanted {
                return Some((sheet, draft, after));
            }
            judged = after;
        }
        None
    }

    /// Whether a change is what was asked for: between the two parties, on the ports asked about.
    fn is_asked(&self, effect: &Difference) -> bool {
        let changed = |before: &PortSet, after: &PortSet| {
            let turned = after.difference(before).union(&before.difference(after));
            turned.difference(&self.asked).is_none()
        };
        let is = |party: &Party, end: &DiffEnd| match (party, end) {
            (Party::Pods(members), DiffEnd::Workload(key)) => {
                let inventory = self.wish.reach.inventory();
                members.iter().any(|member| {
                    let workload = inventory.member(*member).map(|member| member.workload);
                    let workload = workload.and_then(|index| inventory.workload(index));
                    workload.is_some_and(|workload| workload.key == *key)
                })
            }
            (Party::Blocks(asked) | Party::Internet(asked), DiffEnd::External(blocks)) => {
                let within = |block: &IpNet| asked.iter().any(|wide| wide.contains(block));
                blocks.iter().all(within)
            }
            _ => false,
        };
        is(&self.wish.source, &effect.source)
            && is(&self.wish.destination, &effect.destination)
            && changed(&effect.before.allowed, &effect.after.allowed)
            && changed(&effect.before.unknown, &effect.after.unknown)
    }
}

/// Rounds of closing what is still open.
const MOST_ROUNDS: usize = 8;

/// The best drafts: those that change least beside the question, then those that are about the
/// fewest pods, then the smallest.
fn best(mut tried: Vec<Tried>, most: usize) -> Vec<Tried> {
    tried.sort_by_key(|tried| (tried.beside, tried.reserve, tried.sheet.size));
    tried.truncate(most);
    tried
}
