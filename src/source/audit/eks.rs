//! EKS: CloudWatch Logs in its three deliveries (EV-31). A prefix before the JSON, as in exports
//! to S3, is handled with every line.

use super::json::Fields;
use super::parse::Inner;

/// The events of `filter-log-events` or of a subscription, or the message of one of them.
pub fn inner<'a>(fields: &Fields<'a>) -> Option<Inner<'a>> {
    if let Some(events) = fields.any(&["logEvents", "events"]) {
        return Some(Inner::Values(events));
    }
    fields.text(&["message"]).map(Inner::Text)
}
