//! What keys, clicks and new data do.

use std::sync::Arc;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use jiff::SignedDuration;
use kreach::model::Text;
use kreach::tui::app::view::{Pane, RowId, Screen};
use kreach::tui::facts::{Extent, PeerId, PeerRow};
use kreach::tui::msg::{Connection, Effect, Msg, Request};

use super::driver::{COLOUR, Driver, now};
use super::sample::{Sample, peer, workload};

fn shop() -> Driver {
    Driver::on(Sample::shop(), (80, 24), COLOUR)
}

fn selected(driver: &Driver, pane: Pane) -> Option<RowId> {
    driver.app.view.cursor(pane).id
}

/// The workloads in the list.
fn listed(driver: &Driver) -> Vec<String> {
    let rows = driver.app.derived.workloads().iter();
    rows.map(|row| row.key.to_string()).collect()
}

fn copied(driver: &Driver) -> String {
    driver
        .effects
        .iter()
        .find_map(|effect| match effect {
            Effect::Copy(text) => Some(text.clone()),
            _ => None,
        })
        .unwrap()
}

#[test]
fn the_selection_follows_its_row_when_the_data_change() {
    let mut driver = shop().press("2jjj");
    let web = RowId::Workload(workload("shop", "cart"));
    assert_eq!(selected(&driver, Pane::Workloads), Some(web.clone()));
    let mut newer = Sample::shop();
    newer.workloads.drain(..2);
    driver.send(Msg::Facts(Some(Arc::new(newer))));
    assert_eq!(selected(&driver, Pane::Workloads), Some(web));
    assert_eq!(driver.app.view.cursor(Pane::Workloads).at, 1);
}

#[test]
fn a_selection_that_is_gone_passes_to_the_row_in_its_place() {
    let mut driver = shop().press("2jjj");
    let mut newer = Sample::shop();
    newer.workloads.remove(3);
    driver.send(Msg::Facts(Some(Arc::new(newer))));
    let next = RowId::Workload(workload("shop", "jobs"));
    assert_eq!(selected(&driver, Pane::Workloads), Some(next));
}

#[test]
fn marking_both_ends_answers_in_the_bar() {
    let driver = shop().press("2jjf");
    assert!(!driver.text().contains("what-if>"));
    let driver = driver.press("ggt");
    assert!(driver.line("what-if>").contains("shop/api -> data/db"));
    assert!(driver.line("what-if>").contains("○ BLOCKED by ingress"));
    let driver = driver.press("<esc>");
    assert!(!driver.text().contains("what-if>"));
    assert_eq!(driver.app.marks.from, None);
}

#[test]
fn the_what_if_bar_answers_while_typing_and_completes() {
    let driver = shop().press("2jjwdat");
    assert!(driver.line("what-if>").contains("shop/api -> dat"));
    assert!(driver.text().contains("data/db"));
    let driver = driver.press("<tab>");
    assert!(driver.line("what-if>").contains("shop/api -> data/db"));
    assert!(driver.line("what-if>").contains("BLOCKED"));
    let driver = driver.press("<c-r>");
    assert!(driver.line("what-if>").contains("data/db -> shop/api"));
    let driver = driver.press("<enter>");
    assert!(matches!(driver.app.view.screen, Screen::Why(_)));
}

#[test]
fn questions_asked_before_come_back_with_up() {
    let driver = shop().press("wa -> db<esc>wb -> db<esc>w<c-u><up>");
    assert!(driver.line("what-if>").contains("b -> db"));
    let driver = driver.press("<up>");
    assert!(driver.line("what-if>").contains("a -> db"));
}

#[test]
fn enter_on_a_line_explains_it_and_esc_comes_back_to_it() {
    let driver = shop().press("2jjjjj<enter>jj<enter>");
    assert!(driver.text().contains("INGRESS of data/db-0 is refused"));
    let driver = driver.press("<esc>");
    assert_eq!(driver.app.view.screen, Screen::Work);
    assert_eq!(driver.app.view.focus, Pane::Inbound);
    let api = RowId::Peer(PeerId::Workload(workload("shop", "api")));
    assert_eq!(selected(&driver, Pane::Inbound), Some(api));
}

#[test]
fn a_line_of_an_explanation_leads_to_its_policy() {
    let driver = shop().press("2<enter>jj<enter>G<enter>");
    assert!(driver.text().contains("this line is about no policy"));
    let driver = driver.press("gjjjj<enter>");
    assert_eq!(driver.app.view.screen, Screen::Policies);
    assert!(driver.text().contains("── shop/deny-all"));
}

