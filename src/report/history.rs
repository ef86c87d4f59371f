//! `kreach policies --history`: every version of a policy that the log shows, what changed in each,
//! and who set the rules that stand there now.
//!
//! [`difference`] and [`doubts`] are what the screen says too.

mod pages;

use std::io;

use serde::Serialize;

use crate::analysis::Analysis;
use crate::history::{Blame, Deed, Version};
use crate::model::{Key, Kind, PolicyId, Text};

use super::change::{ChangeDocument, CoverageDocument, Verdicts};
use super::table::{Cell, Paint, Table, Tone, plural};
use super::time::utc;
use super::{policy_id, yaml};

/// The document `kreach.history/v1`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct History {
    schema: &'static str,
    /// `NetworkPolicy/shop/web`, raw.
    policy: Text,
    coverage: CoverageDocument,
    /// The newest first.
    versions: Vec<VersionDocument>,
    /// The rules that stand there now; none for a policy that is gone, or of an admin tier.
    rules: Vec<RuleDocument>,
    /// Why this may not be all, one line each, escaped.
    doubts: Vec<String>,
}

/// One version.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct VersionDocument {
    /// Its number, from one for the oldest.
    version: usize,
    /// `created`, `changed`, `deleted` or `uncertain`.
    deed: &'static str,
    /// Whether changes before it are missing in the log.
    after_gap: bool,
    change: ChangeDocument,
    /// How many lines came and went; null where that is not known.
    added: Option<usize>,
    removed: Option<usize>,
    /// The lines as a unified diff has them; where what it said before is not known, all of them.
    diff: Vec<String>,
    /// Why there is no difference, where there is none.
    note: Option<&'static str>,
    #[serde(skip)]
    who: String,
}

/// Who set one rule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct RuleDocument {
    direction: &'static str,
    /// From one.
    rule: usize,
    /// The version that brought it; null if none that the log shows.
    version: Option<usize>,
    who: Option<Text>,
    /// Whether nothing unseen may have brought it instead.
    certain: bool,
}

/// What a version changed, against the newest one before it that is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Difference {
    /// Both are known: the lines of a unified diff, none if they say the same.
    Known(Vec<String>),
    /// What it said before is not in the log: everything it says.
    After(Vec<String>),
    /// What it says is not known, and why.
    Unknown(&'static str),
}

impl Difference {
    /// How many lines came and went.
    #[must_use]
    pub fn size(&self) -> Option<(usize, usize)> {
        let Self::Known(lines) = self else {
            return None;
        };
        let count = |sign: char| lines.iter().filter(|line| line.starts_with(sign)).count();
        Some((count('+'), count('-')))
    }
}

/// What the version in the place `at` changed.
#[must_use]
pub fn difference(versions: &[Version], at: usize) -> Difference {
    let Some(version) = versions.get(at) else {
        return Difference::Unknown("there is no such version");
    };
    let Some(after) = &version.spec else {
        return Difference::Unknown(match version.deed {
            Deed::Deleted => "the policy is gone after it",
            Deed::Created | Deed::Changed => "the log has no body of it: what it says is not known",
            Deed::Uncertain => "the server did not say whether it was stored",
        });
    };
    let after = yaml::lines(after);
    let before = match version.deed {
        Deed::Created => Some(Vec::new()),
        Deed::Changed | Deed::Deleted | Deed::Uncertain => {
            let earlier = versions.get(..at).unwrap_or_default();
            let certain = |version: &&Version| version.deed != Deed::Uncertain;
            let last = earlier.iter().rev().find(certain);
            let last = last.and_then(|version| version.spec.as_ref());
            last.map(|spec| yaml::lines(spec))
        }
    };
    match before {
        Some(before) => {
            let hunks = yaml::hunks(&before, &after);
            Difference::Known(hunks.into_iter().flat_map(|hunk| hunk.lines).collect())
        }
        None => Difference::After(after),
    }
}

/// Why the versions of a policy may not be all, one line each.
#[must_use]
pub fn doubts(analysis: &Analysis, policy: &PolicyId, versions: &[Version]) -> Vec<String> {
    if !analysis.audit.given {
        return vec!["no audit log: only the last change can be guessed".to_owned()];
    }
    let mut doubts = Vec::new();
    let certain = |version: &&Version| version.deed != Deed::Uncertain;
    let newest = versions.iter().rev().find(certain);
    let live = analysis.world.policies.get(&policy.key);
    if let Some(live) = live.filter(|_| policy.kind == Kind::NetworkPolicy) {
        match newest.and_then(|version| version.spec.as_ref()) {
            Some(spec) if **spec == *live.spec => {}
            Some(_) => {
                doubts.push("the policy is another now: somebody unseen changed it".to_owned());
            }
            None => doubts.push("whether the newest change is listed is not known".to_owned()),
        }
    }
    let gaps = versions.iter().filter(|version| version.after_gap).count();
    if gaps > 0 {
        let before = plural(gaps, "version");
        doubts.push(format!("changes are missing before {before}"));
    }
    doubts
}

