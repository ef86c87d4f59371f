//! Screen 4: possible paths, what they need, and how far one gets.

use kreach::tui::app::view::{Pane, Screen};

use super::driver::{COLOUR, Driver};
use super::sample::Sample;

/// The paths from the world to shop/web.
fn paths(keys: &str) -> Driver {
    Driver::on(Sample::shop(), (120, 40), COLOUR).press(&format!("2jjjjjx{keys}"))
}

fn hops(driver: &Driver) -> u16 {
    driver.app.paths_ask().unwrap().hops
}

#[test]
fn without_a_destination_the_screen_says_how_to_choose_one() {
    let driver = Driver::on(Sample::shop(), (120, 40), COLOUR).press("64");
    assert!(
        driver.text().contains("no destination yet: press x"),
        "{}",
        driver.text()
    );
}

#[test]
fn the_marked_ends_are_the_ends_of_the_paths() {
    let driver = Driver::on(Sample::shop(), (120, 40), COLOUR).press("2jjfjt4");
    let ask = driver.app.paths_ask().unwrap();
    let marks = &driver.app.marks;
    assert_eq!(Some(&ask.source), marks.from.as_ref());
    assert_eq!(Some(&ask.destination), marks.to.as_ref());
}

#[test]
fn every_path_is_called_possible_and_an_uncertain_one_is_marked() {
    let driver = paths("");
    assert!(driver.text().contains("possible"));
    let uncertain = driver.line("by way of ops");
    assert!(uncertain.contains('?'), "{uncertain}");
}

#[test]
fn plus_and_minus_change_how_long_paths_may_be() {
    let driver = paths("");
    let before = hops(&driver);
    let driver = driver.press("++-");
    assert_eq!(hops(&driver), before + 1);
}

#[test]
fn r_turns_the_paths_round() {
    let driver = paths("");
    let before = driver.app.paths_ask().unwrap().clone();
    let after = driver.press("r");
    let after = after.app.paths_ask().unwrap();
    assert_eq!(after.source, before.destination);
    assert_eq!(after.destination, before.source);
}

#[test]
fn enter_explains_the_hop_under_the_cursor() {
    let driver = paths("l<enter>");
    let Screen::Why(question) = &driver.app.view.screen else {
        panic!("{:?}", driver.app.view.screen);
    };
    assert_eq!(question.source, "shop/web");
    let back = driver.press("<esc>");
    assert!(back.app.paths_ask().is_some());
}

#[test]
fn c_leads_to_what_every_path_needs_and_back() {
    let driver = paths("c");
    assert_eq!(driver.app.view.focus, Pane::Needed);
    assert!(driver.text().contains("data/db ingress rule 1"));
    assert_eq!(driver.press("c").app.view.focus, Pane::Paths);
}

#[test]
fn b_shows_the_blast_radius_and_r_turns_it() {
    let driver = Driver::on(Sample::shop(), (120, 40), COLOUR).press("2jjjjjb");
    assert!(matches!(driver.app.view.screen, Screen::Radius(_)));
    assert!(driver.text().contains("reaches"));
    assert!(driver.press("r").text().contains("is reached by"));
}
