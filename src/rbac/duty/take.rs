//! What one subject can do, itself and by taking others over, to a fixed point (SOD-06).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::model::{Key, Subject, Text};
use crate::rbac::can::{Doubt, Grant, identities};
use crate::rbac::principal::{AUTHENTICATED, MASTERS, Principal, UNAUTHENTICATED};

use super::hold::{Duties, Given, Held};
use super::{Cell, Duty, Means, Reason, State, Step};

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
        let mut walk = Walk {
            duties: self,
            power: Power::default(),
            seen: BTreeSet::new(),
            queue: VecDeque::new(),
            speaks: false,
        };
        walk.meet(own, &[]);
        walk.speaks = walk.seen.iter().any(|own| self.speaks(own));
        while let Some((identity, steps)) = walk.queue.pop_front() {
            walk.visit(&identity, &steps);
        }
        walk.power.sort();
        walk.power
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

    /// Whom one can take over, each with those of its memberships that bindings name.
    fn targets<'t>(&'t self, scope: &'t Text, given: &Given, means: Means) -> Vec<Target<'t>> {
        let accounts = |all| {
            // The names of a workload or a pod are not those of accounts.
            let any = means != Means::Accounts || given.names.is_empty();
            let known = in_scope(all, scope);
            let known = known.filter(|(key, _)| any || given.names.contains(&key.name));
            known.map(account).collect()
        };
        let with_own = |subject: Subject| {
            let own = self.named(&subject);
            (subject, Cow::Owned(own))
        };
        let named = |make: fn(Text) -> Subject| -> Vec<Target<'t>> {
            given
                .names
                .iter()
                .cloned()
                .map(make)
                .map(with_own)
                .collect()
        };
        let known = |wanted: fn(&Subject) -> bool| -> Vec<Target<'t>> {
            let known = self.subjects().filter(|s| wanted(s)).cloned();
            known.map(with_own).collect()
        };
        match (means, given.names.is_empty()) {
            (Means::Accounts | Means::Workloads, _) => accounts(&self.members.all),
            (Means::Pods, _) => accounts(&self.members.running),
            (Means::Users, false) => named(Subject::User),
            (Means::Groups, false) => named(Subject::Group),
            (Means::Users, true) => known(|s| !matches!(s, Subject::Group(_))),
            (Means::Groups, true) => {
                let mut groups = known(|s| matches!(s, Subject::Group(_)));
                groups.push(with_own(Subject::Group(MASTERS.into())));
                groups
            }
            (Means::Roles, _) => Vec::new(),
        }
    }
}

/// Somebody, with what of it bindings name.
type Target<'a> = (Subject, Cow<'a, [Subject]>);

fn account<'a>((key, own): (&Key, &'a Vec<Subject>)) -> Target<'a> {
    let account = Subject::ServiceAccount(key.clone());
    (account, Cow::Borrowed(own))
}

/// The accounts of a namespace, or all for the empty one.
fn in_scope<'a, T>(
    all: &'a BTreeMap<Key, T>,
    scope: &'a Text,
) -> impl Iterator<Item = (&'a Key, &'a T)> {
    all.range(Key::new(scope.clone(), "")..)
        .take_while(move |(key, _)| scope.is_empty() || key.namespace == *scope)
}

struct Walk<'a, 'b> {
    duties: &'a Duties<'b>,
    power: Power,
    seen: BTreeSet<Subject>,
    queue: VecDeque<(Subject, Vec<Step>)>,
    speaks: bool,
}

impl Walk<'_, '_> {
    fn meet(&mut self, identities: &[Subject], steps: &[Step]) {
        for identity in identities {
            if self.seen.insert(identity.clone()) {
                self.queue.push_back((identity.clone(), steps.to_vec()));
            }
        }
    }

    fn visit(&mut self, identity: &Subject, steps: &[Step]) {
        if *identity == Subject::Group(MASTERS.into()) {
            for duty in Duty::ALL {
                self.find(
                    &Text::default(),
                    duty,
                    (false, false),
                    (steps, Some(Grant::Masters)),
                );
            }
        }
        self.doubt(identity);
        let duties = self.duties;
        for (scope, held) in duties.held.get(identity).into_iter().flatten() {
            for (given, grant) in &held.given {
                self.hold(scope, given, (steps, grant));
                if let Some(means) = given.takes {
                    self.take(scope, (given, means, held), (steps, grant));
                }
            }
        }
    }

    fn hold(&mut self, scope: &Text, given: &Given, (steps, grant): (&[Step], &Grant)) {
        let elsewhere = given.cluster && !given.names.is_empty();
        let at = self.power.found.len();
        let kind = (given.narrow, elsewhere);
        self.find(scope, given.duty, kind, (steps, Some(grant.clone())));
        if let Some(found) = self.power.found.get_mut(at) {
            found.reason.names.clone_from(&given.names);
        }
    }

    fn find(
        &mut self,
        scope: &Text,
        duty: Duty,
        (narrow, elsewhere): (bool, bool),
        (steps, grant): (&[Step], Option<Grant>),
    ) {
        let state = match (narrow, steps.is_empty()) {
            (true, _) => State::Narrow,
            (false, true) => State::Direct,
            (false, false) => State::Transitive,
        };
        self.power.found.push(Found {
            scope: scope.clone(),
            duty,
            state,
            elsewhere,
            reason: Reason {
                steps: steps.to_vec(),
                grant,
                names: Vec::new(),
            },
        });
    }

    fn take(
        &mut self,
        scope: &Text,
        (given, means, held): (&Given, Means, &Held),
        (steps, grant): (&[Step], &Grant),
    ) {
        let onward = |target: Option<Subject>| {
            let step = Step {
                means,
                target,
                grant: grant.clone(),
            };
            [steps, &[step]].concat()
        };
        match means {
            Means::Roles if held.writes_roles => self.give(scope, given, &onward(None)),
            Means::Groups if !self.speaks => (),
            Means::Roles
            | Means::Groups
            | Means::Accounts
            | Means::Workloads
            | Means::Pods
            | Means::Users => {
                for (target, own) in self.duties.targets(scope, given, means) {
                    if own.iter().any(|own| !self.seen.contains(own)) {
                        self.meet(&own, &onward(Some(target)));
                    }
                }
            }
        }
    }

    /// RB-15: any role can be given, or those with certain names.
    fn give(&mut self, scope: &Text, given: &Given, steps: &[Step]) {
        let duties = self.duties;
        let named = |duty: Duty| {
            let within = |name: &Text| {
                let roles = [
                    Key::cluster(name.clone()),
                    Key::new(scope.clone(), name.clone()),
                ];
                let given = roles
                    .iter()
                    .filter_map(|key| duties.roles.get(key))
                    .flatten();
                given.into_iter().any(|g| g.duty == duty)
            };
            given.names.is_empty() || given.names.iter().any(within)
        };
        for duty in Duty::ALL.into_iter().filter(|duty| named(*duty)) {
            self.find(scope, duty, (false, false), (steps, None));
        }
    }

    /// Roles that it is bound to and that could not be read (RB-17).
    fn doubt(&mut self, identity: &Subject) {
        let known = self.duties.doubts.get(identity).into_iter().flatten();
        self.power.doubts.extend(known.cloned());
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
