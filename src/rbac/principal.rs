//! Somebody who acts: a user name with groups.

use crate::model::Text;

/// A principal as the API server sees one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Principal {
    /// The user name, `system:serviceaccount:<namespace>:<name>` for ServiceAccounts.
    pub name: Text,
    /// The groups, or `None` where they are not known (OWN-06): nobody can list them.
    pub groups: Option<Vec<Text>>,
}
