//! Commands that answer from one analysis: each asks, prints and says how it ends.

use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;

use crate::analysis::{self, Analysis};
use crate::exposure::Level;
use crate::history::POLICY_KINDS;
use crate::model::{Inventory, Kind, Text, World};
use crate::query::Surroundings;
use crate::rbac::{Aggregation, Principal, Request};
use crate::reach::{Note, NoteCode, Verdict, Why};
use crate::report::can::Can;
use crate::report::check::{Check, Outcome};
use crate::report::duties::{self, Duties};
use crate::report::exposed::{self, Exposed};
use crate::report::history::History;
use crate::report::paths::Outlook;
use crate::report::policies::Policies;
use crate::report::who_can::{Verdict as Rights, WhoCan};

use super::complain::{Complaint, reasons};
use super::console::{self, AsText, Console, Forms};
use super::exit::Exit;
use super::globals::{Format, Globals};
use super::missing::{self, missing};
use super::open::Opener;
use super::timing::{Phase, Stopwatch};
use super::{
    CanArgs, CheckArgs, ConnectionsArgs, DutiesArgs, DutiesBy, ExposedArgs, MatrixArgs, PathsArgs,
    PoliciesArgs, WhoCanArgs, can, check, connections, history, matrix, paths, who_can,
};

/// An analysis that a command is about to answer from.
pub(super) struct Asked {
    globals: Globals,
    console: Console,
    watch: Stopwatch,
    analysis: Analysis,
    /// Where bare names are looked up.
    namespace: Option<Text>,
    /// What listings are restricted to; empty is all.
    namespaces: Vec<Text>,
}

impl Asked {
    pub(super) fn new(globals: Globals, now: Timestamp) -> Result<Self, Complaint> {
        let asked = Self::open(globals, now)?;
        asked.check_namespaces()?;
        Ok(asked)
    }

    fn check_namespaces(&self) -> Result<(), Complaint> {
        let world = (&self.analysis.world, self.analysis.inventory());
        check_namespaces(&[world], &self.namespaces)
    }

    /// The same, with namespaces that nothing may be in.
    pub(super) fn open(globals: Globals, now: Timestamp) -> Result<Self, Complaint> {
        let console = Console::of(&globals);
        let mut watch = Stopwatch::default();
        let choice = globals.source()?;
        let opened = Opener {
            globals: &globals,
            console,
            watch: &mut watch,
            now,
        }
        .open(&choice)?;
        let input = analysis::Input {
            world: &opened.world,
            ledger: &opened.ledger,
            rules: &opened.rules,
            options: globals.options(),
            aggregation: opened.aggregation,
            now,
        };
        let analysis = watch.measure(Phase::Engine, || Analysis::of(&input));
        let namespaces = globals.namespaces();
        for refusal in missing::refusals(&analysis.world.coverage) {
            console.note(refusal);
        }
        let namespace = match namespaces.as_slice() {
            [one] => Some(one.clone()),
            [] => opened.namespace,
            [_, _, ..] => None,
        };
        Ok(Self {
            globals,
            console,
            watch,
            analysis,
            namespace,
            namespaces,
        })
    }

