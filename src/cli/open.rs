//! Opens what the options name: a source, audit logs, the team's rules.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::config::{self, Paths};
use crate::history::Ledger;
use crate::model::{Change, Text, World};
use crate::rbac::{Aggregation, Rules};
use crate::session::{self, Patience, Unsettled};
use crate::source::live::{LiveOptions, Target, target};
use crate::source::{audit, demo, files};

use super::complain::Complaint;
use super::console::Console;
use super::globals::{Globals, SourceChoice};
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
        match choice {
            SourceChoice::Demo => self.demo(),
            SourceChoice::Files(paths) => {
                let invalid = self.globals.invalid();
                let loaded = self
                    .watch
                    .measure(Phase::Parse, || files::load_with(paths, invalid))?;
                for warning in &loaded.warnings {
                    self.console.note(warning);
                }
                self.say_skipped(&loaded.skipped);
                Ok(Opened {
                    world: self.world(loaded.changes),
                    ledger: self.ledger(Ledger::default())?,
                    rules: rules(self.globals, None)?,
                    aggregation: Aggregation::Computed,
                    namespace: None,
                })
            }
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

    fn demo(&mut self) -> Result<Opened, Complaint> {
        let now = self.now;
        let demo = self.watch.measure(Phase::Parse, || demo::load(now))?;
        let mut ledger = Ledger::default();
        ledger.extend(demo.audit);
        Ok(Opened {
            world: self.world(demo.changes),
            ledger: self.ledger(ledger)?,
            rules: rules(self.globals, Some(demo::RULES))?,
            aggregation: Aggregation::Stored,
            namespace: None,
        })
    }

    fn live(&mut self, options: &LiveOptions) -> Result<Opened, Complaint> {
        let (rules, ledger) = (rules(self.globals, None)?, self.ledger(Ledger::default())?);
        let target = target(options).map_err(|error| unsettled(&error.into(), None))?;
        let runtime = tokio::runtime::Runtime::new()
            .map_err(|error| Complaint::Cluster(format!("cannot start: {error}")))?;
        let reading = session::load(options.clone(), Patience::default());
        let world = self
            .watch
            .measure(Phase::Read, || runtime.block_on(reading));
        Ok(Opened {
            world: world.map_err(|error| unsettled(&error, Some(&target)))?,
            ledger,
            rules,
            aggregation: Aggregation::Stored,
            namespace: target.namespace,
        })
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
pub(super) fn rules(globals: &Globals, embedded: Option<&str>) -> Result<Arc<Rules>, Complaint> {
    let explicit = globals.rules.as_deref();
    let rules = match (explicit, embedded) {
        (None, Some(text)) => config::rules::parse(Path::new("kreach.toml"), text),
        (explicit, _) => {
            let directory = std::env::current_dir().unwrap_or_default();
            let paths = Paths::discover().unwrap_or_else(|| Paths {
                config: directory.clone(),
                state: directory.clone(),
            });
            config::rules::load(explicit, &directory, &paths)
        }
    };
    rules
        .map(Arc::new)
        .map_err(|error| Complaint::File(error.to_string()))
}
