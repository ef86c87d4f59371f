//! `kreach guard --verify`: which of the printed objects there are (EV-36).

use std::io;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::cli::exit::Exit;
use crate::guard::Part;
use crate::guard::verify::{self, State, Verified};
use crate::model::Shown;
use crate::report::table::{Cell, Paint, Table, Tone};

use super::{LeftOutDocument, ManifestDocument};
use crate::cli::look::Looker;

/// The document `kreach.guard-verify/v1`.
#[derive(Serialize)]
pub(super) struct Verdict {
    schema: &'static str,
    objects: Vec<ObjectDocument>,
    stamps: StampsDocument,
    #[serde(rename = "leftOut")]
    pub(super) left_out: Vec<LeftOutDocument>,
}

#[derive(Serialize)]
struct ObjectDocument {
    part: &'static str,
    kind: String,
    namespace: Option<String>,
    name: String,
    state: &'static str,
    /// What differs, or why it is not known.
    details: Vec<String>,
}

/// Whether stamps prove anything.
#[derive(Serialize)]
struct StampsDocument {
    protected: bool,
    since: Option<Timestamp>,
}

impl Verdict {
    /// Compares what would be printed with what there is.
    pub(super) fn of(
        manifests: Vec<ManifestDocument>,
        left_out: Vec<LeftOutDocument>,
        looker: &mut Looker,
    ) -> Self {
        let part = |name: &str| Part::ALL.into_iter().find(|part| part.name() == name);
        let printed: Vec<(Part, Value)> = manifests
            .into_iter()
            .filter_map(|manifest| Some((part(manifest.part)?, manifest.object)))
            .collect();
        let verified = verify::verify(&printed, &mut |wanted| looker.look(wanted));
        let since = looker.protection().map(|protection| protection.since);
        Self {
            schema: "kreach.guard-verify/v1",
            objects: verified.into_iter().map(ObjectDocument::of).collect(),
            stamps: StampsDocument {
                protected: since.is_some(),
                since,
            },
            left_out,
        }
    }

    /// Yes if all is there, no if something is not, undecided if that cannot be told.
    pub(super) fn exit(&self) -> Exit {
        let any = |states: &[&str]| self.objects.iter().any(|o| states.contains(&o.state));
        if any(&["missing", "differs"]) {
            Exit::No
        } else if any(&["unknown"]) || !self.left_out.is_empty() {
            Exit::Undecided
        } else {
            Exit::Yes
        }
    }

    pub(super) fn write_table(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        let mut table = Table::new(&["PART", "OBJECT", "STATE", "DETAILS"]);
        for object in &self.objects {
            let name = Shown::of(&object.name);
            let place = match &object.namespace {
                Some(namespace) => format!("{}/{name}", Shown::of(namespace)),
                None => name.to_string(),
            };
            let tone = match object.state {
                "present" => Tone::Good,
                "missing" | "differs" => Tone::Bad,
                _ => Tone::Unsure,
            };
            table.row(vec![
                Cell::new(object.part),
                Cell::new(format!("{}/{place}", Shown::of(&object.kind))).tone(Tone::Strong),
                Cell::new(object.state).tone(tone),
                Cell::new(object.details.join("; ")),
            ]);
        }
        table.write(&mut *out, paint)?;
        match self.stamps.since {
            Some(since) => writeln!(
                out,
                "\nstamps are protected since {}",
                crate::report::time::utc(since)
            ),
            None => writeln!(out, "\nstamps are not protected: they are taken for claims"),
        }
    }
}

impl ObjectDocument {
    fn of(verified: Verified) -> Self {
        let object = verified.object;
        Self {
            part: verified.part.name(),
            kind: object.kind,
            namespace: Some(object.namespace).filter(|namespace| !namespace.is_empty()),
            name: object.name,
            state: verified.state.name(),
            details: match verified.state {
                State::Present | State::Missing => Vec::new(),
                State::Differs(places) => places,
                State::Unknown(why) => vec![why],
            },
        }
    }
}
