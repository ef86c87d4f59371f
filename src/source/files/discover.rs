//! Which files a path stands for, and their text.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::intake::Intake;
use super::{Invalid, Loaded, parts};
use crate::model::{Change, Kind, Readiness, Scope};
use crate::source::problem::{LoadError, Problem};

/// How standard input is called in messages.
const STDIN: &str = "standard input";

/// The paths of a source, with what was read from those that can be read only once: standard input
/// and pipes.
#[derive(Clone, Debug)]
pub struct Paths {
    given: Vec<PathBuf>,
    invalid: Invalid,
    /// Kinds that the last reading found in versions that are not read.
    unsupported: BTreeSet<Kind>,
    once: BTreeMap<PathBuf, Result<String, LoadError>>,
}

/// One text to read.
pub(super) struct File {
    pub(super) name: Arc<str>,
    pub(super) path: PathBuf,
}

impl Paths {
    /// Files, directories, `-` for standard input.
    #[must_use]
    pub fn new(paths: &[PathBuf]) -> Self {
        Self {
            given: paths.to_vec(),
            invalid: Invalid::default(),
            unsupported: BTreeSet::new(),
            once: BTreeMap::new(),
        }
    }

    /// The same, with a choice about invalid objects.
    #[must_use]
    pub fn with_invalid(self, invalid: Invalid) -> Self {
        Self { invalid, ..self }
    }

    /// Takes what was read from one of the paths already, which is not read again.
    pub fn keep(&mut self, path: &Path, bytes: Vec<u8>) {
        let name = name_of(path);
        self.once.insert(path.to_owned(), decode(&name, bytes));
    }

    /// The paths that can change under us.
    pub(super) fn on_disk(&self) -> impl Iterator<Item = &Path> {
        self.given
            .iter()
            .map(PathBuf::as_path)
            .filter(|path| !is_stdin(path) && !self.once.contains_key(*path))
    }

    /// The same paths, to be read once more; `None` where one of them can be read only once.
    #[must_use]
    pub fn again(&self) -> Option<Self> {
        (self.on_disk().count() == self.given.len()).then(|| Self::new(&self.given))
    }

    /// Reads everything, from the disk anew.
    ///
    /// # Errors
    ///
    /// As [`super::load`].
    pub fn load(&mut self) -> Result<Loaded, LoadError> {
        let mut search = Search::default();
        let mut missing = Vec::new();
        for path in &self.given {
            missing.extend(search.add(path).err());
        }
        for file in &search.files {
            self.read_stdin(file);
        }
        let mut intake = parts::read(self, &search.files, &missing);
        if intake.has_repeats() {
            intake = self.told(&search.files, missing);
        }
        let mut loaded = intake.finish()?;
        self.settle(&mut loaded.changes);
        Ok(loaded)
    }

    /// The files that the paths lead to, with standard input read.
    ///
    /// # Errors
    ///
    /// A path that leads to none.
    pub(super) fn files(&mut self) -> Result<Vec<File>, LoadError> {
        let mut search = Search::default();
        for path in &self.given {
            search.add(path)?;
        }
        for file in &search.files {
            self.read_stdin(file);
        }
        Ok(search.files)
    }

    /// Everything once more, in order, to tell what stands twice, and where.
    fn told(&self, files: &[File], missing: Vec<LoadError>) -> Intake {
        let mut intake = Intake::new(self.invalid);
        for error in missing {
            intake.fail(error);
        }
        for file in files {
            match self.text(file) {
                Ok(text) => intake.text(&file.name, &text),
                Err(error) => intake.fail(error),
            }
        }
        intake
    }

    /// The choice about invalid objects.
    pub(super) fn invalid(&self) -> Invalid {
        self.invalid
    }

    /// Says so when what the reading before could not be read is gone.
    fn settle(&mut self, changes: &mut Vec<Change>) {
        let now: BTreeSet<Kind> = changes
            .iter()
            .filter_map(|change| match change {
                Change::Readiness(kind, ..) => Some(*kind),
                _ => None,
            })
            .collect();
        let gone = self.unsupported.difference(&now);
        changes.extend(gone.map(|k| Change::Readiness(*k, Scope::Cluster, Readiness::Complete)));
        self.unsupported = now;
    }

