//! Screen 8: who changed what, what that opened and closed, and how it was then.

use std::sync::{Arc, LazyLock};

use jiff::SignedDuration;
use kreach::analysis::Analysis;
use kreach::cli::drafts;
use kreach::model::{Change, Kind, Object, Scope, World};
use kreach::report::effect::Sign;
use kreach::tui::app::view::{Pane, Screen};
use kreach::tui::facts::board::Board;
use kreach::tui::facts::{AsIf, Facts, FeedFacts, Inquiry, Outcome, Pods};
use kreach::tui::msg::Msg;

use super::demo::analysis;
use super::driver::{COLOUR, Driver, now};
use super::sample::Sample;

/// The demo is read once.
static DEMO: LazyLock<Arc<Analysis>> = LazyLock::new(|| Arc::new(analysis(now())));

fn board() -> Board {
    Board::of(DEMO.clone()).reading(drafts::read)
}

fn on_demo(keys: &str) -> Driver {
    Driver::on(board(), (160, 48), COLOUR).press(keys)
}

fn feed(board: &Board) -> FeedFacts {
    let Outcome::Feed(feed) = board.compute(&Inquiry::Feed) else {
        panic!("another outcome");
    };
    feed
}

/// The demo a minute later, with another world.
fn later(world: &World) -> Arc<Analysis> {
    let mut analysis = DEMO.elsewhere(world);
    analysis.now = now().checked_add(SignedDuration::from_secs(60)).unwrap();
    Arc::new(analysis)
}

/// The world of the demo with a policy that says something else.
fn with(text: &str) -> World {
    let mut world = DEMO.world.clone();
    for object in drafts::read(text).unwrap().objects {
        world.apply(Change::Apply(object));
    }
    world
}

const NOBODY: &str = "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: data}
spec: {podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}
";

#[test]
fn the_newest_change_comes_first_and_the_home_screen_tells_the_same() {
    let board = board();
    let feed = feed(&board);
    let times: Vec<_> = feed.rows.iter().map(|row| row.change.when).collect();
    let mut sorted = times.clone();
    sorted.sort_by(|a, b| b.cmp(a));
    assert_eq!(times, sorted);
    for change in &board.home(&std::collections::BTreeSet::new()).changes {
        let same = |row: &&Arc<kreach::tui::facts::FeedRow>| {
            row.change.policy == change.policy && row.change.when == change.when
        };
        let row = feed.rows.iter().find(same);
        let row = row.unwrap_or_else(|| panic!("{change:?} is not in the feed"));
        assert_eq!(
            (&row.change.who, row.change.owner),
            (&change.who, change.owner)
        );
    }
}

#[test]
fn feed_02_what_a_change_opened_and_closed_is_counted() {
    let feed = feed(&board());
    let known = feed.rows.iter().filter(|row| row.effect.is_some()).count();
    assert!(known > 5, "{known} of {}", feed.rows.len());
    let some = feed
        .rows
        .iter()
        .any(|row| row.effect.is_some_and(|e| e[0] > 0 || e[3] > 0));
    assert!(some, "no change of the demo opened or closed anything");
}

#[test]
fn feed_02_a_change_that_is_seen_has_the_effect_of_its_policy_alone() {
    let first = board();
    // Something else changes too, which is not the policy's doing.
    let mut world = with(NOBODY);
    let pod = world.pods.keys().next().cloned().unwrap();
    world.apply(Change::Delete(Kind::Pod, pod));
    let second = first.next(later(&world));
    let feed = feed(&second);
    let row = feed.rows.first().unwrap();
    assert!(row.seen && row.deed == "changed", "{row:?}");
    assert_eq!(row.change.policy.to_string(), "data/db");
    let [opened, _, changed, closed] = row.effect.unwrap();
    assert_eq!((opened, changed), (0, 0));
    let reach = [&DEMO.reach, &DEMO.elsewhere(&with(NOBODY)).reach].map(|reach| {
        let members = u32::try_from(reach.inventory().numbers().len()).unwrap();
        let all = (0..members).map(kreach::model::MemberIdx);
        let pairs = all
            .clone()
            .flat_map(|from| all.clone().map(move |to| (from, to)));
        let open =
            pairs.filter(|(from, to)| from != to && !reach.pair(*from, *to).allowed.is_none());
        open.count()
    });
    assert_eq!(usize::try_from(closed).unwrap(), reach[0] - reach[1]);
}

#[test]
fn feed_05_a_list_that_is_read_again_makes_no_entry() {
    let first = board();
    let mut world = DEMO.world.clone();
    let policies = world.policies.values();
    let objects = policies.map(|p| Object::NetworkPolicy(Box::new((**p).clone())));
    world.apply(Change::Replace {
        kind: Kind::NetworkPolicy,
        scope: Scope::Cluster,
        objects: objects.collect(),
    });
    let second = first.next(later(&world));
    assert!(feed(&second).rows.iter().all(|row| !row.seen));
}

