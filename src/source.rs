//! Where the state comes from: adapters that turn outside data into the model's types.

pub mod audit;
