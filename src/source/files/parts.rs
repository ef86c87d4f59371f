//! Reads the files of a source on all processors, and puts what they hold together in their order.

use std::fs;
use std::io::Read;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::source::convert::{Context, Mode};
use crate::source::problem::LoadError;

use super::discover::{File, Paths};
use super::intake::Intake;
use super::stream;

/// Less than this is read before another thread would be there.
const WORTH_A_THREAD: u64 = 1 << 20;

/// More threads than this would wait for the memory.
const MOST_THREADS: usize = 8;

/// Everything that the files hold, behind what is wrong with the paths to them.
pub(super) fn read(paths: &Paths, files: &[File], missing: &[LoadError]) -> Intake {
    let work = Work::of(paths, files);
    let mut parts = work.by_threads();
    parts.sort_unstable_by_key(|(place, _)| *place);
    let mut all = Intake::part(paths.invalid(), Context::new(Mode::Strict));
    for error in missing {
        all.fail(error.clone());
    }
    for (_, part) in parts {
        all.append(part);
    }
    all
}

/// What one thread has read, by place among the files.
type Parts = Vec<(usize, Intake)>;

/// The files that are left to be read.
struct Work<'a> {
    paths: &'a Paths,
    /// With their places, the largest first, so that the threads end together.
    files: Vec<(usize, &'a File)>,
    next: AtomicUsize,
    threads: usize,
}

impl<'a> Work<'a> {
    fn of(paths: &'a Paths, files: &'a [File]) -> Self {
        let size = |file: &File| fs::metadata(&file.path).map_or(0, |metadata| metadata.len());
        let mut sized: Vec<_> = files
            .iter()
            .enumerate()
            .map(|(i, f)| (size(f), i, f))
            .collect();
        sized.sort_by_key(|(size, ..)| std::cmp::Reverse(*size));
        let total: u64 = sized.iter().map(|(size, ..)| size).sum();
        let threads = if total < WORTH_A_THREAD {
            1
        } else {
            thread::available_parallelism().map_or(1, NonZero::get)
        };
        Self {
            paths,
            files: sized.into_iter().map(|(_, i, file)| (i, file)).collect(),
            next: AtomicUsize::new(0),
            threads: threads.min(files.len()).min(MOST_THREADS),
        }
    }

    fn by_threads(&self) -> Parts {
        thread::scope(|scope| {
            let others: Vec<_> = (1..self.threads)
                .filter_map(|_| {
                    let name = thread::Builder::new().name("read".to_owned());
                    // Without another thread this one does all the work.
                    name.spawn_scoped(scope, || self.run()).ok()
                })
                .collect();
            let mut parts = self.run();
            for other in others {
                match other.join() {
                    Ok(more) => parts.extend(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            parts
        })
    }

    fn run(&self) -> Parts {
        let mut context = Context::new(Mode::Strict);
        let mut parts = Vec::new();
        while let Some((place, file)) = self.files.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let mut part = self.part(file, context);
            context = part.take_context();
            parts.push((*place, part));
        }
        parts
    }

    /// What one file holds.
    fn part(&self, file: &File, mut context: Context) -> Intake {
        let invalid = self.paths.invalid();
        if let Some(list) = self.list(file) {
            let mut part = Intake::part(invalid, context);
            part.begin(&file.name);
            if stream::list(&mut part, list).is_ok() {
                part.sort();
                return part;
            }
            context = part.take_context();
        }
        let mut part = Intake::part(invalid, context);
        match self.paths.text(file) {
            Ok(text) => part.text(&file.name, &text),
            Err(error) => part.fail(error),
        }
        part
    }

    /// The bytes of what may be one JSON list.
    fn list(&self, file: &'a File) -> Option<Box<dyn Read + 'a>> {
        match self.paths.kept(file) {
            Some(Ok(text)) if text.starts_with('{') => Some(Box::new(text.as_bytes())),
            Some(_) => None,
            None => {
                let extension = file.path.extension()?;
                let opened = || fs::File::open(&file.path).ok();
                let file = extension.eq_ignore_ascii_case("json").then(opened)??;
                Some(Box::new(file))
            }
        }
    }
}