    fn around(&self) -> Surroundings<'_> {
        Surroundings {
            world: &self.analysis.world,
            inventory: self.analysis.inventory(),
            namespace: self.namespace.as_ref(),
        }
    }

    pub(super) fn can(mut self, args: &CanArgs) -> Result<Exit, Complaint> {
        let answer = self.measured(Phase::Engine, |asked| {
            can::answer(&asked.analysis, &asked.around(), args)
        })?;
        self.write(&answer, Can::write_text)?;
        Ok(self.end(match answer.verdict() {
            Verdict::Allowed => Exit::Yes,
            Verdict::Denied => Exit::No,
            Verdict::Unknown => undecided(answer.why()),
        }))
    }

    pub(super) fn connections(mut self, args: &ConnectionsArgs) -> Result<Exit, Complaint> {
        let list = self.measured(Phase::Engine, |asked| {
            connections::list(
                &asked.analysis,
                &asked.around(),
                args,
                asked.namespaces.clone(),
            )
        })?;
        self.write_as(&list, &connections::FORMS)?;
        self.note_guesses();
        let mut why = self.missing(&missing::ENDS);
        why.extend_from_slice(&list.why);
        Ok(self.end(decided(&why)))
    }

    pub(super) fn matrix(mut self, args: &MatrixArgs) -> Result<Exit, Complaint> {
        let mut why = self.missing(&missing::ENDS);
        if args.totals {
            let totals = self.measured(Phase::Engine, |asked| {
                matrix::totals(&asked.analysis, &asked.around(), args, &asked.namespaces)
            })?;
            self.write_as(&totals, &matrix::TOTALS)?;
            why.extend_from_slice(&totals.why);
        } else {
            let matrix = self.measured(Phase::Engine, |asked| {
                matrix::matrix(&asked.analysis, &asked.around(), args, &asked.namespaces)
            })?;
            self.write_as(&matrix, &matrix::FORMS)?;
            why.extend_from_slice(&matrix.why);
        }
        self.note_guesses();
        Ok(self.end(decided(&why)))
    }

    pub(super) fn paths(mut self, args: &PathsArgs) -> Result<Exit, Complaint> {
        let answer = self.measured(Phase::Engine, |asked| {
            paths::answer(&asked.analysis, &asked.around(), args)
        })?;
        let why = self.missing(&missing::ENDS);
        match answer {
            paths::Answer::Paths(list) => {
                self.write_as(&list, &paths::FORMS)?;
                for remark in list.remarks() {
                    self.console.note(remark);
                }
                Ok(match list.verdict() {
                    Outlook::Possible => self.incomplete(Exit::Yes, &why),
                    Outlook::None if why.is_empty() => self.end(Exit::No),
                    Outlook::None => self.end(undecided(&why)),
                    Outlook::Unknown => {
                        let mut all = list.why.clone();
                        all.extend(why);
                        self.end(undecided(&all))
                    }
                })
            }
            paths::Answer::Radius(radius) => {
                self.write_as(&radius, &paths::RADIUS_FORMS)?;
                let mut why = why;
                why.extend(radius.why.iter().cloned());
                Ok(self.end(decided(&why)))
            }
        }
    }

    /// An answer that holds whatever else there is, though there may be more of it.
    fn incomplete(&self, exit: Exit, why: &[Why]) -> Exit {
        if !why.is_empty() {
            self.console
                .note(format_args!("there may be more: {}", reasons(why)));
        }
        self.end(exit)
    }

    pub(super) fn exposed(mut self, args: &ExposedArgs) -> Result<Exit, Complaint> {
        let extent = if args.all {
            exposed::Extent::Everything
        } else {
            exposed::Extent::Outside
        };
        let levels: Vec<Level> = args.level.iter().map(|level| level.level()).collect();
        let filter = exposed::Filter {
            namespaces: &self.namespaces,
            extent,
            levels: &levels,
        };
        let list = Exposed::of(&self.analysis, filter);
        self.write(&list, Exposed::write_table)?;
        for note in list.notes() {
            self.console.note(note);
        }
        if list.levels().any(|level| args.fail_on.reached_by(level)) {
            return Ok(self.end(Exit::No));
        }
        let why = self.missing(&missing::PUBLISHING);
        let unsure = list.why();
        if !unsure.is_empty() {
            console::error(format_args!(
                "some levels are not known: {}",
                unsure.join(" and ")
            ));
            return Ok(self.end(Exit::Undecided));
        }
        Ok(self.end(decided(&why)))
    }

    pub(super) fn policies(mut self, args: &PoliciesArgs) -> Result<Exit, Complaint> {
        if let Some(policy) = &args.history {
            return self.history(policy);
        }
        let list = Policies::of(&self.analysis, &self.namespaces);
        let forms = Forms {
            table: Policies::write_table as AsText<Policies>,
            plain: &[
                (Format::Csv, Policies::write_csv),
                (Format::Md, Policies::write_markdown),
            ],
        };
        self.write_as(&list, &forms)?;
        self.console.note(list.coverage_line());
        // Policies of the whole cluster are listed where no namespace is named.
        let why = match self.namespaces.as_slice() {
            [] => self.missing(&POLICY_KINDS),
            [_, ..] => self.missing(&missing::POLICIES),
        };
        Ok(self.end(decided(&why)))
    }

    fn history(mut self, text: &str) -> Result<Exit, Complaint> {
        let policy = history::named(text, self.namespace.as_ref())?;
        let past = self.measured(Phase::Engine, |asked| History::of(&asked.analysis, &policy));
        let why = missing(&self.analysis.world.coverage, &[policy.kind], &[]);
        let Some(past) = past else {
            return match why.as_slice() {
                [] => Err(Complaint::NoPolicy(policy)),
                [_, ..] => Ok(self.end(undecided(&why))),
            };
        };
        self.write_as(&past, &history::FORMS)?;
        for doubt in past.doubts() {
            self.console.note(doubt);
        }
        Ok(self.end(decided(&why)))
    }

    pub(super) fn duties(mut self, args: DutiesArgs) -> Result<Exit, Complaint> {
        let extent = match (args.all, args.conflicts) {
            (true, _) => duties::Extent::Everybody,
            (false, true) => duties::Extent::Conflicts,
            (false, false) => duties::Extent::Usual,
        };
        let list = self.measured(Phase::Engine, |asked| {
            let namespaces = &asked.namespaces;
            Duties::of(&asked.analysis, duties::Filter { namespaces, extent })
        })?;
        let forms = match args.by {
            DutiesBy::Subject => Forms {
                table: Duties::write_table as AsText<Duties>,
                plain: &[
                    (Format::Csv, Duties::write_csv),
                    (Format::Md, Duties::write_markdown),
                ],
            },
            DutiesBy::Namespace => Forms {
                table: Duties::write_namespaces as AsText<Duties>,
                plain: &[
                    (Format::Csv, Duties::write_namespaces_csv),
                    (Format::Md, Duties::write_namespaces_markdown),
                ],
            },
        };
        self.write_as(&list, &forms)?;
        self.console.note(list.summary());
        for warning in list.warnings() {
            self.console.note(warning);
        }
        let exit = match (list.conflicts(), list.missing()) {
            (0, []) => Exit::Yes,
            (0, missing) => {
                console::error(format_args!("cannot be decided: {}", missing.join(" and ")));
                Exit::Undecided
            }
            (_, []) => Exit::No,
            (_, missing) => {
                let missing = missing.join(" and ");
                self.console
                    .note(format_args!("there may be more: {missing}"));
                Exit::No
            }
        };
        Ok(self.end(exit))
    }

    pub(super) fn who_can(mut self, args: &WhoCanArgs) -> Result<Exit, Complaint> {
        // Manifests of roles need not hold the namespaces that they reach.
        match (self.check_namespaces(), self.analysis.rbac.aggregation()) {
            (Ok(()), _) => (),
            (Err(complaint), Aggregation::Stored) => return Err(complaint),
            (Err(complaint), Aggregation::Computed) => self.console.note(complaint),
        }
        let asking = who_can::Asking {
            given: &self.namespaces,
            current: self.namespace.as_ref(),
            everywhere: self.globals.all_namespaces,
        };
        let request = who_can::request(args, asking)?;
        let principal = who_can::principal(args, &self.analysis.rules);
        let answer = self.measured(Phase::Engine, |asked| match &principal {
            Some(principal) => WhoCan::one(&asked.analysis, &request, principal),
            None => WhoCan::everybody(&asked.analysis, &request),
        });
        self.write_as(&answer, &who_can::FORMS)?;
        for note in answer.notes() {
            self.console.note(note);
        }
        let exit = match answer.verdict() {
            Some(Rights::Yes) => Exit::Yes,
            Some(Rights::No) => {
                self.note_groups(args, &request, principal.as_ref());
                Exit::No
            }
            None if answer.missing().is_empty() => Exit::Yes,
            Some(Rights::Unknown) | None => {
                let missing = answer.missing().join(" and ");
                console::error(format_args!("cannot be decided: {missing}"));
                Exit::Undecided
            }
        };
        Ok(self.end(exit))
    }

    pub(super) fn check(mut self, args: &CheckArgs) -> Result<Exit, Complaint> {
        let check = self.measured(Phase::Engine, |asked| {
            check::check(&asked.analysis, &asked.around(), args)
        })?;
        self.write(&check, Check::write_text)?;
        self.console.note(check.summary());
        let count = |outcome| check.count(outcome);
        Ok(
            self.end(match (count(Outcome::Fails), count(Outcome::Undecided)) {
                (0, 0) => Exit::Yes,
                (0, _) => Exit::Undecided,
                (_, _) => Exit::No,
            }),
        )
    }

    /// Says that a no rests on groups that were taken to be all there are.
    fn note_groups(&self, args: &WhoCanArgs, request: &Request, principal: Option<&Principal>) {
        let groups = principal.map_or_else(Vec::new, |principal| {
            who_can::deciding_groups(args, &self.analysis.rbac, request, principal)
        });
        if !groups.is_empty() {
            let groups = groups.join(", ");
            self.console.note(format_args!(
                "no --as-group was given; a member of one of these groups may: {groups}"
            ));
        }
    }

    /// Says on what connections rest that was taken for granted.
    fn note_guesses(&self) {
        let notes = self.analysis.notes_on_reach();
        self.console.notes("", notes.iter().filter(|n| guesses(n)));
    }

    /// Runs `work` and counts its time under `phase`.
    fn measured<T>(&mut self, phase: Phase, work: impl FnOnce(&Self) -> T) -> T {
        let start = Instant::now();
        let result = work(self);
        self.watch.add(phase, start.elapsed());
        result
    }

    fn write<T: Serialize>(&mut self, document: &T, table: AsText<T>) -> Result<(), Complaint> {
        self.write_as(document, &Forms { table, plain: &[] })
    }

    fn write_as<T: Serialize>(
        &mut self,
        document: &T,
        forms: &Forms<'_, T>,
    ) -> Result<(), Complaint> {
        self.measured(Phase::Output, |asked| asked.console.answer(document, forms))
    }

    fn missing(&self, kinds: &[Kind]) -> Vec<Why> {
        missing(&self.analysis.world.coverage, kinds, &self.namespaces)
    }

    fn end(&self, exit: Exit) -> Exit {
        if self.globals.timings {
            console::raw(&self.watch.line());
        }
        exit
    }
}

