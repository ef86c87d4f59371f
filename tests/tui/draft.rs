//! Drafts: what an edit would open and close, while it is typed.

use std::sync::LazyLock;

use kreach::cli::drafts;
use kreach::model::{Change, Key, MemberIdx};
use kreach::report::effect::{Sign, Unit};
use kreach::tui::app::view::Screen;
use kreach::tui::facts::board::Board;
use kreach::tui::facts::{AsIf, DraftFacts};
use kreach::tui::msg::{Effect, Existing, Msg, WriteError};

use super::demo::{analysis, board};
use super::driver::{COLOUR, Driver, MONO, now};
use super::screens::snapshot;

/// The demo is read once: the tests differ in what is pressed.
static DEMO: LazyLock<Board> = LazyLock::new(board);

fn on_demo(size: (u16, u16), keys: &str) -> Driver {
    Driver::on(DEMO.clone(), size, COLOUR).press(keys)
}

/// The draft of a policy of the demo.
fn drafting(keys: &str) -> Driver {
    on_demo((160, 48), &format!("6/object:data/db<enter>e{keys}"))
}

fn known(driver: &Driver) -> &DraftFacts {
    driver.app.drafts.shown().unwrap().facts
}

fn text(driver: &Driver) -> String {
    driver.app.draft_at_hand().unwrap().text()
}

#[test]
fn drafts_at_every_size() {
    // Another port in the first rule.
    let downs = "<down>".repeat(21);
    let edited = format!("6/object:data/db<enter>e{downs}<end><backspace>3");
    let only = format!("{edited}<c-d>");
    let screens = [
        ("draft", edited.as_str()),
        ("draft_error", "6/object:data/db<enter>e<enter>from: ["),
        ("draft_offer", "6/name:cart<enter>e<enter><c-space>"),
        ("draft_workload", "2/name:cart<enter>e"),
        ("draft_only_diff", only.as_str()),
        ("draft_overlay", "2/name:cart<enter>e<esc>D"),
        (
            "draft_list",
            "2/name:cart<enter>e<esc>6/name:cart<enter>e<enter># x<esc>d",
        ),
        ("draft_save", "2/name:cart<enter>e<c-s>"),
    ];
    for (size, tag) in [
        ((160, 48), "160x48"),
        ((80, 24), "80x24"),
        ((40, 12), "40x12"),
    ] {
        for (name, keys) in screens {
            let driver = on_demo(size, keys);
            snapshot(&format!("{name}_{tag}_colour"), &driver.text());
            let mono = Driver::on(DEMO.clone(), size, MONO).press(keys);
            let screen = if tag == "80x24" {
                mono.screen()
            } else {
                mono.text()
            };
            snapshot(&format!("{name}_{tag}_mono"), &screen);
        }
    }
}

/// Puts another text into the draft at hand.
fn retype(mut driver: Driver, from: &str, to: &str) -> Driver {
    let before = text(&driver);
    assert!(before.contains(from), "{before}");
    let id = driver.app.draft_at_hand().unwrap().id;
    driver.send(Msg::Edited(id, Ok(before.replacen(from, to, 1))));
    driver
}

/// Pairs of pods that a draft opens, closes and changes, each asked by itself.
fn counted(text: &str) -> [u64; 3] {
    let before = analysis(now());
    let mut world = before.world.clone();
    for object in drafts::read(text).unwrap().objects {
        world.apply(Change::Apply(object));
    }
    let after = before.elsewhere(&world);
    let mut counts = [0; 3];
    let members = u32::try_from(before.inventory().numbers().len()).unwrap();
    for from in (0..members).map(MemberIdx) {
        for to in (0..members).map(MemberIdx).filter(|to| *to != from) {
            let [old, new] = [&before, &after].map(|a| a.reach.pair(from, to).allowed);
            match (old == new, old.is_none(), new.is_none()) {
                (true, ..) => {}
                (_, true, _) => counts[0] += 1,
                (_, _, true) => counts[1] += 1,
                (..) => counts[2] += 1,
            }
        }
    }
    counts
}

