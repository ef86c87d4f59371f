//! `kreach exposed`: what can be reached from where, worst first (section 12 of the semantics).
//!
//! What is declared (the object that publishes, its ports) and what takes effect (the ports that
//! policy lets through, the level) stand side by side and are never merged.

use std::io;

use ipnet::IpNet;
use serde::Serialize;

use crate::exposure::{Clients, Exposure, Level, Marker, PublishedPath, WorkloadExposure};
use crate::model::{Inventory, Text};
use crate::reach::{Isolation, Why};
use crate::select::PortSet;

use super::end::{NamedEnd, Names, PortsDocument, ports};
use super::note::NoteDocument;
use super::table::{Cell, Paint, Table, Tone};

/// The document `kreach.exposed/v1`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Exposed {
    schema: &'static str,
    workloads: Vec<Line>,
    notes: Vec<NoteDocument>,
}

/// One workload.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct Line {
    workload: NamedEnd,
    level: Level,
    ports: Vec<PortsDocument>,
    isolated: Isolated,
    #[serde(rename = "isolatedBy")]
    isolated_by: Vec<Text>,
    markers: Vec<Marker>,
    paths: Vec<Path>,
    /// What an unknown level depends on.
    why: Vec<String>,
    #[serde(skip)]
    shown: PortSet,
}

/// Whether ingress is isolated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Isolated {
    Yes,
    No,
    Unknown,
    /// Host network: policies do not apply.
    Host,
}

/// One way in: `declared` by an object, `effective` after policy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct Path {
    id: &'static str,
    by: By,
    entry: Option<u16>,
    clients: ClientsDocument,
    declared: Vec<PortsDocument>,
    effective: Effective,
    #[serde(skip)]
    shown: (&'static str, PortSet, PortSet, PortSet),
}

/// The object that publishes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct By {
    kind: &'static str,
    namespace: Text,
    name: Text,
}

/// Who can come in before any policy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum ClientsDocument {
    Everyone,
    Blocks { cidrs: Vec<IpNet> },
    NodeNetwork,
    PrivateNetwork,
}

/// What policy makes of a path.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct Effective {
    level: Level,
    open: Vec<PortsDocument>,
    unknown: Vec<PortsDocument>,
}

/// Which workloads are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Extent {
    /// Those that something publishes, that any address may enter, or whose level is unknown.
    #[default]
    Outside,
    /// All.
    Everything,
}

/// What the document is made from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Exposure of all workloads.
    pub exposure: &'a Exposure,
    /// Who they are.
    pub inventory: &'a Inventory,
    /// Only these namespaces; empty is all.
    pub namespaces: &'a [Text],
    /// Which levels.
    pub extent: Extent,
}

impl Exposed {
    /// The document, worst level first, then by name.
    #[must_use]
    pub fn of(input: Input<'_>) -> Self {
        let names = Names::of(input.inventory);
        let mut chosen: Vec<&WorkloadExposure> = input
            .exposure
            .workloads
            .iter()
            .filter(|w| listed(w, &input))
            .collect();
        // Stable: workloads of one level stay in key order.
        chosen.sort_by_key(|workload| rank(workload));
        Self {
            schema: "kreach.exposed/v1",
            workloads: chosen
                .into_iter()
                .map(|workload| line(workload, &names))
                .collect(),
            notes: input.exposure.notes.iter().map(NoteDocument::of).collect(),
        }
    }

    /// Levels of the listed workloads, worst first.
    pub fn levels(&self) -> impl Iterator<Item = Level> {
        self.workloads.iter().map(|line| line.level)
    }

    /// What the unknown levels depend on, escaped, each once.
    #[must_use]
    pub fn why(&self) -> Vec<&str> {
        let mut why: Vec<&str> = self
            .workloads
            .iter()
            .flat_map(|line| &line.why)
            .map(String::as_str)
            .collect();
        why.sort_unstable();
        why.dedup();
        why
    }

    /// Notes for people, escaped.
    pub fn notes(&self) -> &[NoteDocument] {
        &self.notes
    }

    /// Writes the table: one line per way in, or one for a workload without any.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_table(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        let head = [
            "LEVEL",
            "WORKLOAD",
            "DECLARED BY",
            "DECLARED",
            "CLIENTS",
            "EFFECTIVE",
            "ISOLATED",
            "NOTE",
        ];
        let mut table = Table::new(&head);
        for line in &self.workloads {
            if line.paths.is_empty() {
                table.row(row(line, None));
            }
            for path in &line.paths {
                table.row(row(line, Some(path)));
            }
        }
        table.write(out, paint)
    }
}

/// Unknown could be anything, so it stands right behind what is published for certain.
fn rank(workload: &WorkloadExposure) -> (u8, Level) {
    let band = match workload.level {
        level if level.is_published() => 0,
        Level::Unknown => 1,
        _ => 2,
    };
    (band, workload.level)
}

