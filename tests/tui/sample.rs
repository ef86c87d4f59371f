//! A small cluster as the screen sees it, written by hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use kreach::model::{Direction, Key, Kind, PolicyId, Text, WorkloadKey};
use kreach::tui::facts::{
    AdviceFacts, ChangeRow, DraftFacts, DutiesFacts, ExposedRow, Extent, Facts, FeedFacts, FeedRow,
    HomeFacts, Inquiry, Listed, NamespaceRow, OpenRow, Outcome, OwnerTally, Ownership, PeerId,
    PeerList, PeerRow, PolicyRow, Question, Reply, Risk, StripItem, StripState, WayRow, WhyFacts,
    WhyLine, WorkloadHead, WorkloadMarks, WorkloadRow,
};
use kreach::tui::theme::{Glyphs, Role};
use kreach::tui::widget::Line;

use super::driver::now;
use super::{charted, held, past, walked};

/// Facts made of tables; `name` turns every name into another one for hostile tests.
#[derive(Clone, Debug)]
pub struct Sample {
    pub workloads: Vec<WorkloadRow>,
    pub policies: Vec<PolicyRow>,
    pub exposed: Vec<ExposedRow>,
    pub doubt: Option<String>,
    pub banner: Option<String>,
    pub duties: DutiesFacts,
}

pub fn workload(namespace: &str, name: &str) -> WorkloadKey {
    WorkloadKey {
        namespace: namespace.into(),
        kind: "Deployment".into(),
        name: name.into(),
    }
}

fn row(namespace: &str, name: &str, pods: usize) -> WorkloadRow {
    WorkloadRow {
        key: workload(namespace, name),
        pods,
        labels: format!("app={name}"),
    }
}

fn ago(seconds: i64) -> Timestamp {
    now()
        .checked_sub(SignedDuration::from_secs(seconds))
        .unwrap()
}

