//! The whole screen: state to buffer. Reads the state and tells where things are.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::app::App;
use super::app::layer::Layer;
use super::app::view::{Pane, Screen};
use super::area;
use super::facts::PeerList;
use super::frame::{self, Divided, Header};
use super::keymap::Found;
use super::msg::Report;
use super::theme::Role;
use super::widget::Line;
use super::widget::text::{line, wrap, write};
use super::{popup, view};

mod screen;

/// The smallest screen that is drawn: columns and rows.
pub const SMALLEST: (u16, u16) = (40, 12);

/// Draws everything into `area`.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer) -> Report {
    let area = area.intersection(buf.area);
    let theme = app.setup.theme;
    // Themes may have a background of their own.
    buf.set_style(area, theme.style(Role::Plain));
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let (w, h) = SMALLEST;
        let text = format!(
            "kreach needs {w}x{h}, this is {}x{}",
            area.width, area.height
        );
        for (at, part) in (0..area.height).zip(wrap(&text, area.width)) {
            write(
                buf,
                area::row(area, at),
                0,
                (&part, theme.style(Role::Plain)),
            );
        }
        return Report::default();
    }
    let parts = frame::divide(area);
    let mut report = surroundings(app, &parts, buf);
    report.add(screen::draw(app, parts.body, buf));
    report.add(layers(app, &parts, buf));
    if app.choices_shown
        && let Found::Prefix(choices) = app.setup.keymap.find(app.place(), &app.pending)
    {
        popup::choices(&choices, parts.body, buf, theme);
    }
    // From the rule on, so that a single one hides nothing.
    let above = Rect {
        y: parts.upper.y,
        height: parts.upper.height.saturating_add(parts.body.height),
        ..parts.body
    };
    frame::toasts(&app.toasts, above, buf, theme);
    report
}

fn surroundings(app: &App, parts: &Divided, buf: &mut Buffer) -> Report {
    let theme = app.setup.theme;
    let header = Header {
        crumbs: crumbs(app),
        connection: &app.connection,
        tab: app.view.screen.tab(),
        clock: app.clock,
        as_if: app
            .facts
            .as_ref()
            .map(|facts| facts.as_if())
            .unwrap_or_default(),
    };
    let mut report = header.draw(parts.header, buf, theme);
    report.add(second_line(app, parts.strip, buf));
    frame::rules(parts, buf, theme);
    if let Some(facts) = &app.facts {
        frame::banner(&facts.as_if(), parts.upper, buf, theme);
    }
    report.add(frame::footer(
        (&app.offered(), app.place(), &app.setup.keymap),
        parts.footer,
        buf,
        theme,
    ));
    report
}

/// Context, namespaces, and what is looked at. Esc goes one to the left.
fn crumbs(app: &App) -> Vec<String> {
    let mut crumbs = vec![app.setup.context.shown().to_string()];
    let workload = app.derived.around().workload.as_ref();
    match &app.view.screen {
        Screen::Home => crumbs.push(app.scope()),
        Screen::Matrix(chart) => crumbs.extend(view::matrix::crumbs(chart, app.scope())),
        Screen::Paths(ask) => {
            crumbs.extend([
                "Paths".to_owned(),
                format!("{} -> {}", ask.source, ask.destination),
            ]);
        }
        Screen::Radius(ask) => crumbs.extend([ask.end.clone(), "blast radius".to_owned()]),
        Screen::Exposed => crumbs.extend([app.scope(), "Exposed".to_owned()]),
        Screen::Policies => crumbs.extend([app.scope(), "Policies".to_owned()]),
        Screen::History(key) => {
            crumbs.extend(["Policies".to_owned(), key.to_string(), "history".to_owned()]);
        }
        Screen::Changes => crumbs.extend([app.scope(), "Changes".to_owned()]),
        Screen::Duties(_) => crumbs.extend([app.scope(), "Separation of duties".to_owned()]),
        Screen::Work => {
            crumbs.extend([app.scope(), "Workloads".to_owned()]);
            let inside = matches!(app.view.focus, Pane::Inbound | Pane::Outbound);
            crumbs.extend(
                workload
                    .filter(|_| inside)
                    .map(|key| key.name.shown().to_string()),
            );
        }
        Screen::Why(question) => crumbs.extend([question.source.clone(), "why".to_owned()]),
        Screen::Draft(_) => crumbs.extend(app.draft_at_hand().map(|draft| {
            let mark = if draft.is_unsaved() { "*" } else { "" };
            format!("draft {}{mark}", draft.name)
        })),
    }
    crumbs
}

/// The data strip; on a narrow screen with one direction of a workload, its counts.
fn second_line(app: &App, area: Rect, buf: &mut Buffer) -> Report {
    let theme = app.setup.theme;
    let one_direction = matches!(app.view.focus, Pane::Inbound | Pane::Outbound);
    if area.width < 60 && one_direction {
        let around = app.derived.around();
        let count = |word: &str, list: &PeerList| format!(" {word} {} ", list.reached);
        let exposed = around
            .inbound
            .rows
            .iter()
            .any(super::facts::PeerRow::is_outside);
        let (into, out) = if app.view.focus == Pane::Inbound {
            (Role::Strong, Role::Dim)
        } else {
            (Role::Dim, Role::Strong)
        };
        let mut text =
            Line::of(into, count("IN", &around.inbound)).and(out, count("OUT", &around.outbound));
        if exposed {
            text = text.and(
                Role::Outside,
                format!(" {} from outside", theme.glyphs.outside()),
            );
        }
        line(buf, area, (0, &text), theme);
        return Report::default();
    }
    frame::strip(app.derived.strip(), (area, app.clock), buf, theme)
}

fn layers(app: &App, parts: &Divided, buf: &mut Buffer) -> Report {
    let theme = app.setup.theme;
    let mut report = Report::default();
    if let Some(asked) = &app.asked {
        view::bar::answered(asked, parts.lower, buf, theme);
    }
    for layer in &app.layers {
        match layer {
            Layer::Picker(picker) => report.add(popup::picker(picker, parts.body, buf, theme)),
            Layer::Reader(reader) => report.add(popup::reader(reader, parts.body, buf, theme)),
            Layer::Filter(input) => view::bar::filter(input, parts.lower, buf, theme),
            Layer::Bar(bar) => view::bar::typed(bar, (parts.lower, parts.body), buf, theme),
            Layer::Path(prompt) => view::bar::path(prompt, parts.lower, buf, theme),
        }
    }
    report
}
