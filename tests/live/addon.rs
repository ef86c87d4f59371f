//! Kinds that come with an add-on, and objects of any kind, as plain JSON.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use kreach::model::Kind;
use kube::Client;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, Request};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::server::Server;

/// A kind that has to be installed.
#[derive(Clone, Copy)]
pub struct Addon {
    pub group: &'static str,
    pub kind: &'static str,
    pub plural: &'static str,
    pub namespaced: bool,
}

/// The kinds of another API that the tests use.
pub const CILIUM: [Addon; 2] = [
    Addon {
        group: "cilium.io",
        kind: "CiliumNetworkPolicy",
        plural: "ciliumnetworkpolicies",
        namespaced: true,
    },
    Addon {
        group: "cilium.io",
        kind: "CiliumClusterwideNetworkPolicy",
        plural: "ciliumclusterwidenetworkpolicies",
        namespaced: false,
    },
];

impl Addon {
    pub fn of(kind: Kind) -> Self {
        Self {
            group: kind.group(),
            kind: kind.name(),
            plural: kind.plural(),
            namespaced: kind.is_namespaced(),
        }
    }

    /// The path of the list in one version, or of the objects of one namespace.
    fn path(self, version: &str, namespace: Option<&str>) -> String {
        let root = match self.group {
            "" => format!("/api/{version}"),
            group => format!("/apis/{group}/{version}"),
        };
        match namespace.filter(|_| self.namespaced) {
            Some(namespace) => format!("{root}/namespaces/{namespace}/{}", self.plural),
            None => format!("{root}/{}", self.plural),
        }
    }

    fn name(self) -> String {
        format!("{}.{}", self.plural, self.group)
    }
}

/// Sends requests whose types nobody needs.
pub struct Raw {
    client: Client,
}

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

impl Raw {
    pub async fn of(server: &Server, user: &str) -> Self {
        let client = server.client(user).await;
        Self { client }
    }

    /// Installs a kind that takes whatever it is given, and waits until it is served.
    pub async fn install(&self, addon: Addon, versions: &[&str]) {
        let definition = definition(addon, versions);
        self.post(DEFINITIONS, &definition).await;
        let began = Instant::now();
        for version in versions {
            while self.list(addon, version).await.is_none() {
                let limit = Duration::from_secs(30);
                assert!(began.elapsed() < limit, "{} is not served", addon.kind);
                sleep(Duration::from_millis(50)).await;
            }
        }
    }

    pub async fn uninstall(&self, addon: Addon) {
        let request = Request::new(DEFINITIONS).delete(&addon.name(), &DeleteParams::default());
        self.client
            .request::<Value>(request.unwrap())
            .await
            .unwrap();
    }

    /// Creates an object, and sets its status as the one who is in charge of it would.
    pub async fn create(&self, object: &Value) {
        let kind = object["kind"].as_str().unwrap();
        let mut known = Kind::ALL.into_iter().map(Addon::of).chain(CILIUM);
        let addon = known.find(|known| known.kind == kind).unwrap();
        let version = object["apiVersion"].as_str().unwrap();
        let version = version.rsplit('/').next().unwrap();
        let path = addon.path(version, object["metadata"]["namespace"].as_str());
        self.post(&path, object).await;
        if addon.group.is_empty() && object.get("status").is_some() {
            let status = Patch::Merge(json!({ "status": object["status"] }));
            let name = object["metadata"]["name"].as_str().unwrap();
            let plain = PatchParams::default();
            let request = Request::new(path).patch_subresource("status", name, &plain, &status);
            self.client
                .request::<Value>(request.unwrap())
                .await
                .unwrap();
        }
    }

    /// All objects of a kind as the server lists them; nothing if it does not have the version.
    async fn list(&self, addon: Addon, version: &str) -> Option<Value> {
        let request = Request::new(addon.path(version, None)).list(&ListParams::default());
        match self.client.request(request.unwrap()).await {
            Ok(list) => Some(list),
            Err(kube::Error::Api(status)) if [404, 503].contains(&status.code) => None,
            Err(error) => panic!("{}: {error}", addon.kind),
        }
    }

    /// Writes every object of every kind into a directory, one file per kind.
    pub async fn export(&self, directory: &Path) {
        let kinds = Kind::ALL.into_iter().map(Addon::of).chain(CILIUM);
        for addon in kinds {
            for version in ["v1", "v1beta1", "v1alpha2", "v1alpha1", "v2"] {
                if let Some(list) = self.list(addon, version).await {
                    let file = directory.join(format!("{}.json", addon.name()));
                    fs::write(file, list.to_string()).unwrap();
                    break;
                }
            }
        }
    }

    async fn post(&self, path: &str, object: &Value) {
        let body = serde_json::to_vec(object).unwrap();
        let request = Request::new(path).create(&PostParams::default(), body);
        let made = self.client.request::<Value>(request.unwrap()).await;
        made.unwrap_or_else(|error| panic!("{path}: {error}"));
    }
}

fn definition(addon: Addon, versions: &[&str]) -> Value {
    let open = json!({"openAPIV3Schema": {
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": true,
    }});
    let version = |(i, name): (usize, &&str)| json!({"name": name, "served": true, "storage": i == 0, "schema": open});
    let versions: Vec<Value> = versions.iter().enumerate().map(version).collect();
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": addon.name(),
            // Groups of Kubernetes itself are protected.
            "annotations": {"api-approved.kubernetes.io": "unapproved, for a test"},
        },
        "spec": {
            "group": addon.group,
            "names": {"kind": addon.kind, "plural": addon.plural},
            "scope": if addon.namespaced { "Namespaced" } else { "Cluster" },
            "versions": versions,
        },
    })
}

/// The documents of a file of tests/fixtures/live.
pub fn fixture(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/live");
    let text = fs::read_to_string(path.join(name)).unwrap();
    let documents = text.split("\n---\n");
    documents
        .map(|document| serde_saphyr::from_str(document).unwrap())
        .collect()
}
