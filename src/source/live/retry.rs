//! Which failures there are, and how long to wait after each.
//!
//! | class | waits |
//! |---|---|
//! | gone (410) | not at all: it is the normal end of an old watch |
//! | refused (403), unreadable | a minute, or until asked or reconnected |
//! | absent (404) | until discovery tells what it means |
//! | unauthorized (401) | the whole source stops and starts over with new credentials |
//! | network, overload | 0.25, 0.5, 1, 2, then 5 s, or until another kind gets through |

use std::time::Duration;

use super::error::{auth_error, cause};
use crate::model::Text;

/// The pause after a refusal, an absence or an answer that makes no sense.
pub(super) const LONG: Duration = Duration::from_mins(1);

/// No pause is cut shorter than this, however often the bell rings.
pub(super) const FLOOR: Duration = Duration::from_millis(250);

/// A failure, sorted by what to do about it.
#[derive(Debug)]
pub(super) enum Failure {
    /// 410: the version is too old, list again.
    Gone,
    /// 403, with the server's message.
    Refused(Text),
    /// 404: the server does not have the kind.
    Absent,
    /// 401, or no credentials to send.
    Unauthorized(Unauthorized),
    /// No answer, or an answer that says "later".
    Network(Text),
    /// An answer that cannot be understood.
    Unreadable(Text),
}

/// Why the credentials are of no use.
#[derive(Debug)]
pub(super) enum Unauthorized {
    /// The server refused them.
    Refused(Text),
    /// There were none; the error says why and names no secret once it is put into words.
    Missing(Box<kube::Error>),
}

impl Failure {
    /// Sorts what the client returned.
    pub(super) fn of(error: kube::Error) -> Self {
        if auth_error(&error).is_some() {
            return Self::Unauthorized(Unauthorized::Missing(Box::new(error)));
        }
        match error {
            kube::Error::Api(status) => Self::of_status(&status),
            kube::Error::SerdeError(error) => Self::Unreadable(error.to_string().into()),
            kube::Error::FromUtf8(error) => Self::Unreadable(error.to_string().into()),
            kube::Error::BuildRequest(error) => Self::Unreadable(error.to_string().into()),
            other => Self::Network(cause(&other)),
        }
    }

    /// Sorts what the server said.
    pub(super) fn of_status(status: &kube::core::Status) -> Self {
        let message = || -> Text {
            match status.message.as_str() {
                "" => format!("the server answered {} {}", status.code, status.reason).into(),
                said => said.into(),
            }
        };
        match status.code {
            401 => Self::Unauthorized(Unauthorized::Refused(message())),
            403 => Self::Refused(message()),
            404 => Self::Absent,
            410 => Self::Gone,
            400 | 405 | 406 | 422 => Self::Unreadable(message()),
            _ => Self::Network(message()),
        }
    }
}

/// How often each class has happened in a row.
#[derive(Debug, Default)]
pub(super) struct Streak {
    gone: usize,
    refused: usize,
    network: usize,
}

impl Streak {
    /// Everything is well again.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The pause after another network failure.
    pub(super) fn network(&mut self) -> Duration {
        self.network += 1;
        step(&[250, 500, 1000, 2000, 5000], self.network - 1)
    }

    /// The pause after another 410; only a server that never accepts its own versions gets one.
    pub(super) fn gone(&mut self) -> Duration {
        self.gone += 1;
        step(&[0, 0, 1000, 5000], self.gone - 1)
    }

    /// The pauses after a refusal of what was allowed before, or after what is there is not found.
    /// They are short first, because a starting API server will know better in a moment.
    pub(super) fn doubtful_refusal(&mut self) -> Duration {
        self.refused += 1;
        step(&[500, 1000, 2000, 5000, 60_000], self.refused - 1)
    }
}

fn step(millis: &[u64], index: usize) -> Duration {
    let last = millis.last().copied().unwrap_or_default();
    Duration::from_millis(millis.get(index).copied().unwrap_or(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: u16) -> kube::Error {
        let status = kube::core::Status::failure("pods is forbidden", "Because");
        kube::Error::Api(status.with_code(code).boxed())
    }

    #[test]
    fn each_status_has_its_class() {
        assert!(matches!(Failure::of(status(401)), Failure::Unauthorized(_)));
        assert!(
            matches!(Failure::of(status(403)), Failure::Refused(m) if m == "pods is forbidden")
        );
        assert!(matches!(Failure::of(status(404)), Failure::Absent));
        assert!(matches!(Failure::of(status(410)), Failure::Gone));
        for busy in [429, 500, 502, 503, 504] {
            assert!(matches!(Failure::of(status(busy)), Failure::Network(_)));
        }
    }

    #[test]
    fn a_lost_cluster_is_tried_after_at_most_five_seconds() {
        let mut streak = Streak::default();
        let pauses: Vec<u128> = (0..6).map(|_| streak.network().as_millis()).collect();
        assert_eq!(pauses, [250, 500, 1000, 2000, 5000, 5000]);
        streak.clear();
        assert_eq!(streak.network().as_millis(), 250);
    }

    #[test]
    fn the_first_410_costs_no_time() {
        assert!(Streak::default().gone().is_zero());
    }

    #[test]
    fn a_failed_credential_plugin_counts_as_unauthorized() {
        let error = kube::client::AuthError::ExecPluginFailed;
        let error = kube::Error::Service(Box::new(error));
        assert!(matches!(Failure::of(error), Failure::Unauthorized(_)));
    }
}
