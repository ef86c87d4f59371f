//! `kreach exposed`: what can be reached from where, worst first (section 12 of the semantics).
//!
//! What is declared (the object that publishes, its ports) and what takes effect (the ports that
//! policy lets through, the level) stand side by side and are never merged.

use std::io;

use ipnet::IpNet;
use serde::Serialize;

use crate::analysis::{About, Analysis};
use crate::exposure::{Clients, EgressLevel, Level, Marker, PublishedPath, WorkloadExposure};
use crate::model::Text;
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
    /// What the network does with policies is not known, so it may be worse (EXP-12).
    #[serde(rename = "atLeast")]
    at_least: bool,
    ports: Vec<PortsDocument>,
    /// Every port that somebody may open, at its worst level (EXP-10).
    levels: Vec<PortsAt>,
    isolated: Isolated,
    #[serde(rename = "isolatedBy")]
    isolated_by: Vec<Text>,
    markers: Vec<Marker>,
    paths: Vec<Path>,
    /// How far it may dial out (EXP-13).
    egress: EgressLevel,
    /// What unknown levels depend on.
    why: Vec<String>,
    #[serde(skip)]
    shown: PortSet,
}

/// The ports of one level.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct PortsAt {
    level: Level,
    ports: Vec<PortsDocument>,
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

/// What a listing is restricted to.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    /// Only these namespaces; empty is all.
    pub namespaces: &'a [Text],
    /// How far in from the outside.
    pub extent: Extent,
    /// Only these levels; empty is all that `extent` lists.
    pub levels: &'a [Level],
}

impl Exposed {
    /// The document, worst level first, then by name.
    #[must_use]
    pub fn of(analysis: &Analysis, filter: Filter<'_>) -> Self {
        let names = Names::of(analysis.inventory());
        let mut chosen: Vec<&WorkloadExposure> = analysis
            .exposure()
            .workloads
            .iter()
            .filter(|w| listed(w, analysis, &filter))
            .collect();
        // Stable: workloads of one level stay in key order.
        chosen.sort_by_key(|workload| workload.rank());
        let doubtful = analysis.enforcement.is_doubtful();
        let notes = analysis.notes_for(&about(analysis, &chosen));
        Self {
            schema: "kreach.exposed/v1",
            workloads: chosen
                .into_iter()
                .map(|workload| line(workload, &names, doubtful))
                .collect(),
            notes: notes.iter().map(NoteDocument::of).collect(),
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
            "EGRESS",
            "NOTE",
        ];
        let mut table = Table::new(&head);
        for (line, path) in self.rows() {
            table.row(row(line, path));
        }
        table.write(out, paint)
    }

    /// Every way in with its workload, and workloads without any.
    fn rows(&self) -> impl Iterator<Item = (&Line, Option<&Path>)> {
        self.workloads.iter().flat_map(|line| {
            let alone = line.paths.is_empty().then_some((line, None));
            let paths = line.paths.iter().map(move |path| (line, Some(path)));
            alone.into_iter().chain(paths)
        })
    }
}

/// The caveats that concern the listed workloads and what publishes them.
fn about(analysis: &Analysis, chosen: &[&WorkloadExposure]) -> About {
    let inventory = analysis.inventory();
    let workloads = || chosen.iter().map(|exposure| exposure.workload);
    let members = workloads()
        .filter_map(|workload| inventory.workload(workload))
        .flat_map(|workload| workload.members.iter().copied());
    About {
        destinations: members.collect(),
        published: workloads().collect(),
        ..About::default()
    }
}

fn listed(workload: &WorkloadExposure, analysis: &Analysis, filter: &Filter<'_>) -> bool {
    let namespace = analysis
        .inventory()
        .workload(workload.workload)
        .map(|w| &w.key.namespace);
    let wanted = filter.namespaces.is_empty()
        || namespace.is_some_and(|namespace| filter.namespaces.contains(namespace));
    // Whoever names levels means them, however far inside they are.
    let fits = match filter.levels {
        [] => filter.extent == Extent::Everything || workload.is_outside(),
        levels => levels.contains(&workload.level),
    };
    wanted && fits
}

fn line(workload: &WorkloadExposure, names: &Names<'_>, doubtful: bool) -> Line {
    let (isolated, isolated_by) = isolation(&workload.isolation);
    let at = |(level, set): &(Level, PortSet)| PortsAt {
        level: *level,
        ports: ports(set),
    };
    let why = workload.why.iter().chain(&workload.egress.why);
    let mut why: Vec<String> = why.map(Why::to_string).collect();
    why.sort_unstable();
    why.dedup();
    Line {
        workload: names.workload(workload.workload),
        level: workload.level,
        at_least: doubtful && !matches!(workload.level, Level::Internet | Level::Unknown),
        ports: ports(&workload.ports),
        levels: workload.levels.iter().map(at).collect(),
        isolated,
        isolated_by,
        markers: workload.markers.clone(),
        paths: workload.paths.iter().map(path).collect(),
        egress: workload.egress.level,
        why,
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

impl Line {
    /// The level of one of its ways, or its own; `at least` where it may be worse (EXP-12).
    fn level(&self, path: Option<&Path>) -> String {
        let level = path.map_or(self.level, |path| path.effective.level);
        if self.at_least && !matches!(level, Level::Internet | Level::Unknown) {
            format!("at least {level}")
        } else {
            level.to_string()
        }
    }

    fn isolated(&self) -> &'static str {
        match self.isolated {
            Isolated::Yes => "yes",
            Isolated::No => "no",
            Isolated::Unknown => "unknown",
            Isolated::Host => "host network",
        }
    }

    /// What a row says, in the order of the columns.
    fn texts(&self, path: Option<&Path>) -> [String; 9] {
        let notes: Vec<&str> = self.markers.iter().map(|marker| marker.name()).collect();
        [
            self.level(path),
            self.workload.to_string(),
            path.map_or_else(|| "nothing".to_owned(), Path::declared_by),
            path.map_or_else(|| "-".to_owned(), |path| path.shown.1.to_string()),
            path.map_or_else(|| "-".to_owned(), |path| path.clients.shown()),
            path.map_or_else(|| self.shown.to_string(), Path::effective),
            self.isolated().to_owned(),
            self.egress.to_string(),
            notes.join(", "),
        ]
    }
}

fn row(line: &Line, path: Option<&Path>) -> Vec<Cell> {
    let level = path.map_or(line.level, |path| path.effective.level);
    let isolated = match line.isolated {
        Isolated::Yes => Tone::Plain,
        Isolated::No | Isolated::Host => Tone::Bad,
        Isolated::Unknown => Tone::Unsure,
    };
    let egress = match line.egress {
        EgressLevel::Unknown => Tone::Unsure,
        EgressLevel::Internet | EgressLevel::Cluster | EgressLevel::Limited | EgressLevel::None => {
            Tone::Plain
        }
    };
    let tones = [
        level_tone(level),
        Tone::Strong,
        Tone::Plain,
        Tone::Plain,
        Tone::Plain,
        Tone::Plain,
        isolated,
        egress,
        Tone::Faint,
    ];
    let texts = line.texts(path).into_iter().zip(tones);
    texts
        .map(|(text, tone)| Cell::new(text).tone(tone))
        .collect()
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
