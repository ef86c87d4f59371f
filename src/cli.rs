//! The command line: what can be typed, and what it starts.
//!
//! `kreach` alone is the explorer; every subcommand prints one answer and ends with an [`Exit`].
//! Nothing is computed here: [`run`] opens a source and hands the answers to `report`.

mod asked;
pub mod can;
mod check;
pub mod complain;
mod config;
pub mod connections;
pub mod console;
mod diff;
pub mod drafts;
pub mod exit;
mod explore;
mod feed;
pub mod globals;
mod guard;
mod history;
mod look;
pub mod matrix;
pub mod missing;
pub mod open;
pub mod paths;
mod preferences;
pub mod run;
mod snapshot;
pub mod timing;
pub mod who_can;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub use exit::Exit;
pub use globals::{Color, Format, Globals, IpBlockPods, SourceChoice, UsageError};
pub use guard::KubernetesVersion;
pub use run::main;

use crate::exposure::Level;

/// Version of the program and of the Kubernetes types it was built with.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (Kubernetes types v1.37)");

const EXIT_CODES: &str = "Exit codes:
  0  yes, or nothing found
  1  no, or findings at or above the threshold
  2  usage, or input that cannot be accepted
  3  cannot be decided: the cluster could not be reached or read, or data is missing";

/// Who can reach whom in your Kubernetes cluster, why, and who decided so
///
/// Without a command, kreach is an interactive explorer of the current kubeconfig context. It only
/// ever reads from the cluster.
#[derive(Parser, Clone, PartialEq, Eq, Debug)]
#[command(name = "kreach", version = VERSION, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    /// Options typed before the command.
    #[command(flatten)]
    pub globals: Globals,
    /// What to print; the explorer without one.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What can be printed.
#[derive(Subcommand, Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Is it allowed, and why: exit 0 allowed, 1 denied, 3 unknown
    Can(With<CanArgs>),
    /// Every allowed connection
    Connections(With<ConnectionsArgs>),
    /// Possible multi-hop paths: exit 0 if there is one, 1 if none, 3 if it is not known
    Paths(With<PathsArgs>),
    /// How much namespaces or workloads may reach of each other
    Matrix(With<MatrixArgs>),
    /// Exposed workloads, worst first: exit 1 if one is at or above the threshold
    Exposed(With<ExposedArgs>),
    /// Every policy: who changed it last, on which evidence, and whether they own it
    Policies(With<PoliciesArgs>),
    /// Who builds, who decides the network, who decides access: exit 1 if one hand holds too much
    Duties(With<DutiesArgs>),
    /// Everybody whom RBAC lets do something, with the chain; with --as, exit 0 yes, 1 no, 3 unknown
    WhoCan(With<WhoCanArgs>),
    /// What opened and closed between two clusters, snapshots or sets of manifests
    Diff(With<DiffArgs>),
    /// Whether assertions hold: exit 0 all hold, 1 some fail, 3 some cannot be decided
    Check(With<CheckArgs>),
    /// Save the state of the cluster for later or for someone else
    Snapshot(With<SnapshotArgs>),
    /// Print manifests that keep policy writing with its owners; nothing is applied
    Guard(With<GuardArgs>),
    /// The files of your own: settings, keys, theme
    Config {
        /// What to print
        #[arg(value_enum)]
        action: ConfigAction,
    },
    /// Print shell completions
    Completions {
        /// The shell to complete for
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

/// `kreach config`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConfigAction {
    /// Where the files are
    Path,
    /// What is in effect, as files that say the same
    Print,
    /// Whether the files are right: exit 2 with the place if one is not
    Check,
}

/// A command's own arguments, and the global options typed after its name.
#[derive(Args, Clone, PartialEq, Eq, Debug)]
pub struct With<A: Args> {
    /// The command's own.
    #[command(flatten)]
    pub args: A,
    /// Options typed after the command.
    #[command(flatten)]
    pub globals: Globals,
}

