//! Addresses and blocks (section 7 of the semantics), as inclusive ranges of numbers.
//!
//! A family's address space is the line `0..=Family::last()`. Families never mix (IPB-01): an
//! IPv4-mapped IPv6 address is an IPv6 address here.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};

use crate::model::IpBlock;

/// An address family.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Family {
    /// IPv4
    V4,
    /// IPv6
    V6,
}

impl Family {
    /// Both, in output order.
    pub const BOTH: [Self; 2] = [Self::V4, Self::V6];

    /// The family of an address.
    #[must_use]
    pub const fn of(address: &IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }

    /// The family of a block.
    #[must_use]
    pub const fn of_net(net: &IpNet) -> Self {
        match net {
            IpNet::V4(_) => Self::V4,
            IpNet::V6(_) => Self::V6,
        }
    }

    /// The highest address, as a number.
    #[must_use]
    pub const fn last(self) -> u128 {
        match self {
            Self::V4 => u32::MAX as u128,
            Self::V6 => u128::MAX,
        }
    }

    /// Position in [`Family::BOTH`].
    #[must_use]
    pub const fn slot(self) -> usize {
        match self {
            Self::V4 => 0,
            Self::V6 => 1,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// An inclusive range of addresses of one family.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Range {
    /// The lowest address.
    pub first: u128,
    /// The highest address, not below `first`.
    pub last: u128,
}

impl Range {
    /// All addresses of a family.
    #[must_use]
    pub const fn whole(family: Family) -> Self {
        Self {
            first: 0,
            last: family.last(),
        }
    }

    /// The addresses of a block; bits below its prefix do not count (IPB-01).
    #[must_use]
    pub fn of(net: &IpNet) -> Self {
        Self {
            first: number(&net.network()),
            last: number(&net.broadcast()),
        }
    }

    /// Whether the address with this number lies within.
    #[must_use]
    pub const fn contains(&self, address: u128) -> bool {
        self.first <= address && address <= self.last
    }
}

/// An address as a number on its family's line.
#[must_use]
pub fn number(address: &IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(*v4)),
        IpAddr::V6(v6) => u128::from(*v6),
    }
}

/// The address with a number on its family's line; beyond the line it is the last one.
#[must_use]
pub fn address(family: Family, number: u128) -> IpAddr {
    match family {
        Family::V4 => Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX)).into(),
        Family::V6 => Ipv6Addr::from(number).into(),
    }
}

/// The addresses that a block matches: `cidr` minus `except`, ascending and disjoint. Exceptions of
/// the other family take nothing away.
#[must_use]
pub fn ranges(block: &IpBlock) -> Vec<Range> {
    let family = Family::of_net(&block.cidr);
    let mut holes: Vec<Range> = block
        .except
        .iter()
        .filter(|net| Family::of_net(net) == family)
        .map(Range::of)
        .collect();
    holes.sort_unstable();
    let whole = Range::of(&block.cidr);
    let mut next = Some(whole.first);
    let mut left = Vec::new();
    for hole in holes {
        let Some(first) = next.filter(|first| *first <= whole.last) else {
            break;
        };
        if hole.last < first {
            continue;
        }
        if hole.first > first {
            let last = whole.last.min(hole.first - 1);
            left.push(Range { first, last });
        }
        next = hole.last.checked_add(1);
    }
    if let Some(first) = next.filter(|first| *first <= whole.last) {
        left.push(Range {
            first,
            last: whole.last,
        });
    }
    left
}

/// Whether a block covers its whole family without exceptions, which makes it match pods of unknown
/// address too (IPB-05).
#[must_use]
pub fn is_whole(block: &IpBlock) -> bool {
    block.cidr.prefix_len() == 0 && block.except.is_empty()
}

/// The fewest blocks that make up `ranges`, which must ascend and neither overlap nor touch
/// (OUT-04).
#[must_use]
pub fn minimal_blocks(family: Family, ranges: &[Range]) -> Vec<IpNet> {
    let of = |range: &Range| -> Vec<IpNet> {
        match family {
            Family::V4 => {
                let address = |n: u128| Ipv4Addr::from(u32::try_from(n).unwrap_or(u32::MAX));
                Ipv4Subnets::new(address(range.first), address(range.last), 0)
                    .map(IpNet::V4)
                    .collect()
            }
            Family::V6 => {
                Ipv6Subnets::new(Ipv6Addr::from(range.first), Ipv6Addr::from(range.last), 0)
                    .map(IpNet::V6)
                    .collect()
            }
        }
    };
    ranges.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> IpNet {
        text.parse().unwrap()
    }

    fn block(cidr: &str, except: &[&str]) -> IpBlock {
        IpBlock {
            cidr: net(cidr),
            except: except.iter().map(|e| net(e)).collect(),
        }
    }

    fn rest(block: &IpBlock) -> Vec<String> {
        let family = Family::of_net(&block.cidr);
        minimal_blocks(family, &ranges(block))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn ipb_01_a_block_that_is_not_canonical_is_masked() {
        assert_eq!(rest(&block("10.1.2.3/8", &[])), ["10.0.0.0/8"]);
    }

    #[test]
    fn ipb_01_exceptions_cut_at_their_borders() {
        assert_eq!(
            rest(&block("10.0.0.0/24", &["10.0.0.0/26", "10.0.0.192/26"])),
            ["10.0.0.64/26", "10.0.0.128/26"]
        );
        assert_eq!(rest(&block("0.0.0.0/0", &["128.0.0.0/1"])), ["0.0.0.0/1"]);
        assert_eq!(rest(&block("::/0", &["8000::/1"])), ["::/1"]);
    }

    #[test]
    fn ipb_01_nested_and_overlapping_exceptions_count_once() {
        assert_eq!(
            rest(&block(
                "10.0.0.0/8",
                &["10.128.0.0/9", "10.128.0.0/16", "10.0.0.0/9"]
            )),
            Vec::<String>::new()
        );
        assert_eq!(
            rest(&block("::/0", &["::/1", "8000::/1"])),
            Vec::<String>::new()
        );
    }

    #[test]
    fn ipb_01_exceptions_of_the_other_family_or_outside_take_nothing() {
        assert_eq!(
            rest(&block("10.0.0.0/8", &["::/0", "11.0.0.0/8", "9.0.0.0/8"])),
            ["10.0.0.0/8"]
        );
    }

    #[test]
    fn ipb_05_only_an_unbroken_family_is_whole() {
        assert!(is_whole(&block("0.0.0.0/0", &[])));
        assert!(is_whole(&block("::/0", &[])));
        assert!(!is_whole(&block("0.0.0.0/0", &["10.0.0.0/8"])));
        assert!(!is_whole(&block("0.0.0.0/1", &[])));
    }
}
