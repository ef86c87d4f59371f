//! Port sets against one bit per port, and texts that may be ports (PT-01..PT-03, OUT-02).
#![no_main]

use arbitrary::Arbitrary;
use kreach::model::Protocol;
use kreach::query::parse;
use kreach::select::PortSet;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    left: Vec<(u8, u16, u16)>,
    right: Vec<(u8, u16, u16)>,
    probes: Vec<(u8, u16)>,
    text: String,
}

type Range = (Protocol, u16, u16);

fn protocol(number: u8) -> Protocol {
    Protocol::ALL[number as usize % 3]
}

fn ranges(list: &[(u8, u16, u16)]) -> Vec<Range> {
    list.iter().take(12).map(|(p, a, b)| (protocol(*p), *a, *b)).collect()
}

fn set(ranges: &[Range]) -> PortSet {
    ranges.iter().fold(PortSet::none(), |set, (p, a, b)| set.union(&PortSet::range(*p, *a, *b)))
}

fn has(ranges: &[Range], protocol: Protocol, port: u16) -> bool {
    port > 0 && ranges.iter().any(|(p, a, b)| *p == protocol && *a <= port && port <= *b)
}

fuzz_target!(|input: Input| {
    let _ = parse::port_spec(&input.text);
    let (a, b) = (ranges(&input.left), ranges(&input.right));
    let (left, right) = (set(&a), set(&b));
    let (union, both, rest) =
        (left.union(&right), left.intersection(&right), left.difference(&right));
    assert_eq!(left.meets(&right), !both.is_none());
    assert_eq!(both.union(&rest), left);
    assert_eq!(union.len() + both.len(), left.len() + right.len());
    let edges = a.iter().chain(&b).flat_map(|(p, first, last)| {
        let around = |port: u16| [port.wrapping_sub(1), port, port.wrapping_add(1)];
        around(*first).into_iter().chain(around(*last)).map(|port| (*p, port))
    });
    let probes = input.probes.iter().map(|(p, port)| (protocol(*p), *port));
    for (p, port) in edges.chain(probes) {
        let (l, r) = (has(&a, p, port), has(&b, p, port));
        assert_eq!(left.contains(p, port), l);
        assert_eq!(union.contains(p, port), l || r);
        assert_eq!(both.contains(p, port), l && r);
        assert_eq!(rest.contains(p, port), l && !r);
    }
});
