//! The requests of each kind: pages of a list, and the stream of a watch, as model objects.
//!
//! The types differ by kind, the loop around them does not: [`Reader`] hides the type, so that the
//! loop is compiled once. Objects leave the API types at once; nothing here keeps them.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use kube::Client;
use kube::core::params::{ListParams, WatchParams};
use kube::core::{Request, WatchEvent};
use serde::Deserialize;
use tokio::time::timeout;

use super::answer::{self, SILENCE};
use super::retry::Failure;
use crate::model::{Key, Kind, Object, Scope, Shown};
use crate::source::convert::slice::BY_HAND;
use crate::source::convert::{Context, Fault, IntoObject, Mode, convert};
use crate::source::wire;

/// Objects per page. The text of one page is all that is held beside the model; smaller ones cost
/// more requests, one after the other.
const PAGE: u32 = 500;

/// How long the server may take to accept a watch; it does so before there is anything to say.
pub(super) const OPEN_LIMIT: Duration = Duration::from_secs(10);

/// How long the server keeps a watch open, in seconds. The end of a watch is also the proof that
/// the connection lives.
pub(super) const WATCH_SECONDS: u32 = 60;

/// How long a watch may be silent: its own length, and a little for the way.
pub(super) const WATCH_LIMIT: Duration = Duration::from_secs(WATCH_SECONDS as u64 + 5);

/// One page of a list.
pub(super) struct Page {
    /// The objects.
    pub objects: Vec<Object>,
    /// The version of the list, to watch from.
    pub version: String,
    /// Set if there are more pages.
    pub more: Option<String>,
}

/// One message of a watch, with the version it leads to.
pub(super) enum Event {
    /// The object is new or has changed.
    Apply(Object, String),
    /// The object is gone.
    Delete(Key, String),
    /// Nothing happened up to this version.
    Bookmark(String),
}

/// What is read.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// The kind.
    pub kind: Kind,
    /// Where.
    pub scope: Scope,
    /// In which versions of its API, the best first.
    pub versions: Vec<&'static str>,
}

/// Sends the requests of one kind in one scope.
pub(super) trait Reader: Send {
    /// Reads one page; `more` is what the page before returned.
    fn page(&mut self, more: Option<String>) -> BoxFuture<'_, Result<Page, Failure>>;

    /// Opens the watch from a version. Returns once the server has accepted it.
    fn open(&mut self, version: String) -> BoxFuture<'_, Result<(), Failure>>;

    /// The next message of the open watch; `None` at its end. Dropping the future loses nothing.
    fn next(&mut self) -> BoxFuture<'_, Option<Result<Event, Failure>>>;

    /// Goes on with the next version of the API, if there is one.
    fn downgrade(&mut self) -> bool;
}

/// A reader of a subject.
pub(super) fn reader(client: &Client, subject: &Subject) -> Box<dyn Reader> {
    match subject.kind {
        Kind::Namespace => typed::<wire::Namespace>(client, subject),
        Kind::Pod => typed::<wire::Pod>(client, subject),
        Kind::NetworkPolicy => typed::<wire::NetworkPolicy>(client, subject),
        Kind::Deployment => typed::<wire::Deployment>(client, subject),
        Kind::ReplicaSet => typed::<wire::ReplicaSet>(client, subject),
        Kind::StatefulSet => typed::<wire::StatefulSet>(client, subject),
        Kind::DaemonSet => typed::<wire::DaemonSet>(client, subject),
        Kind::Job => typed::<wire::Job>(client, subject),
        Kind::CronJob => typed::<wire::CronJob>(client, subject),
        Kind::ReplicationController => typed::<wire::ReplicationController>(client, subject),
        Kind::Service => typed::<wire::Service>(client, subject),
        Kind::Ingress => typed::<wire::Ingress>(client, subject),
        Kind::Node => typed::<wire::Node>(client, subject),
        Kind::Role => typed::<wire::Role>(client, subject),
        Kind::ClusterRole => typed::<wire::ClusterRole>(client, subject),
        Kind::RoleBinding => typed::<wire::RoleBinding>(client, subject),
        Kind::ClusterRoleBinding => typed::<wire::ClusterRoleBinding>(client, subject),
        Kind::AdminNetworkPolicy => typed::<wire::AdminNetworkPolicy>(client, subject),
        Kind::BaselineAdminNetworkPolicy => {
            typed::<wire::BaselineAdminNetworkPolicy>(client, subject)
        }
        Kind::ClusterNetworkPolicy => typed::<wire::ClusterNetworkPolicy>(client, subject),
        Kind::IngressClass => typed::<wire::IngressClass>(client, subject),
        Kind::EndpointSlice => typed::<wire::EndpointSlice>(client, subject),
        Kind::GatewayClass => typed::<wire::GatewayClass>(client, subject),
        Kind::Gateway => typed::<wire::Gateway>(client, subject),
        Kind::HttpRoute => typed::<wire::HttpRoute>(client, subject),
        Kind::GrpcRoute => typed::<wire::GrpcRoute>(client, subject),
        Kind::TlsRoute => typed::<wire::TlsRoute>(client, subject),
        Kind::TcpRoute => typed::<wire::TcpRoute>(client, subject),
        Kind::UdpRoute => typed::<wire::UdpRoute>(client, subject),
        Kind::ReferenceGrant => typed::<wire::ReferenceGrant>(client, subject),
        Kind::OpenShiftRoute => typed::<wire::OpenShiftRoute>(client, subject),
    }
}

