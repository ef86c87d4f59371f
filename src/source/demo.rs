//! The demo cluster: a small shop with real mistakes in it, its audit log, and a script of changes.
//!
//! Everything is embedded in the binary. The times in the files count from one fixed moment; here
//! they are moved so that this moment is *now*. The rest goes the way of every manifest and audit
//! log, so that the demo shows nothing that a cluster would not.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::history::Batch;
use crate::model::{Change, Key, Kind};

use super::problem::LoadError;
use super::{audit, files};

/// The moment that the times in the files count from: 2026-11-23T02:38:00Z.
const BASE: Timestamp = Timestamp::constant(1_795_401_480, 0);

/// Time between two steps of the script.
const PACE: Duration = Duration::from_secs(20);

const MANIFESTS: [(&str, &str); 13] = [
    (
        "demo/cluster.yaml",
        include_str!("../../assets/demo/cluster.yaml"),
    ),
    (
        "demo/rbac.yaml",
        include_str!("../../assets/demo/rbac.yaml"),
    ),
    (
        "demo/shop.yaml",
        include_str!("../../assets/demo/shop.yaml"),
    ),
    (
        "demo/data.yaml",
        include_str!("../../assets/demo/data.yaml"),
    ),
    (
        "demo/payments.yaml",
        include_str!("../../assets/demo/payments.yaml"),
    ),
    (
        "demo/auth.yaml",
        include_str!("../../assets/demo/auth.yaml"),
    ),
    ("demo/ops.yaml", include_str!("../../assets/demo/ops.yaml")),
    (
        "demo/monitoring.yaml",
        include_str!("../../assets/demo/monitoring.yaml"),
    ),
    (
        "demo/ingress.yaml",
        include_str!("../../assets/demo/ingress.yaml"),
    ),
    ("demo/ci.yaml", include_str!("../../assets/demo/ci.yaml")),
    (
        "demo/legacy.yaml",
        include_str!("../../assets/demo/legacy.yaml"),
    ),
    (
        "demo/argocd.yaml",
        include_str!("../../assets/demo/argocd.yaml"),
    ),
    (
        "demo/kube-system.yaml",
        include_str!("../../assets/demo/kube-system.yaml"),
    ),
];

/// The rules file of the demo's team.
pub const RULES: &str = include_str!("../../assets/demo/kreach.toml");

/// The demo cluster at its first moment.
#[derive(Clone, PartialEq, Debug)]
pub struct Demo {
    /// The whole cluster.
    pub changes: Vec<Change>,
    /// What its audit log says.
    pub audit: Batch,
}

/// The demo cluster, as of `now`.
///
/// # Errors
///
/// None with the files that are built in; a test reads them all.
pub fn load(now: Timestamp) -> Result<Demo, LoadError> {
    let texts = MANIFESTS.map(|(name, text)| (name, moved(text, since(BASE, now))));
    let loaded = files::parse(texts.iter().map(|(name, text)| (*name, text.as_str())))?;
    let audit = include_str!("../../assets/demo/audit.jsonl");
    Ok(Demo {
        changes: loaded.changes,
        audit: audit::parse(
            "demo/audit.jsonl",
            moved(audit, since(BASE, now)).as_bytes(),
        ),
    })
}

/// One step of the script.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// When it happens, from the start of the demo.
    pub after: Duration,
    /// What changes.
    pub changes: Vec<Change>,
    /// The audit events of it.
    pub audit: Batch,
}

/// A step as it stands in the files.
struct Scene {
    manifests: &'static str,
    audit: &'static str,
    /// Pods that go away, in `shop`.
    gone: &'static [&'static str],
}

macro_rules! scene {
    ($name:literal, $gone:expr) => {
        Scene {
            manifests: include_str!(concat!("../../assets/demo/scenes/", $name, ".yaml.in")),
            audit: include_str!(concat!("../../assets/demo/scenes/", $name, ".jsonl")),
            gone: $gone,
        }
    };
}

/// The scenes of one round; the last leads back to the first moment.
const SCENES: [Scene; 6] = [
    scene!("1-cache-opened", &[]),
    scene!("2-catalog-rolls-out", &OLD_CATALOG),
    scene!("3-cache-closed", &[]),
    scene!("4-legacy-joins", &[]),
    scene!("5-legacy-leaves", &[]),
    scene!("6-catalog-rolls-back", &NEW_CATALOG),
];

