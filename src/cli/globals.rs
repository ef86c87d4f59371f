//! Options that every command has, accepted before or after the command's name.
//!
//! Both places are parsed on their own and merged here: lists add up, and an option with one value
//! is refused when both places have it, so that nothing is dropped silently.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};
use thiserror::Error;

use crate::model::Text;
use crate::reach::{BlocksMatchPods, Options};

/// The options themselves, as typed in one place.
#[derive(Args, Clone, PartialEq, Eq, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "flags as typed; SourceChoice and Console are what the program goes by"
)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Kubeconfig context to use instead of the current one
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
    /// Kubeconfig file to use instead of $KUBECONFIG and ~/.kube/config
    #[arg(long, value_name = "PATH")]
    pub kubeconfig: Option<PathBuf>,
    /// Read manifests or a snapshot instead of a cluster: a file, a directory, or - for standard
    /// input (repeatable)
    #[arg(long, value_name = "PATH")]
    pub from: Vec<PathBuf>,
    /// Use the built-in demo cluster
    #[arg(long)]
    pub demo: bool,
    /// API server audit log that says who changed what: a file, a directory, or - (repeatable)
    #[arg(long, value_name = "PATH")]
    pub audit_log: Vec<PathBuf>,
    /// The team's rules (owners, trusted accounts) instead of ./kreach.toml
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
    /// Only these namespaces; a single one is also where bare names are looked up
    #[arg(short, long, value_name = "A,B", value_delimiter = ',')]
    pub namespace: Vec<String>,
    /// All namespaces, which is the default
    #[arg(short = 'A', long)]
    pub all_namespaces: bool,
    /// Output format [default: table]
    #[arg(short, long, value_name = "FORMAT")]
    pub output: Option<Format>,
    /// Colour in tables [default: auto]
    #[arg(long, value_name = "WHEN")]
    pub color: Option<Color>,
    /// Whether ipBlock rules match the addresses of pods [default: match]
    #[arg(long, value_name = "HOW")]
    pub ipblock_pods: Option<IpBlockPods>,
    /// Print the time of each phase and the peak memory as one JSON line on standard error
    #[arg(long)]
    pub timings: bool,
    /// Say more on standard error (repeatable)
    #[arg(short, action = ArgAction::Count)]
    pub verbose: u8,
    /// Say nothing on standard error but errors
    #[arg(short, long)]
    pub quiet: bool,
}

/// Output formats.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Format {
    /// Aligned columns for people
    #[default]
    Table,
    /// One document with a schema version
    Json,
    /// Comma-separated values, where the answer is a list
    Csv,
    /// Markdown for a pull request, where the answer is a list
    Md,
    /// Graphviz, where the answer is a graph
    Dot,
    /// A mermaid flowchart, where the answer is a graph
    Mermaid,
}

impl Format {
    /// As typed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Md => "md",
            Self::Dot => "dot",
            Self::Mermaid => "mermaid",
        }
    }
}

/// When tables are coloured.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How `ipBlock` treats pods (IPB-04).
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum IpBlockPods {
    /// A block matches a pod by its address
    #[default]
    Match,
    /// A block never matches a pod
    Ignore,
}

/// Exactly one place where the state comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SourceChoice {
    /// The built-in demo.
    Demo,
    /// Manifests or a snapshot.
    Files(Vec<PathBuf>),
    /// A cluster.
    Live {
        /// The kubeconfig context, else the current one.
        context: Option<String>,
        /// The kubeconfig file, else the usual ones.
        kubeconfig: Option<PathBuf>,
    },
}

