//! Collects objects, problems and counts over all files of a source.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::model::{
    Change, EndpointSlice, Foreign, ForeignCount, Key, Kind, Object, Origin, Scope, Shown, Text,
};
use crate::source::convert::{self, Context, Fault, IntoObject, Mode, admin, slice};
use crate::source::field::{FieldPath, Segment};
use crate::source::problem::{LoadError, Problem};
use crate::source::wire;

use super::body::{Body, Opened};
use super::header::{Class, Header};
use super::{Loaded, Skipped};

/// Lists within lists beyond this depth are refused.
const MAX_DEPTH: usize = 16;

/// All that has been read so far.
pub(super) struct Intake {
    context: Context,
    file: Arc<str>,
    objects: BTreeMap<Kind, Vec<Object>>,
    places: HashMap<(&'static str, Key), Place>,
    /// Endpoints, of which most only repeat what the Service's selector says.
    endpoints: Vec<EndpointSlice>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
    skipped: Skipped,
    /// Objects of other APIs that change what is reachable (UNK-03).
    foreign: BTreeMap<Foreign, usize>,
    files: usize,
}

/// Where an object was first met.
struct Place {
    file: Arc<str>,
    line: Option<u32>,
}

impl Default for Intake {
    fn default() -> Self {
        Self {
            context: Context::new(Mode::Strict),
            file: "".into(),
            objects: BTreeMap::new(),
            places: HashMap::new(),
            endpoints: Vec::new(),
            problems: Vec::new(),
            warnings: Vec::new(),
            skipped: Skipped::default(),
            foreign: BTreeMap::new(),
            files: 0,
        }
    }
}

impl Intake {
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
        let foreign = Change::Foreign(foreign.collect());
        let changes = Kind::ALL.into_iter().map(|kind| Change::Replace {
            kind,
            scope: Scope::Cluster,
            objects: self.objects.remove(&kind).unwrap_or_default(),
        });
        Ok(Loaded {
            changes: changes.chain([foreign]).collect(),
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
            Class::Nothing => self.skipped.documents_without_kind += 1,
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
                self.refuse(kind.name(), body, fault("apiVersion", message, "add it"));
            }
            Class::UnsupportedVersion(kind) => {
                let message = format!("this version of {kind} is not supported");
                let remedy = "convert it to the current version of its API";
                self.refuse(kind.name(), body, fault("apiVersion", message, remedy));
            }
            Class::Other { name, policy } => self.other(name, policy, body),
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

    fn count(&mut self, kind: String) {
        *self.skipped.other_kinds.entry(kind).or_default() += 1;
    }

    fn other(&mut self, name: String, policy: bool, body: &Body<'_>) {
        let first = !self.skipped.other_kinds.contains_key(&name);
        if first && policy {
            let message = format!("{} is not evaluated", Shown::of(&name));
            self.warnings.push(Problem {
                line: body.cheap_line(),
                ..Problem::of_file(&self.file, message)
                    .with_remedy("what it allows or denies is missing from every answer")
            });
        }
        if policy {
            *self
                .foreign
                .entry(Foreign {
                    kind: Text::from(name.as_str()),
                    namespace: None,
                })
                .or_default() += 1;
        }
        self.count(name);
    }

    fn known(&mut self, kind: Kind, body: &Body<'_>) {
        match kind {
            Kind::Namespace => self.take::<wire::Namespace>(body),
            Kind::Pod => self.take::<wire::Pod>(body),
            Kind::NetworkPolicy => self.take::<wire::NetworkPolicy>(body),
            Kind::Deployment => self.take::<wire::Deployment>(body),
            Kind::ReplicaSet => self.take::<wire::ReplicaSet>(body),
            Kind::StatefulSet => self.take::<wire::StatefulSet>(body),
            Kind::DaemonSet => self.take::<wire::DaemonSet>(body),
            Kind::Job => self.take::<wire::Job>(body),
            Kind::CronJob => self.take::<wire::CronJob>(body),
            Kind::ReplicationController => self.take::<wire::ReplicationController>(body),
            Kind::Service => self.take::<wire::Service>(body),
            Kind::Ingress => self.take::<wire::Ingress>(body),
            Kind::Node => self.take::<wire::Node>(body),
            Kind::Role => self.take::<wire::Role>(body),
            Kind::ClusterRole => self.take::<wire::ClusterRole>(body),
            Kind::RoleBinding => self.take::<wire::RoleBinding>(body),
            Kind::ClusterRoleBinding => self.take::<wire::ClusterRoleBinding>(body),
            Kind::AdminNetworkPolicy => self.take::<wire::AdminNetworkPolicy>(body),
            Kind::BaselineAdminNetworkPolicy => {
                self.take::<wire::BaselineAdminNetworkPolicy>(body);
            }
            Kind::ClusterNetworkPolicy => self.take::<wire::ClusterNetworkPolicy>(body),
            Kind::IngressClass => self.take::<wire::IngressClass>(body),
            Kind::EndpointSlice => self.take::<wire::EndpointSlice>(body),
            Kind::GatewayClass => self.take::<wire::GatewayClass>(body),
            Kind::Gateway => self.take::<wire::Gateway>(body),
            Kind::HttpRoute => self.take::<wire::HttpRoute>(body),
            Kind::GrpcRoute => self.take::<wire::GrpcRoute>(body),
            Kind::TlsRoute => self.take::<wire::TlsRoute>(body),
            Kind::TcpRoute => self.take::<wire::TcpRoute>(body),
            Kind::UdpRoute => self.take::<wire::UdpRoute>(body),
            Kind::ReferenceGrant => self.take::<wire::ReferenceGrant>(body),
            Kind::OpenShiftRoute => self.take::<wire::OpenShiftRoute>(body),
        }
    }

    fn take<W: IntoObject>(&mut self, body: &Body<'_>) {
        let converted = body
            .read::<W>()
            .map_err(|fault| vec![fault])
            .and_then(|wire| convert::convert(wire, &mut self.context));
        match converted {
            Ok(Some(object)) => self.accept(object, body),
            Ok(None) => {}
            Err(faults) => self.refuse_all(W::KIND.name(), body, faults),
        }
    }

    /// Endpoints wait for the Services, which say whether they matter.
    fn endpoints(&mut self, body: &Body<'_>) {
        let converted = body
            .read::<wire::Endpoints>()
            .map_err(|fault| vec![fault])
            .and_then(|wire| slice::of_endpoints(&wire, &mut self.context));
        match converted {
            Ok(slices) => {
                let service = slices.first().map(|slice| Key {
                    namespace: slice.key.namespace.clone(),
                    name: slice.service.clone(),
                });
                if service.is_none_or(|key| self.is_new(("Endpoints", key), body)) {
                    self.endpoints.extend(slices);
                }
            }
            Err(faults) => self.refuse_all("Endpoints", body, faults),
        }
    }

    /// Endpoints of Services without a selector that no slice speaks about; those of the others are
    /// made by the cluster (SVC-02).
    fn add_endpoints(&mut self) {
        let slices = self.objects.entry(Kind::EndpointSlice).or_default();
        let mut sliced = BTreeSet::new();
        for object in slices {
            if let Object::EndpointSlice(slice) = object {
                sliced.insert((slice.key.namespace.clone(), slice.service.clone()));
            }
        }
        let services = self.objects.get(&Kind::Service).into_iter().flatten();
        let bare = services.filter_map(|object| match object {
            Object::Service(service) if service.selector.is_none() => Some(&service.key),
            _ => None,
        });
        let bare: BTreeSet<Key> = bare.cloned().collect();
        let wanted = std::mem::take(&mut self.endpoints)
            .into_iter()
            .filter(|slice| {
                let (namespace, name) = (slice.key.namespace.clone(), slice.service.clone());
                !sliced.contains(&(namespace.clone(), name.clone()))
                    && bare.contains(&Key { namespace, name })
            });
        let slices = self.objects.entry(Kind::EndpointSlice).or_default();
        slices.extend(wanted.map(Object::EndpointSlice));
    }

    fn accept(&mut self, mut object: Object, body: &Body<'_>) {
        let kind = object.kind();
        if !self.is_new((kind.name(), object.key()), body) {
            return;
        }
        self.locate(&mut object, body);
        self.warn_unknown_fields(&object, body);
        self.objects.entry(kind).or_default().push(object);
    }

    /// Remembers where an object stands, or refuses it if it stands somewhere else too (LD-09).
    fn is_new(&mut self, id: (&'static str, Key), body: &Body<'_>) -> bool {
        if let Some(first) = self.places.get(&id) {
            let line = first
                .line
                .map_or_else(String::new, |line| format!(":{line}"));
            let message = format!("declared twice, first in {}{line}", Shown::of(&first.file));
            self.refuse(id.0, body, fault("", message, "remove one of them"));
            return false;
        }
        let place = Place {
            file: self.file.clone(),
            line: body.cheap_line(),
        };
        self.places.insert(id, place);
        true
    }

    /// Tells objects with a history where they stand, and rules their lines.
    fn locate(&self, object: &mut Object, body: &Body<'_>) {
        let origin = || {
            body.position(&FieldPath::default()).map(|at| Origin {
                file: self.file.clone(),
                line: at.line,
            })
        };
        match object {
            Object::NetworkPolicy(policy) => {
                policy.meta.origin = origin();
                for (field, rules) in [
                    ("ingress", &mut policy.ingress),
                    ("egress", &mut policy.egress),
                ] {
                    let rules = rules.as_deref_mut().unwrap_or_default();
                    number(rules.iter_mut().map(|rule| &mut rule.line), body, field);
                }
            }
            Object::AdminPolicy(policy) => {
                policy.meta.origin = origin();
                for (field, rules) in [
                    ("ingress", &mut policy.ingress),
                    ("egress", &mut policy.egress),
                ] {
                    number(rules.iter_mut().map(|rule| &mut rule.line), body, field);
                }
            }
            Object::Role(role) => role.meta.origin = origin(),
            Object::Binding(binding) => binding.meta.origin = origin(),
            Object::Namespace(_)
            | Object::Pod(_)
            | Object::Controller(_)
            | Object::Service(_)
            | Object::Ingress(_)
            | Object::Node(_)
            | Object::IngressClass(_)
            | Object::EndpointSlice(_)
            | Object::GatewayClass(_)
            | Object::Gateway(_)
            | Object::GatewayRoute(_)
            | Object::ReferenceGrant(_)
            | Object::OpenShiftRoute(_) => {}
        }
    }

    /// Fields of policies that their API does not know (LD-06).
    fn warn_unknown_fields(&mut self, object: &Object, body: &Body<'_>) {
        let unknown = match object {
            Object::NetworkPolicy(policy) => convert::policy::unknown_fields(&policy.spec),
            Object::AdminPolicy(policy) => admin::unknown_fields(policy.api, &policy.spec),
            _ => return,
        };
        for path in unknown {
            let message = if is_peer_or_port(&path) && matches!(object, Object::AdminPolicy(_)) {
                "unknown field: an allowing rule matches nothing by it, any other denies everything"
            } else {
                "unknown field, ignored"
            };
            let fault = Fault {
                path,
                message: message.to_owned(),
                remedy: Some("check its spelling"),
            };
            let warning = self.about(object.kind().name(), body, fault);
            self.warnings.push(warning);
        }
    }

    fn refuse(&mut self, kind: &str, body: &Body<'_>, fault: Fault) {
        let problem = self.about(kind, body, fault);
        self.problems.push(problem);
    }

    fn refuse_all(&mut self, kind: &str, body: &Body<'_>, faults: Vec<Fault>) {
        for fault in faults {
            self.refuse(kind, body, fault);
        }
    }

    fn about(&self, kind: &str, body: &Body<'_>, fault: Fault) -> Problem {
        Problem {
            object: Some(object_name(kind, &body.value())),
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

/// Whether a field stands in a list of a rule: `spec.egress[0].to[0].sameLabels` (AP-09).
fn is_peer_or_port(path: &FieldPath) -> bool {
    matches!(path.0.get(4), Some(Segment::Index(_)))
}

/// Gives the rules under `spec.<field>` their lines.
fn number<'r>(
    rules: impl ExactSizeIterator<Item = &'r mut Option<u32>>,
    body: &Body<'_>,
    field: &str,
) {
    if rules.len() == 0 {
        return;
    }
    let path = FieldPath::default().key("spec").key(field);
    for (rule, line) in rules.zip(body.entry_lines(&path)) {
        *rule = Some(line);
    }
}

fn fault(field: &str, message: String, remedy: impl Into<Option<&'static str>>) -> Fault {
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
fn object_name(kind: &str, value: &Value) -> String {
    let field = |name: &str| {
        let found = value.pointer("/metadata").and_then(|m| m.get(name));
        found.and_then(Value::as_str)
    };
    let Some(name) = field("name").or_else(|| field("generateName")) else {
        return format!("{kind} without a name");
    };
    let mut known = Kind::ALL.into_iter().filter(|known| known.name() == kind);
    let key = if known.all(Kind::is_namespaced) {
        Key::new(field("namespace").unwrap_or("default"), name)
    } else {
        Key::cluster(name)
    };
    format!("{kind} {key}")
}
