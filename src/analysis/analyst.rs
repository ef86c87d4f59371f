//! One analysis after the other: what the one before found out and nothing changed about stays.

use std::sync::{Arc, OnceLock};

use super::{Analysis, Input, Parts};
use crate::enforcement::Enforcement;
use crate::exposure::Exposure;
use crate::model::World;
use crate::rbac::{Aggregation, Rbac};
use crate::reach::Options;
use crate::reach::update::{Step, Updater};

/// Makes the analyses of one cluster, version by version.
#[derive(Debug, Default)]
pub struct Analyst {
    last: Option<Last>,
}

/// The version before.
#[derive(Debug)]
struct Last {
    updater: Updater,
    options: Options,
    aggregation: Aggregation,
    world: World,
    rbac: Arc<Rbac>,
    enforcement: Arc<Enforcement>,
    exposure: Arc<OnceLock<Exposure>>,
}

impl Analyst {
    /// The analysis of a version. It is what [`Analysis::of`] gives for the same input.
    pub fn analyse(&mut self, input: &Input<'_>) -> Analysis {
        let same =
            |last: &Last| last.options == input.options && last.aggregation == input.aggregation;
        let last = match self.last.take().filter(same) {
            Some(last) => last.advance(input),
            None => Last::first(input),
        };
        let parts = Parts {
            reach: last.updater.reach().clone(),
            rbac: last.rbac.clone(),
            enforcement: last.enforcement.clone(),
            exposure: last.exposure.clone(),
        };
        self.last = Some(last);
        Analysis::with(input, parts)
    }
}

impl Last {
    fn first(input: &Input<'_>) -> Self {
        let updater = Updater::new(input.world, input.options);
        let inventory = updater.reach().inventory();
        Self {
            options: input.options,
            aggregation: input.aggregation,
            world: input.world.clone(),
            rbac: Arc::new(Rbac::of(input.world, input.aggregation)),
            enforcement: Arc::new(Enforcement::of(input.world, inventory)),
            exposure: Arc::default(),
            updater,
        }
    }

    fn advance(mut self, input: &Input<'_>) -> Self {
        let world = input.world;
        let step = self.updater.advance(world);
        if !self.same_rbac(world) {
            self.rbac = Arc::new(Rbac::of(world, input.aggregation));
        }
        if step.has_other_pods() {
            self.enforcement = Arc::new(Enforcement::of(world, step.after.inventory()));
        }
        self.exposure = self.exposure_after(&step, world);
        self.world = world.clone();
        self
    }

    fn same_rbac(&self, world: &World) -> bool {
        self.world.shares_rbac_with(world) && self.world.coverage == world.coverage
    }

    /// Judges again only those workloads whose policies changed, if that is all that did.
    fn exposure_after(&self, step: &Step, world: &World) -> Arc<OnceLock<Exposure>> {
        if !self.world.shares_publishing_with(world) || step.has_other_pods() {
            return Arc::default();
        }
        if step.is_same() {
            return self.exposure.clone();
        }
        match (self.exposure.get(), step.touched()) {
            (Some(before), Some(touched)) => {
                let exposure = before.after(&touched, world, &step.after);
                Arc::new(OnceLock::from(exposure))
            }
            (None, _) | (_, None) => Arc::default(),
        }
    }
}