fn typed<W: Row>(client: &Client, subject: &Subject) -> Box<dyn Reader> {
    Box::new(Typed::<W> {
        client: client.clone(),
        scope: subject.scope.clone(),
        versions: subject.versions.clone().into(),
        context: Context::new(Mode::Lenient),
        stream: None,
        kind: PhantomData,
    })
}

/// Which objects of a kind are asked for; none is all of them.
const fn wanted(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::EndpointSlice => Some(BY_HAND),
        _ => None,
    }
}

/// A wire type that can be listed.
trait Row: IntoObject + Clone + Send + 'static {}

impl<W: IntoObject + Clone + Send + 'static> Row for W {}

/// An object as the model has it.
struct Received {
    /// Nothing if it has no place in the model.
    object: Option<Object>,
    key: Key,
    version: String,
}

struct Typed<W> {
    client: Client,
    scope: Scope,
    /// The one in use, and those that are left to be tried.
    versions: VecDeque<&'static str>,
    context: Context,
    stream: Option<BoxStream<'static, kube::Result<WatchEvent<W>>>>,
    kind: PhantomData<W>,
}

/// A list without its own type and kind, which the client's type would parse and keep.
#[derive(Deserialize)]
pub(super) struct List<W> {
    /// Where the list stands.
    #[serde(default)]
    pub metadata: ListMeta,
    // `null` for an empty list, as some servers write it.
    /// The objects.
    #[serde(default = "Option::default")]
    pub items: Option<Vec<W>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListMeta {
    /// The version to watch from.
    pub resource_version: Option<String>,
    /// Set if there are more pages.
    #[serde(rename = "continue")]
    pub more: Option<String>,
}

impl<W: Row> Typed<W> {
    fn request(&self) -> Request {
        let version = self.versions.front().copied().unwrap_or("v1");
        Request::new(path(W::KIND, version, &self.scope))
    }

    fn object(&mut self, wire: W) -> Result<Received, Failure> {
        let meta = wire.meta();
        let version = meta.resource_version.clone().unwrap_or_default();
        let namespace = meta.namespace.clone().unwrap_or_default();
        let key = Key::new(namespace, meta.name.clone().unwrap_or_default());
        match convert(wire, &mut self.context) {
            Ok(object) => Ok(Received {
                object,
                key,
                version,
            }),
            Err(faults) => Err(unreadable(W::KIND, &key, &faults)),
        }
    }