#[test]
fn an_edit_opens_and_closes_exactly_what_the_engine_says() {
    for (from, to) in [
        ("app: api", "app: web"),
        ("port: 5432", "port: 5433"),
        ("  - Ingress", "  - Ingress\n  - Egress"),
        // A label that the classes have not told apart yet.
        ("app: db", "apps.kubernetes.io/pod-index: \"0\""),
    ] {
        let driver = retype(drafting(""), from, to);
        let effect = known(&driver).effect.clone().unwrap();
        let found = [Sign::Opened, Sign::Closed, Sign::Changed].map(|s| effect.inside(s));
        assert_eq!(found, counted(&text(&driver)), "{from} -> {to}");
        assert!(
            found.iter().sum::<u64>() > 0,
            "{from} -> {to} should do something"
        );
        assert_eq!(effect.unit, Unit::PodPairs);
        let pairs = |sign: Sign| {
            let lines = effect.lines.iter().filter(|line| line.sign == sign);
            lines.filter_map(|line| line.pairs).sum::<u64>()
        };
        for sign in Sign::ALL {
            assert_eq!(pairs(sign), effect.inside(sign), "{from} -> {to}");
        }
    }
}

#[test]
fn a_deleted_policy_is_an_empty_draft() {
    let whole = text(&drafting(""));
    let driver = retype(drafting(""), &whole, "");
    assert!(driver.text().contains("! data/db would be deleted"));
    assert!(known(&driver).effect.clone().unwrap().inside(Sign::Closed) > 0);
}

#[test]
fn an_error_stands_under_its_line_and_the_last_difference_stays() {
    let driver = retype(drafting(""), "app: api", "app: web");
    let before = known(&driver).effect.clone();
    let driver = retype(driver, "policyTypes:\n  - Ingress", "policyTypes: 5");
    let screen = driver.text();
    let rows: Vec<&str> = screen.lines().collect();
    let at = rows.iter().position(|row| row.contains("policyTypes: 5"));
    let below = rows[at.unwrap() + 1];
    assert!(below.contains("\u{2514} spec.policyTypes"), "{screen}");
    let shown = driver.app.drafts.shown().unwrap();
    assert!(shown.outdated && shown.facts.effect == before);
    assert!(screen.contains("a draft cannot be read"));
    let driver = retype(driver, "policyTypes: 5", "policyTypes: [Ingress]");
    assert!(!driver.app.drafts.shown().unwrap().outdated);
}

#[test]
fn a_named_port_that_no_pod_has_is_remarked_under_its_line() {
    let driver = retype(drafting(""), "port: 5432", "port: postgrex");
    let text = driver.text();
    let remark = "\u{2514} no pod names a port postgrex; did you mean postgres";
    assert!(text.contains(remark), "{text}");
}

#[test]
fn letters_are_typed_and_nothing_is_asked_before_a_pause() {
    let mut driver = drafting("");
    driver.answers_wait = true;
    let mut driver = driver.press("<enter># q2j");
    assert!(text(&driver).contains("# q2j\n"));
    assert!(driver.waiting.is_empty());
    driver.send(Msg::TypingPaused);
    assert_eq!(driver.waiting.len(), 1);
}

#[test]
fn labels_that_exist_are_offered_and_taken() {
    let begun = "<enter>- from:<enter>- podSelector:<enter>matchLabels:<enter>";
    let driver = drafting(&format!("{begun}tie<tab>"));
    assert!(
        text(&driver).contains("\n            tier: \n"),
        "{}",
        text(&driver)
    );
    let driver = driver.press("<c-space>");
    let offer = driver.app.drafts.offer.clone().unwrap();
    assert!(offer.texts.contains(&"back".to_owned()), "{offer:?}");
    // What is typed narrows, enter takes.
    let driver = driver.press("ba<enter>");
    assert!(text(&driver).contains("tier: back\n"), "{}", text(&driver));
    assert!(
        driver
            .app
            .drafts
            .shown()
            .is_some_and(|shown| !shown.outdated)
    );
    let driver = driver.press("<enter><c-space><esc>");
    assert!(
        driver.app.drafts.offer.is_none(),
        "esc closes the offer first"
    );
    assert!(matches!(driver.app.view.screen, Screen::Draft(_)));
}

