//! Whatever a snapshot holds: a world that the engine can work with, or one problem that names the
//! file and can be printed. What was read is written and read again as the same.
#![no_main]

use std::sync::Arc;

use flate2::Crc;
use kreach::model::Inventory;
use kreach::model::text::is_dangerous;
use kreach::source::snapshot::{self, MAGIC};
use libfuzzer_sys::fuzz_target;

/// The document of a snapshot behind its header; a file as it is if it brings a header along.
fn file(bytes: &[u8]) -> Vec<u8> {
    let Ok(length) = u16::try_from(bytes.len()) else {
        return bytes.to_vec();
    };
    if snapshot::is_snapshot(bytes) {
        return bytes.to_vec();
    }
    let mut sum = Crc::new();
    sum.update(bytes);
    // gzip by hand, in one stored block: a compressor costs more than all the rest.
    [
        MAGIC,
        b"1\n\x1f\x8b\x08\0\0\0\0\0\0\xff\x01",
        &length.to_le_bytes(),
        &(!length).to_le_bytes(),
        bytes,
        &sum.sum().to_le_bytes(),
        &u32::from(length).to_le_bytes(),
    ]
    .concat()
}

fuzz_target!(|bytes: &[u8]| {
    let name: Arc<str> = "fuzz.snapshot".into();
    match snapshot::read(&name, file(bytes).as_slice()) {
        Ok(read) => {
            let world = kreach_fuzz::world(read.changes);
            let _ = Inventory::of(&world);
            // Compressing takes far longer than reading, so one in sixteen is written again.
            if !bytes.len().is_multiple_of(16) {
                return;
            }
            let mut written = Vec::new();
            snapshot::write(&world, &read.about, &mut written).expect("memory takes anything");
            let again = snapshot::read(&name, written.as_slice()).expect("what was written is right");
            assert_eq!(again.about, read.about);
            let mut twice = Vec::new();
            let world = kreach_fuzz::world(again.changes);
            snapshot::write(&world, &again.about, &mut twice).expect("memory takes anything");
            assert_eq!(twice, written);
        }
        Err(error) => {
            assert!(error.problems.iter().all(|problem| problem.file == name));
            let told = error.to_string().replace('\n', "");
            assert!(!told.chars().any(is_dangerous), "{told:?}");
        }
    }
});
