//! What is asked of the engine, each question in one place.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use kreach::model::{Direction, Inventory, MemberIdx, Text, WorkloadIdx, World};
use kreach::reach::update::Updater;
use kreach::reach::{Axis, Options, Reach, Totals};
use serde_json::{Map, Value, json};

use crate::measure::{each, rounded, spread};
use crate::shapes::{Rng, Update};

const PAIRS: usize = 200_000;
const PEERS: usize = 2000;
/// How long one sort of question is asked.
const LIMIT: Duration = Duration::from_secs(20);

/// A version of the cluster, and how it goes on to the next.
pub struct Engine {
    world: World,
    pub reach: Arc<Reach>,
    updater: Option<Updater>,
}

impl Engine {
    pub fn build(world: World, inventory: Arc<Inventory>) -> Self {
        let reach = Reach::build(&world, inventory, Options::default());
        Self {
            world,
            reach: Arc::new(reach),
            updater: None,
        }
    }

    /// From a change of the cluster to verdicts about it and to what it opened and closed; whether
    /// everything had to be compiled anew.
    fn update(&mut self, update: Update) -> bool {
        self.world.apply(update.change);
        let world = &self.world;
        let updater = self
            .updater
            .get_or_insert_with(|| Updater::new(world, Options::default()));
        let step = updater.advance(world);
        black_box(step.delta().map(|delta| delta.counts()));
        self.reach = step.after.clone();
        step.is_anew()
    }

    /// The sums of the rows and columns of every namespace with every other. Its cells would be more
    /// than memory holds; every pod pair is counted all the same.
    pub fn namespace_totals(&self) -> Totals {
        let mut places: BTreeMap<&Text, usize> = BTreeMap::new();
        let mut members = Vec::new();
        for (workload, at) in self.reach.inventory().workloads().zip(0..) {
            let next = places.len();
            let place = *places.entry(&workload.key.namespace).or_insert(next);
            members.push((WorkloadIdx(at), place));
        }
        let axis = Axis::of(places.len(), members);
        self.reach.totals(&axis)
    }

    /// Sets of members that no policy can tell apart.
    pub fn classes(&self) -> usize {
        let mut seen: BTreeMap<&Text, Vec<MemberIdx>> = BTreeMap::new();
        for member in self.members() {
            let namespace = &self
                .reach
                .inventory()
                .member(member)
                .unwrap()
                .pod
                .key
                .namespace;
            let known = seen.entry(namespace).or_default();
            // Members of one workload follow one another: the latest come first.
            if !known
                .iter()
                .rev()
                .any(|other| self.reach.alike(member, *other))
            {
                known.push(member);
            }
        }
        seen.values().map(Vec::len).sum()
    }

    /// Nanoseconds for the ports of one pair of pods; half of the pairs are of one namespace.
    pub fn pair(&self, rng: &mut Rng) -> Value {
        let members: Vec<MemberIdx> = self.members().collect();
        let near = |at: usize, rng: &mut Rng| (at + rng.below(50)) % members.len();
        let pairs: Vec<[MemberIdx; 2]> = (0..PAIRS)
            .map(|_| {
                let source = rng.below(members.len());
                let other = if rng.percent(50) {
                    near(source, rng)
                } else {
                    rng.below(members.len())
                };
                [members[source], members[other]]
            })
            .collect();
        let times = each((PAIRS, LIMIT), pairs, |[source, destination]| {
            black_box(self.reach.pair(source, destination));
        });
        let nanos = |percent| {
            let times = times.iter().map(|time| time.as_secs_f64() * 1e9);
            rounded(crate::measure::percentile(times, percent))
        };
        json!({ "count": times.len(), "p50_ns": nanos(50), "p99_ns": nanos(99) })
    }

    /// Everything that the workloads of random pods reach and are reached by, with ports.
    pub fn peers(&self, rng: &mut Rng) -> Value {
        let members = self.reach.inventory().members();
        let members: Vec<WorkloadIdx> = members.map(|(_, member)| member.workload).collect();
        let questions: Vec<(WorkloadIdx, Direction)> = (0..PEERS)
            .map(|_| (*rng.pick(&members), *rng.pick(&Direction::BOTH)))
            .collect();
        let times = each((PEERS, LIMIT), questions, |(workload, direction)| {
            black_box(self.reach.peers(workload, direction));
        });
        spread(&times)
    }

    /// From an update to verdicts, by class of update.
    pub fn updates(&mut self, updates: Vec<Update>, limit: Duration) -> Value {
        let mut classes: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
        let names: Vec<String> = updates.iter().map(|update| update.class.clone()).collect();
        self.updater = Some(Updater::new(&self.world, Options::default()));
        let mut anew = Vec::new();
        let times = each((updates.len(), limit), updates, |update| {
            anew.push(self.update(update));
        });
        for ((name, time), anew) in names.into_iter().zip(times).zip(anew) {
            let name = if anew { format!("{name}, anew") } else { name };
            classes.entry(name).or_default().push(time);
        }
        let spreads = classes.into_iter();
        Value::Object(
            spreads
                .map(|(name, times)| (name, spread(&times)))
                .collect::<Map<_, _>>(),
        )
    }

    fn members(&self) -> impl Iterator<Item = MemberIdx> + use<> {
        self.reach.inventory().numbers()
    }
}

/// The pod pairs with some port allowed, and all pairs.
pub fn reachable(totals: &Totals) -> (u64, u64) {
    let cells = totals.out.iter();
    cells.fold((0, 0), |(allowed, pairs), cell| {
        (allowed + cell.allowed, pairs + cell.pairs)
    })
}
