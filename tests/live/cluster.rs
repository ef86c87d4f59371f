//! What the tests put into a cluster, and what its audit log says about a user.

use std::fs;

use k8s_openapi::api::core::v1::{Namespace, Pod};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
use kube::Client;
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::server::{Server, User};

/// Those whom the server knows: one who sets the scene, one with kreach's read-only role, and one
/// with rights in a single namespace.
pub const USERS: &[User] = &[
    User::new("admin", &["system:masters"]),
    User::new("kreach", &[]),
    User::new("dev", &[]),
];

/// What kreach reads in every cluster.
const BUILT_IN: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "namespaces",
            "pods",
            "services",
            "nodes",
            "replicationcontrollers",
        ],
    ),
    (
        "apps",
        &["deployments", "replicasets", "statefulsets", "daemonsets"],
    ),
    ("batch", &["jobs", "cronjobs"]),
    (
        "networking.k8s.io",
        &["networkpolicies", "ingresses", "ingressclasses"],
    ),
    ("discovery.k8s.io", &["endpointslices"]),
    (
        "rbac.authorization.k8s.io",
        &[
            "roles",
            "clusterroles",
            "rolebindings",
            "clusterrolebindings",
        ],
    ),
];

/// What kreach reads where there is more, the kinds of another API in the tests included.
const ADD_ONS: &[(&str, &[&str])] = &[
    ("policy.networking.k8s.io", &["*"]),
    ("gateway.networking.k8s.io", &["*"]),
    ("route.openshift.io", &["routes"]),
    ("cilium.io", &["*"]),
];

/// Writes to the cluster as its administrator.
pub struct Admin {
    client: Client,
}

impl Admin {
    pub async fn of(server: &Server) -> Self {
        let client = server.client("admin").await;
        Self { client }
    }

    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Lets `kreach` read the whole cluster.
    pub async fn grant_reading(&self) {
        self.grant(&[BUILT_IN, ADD_ONS].concat()).await;
    }

    /// Lets `kreach` read everything but add-ons.
    pub async fn grant_built_in(&self) {
        self.grant(BUILT_IN).await;
    }

    async fn grant(&self, read: &[(&str, &[&str])]) {
        let rules: Vec<Value> = read
            .iter()
            .map(|(group, resources)| rule(group, resources))
            .collect();
        let role = json!({"metadata": {"name": "kreach"}, "rules": rules});
        create::<ClusterRole>(&Api::all(self.client.clone()), role).await;
        let binding = json!({
            "metadata": {"name": "kreach"},
            "roleRef": role_ref("ClusterRole", "kreach"),
            "subjects": [user("kreach")],
        });
        create::<ClusterRoleBinding>(&Api::all(self.client.clone()), binding).await;
    }

    /// Lets `dev` read pods and policies of one namespace.
    pub async fn grant_namespace(&self, namespace: &str) {
        let rules = [
            rule("", &["pods"]),
            rule("networking.k8s.io", &["networkpolicies"]),
        ];
        let role = json!({"metadata": {"name": "dev"}, "rules": rules});
        create::<Role>(&Api::namespaced(self.client.clone(), namespace), role).await;
        let binding = json!({
            "metadata": {"name": "dev"},
            "roleRef": role_ref("Role", "dev"),
            "subjects": [user("dev")],
        });
        create::<RoleBinding>(&Api::namespaced(self.client.clone(), namespace), binding).await;
    }

    pub async fn namespace(&self, name: &str) {
        let namespace = json!({"metadata": {"name": name, "labels": {"team": name}}});
        create::<Namespace>(&Api::all(self.client.clone()), namespace).await;
    }

    /// A pod as a kubelet would leave it: running, with an address.
    pub async fn pod(&self, namespace: &str, name: &str, ip: &str) {
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), namespace);
        let pod = json!({
            "metadata": {"name": name, "labels": {"app": name}},
            "spec": {"containers": [{
                "name": "main",
                "image": "example/main",
                "ports": [{"name": "http", "containerPort": 8080}],
            }]},
        });
        create(&pods, pod).await;
        let status = json!({"status": {"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}]}});
        let status = Patch::Merge(status);
        let plain = PatchParams::default();
        pods.patch_status(name, &plain, &status).await.unwrap();
    }

    pub async fn label_pod(&self, namespace: &str, name: &str, value: &str) {
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), namespace);
        let labels = Patch::Merge(json!({"metadata": {"labels": {"app": value}}}));
        let plain = PatchParams::default();
        pods.patch(name, &plain, &labels).await.unwrap();
    }

    /// A policy that denies all ingress to the pods with the label `app: <name>`.
    pub async fn policy(&self, namespace: &str, name: &str) {
        let policy = json!({
            "metadata": {"name": name},
            "spec": {
                "podSelector": {"matchLabels": {"app": name}},
                "policyTypes": ["Ingress"],
            },
        });
        create::<NetworkPolicy>(&self.policies(namespace), policy).await;
    }

    pub async fn delete_policy(&self, namespace: &str, name: &str) {
        let policies = self.policies(namespace);
        policies
            .delete(name, &DeleteParams::default())
            .await
            .unwrap();
    }

    fn policies(&self, namespace: &str) -> Api<NetworkPolicy> {
        Api::namespaced(self.client.clone(), namespace)
    }
}

/// Creates an object that must be accepted.
pub async fn create<K>(api: &Api<K>, object: Value)
where
    K: kube::Resource + Clone + std::fmt::Debug + DeserializeOwned + serde::Serialize,
{
    let object: K = serde_json::from_value(object).unwrap();
    api.create(&PostParams::default(), &object).await.unwrap();
}

fn rule(group: &str, resources: &[&str]) -> Value {
    json!({"apiGroups": [group], "resources": resources, "verbs": ["get", "list", "watch"]})
}

fn role_ref(kind: &str, name: &str) -> Value {
    json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name})
}

fn user(name: &str) -> Value {
    json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name})
}

/// The events of the audit log, oldest first.
pub fn audit_events(server: &Server) -> Vec<Value> {
    let log = fs::read_to_string(server.audit_log()).unwrap();
    // A killed server may leave half a line.
    let events = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    events.collect()
}

/// The verbs of one user's requests for one resource, oldest first.
pub fn verbs(server: &Server, user: &str, resource: &str) -> Vec<String> {
    let events = audit_events(server).into_iter();
    let of_user = events.filter(|event| event["user"]["username"] == user);
    let of_resource = of_user.filter(|event| event["objectRef"]["resource"] == resource);
    let verbs = of_resource.map(|event| event["verb"].as_str().unwrap().to_owned());
    verbs.collect()
}

/// Fails if the user sent anything but reads, or nothing at all.
pub fn assert_read_only(server: &Server, user: &str) {
    let events = audit_events(server).into_iter();
    let of_user = events.filter(|event| event["user"]["username"] == user);
    let all: Vec<Value> = of_user.collect();
    assert!(!all.is_empty(), "no request of {user} is in the audit log");
    for event in all {
        let verb = event["verb"].as_str().unwrap();
        assert!(
            ["get", "list", "watch"].contains(&verb),
            "{user} sent {verb} {}",
            event["requestURI"]
        );
    }
}
