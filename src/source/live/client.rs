//! From kubeconfig (or the account of the pod) to a client that never asks a person anything.
//!
//! Reading the kubeconfig ([`target`]) is quick and runs nothing, so that a screen can show the
//! context at once. Making the client ([`build`]) may run a credential plugin; plugins get neither
//! our terminal nor our standard error.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::config::{ExecInteractiveMode, KubeConfigOptions, Kubeconfig, NamedContext};
use kube::{Client, Config};

use super::error::{ConnectError, about_client, about_context, about_file, about_pod};
use crate::model::Text;

/// How long a connection attempt may take. Short, because a lost cluster is tried again and again.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What the user said about the cluster.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LiveOptions {
    /// `--kubeconfig`: this file alone instead of `KUBECONFIG` or the one in the home directory.
    pub kubeconfig: Option<PathBuf>,
    /// `--context`.
    pub context: Option<String>,
    /// `-n`: where to look when the whole cluster may not be listed.
    pub namespaces: Vec<String>,
}

/// Where a connection leads, known before the first packet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// The context's name; `in-cluster` for the account of the pod.
    pub context: Text,
    /// The cluster's name in the kubeconfig.
    pub cluster: Text,
    /// Scheme, host and port of the API server.
    pub server: Text,
    /// The user entry's name in the kubeconfig.
    pub user: Option<Text>,
    /// The namespace that the context names, if it names one.
    pub namespace: Option<Text>,
    /// The program that gets the credentials, if there is one.
    pub plugin: Option<Text>,
    /// Every context of the kubeconfig, in its order; empty in a pod.
    pub contexts: Vec<Text>,
}

/// A client and where it leads.
#[derive(Clone)]
pub struct Connection {
    /// The client; it does not connect before the first request.
    pub client: Client,
    /// Where it leads.
    pub target: Target,
}

/// Leaves the client out: it holds credentials.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

/// Reads where the options lead, without running or contacting anything.
///
/// # Errors
///
/// A kubeconfig that is missing or broken, or a context that it does not have.
pub fn target(options: &LiveOptions) -> Result<Target, ConnectError> {
    Ok(match load(options)? {
        Loaded::Kubeconfig { target, .. } | Loaded::Pod { target, .. } => target,
    })
}

/// Makes a client. May take as long as the context's credential plugin does.
///
/// # Errors
///
/// What [`target`] returns, and credentials or certificates that cannot be had.
pub async fn build(options: &LiveOptions) -> Result<Connection, ConnectError> {
    let (mut config, target) = match load(options)? {
        Loaded::Kubeconfig { kubeconfig, target } => {
            let named = KubeConfigOptions {
                context: Some(target.context.as_str().to_owned()),
                ..KubeConfigOptions::default()
            };
            let has_proxy = has_proxy(&kubeconfig, &target);
            let mut config = Config::from_custom_kubeconfig(*kubeconfig, &named)
                .await
                .map_err(|error| about_context(&target.context, &error))?;
            if !has_proxy && is_loopback(&config) {
                // A proxy from the environment is not meant for this machine.
                config.proxy_url = None;
            }
            (config, target)
        }
        Loaded::Pod { config, target } => (*config, target),
    };
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    // One retry policy, ours: it knows which kinds wait and shows it.
    config.default_retry = false;
    let client = connect(config, &target).await?;
    Ok(Connection { client, target })
}

/// Credential plugins run while the client is made, and block.
async fn connect(config: Config, target: &Target) -> Result<Client, ConnectError> {
    let made = tokio::task::spawn_blocking(move || Client::try_from(config)).await;
    let reason = match made {
        Ok(Ok(client)) => return Ok(client),
        Ok(Err(
            kube::Error::ProxyProtocolDisabled { .. }
            | kube::Error::ProxyProtocolUnsupported { .. },
        )) => "connecting through a proxy is not supported".into(),
        Ok(Err(error)) => about_client(&error, target.plugin.as_ref()),
        Err(_) => "the credential plugin was interrupted".into(),
    };
    Err(ConnectError::Credentials {
        context: target.context.clone(),
        reason,
    })
}

enum Loaded {
    Kubeconfig {
        kubeconfig: Box<Kubeconfig>,
        target: Target,
    },
    Pod {
        config: Box<Config>,
        target: Target,
    },
}

fn load(options: &LiveOptions) -> Result<Loaded, ConnectError> {
    for name in &options.namespaces {
        if !is_namespace_name(name) {
            let name = name.as_str().into();
            return Err(ConnectError::Namespace { name });
        }
    }
    let files = files(options);
    let Some(mut kubeconfig) = read(&files, options)? else {
        if options.context.is_none() && env::var_os("KUBERNETES_SERVICE_HOST").is_some() {
            return pod();
        }
        return Err(ConnectError::NoKubeconfig { tried: files });
    };
    silence_plugins(&mut kubeconfig);
    let target = describe(&kubeconfig, options)?;
    Ok(Loaded::Kubeconfig {
        kubeconfig: Box::new(kubeconfig),
        target,
    })
}

