//! What is being typed, and what could stand there.

use std::collections::BTreeSet;

use crate::model::text::Shown;

use super::Surroundings;
use super::parse::{Arrow, Piece, Span, arrow, split_port};

/// What the cursor stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expecting {
    /// An end of the connection.
    End,
    /// A port of the destination.
    Port,
    /// A protocol.
    Protocol,
}

/// The part of the text that a completion would replace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Context {
    /// What belongs there.
    pub expecting: Expecting,
    /// Where what was typed so far stands.
    pub typed: Span,
}

/// What stands before byte `cursor` of `text`.
#[must_use]
pub fn context(text: &str, cursor: usize) -> Context {
    let before = Piece::whole(text.get(..cursor).unwrap_or(text));
    let here = match arrow(before) {
        Some((_, Arrow::Right | Arrow::Left, right)) => right,
        None => before,
    };
    let (end, port) = split_port(here);
    let Some(port) = port else {
        let skipped = end.text.len() - end.text.trim_start().len();
        return at(Expecting::End, end.start + skipped, before);
    };
    match port.text.find('/') {
        Some(slash) => at(Expecting::Protocol, port.start + slash + 1, before),
        None => at(Expecting::Port, port.start, before),
    }
}

fn at(expecting: Expecting, start: usize, before: Piece<'_>) -> Context {
    let end = before.text.len();
    Context {
        expecting,
        typed: Span {
            start: start.min(end),
            end,
        },
    }
}

/// Texts that could replace what was typed, best first, at most `limit`: names that begin with it,
/// then names that contain it. Ends of the current namespace are offered without it.
#[must_use]
pub fn candidates(
    around: &Surroundings<'_>,
    text: &str,
    context: Context,
    limit: usize,
) -> Vec<String> {
    let all = match context.expecting {
        Expecting::End => ends(around),
        Expecting::Port => ports(around),
        Expecting::Protocol => ["tcp", "udp", "sctp"].map(str::to_owned).to_vec(),
    };
    among(&all, text, context, limit)
}

/// As [`candidates`], of these texts: for whoever keeps the [`ends`] of a large cluster.
#[must_use]
pub fn among(all: &[String], text: &str, context: Context, limit: usize) -> Vec<String> {
    let typed = text
        .get(context.typed.start..context.typed.end)
        .unwrap_or("");
    let typed = typed.trim().to_ascii_lowercase();
    // Only as many as are wanted are kept in order.
    let mut best: BTreeSet<(u8, &str)> = BTreeSet::new();
    for name in all {
        let Some(rank) = rank(name, &typed) else {
            continue;
        };
        let worst = best.last().filter(|_| best.len() >= limit);
        if worst.is_none_or(|worst| (rank, name.as_str()) < *worst) {
            best.insert((rank, name));
        }
        if best.len() > limit {
            best.pop_last();
        }
    }
    best.into_iter().map(|(_, name)| name.to_owned()).collect()
}

/// How well a name goes on from what was typed, which is in lower case: 0 if it begins so, 1 if its
/// last part does.
fn rank(name: &str, typed: &str) -> Option<u8> {
    let (name, typed) = (name.as_bytes(), typed.as_bytes());
    let begins = |text: &[u8]| {
        text.get(..typed.len())
            .is_some_and(|t| t.eq_ignore_ascii_case(typed))
    };
    let last = || name.rsplit(|byte| *byte == b'/').next().is_some_and(begins);
    if begins(name) {
        Some(0)
    } else if last() {
        Some(1)
    } else {
        // An empty text begins every name.
        let first = *typed.first()?;
        let either = [first, first.to_ascii_uppercase()];
        let mut places = (0..).zip(name).filter(|(_, byte)| either.contains(byte));
        let inside = places.any(|(at, _): (usize, _)| name.get(at..).is_some_and(begins));
        inside.then_some(2)
    }
}

/// Every text that an end may be completed to.
#[must_use]
pub fn ends(around: &Surroundings<'_>) -> Vec<String> {
    let workloads = around
        .inventory
        .workloads()
        .map(|w| (&w.key.namespace, &w.key.name));
    let services = around
        .world
        .services
        .keys()
        .map(|key| (&key.namespace, &key.name));
    let mut names: Vec<String> = workloads
        .chain(services)
        .map(|(namespace, name)| {
            if around.namespace == Some(namespace) {
                name.shown().to_string()
            } else {
                format!("{}/{}", namespace.shown(), name.shown())
            }
        })
        .collect();
    names.push("internet".to_owned());
    names
}

fn ports(around: &Surroundings<'_>) -> Vec<String> {
    // Neighbours in this list mostly share their ports.
    let members = around.inventory.members();
    let mut lists: Vec<_> = members.map(|(_, member)| &member.pod.ports).collect();
    lists.dedup();
    let mut names: Vec<String> = lists
        .into_iter()
        .flat_map(|ports| ports.iter())
        .flat_map(|port| {
            let name = port
                .name
                .as_ref()
                .map(|name| Shown::of(name.as_str()).to_string());
            [Some(port.number.to_string()), name]
        })
        .flatten()
        .collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::resolve::tests::{inventory, world};

    fn complete(text: &str) -> Vec<String> {
        let world = world();
        let inventory = inventory(&world);
        let shop = "shop".into();
        let around = Surroundings {
            world: &world,
            inventory: &inventory,
            namespace: Some(&shop),
        };
        candidates(&around, text, context(text, text.len()), 4)
    }

    #[test]
    fn the_context_follows_the_cursor() {
        let expecting = |text: &str| context(text, text.len()).expecting;
        assert_eq!(expecting("we"), Expecting::End);
        assert_eq!(expecting("web -> d"), Expecting::End);
        assert_eq!(expecting("web -> db:5"), Expecting::Port);
        assert_eq!(expecting("web -> db:5/t"), Expecting::Protocol);
        let typed = context("web -> d", 8).typed;
        assert_eq!((typed.start, typed.end), (7, 8));
    }

    #[test]
    fn names_of_the_current_namespace_come_bare_and_those_that_begin_so_come_first() {
        assert_eq!(complete("we"), ["web", "data/web"]);
        assert_eq!(complete("web -> dat"), ["data/db", "data/sql", "data/web"]);
        assert_eq!(complete("web -> inter"), ["internet"]);
    }

    #[test]
    fn ports_and_protocols_are_offered_where_they_belong() {
        assert_eq!(complete("web -> data/db:5"), ["5432", "5433"]);
        assert_eq!(complete("web -> data/db:5432/u"), ["udp"]);
    }

    proptest::proptest! {
        #[test]
        fn the_typed_part_lies_inside_the_text(text in "[a-z/:.<>?\\[\\] →é-]{0,16}", cursor in 0_usize..20) {
            let typed = context(&text, cursor).typed;
            proptest::prop_assert!(text.get(typed.start..typed.end).is_some());
        }
    }
}