const OLD_CATALOG: [&str; 2] = ["catalog-5d6g4gbbq-fgdvl", "catalog-5d6g4gbbq-pm8cb"];
const NEW_CATALOG: [&str; 2] = ["catalog-x74rkggsz-4p8qp", "catalog-x74rkggsz-twg49"];

/// The script from `now` on, without an end: after the last scene the first comes again.
pub fn script(now: Timestamp) -> impl Iterator<Item = Result<Step, LoadError>> {
    let scenes = (0_u32..).flat_map(|round| SCENES.iter().map(move |scene| (round, scene)));
    (1_u32..).zip(scenes).map(move |(number, (round, scene))| {
        let after = PACE.saturating_mul(number);
        let moment = SignedDuration::try_from(after)
            .ok()
            .and_then(|after| now.checked_add(after).ok())
            .unwrap_or(Timestamp::MAX);
        scene.played(round, moment).map(|(changes, audit)| Step {
            after,
            changes,
            audit,
        })
    })
}

impl Scene {
    fn played(&self, round: u32, moment: Timestamp) -> Result<(Vec<Change>, Batch), LoadError> {
        let text = |raw: &str| moved(&numbered(raw, round), since(BASE, moment));
        let manifests = text(self.manifests);
        let loaded = files::parse([("demo/script.yaml", manifests.as_str())])?;
        let applied = loaded.changes.into_iter().flat_map(|change| match change {
            Change::Replace { objects, .. } => objects,
            Change::Apply(object) => vec![object],
            Change::Delete(..)
            | Change::Readiness(..)
            | Change::Skipped(_)
            | Change::Foreign(_) => Vec::new(),
        });
        let pod = |name: &&str| Change::Delete(Kind::Pod, Key::new("shop", *name));
        let changes = applied
            .map(Change::Apply)
            .chain(self.gone.iter().map(pod))
            .collect();
        let audit = audit::parse("demo/script.jsonl", text(self.audit).as_bytes());
        Ok((changes, audit))
    }
}

/// Spec changes of the scripted policy in one round.
const CHANGES_PER_ROUND: u32 = 2;

/// Fills in the numbers that grow from round to round: `$ROUND`, `$GENERATION_n` and `$VERSION_n`.
fn numbered(text: &str, round: u32) -> String {
    let mut filled = text.replace("$ROUND", &format!("{round:08}"));
    for n in 1..=9_u32 {
        let generation = 1 + round.saturating_mul(CHANGES_PER_ROUND).saturating_add(n);
        let version = 900_000_u64 + u64::from(round) * 100 + u64::from(n);
        filled = filled
            .replace(&format!("$GENERATION_{n}"), &generation.to_string())
            .replace(&format!("$VERSION_{n}"), &version.to_string());
    }
    filled
}

/// Whole seconds from one moment to another, so that fractions in the files stay as they are.
fn since(base: Timestamp, moment: Timestamp) -> SignedDuration {
    SignedDuration::from_secs(moment.as_second().saturating_sub(base.as_second()))
}

