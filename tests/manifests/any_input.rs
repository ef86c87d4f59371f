//! Whatever the bytes are, the answer is a result.

use proptest::prelude::*;

use super::*;

/// A valid text with one piece cut out and another put in.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let texts = [
        "shop/policies.yaml",
        "shop/others.json",
        "shop/base/pods.yaml",
        "shop/base/workloads.yml",
        "invalid/ports.yaml",
        "tiers/admin.yaml",
        "tiers/cluster.json",
        "edge/gateway.yaml",
        "edge/others.yaml",
    ]
    .map(|name| fs::read(fixture(name)).unwrap());
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..8),
        "[-:{}\\[\\]&*!|>'\"%@`#,? \n\ta1~]{0,8}".prop_map(String::into_bytes),
    ];
    let text = prop::sample::select(texts.to_vec());
    (text, any::<prop::sample::Index>(), 0..20_usize, piece).prop_map(
        |(mut text, at, cut, piece)| {
            let start = at.index(text.len());
            let end = (start + cut).min(text.len());
            text.splice(start..end, piece);
            text
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = load_text("a.yaml", &bytes);
        let _ = load_text("a.json", &bytes);
    }

    #[test]
    fn arbitrary_yaml_like_text_never_panics(text in "[-:{}\\[\\]&*!|>'\"%@`#,? \n\ta1~.<]{0,60}") {
        let _ = load_text("a.yaml", &text);
    }

    #[test]
    fn damaged_manifests_give_objects_or_problems_with_their_file(text in damaged()) {
        for name in ["a.yaml", "a.json"] {
            if let Err(error) = load_text(name, &text) {
                prop_assert!(!error.problems.is_empty());
                prop_assert!(error.problems.iter().all(|p| p.file.ends_with(name)));
                let told = error.to_string().replace('\n', "");
                prop_assert!(!told.chars().any(kreach::model::text::is_dangerous), "{told:?}");
            }
        }
    }
}