#[test]
fn the_overlay_shows_every_screen_as_if_the_drafts_were_applied() {
    let driver = on_demo((160, 48), "2/name:cart<enter>e<esc>");
    let as_if = |driver: &Driver| driver.app.facts.as_ref().unwrap().as_if();
    assert_eq!(as_if(&driver), AsIf::Now);
    let mut driver = driver.press("D");
    assert_eq!(as_if(&driver), AsIf::Drafts(1));
    for screen in ["1", "2", "3", "4", "5", "6", "7"] {
        driver = driver.press(screen);
        let text = driver.text();
        assert!(
            text.lines().next().unwrap().contains("WITH 1 DRAFT"),
            "{text}"
        );
        assert!(text.contains("as if 1 draft were applied"), "{text}");
    }
    let driver = driver.press("6");
    assert!(
        driver.line("cart-2").contains("(draft)"),
        "{}",
        driver.text()
    );
    let driver = driver.press("D");
    assert!(!driver.text().contains("cart-2") && !driver.text().contains("WITH"));
    assert_eq!(as_if(&driver), AsIf::Now);
}

#[test]
fn the_overlay_answers_questions_under_the_drafts() {
    let asked = "<esc>w<c-u>shop/api -> data/db:5432";
    let driver = drafting(asked);
    assert!(
        driver.line("what-if").contains("ALLOWED"),
        "{}",
        driver.text()
    );
    let driver = retype(drafting(""), "app: api", "app: web");
    let driver = driver.press("<esc>Dw<c-u>shop/api -> data/db:5432");
    assert!(
        driver.line("what-if").contains("BLOCKED"),
        "{}",
        driver.text()
    );
}

#[test]
fn a_file_is_overwritten_only_after_a_second_enter() {
    let mut driver = drafting("<enter># x<c-s><enter>");
    let Some(Effect::Write {
        path,
        text,
        existing,
    }) = driver.effects.last().cloned()
    else {
        panic!("{:?}", driver.effects);
    };
    assert_eq!(
        (path.as_str(), existing),
        ("./data-db.yaml", Existing::Keep)
    );
    assert!(text.contains("# x"));
    driver.send(Msg::Written(Err(WriteError::Exists)));
    assert!(
        driver
            .text()
            .contains("exists already: enter again overwrites it")
    );
    let mut driver = driver.press("<enter>");
    let last = driver.effects.last().cloned();
    assert!(matches!(
        last,
        Some(Effect::Write {
            existing: Existing::Overwrite,
            ..
        })
    ));
    assert_eq!(driver.app.drafts.unsaved(), 1);
    driver.send(Msg::Written(Ok(())));
    assert_eq!(driver.app.drafts.unsaved(), 0);
    assert!(driver.text().contains("saved ./data-db.yaml"));
}

#[test]
fn another_name_is_not_taken_for_a_second_enter() {
    let mut driver = drafting("<enter># x<c-s><enter>");
    driver.send(Msg::Written(Err(WriteError::Exists)));
    let driver = driver.press("2<enter>");
    let last = driver.effects.last().cloned();
    assert!(matches!(
        last,
        Some(Effect::Write {
            existing: Existing::Keep,
            ..
        })
    ));
}

#[test]
fn leaving_with_an_unsaved_draft_takes_two_keys() {
    let driver = drafting("<enter># x<esc>q");
    assert!(!driver.effects.contains(&Effect::Quit));
    assert!(driver.text().contains("1 draft not saved"));
    let driver = driver.press("jq");
    assert!(
        !driver.effects.contains(&Effect::Quit),
        "another key came between"
    );
    assert!(driver.press("q").effects.contains(&Effect::Quit));
    let driver = drafting("<c-c>");
    assert!(driver.effects.contains(&Effect::Quit), "nothing was typed");
}

#[test]
fn an_unsaved_draft_is_dropped_only_when_asked_twice() {
    let driver = drafting("<enter># x<esc>d<a-x>");
    assert_eq!(driver.app.drafts.all.len(), 1);
    let driver = driver.press("<a-x>");
    assert!(driver.app.drafts.all.is_empty(), "{}", driver.text());
    let driver = drafting("<a-x>");
    assert!(driver.app.drafts.all.is_empty());
    assert_eq!(driver.app.view.screen, Screen::Policies);
}

