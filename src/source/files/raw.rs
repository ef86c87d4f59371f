//! The objects of manifests as they are written, of whatever kind.

use serde_json::Value;

use super::discover::Paths;
use crate::source::problem::{LoadError, Problem};
use crate::source::yaml;

impl Paths {
    /// Every object, those in lists one by one, unchecked.
    ///
    /// # Errors
    ///
    /// A path that cannot be read, and text that is neither YAML nor JSON.
    pub fn objects(&mut self) -> Result<Vec<Value>, LoadError> {
        let mut objects = Vec::new();
        for file in self.files()? {
            let text = self.text(&file)?;
            for chunk in yaml::split(&text) {
                let parsed = chunk.parse().map_err(|error| Problem {
                    line: Some(chunk.content_line()),
                    ..Problem::of_file(&file.name, error.message)
                })?;
                if let Some(value) = parsed {
                    flatten(value, &mut objects);
                }
            }
        }
        Ok(objects)
    }
}

fn flatten(mut value: Value, objects: &mut Vec<Value>) {
    let list = value.get("kind").and_then(Value::as_str);
    let list = list.is_some_and(|kind| kind.ends_with("List"));
    match value.get_mut("items") {
        Some(Value::Array(items)) if list => objects.append(items),
        _ => objects.push(value),
    }
}