fn policy(
    key: (&str, &str),
    selects: usize,
    change: (i64, &str, &'static str, Ownership),
) -> PolicyRow {
    let (seconds, who, badge, owner) = change;
    PolicyRow {
        key: Key::new(key.0, key.1),
        selects: Some(selects),
        directions: if selects > 10 { "IE" } else { "I" },
        change: ChangeRow {
            policy: Key::new(key.0, key.1),
            when: Some(ago(seconds)),
            who: who.to_owned(),
            badge,
            owner,
        },
        finding: (selects == 0).then(|| (Risk::Low, "empty".to_owned())),
    }
}

impl Sample {
    pub fn shop() -> Self {
        let policies = vec![
            policy(
                ("ops", "allow-prom"),
                18,
                (86_400 * 3, "bob", "[audit]", Ownership::NotOwner),
            ),
            policy(
                ("ops", "egress-dns"),
                41,
                (7_300, "(argocd)", "[gitops]", Ownership::Unknown),
            ),
            policy(
                ("shop", "allow-web"),
                3,
                (240, "carol", "[audit]", Ownership::NotOwner),
            ),
            policy(
                ("shop", "db-from-api"),
                3,
                (260_000, "alice", "[audit]", Ownership::Owner),
            ),
            policy(
                ("shop", "deny-all"),
                19,
                (1_320, "alice", "[audit~]", Ownership::Owner),
            ),
            policy(
                ("team-00", "np-0"),
                0,
                (800_000, "(kubectl)", "[mgr]", Ownership::Unknown),
            ),
        ];
        Self {
            workloads: vec![
                row("data", "db", 3),
                row("ops", "prometheus", 1),
                row("shop", "api", 6),
                row("shop", "cart", 4),
                row("shop", "jobs", 0),
                row("shop", "web", 3),
            ],
            policies,
            doubt: None,
            banner: None,
            duties: held::duties(),
            exposed: vec![
                exposed(
                    ("shop", "grafana"),
                    "NodePort :30300",
                    "node net",
                    Risk::High,
                ),
                exposed(("shop", "web"), "LB :443", "any source", Risk::Low),
                ExposedRow {
                    extent: Extent::Unknown,
                    ..exposed(("ops", "argocd"), "Ingress", "any source", Risk::None)
                },
            ],
        }
    }
}

impl Sample {
    /// One way per exposed workload, one that is blocked, and one workload that nothing publishes.
    pub fn ways(&self) -> Vec<WayRow> {
        let mut rows: Vec<WayRow> = self.exposed.iter().map(|row| self.way(row)).collect();
        let blocked = WayRow {
            level: "closed".to_owned(),
            by: "Ingress".to_owned(),
            effective: "nobody".to_owned(),
            extent: Extent::None,
            through: "not deny-all".to_owned(),
            dim: true,
            question: None,
            ..self.way(&exposed(
                ("shop", "cart"),
                "Ingress",
                "any source",
                Risk::None,
            ))
        };
        let unpublished = WayRow {
            level: "at least open-unpublished".to_owned(),
            by: "nothing".to_owned(),
            declared: "-".to_owned(),
            through: "no policy".to_owned(),
            change: None,
            dim: true,
            ..self.way(&exposed(("data", "db"), "", "", Risk::None))
        };
        rows.extend([blocked, unpublished]);
        rows
    }

    fn way(&self, row: &ExposedRow) -> WayRow {
        let unknown = row.extent == Extent::Unknown;
        let policy = self.policies.iter().find(|p| p.key.name == "allow-web");
        WayRow {
            workload: row.workload.clone(),
            way: row.by.clone(),
            level: if unknown { "unknown" } else { "internet" }.to_owned(),
            by: row.by.clone(),
            declared: row.clients.clone(),
            ports: "8080/tcp".to_owned(),
            effective: if unknown { "not known" } else { "any" }.to_owned(),
            extent: if unknown {
                Extent::Unknown
            } else {
                Extent::All
            },
            through: "allow-web #1".to_owned(),
            change: policy.map(|policy| policy.change.clone()),
            risk: row.risk,
            dim: false,
            question: Some(Question {
                source: "internet".to_owned(),
                destination: row.workload.to_string(),
                port: Some("8080/tcp".to_owned()),
            }),
            lines: vec![
                Line::of(Role::Dim, "level     ").and(Role::Strong, "internet"),
                Line::of(Role::Dim, "declared  ").and(Role::Plain, row.by.clone()),
                Line::of(Role::Dim, "effective ").and(Role::Plain, "8080/tcp"),
            ],
        }
    }
}

fn exposed(key: (&str, &str), by: &str, clients: &str, risk: Risk) -> ExposedRow {
    ExposedRow {
        workload: workload(key.0, key.1),
        by: by.to_owned(),
        clients: clients.to_owned(),
        extent: Extent::Some,
        risk,
    }
}

pub fn peer(id: PeerId, extent: Extent, (name, ports, through): (&str, &str, &str)) -> PeerRow {
    PeerRow {
        id,
        extent,
        name: name.to_owned(),
        ports: ports.to_owned(),
        port: ports.contains('/').then(|| ports.to_owned()),
        through: through.to_owned(),
    }
}

impl Sample {
    /// One change of each policy.
    fn feed(&self) -> FeedFacts {
        let row = |(at, row): (u64, &PolicyRow)| {
            Arc::new(FeedRow {
                id: format!("change {}", row.key),
                change: row.change.clone(),
                deed: "changed",
                effect: (at % 3 > 0).then_some([36 * at, 0, 0, at % 2]),
                seen: at == 1,
            })
        };
        let mut rows: Vec<Arc<FeedRow>> = (0..).zip(&self.policies).map(row).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.change.when));
        let doubts = self.doubt.iter().cloned().collect();
        FeedFacts { rows, doubts }
    }
}

impl Facts for Sample {
    fn made(&self) -> Timestamp {
        now()
    }

    fn strip(&self) -> Vec<StripItem> {
        let item = |label, state| StripItem {
            label,
            leading: matches!(label, "pods" | "netpol"),
            state,
        };
        vec![
            item("pods", StripState::Loading(1500)),
            item("netpol", StripState::Stale(ago(41))),
            item("ns", StripState::Count(44)),
            item("roles", StripState::Count(7)),
            item("clusterroles", StripState::Forbidden),
            item("audit", StripState::Word("off")),
        ]
    }

    fn sources(&self) -> Vec<Line> {
        vec![
            Line::of(Role::Dim, "pods                    ").and(Role::Plain, "1500"),
            Line::of(Role::Dim, "clusterroles            ").and(Role::Low, "forbidden"),
        ]
    }

    fn doubt(&self, _: &[Kind]) -> Option<String> {
        self.doubt.clone()
    }

    fn namespaces(&self) -> Vec<NamespaceRow> {
        let mut rows: Vec<NamespaceRow> = Vec::new();
        for workload in &self.workloads {
            match rows
                .iter_mut()
                .find(|row| row.name == workload.key.namespace)
            {
                Some(row) => row.pods += workload.pods,
                None => rows.push(NamespaceRow {
                    name: workload.key.namespace.clone(),
                    pods: workload.pods,
                }),
            }
        }
        rows
    }

    fn workloads(&self) -> Listed<WorkloadRow> {
        self.workloads.iter().cloned().map(Arc::new).collect()
    }

