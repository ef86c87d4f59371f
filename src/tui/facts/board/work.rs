//! Workloads and their two directions.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::analysis::Analysis;
use crate::model::{Direction, Key, Text, Workload, WorkloadIdx};
use crate::reach::{self, Answer, ExternalAnswer, Isolation};
use crate::report::end;
use crate::report::table::plural;
use crate::select::PortSet;
use crate::tui::facts::{
    Extent, NamespaceRow, PeerId, PeerList, PeerRow, WorkloadHead, WorkloadMarks, WorkloadRow,
};
use crate::tui::filter::shown;
use crate::tui::theme::{Glyphs, Role};
use crate::tui::widget::Line;

use super::{extent, home};

/// Namespaces with their pods.
pub(super) fn namespaces(analysis: &Analysis) -> Vec<NamespaceRow> {
    let inventory = analysis.inventory();
    let mut pods: BTreeMap<&Text, usize> = BTreeMap::new();
    for workload in inventory.workloads() {
        *pods.entry(&workload.key.namespace).or_default() += self::pods(analysis, workload);
    }
    let row = |name: &Text| NamespaceRow {
        name: name.clone(),
        pods: pods.get(name).copied().unwrap_or_default(),
    };
    inventory.namespaces().keys().map(row).collect()
}

/// All workloads.
pub(super) fn workloads(analysis: &Analysis) -> Vec<WorkloadRow> {
    let workloads = analysis.inventory().workloads();
    let mut rows: Vec<WorkloadRow> = workloads
        .map(|workload| WorkloadRow {
            key: workload.key.clone(),
            pods: pods(analysis, workload),
            labels: labels(analysis, workload),
        })
        .collect();
    // People look for a name, whatever its kind.
    rows.sort_by(|a, b| {
        let (a, b) = (&a.key, &b.key);
        (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name))
    });
    rows
}

/// Real pods; templates do not count, and a workload has no members of both sorts (WL-04).
fn pods(analysis: &Analysis, workload: &Workload) -> usize {
    let first = workload.members.first();
    match first.and_then(|first| analysis.inventory().member(*first)) {
        Some(first) if !first.template => workload.members.len(),
        Some(_) | None => 0,
    }
}

fn labels(analysis: &Analysis, workload: &Workload) -> String {
    let first = workload
        .members
        .first()
        .and_then(|m| analysis.inventory().member(*m));
    let pairs = first.map(|member| {
        let labels = member.pod.labels.iter();
        labels
            .map(|(key, value)| format!("{}={}", key.shown(), value.shown()))
            .collect::<Vec<_>>()
    });
    pairs.unwrap_or_default().join(" ")
}

impl From<reach::Extent> for Extent {
    fn from(extent: reach::Extent) -> Self {
        match extent {
            reach::Extent::All => Self::All,
            reach::Extent::Some => Self::Some,
            reach::Extent::None => Self::None,
            reach::Extent::Unknown => Self::Unknown,
        }
    }
}

/// What a visible row shows.
pub(super) fn marks(analysis: &Analysis, index: WorkloadIdx) -> WorkloadMarks {
    let exposure = analysis.exposure().workloads.get(index.0 as usize);
    WorkloadMarks {
        inbound: analysis.reach.extent(index, Direction::Ingress).into(),
        outbound: analysis.reach.extent(index, Direction::Egress).into(),
        exposed: exposure.is_some_and(|e| e.level.is_published()),
        risk: exposure.map(home::risk).unwrap_or_default(),
    }
}

/// The lines above the directions.
pub(super) fn head(analysis: &Analysis, index: WorkloadIdx, glyphs: Glyphs) -> WorkloadHead {
    let Some(workload) = analysis.inventory().workload(index) else {
        return WorkloadHead::default();
    };
    let standing = Direction::BOTH.map(|direction| isolations(analysis, workload, direction));
    let mut policies: Vec<Key> = standing.iter().flat_map(|s| s.policies.clone()).collect();
    policies.sort();
    policies.dedup();
    let [egress, ingress] = standing;
    let isolated = Line::of(Role::Dim, "in ")
        .and(ingress.role(), ingress.text)
        .and(Role::Dim, "  out ")
        .and(egress.role(), egress.text);
    let labels = Line::of(Role::Dim, labels(analysis, workload))
        .and(Role::Plain, format!("  {}", ports(analysis, workload)));
    let published = analysis.exposure().workloads.get(index.0 as usize);
    let published = published.and_then(|exposure| home::published(exposure, glyphs));
    let mut lines = vec![identity(analysis, workload, glyphs), isolated];
    lines.extend(published);
    lines.push(labels);
    WorkloadHead { lines, policies }
}

