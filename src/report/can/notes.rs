//! Caveats that go with one verdict.

use crate::analysis::{About, Analysis};
use crate::reach::{Note, NoteCode};
use crate::report::why;

use super::ask::Findings;

/// Notes about the two ends, their namespaces, the policies that were asked and the cluster as a
/// whole, each once.
#[must_use]
pub fn caveats(analysis: &Analysis, findings: &Findings) -> Vec<Note> {
    let explanation = &findings.explanation;
    let about = About::explained(explanation);
    let mut notes = analysis.notes_for(&about);
    notes.extend(explanation.notes.iter().cloned());
    if findings.own_service {
        notes.push(Note {
            code: NoteCode::OwnService,
            subject: why::end(analysis.inventory(), &explanation.source),
            text:
                "stands behind this Service itself; whether a NetworkPolicy applies to a pod that \
                   reaches itself so depends on the network plugin"
                    .to_owned(),
        });
    }
    notes.sort();
    notes.dedup();
    notes
}
