//! Which key does what where. The one table behind keys, footer, help and palette.

use std::collections::HashMap;

use super::action::Action;
use super::key::Press;

mod own;

/// Where a key means something. Keys of the place at hand go before those of everywhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Place {
    /// Every screen; not popups and bars where text is typed.
    Everywhere,
    /// Screen 1.
    Home,
    /// Screen 2.
    Work,
    /// Screen 3.
    Matrix,
    /// Screen 4.
    Paths,
    /// Everything within reach of one end.
    Radius,
    /// Screen 5.
    Exposed,
    /// Screen 6.
    Policies,
    /// The past of one policy.
    History,
    /// Screen 7.
    Duties,
    /// Screen 8.
    Changes,
    /// The explanation of one verdict.
    Why,
    /// A policy that is being edited.
    Draft,
    /// A list to pick from, with a line to type into.
    Picker,
    /// Text to scroll.
    Reader,
    /// The filter line.
    Filter,
    /// The what-if bar.
    Bar,
    /// The name of a file.
    Path,
}

impl Place {
    /// Every place, in the order of the help.
    pub const ALL: [Self; 18] = [
        Self::Everywhere,
        Self::Home,
        Self::Work,
        Self::Matrix,
        Self::Paths,
        Self::Radius,
        Self::Exposed,
        Self::Policies,
        Self::History,
        Self::Duties,
        Self::Changes,
        Self::Why,
        Self::Draft,
        Self::Picker,
        Self::Reader,
        Self::Filter,
        Self::Bar,
        Self::Path,
    ];

    /// Its name as a heading of `keys.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Radius => "blast-radius",
            Self::Picker => "picker",
            Self::Reader => "reader",
            Self::Bar => "bar",
            Self::Path => "file-name",
            Self::Everywhere
            | Self::Home
            | Self::Work
            | Self::Matrix
            | Self::Paths
            | Self::Exposed
            | Self::Policies
            | Self::History
            | Self::Duties
            | Self::Changes
            | Self::Why
            | Self::Draft
            | Self::Filter => self.title(),
        }
    }

    /// The heading in the help.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Home => "home",
            Self::Work => "work",
            Self::Matrix => "matrix",
            Self::Paths => "paths",
            Self::Radius => "blast radius",
            Self::Exposed => "exposed",
            Self::Policies => "policies",
            Self::History => "history",
            Self::Duties => "duties",
            Self::Changes => "changes",
            Self::Why => "why",
            Self::Draft => "draft",
            Self::Picker => "lists to pick from",
            Self::Reader => "text",
            Self::Filter => "filter",
            Self::Bar => "what-if",
            Self::Path => "file name",
        }
    }

    /// Whether plain characters are text there.
    #[must_use]
    pub const fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Picker | Self::Filter | Self::Bar | Self::Draft | Self::Path
        )
    }

    /// What the footer offers, most useful first.
    #[must_use]
    pub const fn footer(self) -> &'static [Action] {
        use Action as A;
        match self {
            Self::Everywhere => &[],
            Self::Home => &[
                A::Open,
                A::WhatIf,
                A::Palette,
                A::Namespaces,
                A::NextPane,
                A::CopyName,
                A::Help,
                A::Quit,
            ],
            Self::Work => &[
                A::MarkFrom,
                A::MarkTo,
                A::Open,
                A::WhatIf,
                A::Filter,
                A::NextPane,
                A::Namespaces,
                A::Help,
            ],
            Self::Matrix => &[
                A::Open,
                A::Out,
                A::Fold,
                A::Transpose,
                A::Filter,
                A::NextPane,
                A::CopyName,
                A::Help,
            ],
            Self::Paths => &[
                A::Open,
                A::ChokePoints,
                A::MoreHops,
                A::FewerHops,
                A::SwapEnds,
                A::MarkTo,
                A::BlastRadius,
                A::Help,
            ],
            Self::Radius => &[
                A::Open,
                A::SwapEnds,
                A::MarkFrom,
                A::MarkTo,
                A::CopyName,
                A::Out,
                A::Help,
            ],
            Self::Exposed => &[
                A::Open,
                A::Filter,
                A::NextPane,
                A::MarkTo,
                A::Namespaces,
                A::CopyName,
                A::Out,
                A::Help,
            ],
            Self::History => HISTORY,
            Self::Policies => &[
                A::Open,
                A::Blame,
                A::Writers,
                A::NextPane,
                A::Filter,
                A::AbsoluteTime,
                A::CopyName,
                A::Help,
            ],
            Self::Duties => DUTIES,
            Self::Changes => CHANGES,
            Self::Why => &[
                A::Out,
                A::WhatIf,
                A::SwapEnds,
                A::Open,
                A::CopyCommand,
                A::Help,
            ],
            Self::Draft => DRAFT,
            Self::Picker => &[A::Open, A::Mark, A::DropDraft, A::Out],
            Self::Reader => &[A::Down, A::Up, A::CopyName, A::Out],
            Self::Filter => &[A::Open, A::Out],
            Self::Path => &[A::SaveDraft, A::Out],
            Self::Bar => &[A::Why, A::Complete, A::SwapEnds, A::CopyCommand, A::Out],
        }
    }
}

