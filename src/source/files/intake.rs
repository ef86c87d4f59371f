//! Collects objects, problems and counts over all files of a source.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::model::{Change, EndpointSlice, Foreign, ForeignCount, Key, Kind, Object, Scope, Shown};
use crate::source::convert::{Context, Fault, Mode};
use crate::source::field::FieldPath;
use crate::source::problem::{LoadError, Problem};

use super::body::{Body, Opened};
use super::header::{Class, Header};
use super::kinds::Reading;
use super::{Invalid, Loaded, Skipped, unsupported};

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
    invalid: Invalid,
    pub(super) context: Context,
    file: Arc<str>,
    pub(super) objects: BTreeMap<Kind, Vec<Object>>,
    repeats: Repeats,
    /// Endpoints, of which most only repeat what the Service's selector says.
    pub(super) endpoints: Vec<EndpointSlice>,
    problems: Vec<Problem>,
    pub(super) warnings: Vec<Warning>,
    skipped: Skipped,
    /// Objects of other APIs that change what is reachable (UNK-03).
    pub(super) foreign: BTreeMap<Foreign, usize>,
    /// Objects in versions that are not read, by kind and version (LD-01).
    pub(super) unsupported: BTreeMap<Kind, BTreeMap<String, usize>>,
    /// Invalid objects that were left out.
    left_out: BTreeSet<(Kind, Key)>,
    files: usize,
    /// What the object before said it is.
    last: Option<(Header, Kind)>,
}