/// `text` with every time in it moved by `by`.
fn moved(text: &str, by: SignedDuration) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('T').filter(|_| rest.len() >= SECONDS.len()) {
        let start = at.saturating_sub(DATE.len());
        let time = rest
            .get(start..start + SECONDS.len())
            .filter(|time| looks_like_time(time));
        let shifted = time.and_then(|time| shifted(time, by));
        let (kept, end) = match &shifted {
            Some(_) => (start, start + SECONDS.len()),
            None => (at + 1, at + 1),
        };
        out.push_str(rest.get(..kept).unwrap_or_default());
        out.push_str(shifted.as_deref().unwrap_or_default());
        rest = rest.get(end..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Shapes of a time: digits stand for digits.
const SECONDS: &str = "0000-00-00T00:00:00";
const DATE: &str = "0000-00-00";

fn looks_like_time(text: &str) -> bool {
    let same = |(shape, c): (u8, u8)| {
        if shape == b'0' {
            c.is_ascii_digit()
        } else {
            shape == c
        }
    };
    SECONDS.bytes().zip(text.bytes()).all(same)
}

fn shifted(time: &str, by: SignedDuration) -> Option<String> {
    let time: Timestamp = format!("{time}Z").parse().ok()?;
    let time = time.checked_add(by).ok()?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Object, Text, World};

    fn now() -> Timestamp {
        "2030-01-01T00:00:00Z".parse().unwrap()
    }

    fn world(changes: Vec<Change>) -> World {
        let mut world = World::default();
        for change in changes {
            world.apply(change);
        }
        world
    }

    #[test]
    fn every_file_loads_and_the_shop_is_of_the_promised_size() {
        let world = world(load(now()).unwrap().changes);
        assert_eq!(world.count(Kind::Namespace), 11);
        assert_eq!(world.count(Kind::Pod), 64);
        assert_eq!(world.count(Kind::NetworkPolicy), 30);
    }

    #[test]
    fn times_are_moved_and_all_lie_in_the_past() {
        let demo = load(now()).unwrap();
        assert!(demo.audit.skipped.is_empty());
        for event in &demo.audit.events {
            assert!(event.stage_time.unwrap() < now());
        }
        let world = world(demo.changes);
        assert!(
            world
                .policies
                .values()
                .all(|p| p.meta.created.unwrap() < now())
        );
    }

    #[test]
    fn a_time_keeps_its_fraction_and_other_text_stays() {
        let by = SignedDuration::from_hours(24);
        assert_eq!(
            moved(
                "aT \"2026-11-23T02:31:38.250000Z\" T2026-11-31T00:00:00Z T",
                by
            ),
            "aT \"2026-11-24T02:31:38.250000Z\" T2026-11-31T00:00:00Z T"
        );
    }

    #[test]
    fn ev_04_the_last_event_with_a_body_tells_the_live_spec_and_generation() {
        let demo = load(now()).unwrap();
        let world = world(demo.changes);
        let mut checked = 0;
        for event in &demo.audit.events {
            let Some(body) = event
                .response
                .as_ref()
                .filter(|body| body["kind"] == "NetworkPolicy")
            else {
                continue;
            };
            let meta = &body["metadata"];
            let part = |name: &str| meta[name].as_str().unwrap().to_owned();
            let Some(live) = world
                .policies
                .get(&Key::new(part("namespace"), part("name")))
            else {
                continue;
            };
            assert_eq!(*live.meta.uid.as_ref().unwrap(), *part("uid"));
            if meta["generation"].as_i64() == live.meta.generation {
                assert_eq!(*live.spec, body["spec"], "{}", live.key);
                checked += 1;
            }
        }
        assert!(checked > 15, "{checked}");
    }

    #[test]
    fn a_round_of_the_script_leads_back_to_the_first_moment() {
        let mut world = world(load(now()).unwrap().changes);
        let first = world.clone();
        for step in script(now()).take(SCENES.len()) {
            let step = step.unwrap();
            assert!(!step.changes.is_empty());
            for change in step.changes {
                world.apply(change);
            }
        }
        assert_eq!(world.pods, first.pods);
        assert_eq!(world.namespaces, first.namespaces);
        let spec = |world: &World| {
            let specs = world.policies.values().map(|p| p.spec.clone());
            specs.collect::<Vec<_>>()
        };
        assert_eq!(spec(&world), spec(&first));
    }

    #[test]
    fn ev_17_rounds_never_repeat_an_audit_id_or_a_generation() {
        let steps: Vec<Step> = script(now())
            .take(2 * SCENES.len())
            .map(Result::unwrap)
            .collect();
        let ids: Vec<&Text> = steps
            .iter()
            .flat_map(|step| &step.audit.events)
            .map(|event| &event.audit_id)
            .collect();
        let distinct: std::collections::BTreeSet<&&Text> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
        let generations: Vec<i64> = steps
            .iter()
            .flat_map(|step| &step.changes)
            .filter_map(|change| match change {
                Change::Apply(Object::NetworkPolicy(policy)) => policy.meta.generation,
                _ => None,
            })
            .collect();
        assert_eq!(generations, [2, 3, 4, 5]);
        assert_eq!(steps[1].after, Duration::from_secs(40));
    }
}
