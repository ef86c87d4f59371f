//! What the log shows that people did with too many duties in one hand (SOD-09, SOD-C7).
//!
//! Only what the log proves is told: requests that were not stored, whose effect is none, or whose
//! author has unknown groups are no finding here.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::analysis::Analysis;
use crate::history::{AttemptOutcome, ChangeRecord, Flag, ObjectRef, PrincipalKind};
use crate::model::{Key, Subject, Text};
use crate::rbac::duty::{Duties as Held, Duty, Rule, Severity};
use crate::rbac::owner::verdict;
use crate::rbac::{Grant, Identity, OwnerAnswer, OwnerVerdict, Principal};
use crate::report::table::plural;
use crate::report::time;

use super::emergency::principal;
use super::finding::Said;
use super::people::{Log, subject};

/// A role that is younger than this when it is used was granted for the occasion.
const YOUNG: SignedDuration = SignedDuration::from_hours(24);

/// What somebody did in one namespace, one sort of it.
pub(super) struct Deed {
    pub(super) rule: (Rule, Severity),
    pub(super) subject: Subject,
    pub(super) namespace: Text,
    pub(super) said: Said,
}

/// The sorts of deeds, worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Sort {
    ActingAsOwner,
    NotOwner,
    YoungRole,
    OutsidePod,
    BothHands,
    Denied,
}

impl Sort {
    const fn rule(self) -> (Rule, Severity) {
        match self {
            Self::ActingAsOwner | Self::NotOwner => (Rule::Exercised, Severity::High),
            Self::YoungRole | Self::OutsidePod => (Rule::Exercised, Severity::Medium),
            Self::BothHands => (Rule::BothHands, Severity::Medium),
            Self::Denied => (Rule::Exercised, Severity::Low),
        }
    }

    const fn what(self) -> &'static str {
        match self {
            Self::ActingAsOwner => "not_owner_acting_as_owner",
            Self::NotOwner => "policy_written_by_not_owner",
            Self::YoungRole => "owner_role_granted_within_a_day",
            Self::OutsidePod => "service_account_outside_a_pod",
            Self::BothHands => "policy_and_workload_by_one_person",
            Self::Denied => "denied_attempt_by_builder",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::ActingAsOwner => "is no owner and wrote policies acting as one",
            Self::NotOwner => "wrote policies without being an owner",
            Self::YoungRole => "wrote policies as an owner by a role granted less than 24 h before",
            Self::OutsidePod => {
                "wrote policies with a token used outside a pod, or with a legacy token"
            }
            Self::BothHands => "changed both the policies and a workload",
            Self::Denied => "builds, and was denied writing policies (403)",
        }
    }
}

/// What the log shows, and what it leaves open, one line each, escaped.
pub(super) struct Outcome {
    pub(super) deeds: Vec<Deed>,
    pub(super) undecided: Vec<String>,
}

/// Collects deeds by what, who and where.
pub(super) struct Exercised<'a> {
    analysis: &'a Analysis,
    held: &'a Held<'a>,
    log: &'a Log,
    answers: BTreeMap<(Text, Vec<Text>, PrincipalKind, Text), OwnerAnswer>,
    found: BTreeMap<(Sort, Text, Text), (Subject, Vec<Trace>)>,
    /// Writes of which nobody knows whether an owner made them, by reason.
    doubted: BTreeMap<String, usize>,
}

/// One event behind a deed: when, and in words, escaped.
type Trace = (Option<Timestamp>, String);

impl<'a> Exercised<'a> {
    pub(super) fn of(analysis: &'a Analysis, held: &'a Held<'a>, log: &'a Log) -> Outcome {
        let mut all = Self {
            analysis,
            held,
            log,
            answers: BTreeMap::new(),
            found: BTreeMap::new(),
            doubted: BTreeMap::new(),
        };
        for (key, change) in &log.written {
            if let Some(who) = principal(change) {
                all.write(key, change, &who);
            }
        }
        all.denied();
        let undecided = all.undecided();
        Outcome {
            deeds: all.found.into_iter().map(deed).collect(),
            undecided,
        }
    }

