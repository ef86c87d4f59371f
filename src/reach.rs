//! The engine: which connections the policies allow, and why.
//!
//! [`Reach::build`] compiles a world once; everything else reads it. Pods that no policy can tell
//! apart share a class, labels are interned, sets of classes are bit sets (see `class`,
//! `compile`). One pair evaluator is the definition of every answer; rows, lists and summaries are
//! faster ways to the same result.
//!
//! ```text
//! world ─ class ─┐                       ┌─ pair ── row ── list, glance
//!                ├─ compile ── tables ───┤
//! policies ──────┘                       ├─ external
//!                                        └─ trace, miss, caveat
//! ```
//!
//! Missing data never turns into a verdict. Where something could not be read, every answer is
//! computed twice, once as if the missing part allowed nothing and once as if it allowed all it
//! could; what differs is *unknown* (UNK-06).

pub mod admit;
pub mod answer;
pub mod delta;
pub mod diff;
pub mod engine;
pub mod explain;
pub mod glance;
pub mod likeness;
pub mod list;
pub mod matrix;
pub mod note;
pub mod outward;
pub mod paths;
pub mod suggest;
pub mod update;

mod address;
mod bits;
mod blocknote;
mod bound;
mod caveat;
mod class;
mod compile;
mod doubt;
mod external;
mod intern;
mod ladder;
mod matched;
mod miss;
mod nodepeer;
mod outside;
mod pair;
mod place;
mod postings;
mod row;
mod space;
mod table;
mod tie;
mod tier;
mod tiernote;
mod tierrow;
mod trace;
mod walk;
mod weights;

#[cfg(test)]
mod tests;

pub use admit::Admitted;
pub use answer::{
    Answer, Connection, ConnectionEnd, End, ExternalAnswer, Isolation, PeerLine, Peers, Verdict,
    Why,
};
pub use diff::{DiffChange, DiffEnd, Difference, Listed, diff, diff_lists};
pub use engine::{BlocksMatchPods, Options, Reach};
pub use explain::{Explanation, FamilyVerdict, Half, Miss, MissReason, RuleRef, Step};
pub use glance::Extent;
pub use likeness::Standing;
pub use list::{ListBy, Uniformity};
pub use matrix::{Axis, Cell, CellDetail, Matrix, Shade, Totals};
pub use note::{Note, NoteCode};
