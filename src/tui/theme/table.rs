//! Styles by role, from a file.

use ratatui::style::{Color, Modifier, Style};

use crate::config::theme::{self, ANSI, Base, Look, MONO, NAMES, ThemeFile};
use crate::config::{ConfigError, Document};

use super::{Depth, Glyphs, Palette, Role, Theme};

/// A style for each role.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Table([Looks; Role::ALL.len()]);

/// A style that leaves nothing of what was there before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Looks {
    fg: Color,
    bg: Color,
    modifiers: Modifier,
}

impl Looks {
    /// As the terminal has it.
    const PLAIN: Self = Self {
        fg: Color::Reset,
        bg: Color::Reset,
        modifiers: Modifier::empty(),
    };

    fn of(style: Style) -> Self {
        Self {
            fg: style.fg.unwrap_or(Color::Reset),
            bg: style.bg.unwrap_or(Color::Reset),
            modifiers: style.add_modifier,
        }
    }

    fn on(self, base: Base, depth: Depth) -> Self {
        Self {
            fg: base.fg.map_or(self.fg, |colour| depth.nearest(colour)),
            bg: base.bg.map_or(self.bg, |colour| depth.nearest(colour)),
            ..self
        }
    }
}

impl Table {
    /// How text of a role looks.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        let place = Role::ALL.iter().position(|other| *other == role);
        let found = place.and_then(|place| self.0.get(place));
        let looks = found.copied().unwrap_or(Looks::PLAIN);
        let style = Style::reset().fg(looks.fg).bg(looks.bg);
        style.add_modifier(looks.modifiers)
    }

    /// The styles of a palette.
    fn of(palette: Palette) -> Self {
        let theme = Theme {
            palette,
            glyphs: Glyphs::default(),
        };
        Self(Role::ALL.map(|role| Looks::of(theme.style(role))))
    }
}

/// The palette of a theme that comes with kreach; `None` if there is no theme of that name.
#[must_use]
pub fn named(name: &str, depth: Depth) -> Option<Palette> {
    match name {
        ANSI => Some(Palette::Ansi),
        MONO => Some(Palette::Mono),
        _ => read(&theme::built_in(name)?, depth).ok(),
    }
}

/// The palette that a file describes.
///
/// # Errors
///
/// If it is not a theme, or names a role, a colour or a theme that is not known.
pub fn read(document: &Document, depth: Depth) -> Result<Palette, ConfigError> {
    let file = theme::parse(document)?;
    let Table(looks) = Table::of(from(document, &file, depth)?);
    let mut looks = looks.map(|looks| looks.on(file.base, depth));
    for (name, look) in &file.roles {
        let mut roles = Role::ALL.iter().zip(&mut looks);
        let Some((_, looks)) = roles.find(|(role, _)| role.name() == name.get_ref()) else {
            let known = Role::ALL.map(Role::name);
            return Err(document.unknown("role", name, &known));
        };
        *looks = written(*look, file.base, depth);
    }
    Ok(Palette::Own(Table(looks)))
}

/// The palette that a file begins with: of nothing but the base, unless it names one.
fn from(document: &Document, file: &ThemeFile, depth: Depth) -> Result<Palette, ConfigError> {
    let Some(name) = &file.from else {
        return Ok(Palette::Own(Table([Looks::PLAIN; Role::ALL.len()])));
    };
    let found = named(name.get_ref(), depth);
    found.ok_or_else(|| document.unknown("theme", name, &NAMES))
}

