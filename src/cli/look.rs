//! Looks single objects up in whatever the options name: a cluster, or manifests.

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::Value;
use tokio::runtime::Runtime;

use crate::guard::verify::{self, Answer, Wanted};
use crate::guard::{Admission, MutatingVersion};
use crate::history::Protection;
use crate::source::files;
use crate::source::live::{Connection, LiveOptions, Looked, Lookup, build};
use crate::source::yaml;

use super::complain::Complaint;
use super::open::unsettled;

/// The group of admission policies.
const ADMISSION: &str = "admissionregistration.k8s.io";

/// Where objects are looked up.
pub(super) enum Looker {
    /// A cluster that answers.
    Cluster(Runtime, Box<Lookup>),
    /// All there is.
    Objects(HashMap<Wanted, Value>),
    /// Nothing holds such objects, and why.
    Nothing(&'static str),
}

impl Looker {
    /// Connects to a cluster.
    ///
    /// # Errors
    ///
    /// There is no way to it.
    pub(super) fn cluster(options: &LiveOptions) -> Result<Self, Complaint> {
        let runtime =
            Runtime::new().map_err(|error| Complaint::Cluster(format!("cannot start: {error}")))?;
        let connection = runtime.block_on(build(options));
        let connection = connection.map_err(|error| unsettled(&error.into(), None))?;
        Ok(Self::Cluster(runtime, Box::new(Lookup::over(connection))))
    }

    /// Holds these objects and no others.
    pub(super) fn objects(objects: Vec<Value>) -> Self {
        let keyed = objects.into_iter();
        Self::Objects(
            keyed
                .filter_map(|object| Some((Wanted::of(&object)?, object)))
                .collect(),
        )
    }

    /// What there is of an object.
    pub(super) fn look(&mut self, wanted: &Wanted) -> Answer {
        match self {
            Self::Cluster(runtime, lookup) => {
                let kind = (wanted.group.as_str(), wanted.kind.as_str());
                let name = (wanted.namespace.as_str(), wanted.name.as_str());
                told(runtime.block_on(lookup.object(kind, name)))
            }
            Self::Objects(objects) => match objects.get(wanted) {
                Some(object) => Answer::Found(object.clone()),
                None => Answer::Absent,
            },
            Self::Nothing(why) => Answer::Unreadable((*why).to_owned()),
        }
    }

    /// What a cluster can do at admission (EV-34); nothing for what is none.
    ///
    /// # Errors
    ///
    /// The cluster does not tell.
    pub(super) fn admission(&mut self) -> Result<Option<Admission>, Complaint> {
        let Self::Cluster(runtime, lookup) = self else {
            return Ok(None);
        };
        let mut versions = |kind: &str| {
            let versions = runtime.block_on(lookup.versions(ADMISSION, kind));
            versions.map_err(|why| {
                Complaint::Cluster(format!(
                    "cannot tell what the cluster can do at admission: {why}"
                ))
            })
        };
        let mutating = versions("MutatingAdmissionPolicy")?;
        let has = |version: &str| mutating.iter().any(|known| known == version);
        Ok(Some(if has("v1") {
            Admission::Mutating(MutatingVersion::V1)
        } else if has("v1beta1") {
            Admission::Mutating(MutatingVersion::V1Beta1)
        } else if versions("ValidatingAdmissionPolicy")?
            .iter()
            .any(|known| known == "v1")
        {
            Admission::Validating
        } else {
            Admission::None
        }))
    }

    /// Since when stamps are protected there, if they are (EV-36).
    pub(super) fn protection(&mut self) -> Option<Protection> {
        verify::protection(&protecting()?, &mut |wanted| self.look(wanted))
    }
}

/// The objects that protect stamps, as they are printed.
fn protecting() -> Option<Vec<Value>> {
    let printed = yaml::split(verify::PROTECTION);
    let printed = printed.iter().map(|chunk| chunk.parse().ok().flatten());
    printed.collect()
}

/// Since when stamps are protected in a cluster, if they are (EV-36); for whoever must not wait.
pub(super) async fn protection_of(connection: &Connection) -> Option<Protection> {
    let printed = protecting()?;
    let mut lookup = Lookup::over(connection.clone());
    let mut answers = HashMap::new();
    for wanted in printed.iter().filter_map(Wanted::of) {
        let kind = (wanted.group.as_str(), wanted.kind.as_str());
        let name = (wanted.namespace.as_str(), wanted.name.as_str());
        let answer = told(lookup.object(kind, name).await);
        answers.insert(wanted, answer);
    }
    let mut look = |wanted: &Wanted| answers.get(wanted).cloned().unwrap_or(Answer::Absent);
    verify::protection(&printed, &mut look)
}

fn told(looked: Looked) -> Answer {
    match looked {
        Looked::Found(object) => Answer::Found(object),
        Looked::Absent => Answer::Absent,
        Looked::Unreadable(why) => Answer::Unreadable(why),
    }
}

/// The objects of manifests once more, for what the reading for the model leaves out; nothing where
/// they cannot be read twice.
pub(super) fn again(paths: &[PathBuf]) -> Option<Looker> {
    if paths.iter().any(|path| !(path.is_file() || path.is_dir())) {
        return None;
    }
    let objects = files::Paths::new(paths).objects().ok()?;
    Some(Looker::objects(objects))
}
