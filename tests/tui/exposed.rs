//! Screen 5: what is declared beside what takes effect.

use kreach::tui::app::view::{Pane, Screen};

use super::driver::{COLOUR, Driver};
use super::sample::Sample;

fn exposed(keys: &str) -> Driver {
    Driver::on(Sample::shop(), (80, 24), COLOUR).press(&format!("5{keys}"))
}

#[test]
fn declared_and_effective_stand_in_columns_of_their_own() {
    let driver = exposed("");
    let head = driver.line("WORKLOAD");
    let columns = [head.find("DECLARED"), head.find("EFFECTIVE")];
    assert!(columns[0].unwrap() < columns[1].unwrap());
    let row = driver.line("shop/web");
    assert!(row.contains("any source") && row.contains("any  "), "{row}");
}

#[test]
fn enter_explains_the_way_and_esc_comes_back_to_it() {
    let driver = exposed("j<enter>");
    let Screen::Why(question) = &driver.app.view.screen else {
        panic!("{:?}", driver.app.view.screen);
    };
    assert_eq!(question.to_string(), "internet -> shop/web:8080/tcp");
    let back = driver.press("<esc>");
    assert_eq!(back.app.view.screen, Screen::Exposed);
    assert_eq!(back.app.view.cursor(Pane::Ways).at, 1);
}

#[test]
fn ing_03_a_way_without_a_known_source_says_so() {
    let driver = exposed("jjj<enter>");
    assert_eq!(driver.app.view.screen, Screen::Exposed);
    assert!(driver.text().contains("was not found"));
}

#[test]
fn blocked_and_unpublished_rows_are_dim_and_listed() {
    let driver = exposed("");
    let (text, styles) = (driver.text(), driver.styles());
    for (name, by) in [("shop/cart", "Ingress"), ("data/db", "nothing")] {
        let at = text.lines().position(|line| line.contains(name)).unwrap();
        assert!(text.lines().nth(at).unwrap().contains(by));
        let style = styles.lines().nth(at).unwrap();
        assert!(!style.contains(['c', 'b', 'e', 'y']), "{style}");
    }
}

#[test]
fn the_filter_names_columns_and_esc_clears_it() {
    let driver = exposed("/by:nodeport<enter>");
    assert_eq!(driver.app.derived.ways().len(), 1);
    assert!(driver.text().contains("shop/grafana"));
    let none = exposed("/nonesuch<enter>");
    assert!(none.text().contains("no way in matches the filter"));
    assert_eq!(none.press("<esc>").app.derived.ways().len(), 5);
}

#[test]
fn namespaces_in_view_cut_the_list() {
    let mut driver = exposed("");
    driver.app.namespaces = ["data".into()].into();
    let driver = driver.press("j");
    assert_eq!(driver.app.derived.ways().len(), 1);
}

#[test]
fn a_way_is_copied_as_name_command_and_markdown() {
    use kreach::tui::msg::Effect;
    let copied = |keys: &str| match exposed(keys).effects.last() {
        Some(Effect::Copy(text)) => text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(copied("jyn"), "shop/web");
    assert_eq!(copied("jyc"), "kreach exposed -A");
    assert!(copied("jym").starts_with("| shop/web | internet |"));
}

#[test]
fn unk_06_an_empty_list_says_what_could_not_be_read() {
    let sample = Sample {
        doubt: Some("cannot read services: ! tells why".to_owned()),
        exposed: Vec::new(),
        ..Sample::shop()
    };
    let mut driver = Driver::on(sample, (80, 24), COLOUR).press("5");
    driver.app.namespaces = ["nowhere".into()].into();
    assert!(driver.press("j").text().contains("cannot read services"));
}

#[test]
fn unk_01_home_says_first_that_policies_are_not_enforced() {
    let sample = Sample {
        banner: Some("NetworkPolicies are not enforced here: flannel ignores them".to_owned()),
        ..Sample::shop()
    };
    let driver = Driver::on(sample, (80, 24), COLOUR);
    assert!(
        driver
            .text()
            .lines()
            .nth(3)
            .unwrap()
            .contains("not enforced")
    );
}
