//! AKS: diagnostic records and Log Analytics rows (EV-31). Rows of the table `AKSAudit` are events
//! with other spellings and need no unwrapping.

use super::json::Fields;
use super::parse::Inner;

/// The records of a batch, or the event inside a record or row.
pub fn inner<'a>(fields: &Fields<'a>) -> Option<Inner<'a>> {
    if let Some(records) = fields.get("records") {
        return Some(Inner::Values(records));
    }
    if let Some(log) = fields.text(&["log_s", "log"]) {
        return Some(Inner::Text(log));
    }
    let properties = Fields::of(fields.get("properties")?)?;
    properties.text(&["log"]).map(Inner::Text)
}
