//! Paths over a few workloads: order, cycles, what is unknown, what is alike, what every path needs.

use super::cluster::{
    Built, Cluster, block, everyone, key, named, open, own, peers, pod, policy, tcp,
};
use crate::model::{Change, Direction, Kind, Protocol, Readiness, Rule, Scope};
use crate::reach::Answer;
use crate::reach::paths::{
    Door, DoorKind, Hop, HopGraph, Limits, Listening, Path, PathQuestion, Stop, Terminal, Way,
};
use crate::select::PortSet;

/// Pods that only let in whom `edges` name, as `from>to:port`.
fn chain(pods: &[&str], edges: &[&str]) -> Cluster {
    let mut cluster = Cluster::default();
    for name in pods {
        let label = format!("app={name}");
        cluster = cluster.pod(pod(&format!("a/{name}"), &label, &[]));
        let into = edges.iter().filter_map(|edge| {
            let (from, rest) = edge.split_once('>').unwrap();
            let (to, port) = rest.split_once(':').unwrap();
            let port = port.parse().unwrap();
            let rule = peers(vec![own(&format!("app={from}"))]).on(vec![tcp(port, port)]);
            (to == *name).then_some(rule)
        });
        let rules: Vec<Rule> = into.collect();
        cluster = cluster.policy(policy(&format!("a/{name}"), &label).ingress(rules));
    }
    cluster
}

fn pods(built: &Built, name: &str) -> Terminal {
    let workload = built.workload(&format!("a/{name}"));
    let members = &built.0.inventory().workload(workload).unwrap().members;
    Terminal::Pods(members.iter().map(|m| (*m, PortSet::all())).collect())
}

fn question(built: &Built, start: &str, goal: &str) -> PathQuestion {
    PathQuestion {
        start: pods(built, start),
        goal: Some(pods(built, goal)),
        ports: PortSet::all(),
        listening: Listening::Anywhere,
        way: Way::Along,
    }
}

fn stop(built: &Built, stop: &Stop) -> String {
    match stop {
        Stop::Start => "<".to_owned(),
        Stop::Goal => ">".to_owned(),
        Stop::Controller => "controller".to_owned(),
        Stop::Workloads(alike) => {
            let names = alike.iter().map(|at| {
                let workload = built.0.inventory().workload(*at).unwrap();
                workload.key.name.as_str().to_owned()
            });
            names.collect::<Vec<_>>().join("+")
        }
    }
}

fn hop(built: &Built, hop: &Hop) -> String {
    let (from, to) = (stop(built, &hop.source), stop(built, &hop.destination));
    format!("{from}-{}-{to}", hop.answer.possible())
}

/// Paths as `< web api >`, uncertain ones with a question mark.
fn shown(built: &Built, paths: &[Path]) -> Vec<String> {
    let text = |path: &Path| {
        let mut names: Vec<String> = path.hops.iter().map(|h| stop(built, &h.source)).collect();
        names.push(">".to_owned());
        if !path.certain {
            names.push("?".to_owned());
        }
        names.join(" ")
    };
    paths.iter().map(text).collect()
}

fn all(built: &Built, question: &PathQuestion) -> Vec<String> {
    let limits = Limits {
        hops: 10,
        count: 50,
    };
    shown(built, &built.0.hops(question).shortest(limits).paths)
}

#[test]
fn paths_come_by_hops_then_by_name_and_never_visit_a_workload_twice() {
    let edges = [
        "web>api:1",
        "web>cart:1",
        "api>cart:1",
        "cart>api:1",
        "api>db:1",
        "cart>db:1",
        "db>web:1",
    ];
    let built = chain(&["web", "api", "cart", "db"], &edges).build();
    let question = question(&built, "web", "db");
    let expected = ["< api >", "< cart >", "< api cart >", "< cart api >"];
    assert_eq!(all(&built, &question), expected);
    let mut graph = built.0.hops(&question);
    let two = graph.shortest(Limits { hops: 2, count: 1 });
    assert_eq!(
        (two.paths.len(), two.more, two.distance),
        (1, true, Some(2))
    );
    let none = graph.shortest(Limits { hops: 1, count: 9 });
    assert_eq!(
        (none.paths.len(), none.more, none.distance),
        (0, false, Some(2))
    );
}

#[test]
fn a_hop_says_its_ports() {
    let edges = ["web>api:8080", "api>db:5432"];
    let built = chain(&["web", "api", "db"], &edges).build();
    let question = question(&built, "web", "db");
    let found = built.0.hops(&question).shortest(Limits::default());
    let hops: Vec<String> = found.paths[0].hops.iter().map(|h| hop(&built, h)).collect();
    assert_eq!(hops, ["<-8080/tcp-api", "api-5432/tcp->"]);
}

#[test]
fn where_nothing_leads_there_is_no_path_and_nothing_to_cut() {
    let built = chain(&["web", "api", "db"], &["web>api:1", "db>api:1"]).build();
    let question = question(&built, "web", "db");
    let mut graph = built.0.hops(&question);
    let found = graph.shortest(Limits::default());
    assert_eq!((found.paths.len(), found.distance), (0, None));
    let needed = graph.choke_points();
    assert_eq!((needed.hops.len(), needed.stops.len()), (0, 0));
    assert_eq!(needed.cut, Some(Vec::new()));
}

