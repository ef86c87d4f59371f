//! Audit logs of the API server, read once or followed as they grow (EV-27 to EV-33).
//!
//! Input is files, directories and standard input, plain or gzip, told apart by content: JSON
//! lines, documents, arrays, concatenated values, lists of events, the one-line text format, and
//! the envelopes of clouds. Reading is a stream: memory does not grow with the input. Damage is
//! counted with its place, and reading goes on behind it.
//!
//! What the events mean is not decided here: see [`crate::history`].

mod aks;
mod body;
mod eks;
mod follow;
mod frame;
mod gke;
mod input;
mod json;
mod legacy;
mod parse;
mod sift;
mod stream;

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::PathBuf;

use crate::history::{Batch, Ledger};

pub use follow::{Follower, follow};

/// Why an audit log could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// There is nothing at the path.
    #[error("cannot read audit log {path}: no such file or directory; check --audit-log")]
    Missing {
        /// The path as the user named it, escaped.
        path: String,
    },
    /// The file or directory could not be opened.
    #[error("cannot read audit log {path}: {source}")]
    Open {
        /// The path as the user named it, escaped.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

/// Reads a log that is in memory, plain or in any of the forms that files have but compressed.
#[must_use]
pub fn parse(name: &str, bytes: &[u8]) -> Batch {
    let mut stream = stream::Stream::new(name.into(), 0);
    stream.push(bytes);
    stream.finish();
    Batch {
        sources: 1,
        ..stream.take()
    }
}

/// Reads a log to its end, plain or in any of the forms that files have but compressed. Memory does
/// not grow with its length (EV-28).
pub fn drain(name: &str, reader: impl Read, ledger: &mut Ledger) {
    pour(reader, stream::Stream::new(name.into(), 0), ledger);
}

/// Reads everything in `paths` into `ledger`; `-` is standard input.
///
/// # Errors
/// When a path does not exist or cannot be opened. Damaged content is not an error: the ledger's
/// coverage counts it.
pub fn read(paths: &[PathBuf], ledger: &mut Ledger) -> Result<(), AuditError> {
    let mut number = 0;
    for path in paths {
        for input in input::expand(path)? {
            let reader = input::open(&input)?;
            let stream = stream::Stream::new(input.name(), number);
            number += 1;
            pour(reader, stream, ledger);
        }
    }
    Ok(())
}

fn pour(reader: impl Read, stream: stream::Stream, ledger: &mut Ledger) {
    ledger.extend(Batch {
        sources: 1,
        ..Batch::default()
    });
    // Nothing ends the reading early, so there is no flow to look at.
    let _ = stream::drain(reader, stream, &mut |batch| {
        ledger.extend(batch);
        ControlFlow::Continue(())
    });
}
