//! Changes the tables where single policies differ.

use std::sync::Arc;

use super::Edit;
use crate::model::Direction;
use crate::reach::bits::{Bits, Words};
use crate::reach::bound::Bound;
use crate::reach::class::ClassIdx;
use crate::reach::compile::Compiler;
use crate::reach::intern::index;
use crate::reach::pair::Rung;
use crate::reach::row::BaseRow;
use crate::reach::table::{CompiledPolicy, PeerIdx, PolicyIdx, SpecIdx, Tables, slot};

impl Tables {
    /// Puts policies in the place of others; tells the classes whose policies changed, by direction.
    /// Only for tables in which nothing is missing: both bounds are one.
    pub(super) fn edit(&mut self, compiler: &mut Compiler, edits: Vec<Edit>) -> [Bits; 2] {
        let mut touched = [(); 2].map(|()| Words::none(self.classes.len()));
        let mut touch = |policy: &CompiledPolicy| {
            for direction in Direction::BOTH {
                if policy.rules(direction).is_some() {
                    touched[slot(direction)].or_bits(&policy.subjects);
                }
            }
        };
        for (key, policy) in edits {
            let at = self.by_key.get(&key).copied();
            if let Some(at) = at {
                let old = self.policies[at.0 as usize].clone();
                self.detach(at, &old);
                touch(&old);
            }
            let Some(policy) = policy else {
                self.by_key.remove(&key);
                continue;
            };
            let new = Arc::new(compiler.policy(&policy));
            compiler.write_down(self);
            let at = self.put(at, &new);
            self.by_key.insert(key, at);
            self.attach(at, &new);
            touch(&new);
        }
        let touched = touched.map(|words| Bits::from_words(&words));
        for direction in Direction::BOTH {
            self.renew(direction, &touched[slot(direction)]);
        }
        touched
    }

    /// Keeps a policy under a number, a new one if it has none.
    fn put(&mut self, at: Option<PolicyIdx>, policy: &Arc<CompiledPolicy>) -> PolicyIdx {
        if let Some(at) = at
            && let Some(place) = self.policies.get_mut(at.0 as usize)
        {
            *place = policy.clone();
            return at;
        }
        let at = PolicyIdx(index(self.policies.len()));
        self.policies.push(policy.clone());
        at
    }

    fn detach(&mut self, at: PolicyIdx, policy: &CompiledPolicy) {
        for direction in Direction::BOTH {
            if policy.rules(direction).is_none() {
                continue;
            }
            for class in policy.subjects.iter() {
                if let Some(list) = self.isolating[slot(direction)].get_mut(class as usize) {
                    *list = list.iter().copied().filter(|other| *other != at).collect();
                }
            }
            for (peer, _) in uses(policy, direction) {
                if let Some(users) = self.users[slot(direction)].get_mut(peer.0 as usize) {
                    let users = Arc::make_mut(users);
                    let first = users.partition_point(|(other, _)| *other < at);
                    let end = users.partition_point(|(other, _)| *other <= at);
                    users.drain(first..end);
                }
            }
            self.base_mut(direction)
                .named
                .retain(|(other, _)| *other != at);
        }
    }

    fn attach(&mut self, at: PolicyIdx, policy: &CompiledPolicy) {
        for direction in Direction::BOTH {
            if policy.rules(direction).is_none() {
                continue;
            }
            for class in policy.subjects.iter() {
                self.isolate(direction, ClassIdx(class), at);
            }
            for (peer, ports) in uses(policy, direction) {
                if let Some(users) = self.users[slot(direction)].get_mut(peer.0 as usize)
                    && let Err(place) = users.binary_search(&(at, ports))
                {
                    Arc::make_mut(users).insert(place, (at, ports));
                }
            }
            let named = self.named_for_everyone(at, policy, direction);
            self.base_mut(direction).named.extend(named);
        }
    }

    /// Adds a policy to those that isolate a class, in key order.
    fn isolate(&mut self, direction: Direction, class: ClassIdx, at: PolicyIdx) {
        let mut list = self.isolating(direction, class).to_vec();
        let key = &self.policy(at).source.key;
        let place = list.partition_point(|other| self.policy(*other).source.key < *key);
        list.insert(place, at);
        if let Some(known) = self.isolating[slot(direction)].get_mut(class.at()) {
            *known = list.into();
        }
    }

    fn base_mut(&mut self, direction: Direction) -> &mut BaseRow {
        let [certain, possible] = &mut self.base[slot(direction)];
        *possible = Arc::default();
        Arc::make_mut(certain)
    }

    /// Brings up to date what is said of all classes of a direction at once.
    fn renew(&mut self, direction: Direction, touched: &Bits) {
        let mut base = std::mem::take(self.base_mut(direction));
        self.renew_base(&mut base, (direction, Bound::Certain), touched);
        let base = Arc::new(base);
        self.base[slot(direction)] = [base.clone(), base];
        let mut open = Words::clone(&self.open[slot(direction)]);
        for class in touched.iter() {
            match self.rung(direction, ClassIdx(class)) {
                Rung::Default => open.set(class),
                _ => open.clear(class),
            }
        }
        self.open[slot(direction)] = Arc::new(open);
        self.grounds = Default::default();
    }
}

/// The peers that a policy names in its rules for a direction, with the ports.
fn uses(
    policy: &CompiledPolicy,
    direction: Direction,
) -> impl Iterator<Item = (PeerIdx, SpecIdx)> + use<'_> {
    let rules = policy.rules(direction).unwrap_or_default().iter();
    rules.flat_map(|rule| {
        let peers = rule.peers.iter().flatten().flatten();
        peers.map(|peer| (*peer, rule.ports))
    })
}
