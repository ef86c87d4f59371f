//! Whether a verdict rests on an address block that matched a pod (IPB-04).

use crate::analysis::Analysis;
use crate::model::{NetworkPolicy, Peer, World};
use crate::reach::{End, Explanation, Note, NoteCode, RuleRef, Verdict};

/// The note that a verdict carries if it would be another were blocks to match no pods.
///
/// The engine is asked a second time, but only where a block was the peer that matched.
#[must_use]
pub fn rests_on_block(analysis: &Analysis, explanation: &Explanation) -> Option<Note> {
    let (End::Member(source), End::Member(destination)) =
        (&explanation.source, &explanation.destination)
    else {
        return None;
    };
    let mut rules = [&explanation.egress, &explanation.ingress]
        .into_iter()
        .flat_map(|half| &half.decided_by);
    if explanation.verdict != Verdict::Allowed || !rules.any(|rule| is_block(&analysis.world, rule))
    {
        return None;
    }
    let without = analysis.without_blocks();
    let allowed = without.pair(*source, *destination).allowed;
    (!allowed.contains(explanation.protocol, explanation.port)).then(|| Note {
        code: NoteCode::IpBlockMatchesPod,
        subject: crate::report::why::end(analysis.inventory(), &explanation.destination),
        text: "allowed only because an ipBlock contains a pod's address; some network plugins \
               match no pods by ipBlock"
            .to_owned(),
    })
}

/// Whether the peer that matched is an address block.
fn is_block(world: &World, rule: &RuleRef) -> bool {
    let peer = || {
        let policy: &NetworkPolicy = world.policies.get(&rule.policy.key)?;
        let index = |number: u32| usize::try_from(number).ok()?.checked_sub(1);
        let peers = policy
            .rules(rule.direction)?
            .get(index(rule.rule)?)?
            .peers
            .as_ref()?;
        peers.get(index(rule.peer?)?)
    };
    peer().is_some_and(|peer| match peer {
        Peer::Block(_) => true,
        Peer::Pods { .. } | Peer::Nothing => false,
    })
}
