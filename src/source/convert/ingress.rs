//! Ingresses with the backends of both API forms (ING-04, ING-05).

use crate::model::{Ingress, IngressBackend, Kind, Object, TargetPort, Text};
use crate::source::field::At;
use crate::source::wire;
use crate::source::wire::ingress::Backend;
use crate::source::wire::scalar::IntOrString;

use super::{Context, IntoObject, meta, port};

/// The class in its old form.
const CLASS: &str = "kubernetes.io/ingress.class";

/// Annotations about scheme and clients (ING-05).
const CONTROLLER: [&str; 8] = [
    CLASS,
    "alb.ingress.kubernetes.io/scheme",
    "alb.ingress.kubernetes.io/inbound-cidrs",
    "appgw.ingress.kubernetes.io/use-private-ip",
    "nginx.ingress.kubernetes.io/whitelist-source-range",
    "nginx.ingress.kubernetes.io/allowlist-source-range",
    "haproxy.router.openshift.io/ip_whitelist",
    "haproxy.router.openshift.io/ip_allowlist",
];

impl IntoObject for wire::Ingress {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let key = meta::key(context, Kind::Ingress, &self.metadata)?;
        let annotations = meta::annotations(&self.metadata, |k| CONTROLLER.contains(&k));
        let mut backends = backends(context, &self);
        backends.sort();
        backends.dedup();
        let class = self.spec.ingress_class_name.filter(|c| !c.is_empty());
        Some(Object::Ingress(Ingress {
            key,
            class: class
                .map(Text::from)
                .or_else(|| annotations.get(CLASS).cloned()),
            backends,
            annotations,
        }))
    }
}

fn backends(context: &mut Context, ingress: &wire::Ingress) -> Vec<IngressBackend> {
    let spec = &ingress.spec;
    let at = At::ROOT.key("spec");
    let mut found = Vec::new();
    let defaults = [
        ("defaultBackend", &spec.default_backend),
        ("backend", &spec.backend),
    ];
    for (field, default) in defaults {
        if let Some(written) = default {
            found.extend(backend(context, &at.key(field), written));
        }
    }
    let at = at.key("rules");
    for (i, rule) in spec.rules.iter().enumerate() {
        let at = at.index(i);
        let at = at.key("http");
        let at = at.key("paths");
        for (i, path) in rule.http.paths.iter().enumerate() {
            found.extend(backend(context, &at.index(i).key("backend"), &path.backend));
        }
    }
    found
}

/// A Service backend; a `resource` backend has no Service and is left out.
fn backend(context: &mut Context, at: &At<'_>, wire: &Backend) -> Option<IngressBackend> {
    if let Some(service) = &wire.service {
        let at = at.key("service");
        let at = at.key("port");
        let name = service.port.name.as_deref().filter(|n| !n.is_empty());
        let target = match (name, service.port.number) {
            (Some(name), _) => TargetPort::Name(name.into()),
            (None, number) => TargetPort::Number(port::number(
                context,
                &at.key("number"),
                number.unwrap_or_default(),
            )?),
        };
        return Some(IngressBackend {
            service: service.name.as_str().into(),
            port: target,
        });
    }
    let service = wire.service_name.as_deref().filter(|n| !n.is_empty())?;
    let target = match wire.service_port.as_ref()? {
        IntOrString::Int(number) => {
            TargetPort::Number(port::number(context, &at.key("servicePort"), *number)?)
        }
        IntOrString::String(name) => TargetPort::Name(name.as_str().into()),
    };
    Some(IngressBackend {
        service: service.into(),
        port: target,
    })
}
