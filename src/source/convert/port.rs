//! Protocols, port numbers and port names.

use crate::model::{Protocol, Shown};
use crate::source::field::At;

use super::Context;

/// TCP unless said otherwise (LD-05).
pub(super) fn protocol(
    context: &mut Context,
    at: &At<'_>,
    written: Option<&str>,
) -> Option<Protocol> {
    let Some(name) = written else {
        return Some(Protocol::Tcp);
    };
    let parsed = Protocol::parse(name);
    if parsed.is_none() {
        let message = format!("unknown protocol \"{}\"", Shown::of(name));
        context.fault(&at.key("protocol"), message, "use TCP, UDP or SCTP");
    }
    parsed
}

/// A number in 1..65535.
pub(super) fn number(context: &mut Context, at: &At<'_>, written: i64) -> Option<u16> {
    let parsed = u16::try_from(written).ok().filter(|port| *port > 0);
    if parsed.is_none() {
        let message = format!("{written} is not a port number");
        context.fault(at, message, "use a number from 1 to 65535");
    }
    parsed
}

/// Whether the API server takes it as a port name: at most 15 of `[a-z0-9-]`, at least one letter,
/// no hyphen at an end or beside another.
pub(super) fn is_name(name: &str) -> bool {
    name.len() <= 15
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && name.bytes().any(|b| b.is_ascii_lowercase())
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}

/// A port name of a policy or a Service, checked.
pub(super) fn name<'w>(context: &mut Context, at: &At<'_>, written: &'w str) -> Option<&'w str> {
    if is_name(written) {
        return Some(written);
    }
    let message = format!("\"{}\" is not a port name", Shown::of(written));
    let digits = !written.is_empty() && written.bytes().all(|b| b.is_ascii_digit());
    let remedy = if digits {
        "write a port number without quotes"
    } else {
        "use at most 15 of a-z, 0-9 and -, with at least one letter"
    };
    context.fault(at, message, remedy);
    None
}
