//! Port sets: which (protocol, port) pairs, as a canonical list of intervals.

use std::fmt;

use crate::model::Protocol;

/// A set of (protocol, port) pairs with ports 1..=65535 (EVAL-06). Intervals lie on one line,
/// `protocol * 65536 + port`, sorted, disjoint and not adjacent, so equal sets are equal values.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PortSet(Vec<(u32, u32)>);

impl PortSet {
    /// No port at all.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Every port of every protocol (NP-10).
    #[must_use]
    pub fn all() -> Self {
        Protocol::ALL.into_iter().fold(Self::none(), |set, p| {
            set.union(&Self::range(p, 1, u16::MAX))
        })
    }

    /// The inclusive range `first..=last` of `protocol`; port 0 is dropped, an empty range is empty.
    #[must_use]
    pub fn range(protocol: Protocol, first: u16, last: u16) -> Self {
        let first = first.max(1);
        if first > last {
            return Self::none();
        }
        let base = line(protocol, 0);
        Self(vec![(base + u32::from(first), base + u32::from(last))])
    }

    /// Whether nothing is in the set.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every port of every protocol is in the set.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.0.iter().map(|(a, b)| b - a + 1).sum::<u32>() == 3 * 65535
    }

    /// Whether `port` of `protocol` is in the set.
    #[must_use]
    pub fn contains(&self, protocol: Protocol, port: u16) -> bool {
        let at = line(protocol, port);
        let after = self.0.partition_point(|(first, _)| *first <= at);
        after
            .checked_sub(1)
            .and_then(|i| self.0.get(i))
            .is_some_and(|(_, last)| at <= *last)
    }

    /// What is in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut all: Vec<(u32, u32)> = self.0.iter().chain(&other.0).copied().collect();
        all.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(all.len());
        for (first, last) in all {
            match merged.last_mut() {
                Some(open) if first <= open.1.saturating_add(1) => open.1 = open.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        Self(merged)
    }

    /// What is in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let (first, last) = (a.0.max(b.0), a.1.min(b.1));
            if first <= last {
                both.push((first, last));
            }
            if a.1 <= b.1 {
                left.next()
            } else {
                right.next()
            };
        }
        Self(both)
    }

    /// Whether some port is in both sets.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            if a.0.max(b.0) <= a.1.min(b.1) {
                return true;
            }
            if a.1 <= b.1 {
                left.next()
            } else {
                right.next()
            };
        }
        false
    }

    /// What is in this set but not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut rest = Vec::new();
        for &(start, last) in &self.0 {
            let mut first = start;
            for &(cut_first, cut_last) in &other.0 {
                if cut_last < first || cut_first > last {
                    continue;
                }
                if cut_first > first {
                    rest.push((first, cut_first - 1));
                }
                first = cut_last + 1;
            }
            if first <= last {
                rest.push((first, last));
            }
        }
        Self(rest)
    }

    /// The inclusive port ranges of one protocol, ascending (OUT-02).
    pub fn ranges(&self, protocol: Protocol) -> impl Iterator<Item = (u16, u16)> {
        let base = line(protocol, 0);
        self.0
            .iter()
            .filter(move |(first, _)| first >> 16 == base >> 16)
            .filter_map(move |(first, last)| {
                Some((
                    u16::try_from(first - base).ok()?,
                    u16::try_from(last - base).ok()?,
                ))
            })
    }

    /// How many (protocol, port) pairs are in the set, at most 196,605.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.0.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// Same as [`PortSet::is_none`].
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.is_none()
    }

    /// The lowest port of the set in protocol order, if any.
    #[must_use]
    pub fn first(&self) -> Option<(Protocol, u16)> {
        Protocol::ALL
            .into_iter()
            .find_map(|p| self.ranges(p).next().map(|(first, _)| (p, first)))
    }
}

fn line(protocol: Protocol, port: u16) -> u32 {
    let lane = match protocol {
        Protocol::Tcp => 0,
        Protocol::Udp => 1,
        Protocol::Sctp => 2,
    };
    (lane << 16) | u32::from(port)
}

/// Short form for people: `80,443/tcp 53/udp`, `any` for everything, `none` for nothing.
impl fmt::Display for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.summary())
    }
}

impl fmt::Debug for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary())
    }
}

impl PortSet {
    fn summary(&self) -> String {
        if self.is_all() {
            return "any".to_owned();
        }
        if self.is_none() {
            return "none".to_owned();
        }
        let of = |protocol: Protocol| {
            let ranges: Vec<String> = self.ranges(protocol).map(range_text).collect();
            let name = protocol.name().to_ascii_lowercase();
            (!ranges.is_empty()).then(|| format!("{}/{name}", ranges.join(",")))
        };
        Protocol::ALL
            .into_iter()
            .filter_map(of)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn range_text((first, last): (u16, u16)) -> String {
    match (first, last) {
        (1, u16::MAX) => "any".to_owned(),
        _ if first == last => first.to_string(),
        _ => format!("{first}-{last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pt_03_overlapping_and_adjacent_ranges_merge() {
        let set = PortSet::range(Protocol::Tcp, 80, 90)
            .union(&PortSet::range(Protocol::Tcp, 85, 100))
            .union(&PortSet::range(Protocol::Tcp, 101, 101));
        assert_eq!(set.ranges(Protocol::Tcp).collect::<Vec<_>>(), [(80, 101)]);
    }

    #[test]
    fn protocols_never_merge_across_their_borders() {
        let set = PortSet::all();
        assert!(set.is_all());
        assert_eq!(set.ranges(Protocol::Udp).collect::<Vec<_>>(), [(1, 65535)]);
        assert!(!set.contains(Protocol::Sctp, 0));
    }

    #[test]
    fn difference_and_intersection_split_a_range() {
        let all = PortSet::range(Protocol::Tcp, 1, 65535);
        let hole =
            PortSet::range(Protocol::Tcp, 22, 22).union(&PortSet::range(Protocol::Udp, 53, 53));
        let rest = all.difference(&hole);
        assert_eq!(
            rest.ranges(Protocol::Tcp).collect::<Vec<_>>(),
            [(1, 21), (23, 65535)]
        );
        assert_eq!(
            all.intersection(&hole),
            PortSet::range(Protocol::Tcp, 22, 22)
        );
        assert_eq!(rest.union(&PortSet::range(Protocol::Tcp, 22, 22)), all);
    }

    #[test]
    fn summary_is_short() {
        let set =
            PortSet::range(Protocol::Udp, 53, 53).union(&PortSet::range(Protocol::Tcp, 80, 90));
        assert_eq!(set.to_string(), "80-90/tcp 53/udp");
        assert_eq!(PortSet::all().to_string(), "any");
    }
}
