//! Objects of which only the place matters: they are counted, and nothing else of them is read.

use std::collections::BTreeMap;

use futures::StreamExt;
use futures::stream::BoxStream;
use kube::Client;
use kube::core::params::{ListParams, WatchParams};
use kube::core::{Request, WatchEvent};
use serde::Deserialize;
use tokio::time::timeout;

use super::answer::{self, SILENCE};
use super::resource::{List, OPEN_LIMIT, WATCH_SECONDS, built, within};
use super::retry::Failure;
use crate::model::Text;

/// Objects per page: several times as many as of whole objects are as large.
const PAGE: u32 = 500;

/// How many objects there are in each namespace, or in none.
pub(super) type Counts = BTreeMap<Option<Text>, usize>;

/// An object.
#[derive(Clone, Deserialize)]
pub(super) struct Placed {
    /// Where it is.
    #[serde(default)]
    pub metadata: Place,
}

/// Where an object is.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    /// Its namespace, if it has one.
    #[serde(default)]
    pub namespace: Option<Text>,
    /// Its version.
    #[serde(default)]
    pub resource_version: Option<String>,
}

/// The messages of a watch.
pub(super) type Events = BoxStream<'static, kube::Result<WatchEvent<Placed>>>;

/// Counts all objects of the list at a path; also returns the version to watch from.
///
/// # Errors
///
/// What the server or the way to it fails with.
pub(super) async fn count(client: &Client, path: &str) -> Result<(Counts, String), Failure> {
    let mut counts = Counts::new();
    let mut params = ListParams::default().limit(PAGE);
    loop {
        let request = built(Request::new(path).list_metadata(&params))?;
        let text = answer::text(client.request_stream(request), SILENCE).await?;
        let page = serde_json::from_slice::<List<Placed>>(&text);
        let page = page.map_err(|error| Failure::of(kube::Error::SerdeError(error)))?;
        for object in page.items.unwrap_or_default() {
            *counts.entry(object.metadata.namespace).or_default() += 1;
        }
        params.continue_token = page.metadata.more.filter(|token| !token.is_empty());
        if params.continue_token.is_none() {
            return Ok((counts, page.metadata.resource_version.unwrap_or_default()));
        }
    }
}

/// Watches the list at a path from a version.
///
/// # Errors
///
/// What the server or the way to it fails with.
pub(super) async fn watch(client: &Client, path: &str, version: &str) -> Result<Events, Failure> {
    let params = WatchParams {
        timeout: Some(WATCH_SECONDS),
        ..WatchParams::default()
    };
    let request = built(Request::new(path).watch_metadata(&params, version))?;
    let answer = timeout(OPEN_LIMIT, client.request_events(request));
    Ok(within(answer.await)?.boxed())
}
