//! What one subject can do, itself and by taking others over, to a fixed point (SOD-06).

mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use crate::model::{Subject, Text};
use crate::rbac::can::{Doubt, Grant, identities};
use crate::rbac::principal::{AUTHENTICATED, Principal, UNAUTHENTICATED};

use super::hold::{At, CLUSTER, Duties, Who};
use super::{Cell, Duty, Means, Reason, State, Step};
use walk::Walk;

/// Everything that one subject can do.
#[derive(Debug)]
pub struct Power<'a> {
    duties: &'a Duties<'a>,
    found: Vec<Found<'a>>,
    /// Whom it takes over, each after the one through which it does.
    taken: Vec<Taken<'a>>,
    /// The ways as places in the list, by scope and duty, and in the order in which they were found.
    order: Vec<usize>,
    /// What of it counts in a scope, by duty: a question must not look at all of it.
    by_scope: BTreeMap<At, [Bucket; 3]>,
    /// What could not be read, by scope; the empty one is the whole cluster.
    doubts: BTreeSet<(Text, Doubt)>,
}

/// One way to one duty.
#[derive(Debug)]
struct Found<'a> {
    scope: At,
    duty: Duty,
    state: State,
    /// Only on named objects that are in no namespace: no power over any one namespace.
    elsewhere: bool,
    /// Through whom, as a place in the list of those taken over; `None` is itself.
    through: Option<usize>,
    /// `None` where the last step gives everything.
    grant: Option<&'a Grant>,
    names: &'a [Text],
}

/// One step of a way; the steps before it are those of whom it goes through.
#[derive(Debug)]
struct Taken<'a> {
    through: Option<usize>,
    means: Means,
    /// `None` for whatever permission one wants.
    target: Option<Subject>,
    grant: &'a Grant,
}

/// The ways to one duty in one scope.
#[derive(Debug, Default)]
struct Bucket {
    /// Where they are in the order.
    ways: Range<usize>,
    /// The strongest of them, and the strongest of those that count within namespaces.
    best: Option<State>,
    within: Option<State>,
}

impl Bucket {
    /// Adds the way that is at a place of the order, the places before it are in already.
    fn add(&mut self, at: usize, found: &Found<'_>) {
        let stronger =
            |known: Option<State>| known.map_or(found.state, |known| known.min(found.state));
        if self.ways.is_empty() {
            self.ways.start = at;
        }
        self.ways.end = at + 1;
        self.best = Some(stronger(self.best));
        if !found.elsewhere {
            self.within = Some(stronger(self.within));
        }
    }
}

impl Duties<'_> {
    /// What `subject` can do, with the groups that everybody of its sort is in (RB-12).
    #[must_use]
    pub fn power(&self, subject: &Subject) -> Power<'_> {
        self.power_of(&memberships(subject))
    }

    /// What somebody can do who has exactly the groups of `principal`, as an audit event tells
    /// them (SOD-07). Where they are not known, whatever is not held for certain is unknown.
    #[must_use]
    pub fn power_of_person(&self, principal: &Principal) -> Power<'_> {
        let mut power = self.power_of(&identities(principal));
        if principal.groups.is_none() {
            let doubt = Doubt::NoGroups(principal.name.clone());
            power.doubts.insert((Text::default(), doubt));
        }
        power
    }

    fn power_of(&self, own: &[Subject]) -> Power<'_> {
        let own: Vec<Who> = own.iter().filter_map(|own| self.who(own)).collect();
        let speaks = own.iter().any(|own| self.speaks(*own));
        let mut power = Walk::new(self, speaks).from(&own);
        power.sort();
        power
    }

    /// Whether it can impersonate somebody, which impersonating a group takes.
    fn speaks(&self, who: Who) -> bool {
        let scopes = self.owns.get(who).into_iter().flat_map(|own| &own.held);
        let mut given = scopes.flat_map(|(_, held)| &held.given);
        given.any(|(g, _)| matches!(g.takes, Some(Means::Users | Means::Accounts)))
    }

    /// Of a subject and the groups that all of its sort are in, those that bindings name.
    pub(super) fn named(&self, subject: &Subject) -> Vec<Who> {
        let own = memberships(subject);
        own.iter().filter_map(|own| self.who(own)).collect()
    }
}

impl<'a> Power<'a> {
    fn none(duties: &'a Duties<'a>) -> Self {
        Self {
            duties,
            found: Vec::new(),
            taken: Vec::new(),
            order: Vec::new(),
            by_scope: BTreeMap::new(),
            doubts: BTreeSet::new(),
        }
    }

