//! Whatever is typed into the what-if bar: a question or an error that points into the text, and
//! completions at every place.
#![no_main]

use std::sync::OnceLock;

use kreach::model::{Inventory, Text, World};
use kreach::query::{Surroundings, complete, parse, resolve};
use kreach::source::files;
use libfuzzer_sys::fuzz_target;

const SHOP: &str = "
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, status: {podIP: 10.0.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: data}, status: {podIPs: [{ip: 10.0.0.2}, {ip: 'fd00::2'}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: api, namespace: shop}, spec: {template: {spec: {containers: [{name: c, ports: [{name: http, containerPort: 80}]}]}}}}
---
{apiVersion: v1, kind: Service, metadata: {name: api, namespace: shop}, spec: {clusterIP: 10.9.0.1, selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}}
";

fn cluster() -> &'static (World, Inventory) {
    static CLUSTER: OnceLock<(World, Inventory)> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let loaded = files::parse([("shop.yaml", SHOP)]).expect("the manifests are right");
        let world = kreach_fuzz::world(loaded.changes);
        let inventory = Inventory::of(&world);
        (world, inventory)
    })
}

fuzz_target!(|text: &str| {
    let (world, inventory) = cluster();
    let namespace = Text::from("shop");
    let around = Surroundings { world, inventory, namespace: Some(&namespace) };
    match parse::query(text) {
        Ok(asked) => {
            for end in [&asked.source, &asked.destination] {
                let _ = resolve::end(&around, end).map_err(|error| error.to_string());
            }
        }
        Err(error) => {
            assert!(error.span.start <= error.span.end && error.span.end <= text.len());
            assert!(text.is_char_boundary(error.span.start));
            assert!(text.is_char_boundary(error.span.end));
            let _ = error.to_string();
        }
    }
    let _ = (parse::endpoint(text), parse::target(text));
    for cursor in (0..=text.len()).filter(|at| text.is_char_boundary(*at)).take(24) {
        let context = complete::context(text, cursor);
        assert!(context.typed.start <= context.typed.end && context.typed.end <= text.len());
        let _ = complete::candidates(&around, text, context, 5);
    }
});