/// Whether connections rest on something that a note says was taken for granted.
pub(super) fn guesses(note: &Note) -> bool {
    matches!(
        note.code,
        NoteCode::IpBlockUnknownPodIp | NoteCode::ForeignPolicies | NoteCode::InvalidObjectSkipped
    )
}

/// Yes, unless there is something that the answer depends on and that could not be read.
fn decided(why: &[Why]) -> Exit {
    if why.is_empty() {
        Exit::Yes
    } else {
        undecided(why)
    }
}

fn undecided(why: &[Why]) -> Exit {
    console::error(format_args!("cannot be decided: {}", reasons(why)));
    Exit::Undecided
}

/// A namespace that is in none of the worlds is a typing mistake, unless namespaces cannot be read.
pub(super) fn check_namespaces(
    worlds: &[(&World, &Inventory)],
    namespaces: &[Text],
) -> Result<(), Complaint> {
    let known =
        |(world, _): &(&World, &Inventory)| world.coverage.in_cluster(Kind::Namespace).is_known();
    let there = |name: &Text| {
        let has = |(_, inventory): &(_, &Inventory)| inventory.namespaces().contains_key(name);
        worlds.iter().any(has)
    };
    match namespaces.iter().find(|name| !there(name)) {
        Some(name) if worlds.iter().all(known) => {
            Err(Complaint::Namespace(name.as_str().to_owned()))
        }
        Some(_) | None => Ok(()),
    }
}
