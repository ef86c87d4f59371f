//! What would turn a verdict round, line by line.

use crate::analysis::Analysis;
use crate::query::Surroundings;
use crate::reach::DiffChange;
use crate::reach::suggest::{Edit, Nothing, Suggestion};
use crate::report::advice::{besides, effect_text, step};
use crate::report::can::{advise, ask, rests_on_block};
use crate::report::why;
use crate::tui::facts::{AdviceFacts, Question, WhyLine};
use crate::tui::theme::Role;
use crate::tui::widget::Line;

use super::ask::{caveat, resolved};

/// Effects that are listed.
const MOST_EFFECTS: usize = 5;

/// Edits that would turn the verdict round, and caveats for which the engine is asked again.
pub(super) fn advice(
    analysis: &Analysis,
    around: &Surroundings<'_>,
    question: &Question,
) -> AdviceFacts {
    let Ok(asked) = resolved(around, &question.to_string()) else {
        return AdviceFacts::default();
    };
    let explanation = ask(&analysis.reach, around, &asked).map(|found| found.explanation);
    let block = explanation
        .ok()
        .and_then(|told| rests_on_block(analysis, &told));
    AdviceFacts {
        lines: lines(analysis, advise(&analysis.reach, around, &asked)),
        caveats: block.iter().map(caveat).collect(),
    }
}

/// Each suggestion with what it changes, the best first.
fn lines(analysis: &Analysis, found: Result<Vec<Suggestion>, Nothing>) -> Vec<WhyLine> {
    let found = match found {
        Ok(found) => found,
        Err(nothing) => {
            return vec![WhyLine::plain(Line::of(Role::Dim, format!("  {nothing}")))];
        }
    };
    let mut lines = Vec::new();
    for (number, suggestion) in (1..).zip(&found) {
        if number > 1 {
            lines.push(WhyLine::plain(Line::of(Role::Dim, "  or")));
        }
        lines.extend(suggestion.edits.iter().map(edit_line));
        lines.extend(effects(suggestion, analysis));
    }
    lines
}

fn edit_line(edit: &Edit) -> WhyLine {
    let steps: Vec<String> = edit.steps.iter().map(step).collect();
    let line = edit.line.or(edit.origin.as_ref().map(|origin| origin.line));
    let place = line.map_or_else(String::new, |line| format!(" (line {line})"));
    let name = format!("  {}{place}  ", why::policy(&edit.policy));
    WhyLine {
        line: Line::of(Role::Plain, name).and(Role::Strong, steps.join("; ")),
        policy: edit.before.is_some().then(|| edit.policy.clone()),
    }
}

fn effects(suggestion: &Suggestion, analysis: &Analysis) -> Vec<WhyLine> {
    let count = suggestion.effects.len();
    let mut lines: Vec<WhyLine> = suggestion
        .effects
        .iter()
        .take(MOST_EFFECTS)
        .map(|effect| {
            let role = match effect.change {
                DiffChange::Added => Role::All,
                DiffChange::Removed => Role::None,
                DiffChange::Changed | DiffChange::Undecided => Role::Some,
            };
            let text = effect_text(effect, analysis.inventory());
            WhyLine::plain(Line::of(role, format!("    {text}")))
        })
        .collect();
    let more = count.saturating_sub(MOST_EFFECTS);
    if more > 0 {
        lines.push(WhyLine::plain(Line::of(
            Role::Dim,
            format!("    and {more} more"),
        )));
    }
    let beside = format!("    {}", besides(suggestion.beside));
    lines.push(WhyLine::plain(Line::of(Role::Dim, beside)));
    lines
}
