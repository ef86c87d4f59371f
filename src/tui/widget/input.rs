//! One line of typed text with a cursor.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation as _;

use super::text::{width, write};
use crate::model::text::is_dangerous;
use crate::tui::theme::{Role, Theme};

/// Longest text that is accepted, in bytes.
const LONGEST: usize = 512;

/// What has been typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Input {
    text: String,
    /// Byte position, always at a grapheme border.
    cursor: usize,
}

impl Input {
    /// An input that holds `text` with the cursor behind it.
    pub fn of(text: impl Into<String>) -> Self {
        let mut input = Self::default();
        input.insert(&text.into());
        input
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The cursor, in bytes.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Inserts text at the cursor; what could drive a terminal is left out, line breaks become
    /// spaces.
    pub fn insert(&mut self, text: &str) {
        for c in text.chars() {
            let c = if c == '\n' || c == '\t' { ' ' } else { c };
            if !is_dangerous(c) && self.text.len() + c.len_utf8() <= LONGEST {
                self.text.insert(self.cursor, c);
                self.cursor += c.len_utf8();
            }
        }
    }

    /// Replaces the bytes `start..cursor` by `text`.
    pub fn complete(&mut self, start: usize, text: &str) {
        if self.text.get(start..self.cursor).is_some() {
            self.text.replace_range(start..self.cursor, "");
            self.cursor = start;
            self.insert(text);
        }
    }

    /// Applies an editing key; tells whether it was one.
    pub fn edit(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Char('u') if control => self.remove(0, self.cursor),
            KeyCode::Char('k') if control => self.remove(self.cursor, self.text.len()),
            KeyCode::Char('w') if control => self.remove(self.word_start(), self.cursor),
            KeyCode::Char('a') if control => self.cursor = 0,
            KeyCode::Char('e') if control => self.cursor = self.text.len(),
            KeyCode::Char(c) if !control && !alt => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace => self.remove(self.before(), self.cursor),
            KeyCode::Delete => self.remove(self.cursor, self.after()),
            KeyCode::Left => self.cursor = self.before(),
            KeyCode::Right => self.cursor = self.after(),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            _ => return false,
        }
        true
    }

    fn remove(&mut self, start: usize, end: usize) {
        if self.text.get(start..end).is_some() {
            self.text.replace_range(start..end, "");
            self.cursor = start;
        }
    }

    fn before(&self) -> usize {
        let typed = self.text.get(..self.cursor).unwrap_or("");
        typed
            .grapheme_indices(true)
            .next_back()
            .map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        let rest = self.text.get(self.cursor..).unwrap_or("");
        self.cursor + rest.graphemes(true).next().map_or(0, str::len)
    }

    fn word_start(&self) -> usize {
        let typed = self.text.get(..self.cursor).unwrap_or("").trim_end();
        typed.rfind(char::is_whitespace).map_or(0, |at| at + 1)
    }

    /// Draws the text with a reversed cell as cursor, scrolled so that the cursor is visible; gives
    /// the column after it.
    pub fn draw(&self, buf: &mut Buffer, area: Rect, at: u16, theme: Theme) -> u16 {
        let room = area.width.saturating_sub(at).saturating_sub(1);
        let typed = self.text.get(..self.cursor).unwrap_or("");
        let mut from = 0;
        for (start, grapheme) in typed.grapheme_indices(true) {
            if width(typed.get(from..).unwrap_or("")) <= room {
                break;
            }
            from = start + grapheme.len();
        }
        let plain = theme.style(Role::Plain);
        let column = write(buf, area, at, (typed.get(from..).unwrap_or(""), plain));
        let under = self
            .text
            .get(self.cursor..self.after())
            .filter(|c| !c.is_empty());
        let column = write(buf, area, column, (under.unwrap_or(" "), theme.selected()));
        let rest = self.text.get(self.after()..).unwrap_or("");
        write(buf, area, column, (rest, plain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode) -> KeyEvent {
        KeyEvent::new(code, KeyModifiers::NONE)
    }

    fn control(c: char) -> KeyEvent {
        KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)
    }

    #[test]
    fn typing_and_deleting_keep_graphemes_whole() {
        let mut input = Input::of("e\u{301}a");
        input.edit(key(KeyCode::Left));
        input.edit(key(KeyCode::Backspace));
        assert_eq!(input.text(), "a");
        input.edit(key(KeyCode::Char('名')));
        assert_eq!((input.text(), input.cursor()), ("名a", 3));
    }

    #[test]
    fn words_and_lines_are_deleted_as_in_a_shell() {
        let mut input = Input::of("web -> db:80");
        input.edit(control('w'));
        assert_eq!(input.text(), "web -> ");
        input.edit(control('a'));
        input.edit(control('k'));
        assert_eq!(input.text(), "");
        assert!(!input.edit(control('q')));
    }

    #[test]
    fn host_01_pasted_control_characters_are_left_out() {
        assert_eq!(Input::of("a\u{1b}[31m\nb").text(), "a[31m b");
    }
}
