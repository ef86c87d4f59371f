//! The walk from one subject to those whom it can take over, to a fixed point (SOD-06).

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use crate::model::{Key, Subject, Text};
use crate::rbac::can::Grant;
use crate::rbac::duty::hold::{Duties, Given, Held};
use crate::rbac::duty::{Duty, Means, Reason, State, Step};
use crate::rbac::principal::MASTERS;

use super::{Found, Power};

impl Duties<'_> {
    /// Whom one can take over, each with those of its memberships that bindings name.
    fn targets(&self, given: &Given, means: Means) -> Vec<Target> {
        let with_own = |subject: Subject| {
            let own = self.named(&subject);
            (subject, own)
        };
        let named = |make: fn(Text) -> Subject| -> Vec<Target> {
            given
                .names
                .iter()
                .cloned()
                .map(make)
                .map(with_own)
                .collect()
        };
        let known = |wanted: fn(&Subject) -> bool| -> Vec<Target> {
            let known = self.subjects().filter(|s| wanted(s)).cloned();
            known.map(with_own).collect()
        };
        match (means, given.names.is_empty()) {
            (Means::Users, false) => named(Subject::User),
            (Means::Groups, false) => named(Subject::Group),
            (Means::Users, true) => known(|s| !matches!(s, Subject::Group(_))),
            (Means::Groups, true) => {
                let mut groups = known(|s| matches!(s, Subject::Group(_)));
                groups.push(with_own(Subject::Group(MASTERS.into())));
                groups
            }
            // Accounts are looked at where they are.
            (Means::Accounts | Means::Workloads | Means::Pods | Means::Roles, _) => Vec::new(),
        }
    }
}

/// Somebody, with what of it bindings name.
type Target = (Subject, Vec<Subject>);

/// The accounts of a namespace, or all for the empty one.
fn in_scope<'a, T>(
    all: &'a BTreeMap<Key, T>,
    scope: &'a Text,
) -> impl Iterator<Item = (&'a Key, &'a T)> {
    all.range(Key::new(scope.clone(), "")..)
        .take_while(move |(key, _)| scope.is_empty() || key.namespace == *scope)
}

/// From one subject to everybody whom it can take over, each once.
pub(super) struct Walk<'a, 'b> {
    duties: &'a Duties<'b>,
    power: Power,
    seen: HashSet<Subject>,
    queue: VecDeque<(Subject, Vec<Step>)>,
    /// Whom it has met all of: who can do that once more meets nobody new.
    met: BTreeSet<(Crowd, Text)>,
    speaks: bool,
}

/// Many that are taken over at once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Crowd {
    Accounts,
    /// Those that pods run as.
    Running,
    Users,
    Groups,
}

impl<'a, 'b> Walk<'a, 'b> {
    /// One that can impersonate users, or not.
    pub(super) fn new(duties: &'a Duties<'b>, speaks: bool) -> Self {
        Self {
            duties,
            power: Power::default(),
            seen: HashSet::new(),
            queue: VecDeque::new(),
            met: BTreeSet::new(),
            speaks,
        }
    }

    /// Everything that whoever is `own` can do.
    pub(super) fn from(mut self, own: &[Subject]) -> Power {
        self.meet(own, &[]);
        while let Some((identity, steps)) = self.queue.pop_front() {
            self.visit(&identity, &steps);
        }
        self.power
    }

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
            Means::Roles => {}
            Means::Groups if !self.speaks => {}
            Means::Accounts | Means::Workloads | Means::Pods => {
                self.take_accounts(scope, (given, means), &onward);
            }
            Means::Groups | Means::Users => {
                let crowd = if means == Means::Groups {
                    Crowd::Groups
                } else {
                    Crowd::Users
                };
                if given.names.is_empty() && !self.met.insert((crowd, Text::default())) {
                    return;
                }
                for (target, own) in self.duties.targets(given, means) {
                    if own.iter().any(|own| !self.seen.contains(own)) {
                        self.meet(&own, &onward(Some(target)));
                    }
                }
            }
        }
    }

    fn take_accounts(
        &mut self,
        scope: &Text,
        (given, means): (&Given, Means),
        onward: &dyn Fn(Option<Subject>) -> Vec<Step>,
    ) {
        // The names of a workload or a pod are not those of accounts.
        let any = means != Means::Accounts || given.names.is_empty();
        let members = &self.duties.members;
        let (crowd, all) = if means == Means::Pods {
            (Crowd::Running, &members.running)
        } else {
            (Crowd::Accounts, &members.all)
        };
        if self.has_met(crowd, scope) {
            return;
        }
        if any {
            self.met.insert((crowd, scope.clone()));
        }
        for (key, own) in in_scope(all, scope) {
            let wanted = any || given.names.contains(&key.name);
            if wanted && own.iter().any(|own| !self.seen.contains(own)) {
                let target = Subject::ServiceAccount(key.clone());
                self.meet(own, &onward(Some(target)));
            }
        }
    }

    /// Whether all of a scope were met, alone or with others.
    fn has_met(&self, crowd: Crowd, scope: &Text) -> bool {
        let met = |crowd| {
            [scope, &Text::default()]
                .into_iter()
                .any(|scope| self.met.contains(&(crowd, scope.clone())))
        };
        met(crowd) || crowd == Crowd::Running && met(Crowd::Accounts)
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
