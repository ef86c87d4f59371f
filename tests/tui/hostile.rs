//! Sizes and names that nobody asked for.

use kreach::model::text::is_dangerous;
use kreach::model::{Key, WorkloadKey};
use kreach::tui::facts::{Facts, WorkloadRow};
use proptest::prelude::*;
use ratatui::layout::Rect;

use super::driver::{COLOUR, Driver, MONO};
use super::sample::Sample;

const NAMES: [&str; 8] = [
    "名前名前名前名前名前名前",
    "👨‍👩‍👧",
    "שלום",
    "a\u{1b}[31m\u{9b}2J",
    "e\u{301}\u{301}\u{301}\u{301}",
    "",
    "\u{202e}evil\u{200b}",
    "a-very-long-name-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on",
];

const KEYS: [&str; 24] = [
    "",
    "2",
    "2G<enter>G",
    "2jj<enter>jj<enter>G",
    "5G",
    "5<tab>G",
    "3GL",
    "3z<enter>GL<tab>",
    "3Gk<enter>Tjl<enter>",
    "6G",
    "6<tab>G",
    "6G<enter>G<tab>G",
    "6jbuG",
    "7Gll",
    "7TG<tab>G",
    "7czj<tab>G",
    "w",
    "2fgt",
    "2Gfw",
    "n",
    "?",
    "!",
    ":",
    "y",
];

fn hostile() -> Sample {
    let mut sample = Sample::shop();
    for (name, row) in NAMES.iter().zip(&mut sample.policies) {
        row.key = Key::new(*name, *name);
        row.change.policy = row.key.clone();
        row.change.who = row.key.name.shown().to_string();
    }
    for name in NAMES {
        sample.workloads.push(WorkloadRow {
            key: WorkloadKey {
                namespace: name.into(),
                kind: name.into(),
                name: name.into(),
            },
            pods: 123_456_789,
            labels: String::new(),
        });
    }
    for (name, row) in NAMES.iter().rev().zip(&mut sample.exposed) {
        row.workload.name = (*name).into();
    }
    for (name, row) in NAMES.iter().zip(&mut sample.duties.holders) {
        row.name = kreach::model::Text::from(*name).shown().to_string();
        row.shown.clone_from(&row.name);
    }
    sample
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_screen_at_any_size_with_any_name_is_drawn(
        width in 0..=200_u16,
        height in 0..=60_u16,
        keys in prop::sample::select(KEYS.as_slice()),
        mono in any::<bool>(),
    ) {
        let theme = if mono { MONO } else { COLOUR };
        let driver = Driver::on(hostile(), (width, height), theme).press(keys);
        let (buf, report) = driver.render();
        for cell in buf.content() {
            prop_assert!(!cell.symbol().chars().any(is_dangerous), "{:?}", cell.symbol());
        }
        let area = Rect::new(0, 0, width, height);
        for (hit, _) in report.hits {
            prop_assert!(hit.is_empty() || area.union(hit) == area, "{hit} of {area}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_sequence_of_keys_makes_it_panic(
        keys in prop::collection::vec(prop::sample::select(vec![
            "j", "k", "h", "l", "H", "L", "z", "g", "G", "<enter>", "<esc>", "<tab>", "<backtab>", "1", "2", "3", "5", "6", "7", "0",
            "n", "b", "u", "C", "/", ":", "?", "!", "w", "f", "t", "T", "y", "c", "m", "[", "]", "-", "<c-r>",
            "<c-d>", "<c-u>", "<space>", "<up>", "<down>", "a", "d", ">", "r",
        ]), 0..40),
    ) {
        let driver = Driver::on(hostile(), (80, 24), COLOUR).press(&keys.concat());
        prop_assert!(driver.app.facts.is_some() || !driver.effects.is_empty());
    }
}

#[test]
fn columns_stay_where_they_are_behind_wide_names() {
    let mut sample = Sample::shop();
    sample.workloads[0].key.name = "名前".into();
    let driver = Driver::on(sample, (80, 24), COLOUR).press("2j");
    let (buf, _) = driver.render();
    let symbol = |x: u16, y: u16| buf.cell((x, y)).unwrap().symbol().to_owned();
    for y in 4..9 {
        assert_eq!(
            symbol(32, y),
            if symbol(32, y) == "├" { "├" } else { "│" },
            "row {y}"
        );
    }
}

#[test]
fn a_large_cluster_costs_what_is_visible() {
    let mut sample = Sample::shop();
    for at in 0..20_000 {
        sample.workloads.push(WorkloadRow {
            key: super::sample::workload("big", &format!("w{at:05}")),
            pods: 1,
            labels: String::new(),
        });
    }
    let rows = sample.workloads().len();
    let driver = Driver::on(sample, (80, 24), COLOUR).press("2G");
    assert_eq!(
        driver
            .app
            .view
            .cursor(kreach::tui::app::view::Pane::Workloads)
            .at,
        rows - 1
    );
    assert!(driver.text().contains("big/w19999"));
}
