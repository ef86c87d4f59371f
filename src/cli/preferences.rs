//! What a person likes: settings, keys and a theme, read from the configuration directory.

use std::env;

use crate::config::theme::NAMES;
use crate::config::{ConfigError, Document, Paths, keys, settings, theme};
use tokio::sync::mpsc::Receiver;

use crate::source::files::{Watching, changes};
use crate::tui::app::Look;
use crate::tui::keymap::Keymap;
use crate::tui::terminal::Mouse;
use crate::tui::theme::{Depth, Glyphs, Palette, Theme, named, read};

/// What the explorer begins with.
#[derive(Debug)]
pub(super) struct Preferences {
    pub(super) theme: Theme,
    /// What the theme is called; nothing for one of the person's own.
    pub(super) theme_name: Option<String>,
    pub(super) depth: Depth,
    pub(super) keymap: Keymap,
    pub(super) mouse: Mouse,
}

impl Preferences {
    /// Reads the files of a person; what they do not say is as the environment suggests.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or says something that kreach does not know.
    pub(super) fn load(paths: Option<&Paths>) -> Result<Self, ConfigError> {
        let variable = |name: &str| env::var(name).ok();
        let depth = Depth::detect(variable);
        let mut found = Self {
            theme: Theme::detect(variable),
            theme_name: None,
            depth,
            keymap: Keymap::builtin(),
            mouse: Mouse::On,
        };
        if let Some(paths) = paths {
            found.take_in(paths)?;
        }
        Ok(found)
    }

    /// What may change while the explorer is open.
    fn look(self) -> Look {
        Look {
            theme: self.theme,
            keymap: self.keymap,
        }
    }

    fn take_in(&mut self, paths: &Paths) -> Result<(), ConfigError> {
        let (settings, document) = settings::load(paths)?;
        let own = Document::read(&theme::file(paths))?;
        let own = own.map(|own| read(&own, self.depth)).transpose()?;
        let mut chosen = None;
        if let (Some(name), Some(document)) = (&settings.theme, &document) {
            let palette = named(name.get_ref(), self.depth);
            let palette = palette.ok_or_else(|| document.unknown("theme", name, &NAMES))?;
            chosen = Some((palette, name.get_ref().clone()));
        }
        // Who wants no colours says so for every program.
        if self.theme.palette != Palette::Mono {
            match (own, chosen) {
                (Some(palette), _) => self.theme.palette = palette,
                (None, Some((palette, name))) => {
                    self.theme.palette = palette;
                    self.theme_name = Some(name);
                }
                (None, None) => {}
            }
        }
        match settings.ascii {
            Some(true) => self.theme.glyphs = Glyphs::Ascii,
            Some(false) => self.theme.glyphs = Glyphs::Unicode,
            None => {}
        }
        if settings.mouse == Some(false) {
            self.mouse = Mouse::Off;
        }
        if let Some(keys) = Document::read(&keys::file(paths))? {
            self.keymap = Keymap::with_own(&keys)?;
        }
        Ok(())
    }
}

/// Reads the files of a person again whenever they change; `None` where there is nothing to watch.
/// A mistake is told in one line.
pub(super) fn follow(paths: Paths) -> Option<(Receiver<Result<Look, String>>, Watching)> {
    let directory = paths.config.clone();
    let make = move || {
        let loaded = Preferences::load(Some(&paths)).map(Preferences::look);
        loaded.map_err(|error| {
            let told = error.to_string();
            told.lines().next().unwrap_or_default().to_owned()
        })
    };
    changes(&directory, make).ok()
}
