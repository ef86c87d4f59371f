//! Why a cluster cannot be reached, in one sentence each.
//!
//! A message never holds a token, a password, the output of a credential plugin or a line of the
//! kubeconfig: what the client library says is taken apart, not passed on.

use std::error::Error as StdError;
use std::path::{Path, PathBuf};

use kube::client::AuthError;
use kube::config::{InClusterError, KubeconfigError};

use crate::model::Text;
use crate::model::text::Shown;

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// There is no kubeconfig and this is not a pod.
    #[error(
        "no kubeconfig found at {}; name one with --kubeconfig, or use --from or --demo",
        paths(.tried)
    )]
    NoKubeconfig {
        /// The files that were looked for.
        tried: Vec<PathBuf>,
    },
    /// A kubeconfig cannot be read.
    #[error("cannot read kubeconfig {}: {}", path(.file), .reason.shown())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        reason: Text,
    },
    /// A kubeconfig is not valid.
    #[error("{}{}: {}", path(.file), position(*.place), .reason.shown())]
    Parse {
        /// The file.
        file: PathBuf,
        /// Line and column, counted from one.
        place: Option<(u64, u64)>,
        /// What is wrong, without the file's own words.
        reason: Text,
    },
    /// The kubeconfig names no current context.
    #[error("no current context is set; choose one with --context{}", choices(.known))]
    NoContext {
        /// The contexts there are.
        known: Vec<Text>,
    },
    /// There is no such context.
    #[error("no context {} in the kubeconfig{}", .name.shown(), choices(.known))]
    UnknownContext {
        /// What was asked for.
        name: Text,
        /// The contexts there are.
        known: Vec<Text>,
    },
    /// Something that the context needs is missing or unusable.
    #[error("context {}: {}", .context.shown(), .reason.shown())]
    Context {
        /// The context.
        context: Text,
        /// What is wrong with it.
        reason: Text,
    },
    /// A namespace that cannot exist.
    #[error("{:?} is not a namespace name: lower case letters, digits and dashes only", .name)]
    Namespace {
        /// What was given.
        name: Text,
    },
    /// The account of the pod cannot be used.
    #[error("cannot use the service account of this pod: {}", .reason.shown())]
    InCluster {
        /// What is missing.
        reason: Text,
    },
    /// No credentials could be had.
    #[error("no credentials for context {}: {}", .context.shown(), .reason.shown())]
    Credentials {
        /// The context.
        context: Text,
        /// What happened.
        reason: Text,
    },
}

impl ConnectError {
    /// Whether the input is at fault (exit code 2) and not the cluster or its credentials (3).
    #[must_use]
    pub const fn is_input(&self) -> bool {
        match self {
            Self::NoKubeconfig { .. } | Self::InCluster { .. } | Self::Credentials { .. } => false,
            Self::Read { .. }
            | Self::Parse { .. }
            | Self::NoContext { .. }
            | Self::UnknownContext { .. }
            | Self::Context { .. }
            | Self::Namespace { .. } => true,
        }
    }
}

fn path(path: &Path) -> String {
    Shown::of(&path.to_string_lossy()).to_string()
}

fn paths(all: &[PathBuf]) -> String {
    let shown: Vec<String> = all.iter().map(|one| path(one)).collect();
    shown.join(", ")
}

fn position(place: Option<(u64, u64)>) -> String {
    place.map_or_else(String::new, |(line, column)| format!(":{line}:{column}"))
}

fn choices(known: &[Text]) -> String {
    if known.is_empty() {
        return "; it has none".to_owned();
    }
    let names: Vec<String> = known.iter().map(|name| name.shown().to_string()).collect();
    format!("; it has {}", names.join(", "))
}

/// Turns a failure to read one kubeconfig file into a sentence about that file.
pub(super) fn about_file(file: &Path, error: &KubeconfigError) -> ConnectError {
    let file = file.to_owned();
    match error {
        KubeconfigError::ReadConfig(error, _) => ConnectError::Read {
            file,
            reason: error.to_string().into(),
        },
        KubeconfigError::Parse(error) => ConnectError::Parse {
            place: error
                .location()
                .map(|at| (at.line(), at.column()))
                .filter(|(line, _)| *line > 0),
            reason: without_values(&first_line(&error.without_snippet().to_string())).into(),
            file,
        },
        other => ConnectError::Parse {
            place: None,
            reason: other.to_string().into(),
            file,
        },
    }
}

/// Turns a failure to use a context into a sentence about that context.
pub(super) fn about_context(context: &Text, error: &KubeconfigError) -> ConnectError {
    let reason = match error {
        KubeconfigError::LoadClusterOfContext(cluster) => {
            format!("the kubeconfig has no cluster {cluster}")
        }
        KubeconfigError::MissingClusterUrl => "its cluster has no server".to_owned(),
        KubeconfigError::ParseClusterUrl(error) => {
            format!("the server of its cluster is not a URL: {error}")
        }
        KubeconfigError::ParseProxyUrl(error) => {
            format!("the proxy of its cluster is not a URL: {error}")
        }
        other => other.to_string(),
    };
    ConnectError::Context {
        context: context.clone(),
        reason: reason.into(),
    }
}

