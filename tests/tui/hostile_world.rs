//! Every screen on a cluster and a log that are hostile in every field (HOST-01, section H 4).

use std::sync::Arc;

use kreach::analysis::{Analysis, Input};
use kreach::history::Ledger;
use kreach::rbac::{Aggregation, Rules};
use kreach::reach::Options;
use kreach::source::audit;
use kreach::tui::facts::board::Board;

use super::driver::{COLOUR, Driver, MONO, now};
use super::hostile_names::{log, unclean, world};

const KEYS: [&str; 20] = [
    "",
    "j<enter>",
    "2",
    "2jj<enter>",
    "2jj<enter><tab>jj<enter>",
    "2Gx",
    "2jjb",
    "2fjjt",
    "3",
    "3jl<enter>",
    "3z<enter>",
    "4",
    "5",
    "5jj<tab>j",
    "6",
    "6jjj<tab>",
    "7",
    "n",
    ":",
    "!",
];

#[test]
fn h_4_no_screen_shows_a_hostile_byte_of_the_cluster_or_the_log() {
    let mut ledger = Ledger::default();
    ledger.extend(audit::parse("\u{1b}log", log().as_bytes()));
    let analysis = Arc::new(Analysis::of(&Input {
        world: &world(),
        ledger: &ledger,
        rules: &Arc::new(Rules::default()),
        options: Options::default(),
        aggregation: Aggregation::Stored,
        now: now(),
    }));
    let mut told = false;
    for (size, theme) in [((160, 48), COLOUR), ((80, 24), MONO), ((40, 12), COLOUR)] {
        for keys in KEYS {
            let driver = Driver::on(Board::of(analysis.clone()), size, theme).press(keys);
            let text = driver.text();
            assert_eq!(unclean(&text), None, "{keys} at {size:?}:\n{text:?}");
            told |= text.contains("\\u{1b}");
        }
    }
    assert!(told, "the names are there, escaped");
}
