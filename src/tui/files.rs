//! Files of the user: drafts that are saved, and the editor of the environment.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::msg::{Existing, WriteError};

/// Writes a file; one that is there stays unless it is said that it may go.
///
/// # Errors
///
/// The file exists, or the system refuses.
pub(super) fn write(path: &str, text: &str, existing: Existing) -> Result<(), WriteError> {
    let path = Path::new(path);
    let failed = |error: io::Error| match (existing, error.kind()) {
        (Existing::Keep, io::ErrorKind::AlreadyExists) => WriteError::Exists,
        _ => WriteError::Failed(format!("cannot be written: {error}")),
    };
    match existing {
        Existing::Keep => create(path, text).map_err(failed),
        Existing::Overwrite => fs::write(path, text).map_err(failed),
    }
}

fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options.open(path)?.write_all(text.as_bytes())
}

/// Has a text edited by `$VISUAL`, `$EDITOR`, or `vi`, which have the terminal meanwhile. Gives the
/// text as it is then.
///
/// # Errors
///
/// No editor can be started, it fails, or the text does not come back.
pub(super) async fn edit(text: &str) -> Result<String, String> {
    let file = Scratch::with(text).map_err(|error| format!("no file for the editor: {error}"))?;
    let chosen = ["VISUAL", "EDITOR"].into_iter().find_map(|name| {
        let value = std::env::var(name).ok()?;
        (!value.trim().is_empty()).then_some(value)
    });
    let chosen = chosen.unwrap_or_else(|| "vi".to_owned());
    // `code --wait` is a command with an argument.
    let mut words = chosen.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = Command::new(program)
        .args(words)
        .arg(&file.0)
        .status()
        .await;
    match status {
        Ok(status) if status.success() => fs::read_to_string(&file.0)
            .map_err(|error| format!("the text did not come back: {error}")),
        Ok(status) => Err(format!(
            "{program} failed ({status}): the draft is as before"
        )),
        Err(error) => Err(format!("cannot start {program}: {error}; set EDITOR")),
    }
}

/// A file of its own that goes away.
struct Scratch(PathBuf);

impl Scratch {
    fn with(text: &str) -> io::Result<Self> {
        let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
        for attempt in 0..100_u32 {
            let name = format!("kreach-{}-{attempt}.yaml", std::process::id());
            let path = std::env::temp_dir().join(name);
            match private(&path) {
                Ok(mut file) => {
                    let scratch = Self(path);
                    file.write_all(text.as_bytes())?;
                    return Ok(scratch);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nobody could do anything about it.
        fs::remove_file(&self.0).ok();
    }
}

/// A new file that nobody else may read.
fn private(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_never_overwritten_unless_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        let path = path.to_str().unwrap();
        assert_eq!(write(path, "one", Existing::Keep), Ok(()));
        assert_eq!(write(path, "two", Existing::Keep), Err(WriteError::Exists));
        assert_eq!(fs::read_to_string(path).unwrap(), "one");
        assert_eq!(write(path, "two", Existing::Overwrite), Ok(()));
        assert_eq!(fs::read_to_string(path).unwrap(), "two");
        let nowhere = folder.path().join("no/b.yaml");
        let refused = write(nowhere.to_str().unwrap(), "", Existing::Keep);
        assert!(matches!(refused, Err(WriteError::Failed(_))));
    }

    #[test]
    fn a_scratch_file_goes_away() {
        let scratch = Scratch::with("text").unwrap();
        let path = scratch.0.clone();
        assert_eq!(fs::read_to_string(&path).unwrap(), "text");
        drop(scratch);
        assert!(!path.exists());
    }
}