    fn write(&mut self, key: &Key, change: &ChangeRecord, who: &Principal) {
        let answer = self.answer(key, change, who);
        let trace = |detail: String| (change.when, told(key, change, &detail));
        match answer.verdict {
            OwnerVerdict::NotOwner => {
                let acting = self
                    .acting(key, change)
                    .map(|how| (Sort::ActingAsOwner, how));
                let why = || answer.reason.first().cloned().unwrap_or_default();
                let (sort, how) = acting.unwrap_or_else(|| (Sort::NotOwner, why()));
                self.add(sort, (who, key), trace(how));
            }
            OwnerVerdict::Owner => {
                if let Some(grant) = self.young(&answer, change) {
                    self.add(Sort::YoungRole, (who, key), trace(grant));
                }
            }
            OwnerVerdict::Unknown => {
                *self.doubted.entry(answer.reason.join(" and ")).or_default() += 1;
            }
            OwnerVerdict::BreakGlass => {}
        }
        if is_outside_pod(change, who) {
            self.add(Sort::OutsidePod, (who, key), trace(String::new()));
        }
        if answer.verdict != OwnerVerdict::BreakGlass
            && let Some(work) = self.own_work(key, change)
        {
            self.add(Sort::BothHands, (who, key), trace(work));
        }
    }

    fn answer(&mut self, key: &Key, change: &ChangeRecord, who: &Principal) -> OwnerAnswer {
        let groups = change.groups.clone();
        let id = (who.name.clone(), groups, change.kind, key.namespace.clone());
        let analysis = self.analysis;
        let answer = || analysis.owner_of(change, &key.namespace);
        self.answers.entry(id).or_insert_with(answer).clone()
    }

    /// Whom it acted as, if that is an owner.
    fn acting(&self, key: &Key, change: &ChangeRecord) -> Option<String> {
        let (name, groups) = change.via.acting_as.as_ref()?;
        let acted = Principal::new(name.clone(), groups.clone());
        let (rules, rbac) = (&self.analysis.rules, &self.analysis.rbac);
        let who = Some((&acted, Identity::Known));
        let answer = verdict(rules, rbac, who, &key.namespace);
        let owns = answer.verdict == OwnerVerdict::Owner;
        owns.then(|| format!("acting as {}", name.shown()))
    }

    /// The youngest grant, if nothing older made an owner.
    fn young(&self, answer: &OwnerAnswer, change: &ChangeRecord) -> Option<String> {
        let when = change.when?;
        if answer.declared {
            return None;
        }
        let age = |grant: &Grant| {
            let Grant::Bound(chain) = grant else {
                return None;
            };
            let mut bindings = self.analysis.rbac.bindings();
            let binding = bindings.find(|binding| binding.key == chain.binding)?;
            let age = when.duration_since(binding.meta.created?);
            (age >= SignedDuration::ZERO && age < YOUNG).then_some(age)
        };
        let all: Option<Vec<_>> = answer.grants.iter().map(age).collect();
        let all = all?.into_iter().zip(&answer.grants);
        let (age, grant) = all.max_by_key(|(age, _)| *age)?;
        let old = match age.as_mins() {
            minutes @ ..120 => format!("{minutes} min"),
            _ => format!("{} h", age.as_hours()),
        };
        let giver = match grant {
            Grant::Bound(chain) => self.log.giver(&chain.binding),
            Grant::Masters => None,
        };
        let by = match giver {
            Some(giver) if change.who.as_ref() == Some(giver) => ", given by itself".to_owned(),
            Some(giver) => format!(", given by {}", giver.shown()),
            None => String::new(),
        };
        Some(format!("through {grant}, {old} old{by}"))
    }

    /// A workload of the same namespace that the same person wrote last.
    fn own_work(&self, key: &Key, change: &ChangeRecord) -> Option<String> {
        let days = i64::from(self.analysis.rules.look_back_days);
        let look_back = SignedDuration::from_hours(24 * days);
        let near = |work: &ChangeRecord| {
            let (Some(a), Some(b)) = (work.when, change.when) else {
                return false;
            };
            a.duration_since(b).abs() <= look_back
        };
        let own = |(object, work): &&(ObjectRef, ChangeRecord)| {
            object.namespace == key.namespace
                && work.who == change.who
                && work.kind != PrincipalKind::Controller
                && near(work)
        };
        let works = self.log.works.iter().filter(own);
        let (object, work) = works.max_by_key(|(_, work)| work.when)?;
        let at = work.when.map(time::utc).unwrap_or_default();
        let name = Key::new(object.namespace.clone(), object.name.clone());
        Some(format!(
            "last write of {} {name} at {at}",
            object.resource.shown()
        ))
    }