#[test]
fn history_brings_back_filter_and_cursor() {
    let driver = shop().press("2/shop<enter>jj6[");
    assert_eq!(driver.app.view.filter, "shop");
    assert_eq!(
        selected(&driver, Pane::Workloads),
        Some(RowId::Workload(workload("shop", "jobs")))
    );
    let driver = driver.press("]");
    assert_eq!(driver.app.view.screen, Screen::Policies);
    let driver = driver.press("--");
    assert_eq!(driver.app.view.screen, Screen::Policies);
}

#[test]
fn going_somewhere_new_forgets_the_future() {
    let driver = shop().press("26[1]");
    assert_eq!(driver.app.view.screen, Screen::Home);
    assert!(driver.text().contains("this is the newest view"));
}

#[test]
fn the_filter_is_live_and_esc_clears_it() {
    let driver = shop().press("2/ns:shop !web");
    assert_eq!(listed(&driver), ["shop/api", "shop/cart", "shop/jobs"]);
    let driver = driver.press("<esc>");
    assert_eq!(listed(&driver).len(), 6);
    let driver = driver.press("/nothing-like-it<enter>");
    assert!(driver.text().contains("no workload matches"));
    let driver = driver.press("<esc>");
    assert_eq!(listed(&driver).len(), 6);
}

#[test]
fn a_filter_typed_as_the_list_shows_names_finds_them() {
    let driver = shop().press("2/shop/api<enter>");
    assert_eq!(listed(&driver), ["shop/api"]);
}

#[test]
fn escape_never_quits() {
    let driver = shop().press("2<enter><esc><esc><esc><esc><esc>");
    assert_eq!(driver.app.view.screen, Screen::Home);
    assert!(driver.effects.is_empty());
    assert_eq!(driver.press("q").effects, [Effect::Quit]);
}

#[test]
fn namespaces_can_be_picked_one_or_several() {
    let driver = shop().press("nop<enter>");
    assert_eq!(driver.app.namespaces, [Text::from("ops")].into());
    let driver = driver.press("0n<down><space><space><enter>");
    assert_eq!(
        driver.app.namespaces,
        [Text::from("data"), "ops".into()].into()
    );
    assert!(driver.text().contains("data,ops"));
    let driver = driver.press("2");
    assert_eq!(listed(&driver), ["data/db", "ops/prometheus"]);
}

#[test]
fn another_context_leaves_nothing_of_the_old_cluster() {
    let driver = shop().press("2Cstag<enter>");
    let asked = Effect::Ask(Request::SwitchContext("staging".into()));
    assert_eq!(driver.effects, [asked]);
    assert!(driver.text().contains("waiting for the first data"));
    assert!(driver.text().contains("staging"));
    assert!(!driver.text().contains("shop"));
}

#[test]
fn the_palette_runs_actions_and_commands_with_arguments() {
    let driver = shop().press(":polic<enter>");
    assert_eq!(driver.app.view.screen, Screen::Policies);
    let driver = driver.press(":ns shop<enter>");
    assert_eq!(driver.app.namespaces, [Text::from("shop")].into());
    let driver = driver.press(":ns nowhere<enter>");
    assert!(driver.text().contains("no namespace is called nowhere"));
    let driver = driver.press(":why shop/web -> data/db:5432<enter>");
    assert!(matches!(driver.app.view.screen, Screen::Why(_)));
    assert_eq!(driver.press(":q<enter>").effects, [Effect::Quit]);
}

#[test]
fn screens_that_do_not_exist_say_so_and_are_not_advertised() {
    let driver = shop().press("9");
    assert!(driver.text().contains("Findings do not exist yet"));
    assert!(driver.text().contains("there are screens 1 to 8"));
    let help = Driver::on(Sample::shop(), (160, 48), COLOUR).press("?findings");
    assert!(!help.text().contains("do not exist"));
}

#[test]
fn y_copies_the_command_that_prints_the_same() {
    assert_eq!(
        copied(&shop().press("2jj<enter>jjyc")),
        "kreach can shop/api shop/api:8080/tcp"
    );
    assert_eq!(
        copied(&shop().press("2yc")),
        "kreach connections --of data/db"
    );
    assert_eq!(
        copied(&shop().press("nshop<enter>6yc")),
        "kreach policies -n shop"
    );
    assert_eq!(copied(&shop().press("1yc")), "kreach exposed -A");
}

