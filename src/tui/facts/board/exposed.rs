//! Screen 5: every way into a workload, worst first.

use ipnet::IpNet;

use crate::analysis::{About, Analysis};
use crate::exposure::publish::Source;
use crate::exposure::space::{PRIVATE, global, overlap};
use crate::exposure::{Clients, Level, PublishedPath, WorkloadExposure};
use crate::model::{Direction, Key, Kind, MemberIdx, Protocol, Workload};
use crate::query::{QueryEnd, Surroundings, resolve};
use crate::reach::{End, Explanation, Half, Isolation, Step};
use crate::report::why;
use crate::select::PortSet;
use crate::tui::facts::{ChangeRow, Extent, Question, Risk, WayRow};
use crate::tui::theme::{Glyphs, Role};
use crate::tui::widget::Line;

use super::{home, policy};

/// Every way into every workload that something publishes or that any address may enter.
pub(super) fn rows(analysis: &Analysis, around: &Surroundings<'_>, glyphs: Glyphs) -> Vec<WayRow> {
    let maker = Maker {
        analysis,
        around,
        glyphs,
        global: global(),
    };
    let mut exposures: Vec<&WorkloadExposure> = analysis
        .exposure
        .workloads
        .iter()
        .filter(|exposure| exposure.is_outside())
        .collect();
    exposures.sort_by_key(|exposure| exposure.rank());
    exposures
        .into_iter()
        .flat_map(|exposure| maker.of_workload(exposure))
        .collect()
}

/// Blocks that a line names before the rest is counted.
const MOST_BLOCKS: usize = 4;

struct Maker<'a> {
    analysis: &'a Analysis,
    around: &'a Surroundings<'a>,
    glyphs: Glyphs,
    global: Vec<IpNet>,
}

/// Whom the policies see, and how a question names them.
struct Seen {
    end: End,
    name: Option<String>,
}