/// What the footer of the history of a policy offers.
const HISTORY: &[Action] = &[
    Action::Open,
    Action::NextPane,
    Action::AbsoluteTime,
    Action::CopyName,
    Action::Out,
    Action::Help,
];
/// What the footer of the changes offers.
const CHANGES: &[Action] = &[
    Action::Open,
    Action::Replay,
    Action::Filter,
    Action::NextPane,
    Action::Draft,
    Action::AbsoluteTime,
    Action::CopyName,
    Action::Help,
];
/// What the footer of a draft offers.
const DRAFT: &[Action] = &[
    Action::SaveDraft,
    Action::Complete,
    Action::OnlyDiff,
    Action::Out,
    Action::NextChange,
    Action::WhatIf,
    Action::Overlay,
    Action::Help,
];
/// What the footer of the duties offers.
const DUTIES: &[Action] = &[
    Action::Open,
    Action::OnlyConflicts,
    Action::SystemSubjects,
    Action::Transpose,
    Action::Filter,
    Action::CopyName,
    Action::Help,
];

const BINDINGS: &[(Place, &str, Action)] = &[
    (Place::Everywhere, "j", Action::Down),
    (Place::Everywhere, "<down>", Action::Down),
    (Place::Everywhere, "k", Action::Up),
    (Place::Everywhere, "<up>", Action::Up),
    (Place::Everywhere, "<c-d>", Action::PageDown),
    (Place::Everywhere, "<pgdn>", Action::PageDown),
    (Place::Everywhere, "<c-u>", Action::PageUp),
    (Place::Everywhere, "<pgup>", Action::PageUp),
    (Place::Everywhere, "g", Action::First),
    (Place::Everywhere, "<home>", Action::First),
    (Place::Everywhere, "G", Action::Last),
    (Place::Everywhere, "<end>", Action::Last),
    (Place::Everywhere, "<enter>", Action::Open),
    (Place::Everywhere, "l", Action::Open),
    (Place::Everywhere, "<right>", Action::Open),
    (Place::Everywhere, "<esc>", Action::Out),
    (Place::Everywhere, "h", Action::Out),
    (Place::Everywhere, "<left>", Action::Out),
    (Place::Everywhere, "<tab>", Action::NextPane),
    (Place::Everywhere, "<backtab>", Action::PreviousPane),
    (Place::Everywhere, "1", Action::Home),
    (Place::Everywhere, "2", Action::Work),
    (Place::Everywhere, "3", Action::Matrix),
    (Place::Everywhere, "4", Action::Paths),
    (Place::Everywhere, "5", Action::Exposed),
    (Place::Everywhere, "6", Action::Policies),
    (Place::Everywhere, "7", Action::Duties),
    (Place::Everywhere, "8", Action::Changes),
    (Place::Everywhere, "9", Action::Missing9),
    (Place::Everywhere, "0", Action::AllNamespaces),
    (Place::Everywhere, "n", Action::Namespaces),
    (Place::Everywhere, "C", Action::Contexts),
    (Place::Everywhere, "/", Action::Filter),
    (Place::Everywhere, ":", Action::Palette),
    (Place::Everywhere, "?", Action::Help),
    (Place::Everywhere, "!", Action::Sources),
    (Place::Everywhere, "w", Action::WhatIf),
    (Place::Everywhere, "m", Action::MatrixHere),
    (Place::Everywhere, "x", Action::PathsHere),
    (Place::Everywhere, "b", Action::BlastRadius),
    (Place::Everywhere, "f", Action::MarkFrom),
    (Place::Everywhere, "t", Action::MarkTo),
    (Place::Everywhere, "T", Action::AbsoluteTime),
    (Place::Everywhere, "e", Action::Draft),
    (Place::Everywhere, "E", Action::DraftOutside),
    (Place::Everywhere, "d", Action::Drafts),
    (Place::Everywhere, "D", Action::Overlay),
    (Place::Everywhere, "R", Action::Replay),
    (Place::Everywhere, "yn", Action::CopyName),
    (Place::Everywhere, "yc", Action::CopyCommand),
    (Place::Everywhere, "ym", Action::CopyMarkdown),
    (Place::Everywhere, "[", Action::Back),
    (Place::Everywhere, "]", Action::Forward),
    (Place::Everywhere, "-", Action::LastView),
    (Place::Everywhere, "<c-r>", Action::Reconnect),
    (Place::Everywhere, "<c-l>", Action::Redraw),
    (Place::Everywhere, "<c-z>", Action::Suspend),
    (Place::Everywhere, "<c-a>", Action::Palette),
    (Place::Everywhere, "q", Action::Quit),
    (Place::Everywhere, "<c-c>", Action::Quit),
    (Place::Paths, "h", Action::Left),
    (Place::Paths, "<left>", Action::Left),
    (Place::Paths, "l", Action::Right),
    (Place::Paths, "<right>", Action::Right),
    (Place::Paths, "+", Action::MoreHops),
    (Place::Paths, "-", Action::FewerHops),
    (Place::Paths, "c", Action::ChokePoints),
    (Place::Paths, "r", Action::SwapEnds),
    (Place::Radius, "r", Action::SwapEnds),
    (Place::Matrix, "h", Action::Left),
    (Place::Matrix, "<left>", Action::Left),
    (Place::Matrix, "l", Action::Right),
    (Place::Matrix, "<right>", Action::Right),
    (Place::Matrix, "H", Action::PageLeft),
    (Place::Matrix, "L", Action::PageRight),
    (Place::Matrix, "z", Action::Fold),
    (Place::Matrix, "T", Action::Transpose),
    (Place::Policies, "b", Action::Blame),
    (Place::Policies, "u", Action::Writers),
    (Place::Duties, "h", Action::Left),
    (Place::Duties, "<left>", Action::Left),
    (Place::Duties, "l", Action::Right),
    (Place::Duties, "<right>", Action::Right),
    (Place::Duties, "c", Action::OnlyConflicts),
    (Place::Duties, "z", Action::SystemSubjects),
    (Place::Duties, "T", Action::Transpose),
    (Place::Why, "r", Action::SwapEnds),
    (Place::Draft, "<c-s>", Action::SaveDraft),
    (Place::Draft, "<tab>", Action::Complete),
    (Place::Draft, "<c-space>", Action::Complete),
    (Place::Draft, "<c-d>", Action::OnlyDiff),
    (Place::Draft, "<a-down>", Action::NextChange),
    (Place::Draft, "<a-up>", Action::PreviousChange),
    (Place::Draft, "<c-g>", Action::WhatIf),
    (Place::Draft, "<a-d>", Action::Overlay),
    (Place::Draft, "<a-m>", Action::ExportDrafts),
    (Place::Draft, "<a-x>", Action::DropDraft),
    (Place::Draft, "<c-o>", Action::DraftOutside),
    (Place::Draft, "<esc>", Action::Out),
    (Place::Draft, "<f1>", Action::Help),
    (Place::Draft, "<c-l>", Action::Redraw),
    (Place::Draft, "<c-z>", Action::Suspend),
    (Place::Draft, "<c-c>", Action::Quit),
    (Place::Picker, "<a-x>", Action::DropDraft),
    (Place::Picker, "<enter>", Action::Open),
    (Place::Picker, "<esc>", Action::Out),
    (Place::Picker, "<c-c>", Action::Out),
    (Place::Picker, "<down>", Action::Down),
    (Place::Picker, "<c-n>", Action::Down),
    (Place::Picker, "<up>", Action::Up),
    (Place::Picker, "<c-p>", Action::Up),
    (Place::Picker, "<pgdn>", Action::PageDown),
    (Place::Picker, "<pgup>", Action::PageUp),
    (Place::Picker, "<tab>", Action::Mark),
    (Place::Picker, "<c-z>", Action::Suspend),
    (Place::Reader, "<esc>", Action::Out),
    (Place::Reader, "<c-c>", Action::Out),
    (Place::Reader, "<enter>", Action::Out),
    (Place::Reader, "q", Action::Out),
    (Place::Filter, "<enter>", Action::Open),
    (Place::Filter, "<esc>", Action::Out),
    (Place::Filter, "<c-c>", Action::Out),
    (Place::Filter, "<down>", Action::Down),
    (Place::Filter, "<up>", Action::Up),
    (Place::Path, "<enter>", Action::SaveDraft),
    (Place::Path, "<esc>", Action::Out),
    (Place::Path, "<c-c>", Action::Out),
    (Place::Path, "<c-z>", Action::Suspend),
    (Place::Bar, "<enter>", Action::Why),
    (Place::Bar, "<esc>", Action::Out),
    (Place::Bar, "<c-c>", Action::Out),
    (Place::Bar, "<tab>", Action::Complete),
    (Place::Bar, "<c-r>", Action::SwapEnds),
    (Place::Bar, "<c-y>", Action::CopyCommand),
    (Place::Bar, "<down>", Action::Down),
    (Place::Bar, "<c-n>", Action::Down),
    (Place::Bar, "<up>", Action::Up),
    (Place::Bar, "<c-p>", Action::Up),
    (Place::Bar, "<c-z>", Action::Suspend),
];

