//! Makes the pictures in `screenshots/` from the real program on the demo cluster:
//! `cargo bench --bench screenshots`.

#![expect(clippy::unwrap_used, reason = "a panic is how this tool reports")]

#[path = "../support/terminal.rs"]
#[expect(
    dead_code,
    reason = "shared with the terminal tests, which use more of it"
)]
mod terminal;

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use terminal::Terminal;

/// Name of the picture, size of the terminal, keys to press from the start screen, and text that
/// shows that it is there.
type Picture = (&'static str, (u16, u16), &'static str, &'static str);

const PICTURES: [Picture; 7] = [
    ("home", (112, 32), "1", "Home"),
    ("work", (160, 44), "2/shop/\r\t", "WHO CAN REACH IT"),
    (
        "why",
        (112, 32),
        "w\x15shop/web -> data/db:5432\r",
        "INGRESS of",
    ),
    ("matrix", (140, 32), "3jll", "of"),
    ("paths", (140, 40), "2/name:web\rx", "CHOKE POINTS"),
    ("exposed", (140, 36), "5jj", "EFFECTIVE"),
    ("policies", (140, 38), "6/alice\r", "LAST CHANGE"),
];

fn main() {
    for (name, size, keys, expected) in PICTURES {
        let program = Path::new(env!("CARGO_BIN_EXE_kreach"));
        let mut terminal = Terminal::start(program, &["--demo"], size);
        terminal.wait_for("Home");
        terminal.wait_for("pods");
        terminal.settle(Duration::from_millis(800));
        for key in keys.chars() {
            terminal.send(&key.to_string());
            terminal.settle(Duration::from_millis(60));
        }
        terminal.wait_for(expected);
        terminal.settle(Duration::from_millis(500));
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("screenshots/{name}.svg"));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, svg(terminal.screen())).unwrap();
    }
}

const CELL: (f32, f32) = (8.4, 18.0);
const BACKGROUND: &str = "#14181d";
const FOREGROUND: &str = "#d7dde4";

/// The sixteen colours of a dark terminal, in ANSI order.
const PALETTE: [&str; 16] = [
    "#22282f", "#e5534b", "#57ab5a", "#d29922", "#539bf5", "#b083f0", "#39c5cf", "#c3cbd4",
    "#6b7683", "#ff6a62", "#6bc46d", "#e8b339", "#6cb6ff", "#dcbdfb", "#56d4dd", "#ffffff",
];

/// The screen as a picture: one rectangle and one text run for each stretch of equal cells.
fn svg(screen: &vt100::Screen) -> String {
    let (rows, columns) = size(screen);
    let (width, height) = (
        f32::from(columns) * CELL.0 + 16.0,
        f32::from(rows) * CELL.1 + 16.0,
    );
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            column = run(screen, &mut out, row, column);
        }
    }
    out.push_str("</svg>\n");
    out
}

fn size(screen: &vt100::Screen) -> (u16, u16) {
    let (rows, columns) = screen.size();
    (rows.get(), columns.get())
}

/// Writes the run of equally styled cells that starts at `column`; returns where the next starts.
fn run(screen: &vt100::Screen, out: &mut String, row: u16, column: u16) -> u16 {
    let style = style(screen, row, column);
    let mut text = String::new();
    let mut end = column;
    while end < size(screen).1 && self::style(screen, row, end) == style {
        let cell = screen.cell(row, end).unwrap();
        if !cell.is_wide_continuation() {
            text.push_str(if cell.has_contents() {
                cell.contents()
            } else {
                " "
            });
        }
        end += 1;
    }
    let (x, y) = (
        8.0 + f32::from(column) * CELL.0,
        8.0 + f32::from(row) * CELL.1,
    );
    let width = f32::from(end - column) * CELL.0;
    if style.background != BACKGROUND {
        writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"{}\"/>",
            CELL.1, style.background
        )
        .unwrap();
    }
    if !text.trim().is_empty() {
        let weight = if style.bold {
            " font-weight=\"bold\""
        } else {
            ""
        };
        let opacity = if style.dim { " opacity=\"0.6\"" } else { "" };
        let escaped = text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{:.1}\" fill=\"{}\"{weight}{opacity} textLength=\"{width:.1}\" xml:space=\"preserve\">{escaped}</text>",
            y + 13.5,
            style.foreground
        )
        .unwrap();
    }
    end
}

#[derive(PartialEq)]
struct Style {
    foreground: String,
    background: String,
    bold: bool,
    dim: bool,
}

fn style(screen: &vt100::Screen, row: u16, column: u16) -> Style {
    let cell = screen.cell(row, column).unwrap();
    let foreground = colour(cell.fgcolor(), FOREGROUND);
    let background = colour(cell.bgcolor(), BACKGROUND);
    let (foreground, background) = if cell.inverse() {
        (background, foreground)
    } else {
        (foreground, background)
    };
    Style {
        foreground,
        background,
        bold: cell.bold(),
        dim: cell.dim(),
    }
}

fn colour(colour: vt100::Color, default: &str) -> String {
    match colour {
        vt100::Color::Default => default.to_owned(),
        vt100::Color::Idx(i) => PALETTE
            .get(usize::from(i))
            .copied()
            .unwrap_or(default)
            .to_owned(),
        vt100::Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
    }
}