impl Maker<'_> {
    fn of_workload(&self, exposure: &WorkloadExposure) -> Vec<WayRow> {
        let Some(workload) = self.analysis.inventory().workload(exposure.workload) else {
            return Vec::new();
        };
        if exposure.paths.is_empty() {
            return vec![self.unpublished(exposure, workload)];
        }
        let paths = exposure.paths.iter();
        paths
            .map(|path| self.published(exposure, workload, path))
            .collect()
    }

    fn published(
        &self,
        exposure: &WorkloadExposure,
        workload: &Workload,
        path: &PublishedPath,
    ) -> WayRow {
        let telling = [&path.open, &path.unknown, &path.declared];
        let port = telling.into_iter().find_map(PortSet::first);
        let seen = port.map(|port| self.seen(path, port));
        let told = seen.as_ref().zip(port).map(|(seen, port)| {
            self.analysis
                .reach
                .explain(&seen.end, &End::Member(path.member), port.0, port.1)
        });
        let blocked = path.level == Level::Closed;
        let risk = if blocked {
            Risk::None
        } else {
            home::risk(exposure)
        };
        let question = seen.and_then(|seen| self.question(exposure, seen.name?, port));
        let (kind, key) = &path.by;
        let way = format!(
            "{} {kind} {key} {:?} {:?}",
            path.id.id(),
            path.entry,
            path.clients
        );
        let mut row = WayRow {
            workload: workload.key.clone(),
            way,
            level: self.level(path.level),
            by: home::declared(path),
            declared: home::clients(&path.clients),
            ports: path.declared.to_string(),
            effective: effective(path.level).to_owned(),
            extent: extent(path),
            risk,
            dim: blocked,
            question,
            ..self.through(told.as_ref())
        };
        row.lines = self.lines(exposure, (&row, Some(path)), told.as_ref());
        row
    }

    fn unpublished(&self, exposure: &WorkloadExposure, workload: &Workload) -> WayRow {
        let port = exposure.ports.first();
        let member = workload.members.first().copied();
        let told = member.zip(port).map(|(member, (protocol, port))| {
            let address = self.admitted(member, (protocol, port), &self.global);
            let end = self.address(address, &self.global);
            self.analysis
                .reach
                .explain(&end, &End::Member(member), protocol, port)
        });
        let unknown = exposure.level == Level::Unknown;
        let mut row = WayRow {
            workload: workload.key.clone(),
            way: String::new(),
            level: self.level(exposure.level),
            by: "nothing".to_owned(),
            declared: "-".to_owned(),
            ports: exposure.ports.to_string(),
            effective: effective(exposure.level).to_owned(),
            extent: if unknown {
                Extent::Unknown
            } else if exposure.ports.is_all() {
                Extent::All
            } else {
                Extent::Some
            },
            risk: Risk::None,
            dim: !unknown,
            question: self.question(exposure, "internet".to_owned(), None),
            ..self.through(told.as_ref())
        };
        row.lines = self.lines(exposure, (&row, None), told.as_ref());
        row
    }

    /// EXP-12
    fn level(&self, level: Level) -> String {
        let doubtful = self.analysis.enforcement.is_doubtful();
        if doubtful && !matches!(level, Level::Internet | Level::Unknown) {
            format!("at least {level}")
        } else {
            level.to_string()
        }
    }

    fn question(
        &self,
        exposure: &WorkloadExposure,
        source: String,
        port: Option<(Protocol, u16)>,
    ) -> Option<Question> {
        let end = QueryEnd::Workload(exposure.workload);
        Some(Question {
            source,
            destination: resolve::spelling(self.around, &end),
            port: port
                .map(|(protocol, port)| format!("{port}/{}", protocol.name().to_ascii_lowercase())),
        })
        .filter(|question| !question.destination.is_empty())
    }

    /// Whom the policies see on this way: of several, one that they let in.
    fn seen(&self, path: &PublishedPath, port: (Protocol, u16)) -> Seen {
        let clients = match &path.clients {
            Clients::Everyone | Clients::NodeNetwork => self.global.clone(),
            Clients::Blocks(blocks) => blocks.clone(),
            Clients::PrivateNetwork => PRIVATE.to_vec(),
        };
        match &path.source {
            Source::Pods(pods) => {
                let lets_in = |pod: &&MemberIdx| {
                    let answer = self.analysis.reach.pair(**pod, path.member);
                    answer.allowed.contains(port.0, port.1)
                };
                let pod = pods.iter().find(lets_in).or_else(|| pods.first());
                pod.map_or_else(nobody, |pod| Seen {
                    end: End::Member(*pod),
                    name: Some(resolve::spelling(self.around, &QueryEnd::Pod(*pod))),
                })
            }
            Source::ArbitraryPod => nobody(),
            Source::Client | Source::NotAsked => self.outside(path, port, &[clients]),
            Source::ClientOrNode => {
                let nodes = self.analysis.world.nodes.values();
                let nodes = nodes.flat_map(|node| node.internal.iter().chain(&node.external));
                let nodes = nodes.map(|address| IpNet::from(*address)).collect();
                self.outside(path, port, &[clients, PRIVATE.to_vec(), nodes])
            }
            Source::ClientOrProxy(own) => self.outside(path, port, &[clients, own.to_vec()]),
        }
    }

    /// An address of the first of these sets that is let in, else of the first set.
    fn outside(&self, path: &PublishedPath, port: (Protocol, u16), sets: &[Vec<IpNet>]) -> Seen {
        let everyone = &self.global;
        let admitted = sets.iter().find_map(|set| {
            let block = self.admitted(path.member, port, set)?;
            Some((block, set))
        });
        let named = |block: IpNet, set: &Vec<IpNet>| {
            if set == everyone {
                "internet".to_owned()
            } else {
                block.to_string()
            }
        };
        let (block, name) = match admitted {
            Some((block, set)) => (Some(block), Some(named(block, set))),
            None => {
                let first = sets.first().and_then(|set| Some((*set.first()?, set)));
                (
                    first.map(|(block, _)| block),
                    first.map(|(block, set)| named(block, set)),
                )
            }
        };
        Seen {
            end: self.address(block, everyone),
            name,
        }
    }

    fn address(&self, block: Option<IpNet>, otherwise: &[IpNet]) -> End {
        let block = block.or_else(|| otherwise.first().copied());
        block.map_or(End::IngressController, |block| End::Address(block.addr()))
    }

    /// A part of these blocks that the policies let in on a port.
    fn admitted(
        &self,
        member: MemberIdx,
        (protocol, port): (Protocol, u16),
        blocks: &[IpNet],
    ) -> Option<IpNet> {
        let lines = self.analysis.reach.external(member, Direction::Ingress);
        lines
            .iter()
            .filter(|line| line.answer.allowed.contains(protocol, port))
            .find_map(|line| overlap(&line.blocks, blocks).first().copied())
    }

    /// The policy that decides, and who changed it last.
    fn through(&self, told: Option<&Explanation>) -> WayRow {
        let half = told.map(|told| &told.ingress);
        let decided = half.and_then(|half| half.decided_by.first());
        let (text, key) = match (half, decided) {
            (None, _) => (String::new(), None),
            (Some(_), Some(rule)) => {
                let text = format!("{} #{}", rule.policy.key.name.shown(), rule.rule);
                (text, Some(&rule.policy.key))
            }
            (Some(half), None) => (undecided(half), half.isolated_by.first()),
        };
        let change = key.and_then(|key| Some((key, self.analysis.policies.get(key)?)));
        WayRow {
            through: text,
            change: change.map(|(key, report)| policy::change(key, report)),
            ..blank()
        }
    }

    fn lines(
        &self,
        exposure: &WorkloadExposure,
        (row, path): (&WayRow, Option<&PublishedPath>),
        told: Option<&Explanation>,
    ) -> Vec<Line> {
        let label = |name: &str| Line::of(Role::Dim, format!("{name:10}"));
        let mut lines = vec![
            label("level")
                .and(Role::Strong, self.level(exposure.level))
                .and(Role::Dim, format!("   egress {}", exposure.egress.level)),
        ];
        if let Some(path) = path {
            let (kind, key) = &path.by;
            let port = path.entry.map(|port| format!(" :{port}"));
            lines.push(label("declared").and(
                Role::Plain,
                format!(
                    "{} by {kind} {key}{} to {}, for {}",
                    path.id.id(),
                    port.unwrap_or_default(),
                    path.declared,
                    row.declared
                ),
            ));
        } else {
            lines.push(label("declared").and(Role::Plain, "by nothing"));
        }
        lines.push(self.effective_line(row, path));
        lines.extend(path.and_then(|path| self.from_line(path)));
        lines.push(label("isolated").and(Role::Plain, isolation(&exposure.isolation)));
        lines.extend(told.map(|told| label("by policy").and(Role::Plain, decision(told))));
        if let Some(change) = &row.change {
            lines.push(self.change_line(change));
        }
        lines.extend(
            exposure
                .levels
                .iter()
                .map(|(level, ports)| label("ports").and(Role::Plain, format!("{level}: {ports}"))),
        );
        let markers = exposure.markers.iter().map(|marker| {
            let text = marker.name().replace('-', " ");
            label("mark").and(Role::Low, text)
        });
        lines.extend(markers);
        let why = exposure.why.iter().chain(&exposure.egress.why);
        lines.extend(why.map(|why| Line::of(Role::Unknown, format!("? depends on: {why}"))));
        lines.extend(self.notes(exposure));
        lines
    }

    fn effective_line(&self, row: &WayRow, path: Option<&PublishedPath>) -> Line {
        let label = Line::of(Role::Dim, format!("{:10}", "effective"));
        let glyph = format!("{} ", row.extent.glyph(self.glyphs));
        let ports = match path {
            None => row.ports.clone(),
            Some(path) if path.open.is_none() && path.unknown.is_none() => "blocked".to_owned(),
            Some(path) if path.unknown.is_none() => path.open.to_string(),
            Some(path) if path.open.is_none() => format!("unknown: {}", path.unknown),
            Some(path) => format!("{}, unknown: {}", path.open, path.unknown),
        };
        let level = path.map(|path| format!("   {}", self.level(path.level)));
        label
            .and(row.extent.role(), glyph)
            .and(Role::Plain, ports)
            .and(Role::Dim, level.unwrap_or_default())
    }

    /// The addresses that come in, where they are not everyone.
    fn from_line(&self, path: &PublishedPath) -> Option<Line> {
        let clients = match (&path.clients, path.level) {
            (Clients::Blocks(blocks), _) => blocks.clone(),
            (_, Level::InternetLimited) => self.global.clone(),
            (_, Level::InternalLb) => PRIVATE.to_vec(),
            _ => return None,
        };
        let by_address = matches!(
            path.source,
            Source::Client | Source::ClientOrNode | Source::ClientOrProxy(_)
        );
        let from = if by_address {
            let lines = self
                .analysis
                .reach
                .external(path.member, Direction::Ingress);
            let open = lines.iter().filter(|l| l.answer.allowed.meets(&path.open));
            let blocks: Vec<IpNet> = open.flat_map(|l| overlap(&l.blocks, &clients)).collect();
            IpNet::aggregate(&blocks)
        } else {
            clients
        };
        let shown: Vec<String> = from
            .iter()
            .take(MOST_BLOCKS)
            .map(IpNet::to_string)
            .collect();
        let more = from.len().saturating_sub(MOST_BLOCKS);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        (!shown.is_empty() && !path.open.is_none()).then(|| {
            Line::of(Role::Dim, format!("{:10}", "from"))
                .and(Role::Plain, format!("{}{more}", shown.join(", ")))
        })
    }

    fn change_line(&self, change: &ChangeRow) -> Line {
        Line::of(Role::Dim, format!("{:10}", "changed"))
            .and(Role::Plain, format!("{} ", change.policy))
            .and(Role::Dim, "by ")
            .and(Role::Plain, change.who.clone())
            .and(Role::Dim, format!(" {}  ", change.badge))
            .and(change.owner.role(), change.owner.badge(self.glyphs))
    }

    fn notes(&self, exposure: &WorkloadExposure) -> Vec<Line> {
        let workload = self.analysis.inventory().workload(exposure.workload);
        let members = workload.map_or_else(Vec::new, |w| w.members.clone());
        let about = About {
            destinations: members.into_iter().collect(),
            published: [exposure.workload].into(),
            ..About::default()
        };
        self.analysis
            .notes_for(&about)
            .iter()
            .map(|note| {
                Line::of(Role::Low, format!("{}  ", note.code)).and(Role::Dim, note.text.clone())
            })
            .collect()
    }
}