fn identity(analysis: &Analysis, workload: &Workload, glyphs: Glyphs) -> Line {
    let count = pods(analysis, workload);
    let count = if count == 0 {
        "template only".to_owned()
    } else {
        plural(count, "pod")
    };
    let first = workload
        .members
        .first()
        .and_then(|m| analysis.inventory().member(*m));
    let account = first.map_or_else(String::new, |member| {
        format!("  sa {}", member.pod.service_account.shown())
    });
    let address = first
        .and_then(|member| member.pod.addresses.first())
        .map_or_else(String::new, |address| {
            let more = workload.members.len() > 1;
            format!("  {address}{}", if more { glyphs.ellipsis() } else { "" })
        });
    Line::of(Role::Strong, workload.key.to_string())
        .and(Role::Dim, format!("  {}", workload.key.kind.shown()))
        .and(Role::Plain, format!("  {count}{address}"))
        .and(Role::Dim, account)
}

/// Named ports of the first pod.
fn ports(analysis: &Analysis, workload: &Workload) -> String {
    let first = workload
        .members
        .first()
        .and_then(|m| analysis.inventory().member(*m));
    let ports = first.map(|member| {
        let ports = member.pod.ports.iter();
        ports
            .map(|port| match &port.name {
                Some(name) => format!("{}={}", name.shown(), port.number),
                None => port.number.to_string(),
            })
            .collect::<Vec<_>>()
    });
    ports.unwrap_or_default().join(" ")
}

/// How the pods of a workload stand in one direction.
struct Standing {
    policies: Vec<Key>,
    text: String,
    unknown: bool,
}

impl Standing {
    const fn role(&self) -> Role {
        if self.unknown {
            Role::Unknown
        } else {
            Role::Plain
        }
    }
}

fn isolations(analysis: &Analysis, workload: &Workload, direction: Direction) -> Standing {
    let (mut policies, mut words) = (Vec::new(), Vec::new());
    let mut unknown = false;
    for member in workload.members.iter().take(MOST_MEMBERS) {
        match analysis.reach.isolation(*member, direction) {
            Isolation::Open => words.push("open: no policy".to_owned()),
            Isolation::Isolated(keys) => policies.extend(keys),
            Isolation::Host => words.push("host network: no policy applies".to_owned()),
            Isolation::Unknown(why) => {
                unknown = true;
                words.extend(why.iter().map(ToString::to_string));
            }
        }
    }
    policies.sort();
    policies.dedup();
    words.sort();
    words.dedup();
    let names: Vec<String> = policies
        .iter()
        .map(|key| key.name.shown().to_string())
        .collect();
    let by = (!names.is_empty()).then(|| names.join(", "));
    Standing {
        policies,
        text: by.into_iter().chain(words).collect::<Vec<_>>().join(" / "),
        unknown,
    }
}

/// Pods of one workload that are looked at one by one; the rest look the same in practice, and the
/// verdicts do not depend on this.
const MOST_MEMBERS: usize = 200;

/// One direction, most surprising first.
pub(super) fn peers(analysis: &Analysis, index: WorkloadIdx, direction: Direction) -> PeerList {
    let inventory = analysis.inventory();
    let Some(workload) = inventory.workload(index) else {
        return PeerList::default();
    };
    let peers = analysis.reach.peers(index, direction);
    let mut rows: Vec<PeerRow> = peers.external.iter().filter_map(outside).collect();
    let (mut own, mut foreign) = (Vec::new(), Vec::new());
    // Most peers share their answer with many others.
    let mut texts: HashMap<*const Answer, (String, Option<String>)> = HashMap::new();
    for line in &peers.workloads {
        let Some(peer) = inventory.workload(line.workload) else {
            continue;
        };
        let (ports, port) = texts.entry(Arc::as_ptr(&line.answer)).or_insert_with(|| {
            let Answer {
                allowed, unknown, ..
            } = &*line.answer;
            (port_text(allowed, unknown), one_port(allowed, unknown))
        });
        let [namespace, name] = [&peer.key.namespace, &peer.key.name].map(shown);
        let row = PeerRow {
            id: PeerId::Workload(peer.key.clone()),
            extent: extent(&line.answer, line.partial),
            name: [&*namespace, "/", &*name].concat(),
            ports: ports.clone(),
            port: port.clone(),
            through: if line.partial { SOME_PODS } else { "" }.to_owned(),
        };
        let side = if peer.key.namespace == workload.key.namespace {
            &mut own
        } else {
            &mut foreign
        };
        side.push(row);
    }
    rows.append(&mut foreign);
    rows.append(&mut own);
    let (reached, total) = (
        peers.workloads.len(),
        inventory.workloads().len().saturating_sub(1),
    );
    if total > reached {
        rows.push(rest(total - reached));
    }
    PeerList {
        rows,
        reached,
        total,
    }
}