    fn sort(&mut self) {
        let found = &self.found;
        self.order = (0..found.len()).collect();
        let place = |way: &usize| found.get(*way).map(|found| (found.scope, found.duty));
        self.order.sort_by_key(place);
        for (at, found) in self
            .order
            .iter()
            .filter_map(|way| found.get(*way))
            .enumerate()
        {
            let buckets = self.by_scope.entry(found.scope).or_default();
            if let Some(bucket) = buckets.get_mut(found.duty as usize) {
                bucket.add(at, found);
            }
        }
    }

    fn bucket(&self, scope: At, duty: Duty) -> Option<&Bucket> {
        self.by_scope.get(&scope)?.get(duty as usize)
    }

    /// What counts in `namespace` alone; nothing for the whole cluster.
    fn own_bucket(&self, namespace: Option<&Text>, duty: Duty) -> Option<&Bucket> {
        let own = namespace.filter(|namespace| !namespace.is_empty())?;
        self.bucket(self.duties.at(own)?, duty)
    }

    /// How a duty is held in `namespace`, or in the whole cluster; as [`Power::cell`] tells it.
    #[must_use]
    pub fn state(&self, namespace: Option<&Text>, duty: Duty) -> Option<State> {
        self.certain(namespace, duty).or_else(|| {
            let doubtful = !self.doubts_in(namespace).is_empty();
            doubtful.then_some(State::Unknown)
        })
    }

    fn certain(&self, namespace: Option<&Text>, duty: Duty) -> Option<State> {
        let cluster = self.bucket(CLUSTER, duty);
        if namespace.is_none() {
            return cluster.and_then(|bucket| bucket.best);
        }
        let both = self.own_bucket(namespace, duty).into_iter().chain(cluster);
        both.filter_map(|bucket| bucket.within).min()
    }

    fn doubts_in(&self, namespace: Option<&Text>) -> Vec<Doubt> {
        let mut doubts = self.duties.rbac.unread_bindings(namespace);
        let own = self
            .doubts
            .iter()
            .filter(|(scope, _)| reaches(scope, namespace));
        doubts.extend(own.map(|(_, doubt)| doubt.clone()));
        doubts
    }

    /// The whole cluster and the namespaces in which a duty is held in another way than there, or
    /// may be; `None` for all of them.
    #[must_use]
    pub fn own_scopes(&self) -> Option<BTreeSet<&Text>> {
        if self.found.iter().any(|found| found.elsewhere) {
            return None;
        }
        let cluster = Duty::ALL.map(|duty| self.bucket(CLUSTER, duty)?.within);
        let own = |at: &&At| {
            let own = Duty::ALL.map(|duty| self.bucket(**at, duty)?.within);
            let mut both = own.into_iter().zip(cluster);
            // What is held in the whole cluster counts here too: only a stronger way tells more.
            **at == CLUSTER || both.any(|(own, all)| own.is_some() && (all.is_none() || own < all))
        };
        let held = self.by_scope.keys().filter(own);
        let held = held.filter_map(|at| self.scope(*at));
        Some(held.chain(self.doubts.iter().map(|(at, _)| at)).collect())
    }

    /// Where a duty is held for certain, in order; the empty namespace is the whole cluster.
    pub fn scopes(&self, duty: Duty) -> impl Iterator<Item = &Text> {
        let held = self.by_scope.iter().filter(move |(_, buckets)| {
            let bucket = buckets.get(duty as usize);
            bucket.is_some_and(|bucket| !bucket.ways.is_empty())
        });
        held.filter_map(|(at, _)| self.scope(*at))
    }

