//! `kreach diff`: two sources, one listing of what differs.

use std::sync::Arc;

use jiff::Timestamp;

use crate::enforcement::Enforcement;
use crate::exposure::controller;
use crate::model::{Inventory, Text, World};
use crate::reach::{ListBy, Listed, Options, Reach, diff_lists};
use crate::report::diff::{Diff, Input};

use super::asked::{check_namespaces, guesses};
use super::complain::Complaint;
use super::console::{self, Console, Forms};
use super::exit::Exit;
use super::globals::{Format, Globals, SourceChoice, UsageError};
use super::missing::{self, missing};
use super::open::Opener;
use super::timing::{Phase, Stopwatch};
use super::{By, DiffArgs, DiffFailOn};

/// How the sides are called in messages.
const SIDES: [&str; 2] = ["before", "after"];

/// Compares the two sources that the arguments and options name.
///
/// # Errors
///
/// Options that exclude each other, or a source that cannot be opened.
pub fn run(globals: &Globals, args: &DiffArgs, now: Timestamp) -> Result<Exit, Complaint> {
    let [base, target] = choices(globals, args)?;
    let console = Console::of(globals);
    let mut watch = Stopwatch::default();
    let mut opener = Opener {
        globals,
        console,
        watch: &mut watch,
        now,
    };
    let worlds = [opener.source(&base)?.world, opener.source(&target)?.world];
    let options = globals.options();
    let sides = watch.measure(Phase::Engine, || {
        worlds.map(|world| Side::of(world, options))
    });
    let namespaces = globals.namespaces();
    let known = sides.each_ref().map(|side| (&side.world, side.inventory()));
    check_namespaces(&known, &namespaces)?;
    say_notes(&sides, console);
    let document = watch.measure(Phase::Engine, || document(&sides, args.by, &namespaces));
    let forms = Forms {
        table: Diff::write_table,
        plain: &[
            (Format::Csv, Diff::write_csv),
            (Format::Md, Diff::write_markdown),
        ],
    };
    watch.measure(Phase::Output, || console.answer(&document, &forms))?;
    console.note(document.summary());
    let exit = exit(&document, args.fail_on);
    if globals.timings {
        console::raw(&watch.line());
    }
    Ok(exit)
}

/// The sources of both sides: BASE, and TARGET or what the options say.
fn choices(globals: &Globals, args: &DiffArgs) -> Result<[SourceChoice; 2], UsageError> {
    let named = [Some(&args.base), args.target.as_ref()];
    globals.one_stdin(named.into_iter().flatten().map(AsRef::as_ref))?;
    let rest = globals.any_source()?;
    if args.target.is_some() {
        if globals.demo {
            return Err(UsageError::Conflict("TARGET", "--demo"));
        }
        if !globals.from.is_empty() {
            return Err(UsageError::Conflict("TARGET", "--from"));
        }
    }
    let base = choice(globals, &args.base);
    let target = args
        .target
        .as_ref()
        .map_or(rest, |text| choice(globals, text));
    let live = |choice: &SourceChoice| matches!(choice, SourceChoice::Live { .. });
    if (globals.context.is_some() || globals.kubeconfig.is_some()) && !live(&base) && !live(&target)
    {
        let name = if globals.context.is_some() {
            "--context"
        } else {
            "--kubeconfig"
        };
        return Err(UsageError::Conflict(
            name,
            "two sources that are no cluster",
        ));
    }
    globals.check_skipping(&[&base, &target])?;
    Ok([base, target])
}

/// `live` and `demo` are words; a file of that name is `./live`.
fn choice(globals: &Globals, text: &str) -> SourceChoice {
    match text {
        "live" => SourceChoice::Live {
            context: globals.context.clone(),
            kubeconfig: globals.kubeconfig.clone(),
        },
        "demo" => SourceChoice::Demo,
        path => SourceChoice::Files(vec![path.into()]),
    }
}

/// One side, compiled.
struct Side {
    world: World,
    reach: Reach,
}

impl Side {
    fn of(world: World, options: Options) -> Self {
        let inventory = Arc::new(Inventory::of(&world));
        let reach = Reach::build(&world, inventory, options);
        Self { world, reach }
    }

    fn inventory(&self) -> &Inventory {
        self.reach.inventory()
    }

    /// The same lines that `kreach connections` has.
    fn listed(&self, by: ListBy) -> Listed<'_> {
        let mut connections = self.reach.connections(by);
        connections.extend(controller::connections(&self.world, &self.reach, by));
        Listed {
            connections,
            inventory: self.inventory(),
        }
    }
}

fn document(sides: &[Side; 2], by: By, namespaces: &[Text]) -> Diff {
    let by = match by {
        By::Workload => ListBy::Workload,
        By::Pod => ListBy::Pod,
    };
    let differences = diff_lists(sides.each_ref().map(|side| side.listed(by)));
    Diff::of(Input {
        differences: &differences,
        inventories: sides.each_ref().map(Side::inventory),
        namespaces,
        missing: &sides
            .each_ref()
            .map(|side| missing(&side.world.coverage, &missing::ENDS, namespaces)),
    })
}

/// What could not be read, and what was taken for granted, on each side.
fn say_notes(sides: &[Side; 2], console: Console) {
    for (name, side) in SIDES.iter().zip(sides) {
        for refusal in missing::refusals(&side.world.coverage) {
            console.note(format_args!("{name}: {refusal}"));
        }
        let mut notes = side.reach.notes(&side.world);
        notes.extend(Enforcement::of(&side.world, side.inventory()).notes);
        let guesses = notes.iter().filter(|note| guesses(note));
        console.notes(&format!("{name}: "), guesses);
    }
}

/// Something that was found counts although more may be missing; nothing found counts only if all
/// could be looked at (UNK-06).
fn exit(document: &Diff, fail_on: DiffFailOn) -> Exit {
    let gaps = document.gaps();
    if let Some(gaps) = &gaps {
        console::error(format_args!("cannot be decided: {gaps}"));
    }
    let found = match fail_on {
        DiffFailOn::Opened => document.opened() > 0,
        DiffFailOn::Any => document.changed() > 0,
        DiffFailOn::Never => false,
    };
    match (found, gaps) {
        (true, _) => Exit::No,
        (false, Some(_)) => Exit::Undecided,
        (false, None) => Exit::Yes,
    }
}
