//! The matrix of the small cluster written by hand.

use std::sync::Arc;

use kreach::reach::{Cell, Shade};
use kreach::tui::facts::{
    CellFacts, ContributorFacts, FoldFacts, MatrixCell, MatrixEnd, MatrixFacts, MatrixWindow,
    Ownership, Place, PortsRow, Question,
};

fn counts(pairs: u64, allowed: u64, full: u64, unknown: u64) -> MatrixCell {
    let counts = Cell {
        pairs,
        allowed,
        full,
        unknown,
    };
    MatrixCell {
        shade: counts.shade(),
        counts,
    }
}

fn name(end: &MatrixEnd) -> &str {
    match end.first() {
        None => "outside",
        Some(Place::Namespace { name }) => name.as_str(),
        Some(Place::Workload(key)) => key.name.as_str(),
    }
}

/// How much some names may reach of each other.
fn cell(from: &MatrixEnd, to: &MatrixEnd) -> MatrixCell {
    match (name(from), name(to)) {
        ("shop", "shop") | ("web" | "outside", "api") => counts(12, 12, 12, 0),
        ("shop", "data") => counts(48, 3, 0, 0),
        ("ops" | "api", _) => counts(16, 10, 0, 0),
        ("data", "ops") => counts(3, 0, 0, 2),
        ("outside", "shop") | ("cart", "web") => counts(16, 3, 0, 0),
        ("shop", "outside") => counts(16, 16, 16, 0),
        ("unread", _) | (_, "unread") => MatrixCell {
            shade: Shade::Unknown,
            counts: Cell::default(),
        },
        (from, to) if from == to && from == "prometheus" => counts(0, 0, 0, 0),
        _ => counts(12, 0, 0, 0),
    }
}

pub fn window(window: &MatrixWindow) -> MatrixFacts {
    let outside: MatrixEnd = Arc::from([]);
    let row = |from| window.columns.iter().map(|to| cell(from, to)).collect();
    MatrixFacts {
        cells: window.rows.iter().map(row).collect(),
        to_outside: window
            .rows
            .iter()
            .map(|from| cell(from, &outside))
            .collect(),
        from_outside: window.columns.iter().map(|to| cell(&outside, to)).collect(),
    }
}

/// Namespaces that are called alike look alike.
pub fn fold(sides: [&[Place]; 2]) -> FoldFacts {
    let [rows, columns] = sides.map(|places| {
        let mut groups: Vec<Vec<Place>> = Vec::new();
        for place in places {
            let stem = |place: &Place| place.namespace().as_str().chars().next();
            match groups
                .iter_mut()
                .find(|group| stem(&group[0]) == stem(place))
            {
                Some(group) => group.push(place.clone()),
                None => groups.push(vec![place.clone()]),
            }
        }
        groups.into_iter().map(Arc::from).collect()
    });
    FoldFacts::Groups { rows, columns }
}

pub fn parts([from, to]: [&MatrixEnd; 2]) -> CellFacts {
    let cell = cell(from, to);
    let question = |port: &str| {
        let single = matches!(from.first(), Some(Place::Workload(_)));
        single.then(|| Question {
            source: format!("shop/{}", name(from)),
            destination: format!("shop/{}", name(to)),
            port: Some(port.to_owned()),
        })
    };
    let allowed = cell.counts.allowed;
    let rows = [
        ("9090/tcp", allowed / 2),
        ("8080/tcp 8443/tcp", allowed - allowed / 2),
    ];
    let rows = rows.into_iter().filter(|(_, pairs)| *pairs > 0);
    let unknown = if cell.counts.unknown > 0 {
        vec!["networkpolicies of data could not be read".to_owned()]
    } else {
        Vec::new()
    };
    CellFacts {
        ports: rows
            .map(|(ports, pairs)| PortsRow {
                ports: ports.to_owned(),
                pairs,
                question: question(ports.split(' ').next().unwrap()),
            })
            .collect(),
        unknown,
        contributor: (allowed > 0).then(|| ContributorFacts {
            rule: "ops/allow-prom ingress rule 1".to_owned(),
            pairs: allowed,
            changed: Some(("bob".to_owned(), Ownership::NotOwner)),
        }),
    }
}
