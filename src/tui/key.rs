//! Single key presses and how they are written: `j`, `<enter>`, `<c-d>`.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// One key with control and alt; shift is part of the character.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Press {
    code: KeyCode,
    control: bool,
    alt: bool,
}

const NAMED: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backtab", KeyCode::BackTab),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("space", KeyCode::Char(' ')),
    ("lt", KeyCode::Char('<')),
    ("f1", KeyCode::F(1)),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
];

impl From<KeyEvent> for Press {
    fn from(event: KeyEvent) -> Self {
        Self {
            code: event.code,
            control: event.modifiers.contains(KeyModifiers::CONTROL),
            alt: event.modifiers.contains(KeyModifiers::ALT),
        }
    }
}

impl Press {
    /// Reads a sequence of keys; `None` if a name in `<>` is not known.
    #[must_use]
    pub fn sequence(text: &str) -> Option<Vec<Self>> {
        let mut keys = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if c == '<' {
                let end = rest.find('>')?;
                keys.push(Self::named(rest.get(1..end)?)?);
                rest = rest.get(end + 1..)?;
            } else {
                keys.push(Self::char(c));
                rest = rest.get(c.len_utf8()..)?;
            }
        }
        Some(keys)
    }

    /// The same as an event of the terminal.
    #[must_use]
    pub fn event(self) -> KeyEvent {
        let mut modifiers = KeyModifiers::NONE;
        modifiers.set(KeyModifiers::CONTROL, self.control);
        modifiers.set(KeyModifiers::ALT, self.alt);
        KeyEvent::new(self.code, modifiers)
    }

    /// As [`Press::sequence`] reads it.
    #[must_use]
    pub fn notation(&self) -> String {
        let named = NAMED.iter().find(|(_, code)| *code == self.code);
        let name = match (named, self.code) {
            (Some((name, _)), _) => (*name).to_owned(),
            (None, KeyCode::Char(c)) => c.to_string(),
            (None, other) => format!("{other:?}"),
        };
        let control = if self.control { "c-" } else { "" };
        let alt = if self.alt { "a-" } else { "" };
        if control.is_empty() && alt.is_empty() && named.is_none() {
            return name;
        }
        format!("<{control}{alt}{name}>")
    }

    /// Whether it is text where text is typed.
    #[must_use]
    pub const fn is_text(&self) -> bool {
        matches!(self.code, KeyCode::Char(_)) && !self.control && !self.alt
    }

    fn char(c: char) -> Self {
        Self {
            code: KeyCode::Char(c),
            control: false,
            alt: false,
        }
    }

    fn named(name: &str) -> Option<Self> {
        if let Some(rest) = name.strip_prefix("c-") {
            return Some(Self {
                control: true,
                ..Self::part(rest)?
            });
        }
        if let Some(rest) = name.strip_prefix("a-") {
            return Some(Self {
                alt: true,
                ..Self::part(rest)?
            });
        }
        Self::part(name)
    }

    fn part(name: &str) -> Option<Self> {
        let mut chars = name.chars();
        if let (Some(c), None) = (chars.next(), chars.next()) {
            return Some(Self::char(c));
        }
        let (_, code) = NAMED.iter().find(|(known, _)| *known == name)?;
        Some(Self {
            code: *code,
            control: false,
            alt: false,
        })
    }
}

/// Writes it as people read it: `j`, `enter`, `^d`, `alt-j`.
impl fmt::Display for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.control {
            f.write_str("^")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        match (NAMED.iter().find(|(_, code)| *code == self.code), self.code) {
            (_, KeyCode::Char('<')) => f.write_str("<"),
            (Some(("backtab", _)), _) => f.write_str("shift-tab"),
            (Some((name, _)), _) => f.write_str(name),
            (None, KeyCode::Char(c)) => write!(f, "{c}"),
            (None, _) => f.write_str("?"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_read_and_written() {
        let keys = Press::sequence("gG<c-d><enter><space><lt>?").unwrap();
        let shown: Vec<String> = keys.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["g", "G", "^d", "enter", "space", "<", "?"]);
        assert_eq!(Press::sequence("<nope>"), None);
        assert_eq!(Press::sequence("<"), None);
    }

    #[test]
    fn an_event_and_its_press_are_the_same() {
        for press in Press::sequence("a<c-z><backtab>").unwrap() {
            assert_eq!(Press::from(press.event()), press);
        }
    }
}
