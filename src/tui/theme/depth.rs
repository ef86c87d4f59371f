//! How many colours a terminal has, and the nearest to one it has not.

use ratatui::style::Color;

use crate::config::theme::Colour;

/// The colours of a terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Depth {
    /// All of red, green and blue.
    True,
    /// A table of 256.
    Indexed,
    /// Sixteen.
    #[default]
    Sixteen,
}

/// What the sixteen look like on most terminals.
const SIXTEEN: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// The steps of the colour cube among the 256.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Depth {
    /// What the environment says of the terminal: `COLORTERM` and `TERM`.
    #[must_use]
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let says = |name: &str, words: &[&str]| {
            let value = variable(name).unwrap_or_default();
            words.iter().any(|word| value.contains(word))
        };
        if says("COLORTERM", &["truecolor", "24bit"]) {
            Self::True
        } else if says("TERM", &["256color", "direct"]) {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }

    /// The colour that the terminal has and that is nearest to one.
    #[must_use]
    pub fn nearest(self, colour: Colour) -> Color {
        match (colour, self) {
            (Colour::Named(number), _) => named(number),
            (Colour::Rgb(r, g, b), Self::True) => Color::Rgb(r, g, b),
            (Colour::Rgb(r, g, b), Self::Indexed) => Color::Indexed(indexed((r, g, b))),
            (Colour::Rgb(r, g, b), Self::Sixteen) => named(closest((r, g, b), 0u8..16, sixteen)),
        }
    }
}

fn sixteen(number: u8) -> (u8, u8, u8) {
    SIXTEEN
        .get(usize::from(number))
        .copied()
        .unwrap_or_default()
}

/// The number among the 256: of the cube or of the greys.
fn indexed(wanted: (u8, u8, u8)) -> u8 {
    closest(wanted, 16u8..=255, |number| {
        if let Some(grey) = number.checked_sub(232) {
            let grey = 8 + 10 * grey;
            return (grey, grey, grey);
        }
        let at = number.saturating_sub(16);
        let step = |at: u8| STEPS.get(usize::from(at % 6)).copied().unwrap_or(255);
        (step(at / 36), step(at / 6), step(at))
    })
}

/// The first of those that differ least.
fn closest(
    wanted: (u8, u8, u8),
    numbers: impl Iterator<Item = u8>,
    colour: impl Fn(u8) -> (u8, u8, u8),
) -> u8 {
    let square = |one: u8, other: u8| u32::from(one.abs_diff(other)).pow(2);
    let far = |number: &u8| {
        let found = colour(*number);
        square(wanted.0, found.0) + square(wanted.1, found.1) + square(wanted.2, found.2)
    };
    numbers.min_by_key(far).unwrap_or_default()
}

const fn named(number: u8) -> Color {
    match number {
        0 => Color::Black,
        1 => Color::Red,
        2 => Color::Green,
        3 => Color::Yellow,
        4 => Color::Blue,
        5 => Color::Magenta,
        6 => Color::Cyan,
        7 => Color::Gray,
        8 => Color::DarkGray,
        9 => Color::LightRed,
        10 => Color::LightGreen,
        11 => Color::LightYellow,
        12 => Color::LightBlue,
        13 => Color::LightMagenta,
        14 => Color::LightCyan,
        _ => Color::White,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_the_nearest_colour_it_has() {
        let orange = Colour::Rgb(230, 159, 0);
        assert_eq!(Depth::True.nearest(orange), Color::Rgb(230, 159, 0));
        assert_eq!(Depth::Indexed.nearest(orange), Color::Indexed(178));
        assert_eq!(Depth::Sixteen.nearest(orange), Color::Yellow);
        let grey = Colour::Rgb(9, 8, 8);
        assert_eq!(Depth::Indexed.nearest(grey), Color::Indexed(232));
        assert_eq!(Depth::True.nearest(Colour::Named(9)), Color::LightRed);
    }

    #[test]
    fn the_environment_tells_how_many_colours_there_are() {
        let depth = |name: &'static str, value: &'static str| {
            Depth::detect(|asked| (asked == name).then(|| value.to_owned()))
        };
        assert_eq!(depth("COLORTERM", "truecolor"), Depth::True);
        assert_eq!(depth("COLORTERM", "24bit"), Depth::True);
        assert_eq!(depth("TERM", "screen-256color"), Depth::Indexed);
        assert_eq!(depth("TERM", "vt220"), Depth::Sixteen);
    }
}
