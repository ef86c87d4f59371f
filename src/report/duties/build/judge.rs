//! What is wrong with somebody beside the conflicts of its own lines, and what a fix would leave.

use std::collections::BTreeSet;

use crate::model::{Subject, Text};
use crate::rbac::duty::{Duty, Power, Rule, State, conflict, is_held};
use crate::rbac::owner;
use crate::rbac::{OwnerVerdict, Principal};
use crate::report::duties::around::Inherited;
use crate::report::duties::emergency::Emergency;
use crate::report::duties::exercised::Exercised;
use crate::report::duties::finding::{Finding, Said};
use crate::report::duties::{Extent, Row};

use super::{Build, Somebody};

impl Build<'_> {
    /// What the lines of one subject say beside their own conflicts.
    pub(super) fn judge(&mut self, somebody: &Somebody<'_>, rows: &[(Row, Option<State>)]) {
        if rows.iter().any(|(row, _)| row.break_glass) {
            let emergency = Emergency::of(self.analysis, somebody.subject, self.log);
            self.break_glass.push(emergency);
        }
        let everywhere = |(row, netpol): &&(Row, Option<State>)| {
            let held = match netpol {
                Some(State::Direct | State::Transitive | State::Narrow) => true,
                Some(State::Unknown) | None => false,
            };
            row.namespace.is_none() && !row.break_glass && held
        };
        if let Some((row, _)) = rows.iter().find(everywhere) {
            self.everywhere(somebody.subject, row);
        }
    }

    /// BYP-01 to BYP-14, and SOD-C6 for those who also build.
    pub(super) fn go_around(&mut self, somebody: &Somebody<'_>, power: &Power<'_>) {
        let around = self.around;
        let builds = |place: Option<&Text>| is_held(power.state(place, Duty::Build));
        // What somebody can do in the whole cluster is told once.
        let in_cluster = self.in_cluster();
        let inherited = if in_cluster && builds(None) {
            Inherited::No
        } else {
            Inherited::Yes
        };
        let mut everywhere: BTreeSet<&'static str> = BTreeSet::new();
        // Where nothing is its own, nothing is other than in the whole cluster.
        let ways = around.held(somebody.principal);
        let mut scopes = ways.scopes();
        if inherited == Inherited::Yes && scopes.contains(&Text::default()) {
            scopes.extend(power.scopes(Duty::Build).cloned());
        }
        let places = if in_cluster {
            self.places_among(&scopes)
        } else {
            self.places.clone()
        };
        for place in places {
            if self.is_break_glass(somebody.principal, place.as_ref()) {
                continue;
            }
            let whose = (somebody.subject, &ways);
            let own = around.power(whose, place.as_ref(), inherited);
            if builds(place.as_ref())
                && let Some((kind, said)) = own.finding()
            {
                let whose = std::slice::from_ref(somebody.subject);
                let broken = self.waivers.judge(kind, whose, place.as_ref());
                let finding = Finding::new(broken, somebody.subject, place.as_ref(), said);
                self.findings.push(finding);
            }
            let new = own.ways.into_iter();
            let new = new.filter(|way| place.is_none() || !everywhere.contains(way.bypass));
            let at = self.bypasses.len();
            self.bypasses.extend(new);
            if place.is_none() {
                let told = self.bypasses.iter().skip(at);
                everywhere.extend(told.map(|way| way.bypass));
            }
        }
    }

    /// SOD-C5: deciding about the whole cluster is for declared owners.
    fn everywhere(&mut self, subject: &Subject, row: &Row) {
        let (rules, rbac) = (&self.analysis.rules, &self.analysis.rbac);
        let id = Rule::Everywhere.id();
        let answer = owner::subject_verdict(rules, rbac, subject, &Text::default());
        match answer.verdict {
            OwnerVerdict::Owner | OwnerVerdict::BreakGlass => return,
            OwnerVerdict::Unknown if !rules.declares_owners() => {
                let line = format!("{id} cannot be decided: the rules file declares no owners");
                self.undecided.insert(line);
                return;
            }
            OwnerVerdict::Unknown => {
                let why = answer.reason.join(" and ");
                let line = format!("{id} cannot be decided for {}: {why}", row.shown);
                self.undecided.insert(line);
                return;
            }
            OwnerVerdict::NotOwner => {}
        }
        let kind = (Rule::Everywhere, Rule::Everywhere.severity());
        let broken = self
            .waivers
            .judge(kind, std::slice::from_ref(subject), None);
        let mut evidence = row.netpol.iter().flat_map(|cell| cell.because.clone());
        let said = Said {
            what: "cluster_wide_netpol",
            text: match subject {
                Subject::User(_) => {
                    "NETPOL in the whole cluster, and neither the user nor the role is a declared \
                     owner; memberships in owner groups are not known"
                }
                Subject::Group(_) | Subject::ServiceAccount(_) => {
                    "NETPOL in the whole cluster without being a declared owner"
                }
            }
            .to_owned(),
            evidence: evidence.by_ref().collect(),
        };
        self.findings
            .push(Finding::new(broken, subject, None, said));
    }

    /// What the log shows, in the namespaces that were asked about (SOD-09).
    pub(super) fn exercised(&mut self) {
        let everywhere = self.places.contains(&None);
        let outcome = Exercised::of(self.analysis, self.held, self.log);
        self.undecided.extend(outcome.undecided);
        for deed in outcome.deeds {
            let place = Some(deed.namespace);
            if everywhere || self.places.contains(&place) {
                let whose = std::slice::from_ref(&deed.subject);
                let broken = self.waivers.judge(deed.rule, whose, place.as_ref());
                let finding = Finding::new(broken, &deed.subject, place.as_ref(), deed.said);
                self.findings.push(finding);
            }
        }
    }

    /// How many of the listed subjects would still be in a conflict that counts if everything that
    /// is suggested were done at once.
    pub(super) fn after_fix(&mut self, extent: Extent) -> usize {
        let held = self.held.without(&self.cuts);
        let listed = |build: &Self, subject: &Subject| {
            extent == Extent::Everybody || !build.is_built_in(subject)
        };
        // Whoever is in no conflict now is in none with less.
        let subjects = std::mem::take(&mut self.in_conflict);
        let mut left = 0;
        for subject in subjects {
            if !listed(self, &subject) {
                continue;
            }
            let power = held.power(&subject);
            let principal = Principal::of_subject(&subject, &self.analysis.rules);
            let counts = |build: &mut Self, place: &Option<Text>| {
                let rule = conflict(|duty| power.state(place.as_ref(), duty));
                rule.is_some_and(|rule| {
                    let whose = std::slice::from_ref(&subject);
                    let kind = (rule, rule.severity());
                    !build.is_break_glass(&principal, place.as_ref())
                        && build.waivers.judge(kind, whose, place.as_ref()).counts()
                })
            };
            let places = self.telling_places(&power);
            left += usize::from(places.iter().any(|place| counts(self, place)));
        }
        left
    }
}