/// The kubeconfig files in the order in which they win.
fn files(options: &LiveOptions) -> Vec<PathBuf> {
    if let Some(file) = &options.kubeconfig {
        return vec![file.clone()];
    }
    let listed: Vec<PathBuf> = env::var_os("KUBECONFIG")
        .map(|value| env::split_paths(&value).collect())
        .unwrap_or_default();
    let listed: Vec<PathBuf> = listed
        .into_iter()
        .filter(|path| !path.as_os_str().is_empty())
        .collect();
    if listed.is_empty() {
        let home = env::home_dir().unwrap_or_default();
        return vec![home.join(".kube").join("config")];
    }
    listed
}

/// Reads and merges what exists; like kubectl, a file that is listed but missing is no error as
/// long as another one exists. `None` if none does.
fn read(files: &[PathBuf], options: &LiveOptions) -> Result<Option<Kubeconfig>, ConnectError> {
    let mut merged: Option<Kubeconfig> = None;
    for file in files {
        if options.kubeconfig.is_none() && !file.exists() {
            continue;
        }
        let next = Kubeconfig::read_from(file).map_err(|error| about_file(file, &error))?;
        merged = Some(match merged {
            None => next,
            Some(first) => first
                .merge(next)
                .map_err(|error| about_file(file, &error))?,
        });
    }
    Ok(merged)
}

/// A plugin that asked a question would do so on top of the screen, and its messages would go
/// there too.
fn silence_plugins(kubeconfig: &mut Kubeconfig) {
    for user in &mut kubeconfig.auth_infos {
        if let Some(exec) = user.auth_info.as_mut().and_then(|auth| auth.exec.as_mut()) {
            exec.interactive_mode = Some(ExecInteractiveMode::Never);
        }
    }
}

fn describe(kubeconfig: &Kubeconfig, options: &LiveOptions) -> Result<Target, ConnectError> {
    let known = || -> Vec<Text> {
        let names = kubeconfig.contexts.iter().map(|named| named.name.as_str());
        names.map(Text::from).collect()
    };
    let current = kubeconfig.current_context.as_deref();
    let Some(name) = options
        .context
        .as_deref()
        .or(current.filter(|n| !n.is_empty()))
    else {
        return Err(ConnectError::NoContext { known: known() });
    };
    let found = kubeconfig.contexts.iter().find(|named| named.name == name);
    let Some(context) = found.and_then(|named: &NamedContext| named.context.as_ref()) else {
        let name = name.into();
        return Err(ConnectError::UnknownContext {
            name,
            known: known(),
        });
    };
    let namespace = context.namespace.as_deref().filter(|n| !n.is_empty());
    if let Some(namespace) = namespace.filter(|n| !is_namespace_name(n)) {
        let name = namespace.into();
        return Err(ConnectError::Namespace { name });
    }
    Ok(Target {
        context: name.into(),
        cluster: context.cluster.as_str().into(),
        server: server(kubeconfig, &context.cluster).into(),
        user: context.user.as_deref().map(Text::from),
        namespace: namespace.map(Text::from),
        plugin: context
            .user
            .as_deref()
            .and_then(|user| plugin(kubeconfig, user)),
        contexts: kubeconfig
            .contexts
            .iter()
            .map(|context| context.name.as_str().into())
            .collect(),
    })
}

/// The address without path, user information or query.
fn server(kubeconfig: &Kubeconfig, cluster: &str) -> String {
    let found = kubeconfig
        .clusters
        .iter()
        .find(|named| named.name == cluster);
    let server = found.and_then(|named| named.cluster.as_ref()?.server.as_deref());
    let server = server.unwrap_or_default();
    let (scheme, rest) = server.split_once("://").unwrap_or(("https", server));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

/// The file name of the user's credential plugin: its arguments and folder say nothing a person
/// needs.
fn plugin(kubeconfig: &Kubeconfig, user: &str) -> Option<Text> {
    let found = kubeconfig
        .auth_infos
        .iter()
        .find(|named| named.name == user)?;
    let command = found
        .auth_info
        .as_ref()?
        .exec
        .as_ref()?
        .command
        .as_deref()?;
    let name = Path::new(command).file_name()?.to_string_lossy();
    Some(name.as_ref().into())
}

fn has_proxy(kubeconfig: &Kubeconfig, target: &Target) -> bool {
    let named = |name: &str| name == target.cluster.as_str();
    let cluster = kubeconfig
        .clusters
        .iter()
        .find(|cluster| named(&cluster.name));
    let proxy = cluster.and_then(|named| named.cluster.as_ref()?.proxy_url.as_deref());
    proxy.is_some_and(|url| !url.is_empty())
}

fn is_loopback(config: &Config) -> bool {
    let host = config.cluster_url.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn pod() -> Result<Loaded, ConnectError> {
    let config = Config::incluster().map_err(|error| about_pod(&error))?;
    let target = Target {
        context: "in-cluster".into(),
        cluster: "in-cluster".into(),
        server: config.cluster_url.to_string().trim_end_matches('/').into(),
        user: None,
        namespace: Some(config.default_namespace.as_str().into()),
        plugin: None,
        contexts: Vec::new(),
    };
    Ok(Loaded::Pod {
        config: Box::new(config),
        target,
    })
}

/// Whether the API server would accept the name; anything else must not get into a request path.
pub(super) fn is_namespace_name(name: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&name.len())
        && name.bytes().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

#[cfg(test)]
mod tests;
