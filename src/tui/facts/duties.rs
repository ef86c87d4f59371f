//! What screen 7 shows of duties: subjects with everything that is known of them.

use crate::model::Text;
use crate::report::duties::{Finding, Holders, Row, Way};

use super::Ownership;

/// Who holds what, and what is wrong with it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DutiesFacts {
    /// Every subject, `system:masters` first, people of the log last.
    pub holders: Vec<HolderRow>,
    /// The matrix turned round, the cluster first.
    pub namespaces: Vec<Holders>,
    /// All of it in one line, escaped.
    pub summary: String,
    /// What could not be read, one line each, escaped.
    pub missing: Vec<String>,
    /// Rules that nobody can judge here and waivers about nothing, one line each, escaped.
    pub warnings: Vec<String>,
    /// Whether there is an audit log that could show what was used.
    pub audited: bool,
}

/// One subject.
#[derive(Clone, PartialEq, Debug)]
pub struct HolderRow {
    /// Which sort of subject.
    pub sort: HolderSort,
    /// Its name, escaped, with what built-in groups mean.
    pub name: String,
    /// Tells subjects apart; equal in later versions of the cluster; escaped.
    pub shown: String,
    /// What it holds where, the whole cluster first.
    pub rows: Vec<Row>,
    /// Whether it owns policies, and where.
    pub owner: OwnerMark,
    /// What is wrong beside the matrix (SOD-C5, SOD-C6).
    pub findings: Vec<Finding>,
    /// Its ways around the policies.
    pub ways: Vec<Way>,
    /// What the log shows that it did, or that members of a group did (SOD-09, SOD-C7).
    pub deeds: Vec<Deed>,
}

/// Which sort of subject.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum HolderSort {
    /// A user that bindings name.
    User,
    /// A group; who is in it is decided outside the cluster.
    Group,
    /// A ServiceAccount.
    Account,
    /// Somebody of the audit log, with the groups at the time.
    Seen,
}

impl HolderSort {
    /// One letter for the first column.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::User => "u",
            Self::Group => "g",
            Self::Account => "s",
            Self::Seen => "l",
        }
    }

    /// The word, for filters and titles.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Account => "serviceaccount",
            Self::Seen => "log",
        }
    }
}

/// Whether a subject owns policies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OwnerMark {
    /// The same everywhere.
    Everywhere(Ownership),
    /// In these namespaces only.
    In(Vec<Text>),
}

/// Something that the log shows.
#[derive(Clone, PartialEq, Debug)]
pub struct Deed {
    /// Who did it, escaped.
    pub who: String,
    /// What it was.
    pub finding: Finding,
}
