//! Publishes some workloads of a generated cluster, so that the screens about exposure have rows.

use kreach::model::{
    Change, Front, Key, Labels, Object, Service, ServicePort, ServiceType, TargetPort, World,
};

/// Pods from one service to the next.
const STEP: usize = 60;

/// Adds a service to every so many-th pod: load balancers and node ports in turns.
pub fn publish(world: &mut World) {
    let pods: Vec<_> = world.pods.values().step_by(STEP).cloned().collect();
    for (pod, at) in pods.into_iter().zip(0_u16..) {
        let (Some(app), Some(port)) = (pod.labels.get("app"), pod.ports.first()) else {
            continue;
        };
        let service = Service {
            key: Key {
                namespace: pod.key.namespace.clone(),
                name: format!("public-{at}").into(),
            },
            service_type: if at % 2 == 0 {
                ServiceType::LoadBalancer
            } else {
                ServiceType::NodePort
            },
            selector: Some(Labels::from_iter([("app", app.clone())])),
            ports: vec![ServicePort {
                name: None,
                port: 443,
                protocol: port.protocol,
                target: TargetPort::Number(port.number),
                node_port: Some(30_000 + at % 2768),
            }],
            cluster_ips: Vec::new(),
            families: [true, false],
            front: Front::Virtual,
            external_ips: Vec::new(),
            source_ranges: Vec::new(),
            load_balancer_class: None,
            load_balancer_ips: Vec::new(),
            load_balancer_hostname: false,
            allocates_node_ports: true,
            local_traffic: false,
            annotations: Labels::default(),
        };
        world.apply(Change::Apply(Object::Service(Box::new(service))));
    }
}