/// Whether nothing but the node of its pods gets through to an isolated destination (HN-02).
fn stands_above(analysis: &Analysis, (from, to): (&Workload, &Workload)) -> bool {
    let stands = |of: &Workload, direction: Direction, how: fn(&Isolation) -> bool| {
        let mut members = of.members.iter().take(MOST_MEMBERS);
        members.all(|member| how(&analysis.reach.isolation(*member, direction)))
    };
    stands(from, Direction::Egress, |i| matches!(i, Isolation::Host))
        && stands(to, Direction::Ingress, |i| {
            matches!(i, Isolation::Isolated(_))
        })
}

fn outside(external: &ExternalAnswer) -> Option<PeerRow> {
    let first = external.blocks.first()?;
    let everywhere = external.blocks.iter().any(|block| block.prefix_len() == 0);
    let name = if everywhere {
        "any address".to_owned()
    } else {
        end::external(&external.blocks).to_string()
    };
    Some(PeerRow {
        id: PeerId::Outside(first.to_string()),
        extent: extent(&external.answer, false),
        name,
        ports: port_text(&external.answer.allowed, &external.answer.unknown),
        port: one_port(&external.answer.allowed, &external.answer.unknown),
        through: String::new(),
    })
}

fn rest(count: usize) -> PeerRow {
    PeerRow {
        id: PeerId::Rest,
        extent: Extent::None,
        name: plural(count, "workload"),
        ports: "none".to_owned(),
        port: None,
        through: "nothing allowed".to_owned(),
    }
}

fn port_text(allowed: &PortSet, unknown: &PortSet) -> String {
    match (allowed.is_none(), unknown.is_none()) {
        (false, true) => allowed.to_string(),
        (false, false) => format!("{allowed} ?{unknown}"),
        (true, false) => format!("?{unknown}"),
        (true, true) => "none".to_owned(),
    }
}

/// The port to explain: the first allowed one, unless every port is.
fn one_port(allowed: &PortSet, unknown: &PortSet) -> Option<String> {
    if allowed.is_all() || (allowed.is_none() && unknown.is_all()) {
        return None;
    }
    let (protocol, port) = allowed.first().or_else(|| unknown.first())?;
    Some(format!("{port}/{}", protocol.name().to_ascii_lowercase()))
}

/// Not all pods have the same answer.
const SOME_PODS: &str = "some pods";

/// The rule on the side that is looked at; nothing when that side is open. `known` is what the row
/// says already.
pub(super) fn through(
    analysis: &Analysis,
    (index, peer): (WorkloadIdx, WorkloadIdx),
    (direction, known): (Direction, &str),
) -> String {
    let (source, destination) = match direction {
        Direction::Ingress => (peer, index),
        Direction::Egress => (index, peer),
    };
    let rules = analysis.reach.through(source, destination);
    if rules.is_empty() {
        let inventory = analysis.inventory();
        let ends = inventory
            .workload(source)
            .zip(inventory.workload(destination));
        if ends.is_some_and(|ends| stands_above(analysis, ends)) {
            return "own node".to_owned();
        }
    }
    let rule = rules
        .iter()
        .find(|rule| rule.direction == direction)
        .or(rules.first());
    let rule = rule.map(|rule| format!("{} #{}", rule.policy.key.name.shown(), rule.rule));
    let known = Some(known.to_owned()).filter(|known| !known.is_empty());
    let parts: Vec<String> = rule.into_iter().chain(known).collect();
    parts.join(", ")
}
