//! What keys and clicks do on the matrix.

use std::sync::Arc;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use kreach::tui::app::chart::Zoom;
use kreach::tui::app::view::{Pane, Screen};
use kreach::tui::facts::{Inquiry, MatrixWindow};
use kreach::tui::msg::{Effect, Msg};

use super::driver::{COLOUR, Driver};
use super::sample::{Sample, workload};

fn on(sample: Sample, size: (u16, u16)) -> Driver {
    Driver::on(sample, size, COLOUR).press("3")
}

fn shop() -> Driver {
    on(Sample::shop(), (80, 24))
}

/// The cell under the cursor.
fn cell(driver: &Driver) -> String {
    let [from, to] = driver.app.cell_ends().unwrap();
    format!("{} -> {}", from.name, to.name)
}

fn rows(driver: &Driver) -> Vec<&str> {
    let down = driver.app.derived.sides().down.iter();
    down.map(|entry| entry.name.as_str()).collect()
}

fn copied(driver: &Driver) -> String {
    let text = driver.effects.iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    text.unwrap()
}

/// A cluster of many namespaces.
fn many(count: usize) -> Sample {
    let mut sample = Sample::shop();
    sample.workloads = (0..count)
        .map(|at| kreach::tui::facts::WorkloadRow {
            key: workload(&format!("team-{at:04}"), "app"),
            pods: 2,
            labels: String::new(),
        })
        .collect();
    sample
}

#[test]
fn arrows_and_letters_move_the_cell_cursor_and_stop_at_the_edges() {
    assert_eq!(cell(&shop()), "data -> data");
    assert_eq!(cell(&shop().press("jl")), "ops -> ops");
    assert_eq!(cell(&shop().press("<down><right><right>")), "ops -> shop");
    assert_eq!(cell(&shop().press("llllllh")), "data -> shop");
    assert_eq!(cell(&shop().press("hhkk")), "data -> data");
    assert_eq!(cell(&shop().press("GL")), "outside -> shop");
    assert_eq!(cell(&shop().press("GLLH")), "outside -> ops");
}

#[test]
fn enter_zooms_in_step_by_step_and_esc_comes_back() {
    let driver = shop().press("jjll<enter>");
    assert!(driver.line("kreach  ").contains("Matrix ▸ shop"));
    assert_eq!(rows(&driver), ["api", "cart", "jobs", "web", "outside"]);
    let driver = driver.press("jlll<enter>");
    assert_eq!(
        (cell(&driver).as_str(), driver.app.view.focus),
        ("cart -> web", Pane::Ports)
    );
    let driver = driver.press("j<enter>");
    let Screen::Why(question) = &driver.app.view.screen else {
        panic!("no explanation in\n{}", driver.text());
    };
    assert_eq!(question.to_string(), "shop/cart -> shop/web:8080/tcp");
    let driver = driver.press("<esc>");
    assert_eq!(
        (cell(&driver).as_str(), driver.app.view.focus),
        ("cart -> web", Pane::Ports)
    );
    let driver = driver.press("<esc>");
    assert_eq!(driver.app.view.focus, Pane::Rows);
    let driver = driver.press("<esc>");
    assert_eq!(cell(&driver), "shop -> shop");
    assert_eq!(driver.app.chart().unwrap().zoom, Zoom::Namespaces);
    assert_eq!(driver.press("<esc>").app.view.screen, Screen::Home);
}

#[test]
fn the_outside_is_zoomed_into_on_the_matrix_of_the_other_end() {
    let driver = shop().press("Gll<enter>");
    assert_eq!(rows(&driver), ["api", "cart", "jobs", "web", "outside"]);
    assert_eq!(cell(&driver), "outside -> api");
    let driver = shop().press("Glll<enter>");
    assert!(
        driver
            .text()
            .contains("outside on both ends is not looked at")
    );
}

#[test]
fn two_namespaces_are_zoomed_into_as_rows_and_columns() {
    let driver = shop().press("jjh<enter>");
    assert!(driver.line("kreach  ").contains("shop -> data"));
    assert_eq!(cell(&driver), "shop/api -> data/db");
    assert_eq!(cell(&driver.press("T")), "shop/api -> data/db");
}

