//! What things look like: roles to styles, and the glyphs.
//!
//! Hue is never the only carrier of a meaning: every glyph differs by shape, and words stand beside
//! colours. The default theme names only the sixteen colours of the terminal, so it follows light
//! and dark schemes. Fact and judgement use different channels: red is for judgement only.

mod depth;
mod table;

use ratatui::style::{Color, Modifier, Style};

pub use depth::Depth;
pub use table::{Table, named, read};

/// What a piece of text means.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Ordinary text.
    Plain,
    /// Less important.
    Dim,
    /// Headings and names of what is shown.
    Strong,
    /// Lines and borders.
    Rule,
    /// Every port allowed.
    All,
    /// Some ports allowed.
    Some,
    /// Nothing allowed.
    None,
    /// Not known.
    Unknown,
    /// From outside the cluster.
    Outside,
    /// A low risk, or a warning.
    Low,
    /// A high risk, or an error.
    High,
    /// A critical risk.
    Critical,
    /// An owner.
    Owner,
    /// Not an owner.
    NotOwner,
    /// A key that can be pressed.
    Key,
    /// What was marked with `f` or `t`.
    Marked,
    /// Data are fresh.
    Fresh,
    /// Data are old.
    Stale,
}

/// A set of styles.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Palette {
    /// The sixteen colours of the terminal.
    #[default]
    Ansi,
    /// No colours: bold, dim, underline and reverse only (`NO_COLOR`).
    Mono,
    /// What a file says.
    Own(Table),
}

/// A palette and its glyphs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Theme {
    /// The styles.
    pub palette: Palette,
    /// The glyphs.
    pub glyphs: Glyphs,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 18] = [
        Self::Plain,
        Self::Dim,
        Self::Strong,
        Self::Rule,
        Self::All,
        Self::Some,
        Self::None,
        Self::Unknown,
        Self::Outside,
        Self::Low,
        Self::High,
        Self::Critical,
        Self::Owner,
        Self::NotOwner,
        Self::Key,
        Self::Marked,
        Self::Fresh,
        Self::Stale,
    ];

    /// Its name in a theme.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Dim => "dim",
            Self::Strong => "strong",
            Self::Rule => "rule",
            Self::All => "all",
            Self::Some => "some",
            Self::None => "none",
            Self::Unknown => "unknown",
            Self::Outside => "outside",
            Self::Low => "low",
            Self::High => "high",
            Self::Critical => "critical",
            Self::Owner => "owner",
            Self::NotOwner => "not-owner",
            Self::Key => "key",
            Self::Marked => "marked",
            Self::Fresh => "fresh",
            Self::Stale => "stale",
        }
    }
}

impl Theme {
    /// The theme that suits an environment: no colours under `NO_COLOR`, seven bits where the
    /// locale is not UTF-8 or the terminal is the Linux console. `variable` reads one variable.
    #[must_use]
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        let utf8 = locale.is_some_and(|name| {
            let name = name.to_ascii_lowercase();
            name.contains("utf-8") || name.contains("utf8")
        });
        let console = set("TERM").is_some_and(|term| term == "linux");
        Self {
            palette: if set("NO_COLOR").is_some() {
                Palette::Mono
            } else {
                Palette::Ansi
            },
            glyphs: if utf8 && !console {
                Glyphs::Unicode
            } else {
                Glyphs::Ascii
            },
        }
    }

    /// How text of `role` looks, whatever was drawn there before.
    #[must_use]
    pub fn style(self, role: Role) -> Style {
        match self.palette {
            Palette::Ansi => ansi(role),
            Palette::Mono => mono(role),
            Palette::Own(table) => table.style(role),
        }
    }

    /// How the selected row looks in the pane that has the focus.
    #[must_use]
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// How the selected row looks in the other panes.
    #[must_use]
    pub fn selected_elsewhere(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }
}

fn ansi(role: Role) -> Style {
    let style = Style::reset();
    match role {
        Role::Plain => style,
        Role::Dim | Role::Rule | Role::None => style.fg(Color::DarkGray),
        Role::Strong => style.add_modifier(Modifier::BOLD),
        Role::All => style.fg(Color::Blue).add_modifier(Modifier::BOLD),
        Role::Some | Role::Key => style.fg(Color::Cyan),
        Role::Unknown => style.fg(Color::Magenta),
        Role::Outside | Role::Low | Role::Stale => style.fg(Color::Yellow),
        Role::High | Role::NotOwner => style.fg(Color::Red),
        Role::Critical => style.fg(Color::Red).add_modifier(Modifier::REVERSED),
        Role::Owner | Role::Fresh => style.fg(Color::Green),
        Role::Marked => style.fg(Color::Cyan).add_modifier(Modifier::BOLD),
    }
}

