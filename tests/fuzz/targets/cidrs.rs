//! Blocks with exceptions as ranges, and ranges as minimal blocks: nothing gained, nothing lost
//! (IPB-01, IPB-02, OUT-04); and texts that may be blocks.
#![no_main]

use std::net::IpAddr;

use arbitrary::Arbitrary;
use ipnet::IpNet;
use kreach::model::IpBlock;
use kreach::query::parse;
use kreach::select::Family;
use kreach::select::cidr::{self, minimal_blocks, ranges};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    cidr: (IpAddr, u8),
    except: Vec<(IpAddr, u8)>,
    probes: Vec<IpAddr>,
    text: String,
}

fn net((address, length): &(IpAddr, u8)) -> Option<IpNet> {
    let longest = if address.is_ipv4() { 33 } else { 129 };
    IpNet::new(*address, length % longest).ok().map(|net| net.trunc())
}

fuzz_target!(|input: Input| {
    let _ = parse::endpoint(&input.text);
    let Some(whole) = net(&input.cidr) else { return };
    let block = IpBlock {
        cidr: whole,
        except: input.except.iter().take(8).filter_map(net).collect(),
    };
    let family = Family::of_net(&whole);
    let left = ranges(&block);
    assert!(left.windows(2).all(|two| two[0].last < two[1].first));
    let nets = minimal_blocks(family, &left);
    assert_eq!(IpNet::aggregate(&nets).len(), nets.len(), "{nets:?}");
    let edges = block.except.iter().chain([&whole]);
    let edges = edges.flat_map(|net| [net.network(), net.broadcast()]);
    for address in edges.chain(input.probes.iter().copied()) {
        let expected =
            whole.contains(&address) && !block.except.iter().any(|net| net.contains(&address));
        let number = cidr::number(&address);
        let in_ranges = Family::of(&address) == family && left.iter().any(|r| r.contains(number));
        assert_eq!(in_ranges, expected, "{address} {block:?}");
        assert_eq!(nets.iter().any(|net| net.contains(&address)), expected, "{address} {nets:?}");
    }
});
