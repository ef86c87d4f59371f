//! Ports of tier policies (AP-05).

use crate::model::{AdminPeer, AdminPort, Protocol, Text};
use crate::source::field::At;
use crate::source::wire::admin as wire;
use crate::source::wire::object::Checked;

use super::super::{Context, port};
use super::Limit;

/// The ports of a rule in either version; `None` is every port.
#[derive(Clone, Copy)]
pub(super) enum WirePorts<'w> {
    /// `ports` of v1alpha1.
    Ports(Option<&'w [Checked<wire::Port>]>),
    /// `protocols` of v1alpha2.
    Protocols(Option<&'w [Checked<wire::ProtocolPort>]>),
}

/// The ports of a rule; names need a destination that has some, so not beside peers without.
pub(super) fn ports(
    context: &mut Context,
    at: &At<'_>,
    (limit, wire, peers): (Limit, &WirePorts<'_>, &[AdminPeer]),
) -> Option<Vec<AdminPort>> {
    let nameless = peers.iter().any(|peer| match peer {
        AdminPeer::Nodes(_) | AdminPeer::Networks(_) | AdminPeer::Domains(_) => true,
        AdminPeer::Pods(_) | AdminPeer::Unknown => false,
    });
    match wire {
        WirePorts::Ports(wire) => {
            let field = "ports";
            let list = List {
                field,
                limit,
                nameless,
            };
            Some(list.read(context, at, ((*wire)?, numbered)))
        }
        WirePorts::Protocols(wire) => {
            let field = "protocols";
            let list = List {
                field,
                limit,
                nameless,
            };
            Some(list.read(context, at, ((*wire)?, of_protocol)))
        }
    }
}

/// How the list of ports is read.
struct List {
    field: &'static str,
    limit: Limit,
    /// A port name cannot match.
    nameless: bool,
}

type Entry<T> = fn(&mut Context, &At<'_>, &Checked<T>) -> Option<AdminPort>;

impl List {
    fn read<T>(
        &self,
        context: &mut Context,
        at: &At<'_>,
        (wire, entry): (&[Checked<T>], Entry<T>),
    ) -> Vec<AdminPort> {
        let at = at.key(self.field);
        self.limit.check(context, &at, wire.len());
        if wire.is_empty() {
            let message = format!("{} is empty", self.field);
            context.fault(&at, message, "remove it to mean every port");
            return vec![AdminPort::Unknown];
        }
        let read = wire.iter().enumerate().map(|(i, written)| {
            let at = at.index(i);
            match entry(context, &at, written) {
                Some(AdminPort::Named(_)) if self.nameless => {
                    let message = "a named port stands beside a peer that has no port names";
                    let remedy =
                        "use a number, or a rule of its own for nodes, networks and domainNames";
                    context.fault(&at, message, remedy);
                    AdminPort::Unknown
                }
                port => port.unwrap_or(AdminPort::Unknown),
            }
        });
        read.collect()
    }
}

/// Tells whether an entry says what it means in one field; nothing but unknown fields is no fault
/// (AP-09).
fn is_single(context: &mut Context, at: &At<'_>, (known, beside): (usize, bool)) -> bool {
    let message = match known + usize::from(beside) {
        0 => "the entry has no field",
        1 => return known == 1,
        _ => "the entry has more than one field",
    };
    context.fault(at, message, "give it exactly one field");
    false
}

/// One entry of `ports`, or nothing if it is malformed or not known.
fn numbered(context: &mut Context, at: &At<'_>, wire: &Checked<wire::Port>) -> Option<AdminPort> {
    let port = &wire.value;
    let given = [
        port.port_number.is_some(),
        port.port_range.is_some(),
        port.named_port.is_some(),
    ];
    let known = given.into_iter().filter(|given| *given).count();
    if !is_single(context, at, (known, wire.beside)) || wire.within {
        return None;
    }
    if let Some(single) = &port.port_number {
        let at = at.key("portNumber");
        let protocol = port::protocol(context, &at, single.protocol.as_deref());
        let number = number(context, &at.key("port"), single.port)?;
        return Some(range(protocol?, number, number));
    }
    if let Some(written) = &port.port_range {
        let at = at.key("portRange");
        let protocol = port::protocol(context, &at, written.protocol.as_deref());
        let first = number(context, &at.key("start"), written.start);
        let last = number(context, &at.key("end"), written.end);
        return Some(range(protocol?, first?, last?));
    }
    let written = port.named_port.as_deref()?;
    named(context, &at.key("namedPort"), written)
}

/// One entry of `protocols`, or nothing if it is malformed or not known.
fn of_protocol(
    context: &mut Context,
    at: &At<'_>,
    wire: &Checked<wire::ProtocolPort>,
) -> Option<AdminPort> {
    let entry = &wire.value;
    let transports = [
        ("tcp", Protocol::Tcp, &entry.tcp),
        ("udp", Protocol::Udp, &entry.udp),
        ("sctp", Protocol::Sctp, &entry.sctp),
    ];
    let given = transports.iter().filter(|(_, _, given)| given.is_some());
    let known = given.count() + usize::from(entry.destination_named_port.is_some());
    if !is_single(context, at, (known, wire.beside)) || wire.within {
        return None;
    }
    for (field, protocol, transport) in transports {
        if let Some(transport) = transport {
            let at = at.key(field);
            return destination(context, &at.key("destinationPort"), (protocol, transport));
        }
    }
    let written = entry.destination_named_port.as_deref()?;
    named(context, &at.key("destinationNamedPort"), written)
}

/// Without a port, all ports of the protocol.
fn destination(
    context: &mut Context,
    at: &At<'_>,
    (protocol, wire): (Protocol, &wire::Transport),
) -> Option<AdminPort> {
    let Some(port) = &wire.destination_port else {
        return Some(range(protocol, 1, u16::MAX));
    };
    let single = "give it number or range, one of them";
    match (port.number, &port.range) {
        (Some(written), None) => {
            let number = port::number(context, &at.key("number"), written)?;
            Some(range(protocol, number, number))
        }
        (None, Some(written)) => {
            let at = at.key("range");
            let first = number(context, &at.key("start"), written.start);
            let last = number(context, &at.key("end"), written.end);
            let (first, last) = (first?, last?);
            if first >= last {
                let message = format!("start {first} is not smaller than end {last}");
                context.fault(&at, message, "write the smaller number as start");
                return None;
            }
            Some(range(protocol, first, last))
        }
        (None, None) => {
            context.fault(at, "destinationPort has no field", single);
            None
        }
        (Some(_), Some(_)) => {
            context.fault(at, "destinationPort has more than one field", single);
            None
        }
    }
}

fn number(context: &mut Context, at: &At<'_>, written: Option<i64>) -> Option<u16> {
    // A number that is missing is as good as the 0 that the API would read.
    port::number(context, at, written.unwrap_or_default())
}

fn named(context: &mut Context, at: &At<'_>, written: &str) -> Option<AdminPort> {
    port::name(context, at, written).map(|name| AdminPort::Named(Text::from(name)))
}

const fn range(protocol: Protocol, first: u16, last: u16) -> AdminPort {
    AdminPort::Range {
        protocol,
        first,
        last,
    }
}
