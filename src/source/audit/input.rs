//! Which files an argument means, and how to open them: plain or gzip by content (EV-27, EV-30).

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::AuditError;
use crate::model::Text;
use crate::model::text::Shown;

/// One stream of bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Input {
    /// The name for messages.
    pub fn name(&self) -> Text {
        match self {
            Self::Stdin => Text::from("-"),
            Self::File(path) => Text::from(path.to_string_lossy().into_owned()),
        }
    }
}

/// The inputs behind one argument, older rotated files first.
pub fn expand(path: &Path) -> Result<Vec<Input>, AuditError> {
    if path.as_os_str() == "-" {
        return Ok(vec![Input::Stdin]);
    }
    let meta = fs::metadata(path).map_err(|source| error(path, source))?;
    if !meta.is_dir() {
        return Ok(vec![Input::File(path.to_owned())]);
    }
    let files = list(path).map_err(|source| error(path, source))?;
    Ok(files.into_iter().map(Input::File).collect())
}

/// The log files of a directory. Where some are called audit logs, the others are left alone: they
/// are logs of other programs.
pub fn list(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_file() && !name(&path).starts_with('.') {
            files.push(path);
        }
    }
    if files.iter().any(|path| name(path).contains("audit")) {
        files.retain(|path| name(path).contains("audit"));
    }
    files.sort_by_cached_key(|path| rotation_key(&name(path)));
    Ok(files)
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Rotated files (`audit-<time>.log.gz`) by time, before the current one of their base.
fn rotation_key(name: &str) -> (String, bool, String) {
    let stem = name.strip_suffix(".gz").unwrap_or(name);
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let time = |at: &usize| {
        let rest = stem.get(at + 1..).unwrap_or_default();
        rest.len() >= 10 && rest.starts_with(|c: char| c.is_ascii_digit())
    };
    let dash = stem.match_indices('-').map(|(at, _)| at).find(time);
    match dash {
        Some(at) => (
            stem.get(..at).unwrap_or_default().to_owned(),
            false,
            name.to_owned(),
        ),
        None => (stem.to_owned(), true, name.to_owned()),
    }
}

/// Opens an input for reading to its end.
pub fn open(input: &Input) -> Result<Box<dyn Read>, AuditError> {
    match input {
        Input::Stdin => unzipped(io::stdin().lock()).map_err(|e| error(Path::new("-"), e)),
        Input::File(path) => {
            let file = File::open(path).map_err(|source| error(path, source))?;
            unzipped(file).map_err(|source| error(path, source))
        }
    }
}

/// Unpacks gzip, concatenated members too, and passes anything else through.
fn unzipped(reader: impl Read + 'static) -> io::Result<Box<dyn Read>> {
    let mut reader = BufReader::with_capacity(128 * 1024, reader);
    Ok(if is_gzip(reader.fill_buf()?) {
        Box::new(MultiGzDecoder::new(reader))
    } else {
        Box::new(reader)
    })
}

/// Whether bytes begin like a gzip member.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// The error for a path.
pub fn error(path: &Path, source: io::Error) -> AuditError {
    let path = Shown::of(&path.to_string_lossy()).to_string();
    match source.kind() {
        io::ErrorKind::NotFound => AuditError::Missing { path },
        _ => AuditError::Open { path, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ev_30_rotated_files_come_by_time_before_the_current_one() {
        let mut names = [
            "audit.log",
            "audit-2026-11-23T02-46-44.532.log.gz",
            "kube-audit.log",
            "audit-2026-11-22T02-46-44.532.log",
        ];
        names.sort_by_key(|name| rotation_key(name));
        assert_eq!(
            names,
            [
                "audit-2026-11-22T02-46-44.532.log",
                "audit-2026-11-23T02-46-44.532.log.gz",
                "audit.log",
                "kube-audit.log",
            ]
        );
    }
}
