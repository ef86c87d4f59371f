//! Single objects of any kind, and which versions of an API a cluster serves: for questions that are
//! asked once, not watched.

use std::collections::HashMap;

use kube::Client;
use kube::api::{GetParams, Request};
use serde_json::Value;

use super::answer::{SILENCE, text};
use super::client::Connection;
use super::retry::{Failure, Unauthorized};
use crate::model::{Shown, Text};

/// What a cluster says about an object.
#[derive(Clone, PartialEq, Debug)]
pub enum Looked {
    /// It is there.
    Found(Value),
    /// It is not, or its API is not served.
    Absent,
    /// Nobody can tell, and why, escaped.
    Unreadable(String),
}

/// An API group in a version, and the plurals of its kinds.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Version {
    name: String,
    plurals: HashMap<String, String>,
}

/// Asks a cluster about single objects.
pub struct Lookup {
    client: Client,
    groups: HashMap<String, Result<Vec<Version>, String>>,
}

impl Lookup {
    /// Asks over this connection; nothing is sent yet.
    #[must_use]
    pub fn over(connection: Connection) -> Self {
        Self {
            client: connection.client,
            groups: HashMap::new(),
        }
    }

    /// The versions in which a kind of a named group is served, the preferred one first; none if it
    /// is not served.
    ///
    /// # Errors
    ///
    /// Why nobody can tell, escaped.
    pub async fn versions(&mut self, group: &str, kind: &str) -> Result<Vec<String>, String> {
        let versions = self.group(group).await?;
        let serving = versions
            .iter()
            .filter(|version| version.plurals.contains_key(kind));
        Ok(serving.map(|version| version.name.clone()).collect())
    }

    /// One object of a named group. Names that no object can have are absent.
    pub async fn object(
        &mut self,
        (group, kind): (&str, &str),
        (namespace, name): (&str, &str),
    ) -> Looked {
        let plain = |text: &str| {
            text.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-.:".contains(&b))
        };
        if !plain(group) || !plain(namespace) || !plain(name) || name.is_empty() {
            return Looked::Absent;
        }
        let versions = match self.group(group).await {
            Ok(versions) => versions,
            Err(why) => return Looked::Unreadable(why),
        };
        let found = versions
            .iter()
            .find_map(|version| Some((&version.name, version.plurals.get(kind)?)));
        let Some((version, plural)) = found else {
            return Looked::Absent;
        };
        let path = if namespace.is_empty() {
            format!("/apis/{group}/{version}/{plural}")
        } else {
            format!("/apis/{group}/{version}/namespaces/{namespace}/{plural}")
        };
        match self.get(&path, name).await {
            Ok(Some(object)) => Looked::Found(object),
            Ok(None) => Looked::Absent,
            Err(why) => Looked::Unreadable(why),
        }
    }

    async fn group(&mut self, group: &str) -> Result<Vec<Version>, String> {
        if let Some(known) = self.groups.get(group) {
            return known.clone();
        }
        let read = self.read_group(group).await;
        self.groups.insert(group.to_owned(), read.clone());
        read
    }

    async fn read_group(&self, group: &str) -> Result<Vec<Version>, String> {
        let Some(about) = self.get("/apis", group).await? else {
            return Ok(Vec::new());
        };
        let preferred = about
            .pointer("/preferredVersion/version")
            .and_then(Value::as_str);
        let listed = about["versions"].as_array().into_iter().flatten();
        let listed = listed.filter_map(|version| version["version"].as_str());
        let mut names: Vec<&str> = preferred.into_iter().collect();
        names.extend(listed.filter(|name| Some(*name) != preferred));
        let mut versions = Vec::new();
        for name in names {
            let path = format!("/apis/{group}");
            let resources = self.get(&path, name).await?.unwrap_or_default();
            versions.push(Version {
                name: name.to_owned(),
                plurals: plurals(&resources),
            });
        }
        Ok(versions)
    }

    /// What is at a path; nothing if there is nothing.
    async fn get(&self, path: &str, name: &str) -> Result<Option<Value>, String> {
        let request = Request::new(path).get(name, &GetParams::default());
        let request = request.map_err(|error| Shown::of(&error.to_string()).to_string())?;
        let read = text(self.client.request_stream(request), SILENCE).await;
        match read {
            Ok(bytes) => {
                let value = serde_json::from_slice(&bytes);
                value
                    .map(Some)
                    .map_err(|_| format!("the answer for {path} is not JSON"))
            }
            Err(Failure::Absent) => Ok(None),
            Err(failure) => Err(why(&failure).shown().to_string()),
        }
    }
}

/// Plurals by kind, without subresources.
fn plurals(resources: &Value) -> HashMap<String, String> {
    let listed = resources["resources"].as_array().into_iter().flatten();
    let pairs = listed.filter_map(|resource| {
        let (kind, name) = (resource["kind"].as_str()?, resource["name"].as_str()?);
        let plain = name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        plain.then(|| (kind.to_owned(), name.to_owned()))
    });
    pairs.collect()
}

fn why(failure: &Failure) -> Text {
    match failure {
        Failure::Refused(why)
        | Failure::Network(why)
        | Failure::Unreadable(why)
        | Failure::Unauthorized(Unauthorized::Refused(why)) => why.clone(),
        Failure::Unauthorized(Unauthorized::Missing(_)) => "there are no credentials".into(),
        Failure::Gone | Failure::Absent => "it is gone".into(),
    }
}
