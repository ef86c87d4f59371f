//! Opens what the options name: a source, audit logs, the team's rules.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::config::{self, Paths};
use crate::history::{Batch, Ledger, Protection, Stamps, stamp};
use crate::model::{Change, Text, World};
use crate::rbac::{self, Aggregation, Rules};
use crate::report::time;
use crate::session::{self, Patience, Unsettled};
use crate::source::input::{self, Input};
use crate::source::live::{LiveOptions, Target, target};
use crate::source::snapshot::{About, Origin, Snapshot};
use crate::source::{audit, demo, files};

use super::complain::Complaint;
use super::console::Console;
use super::globals::{Globals, SourceChoice};
use super::look::{self, Looker};
use super::timing::{Phase, Stopwatch};

/// Everything an analysis is made from.
#[derive(Debug)]
pub struct Opened {
    /// The cluster.
    pub world: World,
    /// What the audit logs tell.
    pub ledger: Ledger,
    /// The team's declarations.
    pub rules: Arc<Rules>,
    /// How aggregated roles are read: a live cluster stores the result, manifests need not.
    pub aggregation: Aggregation,
    /// The namespace that the kubeconfig context names.
    pub namespace: Option<Text>,
}

/// One source alone, without what other inputs say about it.
#[derive(Debug)]
pub struct Source {
    /// The cluster.
    pub world: World,
    /// What a snapshot of it is of.
    pub about: About,
    /// The namespace that the kubeconfig context names.
    pub namespace: Option<Text>,
    /// What the source itself tells about changes.
    audit: Option<Batch>,
}

/// Opens sources on behalf of one command.
#[derive(Debug)]
pub struct Opener<'a> {
    /// The options.
    pub globals: &'a Globals,
    /// Where notes go.
    pub console: Console,
    /// Where time is counted.
    pub watch: &'a mut Stopwatch,
    /// The present.
    pub now: Timestamp,
}

impl Opener<'_> {
    /// Reads everything that the options name.
    ///
    /// # Errors
    ///
    /// The first input that cannot be read or accepted, or the cluster that cannot be reached.
    pub fn open(&mut self, choice: &SourceChoice) -> Result<Opened, Complaint> {
        let embedded = match choice {
            SourceChoice::Demo => Some(demo::RULES),
            SourceChoice::Files(_) | SourceChoice::Live { .. } => None,
        };
        let rules = rules(self.globals, embedded, self.now)?;
        // What is on the disk is looked at before anybody waits for a cluster.
        let mut ledger = self.ledger(Ledger::default())?;
        let source = self.source(choice)?;
        if let Some(audit) = source.audit {
            ledger.extend(audit);
        }
        let protection = self.protection(choice, &source.world);
        ledger.weigh_stamps(Stamps::under(protection));
        Ok(Opened {
            world: source.world,
            ledger,
            rules,
            aggregation: aggregation(source.about.origin),
            namespace: source.namespace,
        })
    }

    /// Since when the cluster protects stamps, where there are any (EV-36). Whatever cannot be looked
    /// at protects nothing.
    fn protection(&mut self, choice: &SourceChoice, world: &World) -> Option<Protection> {
        if !stamp::is_anywhere(world) {
            return None;
        }
        let looker = match choice {
            SourceChoice::Demo => None,
            SourceChoice::Files(paths) => {
                let looker = look::again(paths);
                if looker.is_none() {
                    self.console.note(
                        "stamps count as claims: a source that is read only once, or a snapshot, \
                         does not tell what protects them",
                    );
                }
                looker
            }
            SourceChoice::Live {
                context,
                kubeconfig,
            } => {
                let options = LiveOptions {
                    kubeconfig: kubeconfig.clone(),
                    context: context.clone(),
                    namespaces: Vec::new(),
                };
                Looker::cluster(&options).ok()
            }
        };
        let mut looker = looker?;
        self.watch.measure(Phase::Read, || looker.protection())
    }

    /// Reads one source alone.
    ///
    /// # Errors
    ///
    /// As [`Opener::open`], as far as this source goes.
    pub fn source(&mut self, choice: &SourceChoice) -> Result<Source, Complaint> {
        match choice {
            SourceChoice::Demo => {
                let now = self.now;
                let demo = self.watch.measure(Phase::Parse, || demo::load(now))?;
                Ok(Source {
                    audit: Some(demo.audit),
                    ..self.read(demo.changes, self.about(Origin::Demo, "demo".into()))
                })
            }
            SourceChoice::Files(paths) => self.files(paths),
            SourceChoice::Live {
                context,
                kubeconfig,
            } => self.live(&LiveOptions {
                kubeconfig: kubeconfig.clone(),
                context: context.clone(),
                namespaces: self.globals.namespace.clone(),
            }),
        }
    }

    fn files(&mut self, paths: &[PathBuf]) -> Result<Source, Complaint> {
        let input = self.watch.measure(Phase::Read, || input::open(paths))?;
        let mut manifests = match input {
            Input::Manifests(manifests) => manifests.with_invalid(self.globals.invalid()),
            Input::Snapshot(snapshot) => {
                let Snapshot { about, changes } = *snapshot;
                self.console.note(told(&about, self.now));
                return Ok(self.read(changes, about));
            }
        };
        let loaded = self.watch.measure(Phase::Parse, || manifests.load())?;
        for warning in &loaded.warnings {
            self.console.note(warning);
        }
        self.say_skipped(&loaded.skipped);
        let about = self.about(Origin::Manifests, names(paths));
        Ok(self.read(loaded.changes, about))
    }

    fn live(&mut self, options: &LiveOptions) -> Result<Source, Complaint> {
        let target = target(options).map_err(|error| unsettled(&error.into(), None))?;
        let runtime = tokio::runtime::Runtime::new()
            .map_err(|error| Complaint::Cluster(format!("cannot start: {error}")))?;
        let reading = session::load(options.clone(), Patience::default());
        let world = self
            .watch
            .measure(Phase::Read, || runtime.block_on(reading));
        Ok(Source {
            world: world.map_err(|error| unsettled(&error, Some(&target)))?,
            about: self.about(Origin::Cluster, target.context),
            namespace: target.namespace,
            audit: None,
        })
    }

    fn about(&self, origin: Origin, name: Text) -> About {
        About {
            taken: self.now,
            origin,
            name,
            program: env!("CARGO_PKG_VERSION").into(),
        }
    }

    fn read(&mut self, changes: Vec<Change>, about: About) -> Source {
        Source {
            world: self.world(changes),
            about,
            namespace: None,
            audit: None,
        }
    }

    /// Adds the audit logs that the options name.
    fn ledger(&mut self, mut ledger: Ledger) -> Result<Ledger, Complaint> {
        let paths = &self.globals.audit_log;
        self.watch
            .measure(Phase::Parse, || audit::read(paths, &mut ledger))
            .map_err(|error| Complaint::File(error.to_string()))?;
        for skipped in ledger.coverage().skipped_why {
            self.console.note(format_args!("audit log: {skipped}"));
        }
        Ok(ledger)
    }

    fn world(&mut self, changes: Vec<Change>) -> World {
        self.watch.measure(Phase::Model, || {
            let mut world = World::default();
            for change in changes {
                world.apply(change);
            }
            world
        })
    }

    fn say_skipped(&self, skipped: &files::Skipped) {
        if skipped.documents_without_kind > 0 {
            let count = skipped.documents_without_kind;
            self.console.note(format_args!(
                "skipped {} without apiVersion and kind",
                crate::report::table::plural(count, "document"),
            ));
        }
        for (kind, count) in &skipped.other_kinds {
            self.console
                .detail(format_args!("not read: {count} of kind {kind}"));
        }
    }
}

