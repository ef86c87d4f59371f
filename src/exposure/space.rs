//! How much of the world a set of addresses is (GLOB, WIDE).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::model::IpBlock;
use crate::select::{Family, cidr};

const fn v4(a: u8, b: u8, c: u8, prefix: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), prefix))
}

const fn v6(first: u16, second: u16, prefix: u8) -> IpNet {
    let address = Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0);
    IpNet::V6(Ipv6Net::new_assert(address, prefix))
}

/// Every address.
pub const EVERYTHING: [IpNet; 2] = [v4(0, 0, 0, 0), v6(0, 0, 0)];

/// Addresses of private networks: RFC 1918, RFC 6598, unique local, link local (LB-02).
pub const PRIVATE: [IpNet; 7] = [
    v4(10, 0, 0, 8),
    v4(172, 16, 0, 12),
    v4(192, 168, 0, 16),
    v4(100, 64, 0, 10),
    v4(169, 254, 0, 16),
    v6(0xfc00, 0, 7),
    v6(0xfe80, 0, 10),
];

/// The space that global addresses are cut from (GLOB).
const ROUTED: [IpNet; 2] = [v4(0, 0, 0, 0), v6(0x2000, 0, 3)];

/// What is not global within [`ROUTED`] (GLOB); the blocks are disjoint.
const NOT_GLOBAL: [IpNet; 13] = [
    v4(0, 0, 0, 8),
    v4(10, 0, 0, 8),
    v4(100, 64, 0, 10),
    v4(127, 0, 0, 8),
    v4(169, 254, 0, 16),
    v4(172, 16, 0, 12),
    v4(192, 0, 0, 24),
    v4(192, 0, 2, 24),
    v4(192, 168, 0, 16),
    v4(198, 18, 0, 15),
    v4(198, 51, 100, 24),
    v4(203, 0, 113, 24),
    v4(224, 0, 0, 3),
];

/// Likewise, IPv6.
const DOCUMENTATION: IpNet = v6(0x2001, 0x0db8, 32);

/// How far a set of addresses goes, least first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Spread {
    /// No address.
    Nothing,
    /// Addresses, none of them global.
    Local,
    /// Some global addresses.
    Limited,
    /// At least 2^24 global IPv4 or 2^112 global IPv6 addresses (WIDE).
    Wide,
}

/// How far disjoint blocks go together: counted, so that cutting one up hides nothing (WIDE).
#[must_use]
pub fn spread(blocks: &[IpNet]) -> Spread {
    if blocks.is_empty() {
        return Spread::Nothing;
    }
    let excluded = NOT_GLOBAL.into_iter().chain([DOCUMENTATION]);
    let excluded: Vec<IpNet> = excluded.collect();
    let routed = overlap(blocks, &ROUTED);
    let local = overlap(&routed, &excluded);
    let global = |family: fn(&IpNet) -> bool| {
        let count =
            |nets: &[IpNet]| -> u128 { nets.iter().filter(|net| family(net)).map(addresses).sum() };
        count(&routed).saturating_sub(count(&local))
    };
    let four = global(|net| matches!(net, IpNet::V4(_)));
    let six = global(|net| matches!(net, IpNet::V6(_)));
    if four >= 1 << 24 || six >= 1 << 112 {
        Spread::Wide
    } else if four + six > 0 {
        Spread::Limited
    } else {
        Spread::Local
    }
}

/// Every global address (GLOB), in disjoint blocks.
#[must_use]
pub fn global() -> Vec<IpNet> {
    let cut = |cidr: IpNet, except: Vec<IpNet>| {
        let ranges = cidr::ranges(&IpBlock { cidr, except });
        cidr::minimal_blocks(Family::of_net(&cidr), &ranges)
    };
    let [routed_v4, routed_v6] = ROUTED;
    let mut blocks = cut(routed_v4, NOT_GLOBAL.to_vec());
    blocks.extend(cut(routed_v6, vec![DOCUMENTATION]));
    blocks
}

/// Whether an address is a global one (GLOB).
#[must_use]
pub fn is_global(address: IpAddr) -> bool {
    spread(&[IpNet::from(address)]) == Spread::Limited
}

/// The addresses in both sets, as blocks; disjoint if each side is.
#[must_use]
pub fn overlap(left: &[IpNet], right: &[IpNet]) -> Vec<IpNet> {
    let both = |a: &IpNet, b: &IpNet| {
        if b.contains(a) {
            Some(*a)
        } else {
            a.contains(b).then_some(*b)
        }
    };
    left.iter()
        .flat_map(|a| right.iter().filter_map(move |b| both(a, b)))
        .collect()
}

/// How many addresses a block below the whole IPv6 space has.
fn addresses(net: &IpNet) -> u128 {
    let bits = net.max_prefix_len() - net.prefix_len();
    1u128.checked_shl(u32::from(bits)).unwrap_or(u128::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(blocks: &[&str]) -> Spread {
        let nets: Vec<IpNet> = blocks.iter().map(|b| b.parse().unwrap()).collect();
        spread(&nets)
    }

    #[test]
    fn wide_counts_global_addresses_across_blocks() {
        assert_eq!(of(&["0.0.0.0/0"]), Spread::Wide);
        assert_eq!(of(&["::/0"]), Spread::Wide);
        assert_eq!(of(&["8.0.0.0/8"]), Spread::Wide);
        assert_eq!(of(&["8.0.0.0/9", "9.0.0.0/9"]), Spread::Wide);
        assert_eq!(of(&["8.0.0.0/9"]), Spread::Limited);
        assert_eq!(of(&["2600::/16"]), Spread::Wide);
        assert_eq!(of(&["2600::/17"]), Spread::Limited);
        assert_eq!(of(&["192.0.0.0/9"]), Spread::Limited);
    }

    #[test]
    fn glob_leaves_out_private_and_documentation_addresses() {
        let none = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32", "fc00::/7"];
        assert_eq!(of(&none), Spread::Local);
        assert_eq!(of(&["224.0.0.0/3"]), Spread::Local);
        assert_eq!(of(&[]), Spread::Nothing);
        assert!(is_global("8.8.8.8".parse().unwrap()));
        assert!(!is_global("100.64.0.1".parse().unwrap()));
    }
}
