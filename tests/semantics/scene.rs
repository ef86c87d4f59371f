//! Small clusters in words, and the verdicts expected of them.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use kreach::model::{
    Change, Direction, Inventory, Key, Kind, MemberIdx, Protocol, Readiness, Scope, Text, World,
};
use kreach::reach::{Answer, BlocksMatchPods, End, Explanation, Options, Reach, Verdict};
use kreach::source::files;
use serde_json::{Value, json};

/// A cluster as manifests.
#[derive(Clone, Default)]
pub struct Scene {
    manifests: String,
    unreadable: Vec<Kind>,
    options: Options,
}

/// A question: who, to whom, on which port.
struct Asked<'a> {
    from: &'a str,
    to: &'a str,
    protocol: Protocol,
    port: u16,
}

impl Scene {
    /// One line for each object, namespaces before pods or not at all:
    ///
    /// ```text
    /// ns shop env=prod
    /// node n1 10.9.0.1 203.0.113.1 role=edge
    /// pod shop/web app=web 10.0.0.1 http:80/tcp on:n1 host phase:Failed
    /// deployment shop/db app=db db:5432/tcp
    /// ```
    pub fn of(lines: &str) -> Self {
        let mut scene = Self::default();
        for line in lines.lines().filter(|line| !line.trim().is_empty()) {
            let mut words = line.split_whitespace();
            let (kind, name) = (words.next().unwrap(), words.next().unwrap());
            let words: Vec<&str> = words.collect();
            scene.put(&match kind {
                "ns" => json!({
                    "apiVersion": "v1", "kind": "Namespace",
                    "metadata": { "name": name, "labels": labels(&words) },
                }),
                "node" => node(name, &words),
                "pod" => pod(name, &words),
                "deployment" => deployment(name, &words),
                other => panic!("no object {other}"),
            });
        }
        scene
    }

    fn put(&mut self, object: &Value) {
        writeln!(self.manifests, "---\n{object}").unwrap();
    }

    /// Adds a manifest as text.
    pub fn with(mut self, yaml: &str) -> Self {
        writeln!(self.manifests, "---\n{yaml}").unwrap();
        self
    }

    /// Adds a NetworkPolicy; the spec is YAML in flow style.
    pub fn policy(self, name: &str, spec: &str) -> Self {
        let (namespace, name) = name.split_once('/').unwrap();
        self.with(&format!(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n\
             metadata: {{namespace: {namespace}, name: {name}}}\nspec: {spec}"
        ))
    }

    /// Adds an AdminNetworkPolicy.
    pub fn anp(self, name: &str, spec: &str) -> Self {
        self.admin("v1alpha1", "AdminNetworkPolicy", name, spec)
    }

    /// Adds the BaselineAdminNetworkPolicy.
    pub fn banp(self, spec: &str) -> Self {
        self.admin("v1alpha1", "BaselineAdminNetworkPolicy", "default", spec)
    }

    /// Adds a ClusterNetworkPolicy.
    pub fn cnp(self, name: &str, spec: &str) -> Self {
        self.admin("v1alpha2", "ClusterNetworkPolicy", name, spec)
    }

    fn admin(self, version: &str, kind: &str, name: &str, spec: &str) -> Self {
        self.with(&format!(
            "apiVersion: policy.networking.k8s.io/{version}\nkind: {kind}\n\
             metadata: {{name: {name}}}\nspec: {spec}"
        ))
    }

    pub fn ignoring_pods(mut self) -> Self {
        self.options.blocks_match_pods = BlocksMatchPods::Ignore;
        self
    }

    pub fn unreadable(mut self, kind: Kind) -> Self {
        self.unreadable.push(kind);
        self
    }

    pub fn world(&self) -> World {
        let loaded = files::parse([("scene.yaml", self.manifests.as_str())]);
        let loaded = loaded.unwrap_or_else(|error| panic!("{error}\n{}", self.manifests));
        let mut world = World::default();
        for change in loaded.changes {
            world.apply(change);
        }
        for kind in &self.unreadable {
            let message = "forbidden".into();
            let state = Readiness::Forbidden { message };
            world.apply(Change::Readiness(*kind, Scope::Cluster, state));
        }
        world
    }

    /// What the reader says against a manifest of the scene.
    pub fn refused(&self) -> String {
        match files::parse([("scene.yaml", self.manifests.as_str())]) {
            Ok(_) => panic!("it was read:\n{}", self.manifests),
            Err(error) => error.to_string(),
        }
    }

    pub fn reach(&self) -> Reach {
        let world = self.world();
        let inventory = Arc::new(Inventory::of(&world));
        Reach::build(&world, inventory, self.options)
    }

