//! Who is who in the cluster, and what they may do.

use k8s_openapi::api::authentication::v1::TokenRequest;
use k8s_openapi::api::core::v1::{Pod, ServiceAccount};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, RoleBinding};
use kube::Client;
use kube::api::{Api, PostParams};
use serde_json::{Value, json};

use super::people::Person;
use crate::cluster::{Admin, create};
use crate::server::{Server, User};

pub const USERS: &[User] = &[
    User::new("admin", &["system:masters"]),
    User::new("alice", &["app-devs"]),
    User::new("bob", &["platform-security"]),
    User::new("carol", &["auditors"]),
    User::new("kreach", &[]),
];

/// What builds and deploys applications.
pub const ACCOUNT: &str = "system:serviceaccount:shop:ci-deployer";
/// What delivers policies from Git.
pub const CONTROLLER: &str = "system:serviceaccount:argocd:argocd-application-controller";

/// Everybody with their credentials.
pub struct Scene {
    pub admin: Person,
    pub alice: Person,
    pub bob: Person,
    pub carol: Person,
    /// Without credentials.
    pub nobody: Person,
    /// With a token that the server never gave out.
    pub stranger: Person,
    pub deployer: Person,
    /// The same account, with a token that is bound to a pod.
    pub runner: Person,
    pub controller: Person,
}

impl Scene {
    pub async fn set(server: &Server) -> Self {
        let admin = Admin::of(server).await;
        admin.grant_reading().await;
        for namespace in ["shop", "payments", "argocd"] {
            admin.namespace(namespace).await;
        }
        let admin = Person::of(server, "admin").await;
        let client = admin.client();
        grant(&client).await;
        let pod = runner_pod(&client).await;
        let token = async |account: (&str, &str), bound: Option<Value>| {
            let token = token(&client, account, bound).await;
            Person::bearing(server, Some(&token)).await
        };
        let deployer = ("shop", "ci-deployer");
        Self {
            alice: Person::of(server, "alice").await,
            bob: Person::of(server, "bob").await,
            carol: Person::of(server, "carol").await,
            nobody: Person::bearing(server, None).await,
            stranger: Person::bearing(server, Some("token-of-somebody-else")).await,
            deployer: token(deployer, None).await,
            runner: token(deployer, Some(pod)).await,
            controller: token(("argocd", "argocd-application-controller"), None).await,
            admin,
        }
    }
}

async fn grant(client: &Client) {
    let role = |name: &str, rules: Value| json!({"metadata": {"name": name}, "rules": rules});
    let policies = |verbs: &[&str]| {
        json!([{
            "apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": verbs,
        }])
    };
    let all = [
        "get",
        "list",
        "create",
        "update",
        "patch",
        "delete",
        "deletecollection",
    ];
    let impersonate = json!([{
        "apiGroups": [""], "resources": ["users", "groups"], "verbs": ["impersonate"],
        "resourceNames": ["bob", "platform-security"],
    }]);
    for (name, rules) in [
        ("netpol-owner", policies(&all)),
        ("developer", policies(&all)),
        ("auditor", policies(&["get", "list"])),
        ("stand-in", impersonate),
    ] {
        create::<ClusterRole>(&Api::all(client.clone()), role(name, rules)).await;
    }
    for (name, subject) in [
        ("netpol-owner", group("platform-security")),
        (
            "netpol-owner",
            account("argocd", "argocd-application-controller"),
        ),
        ("auditor", group("auditors")),
        ("stand-in", group("app-devs")),
    ] {
        let binding = binding(name, &subject);
        create::<ClusterRoleBinding>(&Api::all(client.clone()), binding).await;
    }
    for subject in [group("app-devs"), account("shop", "ci-deployer")] {
        let bindings: Api<RoleBinding> = Api::namespaced(client.clone(), "shop");
        create(&bindings, binding("developer", &subject)).await;
    }
}

fn group(name: &str) -> Value {
    json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": name})
}

fn account(namespace: &str, name: &str) -> Value {
    json!({"kind": "ServiceAccount", "namespace": namespace, "name": name})
}

fn binding(role: &str, subject: &Value) -> Value {
    let subject_name = subject["name"].as_str().unwrap();
    json!({
        "metadata": {"name": format!("{role}-{subject_name}")},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role,
        },
        "subjects": [subject],
    })
}

/// A pod that a token can be bound to.
async fn runner_pod(client: &Client) -> Value {
    for (namespace, name) in [
        ("shop", "ci-deployer"),
        ("argocd", "argocd-application-controller"),
    ] {
        let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), namespace);
        create(&accounts, json!({"metadata": {"name": name}})).await;
    }
    let pods: Api<Pod> = Api::namespaced(client.clone(), "shop");
    let pod = json!({
        "metadata": {"name": "runner-0"},
        "spec": {
            "serviceAccountName": "ci-deployer",
            "containers": [{"name": "main", "image": "example/runner"}],
        },
    });
    create(&pods, pod).await;
    let uid = pods.get("runner-0").await.unwrap().metadata.uid.unwrap();
    json!({"apiVersion": "v1", "kind": "Pod", "name": "runner-0", "uid": uid})
}

async fn token(client: &Client, (namespace, name): (&str, &str), bound: Option<Value>) -> String {
    let request: TokenRequest = serde_json::from_value(json!({
        "metadata": {},
        "spec": {"audiences": [], "boundObjectRef": bound},
    }))
    .unwrap();
    let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), namespace);
    let answer = accounts
        .create_token_request(name, &PostParams::default(), &request)
        .await
        .unwrap();
    answer.status.unwrap().token.unwrap()
}
