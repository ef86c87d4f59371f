//! `kreach connections`: from arguments to a listing.

use std::collections::BTreeSet;

use ipnet::IpNet;

use crate::analysis::Analysis;
use crate::exposure::controller;
use crate::exposure::space::global;
use crate::model::Text;
use crate::query::{QueryEnd, Surroundings, aims, parse};
use crate::reach::{ConnectionEnd, ListBy};
use crate::report::connections::{Connections, Filter};
use crate::report::end::Names;
use crate::select::PortSet;

use super::can::{resolved, unreadable};
use super::complain::Complaint;
use super::console::Forms;
use super::globals::Format;
use super::{By, ConnectionsArgs};

/// The formats of the listing.
pub const FORMS: Forms<'static, Connections> = Forms {
    table: Connections::write_table,
    plain: &[
        (Format::Csv, Connections::write_csv),
        (Format::Md, Connections::write_markdown),
        (Format::Dot, Connections::write_dot),
        (Format::Mermaid, Connections::write_mermaid),
    ],
};

/// The listing that the arguments ask for, within `namespaces` (empty is all).
///
/// # Errors
///
/// An end or port that cannot be read, or a name that means nothing or several things.
pub fn list(
    analysis: &Analysis,
    around: &Surroundings<'_>,
    args: &ConnectionsArgs,
    namespaces: Vec<Text>,
) -> Result<Connections, Complaint> {
    let filter = Filter {
        of: ends(around, args.of.as_deref(), args.by)?,
        source: ends(around, args.source.as_deref(), args.by)?,
        destination: ends(around, args.destination.as_deref(), args.by)?,
        ports: args.port.as_deref().map(ports).transpose()?,
        namespaces,
    };
    let by = match args.by {
        By::Workload => ListBy::Workload,
        By::Pod => ListBy::Pod,
    };
    let mut all = analysis.reach.connections(by);
    all.extend(controller::connections(
        &analysis.world,
        &analysis.reach,
        by,
    ));
    Ok(Connections::of(&all, &filter, &Names::of(around.inventory)))
}

/// Reads `5432`, `80-90/tcp` or `*/udp`. A name would need one destination to resolve it.
fn ports(text: &str) -> Result<PortSet, Complaint> {
    let spec = parse::port_spec(text).map_err(unreadable(text))?;
    spec.numbers().ok_or(Complaint::PortName)
}

fn ends(
    around: &Surroundings<'_>,
    text: Option<&str>,
    by: By,
) -> Result<Option<BTreeSet<ConnectionEnd>>, Complaint> {
    let Some(text) = text else {
        return Ok(None);
    };
    let end = parse::endpoint(text).map_err(unreadable(text))?;
    Ok(Some(listed(around, &resolved(around, &end)?, by)))
}

/// What stands for `end` in the listing.
fn listed(around: &Surroundings<'_>, end: &QueryEnd, by: By) -> BTreeSet<ConnectionEnd> {
    let outside = |blocks: Vec<IpNet>| BTreeSet::from([ConnectionEnd::External(blocks)]);
    match end {
        QueryEnd::Node { address, .. } | QueryEnd::Address(address) => {
            outside(vec![IpNet::from(*address)])
        }
        QueryEnd::Block(block) => outside(vec![*block]),
        QueryEnd::Internet => outside(global()),
        QueryEnd::Workload(_) | QueryEnd::Pod(_) | QueryEnd::Service(_) => {
            let aims = aims(around, end, None);
            let member = |aim: &crate::query::Aim| match by {
                By::Pod => Some(ConnectionEnd::Member(aim.member)),
                By::Workload => around
                    .inventory
                    .member(aim.member)
                    .map(|member| ConnectionEnd::Workload(member.workload)),
            };
            aims.iter().filter_map(member).collect()
        }
    }
}
