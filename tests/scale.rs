//! The engine against the reference evaluator on clusters of the shapes and sizes that the
//! benchmarks use, before and after random updates.
//!
//! `cargo test --release --test scale -- --ignored` makes 500,000 checks on each shape twice.

#![expect(clippy::unwrap_used, reason = "a panic is how a comparison reports")]

#[path = "scale/checks.rs"]
mod checks;
#[path = "oracle/naive.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "shared with the oracle, which asks more of it"
)]
mod naive;
#[path = "bench/shapes.rs"]
mod shapes;

use checks::{Amount, Checks};
use kreach::model::World;
use kreach::reach::update::Updater;
use kreach::reach::{Options, Reach};
use shapes::{Cluster, Rng, Shape, Size};

/// Compares a cluster, changes it, and compares it again.
fn agrees(shape: Shape, size: Size, amount: Amount) {
    let mut cluster = Cluster::of(shape, size, 1);
    let mut rng = Rng::new(2);
    let mut world = cluster.world();
    assert_eq!(
        (world.pods.len(), world.policies.len()),
        (size.pods, size.policies),
        "no two objects have one name"
    );
    let mut updater = Updater::new(&world, Options::default());
    compare((&world, updater.reach()), amount, &mut rng);
    for update in cluster.updates(amount.updates) {
        world.apply(update.change);
        updater.advance(&world);
    }
    assert_eq!(sizes(&world), sizes(&cluster.world()));
    compare((&world, updater.reach()), amount, &mut rng);
}

fn compare(version: (&World, &Reach), amount: Amount, rng: &mut Rng) {
    Checks::with(version, |mut checks| {
        checks.pairs(amount.pairs, rng);
        checks.cells(amount.cells, rng);
        checks.peers(amount.peers, rng);
    });
}

fn sizes(world: &World) -> [usize; 3] {
    [
        world.namespaces.len(),
        world.pods.len(),
        world.policies.len(),
    ]
}

const SMALL: Amount = Amount {
    pairs: 1000,
    cells: 10,
    peers: 2,
    updates: 100,
};

const LARGE: Amount = Amount {
    pairs: 500_000,
    cells: 200,
    peers: 6,
    updates: 2000,
};

/// A quick test of each shape, and one at length.
macro_rules! shapes {
    ($($shape:ident: $quick:ident, $long:ident;)*) => {$(
        #[test]
        fn $quick() {
            let size = Size {
                pods: 400,
                namespaces: Size::of(Shape::$shape, 400).namespaces,
                policies: 120,
            };
            agrees(Shape::$shape, size, SMALL);
        }

        #[test]
        #[ignore = "takes minutes"]
        fn $long() {
            let size = Size {
                policies: 2000,
                ..Size::of(Shape::$shape, 20_000)
            };
            agrees(Shape::$shape, size, LARGE);
        }
    )*};
}

shapes! {
    Production: production_is_exact, production_is_exact_at_length;
    Microservices: microservices_are_exact, microservices_are_exact_at_length;
    Multitenant: multitenant_is_exact, multitenant_is_exact_at_length;
    Flat: flat_is_exact, flat_is_exact_at_length;
    Adversarial: adversarial_is_exact, adversarial_is_exact_at_length;
    Kano: kano_is_exact, kano_is_exact_at_length;
}

#[test]
fn a_seed_gives_one_cluster_and_one_sequence_of_updates() {
    for shape in Shape::ALL {
        let [(one, first), (other, second)] = [(); 2].map(|()| {
            let mut cluster = Cluster::of(shape, Size::of(shape, 300), 7);
            (cluster.world(), cluster.updates(50))
        });
        let name = shape.name();
        assert_eq!(one.pods, other.pods, "{name}");
        assert_eq!(one.policies, other.policies);
        assert_eq!(one.admin_policies, other.admin_policies);
        let changes = |updates: Vec<shapes::Update>| -> Vec<_> {
            updates
                .into_iter()
                .map(|update| (update.class, update.change))
                .collect()
        };
        assert_eq!(changes(first), changes(second));
    }
}