#[test]
fn transposing_swaps_rows_and_columns_and_stays_on_the_cell() {
    let driver = shop().press("jjlT");
    assert!(driver.text().contains("to \\ from"));
    assert_eq!(cell(&driver), "shop -> ops");
    assert_eq!(driver.app.view.cursor(Pane::Rows).at, 1);
    assert_eq!(cell(&driver.press("j")), "shop -> shop");
}

#[test]
fn folding_counts_what_looks_alike_together() {
    let mut sample = Sample::shop();
    for name in ["stage-a", "stage-b"] {
        let mut row = sample.workloads[0].clone();
        row.key.namespace = name.into();
        sample.workloads.push(row);
    }
    let driver = on(sample, (80, 24)).press("z");
    assert_eq!(rows(&driver), ["data", "ops", "shop +2", "outside"]);
    assert!(driver.line("kreach  ").contains("folded"));
    let driver = driver.press("jjll<enter>");
    assert!(driver.line("kreach  ").contains("shop +2"));
    assert!(rows(&driver).contains(&"stage-a/db"));
    let driver = driver.press("<esc>z");
    assert_eq!(rows(&driver).len(), 6);
}

#[test]
fn the_filter_narrows_rows_and_leaves_columns() {
    let driver = shop().press("/ops<enter>");
    assert_eq!(rows(&driver), ["ops"]);
    assert_eq!(driver.app.derived.sides().across.len(), 4);
    assert!(driver.line("/ops").contains("1  2  3"));
    let driver = driver.press("<esc>/nothing<enter>");
    assert!(driver.text().contains("no row matches the filter"));
    assert_eq!(rows(&driver.press("<esc>")).len(), 4);
}

#[test]
fn unk_06_an_unknown_cell_is_never_shown_as_nothing() {
    let driver = shop().press("l");
    assert!(driver.line("1 data ").contains("··[??]·· ··"));
    assert!(driver.text().contains("not known of 3 pairs"));
    assert!(driver.text().contains("networkpolicies of"));
    let mut unread = Sample::shop();
    unread.workloads[0].key.namespace = "unread".into();
    let driver = on(unread, (80, 24));
    assert_eq!(
        driver.line("unread ").matches("??").count(),
        4,
        "{}",
        driver.text()
    );
}

#[test]
fn what_could_not_be_read_is_never_said_to_be_absent() {
    let mut unread = Sample::shop();
    unread.workloads.clear();
    unread.doubt = Some("cannot read pods: ! tells why".to_owned());
    for size in [(80, 24), (40, 12)] {
        let text = on(unread.clone(), size).text();
        assert!(text.contains("cannot read pods: ! tells why"), "{text}");
        assert!(!text.contains("no pods"), "{text}");
    }
}

#[test]
fn y_copies_the_command_the_cell_and_its_counts() {
    assert_eq!(copied(&shop().press("yc")), "kreach matrix -A");
    assert_eq!(
        copied(&shop().press("nshop<enter>zyc")),
        "kreach matrix --fold -n shop"
    );
    assert_eq!(
        copied(&shop().press("jjh<enter>yc")),
        "kreach matrix --by workload --source shop --destination data"
    );
    assert_eq!(
        copied(&shop().press("jjll<enter>jlll<enter>yc")),
        "kreach can shop/cart shop/web:9090/tcp"
    );
    assert_eq!(copied(&shop().press("jllyn")), "ops -> shop");
    assert_eq!(
        copied(&shop().press("jllym")),
        "| ops | shop | 62 % | 10 of 16 |"
    );
}

#[test]
fn a_click_selects_a_cell_and_a_second_one_opens_it() {
    let mut driver = shop();
    let line = driver
        .text()
        .lines()
        .position(|line| line.contains(" 3 shop"))
        .unwrap();
    let down = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: 20,
        row: u16::try_from(line).unwrap(),
        modifiers: KeyModifiers::NONE,
    };
    driver.send(Msg::Mouse(down));
    assert_eq!(cell(&driver), "shop -> shop");
    driver.send(Msg::Mouse(down));
    assert_eq!(cell(&driver), "api -> api");
}

#[test]
fn a_narrow_screen_lists_the_cells_of_one_row() {
    let driver = on(Sample::shop(), (40, 12)).press("jj");
    assert_eq!(cell(&driver), "data -> shop");
    let driver = driver.press("ll");
    assert!(driver.text().contains("── from shop ── 3/4"));
    assert_eq!(cell(&driver), "shop -> shop");
    assert!(driver.line("▌").contains("shop"));
    let driver = driver.press("<tab>");
    assert!(driver.text().contains("9090/tcp"), "{}", driver.text());
}

