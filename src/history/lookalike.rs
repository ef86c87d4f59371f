//! Names that are different and look the same (HOST-02).
//!
//! Compared is a skeleton: without case, marks and what cannot be seen, with letters of other
//! scripts in place of the Latin ones that they look like. It errs towards saying too often that two
//! names look alike: names are never joined by it, only flagged.

use std::collections::{BTreeMap, BTreeSet};

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::model::Text;
use crate::model::text::is_dangerous;

/// Names by their skeleton.
#[derive(Clone, Debug, Default)]
pub struct Names<'a>(BTreeMap<String, BTreeSet<&'a Text>>);

impl<'a> Names<'a> {
    /// Adds a name.
    pub fn add(&mut self, name: &'a Text) {
        if !name.is_empty() {
            self.0
                .entry(skeleton(name.as_str()))
                .or_default()
                .insert(name);
        }
    }

    /// Another name that looks like this one. Nobody's plain name becomes suspicious because
    /// somebody imitates it with other letters.
    pub fn like(&self, name: &Text) -> Option<&'a Text> {
        let alike = self.0.get(&skeleton(name.as_str()))?;
        let plain = name.as_str().is_ascii();
        let fits = |other: &&&Text| **other != name && (!plain || other.as_str().is_ascii());
        alike.iter().find(fits).copied()
    }
}

/// Whether a word has letters of several scripts that are easily confused.
pub fn mixes_scripts(name: &str) -> bool {
    name.split(|c: char| !c.is_alphabetic()).any(|word| {
        let scripts: BTreeSet<Script> = word.chars().filter_map(script).collect();
        scripts.len() > 1
    })
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
}

fn script(c: char) -> Option<Script> {
    match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => Some(Script::Latin),
        '\u{370}'..='\u{3ff}' => Some(Script::Greek),
        '\u{400}'..='\u{52f}' => Some(Script::Cyrillic),
        _ => None,
    }
}

fn skeleton(name: &str) -> String {
    let seen =
        |c: &char| !is_dangerous(*c) && c.general_category_group() != GeneralCategoryGroup::Mark;
    name.chars()
        .filter(seen)
        .flat_map(|c| latin(wide(c)).to_lowercase())
        .map(|c| match latin(c) {
            '0' => 'o',
            '1' | 'i' | '|' => 'l',
            c => c,
        })
        .collect()
}

/// The plain form of a letter in full width.
fn wide(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// Letters and the Latin ones that they look like.
const ALIKE: [(char, &str); 22] = [
    ('a', "аα@áàâäãåā"),
    ('b', "Ьв"),
    ('c', "сϲçć"),
    ('d', "ԁ"),
    ('e', "еεéèêëē"),
    ('g', "ɡ"),
    ('h', "һНη"),
    ('i', "іιɩíìîïıӏ"),
    ('j', "јϳ"),
    ('k', "кκ"),
    ('m', "мΜМ"),
    ('n', "ñńпΝ"),
    ('o', "оοσóòôöõøō"),
    ('p', "рρ"),
    ('q', "ԛ"),
    ('s', "ѕśš"),
    ('t', "тτТΤ"),
    ('u', "υúùûüū"),
    ('v', "ѵν"),
    ('w', "ԝω"),
    ('x', "хχ"),
    ('y', "уγýÿ"),
];

fn latin(c: char) -> char {
    let found = ALIKE.iter().find(|(_, others)| others.contains(c));
    found.map_or(c, |(plain, _)| *plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_02_names_that_look_alike_are_told_and_equal_ones_are_not() {
        let imitated = Text::from("\u{441}arol");
        let names = ["bob", "alice", "system:admin", "jose\u{301}"].map(Text::from);
        let mut known = Names::default();
        for name in &names {
            known.add(name);
        }
        known.add(&imitated);
        for (name, other) in [
            ("b\u{43e}b", Some("bob")),
            ("Bob", Some("bob")),
            ("b0b", Some("bob")),
            ("b\u{200b}ob", Some("bob")),
            ("ｂｏｂ", Some("bob")),
            ("a1ice", Some("alice")),
            ("jos\u{e9}", Some("jose\u{301}")),
            ("bob", None),
            ("rob", None),
            ("carol", None),
            ("Carol", None),
        ] {
            let found = known.like(&name.into()).map(Text::as_str);
            assert_eq!(found, other, "{name}");
        }
        assert!(mixes_scripts("b\u{43e}b"));
        assert!(!mixes_scripts("\u{431}\u{43e}\u{431}-bob"));
    }
}
