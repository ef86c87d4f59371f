//! What surrounds every screen.
//!
//! ```text
//!  kreach  prod-eu ▸ all namespaces                        LIVE 2s   RO   1 Home
//!  pods 2000  netpol 200  ns 44  roles 7  bindings 7  clusterroles 403!  audit off
//! ────────────────────────────────────────────────────────────────────────────────
//!  (the screen)
//! ────────────────────────────────────────────────────────────────────────────────
//!  enter open  w what-if  / filter  : command  n namespace  y copy  ? help  q quit
//! ```

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::report::time::age;

use super::action::Action;
use super::app::{ALL_NAMESPACES, Toast};
use super::area;
use super::clock::{Clock, coarse_age};
use super::facts::{AsIf, StripItem, StripState};
use super::keymap::{Keymap, Place};
use super::msg::{Age, Connection, Hit, Report, Step};
use super::theme::{Role, Theme};
use super::widget::text::{cut_front, line, width, write};
use super::widget::{Line, rule};

/// From this width on, lines have room for everything.
const ROOMY: u16 = 60;

/// The first line.
#[derive(Clone, Debug)]
pub struct Header<'a> {
    /// The context, namespaces, and what is looked at; escaped.
    pub crumbs: Vec<String>,
    /// How fresh the data are.
    pub connection: &'a Connection,
    /// Number and name of the screen.
    pub tab: &'static str,
    /// The present.
    pub clock: Clock,
    /// What is shown, if not the cluster as it is.
    pub as_if: AsIf,
}

impl Header<'_> {
    /// Draws the line; the right part goes before the left one.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: Theme) -> Report {
        let row = area::row(area, 0);
        let (fresh, role, age) = freshness(self.connection, self.clock.now);
        let roomy = row.width >= ROOMY;
        let gap = if roomy { "   " } else { " " };
        let mut right = Line::of(role, fresh);
        if let Some(word) = self.as_if.word() {
            right = right
                .and(Role::Plain, " ")
                .and(Role::Critical, format!(" {word} "));
        }
        right = right.and(Role::Plain, format!("{gap}RO"));
        if roomy {
            right = right.and(Role::Strong, format!("{gap}{} ", self.tab));
        }
        let at = row.width.saturating_sub(right.width());
        line(buf, row, (at, &right), theme);
        let crumb = format!(" {} ", theme.glyphs.crumb());
        let mut left = Line::of(Role::Strong, if roomy { " kreach  " } else { " kreach " });
        let room = at.saturating_sub(left.width() + 1);
        for (i, part) in fitted(&self.crumbs, room, theme).iter().enumerate() {
            if i > 0 {
                left = left.and(Role::Dim, crumb.clone());
            }
            left = left.and(Role::Plain, part.clone());
        }
        let (room, _) = area::left(row, at.saturating_sub(1));
        line(buf, room, (0, &left), theme);
        Report {
            ages: age.into_iter().collect(),
            ..Report::default()
        }
    }
}

/// Breadcrumbs in `room` columns: what is looked at stays, the way to it gives way.
fn fitted(crumbs: &[String], room: u16, theme: Theme) -> Vec<String> {
    let mut crumbs = crumbs.to_vec();
    let over = |crumbs: &[String]| {
        let gaps = u16::try_from(crumbs.len().saturating_sub(1) * 3).unwrap_or(u16::MAX);
        let texts = crumbs.iter().map(|part| width(part));
        texts.fold(gaps, u16::saturating_add).saturating_sub(room)
    };
    if over(&crumbs) > 0
        && let Some(scope) = crumbs.iter_mut().find(|part| *part == ALL_NAMESPACES)
    {
        "all".clone_into(scope);
    }
    // The end of a context tells more than its beginning: `arn:aws:…:cluster/prod`.
    let too_much = over(&crumbs);
    if let Some(context) = crumbs.first_mut().filter(|_| too_much > 0) {
        let columns = width(context).saturating_sub(too_much).max(LEAST_CONTEXT);
        *context = cut_front(context, columns, theme.glyphs.ellipsis()).into_owned();
    }
    while over(&crumbs) > 0 && crumbs.len() > 1 {
        crumbs.remove(0);
    }
    crumbs
}

