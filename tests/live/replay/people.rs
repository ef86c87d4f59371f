//! People with different credentials, and the requests that they send.

use kube::api::{GetParams, Request};
use kube::client::Body;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::{Value, json};

use crate::server::Server;

/// One request about the policies of a namespace.
#[derive(Clone, Debug)]
pub struct Call {
    method: &'static str,
    namespace: &'static str,
    /// Of the object, or empty.
    name: String,
    query: Vec<String>,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Option<Value>,
}

impl Call {
    fn new(method: &'static str, name: &str) -> Self {
        Self {
            method,
            namespace: "shop",
            name: name.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
        }
    }

    pub fn create(object: Value) -> Self {
        Self::new("POST", "").with(object)
    }

    pub fn get(name: &str) -> Self {
        Self::new("GET", name)
    }

    pub fn replace(name: &str, object: Value) -> Self {
        Self::new("PUT", name).with(object)
    }

    pub fn delete(name: &str) -> Self {
        Self::new("DELETE", name)
    }

    /// Deletes what the label selector matches.
    pub fn delete_all(selector: &str) -> Self {
        Self::new("DELETE", "").query(&format!("labelSelector={selector}"))
    }

    pub fn merge(name: &str, patch: Value) -> Self {
        Self::patch(name, "application/merge-patch+json", patch)
    }

    /// What `kubectl apply` sends to an object that exists.
    pub fn strategic(name: &str, patch: Value) -> Self {
        Self::patch(name, "application/strategic-merge-patch+json", patch)
    }

    pub fn operations(name: &str, operations: Value) -> Self {
        Self::patch(name, "application/json-patch+json", operations)
    }

    /// A server-side apply.
    pub fn apply(name: &str, manager: &str, object: Value) -> Self {
        let call = Self::patch(name, "application/apply-patch+yaml", object);
        call.query(&format!("fieldManager={manager}"))
    }

    fn patch(name: &str, content: &'static str, patch: Value) -> Self {
        let call = Self::new("PATCH", name).header("content-type", content);
        call.with(patch)
    }

    /// With this body.
    pub fn with(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub fn query(mut self, parameter: &str) -> Self {
        self.query.push(parameter.to_owned());
        self
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.as_bytes().to_vec()));
        self
    }

    pub fn within(mut self, namespace: &'static str) -> Self {
        self.namespace = namespace;
        self
    }

    /// As somebody else.
    pub fn acting_as(self, user: &str, groups: &[&str]) -> Self {
        let call = self.header("impersonate-user", user);
        let with_group = |call: Self, group: &&str| call.header("impersonate-group", group);
        groups.iter().fold(call, with_group)
    }

    fn uri(&self) -> String {
        let mut uri = format!(
            "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
            self.namespace
        );
        if !self.name.is_empty() {
            uri = format!("{uri}/{}", self.name);
        }
        if self.query.is_empty() {
            uri
        } else {
            format!("{uri}?{}", self.query.join("&"))
        }
    }
}

/// Somebody with credentials, or without.
pub struct Person(Client);

impl Person {
    pub async fn of(server: &Server, user: &str) -> Self {
        Self(server.client(user).await)
    }

    /// Whoever bears the token; `None` is nobody.
    pub async fn bearing(server: &Server, token: Option<&str>) -> Self {
        let text = std::fs::read_to_string(server.kubeconfig("admin")).unwrap();
        let mut kubeconfig: Value = serde_json::from_str(&text).unwrap();
        kubeconfig["users"][0]["user"] = match token {
            Some(token) => json!({ "token": token }),
            None => json!({}),
        };
        let kubeconfig = Kubeconfig::from_yaml(&kubeconfig.to_string()).unwrap();
        let options = KubeConfigOptions::default();
        let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
        Self(Client::try_from(config.unwrap()).unwrap())
    }

    pub fn client(&self) -> Client {
        self.0.clone()
    }

    /// Sends a request that must be answered with `code`; gives the body.
    pub async fn sends(&self, call: Call, code: u16) -> Value {
        let (got, body) = self.answer(call.clone()).await;
        assert_eq!(got, code, "{call:?}: {body}");
        body
    }

    /// Sends a request; gives the status code and the body.
    pub async fn answer(&self, call: Call) -> (u16, Value) {
        let body = call
            .body
            .as_ref()
            .map_or_else(Vec::new, |body| body.to_string().into());
        let any = Request::new("").get("any", &GetParams::default()).unwrap();
        let mut request = any.map(|_| Body::from(body));
        *request.method_mut() = call.method.parse().unwrap();
        *request.uri_mut() = call.uri().parse().unwrap();
        let headers = request.headers_mut();
        headers.insert("content-type", "application/json".parse().unwrap());
        for (name, value) in call.headers {
            let value = value.as_slice().try_into().unwrap();
            if name == "impersonate-group" {
                headers.append(name, value);
            } else {
                headers.insert(name, value);
            }
        }
        let response = self.0.send(request).await.unwrap();
        let code = response.status().as_u16();
        let bytes = response.into_body().collect_bytes().await.unwrap();
        (code, serde_json::from_slice(&bytes).unwrap_or_default())
    }
}
