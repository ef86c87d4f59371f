//! Ways around the policies, and who could use them to open something (BYP-01 to BYP-14, SOD-C6).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::analysis::Analysis;
use crate::analysis::bypass::{Edge, Effect, Effects};
use crate::model::{Subject, Text};
use crate::rbac::duty::{Bypass, Bypasses, Duties as Held, Rule, Severity, TableError};
use crate::rbac::{Grant, Principal};
use crate::report::subject::Named;
use crate::report::table::plural;

use super::finding::Said;
use super::row::place;

/// The words for effects.
pub(super) const OPENS: &str = "opens";
pub(super) const UNKNOWN: &str = "unknown";
pub(super) const NOT_FOUND: &str = "not_found";
pub(super) const LATENT: &str = "latent";

/// A way that one subject has around the policies of one namespace.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Way {
    /// Its rule id, such as `BYP-07`.
    pub bypass: &'static str,
    /// What one does with it.
    pub means: &'static str,
    /// `User`, `Group` or `ServiceAccount`.
    pub kind: &'static str,
    /// Of a ServiceAccount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_namespace: Option<Text>,
    /// Whose it is, raw.
    pub name: Text,
    /// Where; `None` for the whole cluster.
    pub namespace: Option<Text>,
    /// `opens`, `unknown`, `not_found` after a bounded number of tries, or `latent`: not computed.
    pub effect: &'static str,
    /// What it opens, or why that is unknown, escaped.
    pub text: String,
    /// The grant that allows it, escaped.
    pub because: String,
    /// The subject in one line, escaped.
    #[serde(skip)]
    pub shown: String,
}

impl Way {
    /// The namespace, escaped, or `(cluster)`.
    #[must_use]
    pub fn place(&self) -> String {
        place(self.namespace.as_ref())
    }
}

/// Who has which way, and what each would open.
pub(super) struct Around {
    held: Bypasses,
    effects: Effects,
    /// What each way would do somewhere: asked about for everybody who has it in the whole cluster.
    anywhere: BTreeMap<Bypass, Effect>,
}

/// What one subject can do around the policies in one place.
pub(super) struct Power {
    pub(super) ways: Vec<Way>,
    edges: Vec<(Bypass, Edge, String)>,
}

impl Around {
    pub(super) fn of(
        analysis: &Analysis,
        held: &Held<'_>,
        places: &[Option<Text>],
    ) -> Result<Self, TableError> {
        let all = analysis.inventory().namespaces().keys();
        let namespaces: BTreeSet<Text> = if places.contains(&None) {
            all.cloned().collect()
        } else {
            places.iter().flatten().cloned().collect()
        };
        let mut effects = Effects::of(analysis, &namespaces);
        effects.mount(held, &namespaces);
        let anywhere = Bypass::ALL.map(|bypass| (bypass, effects.anywhere(bypass)));
        Ok(Self {
            held: Bypasses::of(&analysis.rbac)?,
            effects,
            anywhere: anywhere.into(),
        })
    }

    /// The ways that somebody has, by scope; the empty one is the whole cluster.
    pub(super) fn held(&self, principal: &Principal) -> Ways<'_> {
        Ways(self.held.of_principal(principal))
    }

    /// The ways of `subject` in `place`; those that it has everywhere too if they have no line of
    /// their own.
    pub(super) fn power(
        &self,
        (subject, held): (&Subject, &Ways<'_>),
        place: Option<&Text>,
        inherited: Inherited,
    ) -> Power {
        let named = Named::of(subject);
        let mut power = Power {
            ways: Vec::new(),
            edges: Vec::new(),
        };
        let cluster = Text::default();
        let inherited = place.is_some() && inherited == Inherited::Yes;
        let scopes = [
            inherited.then_some(&cluster),
            Some(place.unwrap_or(&cluster)),
        ];
        for (bypass, grant) in scopes.into_iter().flatten().flat_map(|s| held.within(s)) {
            let effect = match place {
                Some(place) if !matches!(bypass, Bypass::NewNamespace | Bypass::Node) => {
                    self.effects.effect(place, bypass)
                }
                Some(_) | None => {
                    let known = self.anywhere.get(&bypass);
                    known.cloned().unwrap_or(Effect::Latent)
                }
            };
            let (word, text) = told(&effect);
            let because = grant.to_string();
            if let Effect::Opens(edge) = effect {
                power.edges.push((bypass, *edge, because.clone()));
            }
            power.ways.push(Way {
                bypass: bypass.id(),
                means: bypass.told(),
                kind: named.kind,
                account_namespace: named.namespace.clone(),
                name: named.name.clone(),
                namespace: place.cloned(),
                effect: word,
                text,
                because,
                shown: named.shown.clone(),
            });
        }
        power.ways.sort_by_key(|way| way.bypass);
        power
    }
}