/// Columns below which a context says nothing.
const LEAST_CONTEXT: u16 = 6;

/// The word for how fresh the data are, and the age in it.
fn freshness(connection: &Connection, now: Timestamp) -> (String, Role, Option<Age>) {
    match connection {
        Connection::Connecting => ("CONNECTING".to_owned(), Role::Stale, None),
        Connection::Live => ("LIVE".to_owned(), Role::Fresh, None),
        Connection::Stale { since, .. } => {
            let text = coarse_age(*since, now);
            let age = (*since, Step::Coarse, text.clone());
            (format!("STALE {text}"), Role::Stale, Some(age))
        }
        Connection::Files => ("FILES".to_owned(), Role::Plain, None),
        Connection::Snapshot(made) => {
            let text = age(now, *made);
            (
                format!("SNAPSHOT {text} old"),
                Role::Stale,
                Some((*made, Step::Fine, text)),
            )
        }
        Connection::Demo => ("DEMO".to_owned(), Role::Plain, None),
    }
}

/// The data strip: one word per kind. Where there is no room for all, plain counts give way first,
/// then what is still loading; a number tells how many problems are not shown.
pub fn strip(
    items: &[StripItem],
    (area, clock): (Rect, Clock),
    buf: &mut Buffer,
    theme: Theme,
) -> Report {
    let row = area::row(area, 0);
    let mut report = Report::default();
    let mut words: Vec<(&StripItem, Line)> = items
        .iter()
        .map(|item| (item, word(item, clock, theme)))
        .collect();
    let mut hidden = 0_usize;
    loop {
        let taken = words
            .iter()
            .fold(0_u16, |sum, (_, word)| sum.saturating_add(word.width()));
        let more = u16::from(hidden > 0) * HIDDEN;
        if taken.saturating_add(more) <= row.width.saturating_add(1) || words.len() < 2 {
            break;
        }
        let least = words
            .iter()
            .enumerate()
            .max_by_key(|(at, (item, _))| (rank(item), *at));
        let Some((at, _)) = least else { break };
        let (item, _) = words.remove(at);
        hidden += usize::from(rank(item) < COSMETIC);
    }
    let mut text = Line::default();
    for (item, word) in words {
        if let StripState::Stale(since) = item.state {
            let age = coarse_age(since, clock.now);
            report.ages.push((since, Step::Coarse, age));
        }
        text.0.extend(word.0);
    }
    if hidden > 0 {
        text = text.and(Role::Low, format!(" +{hidden}!"));
    }
    line(buf, row, (0, &text), theme);
    report.hits.push((row, Hit::Act(Action::Sources)));
    report
}

/// Columns of the number of problems that are not shown.
const HIDDEN: u16 = 5;

/// How early a word gives way; the audit log never does, because it decides who can be named, and
/// the kinds that everything rests on hardly.
const fn rank(item: &StripItem) -> u8 {
    match item.state {
        StripState::Word(_) | StripState::Alarm(_) => 0,
        _ if item.leading => 1,
        StripState::Forbidden | StripState::Failed | StripState::Stale(_) => 2,
        StripState::Loading(_) | StripState::Partial(_) => 3,
        StripState::Count(_) => COSMETIC,
    }
}

/// The rank of a plain count.
const COSMETIC: u8 = 4;

fn word(item: &StripItem, clock: Clock, theme: Theme) -> Line {
    let (state, role) = match &item.state {
        StripState::Count(n) => (n.to_string(), Role::Plain),
        StripState::Loading(n) => (format!("{n}{}", theme.glyphs.pending()), Role::Dim),
        StripState::Partial(n) => (format!("{n}!"), Role::Low),
        StripState::Stale(since) => {
            let age = coarse_age(*since, clock.now);
            (format!("STALE {age}"), Role::Stale)
        }
        StripState::Forbidden => ("403!".to_owned(), Role::Low),
        StripState::Failed => ("failed!".to_owned(), Role::High),
        StripState::Word(word) => ((*word).to_owned(), Role::Dim),
        StripState::Alarm(word) => ((*word).to_owned(), Role::High),
    };
    Line::of(Role::Dim, format!(" {} ", item.label)).and(role, format!("{state} "))
}

