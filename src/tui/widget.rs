//! Small things that views are made of.

pub mod input;
pub mod list;
pub mod rule;
pub mod text;

pub use input::Input;
pub use list::List;
pub use text::Line;
