//! `kreach paths`: from arguments to ways, or to everything within reach.

use crate::analysis::Analysis;
use crate::query::{PortSpec, Surroundings, parse};
use crate::reach::paths::{Limits, Listening, Way};
use crate::report::paths::{Between, Entry, Extent, Hops, Input, PathList, Radius};
use crate::select::PortSet;

use super::can::{resolved, unreadable};
use super::complain::Complaint;
use super::console::Forms;
use super::globals::Format;
use super::{Blast, PathsArgs};

/// The formats of a list of paths.
pub const FORMS: Forms<'static, PathList> = Forms {
    table: PathList::write_table,
    plain: &[
        (Format::Md, PathList::write_markdown),
        (Format::Dot, PathList::write_dot),
        (Format::Mermaid, PathList::write_mermaid),
    ],
};

/// The formats of a blast radius.
pub const RADIUS_FORMS: Forms<'static, Radius> = Forms {
    table: Radius::write_table,
    plain: &[(Format::Md, Radius::write_markdown)],
};

/// What the arguments ask for.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    /// Ways between two ends.
    Paths(PathList),
    /// Everything within reach of one.
    Radius(Radius),
}

/// The answer to the question that the arguments ask.
///
/// # Errors
///
/// An end or port that cannot be read, a name that means nothing or several things, or ends between
/// which there are no paths to speak of.
pub fn answer(
    analysis: &Analysis,
    around: &Surroundings<'_>,
    args: &PathsArgs,
) -> Result<Answer, Complaint> {
    let input = Input {
        reach: &analysis.reach,
        exposure: analysis.exposure(),
        around,
    };
    let source = parse::endpoint(&args.source).map_err(unreadable(&args.source))?;
    let source = resolved(around, &source)?;
    let hops = hops(args)?;
    let destination = args.destination.as_ref();
    let Some(typed) = destination.filter(|_| args.blast_radius.is_none()) else {
        let ways: &[Way] = match args.blast_radius.unwrap_or(Blast::Both) {
            Blast::Reaches => &[Way::Along],
            Blast::ReachedBy => &[Way::Against],
            Blast::Both => &[Way::Along, Way::Against],
        };
        return Ok(Answer::Radius(Radius::find(input, &source, (ways, &hops))?));
    };
    let (destination, port) = parse::target(typed).map_err(unreadable(typed))?;
    let ask = Between {
        source,
        destination: resolved(around, &destination)?,
        port,
        hops,
    };
    let limits = Limits {
        hops: usize::from(args.max_hops),
        count: usize::from(args.count),
    };
    let extent = if args.choke_points {
        Extent::ChokePoints
    } else {
        Extent::Paths
    };
    Ok(Answer::Paths(PathList::find(
        input,
        &ask,
        (limits, extent),
    )?))
}

fn hops(args: &PathsArgs) -> Result<Hops, Complaint> {
    let ports = match args.port.as_deref() {
        None => PortSet::all(),
        Some(text) => {
            let spec: PortSpec = parse::port_spec(text).map_err(unreadable(text))?;
            spec.numbers().ok_or(Complaint::PortName)?
        }
    };
    Ok(Hops {
        ports,
        listening: if args.listening {
            Listening::Declared
        } else {
            Listening::Anywhere
        },
        entry: if args.unpublished {
            Entry::Anyhow
        } else {
            Entry::Published
        },
    })
}
