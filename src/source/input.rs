//! What `--from` names: manifests, or one snapshot. A snapshot is known by how it begins.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files;
use super::problem::{LoadError, Problem};
use super::snapshot::{self, MAGIC, Snapshot};

/// Which of the two it is.
#[derive(Debug)]
pub enum Input {
    /// Manifests, which are not read yet.
    Manifests(files::Paths),
    /// A snapshot.
    Snapshot(Box<Snapshot>),
}

/// Looks at `paths`, and reads them if they are a snapshot. What can be read only once, standard
/// input and pipes, is read here and kept.
///
/// # Errors
///
/// A snapshot that is broken or does not stand alone, or a pipe that cannot be read.
pub fn open(paths: &[PathBuf]) -> Result<Input, LoadError> {
    let mut manifests = files::Paths::new(paths);
    for path in paths {
        let name: Arc<str> = files::name_of(path);
        let found = match look(path) {
            Ok(Look::Manifests) => continue,
            Ok(Look::Read(bytes)) if !snapshot::is_snapshot(&bytes) => {
                manifests.keep(path, bytes);
                continue;
            }
            Ok(found) => found,
            Err(error) => {
                return Err(Problem::of_file(&name, format!("cannot be read: {error}")).into());
            }
        };
        if paths.len() > 1 {
            let message = "is a snapshot and holds a whole cluster";
            let problem = Problem::of_file(&name, message);
            return Err(problem.with_remedy("give it alone").into());
        }
        let snapshot = match found {
            Look::Snapshot(file) => snapshot::read(&name, file)?,
            Look::Read(bytes) => snapshot::read(&name, bytes.as_slice())?,
            Look::Manifests => continue,
        };
        return Ok(Input::Snapshot(Box::new(snapshot)));
    }
    Ok(Input::Manifests(manifests))
}

/// What a path leads to.
enum Look {
    /// Not a snapshot; whatever is wrong with it is told when it is read.
    Manifests,
    /// A file that begins like a snapshot.
    Snapshot(File),
    /// All that came out of a pipe.
    Read(Vec<u8>),
}

fn look(path: &Path) -> io::Result<Look> {
    let mut bytes = Vec::new();
    if files::is_stdin(path) {
        io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(Look::Read(bytes));
    }
    let Ok(metadata) = fs::metadata(path) else {
        return Ok(Look::Manifests);
    };
    if metadata.is_dir() {
        return Ok(Look::Manifests);
    }
    if !metadata.is_file() {
        File::open(path)?.read_to_end(&mut bytes)?;
        return Ok(Look::Read(bytes));
    }
    let Ok(file) = File::open(path) else {
        return Ok(Look::Manifests);
    };
    file.take(MAGIC.len() as u64).read_to_end(&mut bytes)?;
    if snapshot::is_snapshot(&bytes) {
        Ok(Look::Snapshot(File::open(path)?))
    } else {
        Ok(Look::Manifests)
    }
}
