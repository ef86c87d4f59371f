//! Screen 7: the cell cursor, and what is listed.

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::app::duties::Roster;
use crate::tui::app::view::{Pane, Screen};

use super::moving;

/// What a key does on the screen of duties.
pub(super) fn act(app: &mut App, action: Action) {
    let Some(roster) = app.roster() else { return };
    match action {
        Action::Left | Action::Right if app.view.focus == Pane::Detail => {
            if action == Action::Left {
                app.view.focus = roster.pane();
            }
        }
        Action::Left => moving::step_in(app, Pane::Duty, -1),
        Action::Right => moving::step_in(app, Pane::Duty, 1),
        Action::OnlyConflicts => change(app, |roster| roster.conflicts = !roster.conflicts),
        Action::SystemSubjects => change(app, |roster| roster.system = !roster.system),
        _ => {
            change(app, |roster| roster.turned = !roster.turned);
            app.view.filter.clear();
        }
    }
}

/// Shows the list set up in another way, with the cursor on what it was on.
fn change(app: &mut App, change: impl FnOnce(&mut Roster)) {
    if let Screen::Duties(roster) = &mut app.view.screen {
        change(roster);
        app.view.focus = roster.pane();
    }
}