    async fn read_page(&mut self, more: Option<String>) -> Result<Page, Failure> {
        let params = ListParams {
            limit: Some(PAGE),
            continue_token: more,
            label_selector: wanted(W::KIND).map(str::to_owned),
            ..ListParams::default()
        };
        let request = built(self.request().list(&params))?;
        let text = answer::text(self.client.request_stream(request), SILENCE).await?;
        let list = serde_json::from_slice::<List<W>>(&text);
        let list = list.map_err(|error| Failure::of(kube::Error::SerdeError(error)))?;
        drop(text);
        let items = list.items.unwrap_or_default();
        let mut objects = Vec::with_capacity(items.len());
        for item in items {
            objects.extend(self.object(item)?.object);
        }
        let version = list.metadata.resource_version.unwrap_or_default();
        let more = list.metadata.more.filter(|token| !token.is_empty());
        Ok(Page {
            objects,
            version,
            more,
        })
    }

    async fn open_stream(&mut self, version: String) -> Result<(), Failure> {
        let params = WatchParams {
            timeout: Some(WATCH_SECONDS),
            label_selector: wanted(W::KIND).map(str::to_owned),
            ..WatchParams::default()
        };
        self.stream = None;
        let request = built(self.request().watch(&params, &version))?;
        let answer = timeout(OPEN_LIMIT, self.client.request_events::<W>(request));
        self.stream = Some(within(answer.await)?.boxed());
        Ok(())
    }

    async fn next_event(&mut self) -> Option<Result<Event, Failure>> {
        let Ok(message) = timeout(WATCH_LIMIT, self.stream.as_mut()?.next()).await else {
            self.stream = None;
            let silent = "the connection is silent".into();
            return Some(Err(Failure::Network(silent)));
        };
        let event = match message? {
            Ok(WatchEvent::Added(wire) | WatchEvent::Modified(wire)) => {
                self.object(wire).map(|received| match received.object {
                    Some(object) => Event::Apply(object, received.version),
                    None => Event::Delete(received.key, received.version),
                })
            }
            Ok(WatchEvent::Deleted(wire)) => self.object(wire).map(|received| {
                let key = received.object.map_or(received.key, |object| object.key());
                Event::Delete(key, received.version)
            }),
            Ok(WatchEvent::Bookmark(mark)) => Ok(Event::Bookmark(mark.metadata.resource_version)),
            Ok(WatchEvent::Error(status)) => Err(Failure::of_status(&status)),
            Err(error) => Err(Failure::of(error)),
        };
        Some(event)
    }
}

impl<W: Row> Reader for Typed<W> {
    fn page(&mut self, more: Option<String>) -> BoxFuture<'_, Result<Page, Failure>> {
        self.read_page(more).boxed()
    }

    fn open(&mut self, version: String) -> BoxFuture<'_, Result<(), Failure>> {
        self.open_stream(version).boxed()
    }

    fn next(&mut self) -> BoxFuture<'_, Option<Result<Event, Failure>>> {
        self.next_event().boxed()
    }

    fn downgrade(&mut self) -> bool {
        self.versions.len() > 1 && self.versions.pop_front().is_some()
    }
}

/// Sorts the failure of a request that was never sent.
pub(super) fn built<T>(request: Result<T, kube::core::request::Error>) -> Result<T, Failure> {
    request.map_err(|error| Failure::of(kube::Error::BuildRequest(error)))
}

/// Puts the limit's failure beside the client's.
pub(super) fn within<T>(
    answer: Result<kube::Result<T>, tokio::time::error::Elapsed>,
) -> Result<T, Failure> {
    match answer {
        Ok(answer) => answer.map_err(Failure::of),
        Err(_) => Err(Failure::Network(
            "the cluster does not answer in time".into(),
        )),
    }
}

fn unreadable(kind: Kind, key: &Key, faults: &[Fault]) -> Failure {
    let fault = faults.first().map(|fault| fault.message.as_str());
    let fault = Shown::of(fault.unwrap_or("it has no name"));
    Failure::Unreadable(format!("{kind} {key} cannot be read: {fault}").into())
}

/// The path of the list. Namespaces were checked when they came in.
pub(super) fn path(kind: Kind, version: &str, scope: &Scope) -> String {
    let root = match kind.group() {
        "" => format!("/api/{version}"),
        group => format!("/apis/{group}/{version}"),
    };
    match scope {
        Scope::Cluster => format!("{root}/{}", kind.plural()),
        Scope::Namespace(namespace) => {
            format!("{root}/namespaces/{}/{}", namespace.as_str(), kind.plural())
        }
    }
}

#[cfg(test)]
mod tests;
