//! The walk from one subject to those whom it can take over, to a fixed point (SOD-06).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::model::{Key, Subject, Text};
use crate::rbac::can::Grant;
use crate::rbac::duty::hold::{At, CLUSTER, Duties, Given, Held, Who};
use crate::rbac::duty::{Duty, Means, State};
use crate::rbac::principal::MASTERS;

use super::{Found, Power, Taken};

impl Duties<'_> {
    /// Whom one can take over, each with those of its memberships that bindings name.
    fn targets(&self, given: &Given, means: Means) -> Vec<Target> {
        let with_own = |subject: Subject| {
            let own = self.named(&subject);
            (subject, own)
        };
        let named = |make: fn(Text) -> Subject| -> Vec<Target> {
            let names = given.names.iter().cloned();
            names.map(make).map(with_own).collect()
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
type Target = (Subject, Vec<Who>);

/// The accounts of a namespace, or all for the empty one.
fn in_scope<'a, T>(
    all: &'a BTreeMap<Key, T>,
    scope: &'a Text,
) -> impl Iterator<Item = (&'a Key, &'a T)> {
    all.range(Key::new(scope.clone(), "")..)
        .take_while(move |(key, _)| scope.is_empty() || key.namespace == *scope)
}

/// From one subject to everybody whom it can take over, each once.
pub(super) struct Walk<'a> {
    duties: &'a Duties<'a>,
    power: Power<'a>,
    /// Whether it has met each subject.
    seen: Vec<bool>,
    queue: VecDeque<(Who, Option<usize>)>,
    /// Whom it has met all of: who can do that once more meets nobody new.
    met: BTreeSet<(Crowd, At)>,
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

/// What a rule gives in a scope, and by which grant.
#[derive(Clone, Copy)]
struct Gift<'a> {
    at: At,
    given: &'a Given,
    grant: &'a Grant,
}

impl<'a> Walk<'a> {
    /// One that can impersonate users, or not.
    pub(super) fn new(duties: &'a Duties<'a>, speaks: bool) -> Self {
        Self {
            duties,
            power: Power::none(duties),
            seen: vec![false; duties.owns.len()],
            queue: VecDeque::new(),
            met: BTreeSet::new(),
            speaks,
        }
    }

