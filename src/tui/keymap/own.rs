//! Keys of one's own, laid over the built-in ones.

use super::{Keymap, Place};
use crate::config::keys::{self, KeyLine};
use crate::config::{ConfigError, Document};
use crate::model::text::Shown;
use crate::tui::action::Action;
use crate::tui::key::Press;

/// Takes a key away.
const NONE: &str = "none";

impl Keymap {
    /// The built-in keys, but for what a file says.
    ///
    /// # Errors
    ///
    /// If the file is not one of keys, names a place, a key or an action that is not known, binds
    /// letters where text is typed, or hides a key behind a shorter one.
    pub fn with_own(document: &Document) -> Result<Self, ConfigError> {
        let mut map = Self::builtin();
        let lines = keys::lines(document)?;
        for line in &lines {
            map.bind(document, line)?;
        }
        match map.hidden() {
            None => Ok(map),
            Some(hidden) => Err(hidden.told(document, &lines)),
        }
    }

    fn bind(&mut self, document: &Document, line: &KeyLine) -> Result<(), ConfigError> {
        let place = Place::ALL
            .into_iter()
            .find(|place| place.name() == line.place.get_ref());
        let place = place
            .ok_or_else(|| document.unknown("place", &line.place, &Place::ALL.map(Place::name)))?;
        let keys = Press::sequence(line.keys.get_ref()).filter(|keys| !keys.is_empty());
        let keys = keys.ok_or_else(|| {
            let text = Shown::of(line.keys.get_ref());
            let message = format!(
                "cannot read the key `{text}`; keys are written like j, gg, <enter>, <c-d>"
            );
            document.problem(line.keys.span(), message)
        })?;
        if place.takes_text() && keys.first().is_some_and(Press::is_text) {
            let message = format!(
                "text is typed at `{}`: bind a key with control or alt",
                place.name()
            );
            return Err(document.problem(line.keys.span(), message));
        }
        let action = match line.action.get_ref().as_str() {
            NONE => None,
            name => Some(named(name).ok_or_else(|| {
                let known: Vec<String> = Action::ALL.iter().map(|action| action.name()).collect();
                let known: Vec<&str> = known.iter().map(String::as_str).chain([NONE]).collect();
                document.unknown("action", &line.action, &known)
            })?),
        };
        self.put(place, keys, action);
        Ok(())
    }

    /// Binds keys, or takes what they do away. Keys of one's own come first in help and footer.
    fn put(&mut self, place: Place, keys: Vec<Press>, action: Option<Action>) {
        if self.bindings.get(&(place, keys.clone())).copied() == action {
            return;
        }
        self.order
            .retain(|(at, other, _)| *at != place || *other != keys);
        let Some(action) = action else {
            self.bindings.remove(&(place, keys));
            return;
        };
        self.bindings.insert((place, keys.clone()), action);
        let same = |(at, _, other): &(Place, Vec<Press>, Action)| *at == place && *other == action;
        let first = self.order.iter().position(same);
        let at = first.unwrap_or(self.order.len());
        self.order.insert(at, (place, keys, action));
    }

    /// Keys that nobody can press, because fewer of them do something already.
    fn hidden(&self) -> Option<Hidden> {
        self.order.iter().find_map(|long| {
            let hides = |short: &&(Place, Vec<Press>, Action)| {
                let (place, keys, _) = short;
                let there = *place == long.0 || *place == Place::Everywhere && !long.0.takes_text();
                there && keys.len() < long.1.len() && long.1.starts_with(keys)
            };
            let short = self.order.iter().find(hides)?;
            Some(Hidden {
                short: short.clone(),
                long: long.clone(),
            })
        })
    }
}

fn named(name: &str) -> Option<Action> {
    let mut all = Action::ALL.iter().filter(|action| !action.is_missing());
    all.find(|action| action.name() == name).copied()
}

struct Hidden {
    short: (Place, Vec<Press>, Action),
    long: (Place, Vec<Press>, Action),
}