/// What a sequence of keys leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// Something to do.
    Act(Action),
    /// More keys are needed: what each of them would do.
    Prefix(Vec<(String, Action)>),
    /// Nothing.
    Nothing,
}

/// One line of the help.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HelpLine {
    /// Where the keys count.
    pub place: Place,
    /// The keys, as people read them.
    pub keys: String,
    /// What they do.
    pub action: Action,
}

/// The keys of every place.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Keymap {
    bindings: HashMap<(Place, Vec<Press>), Action>,
    /// Bindings in table order, for help and footer.
    order: Vec<(Place, Vec<Press>, Action)>,
}

impl Keymap {
    /// The built-in keys.
    #[must_use]
    pub fn builtin() -> Self {
        let mut map = Self::default();
        for (place, keys, action) in BINDINGS {
            let Some(keys) = Press::sequence(keys) else {
                continue;
            };
            map.bindings.insert((*place, keys.clone()), *action);
            map.order.push((*place, keys, *action));
        }
        map
    }

    /// Every key with what it does, by place, as `keys.toml` is written.
    pub fn lines(&self) -> impl Iterator<Item = (Place, String, Action)> {
        let lines = self.order.iter();
        lines.map(|(place, keys, action)| {
            let keys: String = keys.iter().map(Press::notation).collect();
            (*place, keys, *action)
        })
    }

