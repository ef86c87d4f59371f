//! `kreach snapshot`: the state of a source, saved.

use std::io::{self, IsTerminal as _};

use jiff::Timestamp;

use crate::model::{Kind, Shown};
use crate::report::table::plural;
use crate::source::snapshot;

use super::SnapshotArgs;
use super::complain::Complaint;
use super::console::{self, Console};
use super::exit::Exit;
use super::globals::{Globals, SourceChoice, UsageError};
use super::missing;
use super::open::{Opener, Source};
use super::timing::{Phase, Stopwatch};

/// Reads the source that the options name and saves it.
///
/// # Errors
///
/// Options that mean nothing here, a source that cannot be opened, or a file that cannot be
/// written.
pub fn run(globals: &Globals, args: &SnapshotArgs, now: Timestamp) -> Result<Exit, Complaint> {
    let choice = globals.source()?;
    refuse(globals, &choice)?;
    let console = Console::of(globals);
    let mut watch = Stopwatch::default();
    let to_screen = args.file.as_os_str() == "-";
    if to_screen && io::stdout().is_terminal() {
        return Err(Complaint::Screen);
    }
    let source = Opener {
        globals,
        console,
        watch: &mut watch,
        now,
    }
    .source(&choice)?;
    for refusal in missing::refusals(&source.world.coverage) {
        console.note(format_args!("{refusal}; the snapshot says so"));
    }
    let written = watch.measure(Phase::Output, || write(&source, args, to_screen))?;
    let pods = plural(source.world.count(Kind::Pod), "pod");
    let policies = plural(source.world.count(Kind::NetworkPolicy), "policy");
    if let Some(size) = written {
        let file = args.file.to_string_lossy();
        let file = Shown::of(&file);
        console.note(format_args!(
            "saved {pods} and {policies} in {file}, {size} bytes"
        ));
    }
    if globals.timings {
        console::raw(&watch.line());
    }
    Ok(Exit::Yes)
}

/// A snapshot has one format and holds all of a source: nothing is left out silently.
fn refuse(globals: &Globals, choice: &SourceChoice) -> Result<(), UsageError> {
    if globals.output.is_some() {
        return Err(UsageError::Conflict("--output", "snapshot"));
    }
    // Of a cluster it says where to look when not everything may be read.
    let live = matches!(choice, SourceChoice::Live { .. });
    if !live && !globals.namespace.is_empty() {
        let what = "a snapshot of files, which holds all of them";
        return Err(UsageError::Conflict("--namespace", what));
    }
    Ok(())
}

/// The size of the file; `None` for standard output.
fn write(source: &Source, args: &SnapshotArgs, to_stdout: bool) -> Result<Option<u64>, Complaint> {
    if to_stdout {
        let mut bytes = Vec::new();
        snapshot::write(&source.world, &source.about, &mut bytes).map_err(Complaint::Output)?;
        console::bytes(&bytes)?;
        return Ok(None);
    }
    Ok(Some(snapshot::save(
        &args.file,
        &source.world,
        &source.about,
    )?))
}