    /// Checks lines like `shop/web -> shop/db 80/tcp allowed`, as lists and as explanations. Ends are
    /// pods, Deployments without pods, or addresses; a verdict written `denied?` is what lists say
    /// where an explanation says unknown.
    pub fn says(self, expected: &str) -> Self {
        let reach = self.reach();
        for line in expected.lines().filter(|line| !line.trim().is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [from, "->", to, port, verdict] = words.as_slice() else {
                panic!("no question: {line}");
            };
            let (number, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
            let asked = Asked {
                from,
                to,
                protocol: Protocol::parse(&protocol.to_uppercase()).unwrap(),
                port: number.parse().unwrap(),
            };
            let listed = verdict.trim_end_matches('?');
            let explained = if listed == *verdict {
                listed
            } else {
                "unknown"
            };
            let found = asked.listed(&reach);
            let explanation = asked.explain(&reach);
            assert_eq!(found.name(), listed, "{line}");
            assert_eq!(
                explanation.verdict.name(),
                explained,
                "{line}: {explanation:#?}"
            );
        }
        self
    }

    /// The explanation of a question, `SRC -> DST PORT/PROTO`.
    pub fn why(&self, question: &str) -> Explanation {
        let words: Vec<&str> = question.split_whitespace().collect();
        let [from, "->", to, port] = words.as_slice() else {
            panic!("no question: {question}");
        };
        let asked = Asked {
            from,
            to,
            protocol: Protocol::Tcp,
            port: port.parse().unwrap(),
        };
        asked.explain(&self.reach())
    }

    /// The workloads of the scene as `namespace/Kind/name`.
    pub fn workloads(&self) -> BTreeSet<String> {
        let inventory = Inventory::of(&self.world());
        let keys = inventory.workloads().map(|workload| &workload.key);
        keys.map(|key| {
            let parts = [&key.namespace, &key.kind, &key.name];
            parts.map(Text::as_str).join("/")
        })
        .collect()
    }
}

impl Asked<'_> {
    fn listed(&self, reach: &Reach) -> Verdict {
        let answer = match (end(reach, self.from), end(reach, self.to)) {
            (End::Member(a), End::Member(b)) => reach.pair(a, b),
            (End::Member(a), End::Address(b)) => reach.address(a, Direction::Egress, b),
            (End::Address(a), End::Member(b)) => reach.address(b, Direction::Ingress, a),
            (a, b) => panic!("nobody asks about {a:?} and {b:?}"),
        };
        verdict(&answer, self.protocol, self.port)
    }

    fn explain(&self, reach: &Reach) -> Explanation {
        let (from, to) = (end(reach, self.from), end(reach, self.to));
        reach.explain(&from, &to, self.protocol, self.port)
    }
}

pub fn verdict(answer: &Answer, protocol: Protocol, port: u16) -> Verdict {
    if answer.allowed.contains(protocol, port) {
        Verdict::Allowed
    } else if answer.unknown.contains(protocol, port) {
        Verdict::Unknown
    } else {
        Verdict::Denied
    }
}

pub fn end(reach: &Reach, text: &str) -> End {
    let Some((namespace, name)) = text.split_once('/') else {
        return End::Address(text.parse().unwrap());
    };
    let inventory = reach.inventory();
    let key = Key::new(namespace, name);
    let at = |test: &dyn Fn(MemberIdx) -> bool| {
        let count = u32::try_from(inventory.numbers().len()).unwrap();
        (0..count).map(MemberIdx).find(|m| test(*m))
    };
    let by_pod = |m: MemberIdx| inventory.member(m).unwrap().pod.key == key;
    let by_workload = |m: MemberIdx| {
        let workload = inventory.member(m).unwrap().workload;
        let found = &inventory.workload(workload).unwrap().key;
        found.namespace == key.namespace && found.name == key.name
    };
    let found = at(&by_pod).or_else(|| at(&by_workload));
    End::Member(found.unwrap_or_else(|| panic!("no pod {text}")))
}

fn labels(words: &[&str]) -> Value {
    let pairs = words.iter().filter_map(|word| word.split_once('='));
    pairs
        .map(|(k, v)| (k.to_owned(), Value::from(v)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn addresses<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let is_address = |word: &&&str| word.parse::<std::net::IpAddr>().is_ok();
    words.iter().filter(is_address).copied().collect()
}

/// Words like `http:80/tcp`; `:80/tcp` has no name.
fn ports(words: &[&str]) -> Vec<Value> {
    let port = |word: &&str| {
        let (name, rest) = word.split_once(':')?;
        let (number, protocol) = rest.split_once('/')?;
        let mut port = json!({
            "containerPort": number.parse::<u16>().ok()?,
            "protocol": protocol.to_uppercase(),
        });
        if !name.is_empty() {
            port["name"] = name.into();
        }
        Some(port)
    };
    words.iter().filter_map(port).collect()
}

fn after<'a>(words: &[&'a str], prefix: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.strip_prefix(prefix))
}

fn node(name: &str, words: &[&str]) -> Value {
    let kinds = ["InternalIP", "ExternalIP"].into_iter().cycle();
    let addresses = addresses(words).into_iter().zip(kinds);
    let addresses: Vec<Value> = addresses
        .map(|(address, kind)| json!({ "type": kind, "address": address }))
        .collect();
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": name, "labels": labels(words) },
        "status": { "addresses": addresses },
    })
}

fn pod(name: &str, words: &[&str]) -> Value {
    let (namespace, name) = name.split_once('/').unwrap();
    let ips: Vec<Value> = addresses(words)
        .into_iter()
        .map(|ip| json!({ "ip": ip }))
        .collect();
    let host = words.contains(&"host");
    let mut status = json!({ "phase": after(words, "phase:").unwrap_or("Running") });
    status[if host { "hostIPs" } else { "podIPs" }] = ips.into();
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "namespace": namespace, "name": name, "labels": labels(words) },
        "spec": {
            "nodeName": after(words, "on:"), "hostNetwork": host,
            "containers": [{ "name": "main", "ports": ports(words) }],
        },
        "status": status,
    })
}

fn deployment(name: &str, words: &[&str]) -> Value {
    let (namespace, name) = name.split_once('/').unwrap();
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "namespace": namespace, "name": name },
        "spec": {
            "selector": { "matchLabels": labels(words) },
            "template": {
                "metadata": { "labels": labels(words) },
                "spec": {
                    "hostNetwork": words.contains(&"host"),
                    "containers": [{ "name": "main", "ports": ports(words) }],
                },
            },
        },
    })
}
