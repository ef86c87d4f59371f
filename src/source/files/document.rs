//! Texts to objects: documents, formats, lists.

use std::sync::Arc;

use serde_json::value::RawValue;

use crate::model::Shown;
use crate::source::problem::Problem;
use crate::source::yaml::{self, Chunk, SyntaxError};

use super::body::{Body, YamlDocument};
use super::intake::Intake;
use super::json::Cursor;

impl Intake {
    /// Takes in every object of a text.
    pub(super) fn text(&mut self, file: &Arc<str>, text: &str) {
        self.begin(file);
        let cursor = Cursor::new(text);
        for chunk in yaml::split(text) {
            if !self.json(&chunk, &cursor) {
                self.yaml(chunk);
            }
        }
    }

    /// Takes in a document of JSON values; tells whether it was one. Flow-style YAML begins like
    /// JSON, so a document that fails before its first value is given to the YAML parser, unless
    /// the file claims to be JSON.
    fn json(&mut self, chunk: &Chunk<'_>, cursor: &Cursor<'_>) -> bool {
        let text = content(chunk.text);
        if !text.starts_with(['{', '[']) {
            return false;
        }
        let mut taken = false;
        for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
            match value {
                Ok(raw) => self.object(&Body::Json {
                    text: raw.get(),
                    cursor,
                }),
                Err(_) if !taken && !self.claims_json() => return false,
                Err(error) => {
                    let problem = self.json_error(chunk, text, &error);
                    self.problem(problem);
                    return true;
                }
            }
            taken = true;
        }
        true
    }

    fn json_error(&self, chunk: &Chunk<'_>, text: &str, error: &serde_json::Error) -> Problem {
        let skipped = chunk.text.len() - text.len();
        let before = chunk.text.get(..skipped).unwrap_or_default();
        let lines = before.matches('\n').count() + error.line();
        let first = chunk.first_line.saturating_sub(1);
        let told = error.to_string();
        let message = told.split(" at line ").next().unwrap_or_default();
        Problem {
            line: u32::try_from(lines).ok().map(|line| line + first),
            column: u32::try_from(error.column()).ok(),
            ..Problem::of_file(self.file(), Shown::of(message).to_string())
        }
    }

    fn yaml(&mut self, chunk: Chunk<'_>) {
        match chunk.parse() {
            Ok(None) => {}
            Ok(Some(value)) => self.object(&Body::Yaml {
                value: &value,
                document: &YamlDocument::new(chunk),
                path: crate::source::FieldPath::default(),
            }),
            Err(error) => {
                let problem = self.yaml_error(&chunk, error);
                self.problem(problem);
            }
        }
    }

    fn yaml_error(&self, chunk: &Chunk<'_>, error: SyntaxError) -> Problem {
        let problem = Problem {
            line: error.position.map(|position| position.line),
            column: error.position.map(|position| position.column),
            ..Problem::of_file(self.file(), error.message)
        };
        if chunk.text.contains("{{") {
            problem.with_remedy("render the template first")
        } else {
            problem
        }
    }
}

/// A document without its marker and the comments before it.
fn content(text: &str) -> &str {
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start();
        let line = trimmed.split('\n').next().unwrap_or_default();
        if !(line.starts_with('#') || line.trim_end() == "---") {
            return trimmed
                .strip_prefix("--- ")
                .map_or(trimmed, str::trim_start);
        }
        rest = trimmed.get(line.len()..).unwrap_or_default();
    }
}