    fn marks(&self, workload: &WorkloadKey) -> Option<WorkloadMarks> {
        let (inbound, outbound) = match workload.name.as_str() {
            "db" => (Extent::Some, Extent::None),
            "prometheus" => (Extent::Unknown, Extent::All),
            _ => (Extent::Some, Extent::Some),
        };
        let exposed = workload.name == "web";
        Some(WorkloadMarks {
            inbound,
            outbound,
            exposed,
            risk: if exposed { Risk::Low } else { Risk::None },
        })
    }

    fn head(&self, workload: &WorkloadKey, _: Glyphs) -> WorkloadHead {
        WorkloadHead {
            lines: vec![
                Line::of(Role::Strong, workload.to_string())
                    .and(Role::Plain, "  3 pods  10.0.4.11"),
                Line::of(Role::Dim, "in ").and(Role::Plain, "allow-web, deny-all"),
                Line::of(Role::Dim, "app=web tier=fe"),
            ],
            policies: vec![Key::new("shop", "allow-web"), Key::new("shop", "deny-all")],
        }
    }

    fn peers(&self, of: &WorkloadKey, direction: Direction) -> PeerList {
        let at = |ns: &str, name: &str| PeerId::Workload(workload(ns, name));
        let rows = match direction {
            Direction::Ingress => vec![
                peer(
                    PeerId::Outside("0.0.0.0/0".to_owned()),
                    Extent::Some,
                    ("any address", "443/tcp", "allow-web #1"),
                ),
                peer(
                    at("ops", "prometheus"),
                    Extent::All,
                    ("ops/prometheus", "any", "allow-web #2"),
                ),
                peer(
                    at("shop", "api"),
                    Extent::Some,
                    ("shop/api", "8080/tcp", "allow-web #3"),
                ),
                peer(
                    at("data", "db"),
                    Extent::Unknown,
                    ("data/db", "?8080/tcp", ""),
                ),
                peer(
                    PeerId::Rest,
                    Extent::None,
                    ("2 workloads", "none", "nothing allowed"),
                ),
            ],
            Direction::Egress => vec![
                peer(
                    at("shop", "api"),
                    Extent::Some,
                    ("shop/api", "8080/tcp", "egress-web #1"),
                ),
                peer(
                    PeerId::Rest,
                    Extent::None,
                    ("4 workloads", "none", "nothing allowed"),
                ),
            ],
        };
        let _ = of;
        PeerList {
            reached: rows.len() - 1,
            total: self.workloads.len() - 1,
            rows,
        }
    }

    fn through(&self, _: &WorkloadKey, _: Direction, row: &PeerRow) -> String {
        row.through.clone()
    }

    fn home(&self, shown: &BTreeSet<Text>) -> HomeFacts {
        let shown = |name: &Text| shown.is_empty() || shown.contains(name);
        let mut changes: Vec<ChangeRow> =
            self.policies.iter().map(|row| row.change.clone()).collect();
        changes.sort_by_key(|change| std::cmp::Reverse(change.when));
        changes.retain(|change| shown(&change.policy.namespace));
        HomeFacts {
            exposed: self
                .exposed
                .iter()
                .filter(|row| shown(&row.workload.namespace))
                .cloned()
                .collect(),
            open: vec![
                OpenRow {
                    namespace: "team-07".into(),
                    workloads: 9,
                },
                OpenRow {
                    namespace: "data".into(),
                    workloads: 1,
                },
            ],
            workloads: self.workloads.len(),
            policies: self.policies.len(),
            owners: OwnerTally {
                owner: 2,
                break_glass: 0,
                not_owner: 2,
                unknown: 2,
                because: Some("clusterroles could not be read".to_owned()),
            },
            changes,
            banner: self.banner.clone(),
            exposed_doubt: self.doubt(&[]),
            policy_doubt: self.doubt(&[]),
        }
    }

    fn policies(&self) -> Listed<PolicyRow> {
        self.policies.iter().cloned().map(Arc::new).collect()
    }

    fn policy_row(&self, policy: &Key) -> Option<PolicyRow> {
        self.policies.iter().find(|row| row.key == *policy).cloned()
    }

    fn policy(&self, policy: &Key, glyphs: Glyphs) -> Vec<Line> {
        vec![
            Line::of(Role::Strong, "carol").and(Role::Plain, "  update  2026-11-23T02:47:10Z"),
            Line::plain(format!(
                "Is carol an owner of {}?  ",
                policy.namespace.shown()
            ))
            .and(Role::NotOwner, Ownership::NotOwner.badge(glyphs)),
            Line::plain("  holds Role shop/devs, which is no owner role"),
            Line::of(Role::Dim, "selects  ").and(Role::Plain, "app=web"),
        ]
    }

    fn ask(&self, question: &str, _: Option<&Text>) -> Reply {
        match question.split_once("->") {
            Some((_, to)) if to.contains("db") => Reply::Verdict {
                extent: Extent::None,
                text: "BLOCKED by ingress".to_owned(),
            },
            Some((_, to)) if !to.trim().is_empty() => Reply::Verdict {
                extent: Extent::Some,
                text: "ALLOWED on 8080/tcp".to_owned(),
            },
            _ => Reply::Problem("expected -> and a destination".to_owned()),
        }
    }

