//! Wire objects to model objects: defaults and validation (section 2 of the semantics).
//!
//! One code path serves both modes. It always goes on past a fault, putting something that matches
//! nothing in its place, and remembers the fault with its field. [`Mode::Strict`] then refuses the
//! object (LD-07), [`Mode::Lenient`] keeps it (LD-08). Only what makes an object useless as a whole
//! (no name, a subject selector that cannot be read, a field of the wrong type) is refused in both.

use serde::de::DeserializeOwned;

use crate::model::{Object, Shown, Text};

use super::field::{At, FieldPath};
use super::wire::Wire;

mod address;
pub mod admin;
mod gateway;
mod ingress;
mod meta;
mod namespace;
mod pod;
pub mod policy;
pub(super) mod pool;
mod port;
mod rbac;
mod selector;
mod service;
pub mod slice;
mod syntax;
mod workload;

use pool::Pool;

/// What to do with an object that the API server would refuse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Refuse it with every fault (LD-07): for files.
    Strict,
    /// Keep it, with its malformed parts matching nothing (LD-08): for live objects.
    Lenient,
}

/// One thing that is wrong with an object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Where; empty for the object as a whole.
    pub path: FieldPath,
    /// What is wrong, escaped: lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub remedy: Option<&'static str>,
}

impl Fault {
    /// A field of the wrong type, as the parser tells it.
    pub fn of_type<E: std::fmt::Display>(error: &serde_path_to_error::Error<E>) -> Self {
        let told = error.inner().to_string();
        // The parser counts from the start of the object; the path leads to the place in the file.
        let message = told.split(" at line ").next().unwrap_or_default();
        let remedy = message
            .ends_with("expected a string")
            .then_some("put it in quotes");
        Self {
            path: FieldPath::from(error.path()),
            message: Shown::of(message).to_string(),
            remedy,
        }
    }

    /// The same fault of an enclosing object.
    #[must_use]
    pub fn under(mut self, path: &FieldPath) -> Self {
        self.path = path.join(&self.path);
        self
    }
}

/// Carries the mode, the faults of the current object and the strings that objects share.
#[derive(Debug)]
pub struct Context {
    mode: Mode,
    faults: Vec<Fault>,
    pool: Pool,
}

impl Context {
    /// A context for the objects of one source; keep it, so that equal strings are stored once.
    pub fn new(mode: Mode) -> Self {
        Self {
            mode,
            faults: Vec::new(),
            pool: Pool::default(),
        }
    }

    fn fault(
        &mut self,
        at: &At<'_>,
        message: impl Into<String>,
        remedy: impl Into<Option<&'static str>>,
    ) {
        self.faults.push(Fault {
            path: at.path(),
            message: message.into(),
            remedy: remedy.into(),
        });
    }
}

/// A wire type that has a place in the model.
pub trait IntoObject: Wire + DeserializeOwned {
    /// The object, or nothing: if it is useless, what is wrong is told to `context`; if nothing is
    /// wrong, it has no place in the model.
    fn into_object(self, context: &mut Context) -> Option<Object>;
}

/// Converts one wire object; nothing if it has no place in the model, such as an EndpointSlice that
/// the cluster made from a selector.
///
/// # Errors
///
/// In strict mode every fault (LD-07); in lenient mode the faults of an object that is useless as a
/// whole. The list is never empty.
pub fn convert<W: IntoObject>(
    wire: W,
    context: &mut Context,
) -> Result<Option<Object>, Vec<Fault>> {
    converted(context, remember, |context| wire.into_object(context))
}

/// Leaves the faults with the policy that is kept in spite of them (LD-08).
fn remember(object: &mut Object, faults: &[Fault]) {
    let meta = match object {
        Object::NetworkPolicy(policy) => &mut policy.meta,
        Object::AdminPolicy(policy) => &mut policy.meta,
        _ => return,
    };
    let told = faults.iter().map(|fault| match fault.path.0.as_slice() {
        [] => Text::from(fault.message.as_str()),
        _ => Text::from(format!("{}: {}", fault.path, fault.message)),
    });
    meta.faults = told.collect();
}

fn converted<T>(
    context: &mut Context,
    remember: impl FnOnce(&mut T, &[Fault]),
    read: impl FnOnce(&mut Context) -> Option<T>,
) -> Result<Option<T>, Vec<Fault>> {
    context.faults.clear();
    let object = read(context);
    let faults = std::mem::take(&mut context.faults);
    match (object, context.mode) {
        (object, _) if faults.is_empty() => Ok(object),
        (Some(mut object), Mode::Lenient) => {
            remember(&mut object, &faults);
            Ok(Some(object))
        }
        (Some(_), Mode::Strict) | (None, _) => Err(faults),
    }
}

#[cfg(test)]
mod tests;
