//! Follows audit logs as they grow, over rename, rotation and truncation (EV-29, EV-30).

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use super::AuditError;
use super::input::{self, Input};
use super::stream::{self, Stream};
use crate::history::Batch;

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_millis(200);
/// Bytes that are read at once.
const CHUNK: usize = 256 * 1024;
/// A renamed file may still be written to for a while: it is left after this many quiet polls.
const QUIET: u32 = 25;

/// Where the batches go; `Break` ends the reading.
type HandOn<'h> = dyn FnMut(Batch) -> ControlFlow<()> + 'h;

/// Reads what is there, then what is added, until `cancel` or until the receiver is gone. The
/// first batch with `caught_up` ends what was there.
///
/// # Errors
/// When a path does not exist at the start. What happens to files later is not an error.
pub async fn follow(
    paths: Vec<PathBuf>,
    sender: Sender<Batch>,
    cancel: CancellationToken,
) -> Result<(), AuditError> {
    let mut follower = Follower::new(&paths)?;
    let work = move || {
        let mut hand_on = |batch: Batch| {
            if cancel.is_cancelled() || (!batch.is_empty() && sender.blocking_send(batch).is_err())
            {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        while follower.poll(&mut hand_on).is_continue() {
            std::thread::sleep(INTERVAL);
        }
    };
    // The closure does not panic, so joining cannot fail.
    tokio::task::spawn_blocking(work).await.unwrap_or_default();
    Ok(())
}

/// The state of following a set of paths. [`Follower::poll`] reads what is new.
#[derive(Debug)]
pub struct Follower {
    roots: Vec<PathBuf>,
    stdin: bool,
    tails: Vec<Tail>,
    /// Identities of files that are being read or were read to their end.
    known: HashSet<(u64, u64)>,
    opened: u32,
    started: bool,
}

/// One growing file.
#[derive(Debug)]
struct Tail {
    path: PathBuf,
    file: File,
    identity: (u64, u64),
    offset: u64,
    stream: Stream,
    /// Polls without a new byte since the path stopped to name this file.
    quiet: u32,
}

impl Follower {
    /// Prepares to follow files, directories and `-`.
    ///
    /// # Errors
    /// When a path does not exist.
    pub fn new(paths: &[PathBuf]) -> Result<Self, AuditError> {
        let (stdin, roots): (Vec<_>, Vec<_>) = paths
            .iter()
            .cloned()
            .partition(|path| path.as_os_str() == "-");
        for path in &roots {
            fs::metadata(path).map_err(|source| input::error(path, source))?;
        }
        Ok(Self {
            roots,
            stdin: !stdin.is_empty(),
            tails: Vec::new(),
            known: HashSet::new(),
            opened: 0,
            started: false,
        })
    }

    /// Hands on everything that has been added since the last call.
    pub fn poll(&mut self, hand_on: &mut HandOn<'_>) -> ControlFlow<()> {
        hand_on(Batch::default())?;
        let mut tails = std::mem::take(&mut self.tails);
        for tail in &mut tails {
            tail.read(hand_on)?;
        }
        tails.retain_mut(|tail| !tail.is_left() || tail.finish(hand_on).is_break());
        self.tails = tails;
        let paths: Vec<_> = self.roots.iter().flat_map(|root| files(root)).collect();
        self.forget_removed(&paths);
        for path in paths {
            self.open(&path, hand_on)?;
        }
        self.drain_stdin(hand_on)?;
        if self.started {
            return ControlFlow::Continue(());
        }
        self.started = true;
        hand_on(Batch {
            caught_up: true,
            ..Batch::default()
        })
    }

    /// A new file may get the identity of a removed one.
    fn forget_removed(&mut self, paths: &[PathBuf]) {
        let there = paths.iter().filter_map(|path| fs::metadata(path).ok());
        let mut kept: HashSet<_> = there.map(|meta| identity(&meta)).collect();
        kept.extend(self.tails.iter().map(|tail| tail.identity));
        self.known.retain(|identity| kept.contains(identity));
    }

    /// Standard input has no size to look at: it is read to its end, in the first poll.
    fn drain_stdin(&mut self, hand_on: &mut HandOn<'_>) -> ControlFlow<()> {
        if !std::mem::take(&mut self.stdin) {
            return ControlFlow::Continue(());
        }
        match input::open(&Input::Stdin) {
            Ok(reader) => self.drain(&Input::Stdin, reader, hand_on),
            Err(_) => ControlFlow::Continue(()),
        }
    }

    /// Starts to read a file that is not known yet. One that cannot be opened is tried again with
    /// the next poll.
    fn open(&mut self, path: &Path, hand_on: &mut HandOn<'_>) -> ControlFlow<()> {
        let Ok((mut file, meta)) = File::open(path).and_then(|file| {
            let meta = file.metadata()?;
            Ok((file, meta))
        }) else {
            return ControlFlow::Continue(());
        };
        // An empty file does not show yet whether it will be gzip.
        if meta.len() == 0 || self.known.contains(&identity(&meta)) {
            return ControlFlow::Continue(());
        }
        self.known.insert(identity(&meta));
        let mut magic = [0; 2];
        let gzip = file.read_exact(&mut magic).is_ok() && input::is_gzip(&magic);
        let input = Input::File(path.to_owned());
        if gzip {
            return match input::open(&input) {
                Ok(reader) => self.drain(&input, reader, hand_on),
                Err(_) => ControlFlow::Continue(()),
            };
        }
        if file.rewind().is_err() {
            return ControlFlow::Continue(());
        }
        let mut tail = Tail {
            path: path.to_owned(),
            file,
            identity: identity(&meta),
            offset: 0,
            stream: self.stream(&input, hand_on)?,
            quiet: 0,
        };
        tail.read(hand_on)?;
        self.tails.push(tail);
        ControlFlow::Continue(())
    }

    fn drain(
        &mut self,
        input: &Input,
        reader: impl Read,
        hand_on: &mut HandOn<'_>,
    ) -> ControlFlow<()> {
        let stream = self.stream(input, hand_on)?;
        stream::drain(reader, stream, hand_on)
    }

    fn stream(&mut self, input: &Input, hand_on: &mut HandOn<'_>) -> ControlFlow<(), Stream> {
        let stream = Stream::new(input.name(), self.opened);
        self.opened += 1;
        hand_on(Batch {
            sources: 1,
            ..Batch::default()
        })?;
        ControlFlow::Continue(stream)
    }
}

impl Tail {
    /// Reads to the present end. A line without an end waits for the rest of it (EV-29).
    fn read(&mut self, hand_on: &mut HandOn<'_>) -> ControlFlow<()> {
        let truncated = self
            .file
            .metadata()
            .is_ok_and(|meta| meta.len() < self.offset);
        if truncated && self.file.seek(SeekFrom::Start(0)).is_ok() {
            self.stream.finish();
            self.offset = 0;
        }
        let mut chunk = vec![0; CHUNK];
        loop {
            match self.file.read(&mut chunk) {
                Ok(0) => break,
                Ok(length) => {
                    self.offset += length as u64;
                    self.quiet = 0;
                    self.stream.push(chunk.get(..length).unwrap_or_default());
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
            if self.stream.is_full() {
                hand_on(self.stream.take())?;
            }
        }
        hand_on(self.stream.take())
    }

    /// Whether the path names another file, and nothing came for a while.
    fn is_left(&mut self) -> bool {
        let current = fs::metadata(&self.path).map(|meta| identity(&meta)).ok();
        if current == Some(self.identity) {
            self.quiet = 0;
        } else {
            self.quiet += 1;
        }
        self.quiet > QUIET
    }

    /// Nothing more will come: a last line without an end is judged now.
    fn finish(&mut self, hand_on: &mut HandOn<'_>) -> ControlFlow<()> {
        self.read(hand_on)?;
        self.stream.finish();
        hand_on(self.stream.take())
    }
}

fn identity(meta: &Metadata) -> (u64, u64) {
    (meta.dev(), meta.ino())
}

fn files(root: &Path) -> Vec<PathBuf> {
    if root.is_dir() {
        input::list(root).unwrap_or_default()
    } else {
        vec![root.to_owned()]
    }
}

#[cfg(test)]
mod tests;