fn windows(driver: &Driver) -> Vec<&MatrixWindow> {
    let asked = driver.waiting.iter();
    asked
        .filter_map(|(_, inquiry)| match inquiry {
            Inquiry::Matrix(window) => Some(window),
            _ => None,
        })
        .collect()
}

#[test]
fn only_what_is_visible_is_counted_with_something_around_it() {
    let mut driver = Driver::on(many(2_000), (80, 24), COLOUR);
    driver.answers_wait = true;
    let driver = driver.press("3");
    let [window] = windows(&driver)[..] else {
        panic!("one question, not {}", windows(&driver).len());
    };
    assert!(
        (18..=40).contains(&window.rows.len()),
        "{}",
        window.rows.len()
    );
    assert!(
        (8..=24).contains(&window.columns.len()),
        "{}",
        window.columns.len()
    );
    let driver = driver.press("jjll");
    assert_eq!(windows(&driver).len(), 1, "what is visible was asked for");
    let driver = driver.press("GLLLL");
    let last = windows(&driver)
        .last()
        .unwrap()
        .rows
        .last()
        .cloned()
        .unwrap();
    assert_eq!(last.first().unwrap().namespace().as_str(), "team-1999");
    assert!(driver.line("team-1999").contains('…'), "not counted yet");
}

#[test]
fn the_columns_scroll_and_keep_the_cursor_in_view() {
    let driver = on(many(60), (80, 24)).press(&"l".repeat(45));
    assert_eq!(cell(&driver), "team-0000 -> team-0045");
    let head = driver.line("from \\ to");
    let (head, _) = head.split_once('│').unwrap();
    assert!(head.contains("46") && !head.contains(" 1 "), "{head}");
    assert!(driver.text().contains("to 46 team-0045"));
}

#[test]
fn new_data_keep_the_cursor_on_its_namespaces_and_are_counted_again() {
    let mut driver = shop().press("jjll");
    driver.answers_wait = true;
    let mut newer = Sample::shop();
    newer.workloads.remove(0);
    driver.send(Msg::Facts(Some(Arc::new(newer))));
    assert_eq!(cell(&driver), "shop -> shop");
    assert_eq!(driver.app.view.cursor(Pane::Rows).at, 1);
    assert_eq!(windows(&driver).len(), 1);
    assert!(driver.line(" shop ").contains("██"), "the last counts stay");
}

#[test]
fn folding_waits_for_the_worker_and_shows_the_map_until_then() {
    let mut driver = shop();
    driver.answers_wait = true;
    let mut driver = driver.press("z");
    assert_eq!(rows(&driver).len(), 4);
    let fold = driver
        .waiting
        .iter()
        .find(|(_, inquiry)| matches!(inquiry, Inquiry::Fold { .. }));
    let (ticket, inquiry) = fold.cloned().unwrap();
    driver.answer(ticket, &inquiry);
    assert_eq!(rows(&driver).len(), 4, "nothing here looks alike");
}

#[test]
fn namespaces_in_view_are_those_of_the_map() {
    let driver = shop().press("nops<enter>");
    assert_eq!(rows(&driver), ["ops", "outside"]);
    assert_eq!(rows(&driver.press("0")).len(), 4);
}

#[test]
fn m_shows_the_matrix_around_what_is_selected() {
    let open = |keys: &str| Driver::on(Sample::shop(), (80, 24), COLOUR).press(keys);
    assert_eq!(cell(&open("2jjm")), "shop -> shop");
    assert_eq!(cell(&open("6m")), "ops -> ops");
    assert_eq!(open("2jjm[").app.view.screen, Screen::Work);
    assert!(
        open("2jj<enter>Gm")
            .text()
            .contains("choose a workload, a policy or a namespace")
    );
}

#[test]
fn the_palette_and_the_trail_know_the_matrix() {
    let driver = Driver::on(Sample::shop(), (80, 24), COLOUR).press(":matrix<enter>jj1[");
    assert_eq!(cell(&driver), "shop -> data");
    let driver = driver.press("13");
    assert_eq!(cell(&driver), "shop -> data", "as it was left");
}
