//! Namespaces and nodes: the objects every other is placed by.

use std::net::IpAddr;

use crate::model::{Kind, Namespace, Node, Object};
use crate::source::field::At;
use crate::source::wire;

use super::{Context, IntoObject, address, meta};

impl IntoObject for wire::Namespace {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let name = meta::key(context, Kind::Namespace, &self.metadata)?.name;
        let labels = meta::labels(context, &self.metadata);
        Some(Object::Namespace(Namespace::new(name, &labels)))
    }
}

impl IntoObject for wire::Node {
    fn into_object(self, context: &mut Context) -> Option<Object> {
        let name = meta::key(context, Kind::Node, &self.metadata)?.name;
        let labels = meta::labels(context, &self.metadata);
        let (mut internal, mut external) = (Vec::new(), Vec::new());
        let at = At::ROOT.key("status");
        let at = at.key("addresses");
        for (i, entry) in self.status.addresses.iter().enumerate() {
            let list: &mut Vec<IpAddr> = match entry.address_type.as_str() {
                "InternalIP" => &mut internal,
                "ExternalIP" => &mut external,
                _ => continue,
            };
            list.extend(address::ip(
                context,
                &at.index(i).key("address"),
                &entry.address,
            ));
        }
        Some(Object::Node(Node {
            name,
            labels,
            internal,
            external,
        }))
    }
}