/// A controller that was not found can be explained, but has no name to ask about.
fn nobody() -> Seen {
    Seen {
        end: End::IngressController,
        name: None,
    }
}

fn blank() -> WayRow {
    WayRow {
        workload: crate::model::WorkloadKey {
            namespace: "".into(),
            kind: "".into(),
            name: "".into(),
        },
        way: String::new(),
        level: String::new(),
        by: String::new(),
        declared: String::new(),
        ports: String::new(),
        effective: String::new(),
        extent: Extent::None,
        through: String::new(),
        change: None,
        risk: Risk::None,
        dim: false,
        question: None,
        lines: Vec::new(),
    }
}

/// Who comes in after policy.
const fn effective(level: Level) -> &'static str {
    match level {
        Level::Internet | Level::OpenUnpublished => "any",
        Level::InternetLimited => "listed only",
        Level::NodePorts => "node net",
        Level::InternalLb => "private net",
        Level::Cluster => "cluster",
        Level::Namespaces => "namespaces",
        Level::Namespace => "namespace",
        Level::Closed => "nobody",
        Level::Unknown => "not known",
    }
}

fn extent(path: &PublishedPath) -> Extent {
    match (path.open.is_none(), path.unknown.is_none()) {
        (true, true) => Extent::None,
        (true, false) => Extent::Unknown,
        (false, _) if path.open == path.declared => Extent::All,
        (false, _) => Extent::Some,
    }
}

