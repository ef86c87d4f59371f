//! The what-if language: `shop/web -> data/db:5432/tcp ?`.
//!
//! ```text
//! query := end ("->" | ">") end [":" port ["/" proto]] ["?"]     web -> db:5432
//!        | end "<-" end …                                        the ends the other way round
//! end   := [ns "/" [kind "/"]] name | ip | cidr | "internet" | "world"
//! port  := number | name | first "-" last | "*"
//! ```
//!
//! [`parse`] turns text into a tree with spans, [`resolve`] finds what its names mean in a world,
//! [`complete`] says what could be typed next, [`mod@assert`] reads files of questions with the answers
//! that are wanted. Nothing here asks the engine.

pub mod aim;
pub mod assert;
pub mod complete;
pub mod names;
pub mod parse;
pub mod resolve;

pub use aim::{Aim, Outward, aims, outward};
pub use assert::{AssertProblem, Assertion, Expect, Misread};
pub use parse::{EndForm, EndText, ParseError, PortSpec, PortText, Query, Span};
pub use resolve::{Candidate, QueryEnd, ResolveError, Surroundings};
