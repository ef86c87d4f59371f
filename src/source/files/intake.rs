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
    places: HashMap<(Cow<'static, str>, Key), Place>,
    /// Endpoints, of which most only repeat what the Service's selector says.
    pub(super) endpoints: Vec<EndpointSlice>,
    problems: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
    skipped: Skipped,
    /// Objects of other APIs that change what is reachable (UNK-03).
    pub(super) foreign: BTreeMap<Foreign, usize>,
    /// Objects in versions that are not read, by kind and version (LD-01).
    pub(super) unsupported: BTreeMap<Kind, BTreeMap<String, usize>>,
    /// Invalid objects that were left out.
    left_out: BTreeSet<(Kind, Key)>,
    files: usize,
}

/// Where an object was first met.
struct Place {
    file: Arc<str>,
    line: Option<u32>,
}

impl Intake {
    pub(super) fn new(invalid: Invalid) -> Self {
        Self {
            invalid,
            context: Context::new(Mode::Strict),
            file: "".into(),
            objects: BTreeMap::new(),
            places: HashMap::new(),
            endpoints: Vec::new(),
            problems: Vec::new(),
            warnings: Vec::new(),
            skipped: Skipped::default(),
            foreign: BTreeMap::new(),
            unsupported: BTreeMap::new(),
            left_out: BTreeSet::new(),
            files: 0,
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
            warnings: self.warnings,
            skipped: self.skipped,
            files: self.files,
        })
    }

    /// Takes in one top-level object with all that it lists.
    pub(super) fn object(&mut self, body: &Body<'_>) {
        self.entry(body, &Header::default(), 0);
    }

    fn entry(&mut self, body: &Body<'_>, default: &Header, depth: usize) {
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
            Class::Known(kind) => self.known(kind, body),
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
        if !self.is_new((kind.name().into(), object.key()), body) {
            return;
        }
        self.locate(&mut object, body);
        self.warn_unknown_fields(&object, body);
        self.objects.entry(kind).or_default().push(object);
    }

    /// Remembers where an object stands, or refuses it if it stands somewhere else too (LD-09).
    pub(super) fn is_new(&mut self, id: (Cow<'static, str>, Key), body: &Body<'_>) -> bool {
        if let Some(first) = self.places.get(&id) {
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
        self.places.insert(id, place);
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
                self.warnings.push(Problem {
                    message: format!("left out: {}", problem.message),
                    ..problem
                });
            }
        }
    }

    pub(super) fn refuse_all(&mut self, what: What, body: &Body<'_>, faults: Vec<Fault>) {
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
