//! One input from bytes to batches of events.

use std::io::{ErrorKind, Read};
use std::ops::ControlFlow;

use super::frame::{Framer, Piece, Taken};
use super::parse::{self, Place};
use super::sift::Sieve;
use crate::history::{Batch, Skipped};
use crate::model::Text;

/// Events that are handed on together at most.
const BATCH: usize = 256;
/// Bytes that are read at once.
const CHUNK: usize = 256 * 1024;

/// The state of reading one input.
#[derive(Debug)]
pub struct Stream {
    framer: Framer,
    sieve: Sieve,
    batch: Batch,
    place: Place,
    name: Text,
}

impl Stream {
    /// A new input; `number` tells inputs apart.
    pub fn new(name: Text, number: u32) -> Self {
        Self {
            framer: Framer::default(),
            sieve: Sieve::default(),
            batch: Batch::default(),
            place: Place::new(number),
            name,
        }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.framed(|framer, sink| framer.push(bytes, sink));
    }

    /// The input has ended.
    pub fn finish(&mut self) {
        self.framed(Framer::finish);
    }

    /// What has been read since the last call.
    pub fn take(&mut self) -> Batch {
        std::mem::take(&mut self.batch)
    }

    /// Whether enough has been read to hand it on.
    pub fn is_full(&self) -> bool {
        self.batch.events.len() >= BATCH || self.batch.skipped.len() >= BATCH
    }

    /// Counts damage that is not in the text itself.
    pub fn damaged(&mut self, reason: &'static str) {
        let skipped = Skipped {
            input: self.name.clone(),
            line: self.place.line,
            reason,
            policy: None,
        };
        self.batch.skipped.push(skipped);
    }

    fn framed(&mut self, act: impl FnOnce(&mut Framer, &mut dyn FnMut(u64, Piece<'_>) -> Taken)) {
        let Self {
            framer,
            sieve,
            batch,
            place,
            name,
        } = self;
        act(framer, &mut |line, piece| {
            place.line = line;
            let result = parse::piece(piece, sieve, place, batch);
            match result {
                Ok(taken) => taken,
                Err(damage) => {
                    batch.skipped.push(Skipped {
                        input: name.clone(),
                        line,
                        reason: damage.reason,
                        policy: damage.policy,
                    });
                    Taken::Done
                }
            }
        });
    }
}

/// Reads to the end and hands on batches, until one is answered with `Break`.
pub fn drain(
    mut reader: impl Read,
    mut stream: Stream,
    hand_on: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => stream.push(chunk.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => {
                stream.damaged("the rest of the input cannot be read or unpacked");
                break;
            }
        }
        if stream.is_full() {
            hand_on(stream.take())?;
        }
    }
    stream.finish();
    hand_on(stream.take())
}
