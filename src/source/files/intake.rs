//! Collects objects, problems and counts over all files of a source.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use crate::model::{Change, EndpointSlice, Foreign, ForeignCount, Key, Kind, Object, Scope};
use crate::source::convert::{Context, Mode};
use crate::source::problem::{LoadError, Problem};

use super::body::{Ahead, Body, Opened};
use super::header::{Class, Header};
use super::kinds::Reading;
use super::refusal::{Warning, distinct, fault};
use super::repeats::Repeats;
use super::{Invalid, Loaded, Skipped, json, order, unsupported};

/// What an object is called, and what it becomes.
#[derive(Clone, Copy)]
pub(super) struct What {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

impl From<Kind> for What {
    fn from(kind: Kind) -> Self {
        let name = kind.name();
        Self { name, kind }
    }
}

/// Lists within lists beyond this depth are refused.
const MAX_DEPTH: usize = 16;

/// All that has been read so far.
pub(super) struct Intake {
    pub(super) invalid: Invalid,
    pub(super) context: Context,
    pub(super) file: Arc<str>,
    pub(super) objects: BTreeMap<Kind, Vec<Object>>,
    pub(super) repeats: Repeats,
    /// Endpoints, of which most only repeat what the Service's selector says.
    pub(super) endpoints: Vec<EndpointSlice>,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Warning>,
    skipped: Skipped,
    /// Objects of other APIs that change what is reachable (UNK-03).
    pub(super) foreign: BTreeMap<Foreign, usize>,
    /// Objects in versions that are not read, by kind and version (LD-01).
    pub(super) unsupported: BTreeMap<Kind, BTreeMap<String, usize>>,
    /// Invalid objects that were left out.
    pub(super) left_out: BTreeSet<(Kind, Key)>,
    files: usize,
    /// What the object before said it is.
    last: Option<(Header, Kind)>,
}

impl Intake {
    /// An intake that names every problem; texts must come in order.
    pub(super) fn new(invalid: Invalid) -> Self {
        let repeats = Repeats::Told(HashMap::new());
        Self::with(invalid, repeats, Context::new(Mode::Strict))
    }

    /// An intake for a part of the texts, which leaves it to [`Intake::has_repeats`] of the whole to
    /// say whether an object stands twice.
    pub(super) fn part(invalid: Invalid, context: Context) -> Self {
        Self::with(invalid, Repeats::Counted(Vec::new()), context)
    }

    fn with(invalid: Invalid, repeats: Repeats, context: Context) -> Self {
        Self {
            invalid,
            context,
            file: "".into(),
            objects: BTreeMap::new(),
            repeats,
            endpoints: Vec::new(),
            problems: Vec::new(),
            warnings: Vec::new(),
            skipped: Skipped::default(),
            foreign: BTreeMap::new(),
            unsupported: BTreeMap::new(),
            left_out: BTreeSet::new(),
            files: 0,
            last: None,
        }
    }

    pub(super) fn begin(&mut self, file: &Arc<str>) {
        self.file = file.clone();
        self.files += 1;
    }

    pub(super) fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// Whether the current file can only be JSON.
    pub(super) fn claims_json(&self) -> bool {
        Path::new(&*self.file)
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
    }

    pub(super) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Keeps the problems of a path or file that could not be read.
    pub(super) fn fail(&mut self, error: LoadError) {
        self.problems.extend(error.problems);
    }

    /// Takes over what was read from the texts behind those of this one.
    pub(super) fn append(&mut self, part: Self) {
        for (kind, objects) in part.objects {
            let known = self.objects.entry(kind).or_default();
            if known.is_empty() {
                *known = objects;
            } else {
                known.extend(objects);
            }
        }
        if let (Repeats::Counted(ids), Repeats::Counted(more)) = (&mut self.repeats, part.repeats) {
            ids.extend(more);
        }
        self.endpoints.extend(part.endpoints);
        self.problems.extend(part.problems);
        self.warnings.extend(part.warnings);
        self.skipped.documents_without_kind += part.skipped.documents_without_kind;
        add(&mut self.skipped.other_kinds, part.skipped.other_kinds);
        add(&mut self.foreign, part.foreign);
        for (kind, versions) in part.unsupported {
            add(self.unsupported.entry(kind).or_default(), versions);
        }
        self.left_out.extend(part.left_out);
        self.files += part.files;
    }

    /// Puts the objects of a part in order, which is quicker than all of them at once.
    pub(super) fn sort(&mut self) {
        for objects in self.objects.values_mut() {
            order::sort(objects);
        }
    }

    /// The strings that objects share, for the next part.
    pub(super) fn take_context(&mut self) -> Context {
        std::mem::replace(&mut self.context, Context::new(Mode::Strict))
    }