    fn scope(&self, at: At) -> Option<&'a Text> {
        self.duties.scopes.get(at)
    }

    fn here(&self, namespace: Option<&Text>, duty: Duty) -> impl Iterator<Item = &Found<'a>> {
        let cluster = self.bucket(CLUSTER, duty).into_iter();
        let both = cluster.chain(self.own_bucket(namespace, duty));
        let ways = both.filter_map(|bucket| self.order.get(bucket.ways.clone()));
        let mut ways: Vec<usize> = ways.flatten().copied().collect();
        ways.sort_unstable();
        let within = namespace.is_some();
        let found = ways.into_iter().filter_map(|at| self.found.get(at));
        found.filter(move |found| !(found.elsewhere && within))
    }

    /// How every way to one duty in `namespace`, or in the whole cluster, begins: with taking
    /// somebody over, or with the grant that gives the duty. Each is told once.
    pub(super) fn beginnings(&self, namespace: Option<&Text>, duty: Duty) -> Vec<Beginning<'a>> {
        let mut known: BTreeSet<usize> = BTreeSet::new();
        let begins = |found: &Found<'a>| match found.through {
            None => Some((None, found.grant)),
            Some(at) => {
                let first = self.first(at)?;
                let step = self.taken.get(first).filter(|_| known.insert(first))?;
                Some((Some(step.means), Some(step.grant)))
            }
        };
        self.here(namespace, duty).filter_map(begins).collect()
    }

    /// The first step on the way to somebody.
    fn first(&self, mut at: usize) -> Option<usize> {
        while let Some(before) = self.taken.get(at)?.through {
            at = before;
        }
        Some(at)
    }

    /// One duty in `namespace`, or in the whole cluster; `None` if it is not held for certain.
    #[must_use]
    pub fn cell(&self, namespace: Option<&Text>, duty: Duty) -> Option<Cell> {
        if let Some(state) = self.certain(namespace, duty) {
            let strongest = self.here(namespace, duty).filter(|f| f.state == state);
            return Some(Cell {
                state,
                reasons: self.reasons(strongest),
                doubts: Vec::new(),
            });
        }
        let doubts = self.doubts_in(namespace);
        (!doubts.is_empty()).then_some(Cell {
            state: State::Unknown,
            reasons: Vec::new(),
            doubts,
        })
    }

    /// The ways as one tells them, without repeats.
    fn reasons<'f>(&'f self, found: impl Iterator<Item = &'f Found<'a>>) -> Vec<Reason>
    where
        'a: 'f,
    {
        let mut steps: BTreeMap<Option<usize>, Arc<[Step]>> = BTreeMap::new();
        let mut known = BTreeSet::new();
        let told = |found: &Found<'a>| {
            let way = steps.entry(found.through);
            Reason {
                steps: way.or_insert_with(|| self.steps(found.through)).clone(),
                grant: found.grant.cloned(),
                names: found.names.to_vec(),
            }
        };
        let new = |found: &&Found<'a>| known.insert(self.identity(found));
        found.filter(new).map(told).collect()
    }

    /// What tells two ways apart. Nobody is taken over twice in the same way, but a role can be
    /// given by several permissions of one rule.
    fn identity(&self, found: &Found<'a>) -> Identity<'a> {
        let last = found.through.and_then(|at| self.taken.get(at));
        match (found.grant, last) {
            (None, Some(last)) => (last.through, None, Some(last.grant), found.names),
            (grant, _) => (found.through, grant, None, found.names),
        }
    }

    /// Who is taken over on the way to somebody, one after the other.
    fn steps(&self, through: Option<usize>) -> Arc<[Step]> {
        let mut steps = Vec::new();
        let mut next = through;
        while let Some(taken) = next.and_then(|at| self.taken.get(at)) {
            steps.push(Step {
                means: taken.means,
                target: taken.target.clone(),
                grant: taken.grant.clone(),
            });
            next = taken.through;
        }
        steps.reverse();
        steps.into()
    }
}

/// Through whom, by which grant, or by which grant that gives everything, and to what.
type Identity<'f> = (
    Option<usize>,
    Option<&'f Grant>,
    Option<&'f Grant>,
    &'f [Text],
);

/// How a way to a duty begins: the step if somebody is taken over, and the grant that allows it.
pub(super) type Beginning<'a> = (Option<Means>, Option<&'a Grant>);

/// Whether what is held in `scope` counts in `namespace`, or in the whole cluster.
fn reaches(scope: &Text, namespace: Option<&Text>) -> bool {
    scope.is_empty() || Some(scope) == namespace
}

/// The subject itself and every group that all of its sort are in (RB-02, RB-12).
fn memberships(subject: &Subject) -> Vec<Subject> {
    let named = |name: String| identities(&Principal::new(name, [""; 0]).with_standard_groups());
    match subject {
        Subject::User(name) => named(name.as_str().to_owned()),
        Subject::ServiceAccount(key) => named(format!(
            "system:serviceaccount:{}:{}",
            key.namespace.as_str(),
            key.name.as_str()
        )),
        Subject::Group(name) if *name == UNAUTHENTICATED || *name == AUTHENTICATED => {
            vec![subject.clone()]
        }
        Subject::Group(_) => vec![subject.clone(), Subject::Group(AUTHENTICATED.into())],
    }
}
