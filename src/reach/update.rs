//! Goes on from one version of the cluster to the next without compiling everything anew.
//!
//! [`Updater::advance`] compares two versions of the world, which costs what differs, and changes
//! the tables where NetworkPolicies and pods differ. Versions share all tables that did not change, so that
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
use crate::model::{Inventory, Key, NetworkPolicy, Pod, WorkloadIdx, World};

mod edit;
mod fit;
mod pods;

use fit::{Addresses, Families};
pub(super) use pods::Moved;

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
    InPlace {
        /// Members of other classes than before.
        moved: Vec<Moved>,
        /// The version in which only these differ.
        between: Arc<Reach>,
        /// Classes with other policies, by direction.
        touched: [Bits; 2],
    },
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
        let way = self.go_on(world).unwrap_or(Way::Anew);
        match way {
            Way::Anew => *self = Self::new(world, self.options),
            Way::Same | Way::InPlace { .. } => self.world = world.clone(),
        }
        Step {
            before,
            after: self.reach.clone(),
            way,
        }
    }

    /// Changes what differs in place; `None` if that cannot be done.
    fn go_on(&mut self, world: &World) -> Option<Way> {
        if !self.differs_in_policies_and_pods_alone(world) {
            return None;
        }
        let (edits, pods) = (self.policy_edits(world), self.pod_edits(world));
        if edits.is_empty() && pods.is_empty() {
            return Some(Way::Same);
        }
        let moved = self.move_pods(world, &pods)?;
        let between = self.reach.clone();
        let touched = self.edit(edits)?;
        Some(Way::InPlace {
            moved,
            between,
            touched,
        })
    }

    fn policy_edits(&self, world: &World) -> Vec<Edit> {
        let edits = self.world.policies.diff(&world.policies);
        let edit = |item: DiffItem<'_, '_, Key, Arc<NetworkPolicy>>| match item {
            DiffItem::Add(key, policy)
            | DiffItem::Update {
                new: (key, policy), ..
            } => (key.clone(), Some(policy.clone())),
            DiffItem::Remove(key, _) => (key.clone(), None),
        };
        edits.map(edit).collect()
    }

    fn pod_edits(&self, world: &World) -> Vec<Key> {
        let edits = self.world.pods.diff(&world.pods);
        let key = |item: DiffItem<'_, '_, Key, Arc<Pod>>| match item {
            DiffItem::Add(key, _)
            | DiffItem::Update { new: (key, _), .. }
            | DiffItem::Remove(key, _) => key.clone(),
        };
        edits.map(key).collect()
    }

    /// Changes the tables; `None` if these edits ask for more. By direction, the classes whose
    /// policies changed.
    fn edit(&mut self, edits: Vec<Edit>) -> Option<[Bits; 2]> {
        if edits.is_empty() {
            return Some([Bits::none(), Bits::none()]);
        }
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

    /// The workloads whose policies or pods changed, ascending; `None` if everything was compiled
    /// anew.
    #[must_use]
    pub fn touched(&self) -> Option<Vec<WorkloadIdx>> {
        match &self.way {
            Way::Same => Some(Vec::new()),
            Way::InPlace { moved, touched, .. } => {
                let classes = touched.iter().flat_map(Bits::iter);
                let found = classes.filter_map(|class| self.after.workloads.get(class as usize));
                let mut found: BTreeSet<WorkloadIdx> =
                    found.flat_map(|list| list.iter().copied()).collect();
                found.extend(moved.iter().map(|moved| moved.workload));
                Some(found.into_iter().collect())
            }
            Way::Anew => None,
        }
    }

    /// Whether the inventory is another one.
    #[must_use]
    pub fn has_other_pods(&self) -> bool {
        !Arc::ptr_eq(self.before.inventory(), self.after.inventory())
    }

    /// What the step opened and closed, by its pods and then by its policies; `None` if everything
    /// was compiled anew, or if too many pods changed.
    #[must_use]
    pub fn delta(&self) -> Option<Delta> {
        match &self.way {
            Way::Same => Some(Delta::default()),
            Way::InPlace {
                moved,
                between,
                touched,
            } => {
                let mut delta = Delta::of_members([&self.before, between], moved)?;
                delta.add(Delta::of([between, &self.after], touched));
                Some(delta)
            }
            Way::Anew => None,
        }
    }
}
