//! Paths as text: `1  internet ─443→ shop/web ─8080→ shop/api`.

use std::io;

use crate::reach::paths::{DoorKind, Hop, Stop};
use crate::report::table::{Cell, Paint, Table, Tone, cut, plural};
use crate::report::why;
use crate::select::PortSet;

use super::{
    ChokeDocument, HopDocument, NeededHop, PathDocument, PathList, Radius, StopDocument, Through,
    too_many,
};

/// Columns of a name, at most.
const MOST_NAME: usize = 64;
/// Columns of the ports of a hop, at most.
const MOST_PORTS: usize = 24;

impl PathList {
    /// Writes the list.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_table(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        let title = format!(
            "POSSIBLE PATHS from {} to {}, of at most {}",
            cut(&self.source.to_string(), MOST_NAME),
            cut(&self.destination.to_string(), MOST_NAME),
            plural(self.max_hops, "hop")
        );
        writeln!(out, "{}", Tone::Strong.paint(paint, title))?;
        let width = self.paths.len().to_string().len();
        for (at, path) in (1..).zip(&self.paths) {
            let notes = path.notes();
            let notes = if notes.is_empty() {
                String::new()
            } else {
                let tone = if path.certain {
                    Tone::Faint
                } else {
                    Tone::Unsure
                };
                format!("   {}", tone.paint(paint, notes.join(", ")))
            };
            writeln!(out, "{at:>width$}  {path}{notes}")?;
        }
        if self.paths.is_empty() {
            writeln!(out, "none")?;
        }
        match &self.choke_points {
            Some(needed) => needed.write(out, paint),
            None => Ok(()),
        }
    }
}

impl std::fmt::Display for PathDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, stop) in self.stops.iter().enumerate() {
            write!(f, "{stop}")?;
            if let Some(hop) = self.hops.get(at) {
                write!(f, " ─{}→ ", hop.label)?;
            }
        }
        Ok(())
    }
}

impl std::fmt::Display for StopDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&cut(&self.shown, MOST_NAME))
    }
}

impl PathDocument {
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.certain {
            notes.push("? not certain".to_owned());
        }
        notes.extend(self.hops.iter().filter_map(HopDocument::entry_note));
        if self.hops.iter().any(|hop| hop.partial) {
            notes.push("some pods only".to_owned());
        }
        notes
    }
}

impl HopDocument {
    fn entry_note(&self) -> Option<String> {
        match self.entry? {
            "published" if !self.published_by.is_empty() => {
                let names: Vec<&str> = self.published_by.iter().map(|one| one.0.name()).collect();
                Some(format!("published by {}", names.join(" and ")))
            }
            "unpublished" => Some("not published".to_owned()),
            _ => None,
        }
    }
}

impl ChokeDocument {
    fn write(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        let title =
            "CHOKE POINTS  hops that every path takes, however long: cut one and no path is left";
        writeln!(out, "\n{}", Tone::Strong.paint(paint, title))?;
        for hop in &self.hops {
            hop.write(out)?;
        }
        if self.hops.is_empty() {
            writeln!(out, "  none")?;
        }
        let stops: Vec<String> = self.stops.iter().map(ToString::to_string).collect();
        if !stops.is_empty() {
            writeln!(out, "  every path goes through {}", stops.join(", "))?;
        }
        let title = "SMALLEST CUT  the fewest hops without which no path is left";
        writeln!(out, "\n{}", Tone::Strong.paint(paint, title))?;
        match &self.cut {
            None => writeln!(out, "  {}", too_many()),
            Some(cut) if cut.is_empty() => writeln!(out, "  nothing to cut"),
            Some(cut) => cut.iter().try_for_each(|hop| hop.write(out)),
        }
    }
}

impl NeededHop {
    fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let (from, to) = (&self.source, &self.destination);
        writeln!(out, "  {from} ─{}→ {to}", self.hop.label)?;
        for half in [&self.egress, &self.ingress].into_iter().flatten() {
            writeln!(out, "    {}", half.shown)?;
        }
        Ok(())
    }
}

impl Radius {
    /// Writes the list.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_table(&self, out: &mut dyn io::Write, paint: Paint) -> io::Result<()> {
        let lists = [
            (
                "reaches, possibly and over any number of hops",
                &self.reaches,
            ),
            (
                "is reached by, possibly and over any number of hops",
                &self.reached_by,
            ),
        ];
        let mut first = true;
        for (what, list) in lists {
            let Some(list) = list else { continue };
            if !first {
                writeln!(out)?;
            }
            first = false;
            let inside = list.iter().filter(|one| one.end.is_workload()).count();
            let title = format!(
                "{} {what}: {inside} of {}",
                cut(&self.of.to_string(), MOST_NAME),
                plural(self.workloads, "workload")
            );
            writeln!(out, "{}", Tone::Strong.paint(paint, title))?;
            let mut table = Table::new(&["HOPS", "END", "NOTE"]);
            for one in list {
                let note = if one.certain { "" } else { "? not certain" };
                table.row(vec![
                    Cell::new(one.hops),
                    Cell::new(&one.end),
                    Cell::new(note).tone(Tone::Unsure),
                ]);
            }
            table.write(&mut *out, paint)?;
        }
        Ok(())
    }
}

/// The ports of a hop in a few columns; `?` before those that are not certain.
#[must_use]
pub fn label(hop: &Hop) -> String {
    if hop.destination == Stop::Controller {
        let doubt = if hop.answer.allowed.is_none() {
            "?"
        } else {
            ""
        };
        return format!("{doubt}published");
    }
    let (allowed, unknown) = (&hop.answer.allowed, &hop.answer.unknown);
    let text = match (allowed.is_none(), unknown.is_none()) {
        (_, true) => short(allowed),
        (true, false) => format!("?{}", short(unknown)),
        (false, false) => format!("{} ?{}", short(allowed), short(unknown)),
    };
    if hop.door == Some(DoorKind::Unpublished) && allowed.is_all() {
        return "any".to_owned();
    }
    text
}

/// TCP goes without saying.
fn short(ports: &PortSet) -> String {
    let text = ports.to_string();
    let text = match text.strip_suffix("/tcp") {
        Some(tcp) if !tcp.contains('/') => tcp,
        _ => &text,
    };
    cut(text, MOST_PORTS)
}

/// What lets one half through: `ingress: data/db ingress rule 1 (line 12)`.
pub(super) fn half(through: &Through) -> String {
    let rules: Vec<String> = through.rules.iter().map(why::rule).collect();
    let text = if rules.is_empty() {
        why::step_name(through.step).to_owned()
    } else {
        rules.join("; ")
    };
    format!("{}: {text}", through.direction)
}
