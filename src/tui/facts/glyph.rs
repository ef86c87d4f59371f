//! Glyphs and words of facts.

use super::{Extent, Ownership, Risk};
use crate::tui::theme::{Glyphs, Role};

impl Extent {
    /// Its glyph: one column, a shape of its own for each.
    #[must_use]
    pub const fn glyph(self, glyphs: Glyphs) -> &'static str {
        match self {
            Self::All => glyphs.all(),
            Self::Some => glyphs.some(),
            Self::None => glyphs.none(),
            Self::Unknown => glyphs.unknown(),
            Self::Pending => glyphs.pending(),
        }
    }
}

impl Risk {
    /// Its marks.
    #[must_use]
    pub const fn marks(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Low => "!",
            Self::High => "!!",
            Self::Critical => "!!!",
        }
    }

    /// Its role in a theme.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::None => Role::Plain,
            Self::Low => Role::Low,
            Self::High => Role::High,
            Self::Critical => Role::Critical,
        }
    }
}

impl Ownership {
    /// Its glyph.
    #[must_use]
    pub const fn glyph(self, glyphs: Glyphs) -> &'static str {
        match self {
            Self::Owner | Self::BreakGlass => glyphs.yes(),
            Self::NotOwner => glyphs.no(),
            Self::Unknown => glyphs.unknown(),
        }
    }

    /// Its badge: the glyph, and a word beside it.
    #[must_use]
    pub fn badge(self, glyphs: Glyphs) -> String {
        let word = match self {
            Self::Owner => "owner",
            Self::BreakGlass => "break-glass",
            Self::NotOwner => "NOT owner",
            Self::Unknown => "unknown",
        };
        format!("{} {word}", self.glyph(glyphs))
    }

    /// Its badge, or the glyph alone where there is no room for the word.
    #[must_use]
    pub fn within(self, columns: u16, glyphs: Glyphs) -> String {
        if columns < 12 {
            self.glyph(glyphs).to_owned()
        } else {
            self.badge(glyphs)
        }
    }

    /// Its role in a theme.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Owner => Role::Owner,
            Self::BreakGlass => Role::Low,
            Self::NotOwner => Role::NotOwner,
            Self::Unknown => Role::Unknown,
        }
    }
}
