//! Joins the audit facts with the live objects: who last changed each policy, on which evidence,
//! how sure (EV-01 to EV-26).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::absent;
use super::digest::fingerprint;
use super::fact::{Action, Fact};
use super::gap;
use super::joins;
use super::ledger::Ledger;
use super::lives::{self, Lives};
use super::lookalike::{self, Names};
use super::managed;
use super::order::Bounds;
use super::person;
use super::provenance;
use super::record::{
    Attempt, AttemptOutcome, AuditCoverage, ChangeRecord, Confidence, Evidence, Flag, PolicyHistory,
};
use super::stamp;
use super::target::Target;
use super::walk::{self, Findings, LiveEnd, Spec};
use crate::model::{AdminApi, Key, Kind, NetworkPolicy, PolicyId, Text};

/// After this long without an answer a begun write counts as unfinished (EV-08).
const PATIENCE: SignedDuration = SignedDuration::from_secs(60);
/// How many requests without effect one policy shows.
const MAX_ATTEMPTS: usize = 32;

/// What attribution has to be told beside the evidence.
#[derive(Clone, PartialEq, Debug)]
pub struct AttributionContext {
    /// Patterns of user names whose impersonation is believed (EV-13).
    pub trusted_impersonators: Vec<Text>,
    /// Patterns of the accounts of each GitOps tool, by tool: `argocd`, `flux` (EV-39).
    pub gitops_accounts: BTreeMap<Text, Vec<Text>>,
    /// Patterns of further accounts that are programs, not people (EV-02).
    pub controllers: Vec<Text>,
    /// Where the live NetworkPolicies are completely known: only there is an absent policy a
    /// deleted one.
    pub listed: Listed,
    /// The kinds of cluster-wide policies that are completely known.
    pub listed_tiers: BTreeSet<Kind>,
    /// The present.
    pub now: Timestamp,
}

/// The namespaces whose policies were all read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Listed {
    /// All of them.
    Everywhere,
    /// These.
    Namespaces(BTreeSet<Text>),
}

impl Listed {
    fn contains(&self, namespace: &Text) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Namespaces(names) => names.contains(namespace),
        }
    }
}

impl AttributionContext {
    fn is_listed(&self, id: &PolicyId) -> bool {
        match id.kind {
            Kind::NetworkPolicy => self.listed.contains(&id.key.namespace),
            tier => self.listed_tiers.contains(&tier),
        }
    }

    /// The defaults of EV-39, nobody trusted to impersonate, every policy listed.
    pub fn new(now: Timestamp) -> Self {
        let account = |name: &str| Text::from(format!("system:serviceaccount:{name}"));
        let argo = vec![account("argocd:argocd-application-controller")];
        let flux = vec![
            account("flux-system:kustomize-controller"),
            account("flux-system:helm-controller"),
        ];
        Self {
            trusted_impersonators: Vec::new(),
            gitops_accounts: BTreeMap::from([("argocd".into(), argo), ("flux".into(), flux)]),
            controllers: Vec::new(),
            listed: Listed::Everywhere,
            listed_tiers: AdminApi::ALL.map(AdminApi::kind).into(),
            now,
        }
    }
}

/// The history of every live NetworkPolicy, and of every one that the log proves to be gone.
pub fn attribute(
    ledger: &Ledger,
    policies: &imbl::OrdMap<Key, Arc<NetworkPolicy>>,
    context: &AttributionContext,
) -> BTreeMap<Key, PolicyHistory> {
    let targets: Vec<_> = policies.values().map(Target::from).collect();
    let all = attribute_all(ledger, &targets, context).into_iter();
    all.filter(|(id, _)| id.kind == Kind::NetworkPolicy)
        .map(|(id, history)| (id.key, history))
        .collect()
}

