//! The screens: functions from a small view to a buffer. They read and draw, nothing else.

pub mod bar;
pub mod change;
pub mod draft;
pub mod duties;
pub mod exposed;
pub mod history;
pub mod home;
pub mod matrix;
pub mod paths;
pub mod policies;
pub mod radius;
pub mod why;
pub mod work;
