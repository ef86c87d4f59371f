//! What one subject can do, itself and by taking others over, to a fixed point (SOD-06).

mod walk;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Subject, Text};
use crate::rbac::can::{Doubt, identities};
use crate::rbac::principal::{AUTHENTICATED, MASTERS, Principal, UNAUTHENTICATED};

use super::hold::Duties;
use super::{Cell, Duty, Means, Reason, State};
use walk::Walk;

/// Everything that one subject can do.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Power {
    found: Vec<Found>,
    /// Which of them count in a scope, by duty: a question must not look at all of them.
    by_scope: BTreeMap<Text, [Bucket; 3]>,
    /// What could not be read, by scope; the empty one is the whole cluster.
    doubts: BTreeSet<(Text, Doubt)>,
}

/// One way to one duty.
#[derive(Clone, PartialEq, Debug)]
struct Found {
    scope: Text,
    duty: Duty,
    state: State,
    /// Only on named objects that are in no namespace: no power over any one namespace.
    elsewhere: bool,
    reason: Reason,
}

/// The ways to one duty in one scope, as places in the list of all.
#[derive(Clone, PartialEq, Debug, Default)]
struct Bucket {
    /// In the order in which they were found.
    ways: Vec<usize>,
    /// The strongest of them, and the strongest of those that count within namespaces.
    best: Option<State>,
    within: Option<State>,
}

impl Bucket {
    fn add(&mut self, at: usize, found: &Found) {
        let stronger =
            |known: Option<State>| known.map_or(found.state, |known| known.min(found.state));
        self.ways.push(at);
        self.best = Some(stronger(self.best));
        if !found.elsewhere {
            self.within = Some(stronger(self.within));
        }
    }
}

impl Duties<'_> {
    /// What `subject` can do, with the groups that everybody of its sort is in (RB-12).
    #[must_use]
    pub fn power(&self, subject: &Subject) -> Power {
        self.power_of(&memberships(subject))
    }

    /// What somebody can do who has exactly the groups of `principal`, as an audit event tells
    /// them (SOD-07). Where they are not known, whatever is not held for certain is unknown.
    #[must_use]
    pub fn power_of_person(&self, principal: &Principal) -> Power {
        let mut power = self.power_of(&identities(principal));
        if principal.groups.is_none() {
            let doubt = Doubt::NoGroups(principal.name.clone());
            power.doubts.insert((Text::default(), doubt));
        }
        power
    }

    fn power_of(&self, own: &[Subject]) -> Power {
        let speaks = own.iter().any(|own| self.speaks(own));
        let mut power = Walk::new(self, speaks).from(own);
        power.sort();
        power
    }

    /// Whether it can impersonate somebody, which impersonating a group takes.
    fn speaks(&self, subject: &Subject) -> bool {
        let scopes = self.held.get(subject).into_iter().flatten();
        let mut given = scopes.flat_map(|(_, held)| &held.given);
        given.any(|(g, _)| matches!(g.takes, Some(Means::Users | Means::Accounts)))
    }

    /// Of a subject and the groups that all of its sort are in, those that bindings name.
    pub(super) fn named(&self, subject: &Subject) -> Vec<Subject> {
        let mut own = memberships(subject);
        own.retain(|own| self.is_named(own));
        own
    }

    fn is_named(&self, subject: &Subject) -> bool {
        let masters = || *subject == Subject::Group(MASTERS.into());
        self.held.contains_key(subject) || self.doubts.contains_key(subject) || masters()
    }
}

impl Power {
    fn sort(&mut self) {
        for (at, found) in self.found.iter().enumerate() {
            let buckets = self.by_scope.entry(found.scope.clone()).or_default();
            if let Some(bucket) = buckets.get_mut(found.duty as usize) {
                bucket.add(at, found);
            }
        }
    }

    fn bucket(&self, scope: &Text, duty: Duty) -> Option<&Bucket> {
        self.by_scope.get(scope)?.get(duty as usize)
    }

