//! Questions that a worker answers while the screen goes on.

use std::sync::Arc;

use kreach::tui::facts::Inquiry;
use kreach::tui::msg::{Effect, Msg};

use super::driver::{COLOUR, Driver};
use super::sample::Sample;

/// Screen 2 on a wide terminal, where the selected line is explained beside the lists; the worker
/// does not answer by itself.
fn waiting() -> Driver {
    let mut driver = Driver::on(Sample::shop(), (160, 48), COLOUR);
    driver.answers_wait = true;
    driver.press("2jj<enter>")
}

fn sources(driver: &Driver) -> Vec<String> {
    let asked = driver.waiting.iter();
    asked
        .filter_map(|(_, inquiry)| match inquiry {
            Inquiry::Why(question, _) => Some(question.source.clone()),
            _ => None,
        })
        .collect()
}

fn answer_last(driver: &mut Driver) {
    let (ticket, inquiry) = driver.waiting.last().cloned().unwrap();
    driver.answer(ticket, &inquiry);
}

#[test]
fn before_the_first_answer_the_screen_says_that_it_waits() {
    let mut driver = waiting();
    assert!(driver.line("─ WHY ").contains("WHY ──"));
    assert!(driver.text().contains("│  …"));
    answer_last(&mut driver);
    assert!(driver.line("─ WHY ").contains("0.0.0.0/0 -> shop/api"));
}

#[test]
fn the_last_answer_stays_with_its_question_until_the_next_one_comes() {
    let mut driver = waiting();
    answer_last(&mut driver);
    let mut driver = driver.press("j");
    assert!(driver.line("─ WHY ").contains("0.0.0.0/0 -> shop/api"));
    answer_last(&mut driver);
    assert!(driver.line("─ WHY ").contains("ops/prometheus -> shop/api"));
}

#[test]
fn an_answer_that_comes_too_late_is_dropped() {
    let mut driver = waiting().press("j");
    let (ticket, inquiry) = driver.waiting[driver.waiting.len() - 2].clone();
    let drawn = driver.drawn;
    driver.answer(ticket, &inquiry);
    assert_eq!(driver.drawn, drawn);
    assert!(driver.line("─ WHY ").contains("WHY ──"));
}

#[test]
fn a_long_wait_dims_the_last_answer_and_draws_once() {
    let mut driver = waiting();
    answer_last(&mut driver);
    let mut driver = driver.press("j");
    let (before, drawn) = (driver.styles(), driver.drawn);
    driver.send(Msg::AnswerAwaited);
    assert_ne!(driver.styles(), before);
    assert_eq!(driver.drawn, drawn + 1);
    answer_last(&mut driver);
    let dim = driver.styles();
    driver.send(Msg::AnswerAwaited);
    assert_eq!(driver.styles(), dim, "nothing is awaited any more");
}

#[test]
fn a_new_version_of_the_cluster_asks_again() {
    let mut driver = waiting();
    answer_last(&mut driver);
    let asked = driver.waiting.len();
    driver.send(Msg::Facts(Some(Arc::new(Sample::shop()))));
    assert_eq!(driver.waiting.len(), asked + 1);
    let sources = sources(&driver);
    assert_eq!(sources[asked], sources[asked - 1]);
}

#[test]
fn what_is_answered_is_not_asked_again() {
    let mut driver = waiting();
    answer_last(&mut driver);
    let asked = driver.waiting.len();
    driver.send(Msg::Focus);
    driver.send(Msg::Resize(160, 48));
    assert_eq!(driver.press("?<esc>").waiting.len(), asked);
}

#[test]
fn nothing_is_asked_where_there_is_no_room_for_the_answer() {
    let mut driver = Driver::on(Sample::shop(), (80, 24), COLOUR);
    driver.answers_wait = true;
    assert_eq!(driver.press("2jj<enter>j").waiting, []);
}

#[test]
fn no_answer_about_one_cluster_is_shown_for_another() {
    let driver = waiting();
    let (ticket, inquiry) = driver.waiting.last().cloned().unwrap();
    let mut driver = driver.press("Cstag<enter>");
    assert!(matches!(driver.effects[..], [Effect::Ask(_)]));
    driver.send(Msg::Facts(None));
    driver.send(Msg::Facts(Some(Arc::new(Sample::shop()))));
    let mut driver = driver.press("2jj<enter>");
    driver.answer(ticket, &inquiry);
    assert!(driver.line("─ WHY ").contains("WHY ──"));
}