/// The history of every live policy of any kind, and of every policy that the log proves to be
/// gone. `targets` are all live policies.
pub fn attribute_all(
    ledger: &Ledger,
    targets: &[Target<'_>],
    context: &AttributionContext,
) -> BTreeMap<PolicyId, PolicyHistory> {
    let job = Job::new(ledger, targets, context);
    let mut all: BTreeMap<PolicyId, PolicyHistory> = targets
        .iter()
        .map(|target| (target.id.clone(), job.live(target)))
        .collect();
    for (id, trail) in ledger.trails() {
        if all.contains_key(id) || !context.is_listed(id) {
            continue;
        }
        if let Some(mut history) = absent::history(ledger, id, trail, context) {
            history.attempts = job.attempts_on(id);
            let records = [&mut history.deleted, &mut history.deletion_completed_by];
            records
                .into_iter()
                .flatten()
                .for_each(|r| job.finish(r, id));
            all.insert(id.clone(), history);
        }
    }
    all
}

/// The coverage of the log, joined with the live policies: whether writes to policies are logged
/// at all (EV-25).
pub fn coverage(
    ledger: &Ledger,
    policies: &imbl::OrdMap<Key, Arc<NetworkPolicy>>,
) -> AuditCoverage {
    let mut coverage = ledger.coverage();
    let (Some(first), Some(last)) = (coverage.first, coverage.last) else {
        return coverage;
    };
    let born_inside = policies
        .values()
        .filter_map(|policy| policy.meta.created)
        .any(|created| created > first && created < last);
    if coverage.policies_logged.is_none() && born_inside {
        coverage.policies_logged = Some(false);
    }
    coverage
}

/// What is worked out once for all policies.
struct Job<'a> {
    ledger: &'a Ledger,
    context: &'a AttributionContext,
    attempts: HashMap<PolicyId, Vec<&'a Attempt>>,
    reused: BTreeSet<&'a Text>,
    unfinished: HashMap<&'a PolicyId, Vec<&'a Fact>>,
    joined: HashMap<PolicyId, &'a Fact>,
    names: Names<'a>,
}

