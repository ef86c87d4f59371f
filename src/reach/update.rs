//! Goes on from one version of the cluster to the next without compiling everything anew.
//!
//! [`Updater::advance`] compares two versions of the world, which costs what differs, and changes
//! the tables where NetworkPolicies differ. Versions share all tables that did not change, so that
//! readers keep theirs as long as they like. Whatever cannot be done in place is compiled anew (see
//! `fit`); the answers are the same either way.
//!
//! What is in place keeps its numbers: a policy keeps its index while it changes, peers and ports
//! that nobody uses any more stay in the tables, where no row looks at them. Compiling anew forgets
//! them.

use std::collections::BTreeSet;
use std::sync::Arc;

use imbl::ordmap::DiffItem;

use super::bits::Bits;
use super::compile::{Compiler, compile};
use super::delta::Delta;
use super::engine::{Options, Reach};
use crate::model::{Inventory, Key, NetworkPolicy, WorkloadIdx, World};

mod edit;
mod fit;

use fit::{Addresses, Families};

/// Keeps an engine up to date with a world that changes. The only writer of its tables.
#[derive(Debug)]
pub struct Updater {
    options: Options,
    world: World,
    reach: Arc<Reach>,
    compiler: Compiler,
    families: Families,
    addresses: Addresses,
}

/// From one version to the next.
#[derive(Clone, Debug)]
pub struct Step {
    /// The version before.
    pub before: Arc<Reach>,
    /// The version after.
    pub after: Arc<Reach>,
    way: Way,
}

#[derive(Clone, Debug)]
enum Way {
    /// Nothing that the engine looks at.
    Same,
    /// These classes have other policies, by direction.
    InPlace([Bits; 2]),
    Anew,
}

/// A policy that is new, gone or different.
type Edit = (Key, Option<Arc<NetworkPolicy>>);

impl Updater {
    /// Compiles the first version.
    #[must_use]
    pub fn new(world: &World, options: Options) -> Self {
        Self::with(world, Arc::new(Inventory::of(world)), options)
    }

    /// As [`Updater::new`], with the inventory of the same world.
    #[must_use]
    pub fn with(world: &World, inventory: Arc<Inventory>, options: Options) -> Self {
        let (tables, compiler) = compile(world, &inventory, options);
        Self {
            options,
            families: Families::of(world, &tables),
            addresses: Addresses::of(world, &inventory),
            reach: Arc::new(Reach::of(world, inventory, tables)),
            world: world.clone(),
            compiler,
        }
    }

    /// The engine of the newest version.
    #[must_use]
    pub const fn reach(&self) -> &Arc<Reach> {
        &self.reach
    }

    /// Goes on to a version of the world.
    pub fn advance(&mut self, world: &World) -> Step {
        let before = self.reach.clone();
        let way = match self.policy_edits(world) {
            Some(edits) if edits.is_empty() => Way::Same,
            Some(edits) => self.edit(edits).map_or(Way::Anew, Way::InPlace),
            None => Way::Anew,
        };
        match way {
            Way::Anew => *self = Self::new(world, self.options),
            Way::Same | Way::InPlace(_) => self.world = world.clone(),
        }
        Step {
            before,
            after: self.reach.clone(),
            way,
        }
    }

    /// The policies that differ, if nothing else does that the engine looks at.
    fn policy_edits(&self, world: &World) -> Option<Vec<Edit>> {
        if !self.differs_in_policies_alone(world) {
            return None;
        }
        let edits = self.world.policies.diff(&world.policies);
        let edit = |item: DiffItem<'_, '_, Key, Arc<NetworkPolicy>>| match item {
            DiffItem::Add(key, policy)
            | DiffItem::Update {
                new: (key, policy), ..
            } => (key.clone(), Some(policy.clone())),
            DiffItem::Remove(key, _) => (key.clone(), None),
        };
        Some(edits.map(edit).collect())
    }

    /// Changes the tables; `None` if these edits ask for more. By direction, the classes whose
    /// policies changed.
    fn edit(&mut self, edits: Vec<Edit>) -> Option<[Bits; 2]> {
        let mut families = self.families;
        for (key, policy) in &edits {
            if !self.fits(key, policy.as_deref()) {
                return None;
            }
            let old = self.world.policies.get(key);
            families.change(old.map(AsRef::as_ref), policy.as_deref());
        }
        if families.found() != self.families.found() {
            return None;
        }
        self.families = families;
        let mut reach = Reach::clone(&self.reach);
        let touched = reach.tables.edit(&mut self.compiler, edits);
        self.reach = Arc::new(reach);
        Some(touched)
    }
}

impl Step {
    /// Whether nothing changed that the engine looks at.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        matches!(self.way, Way::Same)
    }

    /// Whether everything was compiled anew: [`Step::delta`] cannot tell, but
    /// [`diff`](super::diff::diff) can.
    #[must_use]
    pub const fn is_anew(&self) -> bool {
        matches!(self.way, Way::Anew)
    }

    /// The workloads whose policies changed, ascending; `None` if everything was compiled anew.
    #[must_use]
    pub fn touched(&self) -> Option<Vec<WorkloadIdx>> {
        match &self.way {
            Way::Same => Some(Vec::new()),
            Way::InPlace(touched) => {
                let classes = touched.iter().flat_map(Bits::iter);
                let found = classes.filter_map(|class| self.after.workloads.get(class as usize));
                let found: BTreeSet<WorkloadIdx> = found.flatten().copied().collect();
                Some(found.into_iter().collect())
            }
            Way::Anew => None,
        }
    }

    /// What the step opened and closed; `None` if everything was compiled anew.
    #[must_use]
    pub fn delta(&self) -> Option<Delta> {
        match &self.way {
            Way::Same => Some(Delta::default()),
            Way::InPlace(touched) => Some(Delta::of([&self.before, &self.after], touched)),
            Way::Anew => None,
        }
    }
}
