//! Where objects and rules stand in their files, and what is said about them there.

use crate::model::{Object, Origin};
use crate::source::convert::{Fault, admin, policy};
use crate::source::field::{FieldPath, Segment};

use super::body::Body;
use super::intake::Intake;

impl Intake {
    /// Tells objects with a history where they stand, and rules their lines.
    pub(super) fn locate(&self, object: &mut Object, body: &Body<'_>) {
        let origin = || {
            body.enter();
            body.position(&FieldPath::default()).map(|at| Origin {
                file: self.file().clone(),
                line: at.line,
            })
        };
        match object {
            Object::NetworkPolicy(policy) => {
                policy.meta.origin = origin();
                for (field, rules) in [
                    ("ingress", &mut policy.ingress),
                    ("egress", &mut policy.egress),
                ] {
                    let rules = rules.as_deref_mut().unwrap_or_default();
                    number(rules.iter_mut().map(|rule| &mut rule.line), body, field);
                }
            }
            Object::AdminPolicy(policy) => {
                policy.meta.origin = origin();
                for (field, rules) in [
                    ("ingress", &mut policy.ingress),
                    ("egress", &mut policy.egress),
                ] {
                    number(rules.iter_mut().map(|rule| &mut rule.line), body, field);
                }
            }
            Object::Role(role) => role.meta.origin = origin(),
            Object::Binding(binding) => binding.meta.origin = origin(),
            Object::Namespace(_)
            | Object::Pod(_)
            | Object::Controller(_)
            | Object::Service(_)
            | Object::Ingress(_)
            | Object::Node(_)
            | Object::IngressClass(_)
            | Object::EndpointSlice(_)
            | Object::GatewayClass(_)
            | Object::Gateway(_)
            | Object::GatewayRoute(_)
            | Object::ReferenceGrant(_)
            | Object::OpenShiftRoute(_) => {}
        }
    }

    /// Fields of policies that their API does not know (LD-06).
    pub(super) fn warn_unknown_fields(&mut self, object: &Object, body: &Body<'_>) {
        let unknown = match object {
            Object::NetworkPolicy(found) => policy::unknown_fields(&found.spec),
            Object::AdminPolicy(found) => admin::unknown_fields(found.api, &found.spec),
            _ => return,
        };
        for path in unknown {
            let message = if is_peer_or_port(&path) && matches!(object, Object::AdminPolicy(_)) {
                "unknown field: an allowing rule matches nothing by it, any other denies everything"
            } else {
                "unknown field, ignored"
            };
            let fault = Fault {
                path,
                message: message.to_owned(),
                remedy: Some("check its spelling"),
            };
            let warning = self.about(object.kind().into(), body, fault);
            self.warn(warning);
        }
    }
}

/// Whether a field stands in a list of a rule: `spec.egress[0].to[0].sameLabels` (AP-09).
fn is_peer_or_port(path: &FieldPath) -> bool {
    matches!(path.0.get(4), Some(Segment::Index(_)))
}

/// Gives the rules under `spec.<field>` their lines.
fn number<'r>(
    rules: impl ExactSizeIterator<Item = &'r mut Option<u32>>,
    body: &Body<'_>,
    field: &str,
) {
    if rules.len() == 0 {
        return;
    }
    let path = FieldPath::default().key("spec").key(field);
    for (rule, line) in rules.zip(body.entry_lines(&path)) {
        *rule = Some(line);
    }
}
