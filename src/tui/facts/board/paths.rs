//! Paths, choke points and blast radius of one analysis.

use crate::analysis::Analysis;
use crate::model::Direction;
use crate::query::{PortSpec, QueryEnd, ResolveError, Surroundings, parse, resolve};
use crate::reach::Step;
use crate::reach::paths::{DoorKind, Hop, Limits, PathQuestion, Reached, Stop, Way};
use crate::report::paths::{Between, Hops, Keys, Namer, Outlook, between, label, radius_question};
use crate::report::table::plural;
use crate::report::why;
use crate::tui::facts::{
    NeededRow, PathHop, PathRow, PathStop, PathsAsk, PathsFacts, PeerId, Question, RadiusAsk,
    RadiusFacts, ReachedRow, Sight,
};

/// Paths that are listed.
const MOST_PATHS: usize = 50;

/// The paths between two ends.
pub(super) fn paths(analysis: &Analysis, around: &Surroundings<'_>, ask: &PathsAsk) -> PathsFacts {
    match found(analysis, around, ask) {
        Ok(facts) => facts,
        Err(problem) => PathsFacts {
            outlook: Outlook::None,
            shortest: None,
            rows: Vec::new(),
            more: false,
            needed: Vec::new(),
            doubt: String::new(),
            entry: "",
            problem: Some(problem),
        },
    }
}

fn found(
    analysis: &Analysis,
    around: &Surroundings<'_>,
    ask: &PathsAsk,
) -> Result<PathsFacts, String> {
    let (source, _) = end(around, &ask.source)?;
    let (destination, port) = end(around, &ask.destination)?;
    let ask = (
        Between {
            source,
            destination,
            port,
            hops: Hops::default(),
        },
        usize::from(ask.hops),
    );
    let (ask, hops) = ask;
    let question = between(&analysis.reach, around, &ask).map_err(|error| error.to_string())?;
    let mut graph = analysis.reach.hops(&question);
    let limits = Limits {
        hops,
        count: MOST_PATHS,
    };
    let found = graph.shortest(limits);
    let needed = graph.choke_points();
    let teller = Teller {
        analysis,
        around,
        namer: Namer::of(around, (&ask.source, Some(&ask.destination))),
        question: &question,
    };
    let rows: Vec<PathRow> = found
        .paths
        .iter()
        .map(|path| PathRow {
            stops: teller.stops(&path.hops),
            hops: path.hops.iter().map(|hop| teller.hop(hop)).collect(),
            certain: path.certain,
            note: note(&path.hops),
        })
        .collect();
    let why = found.paths.iter().flat_map(|path| &path.hops);
    let mut why: Vec<String> = why
        .flat_map(|h| &h.answer.why)
        .map(ToString::to_string)
        .collect();
    why.sort_unstable();
    why.dedup();
    let outside = matches!(
        ask.source,
        QueryEnd::Internet | QueryEnd::Block(_) | QueryEnd::Address(_)
    );
    Ok(PathsFacts {
        outlook: Outlook::of(&found.paths),
        shortest: found.distance,
        needed: teller.needed(&needed, rows.is_empty() && found.distance.is_none()),
        rows,
        more: found.more,
        doubt: why.join(" and "),
        entry: if outside { "first hop published" } else { "" },
        problem: None,
    })
}

/// What an end means, with its port if it has one.
fn end(around: &Surroundings<'_>, text: &str) -> Result<(QueryEnd, Option<PortSpec>), String> {
    let (end, port) = parse::target(text).map_err(|error| error.to_string())?;
    let end = resolve::end(around, &end).map_err(|error| match error {
        ResolveError::Unknown { wanted, .. } => format!("nothing is called {wanted}"),
        ResolveError::Ambiguous { wanted, .. } => {
            format!("{wanted} means several things: type namespace/kind/name")
        }
    })?;
    Ok((end, port))
}

/// Turns hops into rows.
struct Teller<'a> {
    analysis: &'a Analysis,
    around: &'a Surroundings<'a>,
    namer: Namer<'a>,
    question: &'a PathQuestion,
}

