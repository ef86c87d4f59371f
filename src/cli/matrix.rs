//! `kreach matrix`: from arguments to a matrix.

use std::collections::BTreeSet;
use std::env;

use crate::analysis::Analysis;
use crate::model::{Text, WorkloadKey};
use crate::query::{Surroundings, aims, parse};
use crate::report::matrix::{By, Charset, Fold, Matrix, Place, Side, TooLarge, Totals};
use crate::tui::theme::{Glyphs, Theme};

use super::can::{resolved, unreadable};
use super::complain::Complaint;
use super::console::Forms;
use super::globals::Format;
use super::{MatrixArgs, MatrixBy};

/// The formats of a matrix.
pub const FORMS: Forms<'static, Matrix> = Forms {
    table: Matrix::write_table,
    plain: &[
        (Format::Csv, Matrix::write_csv),
        (Format::Md, Matrix::write_markdown),
    ],
};

/// The formats of the sums of a matrix.
pub const TOTALS: Forms<'static, Totals> = Forms {
    table: Totals::write_table,
    plain: &[
        (Format::Csv, Totals::write_csv),
        (Format::Md, Totals::write_markdown),
    ],
};

/// The sums that the arguments ask for, within `namespaces` (empty is all).
///
/// # Errors
///
/// A place that cannot be read, does not exist or is a workload among namespaces.
pub fn totals(
    analysis: &Analysis,
    around: &Surroundings<'_>,
    args: &MatrixArgs,
    namespaces: &[Text],
) -> Result<Totals, Complaint> {
    let by = by(args);
    let of = places(around, &args.of, by)?;
    let side = Side::of(analysis, by, |place| {
        within(namespaces, place) && of.accept(place)
    });
    Ok(Totals::of(analysis, by, &side))
}

const fn by(args: &MatrixArgs) -> By {
    match args.by {
        MatrixBy::Namespace => By::Namespace,
        MatrixBy::Workload => By::Workload,
    }
}

fn within(namespaces: &[Text], place: &Place) -> bool {
    namespaces.is_empty() || namespaces.contains(place.namespace())
}

/// The matrix that the arguments ask for, within `namespaces` (empty is all).
///
/// # Errors
///
/// A place that cannot be read, does not exist or is a workload among namespaces; too many places.
pub fn matrix(
    analysis: &Analysis,
    around: &Surroundings<'_>,
    args: &MatrixArgs,
    namespaces: &[Text],
) -> Result<Matrix, Complaint> {
    let by = by(args);
    let of = places(around, &args.of, by)?;
    let rows = places(around, &args.source, by)?;
    let columns = places(around, &args.destination, by)?;
    let side = |own: &Places| {
        Side::of(analysis, by, |place| {
            within(namespaces, place) && of.accept(place) && own.accept(place)
        })
    };
    let fold = if args.fold { Fold::On } else { Fold::Off };
    let made = Matrix::of(analysis, (by, fold), [side(&rows), side(&columns)]);
    let mut matrix = made.map_err(|TooLarge(rows, columns)| Complaint::Matrix(rows, columns))?;
    matrix.charset = charset(|name| env::var(name).ok());
    Ok(matrix)
}

/// Places that were named; none accepts all.
struct Places {
    namespaces: BTreeSet<Text>,
    workloads: BTreeSet<WorkloadKey>,
}

impl Places {
    fn accept(&self, place: &Place) -> bool {
        let all = self.namespaces.is_empty() && self.workloads.is_empty();
        all || self.namespaces.contains(place.namespace())
            || matches!(place, Place::Workload(key) if self.workloads.contains(key))
    }
}

/// Reads `namespace`, `namespace/name` and `namespace/kind/name`.
fn places(around: &Surroundings<'_>, texts: &[String], by: By) -> Result<Places, Complaint> {
    let mut found = Places {
        namespaces: BTreeSet::new(),
        workloads: BTreeSet::new(),
    };
    for text in texts {
        if !text.contains('/') {
            let name = Text::from(text.as_str());
            if !around.inventory.namespaces().contains_key(&name) {
                return Err(Complaint::Namespace(text.clone()));
            }
            found.namespaces.insert(name);
            continue;
        }
        if by == By::Namespace {
            return Err(Complaint::WorkloadAmongNamespaces(text.clone()));
        }
        let end = parse::endpoint(text).map_err(unreadable(text))?;
        let members = aims(around, &resolved(around, &end)?, None);
        let workloads = members.iter().filter_map(|aim| {
            let workload = around.inventory.member(aim.member)?.workload;
            Some(around.inventory.workload(workload)?.key.clone())
        });
        let before = found.workloads.len();
        found.workloads.extend(workloads);
        if found.workloads.len() == before {
            return Err(Complaint::NoPlace(text.clone()));
        }
    }
    Ok(found)
}

/// Shade characters need a terminal that has them.
fn charset(variable: impl Fn(&str) -> Option<String>) -> Charset {
    let dumb = variable("TERM").is_some_and(|term| term == "dumb");
    match Theme::detect(variable).glyphs {
        Glyphs::Unicode if !dumb => Charset::Unicode,
        Glyphs::Unicode | Glyphs::Ascii => Charset::Ascii,
    }
}
