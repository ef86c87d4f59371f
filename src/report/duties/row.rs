//! One subject in one namespace: a line of the matrix.

use serde::Serialize;

use crate::model::{Subject, Text};
use crate::rbac::duty::{Cell as DutyCell, State};
use crate::report::subject::Named;

use super::people::Seen;
use super::waived::Broken;

/// One subject in one namespace.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Row {
    /// `User`, `Group` or `ServiceAccount`.
    pub kind: &'static str,
    /// Of a ServiceAccount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_namespace: Option<Text>,
    /// Its name, raw.
    pub name: Text,
    /// What the built-in groups mean (RB-12).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<&'static str>,
    /// For somebody of the audit log: the groups at the time (SOD-07).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// `None` for the whole cluster.
    pub namespace: Option<Text>,
    /// Runs code (SOD-02).
    pub build: Option<CellDocument>,
    /// Decides who reaches whom (SOD-03).
    pub netpol: Option<CellDocument>,
    /// Decides who may do what (SOD-04).
    pub access: Option<CellDocument>,
    /// The duties that must not be in one hand.
    pub conflict: Option<Broken>,
    /// What would end the conflict, one line each, escaped; empty if nothing would.
    pub fix: Vec<String>,
    /// Not a conflict but emergency access (SOD-08).
    pub break_glass: bool,
    /// The subject in one line, escaped.
    #[serde(skip)]
    pub shown: String,
}

/// How one duty is held.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct CellDocument {
    /// `D` direct, `T` transitive, `N` narrow, `?` unknown.
    pub state: &'static str,
    /// Each way, or what could not be read, one line each, escaped.
    pub because: Vec<String>,
}

impl Row {
    pub(super) fn new(
        subject: &Subject,
        namespace: Option<&Text>,
        cells: &[Option<DutyCell>; 3],
    ) -> Self {
        let named = Named::of(subject);
        let [build, netpol, access] = cells.each_ref().map(|c| c.as_ref().map(document));
        Self {
            kind: named.kind,
            account_namespace: named.namespace,
            name: named.name,
            meaning: named.meaning,
            seen: None,
            namespace: namespace.cloned(),
            build,
            netpol,
            access,
            conflict: None,
            fix: Vec::new(),
            break_glass: false,
            shown: named.shown,
        }
    }

    /// The symbols of the three duties; a point for one that is not held.
    #[must_use]
    pub fn symbols(&self) -> [&'static str; 3] {
        [&self.build, &self.netpol, &self.access]
            .map(|cell| cell.as_ref().map_or(".", |cell| cell.state))
    }

    /// The namespace, escaped, or `(cluster)`.
    #[must_use]
    pub fn place(&self) -> String {
        place(self.namespace.as_ref())
    }

    /// The conflict with what excuses it, or that it is emergency access; escaped.
    #[must_use]
    pub fn verdict(&self) -> String {
        match &self.conflict {
            Some(conflict) => conflict.told(),
            None if self.break_glass => "break-glass".to_owned(),
            None => String::new(),
        }
    }
}

/// A namespace, escaped, or `(cluster)`.
pub(super) fn place(namespace: Option<&Text>) -> String {
    let shown = |ns: &Text| ns.shown().to_string();
    namespace.map_or_else(|| "(cluster)".to_owned(), shown)
}

/// The states alone.
pub(super) fn states(cells: &[Option<DutyCell>; 3]) -> [Option<State>; 3] {
    cells
        .each_ref()
        .map(|cell| cell.as_ref().map(|cell| cell.state))
}

fn document(cell: &DutyCell) -> CellDocument {
    let reasons = cell.reasons.iter().map(ToString::to_string);
    let doubts = cell.doubts.iter().map(ToString::to_string);
    CellDocument {
        state: cell.state.symbol(),
        because: reasons.chain(doubts).collect(),
    }
}
