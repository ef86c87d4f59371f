//! Drafts: edited policies that exist only here, and what they would open and close.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::model::{Key, Object};
use crate::report::effect::Effect;
use crate::report::table::plural;
use crate::report::time::utc;
use crate::tui::widget::Line;

/// The number of a draft, never used again.
pub type DraftId = u32;

/// Reads a manifest in memory; what reads files is not known here.
pub type ReadManifest = fn(&str) -> Result<Manifest, Vec<Remark>>;

/// What a manifest declares.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Manifest {
    /// Its objects.
    pub objects: Vec<Object>,
    /// What was accepted and is probably not meant.
    pub remarks: Vec<Remark>,
}

/// How much a remark weighs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Gravity {
    /// The text cannot be read.
    Error,
    /// It can, but something is odd.
    Warning,
}

/// Something to say about a line of a draft.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    /// The line, counted from one; `None` for the whole text.
    pub line: Option<u32>,
    /// How much it weighs.
    pub gravity: Gravity,
    /// What, escaped: lower case, no full stop.
    pub text: String,
}

/// A draft as it is evaluated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DraftText {
    /// Which.
    pub id: DraftId,
    /// Its text.
    pub text: Arc<str>,
    /// The policy that it was begun from. An empty text takes this policy away.
    pub replaces: Option<Key>,
}

/// How the cluster is looked at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Lens {
    /// As it is.
    #[default]
    Now,
    /// As if these drafts were applied.
    Drafts(Arc<[DraftText]>),
    /// As it was after a change of the feed.
    After(String),
}

/// What the facts are about, if not the cluster as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum AsIf {
    /// The cluster as it is.
    #[default]
    Now,
    /// So many drafts are applied, which exist only here.
    Drafts(usize),
    /// As it was at that time, if it is known.
    Then(Option<Timestamp>, Pods),
}

/// Which pods an earlier version has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pods {
    /// Those of that time.
    OfThen,
    /// Those of the start of this program: the audit log tells of policies alone.
    OfNow,
}

impl AsIf {
    /// The word in the header; `None` for the cluster as it is.
    #[must_use]
    pub fn word(&self) -> Option<String> {
        match self {
            Self::Now => None,
            Self::Drafts(count) => Some(format!("WITH {}", plural(*count, "DRAFT").to_uppercase())),
            Self::Then(at, _) => Some(at.map_or_else(
                || "AS OF ?".to_owned(),
                |at| format!("AS OF {}", at.strftime("%H:%M:%S")),
            )),
        }
    }

    /// The sentence below it.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        match self {
            Self::Now => None,
            Self::Drafts(count) => {
                let drafts = plural(*count, "draft");
                Some(format!("as if {drafts} were applied, D shows the cluster"))
            }
            Self::Then(at, pods) => {
                let at = at.map_or_else(|| "a time unknown".to_owned(), utc);
                let what = match pods {
                    Pods::OfThen => format!("as of {at}"),
                    Pods::OfNow => format!("policies as of {at}, pods of now"),
                };
                Some(format!("{what}, R goes back to now"))
            }
        }
    }
}

/// What a change set would do.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DraftFacts {
    /// What is to be said about lines of the drafts.
    pub remarks: Vec<(DraftId, Remark)>,
    /// What it opens and closes; `None` while a draft cannot be read.
    pub effect: Option<Arc<Effect>>,
    /// What its policies select, and what is odd about that.
    pub notes: Vec<Line>,
    /// What can be completed.
    pub words: Arc<Vocabulary>,
}

/// Names that exist in the cluster; raw.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Vocabulary {
    /// Values of the labels of pods by key.
    pub pods: BTreeMap<String, BTreeSet<String>>,
    /// Values of the labels of namespaces by key.
    pub namespaces: BTreeMap<String, BTreeSet<String>>,
    /// Names of namespaces.
    pub names: BTreeSet<String>,
    /// Names of container ports.
    pub ports: BTreeSet<String>,
}

impl DraftFacts {
    /// Whether the text of a draft could be read.
    #[must_use]
    pub fn could_read(&self, draft: DraftId) -> bool {
        let errors =
            |(id, remark): &(DraftId, Remark)| *id == draft && remark.gravity == Gravity::Error;
        !self.remarks.iter().any(errors)
    }
}
