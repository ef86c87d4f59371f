//! Screen 5: every way into a workload, worst first.

use ipnet::IpNet;

use crate::analysis::Analysis;
use crate::exposure::publish::Source;
use crate::exposure::space::{PRIVATE, global, overlap};
use crate::exposure::{Clients, Level, PublishedPath, WorkloadExposure};
use crate::model::{Direction, MemberIdx, Protocol, Workload};
use crate::query::{QueryEnd, Surroundings, resolve};
use crate::reach::{End, Explanation, Half, Step};
use crate::report::why;
use crate::select::PortSet;
use crate::tui::facts::{Extent, Question, Risk, WayRow};
use crate::tui::theme::Glyphs;

use super::{home, policy};

mod detail;

/// Every way into every workload that something publishes or that any address may enter.
pub(super) fn rows(analysis: &Analysis, around: &Surroundings<'_>, glyphs: Glyphs) -> Vec<WayRow> {
    let maker = Maker {
        analysis,
        around,
        glyphs,
        global: global(),
    };
    let mut exposures: Vec<&WorkloadExposure> = analysis
        .exposure()
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
            let end = address_of(address, &self.global);
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
        let first = || sets.first().and_then(|set| Some((*set.first()?, set)));
        let shown = admitted.or_else(first);
        Seen {
            end: address_of(shown.map(|(block, _)| block), everyone),
            name: shown.map(|(block, set)| named(block, set)),
        }
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
}

/// A controller that was not found can be explained, but has no name to ask about.
fn nobody() -> Seen {
    Seen {
        end: End::IngressController,
        name: None,
    }
}

fn address_of(block: Option<IpNet>, otherwise: &[IpNet]) -> End {
    let block = block.or_else(|| otherwise.first().copied());
    block.map_or(End::IngressController, |block| End::Address(block.addr()))
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
