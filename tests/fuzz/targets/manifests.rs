//! Whatever a manifest says: objects that the engine can work with, or problems that name the file
//! and can be printed.
#![no_main]

use kreach::model::text::is_dangerous;
use kreach::reach::ListBy;
use kreach::source::files;
use libfuzzer_sys::fuzz_target;

/// Beyond this a world costs too much for a run.
const FEW: usize = 12;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    match files::parse([("fuzz.yaml", &*text)]) {
        Ok(loaded) => {
            let world = kreach_fuzz::world(loaded.changes);
            // The engine takes longer than reading, so one in eight goes there.
            if !text.len().is_multiple_of(8) {
                return;
            }
            let reach = kreach_fuzz::reach(&world);
            if reach.inventory().members().count() <= FEW {
                let _ = reach.connections(ListBy::Pod);
                let _ = reach.notes(&world);
            }
        }
        Err(error) => {
            assert!(!error.problems.is_empty());
            assert!(error.problems.iter().all(|problem| &*problem.file == "fuzz.yaml"));
            let told = error.to_string().replace('\n', "");
            assert!(!told.chars().any(is_dangerous), "{told:?}");
        }
    }
});