/// How aggregated roles of a source are read (RB-10).
pub(super) const fn aggregation(origin: Origin) -> Aggregation {
    match origin {
        Origin::Cluster | Origin::Demo => Aggregation::Stored,
        Origin::Manifests => Aggregation::Computed,
    }
}

/// Paths as one name.
pub(super) fn names(paths: &[PathBuf]) -> Text {
    let names: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    names.join(" ").into()
}

/// `snapshot of prod, taken 2026-11-23T02:31:40Z, 3d ago`.
fn told(about: &About, now: Timestamp) -> String {
    format!(
        "snapshot of {}, taken {}, {} ago",
        about.name.shown(),
        time::utc(about.taken),
        time::age(now, about.taken)
    )
}

/// A kubeconfig that cannot be used is bad input; anything else means that nobody can tell.
pub(super) fn unsettled(error: &Unsettled, target: Option<&Target>) -> Complaint {
    match (error, target) {
        (Unsettled::Connect(connect), _) if connect.is_input() => {
            Complaint::File(connect.to_string())
        }
        (Unsettled::Connect(connect), _) => Complaint::Cluster(connect.to_string()),
        (error, Some(target)) => Complaint::Cluster(format!(
            "{error} (context {}, server {})",
            target.context.shown(),
            target.server.shown(),
        )),
        (error, None) => Complaint::Cluster(error.to_string()),
    }
}

/// The file that was named, else what the source brings along, else the usual places.
pub(super) fn rules(
    globals: &Globals,
    embedded: Option<&str>,
    now: Timestamp,
) -> Result<Arc<Rules>, Complaint> {
    let today = rbac::duty::waiver::day(now);
    let explicit = globals.rules.as_deref();
    let rules = match (explicit, embedded) {
        (None, Some(text)) => config::rules::parse(Path::new("kreach.toml"), text, today),
        (explicit, _) => {
            let directory = std::env::current_dir().unwrap_or_default();
            let paths = Paths::discover().unwrap_or_else(|| Paths {
                config: directory.clone(),
                state: directory.clone(),
            });
            config::rules::load(explicit, &directory, &paths, today)
        }
    };
    rules
        .map(Arc::new)
        .map_err(|error| Complaint::File(error.to_string()))
}