#[test]
fn unk_06_an_edge_that_only_cannot_be_denied_makes_a_path_uncertain_and_comes_later() {
    let mut pods = Cluster::default()
        .pod(pod("b/gate", "app=gate", &[]))
        .refuse(Kind::NetworkPolicy, Scope::Cluster)
        .refuse(Kind::NetworkPolicy, Scope::Namespace("b".into()));
    let (kind, scope) = (Kind::NetworkPolicy, Scope::Namespace("a".into()));
    let read = Change::Readiness(kind, scope, Readiness::Complete);
    pods.world.apply(read);
    for name in ["web", "api", "db"] {
        pods = pods.pod(pod(&format!("a/{name}"), &format!("app={name}"), &[]));
    }
    let only = |name: &str, from: Vec<crate::model::Peer>| {
        policy(&format!("a/{name}"), &format!("app={name}")).ingress(vec![peers(from)])
    };
    let gate = super::cluster::across("kubernetes.io/metadata.name=b", "app=gate");
    let built = pods
        .policy(only("db", vec![own("app=api"), gate]))
        .policy(only("api", vec![own("app=web")]))
        .build();
    let question = question(&built, "web", "db");
    let expected = ["< api >", "< gate > ?", "< api gate > ?"];
    assert_eq!(all(&built, &question), expected);
    let cut = built.0.hops(&question).choke_points().cut.unwrap();
    assert_eq!(cut.len(), 2, "the uncertain way must be cut too");
}

#[test]
fn workloads_that_no_answer_tells_apart_stand_for_each_other() {
    let mut cluster = chain(&["web", "db"], &["web>db:1"]);
    for name in ["x", "y", "z"] {
        cluster = cluster.pod(pod(&format!("a/{name}"), "app=worker", &[]));
    }
    let rule = peers(vec![own("app=worker")]).on(vec![tcp(2, 2)]);
    let built = cluster
        .policy(policy("a/db-too", "app=db").ingress(vec![rule]))
        .build();
    let question = question(&built, "web", "db");
    assert_eq!(all(&built, &question), ["< >", "< x+y+z >"]);
    let mut from_x = question.clone();
    from_x.start = pods(&built, "x");
    assert_eq!(all(&built, &from_x), ["< >", "< y+z >"]);
}

#[test]
fn node_01_pods_on_a_node_with_a_host_network_pod_are_like_no_others() {
    let built = Cluster::default()
        .pod(pod("a/agent", "app=agent", &["10.0.0.9"]).host().on("n1"))
        .pod(pod("a/x", "app=worker", &["10.1.0.1"]).on("n1"))
        .pod(pod("a/y", "app=worker", &["10.1.0.2"]).on("n2"))
        .pod(pod("a/db", "app=db", &["10.1.0.3"]).on("n3"))
        .policy(policy("a/closed", "app=worker").ingress(Vec::new()))
        .policy(policy("a/db", "app=db").ingress(vec![peers(vec![own("app=worker")])]))
        .build();
    let question = question(&built, "agent", "db");
    assert_eq!(all(&built, &question), ["< x >"]);
}

#[test]
fn pt_11_a_hop_may_be_asked_to_lead_to_a_declared_port() {
    let built = Cluster::default()
        .pod(pod("a/web", "app=web", &[]))
        .pod(pod("a/api", "app=api", &[]).port("http", 8080, Protocol::Tcp))
        .pod(pod("a/db", "app=db", &[]).port("sql", 5432, Protocol::Tcp))
        .policy(policy("a/db", "app=db").ingress(vec![
            peers(vec![own("app=web")]).on(vec![tcp(22, 22)]),
            peers(vec![own("app=api")]).on(vec![named("sql")]),
        ]))
        .build();
    let mut question = question(&built, "web", "db");
    assert_eq!(all(&built, &question), ["< >", "< api >"]);
    question.listening = Listening::Declared;
    assert_eq!(all(&built, &question), ["< api >"]);
    question.ports = open(&[5432]);
    assert_eq!(all(&built, &question), Vec::<String>::new());
}

/// Doors to everything that policies let addresses outside in to.
fn doors(built: &Built, kind: impl Fn(&str) -> Option<DoorKind>) -> Terminal {
    let inventory = built.0.inventory();
    let members = (0u32..)
        .map(crate::model::MemberIdx)
        .zip(inventory.members().map(|(_, member)| member));
    let doors = members.filter_map(|(member, of)| {
        let lines = built.0.external(member, Direction::Ingress);
        let answer = lines
            .iter()
            .fold(Answer::default(), |all, line| all.or(&line.answer));
        Some(Door {
            member,
            kind: kind(of.pod.key.name.as_str())?,
            answer,
        })
    });
    Terminal::Outside(doors.collect())
}

