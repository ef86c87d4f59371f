//! Re-reads manifests when they change.
//!
//! One thread waits for the file system, lets a burst of changes settle, and reads everything
//! again. The channel holds one reading; while it is full the thread waits, so a slow reader sees
//! fewer readings and always complete ones.

use std::ffi::OsString;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc as tokio_mpsc;

use super::Loaded;
use super::discover::{Paths, is_manifest};
use crate::model::Shown;
use crate::source::problem::{LoadError, Problem};

/// A burst of changes ends when nothing has happened for so long.
const QUIET: Duration = Duration::from_millis(150);

/// A burst that does not end is read after so long all the same.
const PATIENCE: Duration = Duration::from_secs(2);

/// Readings of a manifest source as it changes. Dropping it ends the thread after the reading that
/// may be under way.
#[derive(Debug)]
pub struct Watch {
    readings: tokio_mpsc::Receiver<Result<Loaded, LoadError>>,
    /// Held so that events come; the thread ends when they cannot come any more.
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// The next reading; the first comes at once. A failed one is followed by another as soon as a
    /// file changes. `None` after the end of the thread.
    pub async fn next(&mut self) -> Option<Result<Loaded, LoadError>> {
        self.readings.recv().await
    }

    /// The same for callers without a runtime; must not be called within one.
    pub fn next_blocking(&mut self) -> Option<Result<Loaded, LoadError>> {
        self.readings.blocking_recv()
    }
}

/// Reads `paths` now and again after every change; standard input and pipes are read once.
///
/// # Errors
///
/// A path that cannot be watched. Problems of what is read come with the readings.
pub fn watch(mut paths: Paths) -> Result<Watch, LoadError> {
    // One pending event says all: that something changed.
    let (tell, changes) = mpsc::sync_channel(1);
    let watcher = start(&paths, tell)?;
    let (sender, readings) = tokio_mpsc::channel(1);
    thread::Builder::new()
        .name("manifests".to_owned())
        .spawn(
            move || {
                while sender.blocking_send(paths.load()).is_ok() && settled(&changes) {}
            },
        )
        .map_err(|error| {
            let message = format!("cannot start a thread: {error}");
            Problem::of_file(&"--from".into(), message)
        })?;
    Ok(Watch {
        readings,
        _watcher: watcher,
    })
}

/// As long as it is held, a directory is watched.
#[derive(Debug)]
pub struct Watching(
    #[expect(dead_code, reason = "events come until it is dropped")] RecommendedWatcher,
);

/// Makes something of the files in a directory whenever they change; not the first time.
///
/// # Errors
///
/// It is not there, or cannot be watched.
pub fn changes<T: Send + 'static>(
    directory: &Path,
    mut make: impl FnMut() -> T + Send + 'static,
) -> Result<(tokio_mpsc::Receiver<T>, Watching), LoadError> {
    let failed = |error: String| {
        let message = format!("cannot be watched: {}", Shown::of(&error));
        Problem::of_file(&directory.to_string_lossy().into(), message)
    };
    let (tell, changes) = mpsc::sync_channel(1);
    let tell = move |_: notify::Result<notify::Event>| {
        // A full channel already says that something changed.
        let _ = tell.try_send(());
    };
    let mut watcher =
        notify::recommended_watcher(tell).map_err(|error| failed(error.to_string()))?;
    watcher
        .watch(directory, RecursiveMode::NonRecursive)
        .map_err(|error| failed(error.to_string()))?;
    let (sender, results) = tokio_mpsc::channel(1);
    thread::Builder::new()
        .name("settings".to_owned())
        .spawn(move || while settled(&changes) && sender.blocking_send(make()).is_ok() {})
        .map_err(|error| failed(error.to_string()))?;
    Ok((results, Watching(watcher)))
}

/// Waits for a change and for the end of its burst; false when no change can come any more.
fn settled(changes: &Receiver<()>) -> bool {
    if changes.recv().is_err() {
        return false;
    }
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        match changes.recv_timeout(QUIET) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
    true
}

fn start(paths: &Paths, sender: SyncSender<()>) -> Result<RecommendedWatcher, LoadError> {
    let failed = |path: &Path, error: &notify::Error| {
        let message = format!("cannot be watched: {}", Shown::of(&error.to_string()));
        Problem::of_file(&path.to_string_lossy().into(), message)
    };
    let relevant = Relevant::of(paths);
    let tell = move |event: notify::Result<notify::Event>| {
        // An error may hide a change.
        if event.map_or(true, |event| relevant.is(&event)) {
            // A full channel already says that something changed.
            let _ = sender.try_send(());
        }
    };
    let mut watcher =
        notify::recommended_watcher(tell).map_err(|error| failed(Path::new("--from"), &error))?;
    for path in paths.on_disk() {
        let (target, mode) = target(path);
        watcher
            .watch(target, mode)
            .map_err(|error| failed(path, &error))?;
    }
    Ok(watcher)
}

/// Editors replace files, so a file is watched through its directory.
fn target(path: &Path) -> (&Path, RecursiveMode) {
    if path.is_dir() {
        return (path, RecursiveMode::Recursive);
    }
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
    (
        parent.unwrap_or(Path::new(".")),
        RecursiveMode::NonRecursive,
    )
}

/// Which events mean that something has to be read again.
struct Relevant {
    /// Names of the files that were given; a log that grows beside them is none of ours.
    files: Vec<OsString>,
    directories: bool,
}

impl Relevant {
    fn of(paths: &Paths) -> Self {
        let (directories, files): (Vec<&Path>, Vec<&Path>) =
            paths.on_disk().partition(|path| path.is_dir());
        Self {
            files: files
                .into_iter()
                .filter_map(|path| path.file_name().map(OsString::from))
                .collect(),
            directories: !directories.is_empty(),
        }
    }

    fn is(&self, event: &notify::Event) -> bool {
        // Reading is an event too.
        if matches!(event.kind, EventKind::Access(_)) {
            return false;
        }
        event.paths.is_empty()
            || event.paths.iter().any(|path| {
                let given = path
                    .file_name()
                    .is_some_and(|name| self.files.iter().any(|file| file == name));
                // What has no extension may be a directory that comes or goes.
                given || self.directories && (path.extension().is_none() || is_manifest(path))
            })
    }
}