impl Teller<'_> {
    fn stop(&self, stop: &Stop) -> PathStop {
        let end = self.namer.query_end(stop);
        PathStop {
            name: self.namer.stop(stop).shown,
            end: end.map(|end| resolve::spelling(self.around, &end)),
        }
    }

    fn stops(&self, hops: &[Hop]) -> Vec<PathStop> {
        let first = hops.first().map(|hop| &hop.source);
        let rest = hops.iter().map(|hop| &hop.destination);
        first
            .into_iter()
            .chain(rest)
            .map(|stop| self.stop(stop))
            .collect()
    }

    fn hop(&self, hop: &Hop) -> PathHop {
        let end = |stop| self.stop(stop).end;
        let question = end(&hop.source).zip(end(&hop.destination));
        let open = &hop.answer;
        let port = open.allowed.first().or_else(|| open.unknown.first());
        let port = port.filter(|_| !open.allowed.is_all());
        PathHop {
            ports: label(hop),
            certain: !open.allowed.is_none(),
            question: question.map(|(source, destination)| Question {
                source,
                destination,
                port: port.map(|(protocol, port)| {
                    format!("{port}/{}", protocol.name().to_ascii_lowercase())
                }),
            }),
        }
    }

    fn needed(&self, needed: &crate::reach::paths::ChokePoints, none: bool) -> Vec<NeededRow> {
        let text = |text: String| NeededRow::Text(text);
        if none {
            return Vec::new();
        }
        let mut rows: Vec<NeededRow> = needed.hops.iter().map(|hop| self.row(hop)).collect();
        if rows.is_empty() {
            rows.push(text("no single hop is in every path".to_owned()));
        }
        let stops: Vec<String> = needed.stops.iter().map(|s| self.stop(s).name).collect();
        if !stops.is_empty() {
            rows.push(text(format!(
                "every path goes through {}",
                stops.join(", ")
            )));
        }
        match &needed.cut {
            Some(cut) if needed.hops.is_empty() => {
                let count = plural(cut.len(), "hop");
                rows.push(text(format!("smallest cut: {count}")));
                rows.extend(cut.iter().map(|hop| self.row(hop)));
            }
            Some(_) => {}
            None => rows.push(text("the smallest cut takes too many hops".to_owned())),
        }
        rows
    }

    fn row(&self, hop: &Hop) -> NeededRow {
        let through = Keys::of(&self.analysis.reach, self.question).through(hop);
        let inside = |stop: &Stop| {
            !matches!(
                self.namer.query_end(stop),
                None | Some(
                    QueryEnd::Internet
                        | QueryEnd::Block(_)
                        | QueryEnd::Address(_)
                        | QueryEnd::Node { .. }
                )
            )
        };
        let halves = through.iter().filter(|half| match half.direction {
            Direction::Egress => inside(&hop.source),
            Direction::Ingress => inside(&hop.destination),
        });
        let words: Vec<String> = halves
            .map(|half| match (half.rules.as_slice(), half.step) {
                ([], Step::NotSubject) => "host network".to_owned(),
                ([], _) => format!("no {} policy", half.direction),
                (rules, _) => {
                    let rules: Vec<String> = rules
                        .iter()
                        .map(|rule| format!("{} #{}", why::policy(&rule.policy), rule.rule))
                        .collect();
                    rules.join(" ")
                }
            })
            .collect();
        let parts = (
            self.stop(&hop.source),
            self.hop(hop),
            self.stop(&hop.destination),
        );
        NeededRow::Hop {
            hop: Box::new(parts),
            through: words.join(", "),
        }
    }
}

fn note(hops: &[Hop]) -> String {
    let mut notes = Vec::new();
    if hops
        .iter()
        .any(|hop| hop.door == Some(DoorKind::Unpublished))
    {
        notes.push("not published");
    }
    if hops.iter().any(|hop| hop.partial) {
        notes.push("some pods");
    }
    notes.join(", ")
}

/// Everything within reach of an end.
pub(super) fn radius(
    analysis: &Analysis,
    around: &Surroundings<'_>,
    ask: &RadiusAsk,
) -> RadiusFacts {
    let problem = |problem| RadiusFacts {
        name: ask.end.clone(),
        problem: Some(problem),
        ..RadiusFacts::default()
    };
    let of = match end(around, &ask.end) {
        Ok((end, _)) => end,
        Err(text) => return problem(text),
    };
    let way = match ask.way {
        Sight::Reaches => Way::Along,
        Sight::ReachedBy => Way::Against,
    };
    let question = radius_question(&analysis.reach, around, (&of, way), &Hops::default());
    let question = match question {
        Ok(question) => question,
        Err(error) => return problem(error.to_string()),
    };
    let namer = Namer::of(around, (&of, None));
    let reached = analysis.reach.hops(&question).radius();
    let rows: Vec<ReachedRow> = reached
        .iter()
        .flat_map(|reached| rows(analysis, &namer, reached))
        .collect();
    let inside = |row: &&ReachedRow| matches!(row.id, PeerId::Workload(_));
    RadiusFacts {
        name: namer.stop(&Stop::Start).shown,
        count: (rows.iter().filter(inside).count(), namer.others()),
        rows,
        problem: None,
    }
}

fn rows(analysis: &Analysis, namer: &Namer<'_>, reached: &Reached) -> Vec<ReachedRow> {
    let places = namer.places(&reached.stop);
    let ids: Vec<PeerId> = match &reached.stop {
        Stop::Workloads(alike) => alike
            .iter()
            .filter_map(|at| analysis.inventory().workload(*at))
            .map(|workload| PeerId::Workload(workload.key.clone()))
            .collect(),
        Stop::Start | Stop::Controller | Stop::Goal => vec![PeerId::Outside("internet".to_owned())],
    };
    let row = |(id, name): (PeerId, crate::report::end::NamedEnd)| ReachedRow {
        id,
        name: name.to_string(),
        hops: reached.hops,
        certain: reached.certain,
    };
    ids.into_iter().zip(places).map(row).collect()
}
