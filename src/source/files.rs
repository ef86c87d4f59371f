//! The manifest source: files, directories and standard input (`--from PATH`).
//!
//! Multi-document YAML and JSON, `List` objects, output of `kubectl get -o yaml` or `-o json`.
//! Nothing is accepted in part: one object that the API server would refuse (LD-07) refuses the
//! whole input, and the error holds every problem of every file. Documents that are no Kubernetes
//! objects and kinds that kreach does not read are counted, not silently dropped (LD-11).

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::model::Change;

use super::problem::{LoadError, Problem};

mod body;
mod discover;
mod document;
mod header;
mod intake;
mod json;
mod kinds;
mod locate;
mod once;
mod order;
mod parts;
mod raw;
mod refusal;
mod repeats;
mod stream;
mod unsupported;
mod watch;

pub use discover::Paths;
pub(super) use discover::{is_stdin, name_of};
pub use watch::{Watch, Watching, changes, watch};

/// What becomes of an object that the API server would refuse (LD-07).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Invalid {
    /// Nothing is read at all.
    #[default]
    Refuse,
    /// It is left out, with a warning and a note on what it could have influenced.
    Skip,
}

/// The whole content of a manifest source.
#[derive(Clone, PartialEq, Debug)]
pub struct Loaded {
    /// One [`Change::Replace`] per kind, so that a re-read needs no other treatment.
    pub changes: Vec<Change>,
    /// What was accepted and is probably not meant: unknown fields, policies of other APIs.
    pub warnings: Vec<Problem>,
    /// What was passed over.
    pub skipped: Skipped,
    /// How many files were read; standard input counts as one.
    pub files: usize,
}

/// What was passed over (LD-11).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Skipped {
    /// Documents without `apiVersion` and `kind`: Helm values, kustomization files.
    pub documents_without_kind: usize,
    /// Objects of kinds that kreach does not read, by `Kind.group` (`ConfigMap` for the core group).
    pub other_kinds: BTreeMap<String, usize>,
}

/// Reads all of `paths`: files as they are, directories with everything below that ends in `.yaml`,
/// `.yml` or `.json` and does not start with a dot, `-` for standard input.
///
/// # Errors
///
/// Every problem that was found: a path that is missing, unreadable or without manifests; bytes
/// that are neither YAML nor JSON; an object that the API server would refuse (LD-07) or that is
/// declared twice (LD-09).
pub fn load(paths: &[PathBuf]) -> Result<Loaded, LoadError> {
    Paths::new(paths).load()
}

/// Reads manifests that are in memory already, each with the name that problems call it by.
///
/// # Errors
///
/// As [`load`], without what concerns paths.
pub fn parse<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Loaded, LoadError> {
    let mut intake = intake::Intake::new(Invalid::Refuse);
    for (name, text) in texts {
        intake.text(&name.into(), text);
    }
    intake.finish()
}