    /// Standard input is read when it is first needed, and kept.
    fn read_stdin(&mut self, file: &File) {
        if is_stdin(&file.path) && !self.once.contains_key(&file.path) {
            let text = read_stdin(&file.name);
            self.once.insert(file.path.clone(), text);
        }
    }

    /// What was kept of a file that can be read only once.
    pub(super) fn kept(&self, file: &File) -> Option<Result<&str, LoadError>> {
        let text = self.once.get(&file.path)?;
        Some(text.as_deref().map_err(Clone::clone))
    }

    /// All of a file.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is no text.
    pub(super) fn text(&self, file: &File) -> Result<Cow<'_, str>, LoadError> {
        if let Some(text) = self.kept(file) {
            return text.map(Cow::from);
        }
        let bytes = fs::read(&file.path).map_err(|error| unreadable(&file.name, &error))?;
        Ok(decode(&file.name, bytes)?.into())
    }
}

pub(in crate::source) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn read_stdin(name: &Arc<str>) -> Result<String, LoadError> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(name, &error))?;
    decode(name, bytes)
}

fn unreadable(name: &Arc<str>, error: &io::Error) -> Problem {
    let problem = Problem::of_file(name, format!("cannot be read: {error}"));
    match error.kind() {
        io::ErrorKind::NotFound => problem.with_remedy("check the path given with --from"),
        _ => problem,
    }
}

/// UTF-8 with or without a byte order mark.
fn decode(name: &Arc<str>, bytes: Vec<u8>) -> Result<String, LoadError> {
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = error.as_bytes().iter().take(valid);
        let lines = before.filter(|byte| **byte == b'\n').count();
        Problem {
            line: u32::try_from(lines + 1).ok(),
            ..Problem::of_file(name, "is not UTF-8 text")
        }
        .with_remedy("convert it to UTF-8")
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// Files found so far, each once however often it is named.
#[derive(Default)]
struct Search {
    files: Vec<File>,
    seen: BTreeSet<PathBuf>,
}

impl Search {
    fn add(&mut self, path: &Path) -> Result<(), LoadError> {
        if is_stdin(path) {
            if self.seen.insert(path.to_path_buf()) {
                self.files.push(File {
                    name: name_of(path),
                    path: path.to_path_buf(),
                });
            }
            return Ok(());
        }
        let name = name_of(path);
        let metadata = fs::metadata(path).map_err(|error| unreadable(&name, &error))?;
        if !metadata.is_dir() {
            self.file(path);
            return Ok(());
        }
        if self.directory(path)? == 0 {
            let message = "the directory holds no .yaml, .yml or .json file";
            return Err(Problem::of_file(&name, message).into());
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) {
        // A path that cannot be resolved is told when it is read.
        let identity = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        if self.seen.insert(identity) {
            self.files.push(File {
                name: name_of(path),
                path: path.to_path_buf(),
            });
        }
    }

    /// Adds all below a directory in the order of names; tells how many manifests there are.
    fn directory(&mut self, path: &Path) -> Result<usize, LoadError> {
        let failed = |error: io::Error| unreadable(&name_of(path), &error);
        // A directory that is linked from below itself is read once.
        if !self.seen.insert(fs::canonicalize(path).map_err(failed)?) {
            return Ok(1);
        }
        let mut entries = fs::read_dir(path)
            .and_then(Iterator::collect::<io::Result<Vec<_>>>)
            .map_err(failed)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        let mut found = 0;
        for entry in entries {
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            if fs::metadata(&path).is_ok_and(|metadata| metadata.is_dir()) {
                found += self.directory(&path)?;
            } else if is_manifest(&path) {
                self.file(&path);
                found += 1;
            }
        }
        Ok(found)
    }
}

/// Whether a file of a directory is read at all.
pub(super) fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["yaml", "yml", "json"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// How a path is called in messages.
pub(in crate::source) fn name_of(path: &Path) -> Arc<str> {
    if is_stdin(path) {
        STDIN.into()
    } else {
        path.to_string_lossy().into()
    }
}