    /// Everything that whoever is `own` can do.
    pub(super) fn from(mut self, own: &[Who]) -> Power<'a> {
        self.meet(own, None);
        while let Some((who, through)) = self.queue.pop_front() {
            self.visit(who, through);
        }
        self.power
    }

    fn meet(&mut self, own: &[Who], through: Option<usize>) {
        for who in own {
            if self.is_new(*who) {
                if let Some(seen) = self.seen.get_mut(*who) {
                    *seen = true;
                }
                self.queue.push_back((*who, through));
            }
        }
    }

    fn is_new(&self, who: Who) -> bool {
        self.seen.get(who) == Some(&false)
    }

    fn visit(&mut self, who: Who, through: Option<usize>) {
        let duties = self.duties;
        let Some(own) = duties.owns.get(who) else {
            return;
        };
        if matches!(&own.subject, Subject::Group(name) if *name == MASTERS) {
            for duty in Duty::ALL {
                self.give_all(CLUSTER, duty, (through, Some(&Grant::Masters)));
            }
        }
        // Roles that it is bound to and that could not be read (RB-17).
        self.power.doubts.extend(own.doubts.iter().cloned());
        for (at, held) in &own.held {
            for (given, grant) in &held.given {
                let gift = Gift {
                    at: *at,
                    given,
                    grant,
                };
                self.hold(gift, through);
                if let Some(means) = given.takes {
                    self.take(gift, (means, held), through);
                }
            }
        }
    }

    fn hold(&mut self, gift: Gift<'a>, through: Option<usize>) {
        let Gift { at, given, grant } = gift;
        self.power.found.push(Found {
            scope: at,
            duty: given.duty,
            state: match (given.narrow, through) {
                (true, _) => State::Narrow,
                (false, None) => State::Direct,
                (false, Some(_)) => State::Transitive,
            },
            elsewhere: given.cluster && !given.names.is_empty(),
            through,
            grant: Some(grant),
            names: &given.names,
        });
    }

    /// All that a duty is about in a scope.
    fn give_all(
        &mut self,
        scope: At,
        duty: Duty,
        (through, grant): (Option<usize>, Option<&'a Grant>),
    ) {
        self.power.found.push(Found {
            scope,
            duty,
            state: through.map_or(State::Direct, |_| State::Transitive),
            elsewhere: false,
            through,
            grant,
            names: &[],
        });
    }

    fn take(&mut self, gift: Gift<'a>, (means, held): (Means, &Held), through: Option<usize>) {
        let given = gift.given;
        match means {
            Means::Roles if held.writes_roles => self.give(gift, through),
            Means::Roles => {}
            Means::Groups if !self.speaks => {}
            Means::Accounts | Means::Workloads | Means::Pods => {
                self.take_accounts(gift, means, through);
            }
            Means::Groups | Means::Users => {
                let crowd = if means == Means::Groups {
                    Crowd::Groups
                } else {
                    Crowd::Users
                };
                if given.names.is_empty() && !self.met.insert((crowd, CLUSTER)) {
                    return;
                }
                for (target, own) in self.duties.targets(given, means) {
                    self.take_over((means, gift.grant), (target, &own), through);
                }
            }
        }
    }

    /// Meets whoever is new of what somebody is.
    fn take_over(
        &mut self,
        (means, grant): (Means, &'a Grant),
        (target, own): (Subject, &[Who]),
        through: Option<usize>,
    ) {
        if own.iter().any(|own| self.is_new(*own)) {
            let step = self.step((means, grant), Some(target), through);
            self.meet(own, Some(step));
        }
    }

    fn step(
        &mut self,
        (means, grant): (Means, &'a Grant),
        target: Option<Subject>,
        through: Option<usize>,
    ) -> usize {
        self.power.taken.push(Taken {
            through,
            means,
            target,
            grant,
        });
        self.power.taken.len() - 1
    }

    fn take_accounts(&mut self, gift: Gift<'a>, means: Means, through: Option<usize>) {
        let Gift { at, given, grant } = gift;
        // The names of a workload or a pod are not those of accounts.
        let any = means != Means::Accounts || given.names.is_empty();
        let duties = self.duties;
        let (crowd, all) = if means == Means::Pods {
            (Crowd::Running, &duties.members.running)
        } else {
            (Crowd::Accounts, &duties.members.all)
        };
        let Some(scope) = duties.scopes.get(at).filter(|_| !self.has_met(crowd, at)) else {
            return;
        };
        if any {
            self.met.insert((crowd, at));
        }
        for (key, own) in in_scope(all, scope) {
            let wanted = any || given.names.contains(&key.name);
            if wanted && own.iter().any(|own| self.is_new(*own)) {
                let target = Subject::ServiceAccount(key.clone());
                self.take_over((means, grant), (target, own), through);
            }
        }
    }

    /// Whether all of a scope were met, alone or with others.
    fn has_met(&self, crowd: Crowd, scope: At) -> bool {
        let met = |crowd| {
            [scope, CLUSTER]
                .iter()
                .any(|at| self.met.contains(&(crowd, *at)))
        };
        met(crowd) || crowd == Crowd::Running && met(Crowd::Accounts)
    }

    /// RB-15: any role can be given, or those with certain names.
    fn give(&mut self, gift: Gift<'a>, through: Option<usize>) {
        let Gift { at, given, grant } = gift;
        let duties = self.duties;
        let Some(scope) = duties.scopes.get(at) else {
            return;
        };
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
        let step = self.step((Means::Roles, grant), None, through);
        for duty in Duty::ALL.into_iter().filter(|duty| named(*duty)) {
            self.give_all(at, duty, (Some(step), None));
        }
    }
}
