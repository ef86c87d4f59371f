//! A label selector means the same to the matcher, to the engine's posting lists and to SEL-03 as it
//! is written.
#![no_main]

use std::sync::Arc;

use arbitrary::Arbitrary;
use kreach::model::{
    Change, Key, LabelSelector, Labels, NetworkPolicy, Object, ObjectMeta, Operator, Phase, Pod,
    Requirement, Text,
};
use kreach::select::label;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    pods: Vec<Vec<(Word, Word)>>,
    requirements: Vec<(Word, Op)>,
    engine: u8,
}

/// Few words, so that things match, and any other now and then.
#[derive(Arbitrary, Debug)]
enum Word {
    One(u8),
    Any(String),
}

#[derive(Arbitrary, Debug)]
enum Op {
    In(Vec<Word>),
    NotIn(Vec<Word>),
    Exists,
    DoesNotExist,
}

impl Word {
    fn text(&self) -> Text {
        match self {
            Self::One(number) => ["app", "web", "", "pod-template-hash"][*number as usize % 4].into(),
            Self::Any(text) => text.as_str().into(),
        }
    }
}

fn texts(words: &[Word]) -> Vec<Text> {
    words.iter().map(Word::text).collect()
}

fn requirement((key, op): &(Word, Op)) -> Requirement {
    Requirement {
        key: key.text(),
        operator: match op {
            Op::In(values) => Operator::In(texts(values)),
            Op::NotIn(values) => Operator::NotIn(texts(values)),
            Op::Exists => Operator::Exists,
            Op::DoesNotExist => Operator::DoesNotExist,
        },
    }
}

/// SEL-03, literally.
fn holds(requirement: &Requirement, labels: &[(Text, Text)]) -> bool {
    let found = labels.iter().rev().find(|(key, _)| *key == requirement.key);
    match &requirement.operator {
        Operator::In(values) => found.is_some_and(|(_, value)| values.contains(value)),
        Operator::NotIn(values) => found.is_none_or(|(_, value)| !values.contains(value)),
        Operator::Exists => found.is_some(),
        Operator::DoesNotExist => found.is_none(),
    }
}

fn pod(name: usize, labels: &[(Text, Text)]) -> Pod {
    Pod {
        key: Key::new("shop", format!("pod-{name}").as_str()),
        labels: labels.iter().map(|(k, v)| (k.clone(), v.clone())).collect::<Labels>(),
        addresses: Arc::default(),
        host_addresses: Arc::default(),
        node: None,
        host_network: false,
        phase: Phase::Active,
        owner: None,
        ports: Arc::default(),
        service_account: "default".into(),
        secondary_networks: false,
    }
}

fuzz_target!(|input: Input| {
    let selector = LabelSelector {
        requirements: input.requirements.iter().map(requirement).collect(),
    };
    let pods: Vec<Vec<(Text, Text)>> = input
        .pods
        .iter()
        .take(6)
        .map(|labels| labels.iter().map(|(k, v)| (k.text(), v.text())).collect())
        .collect();
    let expected: Vec<bool> = pods
        .iter()
        .map(|labels| selector.requirements.iter().all(|r| holds(r, labels)))
        .collect();
    for (labels, expected) in pods.iter().zip(&expected) {
        let labels: Labels = labels.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        assert_eq!(label::matches(&selector, &labels), *expected, "{selector} {labels:?}");
    }
    // The engine takes longer than everything before it, so one in eight goes there.
    if !input.engine.is_multiple_of(8) {
        return;
    }
    let key = Key::new("shop", "np");
    let policy = NetworkPolicy {
        key: key.clone(),
        meta: ObjectMeta::default(),
        selector,
        ingress: Some(Vec::new()),
        egress: None,
        ignored_rules: None,
        spec: Arc::default(),
    };
    let pods = (0..).zip(&pods).map(|(i, labels)| Object::Pod(pod(i, labels)));
    let objects = pods.chain([Object::NetworkPolicy(Box::new(policy))]);
    let world = kreach_fuzz::world(objects.map(Change::Apply));
    let reach = kreach_fuzz::reach(&world);
    let selected = reach.selected_by(&key);
    for (at, expected) in (0u32..).zip(expected) {
        let found = selected.iter().any(|member| member.0 == at);
        assert_eq!(found, expected, "pod {at}");
    }
});
