//! Objects that stand twice (LD-09).

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{Key, Shown};
use crate::source::problem::Problem;

use super::body::Body;
use super::intake::Intake;
use super::order;
use super::refusal::fault;

/// Kind and key of an object.
pub(super) type Id = (Cow<'static, str>, Key);

/// How objects that stand twice are found (LD-09).
pub(super) enum Repeats {
    /// At once, with both places.
    Told(HashMap<Id, Place>),
    /// When everything is there, without places, which costs much less. Holds what is not among the
    /// objects.
    Counted(Vec<Id>),
}

/// Where an object was first met.
pub(super) struct Place {
    file: Arc<str>,
    line: Option<u32>,
}

impl Intake {
    /// Sorts what was read; tells whether anything stands there twice (LD-09).
    pub(super) fn has_repeats(&mut self) -> bool {
        let Repeats::Counted(ids) = &mut self.repeats else {
            return false;
        };
        ids.sort_unstable();
        let mut found = ids.windows(2).any(|pair| matches!(pair, [a, b] if a == b));
        for (kind, objects) in &mut self.objects {
            found |= order::sort(objects);
            // Objects in versions that are not read have the names of those that are.
            found |= ids.iter().any(|(name, key)| {
                let id = (key.namespace.as_str(), key.name.as_str());
                *name == kind.name() && objects.binary_search_by(|o| o.id().cmp(&id)).is_ok()
            });
        }
        found
    }

    /// Remembers where an object stands, or refuses it if it stands somewhere else too (LD-09).
    pub(super) fn is_new(&mut self, id: Id, body: &Body<'_>) -> bool {
        let places = match &mut self.repeats {
            Repeats::Told(places) => places,
            Repeats::Counted(ids) => {
                ids.push(id);
                return true;
            }
        };
        if let Some(first) = places.get(&id) {
            let line = first
                .line
                .map_or_else(String::new, |line| format!(":{line}"));
            let message = format!("declared twice, first in {}{line}", Shown::of(&first.file));
            // Nobody can tell which of the two to leave out.
            let fault = fault("", message, "remove one of them");
            self.problem(Problem {
                object: Some(format!("{} {}", Shown::of(&id.0), id.1)),
                ..self.place(body, fault)
            });
            return false;
        }
        let place = Place {
            file: self.file.clone(),
            line: body.cheap_line(),
        };
        places.insert(id, place);
        true
    }
}