/// Kind and key of an object.
type Id = (Cow<'static, str>, Key);

/// How objects that stand twice are found (LD-09).
enum Repeats {
    /// At once, with both places.
    Told(HashMap<Id, Place>),
    /// When everything is there, without places, which costs much less. Holds what is not among the
    /// objects.
    Counted(Vec<Id>),
}

/// What was accepted and is probably not meant.
pub(super) struct Warning {
    pub(super) problem: Problem,
    /// What is warned of once only.
    pub(super) once: Option<String>,
}

/// Where an object was first met.
struct Place {
    file: Arc<str>,
    line: Option<u32>,
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

    /// The strings that objects share, for the next part.
    pub(super) fn take_context(&mut self) -> Context {
        std::mem::replace(&mut self.context, Context::new(Mode::Strict))
    }

    /// Sorts what was read; tells whether anything stands there twice (LD-09).
    pub(super) fn has_repeats(&mut self) -> bool {
        let Repeats::Counted(ids) = &mut self.repeats else {
            return false;
        };
        ids.sort_unstable();
        let mut found = ids.windows(2).any(|pair| matches!(pair, [a, b] if a == b));
        for (kind, objects) in &mut self.objects {
            objects.sort_by(|a, b| a.id().cmp(&b.id()));
            let mut pairs = objects.windows(2);
            found |= pairs.any(|pair| matches!(pair, [a, b] if a.id() == b.id()));
            // Objects in versions that are not read have the names of those that are.
            found |= ids.iter().any(|(name, key)| {
                let id = (key.namespace.as_str(), key.name.as_str());
                *name == kind.name() && objects.binary_search_by(|o| o.id().cmp(&id)).is_ok()
            });
        }
        found
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
        if let Some(kind) = body.first_fields().and_then(|named| self.known_kind(named))
            && self.known(kind, body, Reading::Once)
        {
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
            Class::Known(kind) => drop(self.known(kind, body, Reading::Checked)),
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

    /// Remembers where an object stands, or refuses it if it stands somewhere else too (LD-09).
    pub(super) fn is_new(&mut self, id: Id, body: &Body<'_>) -> bool {
        let places = match &mut self.repeats {
            Repeats::Told(places) => places,
            Repeats::Counted(ids) => {
                ids.push(id);
                return true;
            }
        };
        if let Some(first) = places.get(&id) {
            let line = first
                .line
                .map_or_else(String::new, |line| format!(":{line}"));
            let message = format!("declared twice, first in {}{line}", Shown::of(&first.file));
            // Nobody can tell which of the two to leave out.
            let fault = fault("", message, "remove one of them");
            self.problem(Problem {
                object: Some(format!("{} {}", Shown::of(&id.0), id.1)),
                ..self.place(body, fault)
            });
            return false;
        }
        let place = Place {
            file: self.file.clone(),
            line: body.cheap_line(),
        };
        places.insert(id, place);
        true
    }

    /// An object that the API server would refuse is a problem, or is left out if that was asked
    /// for (LD-07).
    pub(super) fn refuse(&mut self, what: What, body: &Body<'_>, fault: Fault) {
        let problem = self.about(what, body, fault);
        match (self.invalid, key_of(what, &body.value())) {
            // Nobody can tell what it could have influenced.
            (Invalid::Skip, None) | (Invalid::Refuse, _) => self.problems.push(problem),
            (Invalid::Skip, Some(key)) => {
                self.left_out.insert((what.kind, key));
                let message = format!("left out: {}", problem.message);
                self.warn(Problem { message, ..problem });
            }
        }
    }

    pub(super) fn warn(&mut self, problem: Problem) {
        let once = None;
        self.warnings.push(Warning { problem, once });
    }

    pub(super) fn refuse_all(&mut self, what: What, body: &Body<'_>, faults: Vec<Fault>) {
        body.enter();
        for fault in faults {
            self.refuse(what, body, fault);
        }
    }

    pub(super) fn about(&self, what: What, body: &Body<'_>, fault: Fault) -> Problem {
        Problem {
            object: Some(object_name(what, &body.value())),
            ..self.place(body, fault)
        }
    }

    fn place(&self, body: &Body<'_>, fault: Fault) -> Problem {
        let position = body.position(&fault.path);
        Problem {
            file: self.file.clone(),
            line: position.map(|at| at.line),
            column: position.map(|at| at.column),
            object: None,
            field: (!fault.path.0.is_empty()).then(|| fault.path.to_string()),
            message: fault.message,
            remedy: fault.remedy.map(str::to_owned),
        }
    }
}

fn add<K: Ord>(counts: &mut BTreeMap<K, usize>, more: BTreeMap<K, usize>) {
    for (key, count) in more {
        *counts.entry(key).or_default() += count;
    }
}

/// The problems in order, without repetitions of those that are told once.
fn distinct(warnings: Vec<Warning>) -> Vec<Problem> {
    let mut told = BTreeSet::new();
    let new = warnings
        .into_iter()
        .filter_map(|warning| match warning.once {
            Some(what) if !told.insert(what.clone()) => None,
            _ => Some(warning.problem),
        });
    new.collect()
}

pub(super) fn fault(
    field: &str,
    message: String,
    remedy: impl Into<Option<&'static str>>,
) -> Fault {
    let path = FieldPath::default();
    Fault {
        path: if field.is_empty() {
            path
        } else {
            path.key(field)
        },
        message,
        remedy: remedy.into(),
    }
}

/// `NetworkPolicy shop/web`, from whatever metadata there is.
fn object_name(what: What, value: &Value) -> String {
    match key_of(what, value) {
        Some(key) if !key.name.is_empty() => format!("{} {key}", what.name),
        Some(_) => format!("{} without a name", what.name),
        None => match value.pointer("/metadata/name").and_then(Value::as_str) {
            Some(name) => format!("{} {}", what.name, Shown::of(name)),
            None => format!("{} without a name", what.name),
        },
    }
}

/// Namespace and name; the name may be empty. `None` if what stands for the namespace is no text.
pub(super) fn key_of(what: What, value: &Value) -> Option<Key> {
    let field = |name: &str| match value.pointer("/metadata") {
        None | Some(Value::Null) => Some(""),
        Some(metadata) => match metadata.as_object()?.get(name) {
            None | Some(Value::Null) => Some(""),
            Some(found) => found.as_str(),
        },
    };
    let given = |name: &str| field(name).filter(|text| !text.is_empty());
    let name = given("name").or_else(|| given("generateName"));
    let name = name.unwrap_or_default();
    if !what.kind.is_namespaced() {
        return Some(Key::cluster(name));
    }
    let namespace = field("namespace")?;
    let namespace = if namespace.is_empty() {
        "default"
    } else {
        namespace
    };
    Some(Key::new(namespace, name))
}
