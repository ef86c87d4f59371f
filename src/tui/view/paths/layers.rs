//! The stops of all listed paths by the hop at which they are met. The selected path runs along the
//! first line; the others stand below, at the least hop at which some path meets them.

use std::collections::{BTreeMap, BTreeSet};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::app::view::Pane;
use crate::tui::area;
use crate::tui::facts::PathsFacts;
use crate::tui::theme::{Role, Theme};
use crate::tui::widget::rule;
use crate::tui::widget::text::{cut, cut_name, fill, width, write};

use super::{PathsView, hop_text};

/// Columns of an arrow between two layers.
const GAP: u16 = 5;

/// The stops of one layer: that of the selected path first.
type Layer<'a> = Vec<&'a str>;

fn layers(facts: &PathsFacts, selected: usize) -> Vec<Layer<'_>> {
    let Some(path) = facts.rows.get(selected) else {
        return Vec::new();
    };
    let mut found: Vec<Layer<'_>> = path.stops.iter().map(|s| vec![s.name.as_str()]).collect();
    let mut seen: BTreeSet<&str> = path.stops.iter().map(|stop| stop.name.as_str()).collect();
    let mut nearest: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &facts.rows {
        for (at, stop) in row.stops.iter().enumerate() {
            let least = nearest.entry(&stop.name).or_insert(at);
            *least = at.min(*least);
        }
    }
    for row in &facts.rows {
        for stop in &row.stops {
            if seen.insert(&stop.name) {
                let at = nearest.get(stop.name.as_str()).copied().unwrap_or(0);
                if found.len() <= at {
                    found.resize(at + 1, Vec::new());
                }
                if let Some(layer) = found.get_mut(at) {
                    layer.push(&stop.name);
                }
            }
        }
    }
    found
}

/// Lines that the picture takes.
pub(super) fn height(facts: &PathsFacts, selected: usize) -> u16 {
    let layers = layers(facts, selected);
    let most = layers.iter().map(Vec::len).max().unwrap_or(0);
    u16::try_from(most).unwrap_or(u16::MAX)
}

/// Draws the heading and the picture.
pub(super) fn draw(
    (paths, facts): (&PathsView<'_>, &PathsFacts),
    area: Rect,
    buf: &mut Buffer,
    theme: Theme,
) {
    if area.is_empty() {
        return;
    }
    let (head, rest) = area::top(area, 1);
    let hop = hop_text((paths, facts), theme.glyphs).unwrap_or_default();
    let room = head.width.saturating_sub(14);
    let hop = cut(&hop, room, theme.glyphs.ellipsis());
    rule::heading(buf, head, ("LAYERS", &hop), theme);
    let selected = paths.view.cursor(Pane::Paths).at;
    let hops = facts.rows.get(selected).map_or(0, |row| row.hops.len());
    let layers = layers(facts, selected);
    let columns = columns(&layers, rest.width.saturating_sub(1));
    let mut column = 1;
    for (at, (layer, room)) in layers.iter().zip(&columns).enumerate() {
        let here = Rect {
            x: rest.x.saturating_add(column),
            width: (*room).min(rest.width.saturating_sub(column)),
            ..rest
        };
        stops(layer, here, buf, (theme, at <= hops));
        column = column.saturating_add(*room);
        if at < hops {
            let under = at == paths.hop && paths.view.focus == Pane::Paths;
            let gap = Rect {
                x: rest.x.saturating_add(column),
                width: GAP.min(rest.width.saturating_sub(column)),
                ..rest
            };
            link(gap, buf, (theme, under));
        }
        column = column.saturating_add(GAP);
    }
}

/// The room of each layer: what it needs, or its share.
fn columns(layers: &[Layer<'_>], room: u16) -> Vec<u16> {
    let count = u16::try_from(layers.len()).unwrap_or(u16::MAX).max(1);
    let room = room.saturating_sub(GAP.saturating_mul(count - 1));
    let wanted = |layer: &Layer<'_>| layer.iter().map(|name| width(name)).max().unwrap_or(0);
    let wanted: Vec<u16> = layers.iter().map(wanted).collect();
    let sum = wanted.iter().fold(0_u16, |sum, w| sum.saturating_add(*w));
    if sum <= room {
        return wanted;
    }
    let share = room / count;
    let small: u16 = wanted.iter().filter(|w| **w <= share).sum();
    let large = wanted.iter().filter(|w| **w > share).count();
    let rest = room.saturating_sub(small) / u16::try_from(large).unwrap_or(1).max(1);
    wanted.into_iter().map(|w| w.min(rest.max(share))).collect()
}

fn stops(layer: &Layer<'_>, area: Rect, buf: &mut Buffer, (theme, chosen): (Theme, bool)) {
    let ellipsis = theme.glyphs.ellipsis();
    let hidden = layer.len() > usize::from(area.height);
    let shown = usize::from(area.height).saturating_sub(usize::from(hidden));
    for (at, name) in (0..area.height).zip(layer.iter().take(shown.max(1))) {
        let role = if at == 0 && chosen {
            Role::Strong
        } else {
            Role::Dim
        };
        let name = cut_name(name, area.width, ellipsis);
        write(buf, area::row(area, at), 0, (&name, theme.style(role)));
    }
    if hidden && area.height > 1 {
        let rest = format!("{ellipsis} {} more", layer.len() - shown);
        let last = area::row(area, area.height - 1);
        write(buf, last, 0, (&rest, theme.style(Role::Dim)));
    }
}

/// An arrow along the first line.
fn link(gap: Rect, buf: &mut Buffer, (theme, under): (Theme, bool)) {
    let role = if under { Role::Key } else { Role::Dim };
    let row = area::row(gap, 0);
    let inner = area::inside(row, 1, 0);
    fill(buf, inner, theme.glyphs.horizontal(), theme.style(role));
    let arrow = theme.glyphs.arrow();
    let head = inner.width.saturating_sub(width(arrow));
    write(buf, inner, head, (arrow, theme.style(role)));
}
