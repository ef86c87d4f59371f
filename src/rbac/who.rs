//! Everybody who may do something, and everybody of whom it cannot be said (RB-17).

use std::collections::BTreeMap;

use crate::model::{PolicyRule, Subject};

use super::can::{Chain, Doubt, Grant, Named, Request, allows, chain};
use super::resolve::{Rbac, resolve};

/// The answer to "who can?".
#[derive(Clone, PartialEq, Debug)]
pub struct Who {
    /// Those who can, each with every grant; `system:masters` first (RB-13).
    pub can: Vec<(Subject, Vec<Grant>)>,
    /// Those whose role could not be read: they may be able to.
    pub perhaps: Vec<(Subject, Vec<(Chain, Doubt)>)>,
    /// What could not be read; the lists are complete only if this is empty.
    pub gaps: Vec<Doubt>,
}

impl Rbac {
    /// Everybody who can do `request`, by what RBAC objects could be read.
    #[must_use]
    pub fn who(&self, request: &Request) -> Who {
        let can = self.who_can(request);
        let mut perhaps: BTreeMap<Subject, Vec<(Chain, Doubt)>> = BTreeMap::new();
        for binding in self.reaching(request.namespace.as_ref()) {
            if self.role_of(binding).is_some() {
                continue;
            }
            let Some(doubt) = self.missing_role(binding) else {
                continue;
            };
            for subject in &binding.subjects {
                let Some(subject) = resolve(subject, &binding.key.namespace) else {
                    continue;
                };
                if can.iter().all(|(known, _)| *known != subject) {
                    let doubted = (chain(subject.clone(), binding, None), doubt.clone());
                    let found = perhaps.entry(subject).or_default();
                    if !found.contains(&doubted) {
                        found.push(doubted);
                    }
                }
            }
        }
        Who {
            can,
            perhaps: perhaps.into_iter().collect(),
            gaps: self.gaps(request.namespace.as_ref()),
        }
    }

    /// The rule that a chain ends at.
    #[must_use]
    pub fn rule_of(&self, chain: &Chain) -> Option<&PolicyRule> {
        let at = usize::try_from(chain.rule?).ok()?.checked_sub(1)?;
        self.rules(&chain.role)?.get(at)
    }

    /// Aggregated ClusterRoles of which the controller will add or has not yet removed a rule that
    /// allows `request` (RB-10).
    #[must_use]
    pub fn drifting(&self, request: &Request) -> Vec<&super::Drift> {
        let allowed =
            |rules: &[PolicyRule]| rules.iter().any(|r| allows(r, request, Named::of(request)));
        self.drift()
            .iter()
            .filter(|drift| allowed(&drift.missing) || allowed(&drift.surplus))
            .collect()
    }
}