#[test]
fn the_same_policy_is_drafted_once() {
    let driver = drafting("<enter># x<esc>e");
    assert_eq!(driver.app.drafts.all.len(), 1);
    assert!(text(&driver).contains("# x"));
    let key = Key::new("data", "db");
    assert_eq!(driver.app.drafts.all[0].replaces, Some(key));
}

#[test]
fn drafts_are_one_change_set() {
    let driver = drafting("<esc>2<esc>/name:web<enter>e");
    assert_eq!(driver.app.drafts.all.len(), 2, "{}", driver.text());
    assert!(driver.text().contains("2 drafts vs the cluster"));
}

#[test]
fn markdown_tells_counts_and_lines() {
    let driver = retype(drafting(""), "app: api", "app: web").press("<a-m>");
    let Some(Effect::Copy(text)) = driver.effects.last() else {
        panic!("nothing copied");
    };
    let closed = known(&driver).effect.clone().unwrap().inside(Sign::Closed);
    assert!(
        text.contains(&format!("{closed} pod pairs closed")),
        "{text}"
    );
    assert!(
        text.contains("| `shop/api` | `data/db` | `5432/tcp` |"),
        "{text}"
    );
    let driver = driver.press("<esc>:diff /tmp/x.md<enter>");
    let last = driver.effects.last();
    assert!(
        matches!(
            last,
            Some(Effect::Write {
                existing: Existing::Keep,
                ..
            })
        ),
        "{last:?}"
    );
}

#[test]
fn the_editor_of_the_environment_gets_the_text_and_gives_it_back() {
    let mut driver = on_demo((80, 24), "6/name:cart<enter>E");
    let Some(Effect::EditOutside(id, text)) = driver.effects.last().cloned() else {
        panic!("{:?}", driver.effects);
    };
    assert!(text.contains("name: cart"));
    driver.send(Msg::Edited(id, Ok(format!("{text}# by hand\n"))));
    assert!(self::text(&driver).ends_with("# by hand\n"));
    driver.send(Msg::Edited(id, Err("cannot start ed".to_owned())));
    assert!(driver.text().contains("cannot start ed"));
    let driver = driver.press("<c-o><esc>");
    assert_eq!(driver.app.view.screen, Screen::Policies);
}

#[test]
fn host_01_a_hostile_text_is_shown_escaped() {
    let mut driver = drafting("");
    driver.send(Msg::Paste("# \u{1b}[31m 名前 \u{202e}\r\n\tx".to_owned()));
    let (buf, _) = driver.render();
    let all: String = buf
        .content()
        .iter()
        .map(ratatui::buffer::Cell::symbol)
        .collect();
    assert!(!all.contains('\u{1b}') && !all.contains('\u{202e}'));
    assert!(driver.text().contains("名前"));
}

#[test]
fn without_a_selection_a_default_deny_is_for_the_namespace_in_view() {
    let driver = on_demo((80, 24), "e");
    assert!(driver.app.drafts.all.len() <= 1);
    let driver = on_demo((80, 24), "nci<enter>6/name:nothing-like-it<enter>e");
    let text = text(&driver);
    assert!(
        text.contains("name: default-deny") && text.contains("namespace: ci"),
        "{text}"
    );
}

#[test]
fn any_draft_fits_any_screen() {
    let hostile = "# \u{1b}[2J\u{202e} 名前👨‍👩‍👧 e\u{301}\u{301}\u{301}\nspec: {a: [b, \u{7f}\n\n- x";
    let mut driver = drafting("");
    driver.send(Msg::Paste(hostile.to_owned()));
    let mut driver = driver.press("<c-space>");
    for only_diff in [false, true] {
        driver.app.drafts.only_diff = only_diff;
        for width in (0..130).step_by(7) {
            for height in [0, 1, 5, 11, 12, 13, 24, 60] {
                driver.size = (width, height);
                driver.render();
            }
        }
    }
}
