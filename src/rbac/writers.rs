//! Who can write the network policies of a namespace (RB-05, RB-08, RB-14).

use std::collections::BTreeMap;

use crate::model::{Kind, Subject, Text};

use super::can::{Doubt, Grant, Named, Request};
use super::principal::MASTERS;
use super::resolve::Rbac;

/// The verbs that write; each is granted on its own (RB-05).
pub const WRITE_VERBS: [&str; 5] = ["create", "update", "patch", "delete", "deletecollection"];

/// Whoever can write network policies somewhere.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Writers {
    /// In subject order, `system:masters` first.
    pub writers: Vec<Writer>,
    /// What could not be read, so that the list may lack somebody (RB-17); empty if complete.
    pub gaps: Vec<Doubt>,
}

/// One subject who can write.
#[derive(Clone, PartialEq, Debug)]
pub struct Writer {
    /// User, group or ServiceAccount.
    pub subject: Subject,
    /// Which of [`WRITE_VERBS`], in that order.
    pub verbs: Vec<&'static str>,
    /// Every chain, without repeats.
    pub grants: Vec<Grant>,
}

impl Rbac {
    /// Every subject who can create, change or delete network policies in `namespace`. With a
    /// `policy`, grants limited to other names are left out; without, they count (RB-08).
    #[must_use]
    pub fn writers(&self, namespace: &Text, policy: Option<&Text>) -> Writers {
        self.writers_of(Kind::NetworkPolicy, namespace, policy)
    }

    /// The same for policies of any kind; those of the Admin and Baseline tiers have no namespace.
    #[must_use]
    pub fn writers_of(&self, kind: Kind, namespace: &Text, policy: Option<&Text>) -> Writers {
        let mut found: BTreeMap<Subject, Writer> = BTreeMap::new();
        for verb in WRITE_VERBS {
            let named = match (verb, policy) {
                ("deletecollection", _) => Named::Nothing,
                (_, Some(name)) => Named::Exactly(name),
                (_, None) => Named::Some,
            };
            for (subject, grants) in self.bound(&write(kind, verb, namespace), named) {
                let writer = found
                    .entry(subject.clone())
                    .or_insert_with(|| Writer::new(subject));
                writer.verbs.push(verb);
                writer.add(grants);
            }
        }
        let masters = Subject::Group(MASTERS.into());
        let mut first = Writer::new(masters.clone());
        first.verbs = WRITE_VERBS.to_vec();
        first.add(vec![Grant::Masters]);
        first.add(found.remove(&masters).map_or_else(Vec::new, |w| w.grants));
        Writers {
            writers: std::iter::once(first).chain(found.into_values()).collect(),
            gaps: self.gaps(Some(namespace).filter(|namespace| !namespace.is_empty())),
        }
    }
}

impl Writer {
    const fn new(subject: Subject) -> Self {
        Self {
            subject,
            verbs: Vec::new(),
            grants: Vec::new(),
        }
    }

    fn add(&mut self, grants: Vec<Grant>) {
        for grant in grants {
            if !self.grants.contains(&grant) {
                self.grants.push(grant);
            }
        }
    }
}

/// A write of a policy in `namespace`, or of one that is in none.
pub(super) fn write(kind: Kind, verb: &str, namespace: &Text) -> Request {
    let request = Request::new(verb, kind.group(), kind.plural());
    if namespace.is_empty() {
        request
    } else {
        request.within(namespace.clone())
    }
}
