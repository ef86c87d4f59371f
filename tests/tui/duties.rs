//! Screen 7: who holds which duties, by which chain, and who used them.

use kreach::report::duties::Extent;
use kreach::tui::app::view::{Pane, RowId, Screen};
use kreach::tui::facts::{DutiesFacts, Inquiry};
use kreach::tui::msg::Effect;

use super::driver::{COLOUR, Driver, MONO};
use super::sample::Sample;

fn duties(keys: &str) -> Driver {
    Driver::on(Sample::shop(), (80, 24), COLOUR).press(&format!("7{keys}"))
}

fn listed(driver: &Driver) -> Vec<&str> {
    let lines = driver.app.derived.duties.holders().iter();
    lines.map(|line| line.shown.as_str()).collect()
}

fn detail(driver: &Driver) -> String {
    let lines = driver.app.derived.detail().iter();
    lines.map(|line| line.text() + "\n").collect()
}

#[test]
fn sod_11_cells_tell_state_and_reach_and_the_strongest_counts() {
    let driver = duties("");
    let all = driver.line("g system:masters");
    assert_eq!(all.matches("● D all").count(), 3, "{all}");
    let devs = driver.line("g app-devs");
    assert!(
        devs.contains("◐ D 2ns") && devs.contains("◐ D 1ns+"),
        "{devs}"
    );
    let deployer = driver.line("s ci/deployer");
    assert!(
        deployer.contains("● T all") && deployer.contains('○'),
        "{deployer}"
    );
    assert!(driver.line("u erin").contains("? 1ns"));
}

#[test]
fn sod_11_states_can_be_told_apart_without_colour() {
    let driver = Driver::on(Sample::shop(), (80, 24), MONO).press("7");
    assert!(driver.line("s ci/deployer").contains("# T all"));
    assert!(driver.line("g app-devs").contains("+ D 1ns+"));
}

#[test]
fn own_05_the_chain_of_the_selected_duty_comes_first() {
    let driver = duties("jjl");
    let text = detail(&driver);
    assert!(
        text.starts_with("NETPOL, GRANTED BY\n  shop  D direct\n"),
        "{text}"
    );
    assert!(text.contains("RoleBinding/shop/devs -> ClusterRole/edit via Group app-devs"));
    assert!(text.contains("  team-00  N narrow"));
    let driver = driver.press("l");
    assert!(detail(&driver).starts_with("ACCESS, GRANTED BY\n  not held (RBAC only)"));
    assert!(detail(&driver.press("lllhh")).starts_with("BUILD"));
}

#[test]
fn sod_06_a_transitive_duty_names_whom_it_takes_over() {
    let text = detail(&duties("jjjl"));
    assert!(
        text.contains("T transitive\n    impersonate anybody"),
        "{text}"
    );
}

#[test]
fn sod_07_groups_say_that_members_are_decided_elsewhere_and_people_show_their_groups() {
    assert!(detail(&duties("jj")).contains("decided outside the cluster"));
    assert!(detail(&duties("G")).contains("groups in the log: app-devs"));
}

#[test]
fn sod_c7_a_conflict_that_was_used_is_worse_and_tells_by_whom() {
    let driver = duties("jj");
    assert!(driver.line("g app-devs").ends_with("SOD-C1 used   !!!"));
    assert!(driver.line("l carol").ends_with("SOD-C1        !!"));
    let text = detail(&driver);
    assert!(
        text.contains("SEEN IN THE LOG\n  carol  shop  SOD-09 high"),
        "{text}"
    );
    assert!(text.contains("patch shop/allow-web"));
}

#[test]
fn sod_09_without_a_log_nothing_is_said_about_use() {
    let sample = Sample {
        duties: DutiesFacts {
            audited: false,
            ..super::held::duties()
        },
        ..Sample::shop()
    };
    let driver = Driver::on(sample, (80, 24), COLOUR).press("7j");
    assert!(detail(&driver).contains("not known: there is no audit log"));
}

#[test]
fn byp_07_ways_around_the_policies_are_listed_with_what_they_open() {
    let text = detail(&duties("jj"));
    assert!(
        text.contains("AROUND THE POLICIES\n  shop  BYP-07 opens a new pod in shop"),
        "{text}"
    );
}

#[test]
fn sod_08_emergency_access_is_dim_and_no_conflict() {
    let driver = duties("");
    assert!(driver.line("g system:masters").contains("break-glass"));
    assert!(!listed(&driver.press("c")).contains(&"group system:masters (above RBAC)"));
}

#[test]
fn sod_10_a_waived_conflict_stays_visible_and_does_not_count() {
    let driver = duties("jjj");
    assert!(driver.line("s ci/deployer").contains("SOD-C2 waived"));
    assert!(detail(&driver).contains("(waiver W-12 until 2027-03-31)"));
    assert_eq!(listed(&driver.press("c")), ["group app-devs", "log carol"]);
}