/// What decides where no rule does.
fn undecided(half: &Half) -> String {
    match half.step {
        Step::NotSubject => "host network".to_owned(),
        Step::Policies => half.isolated_by.first().map_or_else(
            || "its policies".to_owned(),
            |key| format!("not {}", key.name.shown()),
        ),
        Step::Default => "no policy".to_owned(),
        Step::Itself
        | Step::OwnNode
        | Step::Admin
        | Step::Baseline
        | Step::NoCommonFamily
        | Step::Unreadable => why::step(half).to_owned(),
    }
}

fn decision(told: &Explanation) -> String {
    let half = &told.ingress;
    let rules: Vec<String> = half.decided_by.iter().map(why::rule).collect();
    if rules.is_empty() {
        why::step(half).to_owned()
    } else {
        rules.join(", ")
    }
}

fn isolation(isolation: &Isolation) -> String {
    match isolation {
        Isolation::Open => "no: no policy selects it for ingress".to_owned(),
        Isolation::Host => "no: policies do not apply to the host network".to_owned(),
        Isolation::Unknown(_) => "not known".to_owned(),
        Isolation::Isolated(policies) => {
            let names: Vec<String> = policies.iter().map(Key::to_string).collect();
            format!("by {} {}", Kind::NetworkPolicy, names.join(", "))
        }
    }
}
