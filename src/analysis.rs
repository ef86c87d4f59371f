//! Everything known at one version of the cluster: the immutable value that the screen draws and
//! the commands print.
//!
//! [`Analysis`] is the only place where the parts of the core are put together. It is pure: the same
//! input gives the same analysis, be it by itself ([`Analysis::of`]) or after another ([`Analyst`]).

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use crate::enforcement::Enforcement;
use crate::exposure::Exposure;
use crate::history::{
    self, Attempt, AttributionContext, AuditCoverage, Blame, ChangeRecord, Ledger, Listed,
    ObjectRef, PolicyHistory, PrincipalKind, Target, Version,
};
use crate::model::{Inventory, Key, Kind, PolicyId, Text, World};
use crate::rbac::owner::{self, Identity};
use crate::rbac::rules::Pattern;
use crate::rbac::{Aggregation, OwnerAnswer, OwnerVerdict, Principal, Rbac, Rules};
use crate::reach::{BlocksMatchPods, Note, Options, Reach};

pub mod bypass;

mod analyst;
mod elsewhere;
mod notes;

pub use analyst::Analyst;
pub use notes::About;

/// What an analysis is made from.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// The cluster.
    pub world: &'a World,
    /// Audit facts; an empty ledger when there is no audit source.
    pub ledger: &'a Ledger,
    /// Owners and the other declarations of the team.
    pub rules: &'a Arc<Rules>,
    /// How the engine reads the policies.
    pub options: Options,
    /// Whether aggregated roles are taken as stored or computed (RB-10).
    pub aggregation: Aggregation,
    /// The present, for ages and expiry.
    pub now: Timestamp,
}

/// One version of everything.
#[derive(Debug)]
pub struct Analysis {
    /// The cluster.
    pub world: World,
    /// Reachability, with its inventory of workloads.
    pub reach: Arc<Reach>,
    /// Whether the network obeys policies, and what else has a say.
    pub enforcement: Arc<Enforcement>,
    /// Every policy by key, policies that only the audit log knows included.
    pub policies: BTreeMap<Key, PolicyReport>,
    /// Every policy of the Admin and Baseline tiers in the same way.
    pub tiers: BTreeMap<PolicyId, PolicyReport>,
    /// RBAC, for further questions.
    pub rbac: Arc<Rbac>,
    /// The declarations that the verdicts used.
    pub rules: Arc<Rules>,
    /// What the audit log covers.
    pub audit: AuditCoverage,
    /// The facts of the audit log, for questions about more than the last changes.
    ledger: Ledger,
    aggregation: Aggregation,
    context: AttributionContext,
    /// When the analysis was made.
    pub now: Timestamp,
    /// Made when they are first asked for.
    notes: OnceLock<Vec<Note>>,
    without_blocks: OnceLock<Reach>,
    exposure: Arc<OnceLock<Exposure>>,
}

/// What an analysis shares with others of the same cluster.
#[derive(Debug)]
struct Parts {
    reach: Arc<Reach>,
    rbac: Arc<Rbac>,
    enforcement: Arc<Enforcement>,
    exposure: Arc<OnceLock<Exposure>>,
}

/// Who changed a policy, and whether they own it.
#[derive(Clone, PartialEq, Debug)]
pub struct PolicyReport {
    /// The attributed changes (EV-01).
    pub history: PolicyHistory,
    /// The owner verdict for the last spec change, with the groups of that moment (OWN-07).
    pub owner: OwnerAnswer,
    /// The second verdict for an impersonated identity (OWN-08).
    pub acting_as_owner: Option<OwnerAnswer>,
    /// How many pods and templates the policy selects now; `None` for a deleted policy.
    pub selects: Option<usize>,
}

impl Analysis {
    /// Computes everything that is known about `input.world`.
    #[must_use]
    pub fn of(input: &Input<'_>) -> Self {
        let inventory = Arc::new(Inventory::of(input.world));
        let parts = Parts {
            enforcement: Arc::new(Enforcement::of(input.world, &inventory)),
            reach: Arc::new(Reach::build(input.world, inventory, input.options)),
            rbac: Arc::new(Rbac::of(input.world, input.aggregation)),
            exposure: Arc::default(),
        };
        Self::with(input, parts)
    }