/// Turns a missing or broken pod account into a sentence.
pub(super) fn about_pod(error: &InClusterError) -> ConnectError {
    ConnectError::InCluster {
        reason: error.to_string().into(),
    }
}

/// What went wrong while a client was made; `program` is the credential plugin of the context.
pub(super) fn about_client(error: &kube::Error, program: Option<&Text>) -> Text {
    match auth_error(error) {
        Some(error) => about_credentials(error, program),
        None => cause(error),
    }
}

/// The credential failure inside a request failure, if it is one.
pub(super) fn auth_error(error: &kube::Error) -> Option<&AuthError> {
    match error {
        kube::Error::Auth(error) => Some(error),
        kube::Error::Service(error) => {
            let mut next: Option<&(dyn StdError + 'static)> = Some(&**error);
            while let Some(error) = next {
                if let Some(found) = error.downcast_ref() {
                    return Some(found);
                }
                next = error.source();
            }
            None
        }
        _ => None,
    }
}

/// Says why there are no credentials, without anything a plugin wrote to its output: that is where
/// the token is.
pub(super) fn about_credentials(error: &AuthError, program: Option<&Text>) -> Text {
    let program = program.map_or_else(|| "a program".into(), |name| name.shown().to_string());
    let sentence = match error {
        AuthError::AuthExecStart(error) => {
            format!("the credential plugin {program} cannot be started: {error}")
        }
        AuthError::AuthExecRun { out, .. } => {
            let said = String::from_utf8_lossy(&out.stderr);
            let last = said.lines().rev().find(|line| !line.trim().is_empty());
            let last = last.map_or_else(String::new, |line| format!(": {}", line.trim()));
            format!(
                "the credential plugin {program} failed, {}{last}",
                out.status
            )
        }
        AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed => {
            format!("the credential plugin {program} gave an answer that is no credential")
        }
        AuthError::MissingCommand => "its credential plugin has no command".to_owned(),
        AuthError::ReadTokenFile(error, file) => {
            format!("cannot read the token file {}: {error}", file.display())
        }
        AuthError::InvalidBasicAuth(_) => "its user name or password has a line break".to_owned(),
        AuthError::InvalidBearerToken(_) => "its token holds a line break".to_owned(),
        AuthError::NoValidNativeRootCA(error) => format!("no root certificates: {error}"),
        _ => "its way to authenticate is not supported or failed".to_owned(),
    };
    sentence.into()
}

/// The innermost cause of an error: the outer layers of the client say little.
pub(super) fn cause(error: &(dyn StdError + 'static)) -> Text {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    first_line(&inner.to_string()).into()
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// A parser's message without the values it quotes, which may be secrets. Field names that it
/// misses are ours and stay.
fn without_values(message: &str) -> String {
    let mut out = String::new();
    let mut rest = message;
    while let Some(start) = rest.find(['"', '`', '\'']) {
        let (before, quoted) = rest.split_at(start);
        out.push_str(before);
        let quote = &quoted[..1];
        let body = &quoted[1..];
        let Some(end) = body
            .rfind(quote)
            .filter(|_| quote == "\"")
            .or_else(|| body.find(quote))
        else {
            out.push('…');
            return out;
        };
        if before.ends_with("missing field ") {
            out.push_str(&quoted[..end + 2]);
        } else {
            out.push('…');
        }
        rest = &body[end + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parser_message_loses_the_values_it_quotes() {
        assert_eq!(
            without_values("invalid type: string \"ey\\\"J\", expected a map"),
            "invalid type: string …, expected a map"
        );
        assert_eq!(
            without_values("invalid value: integer `12`"),
            "invalid value: integer …"
        );
        assert_eq!(without_values("found \"half"), "found …");
        assert_eq!(
            without_values("missing field `name`"),
            "missing field `name`"
        );
    }

    #[test]
    fn a_failed_plugin_is_named_with_its_status_and_last_line_only() {
        let out = std::process::Command::new("sh")
            .args([
                "-c",
                "echo token-abc; echo first >&2; echo 'please log in' >&2; exit 3",
            ])
            .output()
            .unwrap();
        let error = AuthError::AuthExecRun {
            cmd: "\"aws\" \"--secret\" \"s3cret\"".into(),
            out: Box::new(out),
        };
        let said = about_credentials(&error, Some(&"aws".into()));
        assert_eq!(
            said.as_str(),
            "the credential plugin aws failed, exit status: 3: please log in"
        );
    }
}
