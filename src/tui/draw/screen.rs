//! The screen between the strip above and the keys below: which view draws it, and from what.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::model::Kind;
use crate::tui::app::App;
use crate::tui::app::chart::Chart;
use crate::tui::app::duties::Roster;
use crate::tui::app::view::Screen;
use crate::tui::facts::{Facts, PathsAsk, RadiusAsk, Topic};
use crate::tui::msg::Report;
use crate::tui::theme::{Role, Theme};
use crate::tui::view;
use crate::tui::widget::Line;
use crate::tui::widget::text::line;

/// Draws the screen at hand.
pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) -> Report {
    let theme = app.setup.theme;
    let Some(facts) = app.facts.as_deref() else {
        let waiting = Line::of(Role::Dim, "waiting for the first data");
        line(buf, area, (1, &waiting), theme);
        return Report::default();
    };
    let canvas = Canvas {
        app,
        facts,
        area,
        theme,
    };
    match &app.view.screen {
        Screen::Home => canvas.home(buf),
        Screen::Work => canvas.work(buf),
        Screen::Matrix(chart) => canvas.matrix(chart, buf),
        Screen::Paths(ask) => canvas.paths(ask, buf),
        Screen::Radius(ask) => canvas.radius(ask, buf),
        Screen::Exposed => canvas.exposed(buf),
        Screen::Policies => canvas.policies(buf),
        Screen::History(_) => canvas.history(buf),
        Screen::Duties(roster) => canvas.duties(*roster, buf),
        Screen::Why(_) => canvas.why(buf),
        Screen::Draft(_) => canvas.draft(buf),
        Screen::Changes => canvas.changes(buf),
    }
}

/// What a screen is drawn from, and where.
struct Canvas<'a> {
    app: &'a App,
    facts: &'a dyn Facts,
    area: Rect,
    theme: Theme,
}

