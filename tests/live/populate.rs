//! Puts a generated cluster into a real API server, many objects at once.

use futures::{StreamExt, stream};
use k8s_openapi::api::core::v1::{Namespace, Node, Pod};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kreach::model::{Object, World};
use kube::Client;
use kube::api::{Api, Patch, PatchParams};
use serde_json::{Value, json};

use crate::cluster::create;
use crate::manifest::manifest;

/// Requests under way: enough to keep the server busy, and no more.
const AT_ONCE: usize = 32;

/// Creates the namespaces, nodes, pods and network policies of `world`.
pub async fn populate(client: &Client, world: &World) {
    let spaces = world.namespaces.values();
    all(
        client,
        spaces.map(|space| Object::Namespace((**space).clone())),
    )
    .await;
    let nodes = world.nodes.values();
    let pods = world.pods.values();
    let policies = world.policies.values();
    let rest = nodes
        .map(|node| Object::Node((**node).clone()))
        .chain(pods.map(|pod| Object::Pod((**pod).clone())))
        .chain(policies.map(|policy| Object::NetworkPolicy(Box::new((**policy).clone()))));
    all(client, rest).await;
}

async fn all(client: &Client, objects: impl Iterator<Item = Object>) {
    let each = |object: Object| async move { put(client.clone(), &object).await };
    stream::iter(objects)
        .for_each_concurrent(AT_ONCE, each)
        .await;
}

async fn put(client: Client, object: &Object) {
    let value = manifest(object);
    match object {
        // The server has some of them already.
        Object::Namespace(space) => {
            let spaces: Api<Namespace> = Api::all(client);
            let ours = PatchParams::apply("populate").force();
            let name = space.name.as_str();
            spaces
                .patch(name, &ours, &Patch::Apply(value))
                .await
                .unwrap();
        }
        Object::Node(node) => {
            with_status::<Node>(&Api::all(client), node.name.as_str(), value).await;
        }
        Object::Pod(pod) => {
            let pods: Api<Pod> = Api::namespaced(client, pod.key.namespace.as_str());
            with_status(&pods, pod.key.name.as_str(), accepted(value)).await;
        }
        Object::NetworkPolicy(policy) => {
            let policies = Api::namespaced(client, policy.key.namespace.as_str());
            create::<NetworkPolicy>(&policies, value).await;
        }
        other => panic!("{other:?} is not part of a generated cluster"),
    }
}

/// The server keeps no status that comes with a new object.
async fn with_status<K>(api: &Api<K>, name: &str, object: Value)
where
    K: kube::Resource + Clone + std::fmt::Debug + serde::de::DeserializeOwned + serde::Serialize,
{
    let status = Patch::Merge(json!({ "status": object["status"] }));
    create(api, object).await;
    let plain = PatchParams::default();
    api.patch_status(name, &plain, &status).await.unwrap();
}

/// A pod manifest with what the server insists on and kreach does not read.
fn accepted(mut pod: Value) -> Value {
    pod["spec"]["containers"][0]["image"] = json!("none");
    for owner in pod["metadata"]["ownerReferences"].as_array_mut().unwrap() {
        owner["uid"] = owner["name"].clone();
    }
    pod["status"]["hostIP"] = pod["status"]["hostIPs"][0]["ip"].clone();
    pod
}