fn mono(role: Role) -> Style {
    let style = Style::reset();
    match role {
        Role::Plain | Role::Some | Role::Low | Role::Owner | Role::Fresh => style,
        Role::Dim | Role::Rule | Role::None => style.add_modifier(Modifier::DIM),
        Role::Strong
        | Role::All
        | Role::Outside
        | Role::High
        | Role::NotOwner
        | Role::Key
        | Role::Marked => style.add_modifier(Modifier::BOLD),
        Role::Unknown => style.add_modifier(Modifier::UNDERLINED),
        Role::Critical | Role::Stale => style.add_modifier(Modifier::BOLD | Modifier::REVERSED),
    }
}

/// Which characters are drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Glyphs {
    /// `● ◐ ○ ▲` and box drawing.
    #[default]
    Unicode,
    /// Seven bits: for other locales, `TERM=linux`, and terminals that draw ambiguous characters
    /// wide.
    Ascii,
}

macro_rules! glyphs {
    ($($(#[$doc:meta])* $name:ident = $unicode:literal, $ascii:literal;)*) => {
        impl Glyphs {
            $($(#[$doc])*
            #[must_use]
            pub const fn $name(self) -> &'static str {
                match self { Self::Unicode => $unicode, Self::Ascii => $ascii }
            })*
        }

        #[cfg(test)]
        const TABLE: &[(&str, &str, &str)] = &[$((stringify!($name), $unicode, $ascii),)*];
    };
}

// A table: each glyph beside its spelling in seven bits.
glyphs! {
    /// Every port allowed.
    all = "●", "#";
    /// Some ports allowed.
    some = "◐", "+";
    /// Nothing allowed.
    none = "○", ".";
    /// Not known, in both.
    unknown = "?", "?";
    /// Not computed yet.
    pending = "…", "~";
    /// From outside the cluster.
    outside = "▲", "^";
    /// Owner, or yes.
    yes = "✓", "y";
    /// Not an owner, or no.
    no = "✗", "X";
    /// The selected row.
    cursor = "▌", ">";
    /// Between breadcrumbs.
    crumb = "▸", ">";
    /// Cut text.
    ellipsis = "…", "~";
    /// A horizontal line.
    horizontal = "─", "-";
    /// A vertical line.
    vertical = "│", "|";
    /// A vertical line that meets one above.
    tee_down = "┬", "+";
    /// A vertical line that meets one below.
    tee_up = "┴", "+";
    /// A horizontal line that begins at a vertical one.
    tee_right = "├", "+";
    /// A horizontal line that ends at a vertical one.
    tee_left = "┤", "+";
    /// Corners of a box.
    top_left = "┌", "+";
    /// Corners of a box.
    top_right = "┐", "+";
    /// Corners of a box.
    bottom_left = "└", "+";
    /// Corners of a box.
    bottom_right = "┘", "+";
    /// No value.
    dash = "–", "-";
    /// Two parts of one line.
    arrow = "→", "->";
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    #[test]
    fn ascii_glyphs_are_ascii_and_one_column_like_their_counterparts() {
        for (name, unicode, ascii) in TABLE {
            assert!(ascii.is_ascii(), "{name}");
            if *name != "arrow" {
                assert_eq!((unicode.width(), ascii.width()), (1, 1), "{name}");
            }
        }
    }

    #[test]
    fn the_environment_chooses_colours_and_glyphs() {
        let theme = |variables: &[(&str, &str)]| {
            Theme::detect(|name| {
                variables
                    .iter()
                    .find(|(n, _)| *n == name)
                    .map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(theme(&[("LANG", "de_DE.UTF-8")]), Theme::default());
        assert_eq!(
            theme(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]).glyphs,
            Glyphs::Ascii
        );
        assert_eq!(theme(&[]).glyphs, Glyphs::Ascii);
        assert_eq!(
            theme(&[("TERM", "linux"), ("LANG", "C.utf8")]).glyphs,
            Glyphs::Ascii
        );
        assert_eq!(theme(&[("NO_COLOR", "1")]).palette, Palette::Mono);
        assert_eq!(theme(&[("NO_COLOR", "")]).palette, Palette::Ansi);
    }

    #[test]
    fn mono_uses_no_colour_and_tells_unknown_from_none() {
        let theme = Theme {
            palette: Palette::Mono,
            glyphs: Glyphs::Ascii,
        };
        for role in [
            Role::All,
            Role::Unknown,
            Role::None,
            Role::High,
            Role::Stale,
        ] {
            let style = theme.style(role);
            let none = Some(Color::Reset);
            assert_eq!((style.fg, style.bg), (none, none), "{role:?}");
        }
        assert_ne!(theme.style(Role::Unknown), theme.style(Role::None));
    }
}