impl<'a> Job<'a> {
    fn new(ledger: &'a Ledger, targets: &[Target<'_>], context: &'a AttributionContext) -> Self {
        let mut attempts: HashMap<_, Vec<_>> = HashMap::new();
        for attempt in ledger.attempts() {
            attempts.entry(attempt.id()).or_default().push(attempt);
        }
        let mut unfinished: HashMap<_, Vec<_>> = HashMap::new();
        let limit = context.now.saturating_sub(PATIENCE).unwrap_or(context.now);
        for (id, fact) in ledger.unfinished(limit) {
            unfinished.entry(id).or_default().push(fact);
        }
        Self {
            ledger,
            context,
            attempts,
            reused: joins::reused(ledger),
            unfinished,
            joined: joins::joined(ledger, targets),
            names: joins::names(ledger),
        }
    }

    fn live(&self, policy: &Target<'_>) -> PolicyHistory {
        let lives = self.lives(policy);
        let people =
            |a: &Fact, b: &Fact| person::who(a, self.context) == person::who(b, self.context);
        let end = policy.meta.generation.map(|generation| LiveEnd {
            generation,
            deleting: policy.meta.deleting.is_some(),
        });
        let found = walk::walk(&lives.live, end, &people);
        let mut spec = self.spec_record(policy, &lives, &found);
        self.add_flags(&mut spec, policy, &lives, &found);
        stamp::weigh(&mut spec, policy, self.ledger.protection(), self.context);
        provenance::annotate(&mut spec, policy, self.context);
        self.finish(&mut spec, &policy.id);
        let metadata = found.metadata.map(|(fact, confidence)| {
            let mut record = person::record(fact, self.context);
            record.confidence = metadata_confidence(confidence, fact, policy);
            self.finish(&mut record, &policy.id);
            record
        });
        PolicyHistory {
            last_spec_change: spec,
            last_metadata_change: metadata,
            attempts: self.attempts_on(&policy.id),
            ..PolicyHistory::default()
        }
    }

    /// The facts about the live object, a create joined by time and unfinished writes included.
    fn lives(&self, policy: &Target<'_>) -> Lives<'a> {
        let trail = self.ledger.trail(&policy.id);
        let facts = trail.map_or(&[][..], |trail| trail.facts());
        let joined = self.joined.get(&policy.id).copied();
        let unfinished = self.unfinished.get(&policy.id).into_iter().flatten();
        let all = facts.iter().chain(joined).chain(unfinished.copied());
        lives::part(all, policy.meta, self.context.now)
    }

    fn spec_record(
        &self,
        policy: &Target<'_>,
        lives: &Lives<'a>,
        found: &Findings<'a>,
    ) -> ChangeRecord {
        match &found.spec {
            Spec::By {
                fact,
                proven,
                after_gap,
                doubtful,
            } => {
                let mut record = person::record(fact, self.context);
                record.confidence = self.confidence(policy, fact, *proven);
                if *after_gap {
                    record.flag(Flag::GenerationGap);
                    record.detail = Some("changes before it were not seen".to_owned());
                }
                if *doubtful {
                    record.flag(Flag::UncertainWrites);
                }
                self.check_time(&mut record, policy);
                self.check_unknown_end(record, policy, found)
            }
            Spec::Among {
                facts,
                doubtful,
                gap,
            } => self.among(facts, *doubtful, *gap),
            Spec::Missing { explained } => gap::missing(policy, *explained, lives, self.context),
            Spec::Unseen => self.unseen(policy, lives),
        }
    }

    /// EV-04: confirmed only with the live object's uid, generation and spec.
    fn confidence(&self, policy: &Target<'_>, fact: &Fact, proven: bool) -> Confidence {
        let joined = self.joined.get(&policy.id);
        if joined.is_some_and(|joined| std::ptr::eq(*joined, fact)) {
            return Confidence::Hint;
        }
        let same = fact.state.as_ref().is_some_and(|state| {
            let meta = policy.meta;
            let deleting = i64::from(meta.deleting.is_some());
            meta.uid.is_some()
                && meta.uid == fact.uid
                && state.generation.is_some()
                && (meta.generation == state.generation
                    || meta.generation.map(|g| g - deleting) == state.generation)
                && state.spec == fingerprint(policy.spec)
        });
        if proven && same {
            Confidence::Confirmed
        } else {
            Confidence::Likely
        }
    }

    /// A source that tells no generation proves by its spec alone that nothing came after.
    fn check_unknown_end(
        &self,
        record: ChangeRecord,
        policy: &Target<'_>,
        found: &Findings<'_>,
    ) -> ChangeRecord {
        let state = found.last.and_then(|fact| fact.state.as_ref());
        let known = policy.meta.generation.is_some()
            || state.is_some_and(|state| state.spec == fingerprint(policy.spec));
        if known {
            return record;
        }
        let mut hint = managed::hint(policy.meta, self.context.now);
        hint.flag(Flag::GenerationGap);
        hint.detail = Some("the log's last known spec is not this one".to_owned());
        hint
    }

    /// One of several writes: a person only if all are of one person (EV-20, EV-24).
    fn among(&self, facts: &[&Fact], doubtful: bool, gap: bool) -> ChangeRecord {
        let mut names: Vec<Text> = Vec::new();
        for fact in facts {
            let who = person::who(fact, self.context);
            if !names.contains(who) {
                names.push(who.clone());
            }
        }
        let mut record = if let (Some(fact), 1) = (facts.last(), names.len()) {
            let mut record = person::record(fact, self.context);
            record.audit_id = None;
            record.when = None;
            record
        } else {
            let mut record = ChangeRecord {
                evidence: Evidence::Audit,
                confidence: Confidence::Hint,
                candidates: names,
                ..ChangeRecord::default()
            };
            record.flag(Flag::AmbiguousOrder);
            record
        };
        record.not_before = facts.iter().filter_map(|f| f.received.or(f.when)).min();
        for (set, flag) in [
            (doubtful, Flag::UncertainWrites),
            (gap, Flag::GenerationGap),
            (facts.iter().any(|f| f.unfinished), Flag::Unfinished),
            (facts.iter().any(|f| f.truncated), Flag::Truncated),
            (facts.iter().any(|f| f.text), Flag::TextFormat),
        ] {
            if set {
                record.flag(flag);
            }
        }
        record
    }

    /// No fact explains the spec: the create is outside the log (EV-24).
    fn unseen(&self, policy: &Target<'_>, lives: &Lives<'_>) -> ChangeRecord {
        let mut record = managed::hint(policy.meta, self.context.now);
        if self.ledger.coverage().given {
            record.flag(Flag::GenerationGap);
            let detail = gap::detail(policy, 0, lives, self.context);
            record.detail = Some(match record.detail.take() {
                Some(tied) => format!("{detail}; {tied}"),
                None => detail,
            });
        }
        record
    }

    fn check_time(&self, record: &mut ChangeRecord, policy: &Target<'_>) {
        let bounds = Bounds {
            created: policy.meta.created,
            now: self.context.now,
        };
        if record.when.is_some_and(|when| bounds.is_skewed(when)) {
            record.flag(Flag::ClockSkew);
        }
    }

    fn add_flags(
        &self,
        record: &mut ChangeRecord,
        policy: &Target<'_>,
        lives: &Lives<'_>,
        found: &Findings<'_>,
    ) {
        let alive = policy.meta.deleting.is_none();
        let dead = |fact: &&Fact| fact.stored && fact.action == Action::Delete;
        let joined = self.joined.get(&policy.id).is_some_and(
            |joined| matches!(found.spec, Spec::By { fact, .. } if std::ptr::eq(*joined, fact)),
        );
        let audited = record.evidence == Evidence::Audit;
        for (set, flag) in [
            (joined, Flag::MatchedByTimeOnly),
            (
                alive && lives.live.iter().any(dead),
                Flag::DeleteWithoutEffect,
            ),
            (found.no_ops, Flag::NoOpSeen),
            (lives.live.iter().any(|f| f.unfinished), Flag::Unfinished),
            (
                audited && managed::contradicts(policy.meta, record.when),
                Flag::ManagedFieldsContradictAudit,
            ),
            (managed::is_absent(policy.meta), Flag::ManagedFieldsAbsent),
        ] {
            if set {
                record.flag(flag);
            }
        }
        if lives.earlier.iter().any(|fact| fact.stored) {
            record.flag(Flag::Recreated);
            let detail = gap::recreation(lives, self.context);
            record.detail = record.detail.take().or(detail);
        }
    }

    /// Flags that any record of the policy may have.
    fn finish(&self, record: &mut ChangeRecord, id: &PolicyId) {
        self.tell_lookalikes(record);
        let attempts = self.attempts.get(id);
        let mut attempts = attempts.into_iter().flatten();
        let overflowed = self
            .ledger
            .trail(id)
            .is_some_and(super::trail::Trail::overflowed);
        for (set, flag) in [
            (
                record
                    .audit_id
                    .as_ref()
                    .is_some_and(|id| self.reused.contains(id)),
                Flag::AuditIdReused,
            ),
            (
                attempts.any(|attempt| attempt.outcome == AttemptOutcome::DryRun),
                Flag::DryRunSeen,
            ),
            (
                overflowed || self.ledger.is_damaged(&id.key),
                Flag::EvidenceSkipped,
            ),
        ] {
            if set {
                record.flag(flag);
            }
        }
    }

    /// Names that are not who they seem to be (HOST-02).
    fn tell_lookalikes(&self, record: &mut ChangeRecord) {
        let acting = record.via.acting_as.as_ref().map(|(name, _)| name.clone());
        for name in record.who.clone().into_iter().chain(acting) {
            if let Some(other) = self.names.like(&name) {
                record.flag(Flag::Lookalike);
                record.say(format!("{} looks like {}", name.shown(), other.shown()));
            } else if lookalike::mixes_scripts(name.as_str()) {
                record.flag(Flag::Lookalike);
                record.say(format!("{} mixes scripts", name.shown()));
            }
        }
    }

    fn attempts_on(&self, id: &PolicyId) -> Vec<Attempt> {
        let all = self.attempts.get(id).map_or(&[][..], Vec::as_slice);
        let newest = all.len().saturating_sub(MAX_ATTEMPTS);
        all.iter().skip(newest).map(|a| (*a).clone()).collect()
    }
}

/// A metadata change is proven only if it is the object's last write.
fn metadata_confidence(found: Confidence, fact: &Fact, policy: &Target<'_>) -> Confidence {
    let last = fact.state.as_ref().is_some_and(|state| {
        policy.meta.uid.is_some()
            && policy.meta.uid == fact.uid
            && policy.meta.resource_version == state.version_text
    });
    if last {
        found
    } else {
        found.min(Confidence::Likely)
    }
}