/// Options that cannot be used together.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum UsageError {
    /// One value, given before and after the command's name.
    #[error("{0} is given both before and after the command")]
    Twice(&'static str),
    /// Two options that exclude each other.
    #[error("{0} cannot be used with {1}")]
    Conflict(&'static str, &'static str),
    /// An answer that is not written in a format, and those that it is written in.
    #[error("this answer is not written as {0}; use {1}")]
    Format(&'static str, String),
    /// More than one input wants standard input.
    #[error("- can be given once only: there is one standard input")]
    StdinTwice,
}

impl Globals {
    /// Joins what was given before the command's name with what came after it.
    ///
    /// # Errors
    ///
    /// An option with one value was given in both places.
    pub fn merged(self, after: Self) -> Result<Self, UsageError> {
        Ok(Self {
            context: once("--context", self.context, after.context)?,
            kubeconfig: once("--kubeconfig", self.kubeconfig, after.kubeconfig)?,
            from: joined(self.from, after.from),
            demo: self.demo || after.demo,
            audit_log: joined(self.audit_log, after.audit_log),
            rules: once("--rules", self.rules, after.rules)?,
            namespace: joined(self.namespace, after.namespace),
            all_namespaces: self.all_namespaces || after.all_namespaces,
            output: once("--output", self.output, after.output)?,
            color: once("--color", self.color, after.color)?,
            ipblock_pods: once("--ipblock-pods", self.ipblock_pods, after.ipblock_pods)?,
            timings: self.timings || after.timings,
            verbose: self.verbose.saturating_add(after.verbose),
            quiet: self.quiet || after.quiet,
        })
    }

    /// Refuses options that exclude each other and says where the state comes from.
    ///
    /// # Errors
    ///
    /// Which two options exclude each other.
    pub fn source(&self) -> Result<SourceChoice, UsageError> {
        let live = [
            ("--context", self.context.is_some()),
            ("--kubeconfig", self.kubeconfig.is_some()),
        ];
        let live = live
            .into_iter()
            .find_map(|(name, given)| given.then_some(name));
        self.one_stdin(std::iter::empty())?;
        if self.all_namespaces && !self.namespace.is_empty() {
            return Err(UsageError::Conflict("--all-namespaces", "--namespace"));
        }
        if self.quiet && self.verbose > 0 {
            return Err(UsageError::Conflict("--quiet", "-v"));
        }
        match (self.demo, self.from.is_empty(), live) {
            (true, false, _) => Err(UsageError::Conflict("--demo", "--from")),
            (true, true, Some(name)) => Err(UsageError::Conflict("--demo", name)),
            (false, false, Some(name)) => Err(UsageError::Conflict("--from", name)),
            (true, true, None) => Ok(SourceChoice::Demo),
            (false, false, None) => Ok(SourceChoice::Files(self.from.clone())),
            (false, true, _) => Ok(SourceChoice::Live {
                context: self.context.clone(),
                kubeconfig: self.kubeconfig.clone(),
            }),
        }
    }

    /// Refuses standard input that several of the options, or `more`, want to read.
    ///
    /// # Errors
    ///
    /// They do.
    pub fn one_stdin<'a>(
        &'a self,
        more: impl Iterator<Item = &'a OsStr>,
    ) -> Result<(), UsageError> {
        let own = self.from.iter().chain(&self.audit_log);
        let all = own.map(|path| path.as_os_str()).chain(more);
        if all.filter(|path| *path == "-").count() > 1 {
            return Err(UsageError::StdinTwice);
        }
        Ok(())
    }

    /// How the engine reads the policies.
    #[must_use]
    pub fn options(&self) -> Options {
        let blocks_match_pods = match self.ipblock_pods.unwrap_or_default() {
            IpBlockPods::Match => BlocksMatchPods::Match,
            IpBlockPods::Ignore => BlocksMatchPods::Ignore,
        };
        Options { blocks_match_pods }
    }

    /// The namespaces that a listing is restricted to; empty is all.
    #[must_use]
    pub fn namespaces(&self) -> Vec<Text> {
        self.namespace
            .iter()
            .map(|name| Text::from(name.as_str()))
            .collect()
    }
}

fn once<T>(
    name: &'static str,
    before: Option<T>,
    after: Option<T>,
) -> Result<Option<T>, UsageError> {
    match (before, after) {
        (Some(_), Some(_)) => Err(UsageError::Twice(name)),
        (before, after) => Ok(before.or(after)),
    }
}

fn joined<T>(mut before: Vec<T>, after: Vec<T>) -> Vec<T> {
    before.extend(after);
    before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_before_and_after_the_command_add_up() {
        let before = Globals {
            from: vec!["a".into()],
            ..Globals::default()
        };
        let after = Globals {
            from: vec!["b".into()],
            ..Globals::default()
        };
        let merged = before.merged(after).unwrap();
        assert_eq!(
            merged.source(),
            Ok(SourceChoice::Files(vec!["a".into(), "b".into()]))
        );
    }

    #[test]
    fn one_value_in_both_places_is_refused() {
        let one = Globals {
            context: Some("a".to_owned()),
            ..Globals::default()
        };
        assert_eq!(one.clone().merged(one), Err(UsageError::Twice("--context")));
    }

    #[test]
    fn sources_exclude_each_other() {
        let demo = Globals {
            demo: true,
            ..Globals::default()
        };
        let with = |from: &[&str], context: Option<&str>| {
            Globals {
                from: from.iter().map(Into::into).collect(),
                context: context.map(Into::into),
                ..demo.clone()
            }
            .source()
        };
        assert_eq!(with(&[], None), Ok(SourceChoice::Demo));
        assert_eq!(
            with(&["x"], None),
            Err(UsageError::Conflict("--demo", "--from"))
        );
        assert_eq!(
            with(&[], Some("c")),
            Err(UsageError::Conflict("--demo", "--context"))
        );
    }

    #[test]
    fn standard_input_feeds_one_input_only() {
        let both = Globals {
            from: vec!["-".into()],
            audit_log: vec!["-".into()],
            ..Globals::default()
        };
        assert_eq!(both.source(), Err(UsageError::StdinTwice));
    }
}