    /// Adds the histories of policies and the owner verdicts to what is known of the cluster.
    fn with(input: &Input<'_>, parts: Parts) -> Self {
        let Parts {
            reach,
            rbac,
            enforcement,
            exposure,
        } = parts;
        let context = attribution(input, reach.inventory());
        let judge = Judge {
            rules: input.rules,
            rbac: &rbac,
        };
        let (mut policies, mut tiers) = (BTreeMap::new(), BTreeMap::new());
        for (id, history) in history::attribute_all(input.ledger, &targets(input.world), &context) {
            let selects = history.deleted.is_none().then(|| reach.subjects(&id).len());
            let report = judge.report(&id.key, history, selects);
            if id.kind == Kind::NetworkPolicy {
                policies.insert(id.key, report);
            } else {
                tiers.insert(id, report);
            }
        }
        Self {
            world: input.world.clone(),
            enforcement,
            policies,
            tiers,
            rbac,
            rules: input.rules.clone(),
            audit: history::coverage(input.ledger, &input.world.policies),
            ledger: input.ledger.clone(),
            aggregation: input.aggregation,
            context,
            now: input.now,
            reach,
            notes: OnceLock::new(),
            without_blocks: OnceLock::new(),
            exposure,
        }
    }

    /// The workloads and pods that take part.
    #[must_use]
    pub fn inventory(&self) -> &Inventory {
        self.reach.inventory()
    }

    /// Exposure of every workload. Found when it is first asked for: whoever draws must not be the
    /// first.
    #[must_use]
    pub fn exposure(&self) -> &Exposure {
        self.exposure
            .get_or_init(|| Exposure::of(&self.world, &self.reach))
    }

    /// The same analysis, with its exposure found.
    #[must_use]
    pub fn with_exposure(self) -> Self {
        self.exposure
            .get_or_init(|| Exposure::of(&self.world, &self.reach));
        self
    }

    /// The same cluster, read so that address blocks match no pods (IPB-04). Built when it is first
    /// asked for, which takes as long as building [`Analysis::reach`].
    #[must_use]
    pub fn without_blocks(&self) -> &Reach {
        self.without_blocks.get_or_init(|| {
            let options = Options {
                blocks_match_pods: BlocksMatchPods::Ignore,
            };
            Reach::build(&self.world, self.reach.inventory().clone(), options)
        })
    }

    /// Every effective write of a policy that the log holds, by policy (SOD-08, SOD-09).
    #[must_use]
    pub fn written(&self) -> Vec<(Key, ChangeRecord)> {
        history::written(&self.ledger, &self.context)
    }

    /// Every version of a policy that the log shows, oldest first, and who set each of its rules;
    /// those of the admin tiers have no rules that anybody is named for.
    #[must_use]
    pub fn versions(&self, policy: &PolicyId) -> (Vec<Version>, Vec<Blame>) {
        let versions = history::versions(&self.ledger, policy, &self.context);
        let live = self.world.policies.get(&policy.key);
        let live = live.filter(|_| policy.kind == Kind::NetworkPolicy);
        let blame = live.map(|live| history::blame(&versions, &live.spec));
        (versions, blame.unwrap_or_default())
    }

    /// Whether the cluster or the log knows a policy.
    #[must_use]
    pub fn knows(&self, policy: &PolicyId) -> bool {
        match policy.kind {
            Kind::NetworkPolicy => self.policies.contains_key(&policy.key),
            _ => self.tiers.contains_key(policy),
        }
    }

    /// The last write of each workload that the log holds (SOD-C7).
    #[must_use]
    pub fn works(&self) -> Vec<(ObjectRef, ChangeRecord)> {
        history::works(&self.ledger, &self.context)
    }

    /// The last write of each role and binding that the log holds (SOD-09).
    #[must_use]
    pub fn granted(&self) -> Vec<(ObjectRef, ChangeRecord)> {
        history::granted(&self.ledger, &self.context)
    }

    /// The newest requests on policies that stored nothing, oldest first.
    pub fn attempts(&self) -> impl Iterator<Item = &Attempt> {
        self.ledger.attempts()
    }