/// `kreach can`.
#[derive(Args, Clone, PartialEq, Eq, Debug)]
pub struct CanArgs {
    /// Where the connection starts: namespace/name, namespace/kind/name, an address, a CIDR or
    /// internet
    #[arg(value_name = "SRC")]
    pub source: String,
    /// Where it ends, with a port number or name; without one, every port is asked about
    #[arg(value_name = "DST[:PORT[/PROTO]]")]
    pub destination: String,
    /// Show the smallest edits that would turn the verdict round, with their side effects; nothing
    /// is applied
    #[arg(long)]
    pub suggest: bool,
}

/// `kreach connections`.
#[derive(Args, Clone, PartialEq, Eq, Debug)]
pub struct ConnectionsArgs {
    /// Only connections with this end on either side
    #[arg(long, value_name = "END")]
    pub of: Option<String>,
    /// Only connections from this end
    #[arg(long, value_name = "END")]
    pub source: Option<String>,
    /// Only connections to this end
    #[arg(long, value_name = "END")]
    pub destination: Option<String>,
    /// Only this port, 5432 or 53/udp
    #[arg(long, value_name = "PORT[/PROTO]")]
    pub port: Option<String>,
    /// What a line is about
    #[arg(long, value_name = "WHAT", default_value = "workload")]
    pub by: By,
}

/// What a line of `kreach connections` is about.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// Top-level owners of pods
    Workload,
    /// Single pods
    Pod,
}

/// `kreach paths`.
#[derive(Args, Clone, PartialEq, Eq, Debug)]
pub struct PathsArgs {
    /// Where paths start: namespace/name, namespace/kind/name, an address, a CIDR or internet
    #[arg(value_name = "SRC")]
    pub source: String,
    /// Where they lead to, with a port number or name of the last hop
    #[arg(
        value_name = "DST[:PORT[/PROTO]]",
        required_unless_present = "blast_radius"
    )]
    pub destination: Option<String>,
    /// Only hops over this port, 22 or 53/udp
    #[arg(long, value_name = "PORT[/PROTO]")]
    pub port: Option<String>,
    /// How many paths to list, shortest first
    #[arg(short = 'k', long, value_name = "N", default_value_t = 10,
          value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub count: u16,
    /// Hops of a path, at most
    #[arg(long, value_name = "N", default_value_t = 4,
          value_parser = clap::value_parser!(u16).range(1..=32))]
    pub max_hops: u16,
    /// Only hops to a port that a container of the destination declares
    #[arg(long)]
    pub listening: bool,
    /// From outside, count pods that nothing publishes too, if their policies admit the addresses
    #[arg(long)]
    pub unpublished: bool,
    /// Also say what every path needs, which rules let it through, and the smallest cut
    #[arg(long)]
    pub choke_points: bool,
    /// Instead of paths, everything that SRC reaches, is reached by, or both, over any number of
    /// hops
    #[arg(
        long,
        value_name = "WHICH",
        conflicts_with_all = ["destination", "choke_points"],
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "both"
    )]
    pub blast_radius: Option<Blast>,
}

/// Which way `kreach paths --blast-radius` looks.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blast {
    /// What it reaches
    Reaches,
    /// What reaches it
    ReachedBy,
    /// Both
    Both,
}

/// `kreach matrix`.
#[derive(Args, Clone, PartialEq, Eq, Debug)]
pub struct MatrixArgs {
    /// What a row and a column are about
    #[arg(long, value_name = "WHAT", default_value = "namespace")]
    pub by: MatrixBy,
    /// Only these rows and columns: a namespace, or namespace/name with --by workload (repeatable)
    #[arg(long, value_name = "PLACE")]
    pub of: Vec<String>,
    /// Only these rows (repeatable)
    #[arg(long, value_name = "PLACE")]
    pub source: Vec<String>,
    /// Only these columns (repeatable)
    #[arg(long, value_name = "PLACE")]
    pub destination: Vec<String>,
    /// Count rows and columns that look alike together
    #[arg(long)]
    pub fold: bool,
    /// One line for each place, all others together; for clusters too large for a map
    #[arg(long, conflicts_with_all = ["fold", "source", "destination"])]
    pub totals: bool,
}