#[test]
fn sod_11_turned_round_each_namespace_tells_who_has_all_three() {
    let driver = duties("T");
    assert!(driver.line("shop").contains("2 of them, User bob"));
    let driver = driver.press("Gl");
    let text = detail(&driver);
    assert!(
        text.starts_with("ALL THREE DUTIES IN ONE HAND\n  User bob\n"),
        "{text}"
    );
    assert!(text.contains("WHO HAS NETPOL HERE"));
    assert!(text.contains("  D group app-devs  RoleBinding/shop/devs"));
    let back = driver.press("T");
    assert_eq!(back.app.view.focus, Pane::Holders);
}

#[test]
fn the_filter_names_columns_and_esc_clears_it() {
    assert_eq!(listed(&duties("/kind:log<enter>")), ["log carol"]);
    assert_eq!(listed(&duties("/ns:team-00<enter>")), ["group app-devs"]);
    assert_eq!(
        listed(&duties("/conflict:waived<enter>")),
        ["serviceaccount ci/deployer"]
    );
    assert_eq!(listed(&duties("/used:carol<enter>")).len(), 2);
    let none = duties("/nonesuch<enter>");
    assert!(none.text().contains("nothing matches the filter"));
    assert_eq!(listed(&none.press("<esc>")).len(), 5);
}

#[test]
fn namespaces_in_view_cut_rows_and_cells() {
    let mut driver = duties("");
    driver.app.namespaces = ["team-00".into()].into();
    let driver = driver.press("j");
    assert!(!listed(&driver).contains(&"log carol"));
    let devs = driver.line("g app-devs");
    assert!(
        devs.contains("◐ D 1ns") && devs.contains("◐ N 1ns"),
        "{devs}"
    );
}

#[test]
fn enter_reads_the_chain_and_left_and_esc_come_back() {
    let driver = duties("jj<enter>");
    assert_eq!(driver.app.view.focus, Pane::Detail);
    let driver = driver.press("jjh");
    assert_eq!(driver.app.view.focus, Pane::Holders);
    let driver = driver.press("<enter><esc>");
    assert_eq!(driver.app.view.focus, Pane::Holders);
    let at = driver.app.view.cursor(Pane::Holders).id;
    assert_eq!(at, Some(RowId::Holder("group app-devs".to_owned())));
}

#[test]
fn system_subjects_are_another_question_for_the_worker() {
    let mut driver = duties("");
    driver.answers_wait = true;
    let driver = driver.press("z");
    let asked: Vec<_> = driver.waiting.iter().map(|(_, inquiry)| inquiry).collect();
    assert_eq!(asked, [&Inquiry::Duties(Extent::Everybody)]);
    assert_eq!(listed(&driver).len(), 5, "the last answer stays");
}

#[test]
fn nothing_is_claimed_before_the_worker_has_answered() {
    let mut driver = Driver::empty((80, 24), COLOUR);
    driver.answers_wait = true;
    driver.send(kreach::tui::msg::Msg::Facts(Some(std::sync::Arc::new(
        Sample::shop(),
    ))));
    assert!(driver.line("DUTIES THAT COLLIDE").contains("COLLIDE"));
    assert!(driver.text().contains("looking through roles"));
    let driver = driver.press("7");
    assert!(driver.text().contains("looking through roles and bindings"));
}

#[test]
fn rb_17_what_could_not_be_read_stands_below_the_matrix() {
    let sample = Sample {
        duties: DutiesFacts {
            missing: vec!["clusterroles could not be read".to_owned()],
            ..super::held::duties()
        },
        ..Sample::shop()
    };
    let driver = Driver::on(sample, (80, 24), COLOUR).press("7G");
    assert!(
        driver
            .text()
            .contains("? clusterroles could not be read: who holds more")
    );
    let access = detail(&driver.press("ll"));
    assert!(
        access.starts_with("ACCESS, GRANTED BY\n  not as far as seen"),
        "{access}"
    );
}

#[test]
fn home_lists_who_collides_and_enter_leads_there() {
    let home = Driver::on(Sample::shop(), (80, 24), COLOUR);
    assert!(home.line("DUTIES THAT COLLIDE").contains('2'));
    let driver = home.press("<tab><tab>j<enter>");
    assert!(matches!(driver.app.view.screen, Screen::Duties(_)));
    let at = driver.app.view.cursor(Pane::Holders).id;
    assert_eq!(at, Some(RowId::Holder("log carol".to_owned())));
}

#[test]
fn the_palette_knows_the_screen() {
    let driver = Driver::on(Sample::shop(), (80, 24), COLOUR).press(":duties<enter>");
    assert!(matches!(driver.app.view.screen, Screen::Duties(_)));
}

#[test]
fn a_subject_is_copied_as_name_command_and_markdown() {
    let copied = |keys: &str| match duties(keys).effects.last() {
        Some(Effect::Copy(text)) => text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(copied("jjyn"), "group app-devs");
    assert_eq!(copied("yc"), "kreach duties -A");
    assert_eq!(copied("cyc"), "kreach duties --conflicts -A");
    assert_eq!(copied("Tyc"), "kreach duties --by namespace -A");
    assert_eq!(copied("zyc"), "kreach duties --all -A");
    assert!(copied("jjym").starts_with("| group app-devs | ◐ D 2ns |"));
}