    /// Whether whoever made `change` owns the policies of `namespace`; for records that
    /// [`PolicyReport`] has no verdict for.
    #[must_use]
    pub fn owner_of(&self, change: &ChangeRecord, namespace: &Text) -> OwnerAnswer {
        let judge = Judge {
            rules: &self.rules,
            rbac: &self.rbac,
        };
        judge.verdict(change, namespace)
    }
}

/// What attribution needs to know about the team's accounts and about what could be listed.
fn attribution(input: &Input<'_>, inventory: &Inventory) -> AttributionContext {
    let texts = |patterns: &[Pattern]| patterns.iter().map(|p| p.text().clone()).collect();
    let coverage = &input.world.coverage;
    let listed = if coverage.in_cluster(Kind::NetworkPolicy).is_known() {
        Listed::Everywhere
    } else {
        let known = |name: &&Text| coverage.in_namespace(Kind::NetworkPolicy, name).is_known();
        Listed::Namespaces(
            inventory
                .namespaces()
                .keys()
                .filter(known)
                .cloned()
                .collect(),
        )
    };
    let mut context = AttributionContext::new(input.now);
    context.trusted_impersonators = texts(&input.rules.trusted_impersonators);
    for (tool, accounts) in &input.rules.gitops_accounts {
        context
            .gitops_accounts
            .insert(tool.clone(), texts(accounts));
    }
    context.listed = listed;
    let known = |kind: &Kind| coverage.in_cluster(*kind).is_known();
    context.listed_tiers.retain(known);
    context
}

/// The live policies of all kinds.
fn targets(world: &World) -> Vec<Target<'_>> {
    let policies = world.policies.values().map(Target::from);
    let tiers = world.admin_policies.values().map(Target::from);
    policies.chain(tiers).collect()
}

/// Gives the owner verdicts of one cluster.
struct Judge<'a> {
    rules: &'a Rules,
    rbac: &'a Rbac,
}

impl Judge<'_> {
    fn report(&self, key: &Key, history: PolicyHistory, selects: Option<usize>) -> PolicyReport {
        let change = history
            .deleted
            .as_ref()
            .unwrap_or(&history.last_spec_change);
        let owner = self.verdict(change, &key.namespace);
        let acting_as_owner = change.via.acting_as.as_ref().map(|(name, groups)| {
            let acted = Principal {
                name: name.clone(),
                groups: Some(groups.clone()),
            };
            owner::verdict(
                self.rules,
                self.rbac,
                Some((&acted, Identity::Known)),
                &key.namespace,
            )
        });
        PolicyReport {
            history,
            owner,
            acting_as_owner,
            selects,
        }
    }

    fn verdict(&self, change: &ChangeRecord, namespace: &Text) -> OwnerAnswer {
        let identity = match change.kind {
            PrincipalKind::Unknown => Identity::Doubtful,
            PrincipalKind::Human | PrincipalKind::ServiceAccount | PrincipalKind::Controller => {
                Identity::Known
            }
        };
        let principal = change.who.as_ref().map(|name| Principal {
            name: name.clone(),
            groups: (!change.groups.is_empty()).then(|| change.groups.clone()),
        });
        let who = principal.as_ref().map(|principal| (principal, identity));
        let now = owner::verdict(self.rules, self.rbac, who, namespace);
        match identity {
            Identity::Known => self.then(change, namespace, now),
            Identity::Doubtful => now,
        }
    }

    /// The verdict at the time of the change, where the log proves a grant that is gone since
    /// (OWN-07).
    fn then(&self, change: &ChangeRecord, namespace: &Text, now: OwnerAnswer) -> OwnerAnswer {
        let left = matches!(now.verdict, OwnerVerdict::NotOwner | OwnerVerdict::Unknown);
        let allowed = change.allowed.as_ref().filter(|_| left);
        let declared = allowed.and_then(|allowed| {
            let line = owner::role_declaration(self.rules, self.rbac, namespace, &allowed.role)?;
            Some((allowed, line))
        });
        let Some((allowed, line)) = declared else {
            return now;
        };
        let mut reason = vec![
            format!(
                "was an owner through {}, which allowed the change",
                allowed.binding
            ),
            line,
            format!("now: {}", now.verdict),
        ];
        reason.extend(now.reason);
        OwnerAnswer {
            verdict: OwnerVerdict::Owner,
            declared: false,
            reason,
            grants: Vec::new(),
        }
    }
}
