//! `kreach guard`: manifests that enforce the separation, printed and never applied; with
//! `--verify`, which of them a cluster has.

mod verify;

use std::io;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::guard::{Admission, Engine, Guard, MutatingVersion, Part};
use crate::model::{Key, Kind, PolicyRule, World};
use crate::rbac::{Aggregation, Rbac, Rules};
use crate::report::table::Paint;
use crate::source::input::{self, Input};
use crate::source::live::{LiveOptions, target};
use crate::source::{demo, files, yaml};

use super::complain::{Complaint, reasons};
use super::console::{self, Console, Forms};
use super::exit::Exit;
use super::globals::{Globals, SourceChoice, UsageError};
use super::look::Looker;
use super::missing::missing;
use super::open::{self, Opener};
use super::timing::{Phase, Stopwatch};
use super::{EngineName, GuardArgs, GuardPart};
use verify::Verdict;

/// What the manifests begin with.
const HEADER: &str = "\
# Printed by kreach guard. Nothing has been applied.
# Written after the API reference and not tried on a server: read it, and use
# kubectl apply --dry-run=server first.
";

/// Nothing tells what the API server can do.
const NEEDS_VERSION: UsageError =
    UsageError::Needs("guard", "--kubernetes VERSION to print admission policies");

/// Prints the manifests that the arguments name.
///
/// # Errors
///
/// Options that exclude each other or lack the server's version, rules that cannot be accepted, or
/// a source that cannot be opened, where one is needed.
pub fn run(globals: &Globals, args: &GuardArgs, now: Timestamp) -> Result<Exit, Complaint> {
    let choice = globals.source()?;
    if !globals.namespace.is_empty() {
        let what = "guard, which prints for the whole cluster";
        return Err(UsageError::Conflict("--namespace", what).into());
    }
    let console = Console::of(globals);
    let mut watch = Stopwatch::default();
    let embedded = matches!(choice, SourceChoice::Demo).then_some(demo::RULES);
    let rules = open::rules(globals, embedded, now)?;
    let parts = parts(args);
    let mut place = Place::of(globals, args, &parts, &choice)?;
    let admission = place.admission(args, &parts, &choice)?;
    let mut opener = Opener {
        globals,
        console,
        watch: &mut watch,
        now,
    };
    let edit = if parts.contains(&Part::EditRole) {
        place.edit(&mut opener, &choice)?
    } else {
        Err("it was not asked for".to_owned())
    };
    let input = crate::guard::Input {
        rules: &rules,
        edit: edit.as_deref().map_err(String::as_str),
        admission,
        engine: args.engine.engine(),
    };
    let document = Document::of(Guard::of(&input, &parts))?;
    if args.verify {
        return check(document, &mut place, console);
    }
    let forms = Forms {
        table: Document::write_text,
        plain: &[],
    };
    watch.measure(Phase::Output, || console.answer(&document, &forms))?;
    if args.engine == EngineName::Native && parts.contains(&Part::Owners) {
        say_unused(&rules, console);
    }
    if globals.timings {
        console::raw(&watch.line());
    }
    Ok(end(&document))
}

/// What is left out is no answer.
fn end(document: &Document) -> Exit {
    for left in &document.left_out {
        console::error(format_args!("left out of {}: {}", left.part, left.why));
    }
    if document.left_out.is_empty() {
        Exit::Yes
    } else {
        Exit::Undecided
    }
}

fn parts(args: &GuardArgs) -> Vec<Part> {
    if args.parts.is_empty() {
        return Part::ALL.into();
    }
    args.parts.iter().map(|part| part.part()).collect()
}

/// Says which of the printed objects there are.
fn check(document: Document, place: &mut Place, console: Console) -> Result<Exit, Complaint> {
    let (manifests, left_out) = (document.manifests, document.left_out);
    let verdict = Verdict::of(manifests, left_out, &mut place.looker);
    let forms = Forms {
        table: Verdict::write_table,
        plain: &[],
    };
    console.answer(&verdict, &forms)?;
    for left in &verdict.left_out {
        console::error(format_args!(
            "not looked for, of {}: {}",
            left.part, left.why
        ));
    }
    Ok(verdict.exit())
}

/// What the options name, as far as it is needed.
struct Place {
    looker: Looker,
    /// The manifests as a source has them, if they were read already.
    world: Option<World>,
}

impl Place {
    fn of(
        globals: &Globals,
        args: &GuardArgs,
        parts: &[Part],
        choice: &SourceChoice,
    ) -> Result<Self, Complaint> {
        let nothing = |why| Self {
            looker: Looker::Nothing(why),
            world: None,
        };
        match choice {
            SourceChoice::Demo => Ok(Self {
                looker: Looker::objects(Vec::new()),
                world: None,
            }),
            SourceChoice::Files(paths) if args.verify => match input::open(paths)? {
                Input::Manifests(manifests) => {
                    Self::manifests(manifests.with_invalid(globals.invalid()))
                }
                Input::Snapshot(_) => Ok(nothing("a snapshot holds no such objects")),
            },
            SourceChoice::Live {
                context,
                kubeconfig,
            } if args.verify || (args.kubernetes.is_none() && asks_version(args, parts)) => {
                let options = LiveOptions {
                    kubeconfig: kubeconfig.clone(),
                    context: context.clone(),
                    namespaces: Vec::new(),
                };
                if !args.verify && target(&options).is_err() {
                    return Err(NEEDS_VERSION.into());
                }
                Ok(Self {
                    looker: Looker::cluster(&options)?,
                    world: None,
                })
            }
            SourceChoice::Files(_) | SourceChoice::Live { .. } => {
                Ok(nothing("it was not asked for"))
            }
        }
    }

