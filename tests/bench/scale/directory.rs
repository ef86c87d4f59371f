//! A directory written by `gen_cluster.py`: JSON lists, and updates line by line.
//!
//! Its generator gives some objects one name, which the file source refuses (LD-09): such lists are
//! written anew without the later ones before anything is timed.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use kreach::model::{Change, Key, Kind, World};
use kreach::source::files;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::measure::{Spent, measured};
use crate::shapes::Update;

/// A world, and what it took to read and to assemble it.
pub struct Loaded {
    pub world: World,
    pub parse: Spent,
    pub assemble: Spent,
    pub duplicates: usize,
}

/// What a list holds, as text.
#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Header {
    kind: String,
    metadata: Name,
}

#[derive(Deserialize)]
struct Name {
    name: String,
    #[serde(default)]
    namespace: String,
}

#[derive(Deserialize)]
struct Line<'a> {
    class: String,
    r#type: String,
    #[serde(borrow)]
    object: &'a RawValue,
}

pub fn load(directory: &Path) -> Loaded {
    let clean = tempfile::tempdir().unwrap();
    let (mut paths, mut duplicates) = (Vec::new(), 0);
    for path in lists(directory) {
        let (path, dropped) = without_duplicates(path, clean.path());
        paths.push(path);
        duplicates += dropped;
    }
    let (loaded, parse) = measured(|| files::load(&paths).unwrap());
    let (world, assemble) = measured(|| {
        let mut world = World::default();
        for change in loaded.changes {
            world.apply(change);
        }
        world
    });
    Loaded {
        world,
        parse,
        assemble,
        duplicates,
    }
}

fn lists(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|e| e.unwrap().path());
    let is_list = |path: &PathBuf| {
        path.extension().is_some_and(|e| e == "json") && !path.ends_with("meta.json")
    };
    let mut paths: Vec<PathBuf> = entries.filter(is_list).collect();
    paths.sort();
    paths
}

/// The same file if nothing is in it twice.
fn without_duplicates(path: PathBuf, clean: &Path) -> (PathBuf, usize) {
    let text = fs::read_to_string(&path).unwrap();
    let items = serde_json::from_str::<List<'_>>(&text).unwrap().items;
    let count = items.len();
    let mut seen = HashSet::new();
    let is_new = |item: &&RawValue| {
        let Header { kind, metadata } = serde_json::from_str(item.get()).unwrap();
        seen.insert((kind, metadata.namespace, metadata.name))
    };
    let kept: Vec<&str> = items
        .into_iter()
        .filter(is_new)
        .map(RawValue::get)
        .collect();
    if kept.len() == count {
        return (path, 0);
    }
    let copy = clean.join(path.file_name().unwrap());
    let (head, tail) = (r#"{"apiVersion":"v1","kind":"List","items":["#, "]}");
    fs::write(&copy, format!("{head}\n{}\n{tail}\n", kept.join(",\n"))).unwrap();
    (copy, count - kept.len())
}

/// The changes of `updates.jsonl`; none if there is no such file.
pub fn updates(directory: &Path) -> Vec<Update> {
    let text = fs::read_to_string(directory.join("updates.jsonl")).unwrap_or_default();
    text.lines().map(update).collect()
}

fn update(line: &str) -> Update {
    let line: Line<'_> = serde_json::from_str(line).unwrap();
    let change = if line.r#type == "DELETED" {
        let Header { kind, metadata } = serde_json::from_str(line.object.get()).unwrap();
        let kind = Kind::ALL.into_iter().find(|k| k.name() == kind).unwrap();
        Change::Delete(kind, Key::new(metadata.namespace, metadata.name))
    } else {
        let loaded = files::parse([("update", line.object.get())]).unwrap();
        let objects = loaded.changes.into_iter().flat_map(|change| match change {
            Change::Replace { objects, .. } => objects,
            _ => Vec::new(),
        });
        Change::Apply(objects.last().unwrap())
    };
    Update {
        class: line.class,
        change,
    }
}