/// The ways of one subject and the grants that allow them.
pub(super) struct Ways<'a>(BTreeMap<(Text, Bypass), &'a Grant>);

impl<'a> Ways<'a> {
    /// The namespaces in which there is one of their own.
    pub(super) fn scopes(&self) -> BTreeSet<Text> {
        self.0.keys().map(|(scope, _)| scope.clone()).collect()
    }

    fn within(&self, scope: &Text) -> impl Iterator<Item = (Bypass, &'a Grant)> {
        let [first, .., last] = Bypass::ALL;
        let own = self.0.range((scope.clone(), first)..=(scope.clone(), last));
        own.map(|((_, bypass), grant)| (*bypass, *grant))
    }
}

/// Whether what is held in the whole cluster counts in a namespace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Inherited {
    /// It does.
    Yes,
    /// It has a line of its own.
    No,
}

impl Power {
    /// SOD-C6: what whoever also builds would open.
    pub(super) fn finding(&self) -> Option<((Rule, Severity), Said)> {
        if self.edges.is_empty() {
            return None;
        }
        let crosses = self.edges.iter().any(|(_, edge, _)| edge.crosses());
        let severity = if crosses {
            Severity::High
        } else {
            Rule::Bypass.severity()
        };
        // Several ways may open the same, and one grant allows most of them.
        let opened = by_text(&self.edges, |(_, edge, _)| edge.to_string());
        let granted = by_text(&self.edges, |(.., because)| because.clone());
        let evidence = opened
            .into_iter()
            .map(|(edge, ids)| format!("{ids}: {edge}"))
            .chain(
                granted
                    .into_iter()
                    .map(|(by, ids)| format!("{ids} by {by}")),
            )
            .collect();
        let ways = plural(self.edges.len(), "way");
        let said = Said {
            what: "builder_can_bypass_policies",
            text: format!("builds, and has {ways} around the policies to what is closed now"),
            evidence,
        };
        Some(((Rule::Bypass, severity), said))
    }
}

/// The ids of the ways that have a text in common, in the order of their ids.
fn by_text(
    edges: &[(Bypass, Edge, String)],
    text: impl Fn(&(Bypass, Edge, String)) -> String,
) -> Vec<(String, String)> {
    let mut ids: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    for edge in edges {
        ids.entry(text(edge)).or_default().insert(edge.0.id());
    }
    let joined = |ids: BTreeSet<&str>| ids.into_iter().collect::<Vec<_>>().join(", ");
    let mut found: Vec<(String, String)> = ids
        .into_iter()
        .map(|(text, ids)| (text, joined(ids)))
        .collect();
    found.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    found
}

fn told(effect: &Effect) -> (&'static str, String) {
    match effect {
        Effect::Opens(edge) => (OPENS, edge.to_string()),
        Effect::Unknown(why) => (UNKNOWN, why.clone()),
        Effect::NotFound => (NOT_FOUND, "no try opened anything".to_owned()),
        Effect::Latent => (LATENT, "not computed".to_owned()),
    }
}