impl Hidden {
    /// Says so at the line that brought it about.
    fn told(&self, document: &Document, lines: &[KeyLine]) -> ConfigError {
        let of = |(place, keys, _): &(Place, Vec<Press>, Action)| {
            let written: String = keys.iter().map(Press::notation).collect();
            let mut own = lines.iter();
            own.find(|line| line.place.get_ref() == place.name() && *line.keys.get_ref() == written)
        };
        let name = |(place, keys, action): &(Place, Vec<Press>, Action)| {
            let keys: String = keys.iter().map(Press::notation).collect();
            format!("`{keys}` ({}, {})", place.name(), action.name())
        };
        let message = format!(
            "{} hides {}; bind one of them to other keys, or to \"{NONE}\"",
            name(&self.short),
            name(&self.long)
        );
        let span = of(&self.short)
            .or_else(|| of(&self.long))
            .map(|line| line.keys.span());
        document.problem(span.unwrap_or(0..0), message)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::tui::keymap::Found;

    fn own(text: &str) -> Result<Keymap, String> {
        let document = Document::new(Path::new("keys.toml"), text);
        Keymap::with_own(&document).map_err(|error| error.to_string())
    }

    fn found(map: &Keymap, place: Place, keys: &str) -> Found {
        map.find(place, &Press::sequence(keys).unwrap())
    }

    #[test]
    fn keys_are_bound_and_taken_away() {
        let map =
            own("[everywhere]\n\"<c-w>\" = \"what-if\"\nw = \"none\"\n[work]\nX = \"matrix\"");
        let map = map.unwrap();
        assert_eq!(
            found(&map, Place::Home, "<c-w>"),
            Found::Act(Action::WhatIf)
        );
        assert_eq!(found(&map, Place::Home, "w"), Found::Nothing);
        assert_eq!(found(&map, Place::Work, "X"), Found::Act(Action::Matrix));
        assert_eq!(map.label(Place::Home, Action::WhatIf).unwrap(), "^w");
    }

    #[test]
    fn the_built_in_keys_are_written_as_they_are_read() {
        let builtin = Keymap::builtin();
        let written = |place: Place| {
            let lines = builtin
                .lines()
                .filter(|(at, _, action)| *at == place && !action.is_missing());
            let lines =
                lines.map(|(_, keys, action)| format!("\"{keys}\" = \"{}\"", action.name()));
            let heading = format!("[{}]", place.name());
            std::iter::once(heading)
                .chain(lines)
                .collect::<Vec<_>>()
                .join("\n")
        };
        let text = Place::ALL.map(written).join("\n");
        let same = |place, keys: &str| {
            let read = own(&text).unwrap();
            found(&read, place, keys) == found(&builtin, place, keys)
        };
        assert!(
            same(Place::Work, "yn") && same(Place::Bar, "<c-r>") && same(Place::Home, "<backtab>")
        );
        assert_eq!(own(&text).unwrap().bindings, builtin.bindings);
    }

    #[test]
    fn mistakes_are_told_with_their_place_and_what_may_be_meant() {
        for (text, message) in [
            (
                "[wrok]\nj = \"down\"",
                "keys.toml:1:2: unknown place `wrok`; did you mean `work`?",
            ),
            (
                "[work]\nj = \"donw\"",
                "keys.toml:2:5: unknown action `donw`; did you mean `down`?",
            ),
            (
                "[work]\n\"<hyper>\" = \"down\"",
                "keys.toml:2:1: cannot read the key `<hyper>`",
            ),
            (
                "[filter]\nj = \"down\"",
                "text is typed at `filter`: bind a key with control or alt",
            ),
            (
                "[everywhere]\ny = \"why\"",
                "keys.toml:2:1: `y` (everywhere, why) hides `yn` (everywhere, copy-name)",
            ),
            (
                "[work]\njj = \"why\"",
                "`j` (everywhere, down) hides `jj` (work, why)",
            ),
        ] {
            let told = own(text).unwrap_err();
            assert!(told.contains(message), "{told}");
        }
    }
}