    /// What `keys` do at `place`. Where text is typed, and in popups, keys of everywhere do not
    /// count, so that no letter has a surprising effect.
    #[must_use]
    pub fn find(&self, place: Place, keys: &[Press]) -> Found {
        let places: &[Place] = match place {
            Place::Picker | Place::Filter | Place::Bar | Place::Draft | Place::Path => &[place],
            Place::Everywhere
            | Place::Home
            | Place::Work
            | Place::Matrix
            | Place::Paths
            | Place::Radius
            | Place::Exposed
            | Place::Policies
            | Place::History
            | Place::Duties
            | Place::Changes
            | Place::Why
            | Place::Reader => &[place, Place::Everywhere],
        };
        for place in places {
            if let Some(action) = self.bindings.get(&(*place, keys.to_vec())) {
                return Found::Act(*action);
            }
        }
        let continued = self.order.iter().filter_map(|(at, sequence, action)| {
            let rest = sequence.strip_prefix(keys)?;
            (places.contains(at) && !rest.is_empty()).then(|| (written(rest), *action))
        });
        let continued: Vec<(String, Action)> = continued.collect();
        if continued.is_empty() {
            Found::Nothing
        } else {
            Found::Prefix(continued)
        }
    }

    /// The first key of `action` at `place`, as people read it.
    #[must_use]
    pub fn label(&self, place: Place, action: Action) -> Option<String> {
        [place, Place::Everywhere].into_iter().find_map(|wanted| {
            let of_place =
                |(at, _, bound): &&(Place, Vec<Press>, Action)| *at == wanted && *bound == action;
            self.order
                .iter()
                .find(of_place)
                .map(|(_, keys, _)| written(keys))
        })
    }

