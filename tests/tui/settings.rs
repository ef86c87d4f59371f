//! Themes and keys of one's own.

use std::path::Path;

use kreach::config::Document;
use kreach::config::theme::NAMES;
use kreach::tui::app::Look;
use kreach::tui::app::view::Screen;
use kreach::tui::keymap::Keymap;
use kreach::tui::msg::Msg;
use kreach::tui::theme::{Depth, Glyphs, Palette, Role, Theme, named};
use ratatui::style::Color;

use crate::tui::driver::{COLOUR, Driver};
use crate::tui::sample::Sample;

fn shop() -> Driver {
    Driver::on(Sample::shop(), (80, 24), COLOUR)
}

#[test]
fn the_palette_changes_the_theme() {
    let driver = shop().press(":theme okabe-ito<enter>");
    let theme = driver.app.setup.theme;
    assert_eq!(Some(theme.palette), named("okabe-ito", Depth::True));
    // Every cell has the ground of the theme, those that nothing was drawn into too.
    let (buffer, _) = driver.render();
    let ground = theme.style(Role::Plain).bg.unwrap();
    assert!(matches!(ground, Color::Rgb(..)));
    assert!(buffer.content.iter().all(|cell| cell.bg == ground));
    let driver = driver.press(":theme solarized<enter>");
    let text = driver.text();
    assert!(text.contains("no theme is called solarized"), "{text}");
    assert_eq!(driver.app.setup.theme, theme);
}

#[test]
fn every_theme_draws_the_same_text() {
    let texts = NAMES.map(|name| {
        let theme = Theme {
            palette: named(name, Depth::True).unwrap(),
            glyphs: Glyphs::Unicode,
        };
        Driver::on(Sample::shop(), (80, 24), theme)
            .press("2")
            .text()
    });
    assert!(texts.iter().all(|text| *text == texts[0]));
}

#[test]
fn changed_settings_take_effect_and_mistakes_change_nothing() {
    let document = Document::new(Path::new("keys.toml"), "[everywhere]\nP = \"policies\"");
    let look = Look {
        theme: Theme {
            palette: Palette::Mono,
            glyphs: Glyphs::Ascii,
        },
        keymap: Keymap::with_own(&document).unwrap(),
    };
    let mut driver = shop();
    driver.send(Msg::Look(Ok(look)));
    assert!(driver.text().contains("your settings are in effect"));
    let mut driver = driver.press("P");
    assert_eq!(driver.app.view.screen, Screen::Policies);
    driver.send(Msg::Look(Err(
        "keys.toml:2:5: unknown action `fly`".to_owned()
    )));
    assert!(
        driver
            .text()
            .contains("keys.toml:2:5: unknown action `fly`")
    );
    assert_eq!(driver.app.setup.theme.palette, Palette::Mono);
}