impl History {
    /// The past of a policy; `None` if neither the cluster nor the log knows it.
    #[must_use]
    pub fn of(analysis: &Analysis, policy: &PolicyId) -> Option<Self> {
        let (versions, blame) = analysis.versions(policy);
        if versions.is_empty() && !analysis.knows(policy) {
            return None;
        }
        let newest_first = (0..versions.len()).rev();
        let document = |at| version(analysis, &policy.key, (&versions, at));
        Some(Self {
            schema: "kreach.history/v1",
            policy: policy_id(policy),
            coverage: (&analysis.audit).into(),
            rules: blame.iter().map(|blame| rule(&versions, blame)).collect(),
            doubts: doubts(analysis, policy, &versions),
            versions: newest_first.filter_map(document).collect(),
        })
    }

    /// Why this may not be all, one line each, escaped.
    #[must_use]
    pub fn doubts(&self) -> &[String] {
        &self.doubts
    }

    /// Writes the versions as a log with their differences, and who set the rules.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_text(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        for version in &self.versions {
            let mut table = Table::new(&[
                "VERSION",
                "WHEN",
                "CHANGED BY",
                "CONFIDENCE",
                "OWNER",
                "LINES",
            ]);
            table.row(version.cells());
            table.write(&mut *out, paint)?;
            if let Some(note) = version.note {
                writeln!(out, "    {note}")?;
            }
            for line in &version.diff {
                writeln!(out, "    {line}")?;
            }
            writeln!(out)?;
        }
        let mut table = Table::new(&["RULE", "SET BY", "VERSION"]);
        for rule in &self.rules {
            table.row(vec![
                Cell::new(rule.name()).tone(Tone::Strong),
                Cell::new(rule.author()),
                Cell::new(
                    rule.version
                        .map_or_else(|| "-".to_owned(), |at| at.to_string()),
                ),
            ]);
        }
        table.write(out, paint)
    }
}

impl VersionDocument {
    fn when(&self) -> String {
        self.change.when.map(utc).unwrap_or_default()
    }

    fn cells(&self) -> Vec<Cell> {
        let size = match (self.added, self.removed) {
            (Some(added), Some(removed)) => format!("+{added} -{removed}"),
            _ => "?".to_owned(),
        };
        let gap = if self.after_gap { ", after a gap" } else { "" };
        vec![
            Cell::new(format!("{} {}{gap}", self.version, self.deed)).tone(Tone::Strong),
            Cell::new(self.when()),
            Cell::new(&self.who),
            Cell::new(self.change.confidence),
            Cell::new(self.change.owner.verdict),
            Cell::new(size),
        ]
    }
}

impl RuleDocument {
    fn name(&self) -> String {
        format!("{} {}", self.direction, self.rule)
    }

    fn author(&self) -> String {
        let who = self.who.as_ref().map(|who| who.shown().to_string());
        match (who, self.certain) {
            (Some(who), true) => who,
            (Some(who), false) => format!("{who}, or somebody unseen"),
            (None, _) => "nobody that the log shows".to_owned(),
        }
    }
}

fn version(
    analysis: &Analysis,
    key: &Key,
    (versions, at): (&[Version], usize),
) -> Option<VersionDocument> {
    let version = versions.get(at)?;
    let record = &version.record;
    let owner = analysis.owner_of(record, &key.namespace);
    let verdicts = Verdicts {
        owner: &owner,
        acting_as: None,
    };
    let difference = difference(versions, at);
    let size = difference.size();
    let (diff, note) = match difference {
        Difference::Known(lines) if lines.is_empty() => {
            (lines, Some("what it says is the same as before"))
        }
        Difference::Known(lines) => (lines, None),
        Difference::After(lines) => (
            lines,
            Some("what it said before is not in the log; after it:"),
        ),
        Difference::Unknown(why) => (Vec::new(), Some(why)),
    };
    Some(VersionDocument {
        version: at + 1,
        deed: match version.deed {
            Deed::Created => "created",
            Deed::Changed => "changed",
            Deed::Deleted => "deleted",
            Deed::Uncertain => "uncertain",
        },
        after_gap: version.after_gap,
        change: ChangeDocument::of(record, verdicts),
        added: size.map(|(added, _)| added),
        removed: size.map(|(_, removed)| removed),
        diff,
        note,
        who: super::policies::who(record),
    })
}

fn rule(versions: &[Version], blame: &Blame) -> RuleDocument {
    let version = blame.version.and_then(|at| versions.get(at));
    RuleDocument {
        direction: blame.direction.name(),
        rule: blame.rule,
        version: blame.version.map(|at| at + 1),
        who: version.and_then(|version| version.record.who.clone()),
        certain: blame.certain,
    }
}