    /// Every key that does something that exists, by place, all keys of an action on one line.
    #[must_use]
    pub fn help(&self) -> Vec<HelpLine> {
        let mut lines: Vec<HelpLine> = Vec::new();
        for (place, keys, action) in &self.order {
            if action.is_missing() {
                continue;
            }
            let keys = written(keys);
            match lines
                .iter_mut()
                .find(|l| l.place == *place && l.action == *action)
            {
                Some(line) => {
                    line.keys.push(' ');
                    line.keys.push_str(&keys);
                }
                None => lines.push(HelpLine {
                    place: *place,
                    keys,
                    action: *action,
                }),
            }
        }
        lines.sort_by_key(|line| line.place);
        lines
    }
}

fn written(keys: &[Press]) -> String {
    let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
    keys.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_binding_is_read_and_none_is_bound_twice() {
        let map = Keymap::builtin();
        assert_eq!(map.order.len(), BINDINGS.len());
        assert_eq!(map.bindings.len(), BINDINGS.len());
    }

    #[test]
    fn no_binding_hides_behind_a_shorter_one() {
        let map = Keymap::builtin();
        for (place, keys, action) in &map.order {
            for other in &map.order {
                let hidden = other.0 == *place && other.1.len() < keys.len();
                assert!(
                    !(hidden && keys.starts_with(&other.1)),
                    "{action:?} behind {:?}",
                    other.2
                );
            }
        }
    }

    #[test]
    fn footers_name_only_bound_actions_that_exist() {
        let map = Keymap::builtin();
        for place in Place::ALL {
            for action in place.footer() {
                assert!(map.label(place, *action).is_some(), "{place:?} {action:?}");
                assert!(!action.is_missing());
            }
            assert!(place.footer().len() <= 8);
        }
    }

    #[test]
    fn a_prefix_lists_its_choices() {
        let keys = Press::sequence("y").unwrap();
        let Found::Prefix(choices) = Keymap::builtin().find(Place::Work, &keys) else {
            unreachable!("y is a prefix");
        };
        assert_eq!(choices.len(), 3);
        assert_eq!(
            choices.first().unwrap(),
            &("n".to_owned(), Action::CopyName)
        );
    }

    #[test]
    fn letters_are_text_where_text_is_typed() {
        let map = Keymap::builtin();
        for place in Place::ALL.into_iter().filter(|p| p.takes_text()) {
            for letter in "abcqjk?:!".chars() {
                let keys = Press::sequence(&letter.to_string()).unwrap();
                assert_eq!(map.find(place, &keys), Found::Nothing);
            }
        }
    }
}
