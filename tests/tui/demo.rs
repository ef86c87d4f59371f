//! The explorer on the demo cluster: the engine's answers on the screen.

use std::sync::Arc;

use jiff::Timestamp;
use kreach::analysis::{Analysis, Input};
use kreach::history::Ledger;
use kreach::model::{Change, Kind, Readiness, Scope, World};
use kreach::rbac::Aggregation;
use kreach::reach::Options;
use kreach::source::demo;
use kreach::tui::facts::board::Board;
use kreach::tui::facts::{Facts, Question};

use super::driver::{COLOUR, Driver, now};
use super::screens::snapshot;

pub fn analysis(now: Timestamp) -> Analysis {
    let demo = demo::load(now).unwrap();
    let mut world = World::default();
    for change in demo.changes {
        world.apply(change);
    }
    let mut ledger = Ledger::default();
    ledger.extend(demo.audit);
    let rules = kreach::config::rules::parse(
        std::path::Path::new("kreach.toml"),
        kreach::source::demo::RULES,
        jiff::civil::date(2026, 11, 23),
    )
    .unwrap();
    Analysis::of(&Input {
        world: &world,
        ledger: &ledger,
        rules: &Arc::new(rules),
        options: Options::default(),
        aggregation: Aggregation::Stored,
        now,
    })
}

pub fn board() -> Board {
    Board::of(Arc::new(analysis(now()))).reading(kreach::cli::drafts::read)
}

#[test]
fn the_demo_fills_every_screen() {
    let screens = [
        ("home", ""),
        ("work", "2/name:web<enter>"),
        ("why", "w<c-u>shop/web -> data/db:5432<enter>Gkk"),
        ("matrix", "3Gkl"),
        ("paths", "2/name:web<enter>x"),
        ("radius", "2/name:web<enter>b"),
        ("exposed", "5jj"),
        ("policies", "6"),
        ("history", "6/name:cart<enter><enter>"),
        ("blame", "6/name:cart<enter>b"),
        ("duties", "7jjjl"),
        ("duties_turned", "7TGl"),
        ("changes", "8"),
        ("sources", "!"),
    ];
    for (size, tag) in [((80, 24), "80x24"), ((160, 48), "160x48")] {
        for (name, keys) in screens {
            let driver = Driver::on(board(), size, COLOUR).press(keys);
            snapshot(&format!("demo_{name}_{tag}"), &driver.text());
        }
    }
}

#[test]
fn every_line_of_every_workload_can_be_explained() {
    let board = board();
    for row in board.workloads().iter() {
        for direction in kreach::model::Direction::BOTH {
            for peer in board.peers(&row.key, direction).rows {
                assert!(!peer.name.is_empty() && !peer.ports.is_empty(), "{peer:?}");
            }
        }
        let here = board.spelling(&row.key);
        let question = Question {
            source: "internet".to_owned(),
            destination: here.clone(),
            port: None,
        };
        let why = board.why(&question, COLOUR.glyphs);
        assert_ne!(why.verdict, "NO ANSWER", "{here}: {:?}", why.lines);
    }
}

#[test]
fn every_policy_has_a_row_and_lines() {
    let board = board();
    for row in board.policies().iter() {
        assert_eq!(board.policy_row(&row.key).as_ref(), Some(&**row));
        assert!(
            !board.policy(&row.key, COLOUR.glyphs).is_empty(),
            "{}",
            row.key
        );
    }
}

#[test]
fn unk_06_an_api_that_is_not_served_is_no_source_and_one_that_is_refused_is() {
    let mut world = World::default();
    let forbidden = Readiness::Forbidden {
        message: "user a cannot list".into(),
    };
    for (kind, readiness) in [
        (Kind::AdminNetworkPolicy, forbidden),
        (Kind::HttpRoute, Readiness::Absent),
        (Kind::CronJob, Readiness::Absent),
    ] {
        world.apply(Change::Readiness(kind, Scope::Cluster, readiness));
    }
    let analysis = Analysis::of(&Input {
        world: &world,
        ledger: &Ledger::default(),
        rules: &Arc::default(),
        options: Options::default(),
        aggregation: Aggregation::Stored,
        now: now(),
    });
    let board = Board::of(Arc::new(analysis));
    let text = Driver::on(board, (160, 48), COLOUR).press("!").text();
    for (line, there) in [
        (
            "adminnetworkpolicies    forbidden: user a cannot list",
            true,
        ),
        (
            "cronjobs                the server does not have this kind",
            true,
        ),
        ("jobs                    0", true),
        ("httproutes", false),
        ("gateways", false),
    ] {
        assert_eq!(text.contains(line), there, "{line}\n{text}");
    }
}
