//! What answers look at of a class: classes that agree in it have equal answers, so that each needs
//! to be found once only. Whatever an evaluator comes to depend on belongs in here.

use super::class::ClassIdx;
use super::engine::Reach;
use super::table::Tables;
use crate::model::{Direction, MemberIdx, Tier};

/// How the policies of one direction stand to a pod. Pods that agree in it have equal
/// [`Reach::external`], and equal answers with a pod that nobody named (ING-03).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Standing(Box<[u32]>);

impl Reach {
    /// How the policies of a direction stand to `member`; `None` for a member of another inventory.
    #[must_use]
    pub fn standing(&self, member: MemberIdx, direction: Direction) -> Option<Standing> {
        let class = self.tables.classes.of(member)?;
        let key = self.tables.subject_key(direction, class);
        Some(Standing(key.into_boxed_slice()))
    }
}

impl Tables {
    /// Everything that half rows and surfaces look at of their subject, for every bound.
    fn subject_key(&self, direction: Direction, class: ClassIdx) -> Vec<u32> {
        let own = self.classes.get(class);
        let unread = u32::from(self.policy_gap(class).is_some());
        let space = if unread == 0 { 0 } else { own.space.0 };
        let arbitrary = u32::from(class == self.classes.arbitrary);
        let mut key = vec![u32::from(own.host), unread, space, arbitrary];
        for family in &own.signature.each_ref() {
            key.push(u32::from(family.is_some()));
        }
        key.extend(self.isolating(direction, class).iter().map(|p| p.0));
        for tier in [Tier::Admin, Tier::Baseline] {
            key.push(u32::MAX);
            let asked = self.tiers.asked(tier, direction, class).iter();
            key.extend(asked.flat_map(|(policy, matched)| [policy.0, *matched as u32]));
        }
        // Port names resolve on the destination (PT-05).
        if direction == Direction::Ingress {
            key.push(u32::MAX);
            let ports = own.ports.iter();
            key.extend(ports.flat_map(|(name, protocol, number)| {
                [*name, *protocol as u32, u32::from(*number)]
            }));
        }
        key
    }

    /// Everything that [`Tables::row`] looks at of a class: those with equal keys have equal rows in
    /// this direction, for every bound.
    pub(crate) fn row_key(&self, direction: Direction, class: ClassIdx) -> Vec<u32> {
        let mut key = self.subject_key(direction, class);
        for peers in self.peers_of.iter().take(if self.exact { 1 } else { 2 }) {
            key.push(u32::MAX);
            let listed = peers.listed(class).iter().copied();
            key.extend(listed.chain(peers.wide(class)).map(|peer| peer.0));
        }
        key
    }
}