    /// Everything, if nothing was wrong.
    pub(super) fn finish(mut self) -> Result<Loaded, LoadError> {
        if !self.problems.is_empty() {
            return Err(LoadError {
                problems: self.problems,
            });
        }
        self.add_endpoints();
        let foreign = self.foreign.into_iter();
        let foreign = foreign.map(|(kind, count)| (kind, ForeignCount::Objects(count)));
        let others = [
            Change::Foreign(foreign.collect()),
            Change::Skipped(self.left_out),
        ];
        let unsupported = self.unsupported.into_iter().map(unsupported::readiness);
        let changes = Kind::ALL.into_iter().map(|kind| Change::Replace {
            kind,
            scope: Scope::Cluster,
            objects: self.objects.remove(&kind).unwrap_or_default(),
        });
        Ok(Loaded {
            changes: changes.chain(others).chain(unsupported).collect(),
            warnings: distinct(self.warnings),
            skipped: self.skipped,
            files: self.files,
        })
    }

    /// Takes in one top-level object with all that it lists.
    pub(super) fn object(&mut self, body: &Body<'_>) {
        self.entry(body, &Header::default(), 0);
    }

    /// Takes in one entry of lists that are `depth` deep, where `default` says what it is if it does
    /// not say so itself.
    pub(super) fn entry(&mut self, body: &Body<'_>, default: &Header, depth: usize) {
        if body.ahead().and_then(|text| self.plain(text)).is_some() {
            return;
        }
        let Opened { header, items } = match body.open() {
            Ok(opened) => opened,
            Err(fault) => return self.problem(self.place(body, fault)),
        };
        match header.or(default).classify() {
            Class::Nothing if depth == 0 => self.skipped.documents_without_kind += 1,
            Class::Nothing | Class::Kindless => {
                let message = "kind is missing".to_owned();
                self.problem(self.place(body, fault("kind", message, "add it")));
            }
            Class::List { entries, otherwise } => match (items, otherwise) {
                (Some(items), Some(name)) if items.is_empty() => self.count(name),
                (None, Some(name)) => self.count(name),
                (Some(items), _) => self.list(body, &items, (&entries, depth + 1)),
                (None, None) => {
                    let fault = fault("items", "items is not a list".to_owned(), None);
                    self.problem(self.place(body, fault));
                }
            },
            Class::Known(kind) => drop(self.known(kind, Reading::Checked(body))),
            Class::Endpoints => self.endpoints(body),
            Class::Unversioned(kind) => {
                let message = "apiVersion is missing".to_owned();
                self.refuse(kind.into(), body, fault("apiVersion", message, "add it"));
            }
            Class::UnsupportedVersion { kind, version } => self.unsupported((kind, version), body),
            Class::Other {
                name,
                foreign: true,
            } => self.foreign(name, body),
            Class::Other {
                name,
                foreign: false,
            } => self.count(name),
        }
    }

    /// Takes in the object that a text begins with, if that takes one pass; tells its length.
    pub(super) fn plain(&mut self, text: Ahead<'_>) -> Option<usize> {
        let kind = self.known_kind(json::first_fields(text.text)?)?;
        self.known(kind, Reading::Once(text))
    }

    /// The kind that objects have which say this of themselves, if it is known. Most say the same as
    /// the one before.
    fn known_kind(&mut self, (version, kind): (&str, &str)) -> Option<Kind> {
        if let Some((header, known)) = &self.last
            && header.api_version.as_deref() == Some(version)
            && header.kind.as_deref() == Some(kind)
        {
            return Some(*known);
        }
        let header = Header {
            api_version: Some(version.to_owned()),
            kind: Some(kind.to_owned()),
        };
        let Class::Known(known) = header.classify() else {
            return None;
        };
        self.last = Some((header, known));
        Some(known)
    }

    fn list(&mut self, body: &Body<'_>, items: &[Body<'_>], (entries, depth): (&Header, usize)) {
        if depth > MAX_DEPTH {
            let fault = fault("items", "lists are nested too deep".to_owned(), None);
            return self.problem(self.place(body, fault));
        }
        for item in items {
            self.entry(item, entries, depth);
        }
    }

    /// Counts an object that is passed over (LD-11).
    pub(super) fn count(&mut self, kind: String) {
        *self.skipped.other_kinds.entry(kind).or_default() += 1;
    }

    pub(super) fn accept(&mut self, mut object: Object, body: &Body<'_>) {
        let kind = object.kind();
        if let Repeats::Told(_) = self.repeats
            && !self.is_new((kind.name().into(), object.key()), body)
        {
            return;
        }
        self.locate(&mut object, body);
        self.warn_unknown_fields(&object, body);
        self.objects.entry(kind).or_default().push(object);
    }
}

fn add<K: Ord>(counts: &mut BTreeMap<K, usize>, more: BTreeMap<K, usize>) {
    for (key, count) in more {
        *counts.entry(key).or_default() += count;
    }
}
