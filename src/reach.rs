//! The engine: which connections the policies allow, and why.
//!
//! [`Reach::build`] compiles a world once; everything else reads it. Pods that no policy can tell
//! apart share a class, labels are interned, sets of classes are bit sets (see `class`,
//! `compile`). One pair evaluator is the definition of every answer; rows, lists and summaries are
//! faster ways to the same result.
//!
//! Missing data never turns into a verdict. Where something could not be read, every answer is
//! computed twice, once as if the missing part allowed nothing and once as if it allowed all it
//! could; what differs is *unknown* (UNK-06).

pub mod answer;
pub mod explain;
pub mod note;

pub use answer::{
    Answer, Connection, ConnectionEnd, End, ExternalAnswer, Isolation, PeerLine, Peers, Verdict,
    Why,
};
pub use explain::{Explanation, Half, Miss, MissReason, RuleRef, Step};
pub use note::{Note, NoteCode};
