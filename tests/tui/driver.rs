//! Presses keys and reads the screen.

use std::sync::Arc;

use jiff::Timestamp;
use kreach::tui::app::background::Ticket;
use kreach::tui::app::{App, Setup};
use kreach::tui::draw::draw;
use kreach::tui::facts::{Facts, Inquiry};
use kreach::tui::key::Press;
use kreach::tui::keymap::Keymap;
use kreach::tui::msg::{Connection, Effect, Msg};
use kreach::tui::theme::{Depth, Glyphs, Palette, Theme};
use kreach::tui::update::update;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

/// An explorer on a screen of a fixed size.
pub struct Driver {
    pub app: App,
    pub size: (u16, u16),
    pub effects: Vec<Effect>,
    /// How often it was drawn.
    pub drawn: usize,
    /// Whether questions for the worker wait in `waiting` instead of being answered at once.
    pub answers_wait: bool,
    pub waiting: Vec<(Ticket, Inquiry)>,
}

pub fn now() -> Timestamp {
    "2026-11-23T02:51:10Z".parse().unwrap()
}

pub const COLOUR: Theme = Theme {
    palette: Palette::Ansi,
    glyphs: Glyphs::Unicode,
};

pub const MONO: Theme = Theme {
    palette: Palette::Mono,
    glyphs: Glyphs::Ascii,
};

impl Driver {
    /// An explorer that shows `facts`.
    pub fn on(facts: impl Facts + 'static, size: (u16, u16), theme: Theme) -> Self {
        let mut driver = Self::empty(size, theme);
        driver.send(Msg::Facts(Some(Arc::new(facts))));
        driver
    }

    /// An explorer before the first data.
    pub fn empty(size: (u16, u16), theme: Theme) -> Self {
        let setup = Setup {
            context: "prod-eu".into(),
            contexts: vec!["prod-eu".into(), "staging".into()],
            connection: Connection::Live,
            namespaces: std::collections::BTreeSet::new(),
            theme,
            depth: Depth::True,
            keymap: Keymap::builtin(),
            source_options: String::new(),
            now: now(),
        };
        let mut driver = Self {
            app: App::new(setup),
            size,
            effects: Vec::new(),
            drawn: 0,
            answers_wait: false,
            waiting: Vec::new(),
        };
        driver.settle();
        driver
    }

    /// Sends a message and draws if that is needed.
    pub fn send(&mut self, msg: Msg) {
        let effects = update(&mut self.app, msg);
        self.perform(effects);
        if self.app.drafts.typing && !self.answers_wait {
            self.send(Msg::TypingPaused);
        }
        self.settle();
    }

    /// Questions for the worker are answered here; other effects are kept for the test.
    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Compute { ticket, inquiry } if self.answers_wait => {
                    self.waiting.push((ticket, inquiry));
                }
                Effect::Compute { ticket, inquiry } => self.answer(ticket, &inquiry),
                Effect::Look(lens) => {
                    let facts = self.app.facts.clone().unwrap();
                    self.send(Msg::Facts(facts.looked_at(&lens)));
                }
                other => self.effects.push(other),
            }
        }
    }

    /// Answers a question as the worker would.
    pub fn answer(&mut self, ticket: Ticket, inquiry: &Inquiry) {
        let facts = self.app.facts.clone().unwrap();
        let outcome = Arc::new(facts.compute(inquiry));
        self.send(Msg::Answer { ticket, outcome });
    }

    fn settle(&mut self) {
        if self.app.dirty {
            let (_, report) = self.render();
            self.drawn += 1;
            let effects = update(&mut self.app, Msg::Drawn(report));
            self.perform(effects);
        }
    }

    /// Presses keys one after the other.
    pub fn press(mut self, keys: &str) -> Self {
        for press in Press::sequence(keys).unwrap() {
            self.send(Msg::Key(press.event()));
        }
        self
    }

    pub fn render(&self) -> (Buffer, kreach::tui::msg::Report) {
        let area = Rect::new(0, 0, self.size.0, self.size.1);
        let mut buf = Buffer::empty(area);
        let report = draw(&self.app, area, &mut buf);
        (buf, report)
    }

    /// The screen as text, without trailing blanks.
    pub fn text(&self) -> String {
        let (buf, _) = self.render();
        let rows = (0..self.size.1).map(|y| {
            let mut row = String::new();
            let mut skip = 0;
            for x in 0..self.size.0 {
                let symbol = buf.cell((x, y)).unwrap().symbol();
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                row.push_str(symbol);
                skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            }
            row.trim_end().to_owned()
        });
        rows.collect::<Vec<_>>().join("\n")
    }

    /// One letter per cell for its style: what cannot be seen in the text.
    pub fn styles(&self) -> String {
        let (buf, _) = self.render();
        let rows = (0..self.size.1).map(|y| {
            let row: String = (0..self.size.0).map(|x| letter(&buf, x, y)).collect();
            row.trim_end().to_owned()
        });
        rows.collect::<Vec<_>>().join("\n")
    }

    /// Text and styles.
    pub fn screen(&self) -> String {
        format!("{}\n\n{}", self.text(), self.styles())
    }

    pub fn line(&self, containing: &str) -> String {
        let text = self.text();
        let found = text.lines().find(|line| line.contains(containing));
        found
            .unwrap_or_else(|| panic!("no {containing} in\n{text}"))
            .to_owned()
    }
}

/// Colours by their first letter, capital when bold; `r` and `R` reversed; `d` dim; `u` underlined.
fn letter(buf: &Buffer, x: u16, y: u16) -> char {
    let cell = buf.cell((x, y)).unwrap();
    let bold = cell.modifier.contains(Modifier::BOLD);
    if cell.modifier.contains(Modifier::REVERSED) {
        return if bold { 'R' } else { 'r' };
    }
    if cell.modifier.contains(Modifier::UNDERLINED) {
        return 'u';
    }
    let letter = match cell.fg {
        Color::Blue => 'b',
        Color::Cyan => 'c',
        Color::DarkGray => 'k',
        Color::Magenta => 'm',
        Color::Yellow => 'y',
        Color::Red => 'e',
        Color::Green => 'g',
        Color::Reset => match (bold, cell.modifier.contains(Modifier::DIM)) {
            (true, _) => 'b',
            (false, true) => 'd',
            (false, false) => return if cell.symbol() == " " { ' ' } else { '.' },
        },
        other => panic!("{other} is not one of the sixteen names"),
    };
    if bold {
        letter.to_ascii_uppercase()
    } else {
        letter
    }
}
