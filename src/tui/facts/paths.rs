//! What screen 4 shows: possible paths, what every path needs, and how far one gets.

use crate::report::paths::Outlook;

use super::{PeerId, Question};

/// Which paths screen 4 is about; ends as typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PathsAsk {
    /// Where they start.
    pub source: String,
    /// Where they lead to, maybe with a port; empty until one is chosen.
    pub destination: String,
    /// Hops of a path, at most.
    pub hops: u16,
}

/// Which blast radius is looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RadiusAsk {
    /// Of which end, as typed.
    pub end: String,
    /// Which way.
    pub way: Sight,
}

/// Which way one looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sight {
    /// At what an end reaches.
    Reaches,
    /// At what reaches it.
    ReachedBy,
}

impl Sight {
    /// The other way.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::Reaches => Self::ReachedBy,
            Self::ReachedBy => Self::Reaches,
        }
    }

    /// In words, after an end.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Reaches => "reaches",
            Self::ReachedBy => "is reached by",
        }
    }
}

/// Paths between two ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PathsFacts {
    /// Whether there is a path.
    pub outlook: Outlook,
    /// Hops of the shortest, however long.
    pub shortest: Option<usize>,
    /// The paths, shortest first.
    pub rows: Vec<PathRow>,
    /// Whether there are more of at most as many hops.
    pub more: bool,
    /// What every path needs, and the smallest cut.
    pub needed: Vec<NeededRow>,
    /// What uncertain paths depend on, in words.
    pub doubt: String,
    /// What is demanded of the first hop, if paths start outside.
    pub entry: &'static str,
    /// Why there is no answer: an end means nothing, or both are outside.
    pub problem: Option<String>,
}

/// One path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PathRow {
    /// From the source to the destination.
    pub stops: Vec<PathStop>,
    /// From each stop to the next.
    pub hops: Vec<PathHop>,
    /// Whether every hop is allowed for certain.
    pub certain: bool,
    /// What is special about it.
    pub note: String,
}

/// A place on a path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PathStop {
    /// Its name; says how many others are like it.
    pub name: String,
    /// As one would type it; `None` for a controller that was not found.
    pub end: Option<String>,
}

/// A hop of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PathHop {
    /// Its ports in a few columns.
    pub ports: String,
    /// Whether it is allowed for certain.
    pub certain: bool,
    /// The question that explains it.
    pub question: Option<Question>,
}

/// One line of what every path needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NeededRow {
    /// A heading or a remark.
    Text(String),
    /// A hop with what lets it through.
    Hop {
        /// Where it starts, its ports, where it ends.
        hop: Box<(PathStop, PathHop, PathStop)>,
        /// The rules that let it through.
        through: String,
    },
}

/// Everything within reach of an end.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RadiusFacts {
    /// The name of the end.
    pub name: String,
    /// Places, nearest first.
    pub rows: Vec<ReachedRow>,
    /// How many of them are workloads, of how many others.
    pub count: (usize, usize),
    /// Why there is no answer.
    pub problem: Option<String>,
}

/// One place within reach.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReachedRow {
    /// Who it is.
    pub id: PeerId,
    /// Its name.
    pub name: String,
    /// Hops of the shortest way.
    pub hops: usize,
    /// Whether some way is certain.
    pub certain: bool,
}