    /// How a duty is held in `namespace`, or in the whole cluster; as [`Power::cell`] tells it.
    #[must_use]
    pub fn state(
        &self,
        duties: &Duties<'_>,
        namespace: Option<&Text>,
        duty: Duty,
    ) -> Option<State> {
        self.certain(namespace, duty).or_else(|| {
            let doubtful = !self.doubts_in(duties, namespace).is_empty();
            doubtful.then_some(State::Unknown)
        })
    }

    fn certain(&self, namespace: Option<&Text>, duty: Duty) -> Option<State> {
        let cluster = self.bucket(&Text::default(), duty);
        match namespace {
            None => cluster.and_then(|bucket| bucket.best),
            Some(namespace) => {
                let own = Some(namespace).filter(|namespace| !namespace.is_empty());
                let own = own.and_then(|namespace| self.bucket(namespace, duty));
                let both = own.into_iter().chain(cluster);
                both.filter_map(|bucket| bucket.within).min()
            }
        }
    }

    fn doubts_in(&self, duties: &Duties<'_>, namespace: Option<&Text>) -> Vec<Doubt> {
        let mut doubts = duties.rbac.unread_bindings(namespace);
        let own = self
            .doubts
            .iter()
            .filter(|(scope, _)| reaches(scope, namespace));
        doubts.extend(own.map(|(_, doubt)| doubt.clone()));
        doubts
    }

    /// The namespaces in which anything can differ from the whole cluster; `None` for all of them.
    #[must_use]
    pub fn own_scopes(&self) -> Option<BTreeSet<&Text>> {
        if self.found.iter().any(|found| found.elsewhere) {
            return None;
        }
        Some(
            self.by_scope
                .keys()
                .chain(self.doubts.iter().map(|(scope, _)| scope))
                .collect(),
        )
    }

    /// Where a duty is held for certain; the empty namespace is the whole cluster.
    #[must_use]
    pub fn scopes(&self, duty: Duty) -> BTreeSet<&Text> {
        let held = self.by_scope.iter().filter(|(_, buckets)| {
            let bucket = buckets.get(duty as usize);
            bucket.is_some_and(|bucket| !bucket.ways.is_empty())
        });
        held.map(|(scope, _)| scope).collect()
    }

    fn here<'a>(
        &'a self,
        namespace: Option<&'a Text>,
        duty: Duty,
    ) -> impl Iterator<Item = &'a Found> {
        let cluster = self.bucket(&Text::default(), duty);
        let own = namespace.filter(|namespace| !namespace.is_empty());
        let own = own.and_then(|namespace| self.bucket(namespace, duty));
        let both = cluster.into_iter().chain(own);
        let mut ways: Vec<usize> = both
            .flat_map(|bucket| bucket.ways.iter().copied())
            .collect();
        ways.sort_unstable();
        let found = ways.into_iter().filter_map(|at| self.found.get(at));
        found.filter(move |found| !(found.elsewhere && namespace.is_some()))
    }

    /// Every way to one duty in `namespace`, or in the whole cluster.
    pub(super) fn reasons<'a>(
        &'a self,
        namespace: Option<&'a Text>,
        duty: Duty,
    ) -> Vec<&'a Reason> {
        self.here(namespace, duty)
            .map(|found| &found.reason)
            .collect()
    }

    /// One duty in `namespace`, or in the whole cluster; `None` if it is not held for certain.
    #[must_use]
    pub fn cell(&self, duties: &Duties<'_>, namespace: Option<&Text>, duty: Duty) -> Option<Cell> {
        if let Some(state) = self.certain(namespace, duty) {
            let mut known: BTreeSet<&Reason> = BTreeSet::new();
            let strongest = self.here(namespace, duty).filter(|f| f.state == state);
            let reasons = strongest.filter(|found| known.insert(&found.reason));
            return Some(Cell {
                state,
                reasons: reasons.map(|found| found.reason.clone()).collect(),
                doubts: Vec::new(),
            });
        }
        let doubts = self.doubts_in(duties, namespace);
        (!doubts.is_empty()).then_some(Cell {
            state: State::Unknown,
            reasons: Vec::new(),
            doubts,
        })
    }
}

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