#[test]
fn feed_05_changes_in_between_that_were_not_observed_are_said() {
    let first = board();
    let mut world = DEMO.world.clone();
    let key = kreach::model::Key::new("data", "db");
    let mut policy = (**world.policies.get(&key).unwrap()).clone();
    policy.meta.generation = policy.meta.generation.map(|generation| generation + 3);
    let read = drafts::read(NOBODY).unwrap().objects;
    let Some(Object::NetworkPolicy(new)) = read.first() else {
        panic!("no policy");
    };
    policy.spec = new.spec.clone();
    policy.ingress = new.ingress.clone();
    world.apply(Change::Apply(Object::NetworkPolicy(Box::new(policy))));
    let driver = Driver::on(first.next(later(&world)), (160, 48), COLOUR).press("8");
    assert!(
        driver.text().contains("2 changes before it not observed"),
        "{}",
        driver.text()
    );
}

#[test]
fn enter_tells_what_it_said_what_it_opened_and_who_had_the_right() {
    let driver = on_demo("8/who:carol<enter>");
    let driver = if driver.app.derived.feed().is_empty() {
        on_demo("8/owner:NOT<enter>")
    } else {
        driver
    };
    let text: String = driver
        .app
        .derived
        .detail()
        .iter()
        .map(|l| l.text() + "\n")
        .collect();
    for part in [
        "WHAT IT SAID\n",
        "WHAT IT OPENED AND CLOSED\n",
        "RIGHTS\nOwner of ",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let driver = driver.press("<enter>");
    assert_eq!(driver.app.view.focus, Pane::Detail);
}

#[test]
fn r_shows_every_screen_as_it_was_then_and_goes_back_to_now() {
    let first = board();
    let second = first.next(later(&with(NOBODY)));
    let asked = "w<c-u>shop/api -> data/db:5432";
    let driver = Driver::on(second, (160, 48), COLOUR);
    let driver = driver.press(asked);
    assert!(
        driver.line("what-if").contains("BLOCKED"),
        "{}",
        driver.text()
    );
    // The change before the one that was seen.
    let driver = driver.press("<esc>8jR");
    let as_if = |driver: &Driver| driver.app.facts.as_ref().unwrap().as_if();
    assert!(matches!(as_if(&driver), AsIf::Then(Some(_), Pods::OfNow)));
    let driver = driver.press(asked);
    assert!(
        driver.line("what-if").contains("ALLOWED"),
        "{}",
        driver.text()
    );
    let mut driver = driver.press("<esc>");
    for screen in ["1", "2", "3", "4", "5", "6", "7", "8"] {
        driver = driver.press(screen);
        let text = driver.text();
        assert!(text.lines().next().unwrap().contains("AS OF "), "{text}");
        assert!(text.contains("pods of now, R goes back to now"), "{text}");
    }
    let driver = driver.press("2R");
    assert_eq!(as_if(&driver), AsIf::Now);
    assert!(!driver.text().contains("AS OF"));
    let driver = driver.press("8R<esc>");
    assert_eq!(
        (as_if(&driver), &driver.app.view.screen),
        (AsIf::Now, &Screen::Changes)
    );
}

#[test]
fn a_seen_moment_has_the_pods_of_then() {
    let first = board();
    let second = first.next(later(&with(NOBODY)));
    let driver = Driver::on(second, (160, 48), COLOUR).press("8R");
    let as_if = driver.app.facts.as_ref().unwrap().as_if();
    assert!(
        matches!(as_if, AsIf::Then(Some(_), Pods::OfThen)),
        "{as_if:?}"
    );
}

#[test]
fn the_feed_is_filtered_by_person_badge_and_namespace() {
    let shop = |keys: &str| Driver::on(Sample::shop(), (80, 24), COLOUR).press(keys);
    let names = |driver: &Driver| {
        let rows = driver.app.derived.feed().iter();
        rows.map(|row| row.change.policy.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(&shop("8/who:alice<enter>")),
        ["shop/deny-all", "shop/db-from-api"]
    );
    assert_eq!(names(&shop("8/evidence:mgr<enter>")), ["team-00/np-0"]);
    assert_eq!(names(&shop("8/namespace:ops<enter>")).len(), 2);
    assert_eq!(names(&shop("8/owner:NOT<enter>")).len(), 2);
    assert!(
        shop("8/who:nobody<enter>")
            .text()
            .contains("no change matches the filter")
    );
}

#[test]
fn a_new_change_does_not_move_the_cursor() {
    let first = board();
    let mut driver = Driver::on(first.clone(), (160, 48), COLOUR).press("8jj");
    let before = driver.app.view.cursor(Pane::Feed);
    let second = first.next(later(&with(NOBODY)));
    driver.send(Msg::Facts(Some(Arc::new(second))));
    let after = driver.app.view.cursor(Pane::Feed);
    assert_eq!((before.id, before.at + 1), (after.id, after.at));
}

#[test]
fn unknown_effects_are_no_zeros() {
    let feed = feed(&board());
    for row in feed.rows.iter().filter(|row| row.effect.is_none()) {
        assert_eq!(
            (row.count(Sign::Opened), row.count(Sign::Closed)),
            ("?".into(), "?".into())
        );
    }
}