fn outside(built: &Built, kind: impl Fn(&str) -> Option<DoorKind>, goal: &str) -> PathQuestion {
    PathQuestion {
        start: doors(built, kind),
        ..question(built, goal, goal)
    }
}

#[test]
fn ing_03_an_unidentified_controller_is_a_hop_of_its_own() {
    let built = chain(&["api", "db"], &["api>db:1"])
        .policy(policy("a/open", "app=api").ingress(vec![everyone()]))
        .build();
    let through = |name: &str| (name == "api").then_some(DoorKind::Controller);
    let question = outside(&built, through, "db");
    assert_eq!(all(&built, &question), ["< controller api >"]);
    let found = built.0.hops(&question).shortest(Limits::default());
    assert_eq!(found.paths[0].hops[0].door, Some(DoorKind::Controller));
}

#[test]
fn a_goal_outside_is_reached_from_whoever_may_dial_out() {
    let built = chain(&["web", "api"], &["web>api:1"])
        .policy(policy("a/out", "app=web").egress(vec![peers(vec![own("")])]))
        .policy(policy("a/api-out", "app=api").egress(vec![
            peers(vec![block("0.0.0.0/0", &[])]).on(vec![tcp(443, 443)]),
        ]))
        .build();
    let members = (0u32..).map(crate::model::MemberIdx).take(2);
    let doors = members.map(|member| Door {
        member,
        kind: DoorKind::Out,
        answer: built
            .0
            .external(member, Direction::Egress)
            .iter()
            .fold(Answer::default(), |all, line| all.or(&line.answer)),
    });
    let question = PathQuestion {
        goal: Some(Terminal::Outside(doors.collect())),
        ..question(&built, "web", "web")
    };
    let found = built.0.hops(&question).shortest(Limits::default());
    let hops: Vec<String> = found.paths[0].hops.iter().map(|h| hop(&built, h)).collect();
    assert_eq!(hops, ["<-1/tcp-api", "api-443/tcp->"]);
}

fn needed(built: &Built, graph: &mut HopGraph<'_>) -> (Vec<String>, Vec<String>, Vec<String>) {
    let needed = graph.choke_points();
    let hops = |hops: &[Hop]| hops.iter().map(|h| hop(built, h)).collect::<Vec<_>>();
    let stops = needed.stops.iter().map(|s| stop(built, s)).collect();
    (hops(&needed.hops), stops, hops(&needed.cut.unwrap()))
}

#[test]
fn what_every_path_needs_is_a_choke_point_and_the_cut_is_the_smallest() {
    let edges = [
        "web>api:1",
        "web>cart:1",
        "api>gate:1",
        "cart>gate:1",
        "gate>db:5432",
        "db>gate:1",
    ];
    let built = chain(&["web", "api", "cart", "gate", "db"], &edges).build();
    let question = question(&built, "web", "db");
    let (hops, stops, cut) = needed(&built, &mut built.0.hops(&question));
    assert_eq!(hops, ["gate-5432/tcp->"]);
    assert_eq!(stops, ["gate"]);
    assert_eq!(cut.len(), 1);
}

#[test]
fn two_ways_that_share_no_hop_need_two_cuts() {
    let edges = [
        "web>api:1",
        "web>cart:1",
        "api>db:1",
        "cart>db:1",
        "api>cart:1",
    ];
    let built = chain(&["web", "api", "cart", "db"], &edges).build();
    let question = question(&built, "web", "db");
    let (hops, stops, cut) = needed(&built, &mut built.0.hops(&question));
    assert_eq!((hops.len(), stops.len(), cut.len()), (0, 0, 2));
}

#[test]
fn the_blast_radius_counts_hops_and_its_inverse_goes_back() {
    let edges = ["web>api:1", "api>db:1", "cart>db:1", "db>web:1"];
    let built = chain(&["web", "api", "cart", "db"], &edges).build();
    let radius = |start: &str, way| {
        let question = PathQuestion {
            goal: None,
            way,
            ..question(&built, start, start)
        };
        let found = built.0.hops(&question).radius();
        let line =
            |r: &crate::reach::paths::Reached| format!("{} {}", r.hops, stop(&built, &r.stop));
        found.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(radius("web", Way::Along), ["1 api", "2 db"]);
    assert_eq!(radius("web", Way::Against), ["1 db", "2 api", "2 cart"]);
    assert_eq!(radius("cart", Way::Against), Vec::<String>::new());
}

#[test]
fn single_pods_as_ends_leave_their_siblings_out_of_the_way() {
    let built = chain(&["web", "db"], &[])
        .pod(pod("a/app-0", "app=app,n=0", &[]).owned("app"))
        .pod(pod("a/app-1", "app=app,n=1", &[]).owned("app"))
        .policy(policy("a/db-1", "app=db").ingress(vec![peers(vec![own("n=1")])]))
        .build();
    let member = built.0.inventory().find_pod(&key("a/app-0")).unwrap();
    let question = PathQuestion {
        start: Terminal::Pods(vec![(member, PortSet::all())]),
        ..question(&built, "db", "db")
    };
    assert_eq!(all(&built, &question), Vec::<String>::new());
}