fn listed(workload: &WorkloadExposure, input: &Input<'_>) -> bool {
    let namespace = input
        .inventory
        .workload(workload.workload)
        .map(|w| &w.key.namespace);
    let wanted = input.namespaces.is_empty()
        || namespace.is_some_and(|namespace| input.namespaces.contains(namespace));
    let outside = workload.level.is_published()
        || matches!(workload.level, Level::OpenUnpublished | Level::Unknown)
        || !workload.paths.is_empty();
    wanted && (input.extent == Extent::Everything || outside)
}

fn line(workload: &WorkloadExposure, names: &Names<'_>) -> Line {
    let (isolated, isolated_by) = isolation(&workload.isolation);
    Line {
        workload: names.workload(workload.workload),
        level: workload.level,
        ports: ports(&workload.ports),
        isolated,
        isolated_by,
        markers: workload.markers.clone(),
        paths: workload.paths.iter().map(path).collect(),
        why: workload.why.iter().map(Why::to_string).collect(),
        shown: workload.ports.clone(),
    }
}

fn isolation(isolation: &Isolation) -> (Isolated, Vec<Text>) {
    match isolation {
        Isolation::Open => (Isolated::No, Vec::new()),
        Isolation::Isolated(policies) => (Isolated::Yes, super::network_policies(policies)),
        Isolation::Host => (Isolated::Host, Vec::new()),
        Isolation::Unknown(_) => (Isolated::Unknown, Vec::new()),
    }
}

fn path(path: &PublishedPath) -> Path {
    let (kind, key) = &path.by;
    Path {
        id: path.id.id(),
        by: By {
            kind: kind.name(),
            namespace: key.namespace.clone(),
            name: key.name.clone(),
        },
        entry: path.entry,
        clients: clients(&path.clients),
        declared: ports(&path.declared),
        effective: Effective {
            level: path.level,
            open: ports(&path.open),
            unknown: ports(&path.unknown),
        },
        shown: (
            path.id.name(),
            path.declared.clone(),
            path.open.clone(),
            path.unknown.clone(),
        ),
    }
}

fn clients(clients: &Clients) -> ClientsDocument {
    match clients {
        Clients::Everyone => ClientsDocument::Everyone,
        Clients::Blocks(cidrs) => ClientsDocument::Blocks {
            cidrs: cidrs.clone(),
        },
        Clients::NodeNetwork => ClientsDocument::NodeNetwork,
        Clients::PrivateNetwork => ClientsDocument::PrivateNetwork,
    }
}

impl ClientsDocument {
    fn shown(&self) -> String {
        match self {
            Self::Everyone => "everyone".to_owned(),
            Self::Blocks { cidrs } => super::end::external(cidrs).to_string(),
            Self::NodeNetwork => "node network".to_owned(),
            Self::PrivateNetwork => "private network".to_owned(),
        }
    }
}

fn row(line: &Line, path: Option<&Path>) -> Vec<Cell> {
    let level = path.map_or(line.level, |path| path.effective.level);
    let isolated = match line.isolated {
        Isolated::Yes => Cell::new("yes"),
        Isolated::No => Cell::new("no").tone(Tone::Bad),
        Isolated::Unknown => Cell::new("unknown").tone(Tone::Unsure),
        Isolated::Host => Cell::new("host network").tone(Tone::Bad),
    };
    let notes: Vec<&str> = line.markers.iter().map(|marker| marker.name()).collect();
    vec![
        Cell::new(level).tone(level_tone(level)),
        Cell::new(&line.workload).tone(Tone::Strong),
        Cell::new(path.map_or_else(|| "nothing".to_owned(), Path::declared_by)),
        Cell::new(path.map_or_else(|| "-".to_owned(), |path| path.shown.1.to_string())),
        Cell::new(path.map_or_else(|| "-".to_owned(), |path| path.clients.shown())),
        Cell::new(path.map_or_else(|| line.shown.to_string(), Path::effective)),
        isolated,
        Cell::new(notes.join(", ")).tone(Tone::Faint),
    ]
}

impl Path {
    fn declared_by(&self) -> String {
        let entry = self
            .entry
            .map_or_else(String::new, |port| format!(" :{port}"));
        format!("{} {}{entry}", self.shown.0, self.by.name.shown())
    }

    fn effective(&self) -> String {
        let (_, _, open, unknown) = &self.shown;
        match (open.is_none(), unknown.is_none()) {
            (true, true) => "blocked".to_owned(),
            (false, true) => open.to_string(),
            (true, false) => format!("unknown: {unknown}"),
            (false, false) => format!("{open}, unknown: {unknown}"),
        }
    }
}

const fn level_tone(level: Level) -> Tone {
    match level {
        Level::Internet | Level::NodePorts => Tone::Bad,
        Level::InternetLimited | Level::InternalLb | Level::OpenUnpublished | Level::Unknown => {
            Tone::Unsure
        }
        Level::Cluster | Level::Namespaces | Level::Namespace => Tone::Plain,
        Level::Closed => Tone::Good,
    }
}
