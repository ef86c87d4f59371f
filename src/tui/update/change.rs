//! Screen 8: what is asked about the changes, and going back to the moment of one.

use crate::tui::app::App;
use crate::tui::app::draft::Overlay;
use crate::tui::app::view::Screen;
use crate::tui::facts::Inquiry;
use crate::tui::theme::Role;

/// Has the feed and the selected change told.
pub(super) fn wish(app: &mut App) {
    app.background.ask(app.generation, Inquiry::Feed);
    if let Some(row) = app.change_at_hand() {
        let inquiry = Inquiry::Change(row.id.clone(), app.setup.theme.glyphs);
        app.background.ask(app.generation, inquiry);
    }
}

/// Shows every screen as it was after the selected change, or as it is now again.
pub(super) fn replay(app: &mut App) {
    let selected = match app.view.screen {
        Screen::Changes => app.change_at_hand().map(|row| row.id.clone()),
        _ => None,
    };
    if app.replay.is_some() && (selected.is_none() || app.replay == selected) {
        return live(app);
    }
    if selected.is_none() {
        app.say(
            Role::Dim,
            "8 lists changes: R there goes back to one of them",
        );
        return;
    }
    app.replay = selected;
    app.drafts.overlay = Overlay::Off;
    app.say(Role::Plain, "going back");
}

/// Shows the cluster as it is now.
pub(super) fn live(app: &mut App) {
    if app.replay.take().is_some() {
        app.say(Role::Plain, "the cluster as it is now");
    }
}