/// What a row and a column of `kreach matrix` are about.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum MatrixBy {
    /// Namespaces
    Namespace,
    /// Top-level owners of pods
    Workload,
}

/// `kreach exposed`.
#[derive(Args, Clone, PartialEq, Eq, Debug)]
pub struct ExposedArgs {
    /// End with exit code 1 if a workload is at this level or worse
    #[arg(long, value_name = "LEVEL", default_value = "internet")]
    pub fail_on: FailOn,
    /// List every workload, also those that nothing outside their namespace reaches
    #[arg(long)]
    pub all: bool,
    /// List only workloads at these levels (repeatable)
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub level: Vec<LevelName>,
}

/// A level of `kreach exposed`, worst first.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum LevelName {
    /// Open to the world
    Internet,
    /// Published to the world, but only listed clients come in
    InternetLimited,
    /// Open to whoever reaches a node
    NodePorts,
    /// Open to the private network
    InternalLb,
    /// Any address may come in by policy, nothing publishes it
    OpenUnpublished,
    /// Every pod of the cluster may come in
    Cluster,
    /// Pods of some other namespace may come in
    Namespaces,
    /// Only pods of its own namespace may come in
    Namespace,
    /// Nobody may come in
    Closed,
    /// Cannot be said
    Unknown,
}

impl LevelName {
    /// The level.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::Internet => Level::Internet,
            Self::InternetLimited => Level::InternetLimited,
            Self::NodePorts => Level::NodePorts,
            Self::InternalLb => Level::InternalLb,
            Self::OpenUnpublished => Level::OpenUnpublished,
            Self::Cluster => Level::Cluster,
            Self::Namespaces => Level::Namespaces,
            Self::Namespace => Level::Namespace,
            Self::Closed => Level::Closed,
            Self::Unknown => Level::Unknown,
        }
    }
}

/// Threshold of `kreach exposed`, worst first.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailOn {
    /// Open to the world
    Internet,
    /// Published to the world, but only listed clients come in
    InternetLimited,
    /// Open to whoever reaches a node
    NodePorts,
    /// Open to the private network
    InternalLb,
    /// Any address may come in by policy, nothing publishes it
    OpenUnpublished,
    /// Every pod of the cluster may come in
    Cluster,
    /// Never
    Never,
}

impl FailOn {
    /// Whether a workload at `level` counts as a finding. An unknown level never does by itself.
    #[must_use]
    pub fn reached_by(self, level: Level) -> bool {
        let worst = match self {
            Self::Internet => Level::Internet,
            Self::InternetLimited => Level::InternetLimited,
            Self::NodePorts => Level::NodePorts,
            Self::InternalLb => Level::InternalLb,
            Self::OpenUnpublished => Level::OpenUnpublished,
            Self::Cluster => Level::Cluster,
            Self::Never => return false,
        };
        level <= worst
    }
}

/// `kreach duties`.
#[derive(Args, Clone, Copy, PartialEq, Eq, Debug)]
pub struct DutiesArgs {
    /// List the controllers of Kubernetes itself too
    #[arg(long, conflicts_with = "conflicts")]
    pub all: bool,
    /// List only subjects in conflict
    #[arg(long)]
    pub conflicts: bool,
    /// What a line is about; JSON has both
    #[arg(long, value_name = "WHAT", default_value = "subject")]
    pub by: DutiesBy,
}

/// `kreach policies`.
#[derive(Args, Clone, PartialEq, Eq, Debug)]
pub struct PoliciesArgs {
    /// Every version of one policy instead: what changed in each, and who set its rules
    #[arg(long, value_name = "[KIND/][NAMESPACE/]NAME")]
    pub history: Option<String>,
}

/// What a line of `kreach duties` is about.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum DutiesBy {
    /// A subject in a namespace
    Subject,
    /// A namespace: how many hold what, and who holds all three
    Namespace,
}