impl Canvas<'_> {
    /// Why a list that is empty may be so only because something could not be read.
    fn doubt(&self, empty: bool, kinds: &[Kind]) -> Option<String> {
        empty.then(|| self.facts.doubt(kinds)).flatten()
    }

    fn home(&self, buf: &mut Buffer) -> Report {
        let home = view::home::HomeView {
            facts: self.app.derived.home(),
            duties: self.app.found_duties(),
            colliding: self.app.derived.duties.colliding(),
            view: &self.app.view,
            clock: self.app.clock,
        };
        view::home::draw(&home, self.area, buf, self.theme)
    }

    fn work(&self, buf: &mut Buffer) -> Report {
        let empty = self.app.derived.workloads().is_empty();
        let doubt = self.doubt(empty, &[Kind::Pod]);
        let aside = if self.app.row_question().is_some() {
            view::work::Aside::of(self.app.background.heard(Topic::Aside))
        } else {
            view::work::Aside::Nothing
        };
        let work = view::work::WorkView {
            aside,
            doubt: doubt.as_deref(),
            derived: &self.app.derived,
            view: &self.app.view,
            marks: &|key| self.facts.marks(key),
            through: &|direction, row| {
                let workload = self.app.derived.around().workload.as_ref();
                workload.map_or_else(String::new, |key| self.facts.through(key, direction, row))
            },
            namespace: self.app.namespace(),
            clock: self.app.clock,
        };
        view::work::draw(&work, self.area, buf, self.theme)
    }

    fn matrix(&self, chart: &Chart, buf: &mut Buffer) -> Report {
        let empty = self.app.derived.sides().down.len() < 2;
        let doubt = self.doubt(empty, &[Kind::Pod]);
        let known = self.app.known_cells();
        let matrix = view::matrix::MatrixView {
            chart,
            sides: self.app.derived.sides(),
            known: known.as_ref(),
            parts: self.app.cell_parts(),
            view: &self.app.view,
            doubt: doubt.as_deref(),
            theme: self.theme,
        };
        view::matrix::draw(&matrix, self.area, buf)
    }

    fn paths(&self, ask: &PathsAsk, buf: &mut Buffer) -> Report {
        let radius = self.app.wanted_radius();
        let paths = view::paths::PathsView {
            ask,
            facts: self.app.found_paths(),
            dim: self
                .app
                .background
                .heard(Topic::Paths)
                .is_some_and(|heard| heard.dim),
            radius: radius.and_then(|ask| self.app.found_radius(&ask)),
            hop: self.app.hop_at(),
            view: &self.app.view,
        };
        view::paths::draw(&paths, self.area, buf, self.theme)
    }

    fn radius(&self, ask: &RadiusAsk, buf: &mut Buffer) -> Report {
        let radius = view::radius::RadiusView {
            ask,
            facts: self.app.found_radius(ask),
            view: &self.app.view,
        };
        view::radius::draw(&radius, self.area, buf, self.theme)
    }

    fn exposed(&self, buf: &mut Buffer) -> Report {
        let rows = self.app.derived.ways();
        let kinds = [Kind::Pod, Kind::Service, Kind::Ingress];
        let doubt = self.doubt(rows.is_empty(), &kinds);
        let exposed = view::exposed::ExposedView {
            rows,
            detail: self.app.derived.detail(),
            view: &self.app.view,
            doubt: doubt.as_deref(),
            known: self.app.knows_ways(),
        };
        view::exposed::draw(&exposed, self.area, buf, self.theme)
    }

    fn policies(&self, buf: &mut Buffer) -> Report {
        let empty = self.app.derived.policies().is_empty();
        let doubt = self.doubt(empty, &[Kind::NetworkPolicy]);
        let policies = view::policies::PoliciesView {
            doubt: doubt.as_deref(),
            rows: self.app.derived.policies(),
            detail: self.app.derived.detail(),
            view: &self.app.view,
            clock: self.app.clock,
        };
        view::policies::draw(&policies, self.area, buf, self.theme)
    }

    fn history(&self, buf: &mut Buffer) -> Report {
        let history = view::history::HistoryView {
            past: self.app.found_past(),
            detail: self.app.derived.detail(),
            view: &self.app.view,
            clock: self.app.clock,
        };
        view::history::draw(&history, self.area, buf, self.theme)
    }

    fn duties(&self, roster: Roster, buf: &mut Buffer) -> Report {
        let heard = self.app.background.heard(Topic::Duties);
        let duties = view::duties::DutiesView {
            roster,
            facts: self.app.found_duties(),
            lists: &self.app.derived.duties,
            duty: self.app.duty_at(),
            detail: self.app.derived.detail(),
            view: &self.app.view,
            dim: heard.is_some_and(|heard| heard.dim),
        };
        view::duties::draw(&duties, self.area, buf, self.theme)
    }

    fn changes(&self, buf: &mut Buffer) -> Report {
        let found = self.app.found_feed();
        let changes = view::change::ChangesView {
            rows: found.map(|_| self.app.derived.feed()),
            doubts: found.map_or(&[][..], |feed| &feed.doubts),
            detail: self.app.derived.detail(),
            view: &self.app.view,
            clock: self.app.clock,
        };
        view::change::draw(&changes, self.area, buf, self.theme)
    }

    fn draft(&self, buf: &mut Buffer) -> Report {
        let Some(draft) = self.app.draft_at_hand() else {
            let gone = Line::of(Role::Dim, "this draft is gone: esc goes back");
            line(buf, self.area, (1, &gone), self.theme);
            return Report::default();
        };
        let heard = self.app.background.heard(Topic::Draft);
        let draft = view::draft::DraftView {
            draft,
            drafts: &self.app.drafts,
            effect: &self.app.derived.effect,
            view: &self.app.view,
            dim: heard.is_some_and(|heard| heard.dim),
        };
        view::draft::draw(&draft, self.area, buf, self.theme)
    }

    fn why(&self, buf: &mut Buffer) -> Report {
        let why = view::why::WhyView {
            facts: self.app.derived.why(),
            reasons: self.app.derived.reasons(),
            view: &self.app.view,
        };
        view::why::draw(&why, self.area, buf, self.theme)
    }
}