#[test]
fn y_copies_names_and_markdown() {
    assert_eq!(copied(&shop().press("6jjyn")), "shop/allow-web");
    assert_eq!(
        copied(&shop().press("6jjym")),
        "| shop/allow-web | 2026-11-23T02:47:10Z | carol | [audit] | ✗ NOT owner |"
    );
}

#[test]
fn the_choices_of_a_prefix_show_after_a_pause() {
    let mut driver = shop().press("y");
    assert!(!driver.text().contains("then"));
    driver.send(Msg::PrefixWaited);
    assert!(
        driver
            .text()
            .contains("c  Copy the command that prints the same")
    );
    let driver = driver.press("<esc>");
    assert!(!driver.text().contains("Copy the command"));
}

#[test]
fn an_idle_screen_is_not_drawn() {
    let mut driver = shop();
    let drawn = driver.drawn;
    driver.send(Msg::Clock(now()));
    driver.send(Msg::PrefixWaited);
    driver.send(Msg::Connection(Connection::Live));
    assert_eq!(driver.drawn, drawn);
}

#[test]
fn a_second_is_drawn_only_when_a_visible_age_changes() {
    let mut driver = shop();
    driver.send(Msg::Connection(Connection::Demo));
    let mut without_strip = Sample::shop();
    without_strip.exposed.clear();
    let drawn = driver.drawn;
    let later = |seconds| {
        Msg::Clock(
            now()
                .checked_add(SignedDuration::from_secs(seconds))
                .unwrap(),
        )
    };
    driver.send(later(1));
    assert_eq!(driver.drawn, drawn, "4m, 22m, 40s stay what they are");
    driver.send(later(70));
    assert_eq!(driver.drawn, drawn + 1, "4m became 5m");
}

#[test]
fn a_lost_connection_keeps_the_data_and_says_since_when() {
    let mut driver = shop();
    driver.send(Msg::Connection(Connection::Stale {
        since: now().checked_sub(SignedDuration::from_secs(41)).unwrap(),
        reason: "connection refused".to_owned(),
    }));
    assert!(driver.line("kreach  prod-eu").contains("STALE 40s"));
    assert!(driver.text().contains("connection refused (! shows"));
    assert!(driver.text().contains("shop/web"));
    let driver = driver.press("!");
    assert!(driver.line("STALE since").contains("2026-11-23T02:50:29Z"));
    assert!(driver.text().contains("  connection refused"));
    assert_eq!(
        driver.press("<esc><c-r>").effects,
        [Effect::Ask(Request::Reconnect)]
    );
}

#[test]
fn messages_go_away_by_themselves() {
    let mut driver = shop().press("9");
    assert!(driver.text().contains("do not exist yet"));
    let later = now().checked_add(SignedDuration::from_secs(6)).unwrap();
    driver.send(Msg::Clock(later));
    assert!(!driver.text().contains("do not exist yet"));
}

fn click(driver: &mut Driver, (column, row): (u16, u16), kind: MouseEventKind) {
    driver.send(Msg::Mouse(MouseEvent {
        kind,
        column,
        row,
        modifiers: KeyModifiers::NONE,
    }));
}

#[test]
fn a_click_selects_a_second_one_opens_and_the_wheel_scrolls() {
    let mut driver = shop().press("2");
    let down = MouseEventKind::Down(MouseButton::Left);
    click(&mut driver, (3, 6), down);
    let api = RowId::Workload(workload("shop", "api"));
    assert_eq!(selected(&driver, Pane::Workloads), Some(api));
    click(&mut driver, (3, 6), down);
    assert_eq!(driver.app.view.focus, Pane::Inbound);
    click(&mut driver, (3, 6), MouseEventKind::ScrollDown);
    let web = RowId::Workload(workload("shop", "web"));
    assert_eq!(selected(&driver, Pane::Workloads), Some(web));
}

#[test]
fn keys_of_the_footer_can_be_clicked() {
    let mut driver = shop().press("2");
    let footer = driver.text().lines().last().unwrap().to_owned();
    let at = u16::try_from(footer.find("? help").unwrap()).unwrap();
    click(
        &mut driver,
        (at, 23),
        MouseEventKind::Down(MouseButton::Left),
    );
    assert!(driver.text().contains("┌─ help"));
}

