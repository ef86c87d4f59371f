//! Keeps the explorer's session informed of what stamps are worth (EV-36).
//!
//! Nobody asks the cluster before a policy bears a stamp. After that it is asked again and again:
//! whoever takes the protection away makes claims of the stamps, on the screen too.

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::cli::complain::Complaint;
use crate::cli::look::{self, Looker};
use crate::history::{Batch, Stamps};
use crate::source::files::Paths;
use crate::source::live::{LiveOptions, build};

/// How long what was seen counts.
const PAUSE: Duration = Duration::from_secs(30);

/// Looks, again and again.
pub(super) struct Watchman {
    place: Place,
    pause: Duration,
}

/// Where the objects of admission are.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// In a cluster.
    Cluster(LiveOptions),
    /// In manifests, which may change.
    Files(Paths),
}

impl Watchman {
    pub(super) const fn at(place: Place) -> Self {
        Self {
            place,
            pause: PAUSE,
        }
    }

    /// Tells the session each time that something else holds, for as long as it listens; `stamped`
    /// is whether any policy bears a stamp.
    pub(super) async fn watch(
        self,
        mut stamped: watch::Receiver<bool>,
        events: mpsc::Sender<Batch>,
    ) -> Result<(), Complaint> {
        let mut told = Stamps::Claims;
        while stamped.wait_for(|is| *is).await.is_ok() {
            let seen = look(&self.place).await;
            if seen != told {
                let batch = Batch {
                    stamps: Some(seen),
                    ..Batch::default()
                };
                if events.send(batch).await.is_err() {
                    break;
                }
                told = seen;
            }
            tokio::select! {
                () = sleep(self.pause) => {}
                () = events.closed() => break,
            }
        }
        Ok(())
    }
}

/// Whatever cannot be looked at protects nothing.
async fn look(place: &Place) -> Stamps {
    let protection = match place {
        Place::Cluster(options) => match build(options).await {
            Ok(connection) => look::protection_of(&connection).await,
            Err(_) => None,
        },
        Place::Files(paths) => {
            let mut paths = paths.clone();
            let objects = spawn_blocking(move || paths.objects()).await;
            let objects = objects.ok().and_then(Result::ok);
            objects.and_then(|objects| Looker::objects(objects).protection())
        }
    };
    Stamps::under(protection)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use tokio::time::timeout;

    use super::*;
    use crate::guard::verify::PROTECTION;
    use crate::source::yaml;

    const LONG: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn ev_36_stamps_are_kept_while_their_protection_is_there_and_claims_after() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("admission.yaml");
        let printed = yaml::split(PROTECTION);
        let printed = printed.iter().filter_map(|chunk| chunk.parse().unwrap());
        let created = printed.map(|mut object: Value| {
            object["metadata"]["creationTimestamp"] = "2026-11-23T02:00:00Z".into();
            object.to_string()
        });
        let manifests: Vec<String> = created.collect();
        std::fs::write(&file, manifests.join("\n---\n")).unwrap();
        let (stamped, bears) = watch::channel(false);
        let (events, mut heard) = mpsc::channel(1);
        let watchman = Watchman {
            place: Place::Files(Paths::new(std::slice::from_ref(&file))),
            pause: Duration::from_millis(5),
        };
        let watching = tokio::spawn(watchman.watch(bears, events));
        stamped.send_replace(true);
        let kept = timeout(LONG, heard.recv()).await.unwrap().unwrap();
        assert!(matches!(kept.stamps, Some(Stamps::Kept(_))), "{kept:?}");
        std::fs::write(&file, "").unwrap();
        let claims = timeout(LONG, heard.recv()).await.unwrap().unwrap();
        assert_eq!(claims.stamps, Some(Stamps::Claims));
        drop(heard);
        timeout(LONG, watching).await.unwrap().unwrap().unwrap();
    }
}