/// What is shown, if not the cluster as it is, in the rule below the strip.
pub fn banner(as_if: &AsIf, area: Rect, buf: &mut Buffer, theme: Theme) {
    if let Some(text) = as_if.sentence() {
        let row = area::row(area, 0);
        let (first, _) = text.split_once(", ").unwrap_or((&text, ""));
        let fits = width(&text).saturating_add(4) <= row.width;
        let text = format!(" {} ", if fits { &text } else { first });
        write(buf, row, 2, (&text, theme.style(Role::Stale)));
    }
}

/// The last line: keys of the place at hand.
pub fn footer(
    (offered, place, keymap): (&[Action], Place, &Keymap),
    area: Rect,
    buf: &mut Buffer,
    theme: Theme,
) -> Report {
    let row = area::row(area, 0);
    let mut items: Vec<(Action, String, &str)> = offered
        .iter()
        .filter_map(|action| {
            let key = keymap.label(place, *action)?;
            // One letter of a menu stands for the menu.
            let copies = *action == Action::CopyName && key.contains(' ');
            let key = if copies {
                key.split(' ').next().unwrap_or("").to_owned()
            } else {
                key
            };
            Some((*action, key, if copies { "copy" } else { action.word() }))
        })
        .collect();
    let needed = |items: &[(Action, String, &str)]| -> u16 {
        items.iter().fold(1, |sum, (_, key, word)| {
            sum.saturating_add(width(key))
                .saturating_add(width(word))
                .saturating_add(3)
        })
    };
    while needed(&items) > row.width.saturating_add(2) && items.len() > 1 {
        let last = items
            .iter()
            .rposition(|(action, ..)| *action != Action::Help);
        items.remove(last.unwrap_or(0));
    }
    let mut report = Report::default();
    let mut column = 1;
    for (action, key, word) in items {
        let start = column;
        column = write(buf, row, column, (&key, theme.style(Role::Key)));
        column = write(
            buf,
            row,
            column.saturating_add(1),
            (word, theme.style(Role::Plain)),
        );
        let place = Rect {
            x: row.x.saturating_add(start),
            width: column.saturating_sub(start),
            ..row
        };
        report.hits.push((place, Hit::Act(action)));
        column = column.saturating_add(2);
    }
    report
}

/// Messages at the top right, newest first.
pub fn toasts(toasts: &[Toast], area: Rect, buf: &mut Buffer, theme: Theme) {
    for (at, toast) in (0..).zip(toasts.iter().rev()) {
        let row = area::row(area, at);
        let most = row.width.saturating_sub(2);
        let text =
            super::widget::text::cut(&toast.text, most.saturating_sub(2), theme.glyphs.ellipsis());
        let text = format!(" {text} ");
        let column = row.width.saturating_sub(width(&text)).saturating_sub(1);
        let style = theme.style(toast.role).patch(theme.selected());
        write(buf, row, column, (&text, style));
    }
}

/// Header, strip, rules and footer of the whole screen; gives the room for the screen itself, and
/// the row above the footer, where bars go.
pub fn divide(area: Rect) -> Divided {
    let (header, rest) = area::top(area, 1);
    let (strip, rest) = area::top(rest, 1);
    let (upper, rest) = area::top(rest, 1);
    let (footer, rest) = area::bottom(rest, 1);
    let (lower, body) = area::bottom(rest, 1);
    Divided {
        header,
        strip,
        upper,
        body,
        lower,
        footer,
    }
}

/// The parts of the whole screen, from top to bottom.
#[derive(Clone, Copy, Debug)]
pub struct Divided {
    /// The first line.
    pub header: Rect,
    /// The data strip.
    pub strip: Rect,
    /// The rule below it.
    pub upper: Rect,
    /// The screen.
    pub body: Rect,
    /// The rule above the footer, or a bar.
    pub lower: Rect,
    /// The keys.
    pub footer: Rect,
}

/// Draws both rules.
pub fn rules(parts: &Divided, buf: &mut Buffer, theme: Theme) {
    rule::horizontal(buf, parts.upper, theme);
    rule::horizontal(buf, parts.lower, theme);
}