    fn undecided(&self) -> Vec<String> {
        let (log, both) = (Rule::Exercised.id(), Rule::BothHands.id());
        if !self.analysis.audit.given {
            let line = format!("{log} and {both} cannot be decided without --audit-log");
            return vec![line];
        }
        let line = |(why, writes): (&String, &usize)| {
            let writes = plural(*writes, "write");
            format!("{log} cannot be decided for {writes} of policies: {why}")
        };
        self.doubted.iter().map(line).collect()
    }

    /// Denied writes by those who build somewhere.
    fn denied(&mut self) {
        let refused = |a: &&crate::history::Attempt| a.outcome == AttemptOutcome::Refused(403);
        let attempts: Vec<_> = self.analysis.attempts().filter(refused).cloned().collect();
        let mut builds: BTreeMap<(Text, Vec<Text>), Option<String>> = BTreeMap::new();
        for attempt in attempts {
            let Some(name) = attempt.who.clone() else {
                continue;
            };
            let id = (name.clone(), attempt.groups.clone());
            let who = Principal {
                name,
                groups: (!attempt.groups.is_empty()).then(|| attempt.groups.clone()),
            };
            let place = builds.entry(id).or_insert_with(|| self.builds_in(&who));
            if let Some(place) = place {
                let (verb, key) = (attempt.verb.shown(), &attempt.key);
                let at = attempt.when.map(time::utc).unwrap_or_default();
                let line = format!("{at} {verb} {key}; BUILD in {place}");
                self.add(Sort::Denied, (&who, key), (attempt.when, line));
            }
        }
    }

    fn builds_in(&self, who: &Principal) -> Option<String> {
        let power = self.held.power_of_person(who);
        let mut scopes = power.scopes(Duty::Build);
        let scope = scopes.next()?;
        let more = scopes.count();
        let first = if scope.is_empty() {
            return Some("the whole cluster".to_owned());
        } else {
            scope.shown().to_string()
        };
        Some(match more {
            0 => first,
            more => format!("{first} and {more} more"),
        })
    }

    fn add(&mut self, sort: Sort, (who, key): (&Principal, &Key), trace: Trace) {
        let id = (sort, who.name.clone(), key.namespace.clone());
        let found = self.found.entry(id);
        let (_, traces) = found.or_insert_with(|| (subject(who), Vec::new()));
        traces.push(trace);
    }
}

type Found = ((Sort, Text, Text), (Subject, Vec<Trace>));

fn deed(((sort, _, namespace), (subject, mut traces)): Found) -> Deed {
    // The newest first.
    traces.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| x.cmp(y)));
    let count = match traces.len() {
        1 => String::new(),
        many => format!(", {many} times"),
    };
    Deed {
        rule: sort.rule(),
        subject,
        namespace,
        said: Said {
            what: sort.what(),
            text: format!("{}{count}", sort.text()),
            evidence: traces.into_iter().map(|(_, line)| line).collect(),
        },
    }
}

/// `2026-11-23T02:31:40Z patch shop/web: …`, escaped.
fn told(key: &Key, change: &ChangeRecord, detail: &str) -> String {
    let at = change.when.map(time::utc);
    let at = at.unwrap_or_else(|| "at an unknown time".to_owned());
    let verb = change.via.verb.clone().unwrap_or_default();
    let colon = if detail.is_empty() { "" } else { ": " };
    format!("{at} {} {key}{colon}{detail}", verb.shown())
}

/// EV-15: a ServiceAccount, proven by its groups, whose token is bound to no pod. The accounts of
/// the control plane do not run in pods, and the text format tells nothing about tokens.
fn is_outside_pod(change: &ChangeRecord, who: &Principal) -> bool {
    let Subject::ServiceAccount(key) = subject(who) else {
        return false;
    };
    let built_in = change.kind == PrincipalKind::Controller && key.namespace == "kube-system";
    let silent = change.flags.contains(&Flag::TextFormat) || change.via.through.is_some();
    let pod = change
        .via
        .token
        .as_ref()
        .and_then(|token| token.pod.as_ref());
    !built_in && !silent && pod.is_none()
}
