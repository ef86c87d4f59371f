//! Writing a snapshot to disk: all of it or nothing, and for its owner's eyes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::{About, MAGIC, is_snapshot, write};
use crate::model::{Shown, World};

/// Why nothing was written.
#[derive(Debug, Error)]
pub enum SaveError {
    /// Something else is in the way; nothing is overwritten but a snapshot.
    #[error("{} is there and is {is}; name another file", Shown::of(&.path.to_string_lossy()))]
    InTheWay {
        /// The path as the user named it.
        path: PathBuf,
        /// What it is.
        is: &'static str,
    },
    /// The disk or its rights.
    #[error("{} cannot be written: {error}", Shown::of(&.path.to_string_lossy()))]
    Io {
        /// The path as the user named it.
        path: PathBuf,
        /// What happened.
        #[source]
        error: io::Error,
    },
}

/// Saves a snapshot under `path` and tells its size in bytes. A snapshot that was there is replaced
/// in one step; nobody ever sees half of one. Only the owner may read it.
///
/// # Errors
///
/// Something that is no snapshot is there already, or the file cannot be written.
pub fn save(path: &Path, world: &World, about: &About) -> Result<u64, SaveError> {
    let failed = |error| SaveError::Io {
        path: path.to_owned(),
        error,
    };
    if let Some(is) = in_the_way(path).map_err(failed)? {
        let path = path.to_owned();
        return Err(SaveError::InTheWay { path, is });
    }
    // A link to a snapshot keeps leading to it.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (draft, file) = draft(&target).map_err(failed)?;
    let saved = fill(file, world, about).and_then(|size| {
        fs::rename(&draft, &target)?;
        Ok(size)
    });
    if saved.is_err() {
        // What cannot be removed is left to the user; the first error is the one to tell.
        drop(fs::remove_file(&draft));
    }
    saved.map_err(failed)
}

/// What is under a path that must not be lost, if anything.
fn in_the_way(path: &Path) -> io::Result<Option<&'static str>> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    if metadata.is_dir() {
        return Ok(Some("a directory"));
    }
    if !metadata.is_file() {
        return Ok(Some("no ordinary file"));
    }
    let mut start = Vec::new();
    File::open(path)?
        .take(MAGIC.len() as u64)
        .read_to_end(&mut start)?;
    let replaceable = start.is_empty() || is_snapshot(&start);
    Ok((!replaceable).then_some("no snapshot"))
}

/// A new file beside the target, where renaming is one step.
fn draft(target: &Path) -> io::Result<(PathBuf, File)> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let draft = target.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&draft)?;
    Ok((draft, file))
}

fn fill(file: File, world: &World, about: &About) -> io::Result<u64> {
    let mut out = BufWriter::new(file);
    write(world, about, &mut out)?;
    out.flush()?;
    let file = out.get_ref();
    // The name must not be there before the content.
    file.sync_all()?;
    Ok(file.metadata()?.len())
}