    fn manifests(mut manifests: files::Paths) -> Result<Self, Complaint> {
        let mut world = World::default();
        for change in manifests.load()?.changes {
            world.apply(change);
        }
        Ok(Self {
            looker: Looker::objects(manifests.objects()?),
            world: Some(world),
        })
    }

    /// By the option, else by what the server says. A wrong guess would print a protection without
    /// what it protects, which refuses every write (EV-34).
    fn admission(
        &mut self,
        args: &GuardArgs,
        parts: &[Part],
        choice: &SourceChoice,
    ) -> Result<Admission, Complaint> {
        if let Some(KubernetesVersion { minor }) = args.kubernetes {
            return Ok(Admission::of_minor(minor));
        }
        match choice {
            SourceChoice::Demo => Ok(Admission::Mutating(MutatingVersion::V1)),
            SourceChoice::Files(_) | SourceChoice::Live { .. } if !asks_version(args, parts) => {
                Ok(Admission::None)
            }
            SourceChoice::Files(_) | SourceChoice::Live { .. } => {
                self.looker.admission()?.ok_or_else(|| NEEDS_VERSION.into())
            }
        }
    }

    /// The rules of `edit` as the cluster resolves them (RB-10), or why they are not known.
    fn edit(
        &mut self,
        opener: &mut Opener<'_>,
        choice: &SourceChoice,
    ) -> Result<Result<Vec<PolicyRule>, String>, Complaint> {
        if let Some(world) = self.world.take() {
            return Ok(edit(&world, Aggregation::Computed));
        }
        let source = opener.source(choice)?;
        Ok(edit(&source.world, open::aggregation(source.about.origin)))
    }
}

/// Whether what is printed depends on what the server can do.
fn asks_version(args: &GuardArgs, parts: &[Part]) -> bool {
    args.engine == EngineName::Native && parts.iter().any(|part| part.needs_admission())
}

fn edit(world: &World, aggregation: Aggregation) -> Result<Vec<PolicyRule>, String> {
    let why = missing(&world.coverage, &[Kind::ClusterRole], &[]);
    let rbac = Rbac::of(world, aggregation);
    let found = rbac.rules(&Key::new("", "edit")).map(<[_]>::to_vec);
    match found {
        Some(rules) if !rules.is_empty() => Ok(rules),
        Some(_) | None if !why.is_empty() => Err(reasons(&why)),
        Some(_) | None => Err(
            "there is no ClusterRole edit to copy; read it from a cluster, or name other parts"
                .to_owned(),
        ),
    }
}

/// What the rules file declares and admission cannot see.
fn say_unused(rules: &Arc<Rules>, console: Console) {
    let sets = rules.namespaces.iter().map(|(_, set)| set);
    let mut sets = std::iter::once(&rules.owners).chain(sets);
    let by_role = sets.any(|set| !(set.cluster_roles.is_empty() && set.roles.is_empty()));
    if by_role {
        console.note(
            "owner roles of the rules file count at admission once they have the verb own on \
             policyowners.kreach.io",
        );
    }
}

/// A version of Kubernetes 1, as typed: `1.36` or `v1.36.2`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KubernetesVersion {
    /// The number after the `1.`.
    pub minor: u32,
}

impl std::str::FromStr for KubernetesVersion {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "write it as 1.36";
        let rest = text.strip_prefix('v').unwrap_or(text);
        let rest = rest.strip_prefix("1.").ok_or(wrong)?;
        let minor = rest.split('.').next().unwrap_or_default();
        let minor = minor.trim_end_matches('+').parse().map_err(|_| wrong)?;
        Ok(Self { minor })
    }
}

impl GuardPart {
    const fn part(self) -> Part {
        match self {
            Self::OwnerRole => Part::OwnerRole,
            Self::EditRole => Part::EditRole,
            Self::Stamp => Part::Stamp,
            Self::Owners => Part::Owners,
            Self::Reader => Part::Reader,
        }
    }
}

impl EngineName {
    const fn engine(self) -> Engine {
        match self {
            Self::Native => Engine::Native,
            Self::Kyverno => Engine::Kyverno,
            Self::Gatekeeper => Engine::Gatekeeper,
        }
    }
}

/// What is written.
#[derive(Serialize)]
struct Document {
    schema: &'static str,
    manifests: Vec<ManifestDocument>,
    #[serde(rename = "leftOut")]
    left_out: Vec<LeftOutDocument>,
    #[serde(skip)]
    text: String,
}

#[derive(Serialize)]
struct ManifestDocument {
    part: &'static str,
    object: Value,
}

#[derive(Serialize)]
struct LeftOutDocument {
    part: &'static str,
    why: String,
}

impl Document {
    fn of(guard: Guard) -> Result<Self, Complaint> {
        let mut text = HEADER.to_owned();
        let mut manifests = Vec::new();
        for printed in &guard.manifests {
            text.push_str("---\n");
            text.push_str(&printed.text);
            for chunk in yaml::split(&printed.text) {
                let object = chunk.parse();
                let object = object.map_err(|error| Complaint::File(error.message))?;
                manifests.extend(object.map(|object| ManifestDocument {
                    part: printed.part.name(),
                    object,
                }));
            }
        }
        let left_out = guard.left_out.into_iter().map(|left| LeftOutDocument {
            part: left.part.name(),
            why: left.why,
        });
        Ok(Self {
            schema: "kreach.guard/v1",
            manifests,
            left_out: left_out.collect(),
            text,
        })
    }

    fn write_text(&self, out: &mut dyn io::Write, _: Paint) -> io::Result<()> {
        out.write_all(self.text.as_bytes())
    }
}
