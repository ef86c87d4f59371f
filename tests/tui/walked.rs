//! The paths of the small cluster written by hand.

use kreach::report::paths::Outlook;
use kreach::tui::facts::{
    NeededRow, PathHop, PathRow, PathStop, PathsAsk, PathsFacts, PeerId, Question, RadiusAsk,
    RadiusFacts, ReachedRow,
};

use super::sample::workload;

fn stop(name: &str) -> PathStop {
    PathStop {
        name: name.to_owned(),
        end: Some(name.to_owned()),
    }
}

fn hop(from: &str, ports: &str, to: &str) -> PathHop {
    PathHop {
        ports: ports.to_owned(),
        certain: true,
        question: Some(Question {
            source: from.to_owned(),
            destination: to.to_owned(),
            port: Some(ports.to_owned()),
        }),
    }
}

fn row(names: &[&str], certain: bool, note: &str) -> PathRow {
    let hops = names
        .windows(2)
        .map(|pair| hop(pair[0], "8080/tcp", pair[1]));
    PathRow {
        stops: names.iter().map(|name| stop(name)).collect(),
        hops: hops.collect(),
        certain,
        note: note.to_owned(),
    }
}

/// Two paths, one of them uncertain, whatever is asked.
pub fn paths(ask: &PathsAsk) -> PathsFacts {
    let (from, to) = (ask.source.as_str(), ask.destination.as_str());
    PathsFacts {
        outlook: Outlook::Possible,
        shortest: Some(2),
        rows: vec![
            row(&[from, "shop/web", to], true, ""),
            row(&[from, "ops/prom", "shop/api", to], false, "by way of ops"),
        ],
        more: true,
        needed: vec![
            NeededRow::Text("every path goes over one of these".to_owned()),
            NeededRow::Hop {
                hop: Box::new((stop("shop/web"), hop("shop/web", "5432/tcp", to), stop(to))),
                through: "data/db ingress rule 1".to_owned(),
            },
        ],
        doubt: "which labels ops/prom has".to_owned(),
        entry: "published",
        problem: None,
    }
}

/// Two places, one of them out in the world.
pub fn radius(ask: &RadiusAsk) -> RadiusFacts {
    let place = |id, name: &str, hops, certain| ReachedRow {
        id,
        name: name.to_owned(),
        hops,
        certain,
    };
    RadiusFacts {
        name: ask.end.clone(),
        rows: vec![
            place(
                PeerId::Workload(workload("shop", "api")),
                "shop/api",
                1,
                true,
            ),
            place(
                PeerId::Outside("0.0.0.0/0".to_owned()),
                "0.0.0.0/0",
                2,
                false,
            ),
        ],
        count: (1, 1),
        problem: None,
    }
}
