//! What the fuzz targets share.

use std::sync::Arc;

use kreach::model::{Change, Inventory, World};
use kreach::reach::{Options, Reach};

/// The world that these changes make.
#[must_use]
pub fn world(changes: impl IntoIterator<Item = Change>) -> World {
    let mut world = World::default();
    for change in changes {
        world.apply(change);
    }
    world
}

/// The engine on a world.
#[must_use]
pub fn reach(world: &World) -> Reach {
    let inventory = Arc::new(Inventory::of(world));
    Reach::build(world, inventory, Options::default())
}
