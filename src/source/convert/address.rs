//! Addresses and address blocks.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::Shown;
use crate::source::field::At;

use super::Context;

/// One address.
pub(super) fn ip(context: &mut Context, at: &At<'_>, written: &str) -> Option<IpAddr> {
    let parsed = written.parse().ok();
    if parsed.is_none() {
        let message = format!("\"{}\" is not an IP address", Shown::of(written));
        context.fault(at, message, None);
    }
    parsed
}

/// Those of a list that are addresses.
pub(super) fn ips<'w>(
    context: &mut Context,
    at: &At<'_>,
    written: impl IntoIterator<Item = &'w str>,
) -> Vec<IpAddr> {
    written
        .into_iter()
        .enumerate()
        .filter_map(|(i, address)| ip(context, &at.index(i), address))
        .collect()
}

/// One block, masked to its prefix (IPB-01); leading zeros count for nothing, as for the server.
pub(super) fn cidr(context: &mut Context, at: &At<'_>, written: &str) -> Option<IpNet> {
    if let Ok(net) = written.parse::<IpNet>() {
        return Some(net.trunc());
    }
    let message = format!("\"{}\" is not a CIDR block", Shown::of(written));
    let remedy = "write address/prefix, for example 10.0.0.0/8";
    context.fault(at, message, remedy);
    None
}
