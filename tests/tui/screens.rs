//! Every screen at every size, in colour and without.

use super::driver::{COLOUR, Driver, MONO};
use super::sample::Sample;

const SIZES: [(u16, u16); 3] = [(160, 48), (80, 24), (40, 12)];

/// Keys that lead to each screen.
const SCREENS: [(&str, &str); 19] = [
    ("home", ""),
    ("work", "2jjjjj"),
    ("work_inbound", "2jjjjj<enter>jj"),
    ("why", "2jjjjj<enter>jj<enter>"),
    ("exposed", "5jj"),
    ("matrix", "3jll"),
    ("paths", "2jjjjjxj"),
    ("radius", "2jjjjjbj"),
    ("matrix_zoomed", "3jjll<enter>jlll<enter>"),
    ("policies", "6jj"),
    ("history", "6jj<enter>"),
    ("blame", "6jjb"),
    ("duties", "7jjl"),
    ("duties_turned", "7TG"),
    ("changes", "8j"),
    ("what_if", "2jjjjjfw"),
    ("namespaces", "n"),
    ("help", "?"),
    ("sources", "!"),
];

/// Snapshots are called after the screen alone.
pub fn snapshot(name: &str, screen: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("../snapshots");
    settings.bind(|| insta::assert_snapshot!(name, screen));
}

#[test]
fn every_screen_at_every_size() {
    for (width, height) in SIZES {
        for (name, keys) in SCREENS {
            let colour = Driver::on(Sample::shop(), (width, height), COLOUR).press(keys);
            let mono = Driver::on(Sample::shop(), (width, height), MONO).press(keys);
            let styled = (width, height) == (80, 24);
            for (driver, palette) in [(colour, "colour"), (mono, "mono")] {
                let screen = if styled {
                    driver.screen()
                } else {
                    driver.text()
                };
                snapshot(&format!("{name}_{width}x{height}_{palette}"), &screen);
            }
        }
    }
}

#[test]
fn before_the_first_data_the_frame_is_there() {
    let driver = Driver::empty((80, 24), COLOUR);
    snapshot("loading_80x24_colour", &driver.text());
}

#[test]
fn below_the_smallest_size_one_line_says_so() {
    let driver = Driver::on(Sample::shop(), (32, 9), COLOUR);
    assert_eq!(driver.text().trim(), "kreach needs 40x12, this is 32x9");
    let driver = Driver::on(Sample::shop(), (20, 9), COLOUR);
    assert_eq!(driver.text().trim(), "kreach needs 40x12,\nthis is 20x9");
}