/// `kreach who-can`.
#[derive(Args, Clone, PartialEq, Eq, Debug)]
pub struct WhoCanArgs {
    /// What is done: create, update, patch, delete, get, impersonate, *
    #[arg(value_name = "VERB")]
    pub verb: String,
    /// To what: `plural[.group][/subresource]`, such as networkpolicies, pods/exec or
    /// rollouts.argoproj.io
    #[arg(value_name = "RESOURCE")]
    pub resource: String,
    /// Only this object
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// In the whole cluster: every namespace at once, or what is in none
    #[arg(long)]
    pub cluster_scope: bool,
    /// Ask about this user alone; a ServiceAccount is system:serviceaccount:NAMESPACE:NAME
    #[arg(long = "as", value_name = "USER")]
    pub user: Option<String>,
    /// A group of that user (repeatable)
    #[arg(long = "as-group", value_name = "GROUP", requires = "user")]
    pub groups: Vec<String>,
}

/// `kreach diff`.
#[derive(Args, Clone, PartialEq, Eq, Debug)]
pub struct DiffArgs {
    /// Before: a file, a directory, - for standard input, a snapshot, live or demo
    #[arg(value_name = "BASE")]
    pub base: String,
    /// After: the same [default: what the global options name, else the live cluster]
    #[arg(value_name = "TARGET")]
    pub target: Option<String>,
    /// What a line is about
    #[arg(long, value_name = "WHAT", default_value = "workload")]
    pub by: By,
    /// End with exit code 1 if something like this is found
    #[arg(long, value_name = "WHAT", default_value = "never")]
    pub fail_on: DiffFailOn,
}

/// Threshold of `kreach diff`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum DiffFailOn {
    /// A connection that is allowed or unknown on a port where it was not
    Opened,
    /// Any difference
    Any,
    /// Never
    Never,
}

/// `kreach check`.
#[derive(Args, Clone, PartialEq, Eq, Debug)]
pub struct CheckArgs {
    /// Files of lines such as `shop/web -> data/db:5432/tcp deny` or `… allow`, with comments from
    /// # on; - is standard input. A line holds if `kreach can` gives that answer
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    pub assert: Vec<PathBuf>,
}

/// `kreach snapshot`.
#[derive(Args, Clone, PartialEq, Eq, Debug)]
pub struct SnapshotArgs {
    /// Where to save it; - is standard output
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `kreach guard`.
#[derive(Args, Clone, PartialEq, Eq, Debug)]
pub struct GuardArgs {
    /// What to print [default: all of it]
    #[arg(value_name = "PART")]
    pub parts: Vec<GuardPart>,
    /// What decides at admission
    #[arg(long, value_name = "ENGINE", default_value = "native")]
    pub engine: EngineName,
    /// Version of the cluster, which decides what it can do at admission, as 1.36; a live cluster
    /// is asked
    #[arg(long, value_name = "VERSION")]
    pub kubernetes: Option<KubernetesVersion>,
    /// Print nothing; say which of it the cluster or the manifests have: exit 0 all, 1 not all, 3
    /// unknown
    #[arg(long)]
    pub verify: bool,
}

/// A part of `kreach guard`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum GuardPart {
    /// The role that writes policies, bound to the owners of the rules file
    OwnerRole,
    /// A copy of the cluster's role edit that cannot write policies
    EditRole,
    /// Who changed a policy last, written into it at admission, and its protection
    Stamp,
    /// Policy writes by owners only, whatever RBAC says
    Owners,
    /// The read-only role for kreach itself
    Reader,
}

/// What decides at admission.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum EngineName {
    /// The API server's own admission policies
    Native,
    /// Kyverno
    Kyverno,
    /// OPA Gatekeeper
    Gatekeeper,
}

impl Cli {
    /// The command as clap knows it, named after the way the program was called: installed as
    /// `kubectl-kreach` it is `kubectl kreach`.
    #[must_use]
    pub fn command_for(program: &OsStr) -> clap::Command {
        let command = Self::command();
        match Path::new(program).file_stem() {
            Some(name) if name == "kubectl-kreach" => command.bin_name("kubectl kreach"),
            _ => command,
        }
    }
}

#[cfg(test)]
mod tests;