fn written(look: Look, base: Base, depth: Depth) -> Looks {
    let own = Base {
        fg: look.fg.or(base.fg),
        bg: look.bg.or(base.bg),
    };
    let mut looks = Looks::PLAIN.on(own, depth);
    for (wanted, modifier) in [
        (look.bold, Modifier::BOLD),
        (look.dim, Modifier::DIM),
        (look.underline, Modifier::UNDERLINED),
        (look.reverse, Modifier::REVERSED),
    ] {
        if wanted {
            looks.modifiers |= modifier;
        }
    }
    looks
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn of(text: &str) -> Result<Palette, String> {
        let document = Document::new(Path::new("theme.toml"), text);
        read(&document, Depth::True).map_err(|error| error.to_string())
    }

    #[test]
    fn a_theme_says_what_differs_from_another() {
        let theme = Theme {
            palette: of("from = \"mono\"\n[roles]\nhigh = { fg = \"#ff0000\" }").unwrap(),
            glyphs: Glyphs::Unicode,
        };
        assert_eq!(theme.style(Role::High).fg, Some(Color::Rgb(255, 0, 0)));
        let mono = Theme {
            palette: Palette::Mono,
            ..theme
        };
        assert_eq!(theme.style(Role::All), mono.style(Role::All));
    }

    #[test]
    fn mistakes_are_told_with_their_place_and_what_may_be_meant() {
        let role = of("[roles]\nhihg = { bold = true }").unwrap_err();
        assert!(
            role.contains("theme.toml:2:1: unknown role `hihg`; did you mean `high`?"),
            "{role}"
        );
        let colour = of("[base]\nfg = \"#12345\"").unwrap_err();
        assert!(
            colour.contains("theme.toml:2:6: a colour is #rrggbb or one of black"),
            "{colour}"
        );
        let from = of("from = \"okabe\"").unwrap_err();
        assert!(from.contains("unknown theme `okabe`"), "{from}");
        let key = of("[roles]\nhigh = { blod = true }").unwrap_err();
        assert!(
            key.contains("unknown key `blod`; did you mean `bold`?"),
            "{key}"
        );
    }

    fn light((r, g, b): (u8, u8, u8)) -> [f64; 3] {
        [r, g, b].map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        })
    }

    /// As WCAG 2 counts it.
    fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
        let luminance = |[r, g, b]: [f64; 3]| 0.2126 * r + 0.7152 * g + 0.0722 * b;
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        (a / b).max(b / a)
    }

    fn colours(name: &str, role: Role) -> [[f64; 3]; 2] {
        let theme = Theme {
            palette: named(name, Depth::True).unwrap(),
            glyphs: Glyphs::Unicode,
        };
        let style = theme.style(role);
        [style.fg, style.bg].map(|colour| match colour {
            Some(Color::Rgb(r, g, b)) => light((r, g, b)),
            other => unreachable!("{name} {role:?} {other:?}"),
        })
    }

    const COLOURED: [&str; 4] = ["okabe-ito", "deuteranopia", "tritanopia", "high-contrast"];

    #[test]
    fn text_of_every_role_can_be_read_in_every_theme() {
        for name in COLOURED {
            for role in Role::ALL {
                let [fg, bg] = colours(name, role);
                assert!(contrast(fg, bg) >= 4.5, "{name} {role:?}");
            }
        }
        let far = Role::ALL.map(|role| {
            let [fg, bg] = colours("high-contrast", role);
            contrast(fg, bg)
        });
        assert!(far.iter().all(|contrast| *contrast >= 7.0), "{far:?}");
    }

    /// What people see who lack one sort of cones, by Machado, Oliveira and Fernandes (2009).
    const DEUTERANOPIA: [[f64; 3]; 3] = [
        [0.367_322, 0.860_646, -0.227_968],
        [0.280_085, 0.672_501, 0.047_413],
        [-0.011_820, 0.042_940, 0.968_881],
    ];
    const TRITANOPIA: [[f64; 3]; 3] = [
        [1.255_528, -0.076_749, -0.178_779],
        [-0.078_411, 0.930_809, 0.147_602],
        [0.004_733, 0.691_367, 0.303_900],
    ];

    fn seen(matrix: &[[f64; 3]; 3], [r, g, b]: [f64; 3]) -> [f64; 3] {
        matrix.map(|[x, y, z]| (x * r + y * g + z * b).clamp(0.0, 1.0))
    }

    /// CIE Lab, white of D65.
    fn lab(colour: [f64; 3]) -> [f64; 3] {
        let part = |weights: [f64; 3]| -> f64 {
            let parts = weights.into_iter().zip(colour);
            parts.map(|(weight, part)| weight * part).sum()
        };
        let wide = part([0.4124, 0.3576, 0.1805]) / 0.9505;
        let tall = part([0.2126, 0.7152, 0.0722]);
        let deep = part([0.0193, 0.1192, 0.9505]) / 1.089;
        let [x, y, z] = [wide, tall, deep].map(|part: f64| {
            if part > 0.008_856 {
                part.cbrt()
            } else {
                7.787 * part + 16.0 / 116.0
            }
        });
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
        let parts = lab(a).into_iter().zip(lab(b));
        parts.map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
    }

    #[test]
    fn what_must_be_told_apart_is_told_apart_without_one_sort_of_cones() {
        let pairs = [
            (Role::All, Role::High),
            (Role::All, Role::Outside),
            (Role::Some, Role::Outside),
            (Role::Owner, Role::NotOwner),
            (Role::All, Role::Unknown),
            (Role::Unknown, Role::High),
        ];
        let seen_by = [
            ("deuteranopia", DEUTERANOPIA),
            ("tritanopia", TRITANOPIA),
            ("okabe-ito", DEUTERANOPIA),
            ("okabe-ito", TRITANOPIA),
        ];
        for (name, matrix) in seen_by {
            for (a, b) in pairs {
                let [a_seen, b_seen] = [a, b].map(|role| seen(&matrix, colours(name, role)[0]));
                let far = distance(a_seen, b_seen);
                assert!(far >= 20.0, "{name} {a:?} {b:?} {far}");
            }
        }
    }
}
