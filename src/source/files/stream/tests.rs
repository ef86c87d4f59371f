use std::io::{self, Read};

use super::super::{Invalid, load};
use super::*;
use crate::model::Object;
use crate::source::convert::{Context, Mode};

/// Gives a text in pieces of a few bytes, and says so by blocks that end early.
struct Dribble<'t>(&'t [u8], usize);

impl Read for Dribble<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.1.min(into.len()).min(self.0.len());
        let (now, later) = self.0.split_at(length);
        into[..length].copy_from_slice(now);
        self.0 = later;
        Ok(length)
    }
}

fn pod(name: &str, more: &str) -> String {
    format!(r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}"}}{more}}}"#)
}

fn of(entries: &[String]) -> String {
    let entries = entries.join(",");
    format!(r#"{{"apiVersion":"v1","kind":"List","items":[{entries}]}}"#)
}

/// Names of the pods of a list that is read through a window of `block` bytes.
fn read(block: usize, text: impl AsRef<[u8]>) -> Option<Vec<String>> {
    let mut intake = Intake::part(Invalid::Refuse, Context::new(Mode::Strict));
    let input = Dribble(text.as_ref(), 7);
    list_in(&mut intake, input, block).ok()?;
    let objects = intake.objects.into_values().flatten();
    Some(
        objects
            .map(|object| object.key().name.as_str().to_owned())
            .collect(),
    )
}

#[test]
fn an_entry_may_straddle_the_window_anywhere() {
    let entries = [
        pod("a", ""),
        pod(
            "b",
            r#", "spec": {"nodeName": "a \"quoted\" n\u00e9 \\ name"} "#,
        ),
        pod("c", r#","metadata2":{"of":["é","名前",-1.5e+3,true,null]}"#),
        pod("d", ""),
    ];
    let text = of(&entries);
    for block in 1..=text.len() + 1 {
        let names = read(block, &text).expect("it is a list");
        assert_eq!(names, ["a", "b", "c", "d"], "window of {block}");
    }
}

#[test]
fn places_are_right_wherever_the_window_ends() {
    let policy = |name: &str| {
        format!(
            "{{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"NetworkPolicy\",\r\n\
             \"metadata\":{{\"name\":\"{name}\",\"annotations\":{{\"é\":\"名前\"}}}},\r\n\
             \"spec\":{{\"podSelector\":{{}}}}}}"
        )
    };
    let text = format!(
        "{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\r\n{},\r\n{}]}}\r\n",
        policy("a"),
        policy("b")
    );
    for block in 1..text.len() {
        let mut intake = Intake::part(Invalid::Refuse, Context::new(Mode::Strict));
        list_in(&mut intake, text.as_bytes(), block).unwrap();
        let objects = intake.objects.into_values().flatten();
        let lines: Vec<u32> = objects
            .map(|object| match object {
                Object::NetworkPolicy(policy) => policy.meta.origin.unwrap().line,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(lines, [2, 5], "window of {block}");
    }
}

#[test]
fn ld_02_a_list_of_nothing_is_left_to_the_other_reader() {
    for text in [
        of(&[]),
        r#"{"apiVersion":"v1","kind":"List"}"#.to_owned(),
        String::new(),
    ] {
        assert_eq!(read(16, &text), None, "{text}");
    }
}

#[test]
fn what_is_no_plain_list_is_left_to_the_other_reader() {
    let whole = of(&[pod("a", ""), pod("b", "")]);
    for end in 0..whole.len() {
        assert_eq!(read(16, &whole[..end]), None, "cut off after {end}");
    }
    let twice = whole.replacen("\"items\"", "\"items\":[],\"items\"", 1);
    for text in [
        format!("\u{feff}{whole}"),
        format!("{whole}{whole}"),
        format!("{whole},"),
        whole.replacen("},{", "},,{", 1),
        whole.replacen("},{", "} {", 1),
        whole.replacen("},{", "},1,{", 1),
        whole.replacen("]}", ",]}", 1),
        twice,
    ] {
        assert_eq!(read(16, &text), None, "{text}");
    }
    let mut broken = whole.into_bytes();
    let at = broken.iter().rposition(|byte| *byte == b'b').unwrap();
    broken[at] = 0xff;
    assert_eq!(read(16, &broken), None, "not UTF-8");
}

#[test]
fn a_character_that_is_cut_off_at_the_end_is_no_text() {
    let mut text = of(&[pod("a", "")]).into_bytes();
    text.extend("é".bytes().take(1));
    assert_eq!(read(16, &text), None);
}

/// Errors of a file that holds this, or how many pods it holds.
fn loaded(bytes: impl AsRef<[u8]>) -> Result<usize, Vec<String>> {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("list.json");
    std::fs::write(&path, bytes).unwrap();
    let told = |problem: &crate::source::Problem| {
        let line = problem
            .line
            .map_or_else(String::new, |line| line.to_string());
        format!("{line}: {}", problem.message)
    };
    match load(&[path]) {
        Ok(loaded) => {
            let mut world = crate::model::World::default();
            loaded
                .changes
                .into_iter()
                .for_each(|change| world.apply(change));
            Ok(world.pods.len())
        }
        Err(error) => Err(error.problems.iter().map(told).collect()),
    }
}

#[test]
fn ld_02_what_the_window_leaves_alone_is_read_all_the_same() {
    let whole = of(&[pod("a", ""), pod("b", "")]).replace("},{", "},\r\n{");
    assert_eq!(loaded(&whole), Ok(2));
    assert_eq!(loaded(format!("\u{feff}{whole}")), Ok(2));
    assert_eq!(loaded(format!("{whole}\r\n{}", pod("c", ""))), Ok(3));
    assert_eq!(loaded(of(&[])), Ok(0));
}

#[test]
fn a_file_that_is_cut_off_is_one_problem_with_its_line() {
    let whole = of(&[pod("a", ""), pod("b", ""), pod("c", "")]).replace("},{", "},\n{");
    let cut = whole.len() - 20;
    let told = loaded(&whole[..cut]).unwrap_err();
    assert_eq!(told, ["3: EOF while parsing a string"]);
    let between = whole.rfind('\n').unwrap();
    let told = loaded(&whole[..between]).unwrap_err();
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("2: EOF while parsing"), "{told:?}");
}

#[test]
fn ld_09_an_object_that_stands_twice_is_told_with_both_lines() {
    let whole = of(&[pod("a", ""), pod("b", ""), pod("a", "")]).replace("},{", "},\n{");
    let told = loaded(&whole).unwrap_err();
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("3: declared twice, first in "),
        "{told:?}"
    );
    assert!(told[0].ends_with(":1"), "{told:?}");
}