    fn canonical(&self, question: &str, _: Option<&Text>) -> Option<Question> {
        let (source, rest) = question.split_once("->")?;
        let (destination, port) = match rest.trim().split_once(':') {
            Some((destination, port)) => (destination, Some(port.to_owned())),
            None => (rest.trim(), None),
        };
        (!destination.is_empty()).then(|| Question {
            source: source.trim().to_owned(),
            destination: destination.to_owned(),
            port,
        })
    }

    fn why(&self, question: &Question, glyphs: Glyphs) -> WhyFacts {
        let line = WhyLine::plain;
        let of = |policy: &str, line| WhyLine {
            line,
            policy: Some(PolicyId::network(Key::new("shop", policy))),
        };
        WhyFacts {
            title: question.to_string(),
            extent: Extent::None,
            verdict: "BLOCKED by ingress".to_owned(),
            lines: vec![
                line(
                    Line::of(Role::Strong, "1 ")
                        .and(Role::All, glyphs.all())
                        .and(Role::Strong, " EGRESS of shop/web-1 is allowed"),
                ),
                of(
                    "egress-web",
                    Line::of(Role::Dim, "    isolated by ")
                        .and(Role::Plain, "shop/egress-web  last change alice [audit]  ")
                        .and(Role::Owner, Ownership::Owner.badge(glyphs)),
                ),
                of(
                    "egress-web",
                    Line::plain("    shop/egress-web egress rule 3 (line 24)  matches"),
                ),
                line(
                    Line::of(Role::Strong, "2 ")
                        .and(Role::None, glyphs.none())
                        .and(Role::Strong, " INGRESS of data/db-0 is refused"),
                ),
                of(
                    "deny-all",
                    Line::plain(
                        "    shop/deny-all ingress rule 1  the pod needs app=api, has app=web",
                    ),
                ),
            ],
            wish: Some("Smallest change that would allow it"),
            caveats: vec![line(
                Line::of(Role::Low, "  enforcement-unknown  ")
                    .and(Role::Dim, "nothing seen here enforces policies"),
            )],
        }
    }

    fn complete(&self, text: &str, cursor: usize, _: Option<&Text>) -> (usize, Vec<String>) {
        let typed = &text[..cursor];
        let start = typed.rfind([' ', '>']).map_or(0, |at| at + 1);
        let word = &typed[start..];
        let names = self.workloads.iter().map(|row| row.key.to_string());
        (start, names.filter(|name| name.contains(word)).collect())
    }

    fn compute(&self, inquiry: &Inquiry) -> Outcome {
        match inquiry {
            Inquiry::Why(question, glyphs) => Outcome::Why(self.why(question, *glyphs)),
            Inquiry::Advice(_) => Outcome::Advice(AdviceFacts {
                lines: vec![
                    WhyLine {
                        line: Line::plain("  shop/deny-all (line 22)  ")
                            .and(Role::Strong, "ingress rule 1: also from app=web"),
                        policy: Some(PolicyId::network(Key::new("shop", "deny-all"))),
                    },
                    WhyLine::plain(Line::of(Role::All, "    + shop/web -> data/db 5432/tcp")),
                    WhyLine::plain(Line::of(Role::Dim, "    nothing else changes")),
                ],
                caveats: Vec::new(),
            }),
            Inquiry::Matrix(window) => Outcome::Matrix(charted::window(window)),
            Inquiry::Fold { rows, columns, .. } => Outcome::Fold(charted::fold([rows, columns])),
            Inquiry::Cell([from, to]) => Outcome::Cell(charted::parts([from, to])),
            Inquiry::Paths(ask) => Outcome::Paths(walked::paths(ask)),
            Inquiry::Radius(ask) => Outcome::Radius(walked::radius(ask)),
            Inquiry::Exposed(_) => Outcome::Exposed(self.ways()),
            Inquiry::Past(..) => Outcome::Past(past::past()),
            Inquiry::Duties(_) => Outcome::Duties(self.duties.clone()),
            Inquiry::Draft(_) => Outcome::Draft(DraftFacts::default()),
            Inquiry::Feed => Outcome::Feed(self.feed()),
            Inquiry::Change(id, _) => Outcome::Change(vec![
                Line::of(Role::Strong, id.clone()).and(Role::Plain, "  patch"),
                Line::of(Role::Strong, "WHAT IT OPENED AND CLOSED"),
            ]),
        }
    }

    fn spelling(&self, workload: &WorkloadKey) -> String {
        workload.to_string()
    }
}
