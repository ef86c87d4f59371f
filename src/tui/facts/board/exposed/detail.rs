//! The lines about one way into a workload.

use ipnet::IpNet;

use crate::analysis::About;
use crate::exposure::publish::Source;
use crate::exposure::space::{PRIVATE, overlap};
use crate::exposure::{Clients, Level, PublishedPath, WorkloadExposure};
use crate::model::{Direction, Key, Kind};
use crate::reach::{Explanation, Isolation};
use crate::report::why;
use crate::tui::facts::{ChangeRow, WayRow};
use crate::tui::theme::Role;
use crate::tui::widget::Line;

use super::Maker;

/// Blocks that a line names before the rest is counted.
const MOST_BLOCKS: usize = 4;

impl Maker<'_> {
    /// Everything about a way: what declares it, what policy makes of it, who changed that last.
    pub(super) fn lines(
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
        lines.extend(path.and_then(|path| self.admitted_line(path)));
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
    fn admitted_line(&self, path: &PublishedPath) -> Option<Line> {
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
