//! `kreach config`: where the files of a person are, what is in effect, and whether they are right.

use std::fmt::Write as _;
use std::path::Path;

use crate::config::theme::{ANSI, MONO};
use crate::config::{Paths, keys, rules, settings, theme};
use crate::model::Shown;
use crate::tui::keymap::Place;
use crate::tui::terminal::Mouse;
use crate::tui::theme::{Glyphs, Palette};

use super::ConfigAction;
use super::complain::Complaint;
use super::console;
use super::exit::Exit;
use super::preferences::Preferences;

/// Answers `kreach config`.
///
/// # Errors
///
/// A file that cannot be read or accepted, or no directory to look in.
pub(super) fn run(action: ConfigAction) -> Result<Exit, Complaint> {
    let Some(paths) = Paths::discover() else {
        let text = "there is no home directory; name one with KREACH_CONFIG_DIR";
        return Err(Complaint::File(text.to_owned()));
    };
    let text = match action {
        ConfigAction::Path => places(&paths),
        ConfigAction::Print => printed(&load(&paths)?),
        ConfigAction::Check => {
            load(&paths)?;
            checked(&paths)
        }
    };
    console::bytes(text.as_bytes())?;
    Ok(Exit::Yes)
}

fn load(paths: &Paths) -> Result<Preferences, Complaint> {
    Preferences::load(Some(paths)).map_err(|error| Complaint::File(error.to_string()))
}

/// The files with what each is for.
fn files(paths: &Paths) -> [(&'static str, std::path::PathBuf); 4] {
    [
        ("settings", settings::file(paths)),
        ("keys", keys::file(paths)),
        ("theme", theme::file(paths)),
        ("rules", paths.config.join(rules::FILE_NAME)),
    ]
}

fn places(paths: &Paths) -> String {
    let mut text = String::new();
    for (what, path) in files(paths) {
        line(
            &mut text,
            what,
            &path,
            if path.exists() { "" } else { "  (none)" },
        );
    }
    line(&mut text, "state", &paths.state, "");
    text
}

fn checked(paths: &Paths) -> String {
    let mut text = String::new();
    // The rules are the team's: `kreach check` and every answer that needs them read them.
    for (what, path) in files(paths).into_iter().take(3) {
        let found = if path.exists() { "  ok" } else { "  (none)" };
        line(&mut text, what, &path, found);
    }
    text
}

fn line(text: &mut String, what: &str, path: &Path, after: &str) {
    let path = path.to_string_lossy();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{what:<9} {}{after}", Shown::of(&path));
}

/// Everything that is in effect, as files that say the same.
fn printed(preferences: &Preferences) -> String {
    let mut text = String::from("# config.toml\n");
    let name = match (preferences.theme.palette, &preferences.theme_name) {
        (Palette::Mono, _) => Some(MONO),
        (_, Some(name)) => Some(name.as_str()),
        (Palette::Ansi, None) => Some(ANSI),
        (Palette::Own(_), None) => None,
    };
    let _ = match name {
        Some(name) => writeln!(text, "theme = \"{name}\""),
        None => writeln!(text, "# the theme is that of theme.toml"),
    };
    let ascii = preferences.theme.glyphs == Glyphs::Ascii;
    let _ = writeln!(text, "ascii = {ascii}");
    let _ = writeln!(text, "mouse = {}", preferences.mouse == Mouse::On);
    let _ = writeln!(text, "\n# keys.toml");
    for place in Place::ALL {
        let of_place = preferences.keymap.lines().filter(|(at, ..)| *at == place);
        let mut bound = of_place
            .filter(|(.., action)| !action.is_missing())
            .peekable();
        if bound.peek().is_some() {
            let _ = writeln!(text, "[{}]", place.name());
        }
        for (_, keys, action) in bound {
            let _ = writeln!(text, "\"{}\" = \"{}\"", escaped(&keys), action.name());
        }
    }
    text
}

/// A key inside a string of TOML.
fn escaped(keys: &str) -> String {
    keys.replace('\\', "\\\\").replace('"', "\\\"")
}
