//! Everything a key, the palette or a click can ask for.

use serde::{Deserialize, Serialize};

macro_rules! actions {
    ($($name:ident = $word:literal, $about:literal;)*) => {
        /// A thing to do. Its name (in configuration and in the palette) is the kebab-case
        /// spelling of the variant.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Action { $(
            #[doc = $about]
            $name,
        )* }

        impl Action {
            /// Every action, in the order of the help.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word in the footer.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The sentence in help and palette.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Self::$name => $about,)* }
            }

            const fn variant(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

// One table: an action, its word in the footer, its sentence.
actions! {
    Down = "down", "Move down";
    Up = "up", "Move up";
    PageDown = "page down", "Move down half a page";
    PageUp = "page up", "Move up half a page";
    Left = "left", "Move left";
    Right = "right", "Move right";
    PageLeft = "page left", "Move left half a page";
    PageRight = "page right", "Move right half a page";
    First = "first", "Move to the first row";
    Last = "last", "Move to the last row";
    Open = "open", "Open what is selected";
    Out = "back", "Close the popup, clear the filter, or go up";
    NextPane = "pane", "Go to the next pane";
    PreviousPane = "pane back", "Go to the previous pane";
    Home = "home", "Show what is exposed, open and changed";
    Work = "work", "Show workloads and what they can reach";
    Exposed = "exposed", "Show what is published, and who comes in";
    MatrixHere = "matrix", "Show the matrix around what is selected";
    Policies = "policies", "Show policies, who changed them, and who owns them";
    Duties = "duties", "Show who holds which duties, and who holds too many";
    Blame = "blame", "Go to the rules of the policy, and who set each of them";
    Writers = "writers", "Go to everybody else who could write the policy";
    Matrix = "matrix", "Show how much namespaces may reach of each other";
    Paths = "paths", "Show possible paths between two ends";
    PathsHere = "paths here", "Show possible paths from outside to what is selected";
    BlastRadius = "blast radius", "Show everything that is within reach";
    ChokePoints = "choke points", "Go to what every path needs, and back";
    MoreHops = "more hops", "Look for longer paths";
    FewerHops = "fewer hops", "Look for shorter paths only";
    Changes = "changes", "Show who changed what, and what that opened and closed";
    Replay = "replay", "Show every screen as it was after the selected change, or as it is now";
    Missing9 = "findings", "Findings do not exist yet";
    Filter = "filter", "Show only rows that match";
    WhatIf = "what-if", "Ask whether one end may talk to another";
    MarkFrom = "from", "Ask from here: mark the source";
    MarkTo = "to", "Ask to here: mark the destination";
    SwapEnds = "swap ends", "Swap the ends of the question";
    Why = "why", "Explain the verdict";
    Namespaces = "namespace", "Pick namespaces";
    AllNamespaces = "all ns", "Show all namespaces";
    Contexts = "context", "Pick another cluster";
    Palette = "command", "Type a command";
    Help = "help", "Show every key";
    Sources = "sources", "Show what could be read, and what is missing";
    CopyName = "name", "Copy the name";
    CopyCommand = "CLI line", "Copy the command that prints the same";
    CopyMarkdown = "Markdown", "Copy the row as Markdown";
    Back = "back", "Go to the previous view";
    Forward = "forward", "Go to the next view";
    LastView = "last view", "Go to the view before this one and back";
    Reconnect = "reconnect", "Connect again now";
    Redraw = "redraw", "Draw everything again";
    Suspend = "suspend", "Suspend to the shell";
    AbsoluteTime = "times", "Show times or ages";
    Fold = "fold", "Count what looks alike together, or each by itself";
    Transpose = "transpose", "Swap rows and columns";
    OnlyConflicts = "only conflicts", "Show only who is in conflict, or everybody";
    SystemSubjects = "system", "Show the subjects of Kubernetes itself, or leave them out";
    Draft = "draft", "Draft a change: of the selected policy, or a new policy";
    DraftOutside = "$EDITOR", "Draft a change in the editor of the environment";
    Drafts = "drafts", "Show the drafts, to open or to drop them";
    Overlay = "overlay", "Show every screen as if the drafts were applied, or as the cluster is";
    SaveDraft = "save", "Save the draft to a file";
    ExportDrafts = "Markdown", "Copy what the drafts open and close, as Markdown for a pull request";
    OnlyDiff = "only diff", "Show only what opens and closes, or the text again";
    NextChange = "next change", "Move down in what opens and closes";
    PreviousChange = "change before", "Move up in what opens and closes";
    DropDraft = "drop", "Drop the draft";
    Mark = "mark", "Mark or unmark the row";
    Complete = "complete", "Complete what is being typed";
    Quit = "quit", "Quit";
}

impl Action {
    /// The kebab-case name, for example `mark-from`.
    #[must_use]
    pub fn name(self) -> String {
        let mut name = String::new();
        for c in self.variant().chars() {
            if c.is_ascii_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(c.to_ascii_lowercase());
        }
        name
    }

    /// Whether it only moves the cursor or the focus.
    #[must_use]
    pub const fn is_move(self) -> bool {
        matches!(
            self,
            Self::Down
                | Self::Up
                | Self::PageDown
                | Self::PageUp
                | Self::Left
                | Self::Right
                | Self::PageLeft
                | Self::PageRight
                | Self::First
                | Self::Last
                | Self::Open
                | Self::Out
                | Self::NextPane
                | Self::PreviousPane
        )
    }

    /// Whether it stands for a screen that does not exist yet: never advertised.
    #[must_use]
    pub const fn is_missing(self) -> bool {
        matches!(self, Self::Missing9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_configuration() {
        for action in Action::ALL {
            let json = serde_json::to_string(action).unwrap();
            assert_eq!(json, format!("\"{}\"", action.name()));
        }
    }

    #[test]
    fn sentences_begin_with_a_capital_and_have_no_full_stop() {
        for action in Action::ALL {
            let about = action.about();
            assert!(
                about.starts_with(char::is_uppercase) && !about.ends_with('.'),
                "{about}"
            );
        }
    }
}
