//! Reads drafts of the explorer as any other manifest.

use crate::model::{Change, Object};
use crate::source::files;
use crate::source::problem::Problem;
use crate::tui::facts::{Gravity, Manifest, Remark};

/// How a draft is called by whoever reads it; its remarks leave the name out.
const NAME: &str = "draft";

/// Reads the text of a draft. It holds policies and namespaces only: nothing else is evaluated as if
/// it were applied.
///
/// # Errors
///
/// Everything that the API server would refuse, with its line.
pub fn read(text: &str) -> Result<Manifest, Vec<Remark>> {
    let loaded = files::parse([(NAME, text)]).map_err(|error| {
        let problems = error.problems.into_iter();
        problems
            .map(|p| remark(p, Gravity::Error))
            .collect::<Vec<_>>()
    })?;
    let objects = loaded.changes.into_iter().flat_map(|change| match change {
        Change::Replace { objects, .. } => objects,
        Change::Apply(_)
        | Change::Delete(..)
        | Change::Readiness(..)
        | Change::Skipped(_)
        | Change::Foreign(_) => Vec::new(),
    });
    let (objects, others): (Vec<Object>, Vec<Object>) = objects.partition(is_draft);
    let error = |text: String| Remark {
        line: None,
        gravity: Gravity::Error,
        text,
    };
    let mut errors = Vec::new();
    for kind in others.iter().map(|object| object.kind().name()) {
        errors.push(error(format!(
            "a draft holds policies and namespaces, not a {kind}"
        )));
    }
    for kind in loaded.skipped.other_kinds.keys() {
        errors.push(error(format!(
            "a draft holds policies and namespaces, not a {kind}"
        )));
    }
    if loaded.skipped.documents_without_kind > 0 {
        errors.push(error("apiVersion and kind are missing".to_owned()));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let remarks = loaded.warnings.into_iter();
    Ok(Manifest {
        objects,
        remarks: remarks.map(|p| remark(p, Gravity::Warning)).collect(),
    })
}

fn is_draft(object: &Object) -> bool {
    matches!(
        object,
        Object::NetworkPolicy(_) | Object::AdminPolicy(_) | Object::Namespace(_)
    )
}

fn remark(problem: Problem, gravity: Gravity) -> Remark {
    let field = problem.field.map(|field| format!("{field}: "));
    let remedy = problem.remedy.map(|remedy| format!("; {remedy}"));
    let (field, remedy) = (field.unwrap_or_default(), remedy.unwrap_or_default());
    Remark {
        line: problem.line,
        gravity,
        text: format!("{field}{}{remedy}", problem.message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  \
                          name: a\n  namespace: shop\nspec:\n  podSelector: {}\n";

    fn errors(text: &str) -> Vec<(Option<u32>, String)> {
        let remarks = read(text).unwrap_err();
        remarks.into_iter().map(|r| (r.line, r.text)).collect()
    }

    #[test]
    fn a_policy_is_read_and_an_empty_draft_is_nothing() {
        assert_eq!(read(POLICY).unwrap().objects.len(), 1);
        assert_eq!(read("# nothing\n").unwrap(), Manifest::default());
    }

    #[test]
    fn ld_07_what_the_server_would_refuse_is_told_with_its_line() {
        let found = errors(&format!("{POLICY}  ingress: 5\n"));
        assert_eq!(found[0].0, Some(8), "{found:?}");
        assert!(found[0].1.starts_with("spec.ingress"), "{found:?}");
        assert!(errors("a: [b\n")[0].0.is_some());
    }

    #[test]
    fn other_kinds_and_documents_that_are_no_objects_are_errors() {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\nspec: {}\n";
        assert!(errors(pod)[0].1.ends_with("not a Pod"));
        assert!(errors("a: b\n")[0].1.contains("kind"));
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
        assert!(errors(map)[0].1.ends_with("not a ConfigMap"));
    }

    #[test]
    fn ld_06_an_unknown_field_is_a_remark() {
        let found = read(&format!("{POLICY}  ingres: []\n")).unwrap();
        assert_eq!(found.remarks[0].gravity, Gravity::Warning);
        assert_eq!(found.remarks[0].line, Some(8));
    }
}
