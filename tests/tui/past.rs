//! Screen 6: the past of a policy, who set its rules, and who else could write it.

use kreach::model::Key;
use kreach::tui::app::view::{Pane, RowId, Screen};
use kreach::tui::facts::{ChangeRow, Ownership, PastFacts, VersionRow};
use kreach::tui::theme::Role;
use kreach::tui::widget::Line;

use super::demo::board;
use super::driver::{COLOUR, Driver, now};
use super::sample::Sample;

fn version(id: &str, deed: &'static str, size: Option<(usize, usize)>) -> VersionRow {
    VersionRow {
        id: id.to_owned(),
        change: ChangeRow {
            policy: Key::new("shop", "allow-web"),
            when: Some(now()),
            who: id.to_owned(),
            badge: "[audit]",
            owner: Ownership::NotOwner,
        },
        deed,
        generation: size.map(|_| 2),
        size,
        lines: vec![
            Line::of(Role::Strong, id).and(Role::Plain, "  patch  2026-11-23T02:47:10Z"),
            Line::of(Role::Owner, "  +  - ports:"),
        ],
    }
}

/// What the sample's worker tells of every policy.
pub fn past() -> PastFacts {
    PastFacts {
        versions: vec![
            version("carol", "changed", Some((3, 1))),
            version("alice", "created", Some((12, 0))),
            version("mallory", "may have changed", None),
        ],
        rules: vec![
            Line::plain("ingress 1  from app=web  on 8080/tcp"),
            Line::of(Role::Dim, "      set by ").and(Role::Plain, "carol"),
        ],
        writers: vec![
            Line::plain("  group app-devs  ")
                .and(Role::NotOwner, Ownership::NotOwner.badge(COLOUR.glyphs)),
            Line::of(
                Role::Dim,
                "    RoleBinding/shop/devs -> ClusterRole/edit via Group app-devs",
            ),
        ],
        doubts: vec!["changes are missing before 1 version".to_owned()],
    }
}

fn policies(keys: &str) -> Driver {
    Driver::on(Sample::shop(), (80, 24), COLOUR).press(&format!("6{keys}"))
}

fn on_demo(keys: &str) -> Driver {
    Driver::on(board(), (160, 48), COLOUR).press(&format!("6{keys}"))
}

fn detail(driver: &Driver) -> String {
    let lines = driver.app.derived.detail().iter();
    lines.map(|line| line.text() + "\n").collect()
}

#[test]
fn enter_shows_every_change_and_esc_comes_back_to_the_policy() {
    let driver = policies("jj<enter>");
    let key = Key::new("shop", "allow-web");
    assert_eq!(driver.app.view.screen, Screen::History(key.clone()));
    assert!(driver.line("mallory").contains("may have changed"));
    let driver = driver.press("j");
    assert!(detail(&driver).starts_with("alice  patch"));
    let driver = driver.press("<esc>");
    assert_eq!(driver.app.view.screen, Screen::Policies);
    let at = driver.app.view.cursor(Pane::Policies).id;
    assert_eq!(at, Some(RowId::Policy(key)));
}

#[test]
fn b_goes_to_the_rules_and_u_to_the_writers() {
    let selected = |driver: &Driver| {
        let at = driver.app.view.cursor(Pane::Detail).at;
        driver.app.derived.detail()[at].text()
    };
    let driver = policies("jjb");
    assert_eq!(driver.app.view.focus, Pane::Detail);
    assert_eq!(selected(&driver), "RULES AND WHO SET THEM");
    assert!(driver.text().contains("set by carol"));
    let driver = driver.press("u");
    assert_eq!(selected(&driver), "WHO ELSE CAN WRITE IT");
    assert!(driver.text().contains("RoleBinding/shop/devs"));
}

#[test]
fn ev_24_what_the_log_does_not_show_stands_beside_the_list() {
    assert!(
        policies("jj<enter>")
            .text()
            .contains("? changes are missing before 1 version")
    );
}

#[test]
fn the_worker_is_asked_about_the_selected_policy_only() {
    let mut driver = policies("");
    driver.answers_wait = true;
    let driver = driver.press("jj");
    let asked: Vec<String> = driver
        .waiting
        .iter()
        .map(|(_, i)| format!("{i:?}"))
        .collect();
    assert!(asked.last().unwrap().contains("allow-web"), "{asked:?}");
    let text = detail(&driver);
    assert!(text.contains("RULES AND WHO SET THEM\n  …\n"), "{text}");
    assert!(
        !text.contains("set by carol"),
        "an answer about another policy"
    );
}

#[test]
fn the_history_of_the_demo_tells_each_change_with_its_diff() {
    let driver = on_demo("/name:cart<enter><enter>");
    let text = driver.text();
    assert!(
        text.contains("created") && text.contains("changed"),
        "{text}"
    );
    let text = detail(&driver);
    assert!(text.contains("\n  +"), "{text}");
}

#[test]
fn blame_of_the_demo_names_who_set_each_rule() {
    let text = detail(&on_demo("/name:cart<enter>"));
    assert!(text.contains("      set by sa ci/deployer"), "{text}");
    assert!(
        text.contains("WHO ELSE CAN WRITE IT\n  group system:masters"),
        "{text}"
    );
    assert!(text.contains("RoleBinding/shop/app-devs-edit -> ClusterRole/edit via Group app-devs"));
}