#[test]
fn tab_goes_round_the_visible_panes() {
    let focus = |keys: &str| shop().press(keys).app.view.focus;
    assert_eq!(focus("2<tab>"), Pane::Inbound);
    assert_eq!(focus("2<tab><tab>"), Pane::Outbound);
    assert_eq!(focus("2<tab><tab><tab>"), Pane::Workloads);
    assert_eq!(focus("2<backtab>"), Pane::Outbound);
    let wide = Driver::on(Sample::shop(), (160, 48), COLOUR).press("2<backtab>");
    assert_eq!(wide.app.view.focus, Pane::Namespaces);
    let narrow = Driver::on(Sample::shop(), (40, 12), COLOUR).press("2<enter><tab>");
    assert_eq!(narrow.app.view.focus, Pane::Outbound);
    assert!(narrow.text().contains("WHAT IT CAN REACH"));
}

#[test]
fn the_namespace_column_chooses_the_namespace() {
    let driver = Driver::on(Sample::shop(), (160, 48), COLOUR).press("2<backtab>jj");
    assert_eq!(driver.app.namespaces, [Text::from("ops")].into());
    assert!(driver.text().contains("prod-eu ▸ ops ▸ Workloads"));
}

#[test]
fn unknown_has_a_glyph_of_its_own() {
    let driver = shop().press("2jjjjj");
    assert!(driver.line("│  ? data/db").contains("?8080/tcp"));
    let row: PeerRow = peer(PeerId::Rest, Extent::Unknown, ("x", "?", ""));
    assert_eq!(row.extent.glyph(COLOUR.glyphs), "?");
    for known in [Extent::All, Extent::Some, Extent::None] {
        assert_ne!(known.glyph(COLOUR.glyphs), row.extent.glyph(COLOUR.glyphs));
    }
}

#[test]
fn pasted_text_goes_into_the_bar_without_what_drives_a_terminal() {
    let mut driver = shop().press("w<c-u>");
    driver.send(Msg::Paste("shop/web -> data/db\u{1b}[2J\n".to_owned()));
    assert!(driver.line("what-if>").contains("shop/web -> data/db[2J"));
}

#[test]
fn what_could_not_be_read_is_never_said_to_be_absent() {
    let mut unread = Sample::shop();
    (unread.workloads, unread.policies, unread.exposed) = (vec![], vec![], vec![]);
    unread.doubt = Some("cannot read pods: ! tells why".to_owned());
    let mut driver = Driver::on(unread, (160, 48), COLOUR);
    for key in ["1", "2", "6"] {
        driver = driver.press(key);
        let text = driver.text();
        assert!(text.contains("cannot read pods: ! tells why"), "{text}");
        for claim in ["nothing that", "no policy has", "no workloads", "every pod"] {
            assert!(!text.contains(claim), "{claim} in\n{text}");
        }
    }
}

#[test]
fn the_audit_log_and_problems_stay_in_the_strip_where_counts_give_way() {
    let driver = Driver::on(Sample::shop(), (40, 12), COLOUR);
    assert_eq!(driver.line("pods").trim(), "pods 1500…  audit off  +2!");
    let driver = Driver::on(Sample::shop(), (60, 12), COLOUR);
    let strip = driver.line("pods");
    assert!(
        strip.contains("clusterroles 403!") && !strip.contains("ns 44"),
        "{strip}"
    );
}

#[test]
fn breadcrumbs_never_push_out_what_is_looked_at_or_how_fresh_it_is() {
    let mut driver = Driver::on(Sample::shop(), (80, 24), COLOUR).press("2");
    driver.app.setup.context = "arn:aws:eks:eu-west-1:123456789012:cluster/prod-eu".into();
    let line = driver.line("kreach  ");
    for word in [
        "cluster/prod-eu",
        "all",
        "Workloads",
        "LIVE",
        "RO",
        "2 Work",
    ] {
        assert!(line.contains(word), "{word} in {line}");
    }
    driver.size = (40, 12);
    let line = driver.line("kreach ");
    assert!(
        line.contains("Workloads") && line.ends_with("LIVE RO"),
        "{line}"
    );
}

#[test]
fn another_workload_begins_at_its_first_line() {
    let driver = shop().press("2<enter>jj<esc>j<enter>");
    assert_eq!(driver.app.view.cursor(driver.app.view.focus).at, 0);
}
