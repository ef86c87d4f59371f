//! What cannot be known from policies: whether the network obeys them, and what else has a say
//! (section 13 of the semantics).
//!
//! NetworkPolicy objects do nothing without an implementation. Which one runs is told by its pods;
//! policies of other languages and meshes are counted, never evaluated. Nothing here changes a
//! verdict: it makes notes.

mod detect;
mod foreign;
mod plugin;

use crate::model::{AdminApi, Inventory, World};
use crate::reach::{Note, NoteCode};

pub use plugin::{PLUGINS, Plugin, Support};

/// The subject of notes that concern everything.
pub const CLUSTER: &str = "cluster";

/// Whether NetworkPolicies take effect (UNK-01).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Enforced {
    /// A network runs that obeys them.
    Yes,
    /// A network runs that obeys them in new versions or if told to.
    Likely,
    /// A network runs that ignores them.
    No,
    /// Nothing tells.
    Unknown,
}

/// What is known of the network, and what must be said beside every verdict.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Enforcement {
    /// Whether NetworkPolicies take effect.
    pub enforced: Enforced,
    /// The networks that were recognised and that obey policies best, by name.
    pub plugins: Vec<&'static str>,
    /// The caveats of section 13, once per subject, sorted.
    pub notes: Vec<Note>,
}

impl Enforcement {
    /// Looks for a network among the DaemonSets and pods of `world`, and for policies that nothing
    /// here evaluates; `inventory` must be that of the same world.
    #[must_use]
    pub fn of(world: &World, inventory: &Inventory) -> Self {
        let plugins = detect::plugins(world);
        let enforced = detect::enforced(world, &plugins);
        let names = detect::telling(&plugins);
        let mut notes = Vec::new();
        notes.extend(obeyed(enforced, &names));
        notes.extend(admin_apis(world, &plugins));
        notes.extend(foreign::notes(world, inventory));
        notes.sort();
        Self {
            enforced,
            plugins: names,
            notes,
        }
    }

    /// Whether a level is no more than a lower bound: what the policies close may be open all the
    /// same (EXP-12).
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        let doubt = |code| {
            matches!(
                code,
                NoteCode::EnforcementUnknown
                    | NoteCode::NotEnforced
                    | NoteCode::AdminApiNotEnforced
            )
        };
        self.notes.iter().any(|note| doubt(note.code))
    }

    /// What every screen must say, if policies are known to be ignored (UNK-01).
    #[must_use]
    pub fn banner(&self) -> Option<String> {
        (self.enforced == Enforced::No).then(|| {
            let names = self.plugins.join(" and ");
            format!("NetworkPolicies are not enforced here: {names} ignores them")
        })
    }
}

fn of_cluster(code: NoteCode, text: String) -> Note {
    Note {
        code,
        subject: CLUSTER.to_owned(),
        text,
    }
}

/// UNK-01
fn obeyed(enforced: Enforced, names: &[&str]) -> Option<Note> {
    let names = names.join(" and ");
    match enforced {
        Enforced::Yes => None,
        Enforced::Likely => Some(of_cluster(
            NoteCode::EnforcementUnknown,
            format!("{names} enforces NetworkPolicies only in new versions or when told to"),
        )),
        Enforced::No => Some(of_cluster(
            NoteCode::NotEnforced,
            format!("{names} does not enforce NetworkPolicies: they have no effect"),
        )),
        Enforced::Unknown => Some(of_cluster(
            NoteCode::EnforcementUnknown,
            "no known network was seen, so nothing tells whether policies are enforced".to_owned(),
        )),
    }
}

/// UNK-02: tier policies that no recognised network knows; a CRD alone is no support. Where no
/// network was recognised, `enforcement-unknown` says it all.
fn admin_apis(world: &World, plugins: &[&'static Plugin]) -> Vec<Note> {
    if plugins.is_empty() {
        return Vec::new();
    }
    let exists = |api: AdminApi| world.admin_policies.keys().any(|(other, _)| *other == api);
    let unsupported = |api: AdminApi| {
        !plugins.iter().any(|plugin| match api {
            AdminApi::Admin | AdminApi::Baseline => plugin.admin == Support::Yes,
            AdminApi::Cluster => plugin.cluster != Support::No,
        })
    };
    let names = detect::telling(plugins);
    AdminApi::ALL
        .into_iter()
        .filter(|api| exists(*api) && unsupported(*api))
        .map(|api| Note {
            code: NoteCode::AdminApiNotEnforced,
            subject: api.kind().name().to_owned(),
            text: format!(
                "objects of this kind exist, but {} is not known to enforce them",
                names.join(" and ")
            ),
        })
        .collect()
}
