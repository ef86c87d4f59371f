//! An object on its way in: what it holds and where it stands, whatever the format.

use std::cell::OnceCell;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::source::convert::Fault;
use crate::source::field::FieldPath;
use crate::source::yaml::{Chunk, Position, Tree};

use super::header::Header;
use super::json::{self, Cursor};
use super::once;

/// One object of a text. Cheap to copy around: the text itself is shared.
#[derive(Clone)]
pub(super) enum Body<'a> {
    /// JSON, not yet parsed.
    Json {
        text: &'a str,
        cursor: &'a Cursor<'a>,
    },
    /// YAML, parsed into a value.
    Yaml {
        value: &'a Value,
        document: &'a YamlDocument<'a>,
        /// Where in the document, if it is an entry of a list.
        path: FieldPath,
    },
}

/// A text that begins with a JSON object, whose end is not known.
#[derive(Clone, Copy)]
pub(super) struct Ahead<'a> {
    pub(super) text: &'a str,
    pub(super) cursor: &'a Cursor<'a>,
    /// Whether the object may stand before this.
    pub(super) may_follow: fn(&str) -> bool,
}

impl<'a> Ahead<'a> {
    /// The object as a wire type and as a body, in one pass, if it begins with its type. Nothing if
    /// anything is wrong with it: [`Body::open`] and [`Body::read`] tell what.
    pub(super) fn read<W: DeserializeOwned>(&self) -> Option<(W, Body<'a>)> {
        let (wire, length) = once::first(self.text)?;
        let (text, behind) = self.text.split_at_checked(length)?;
        let cursor = self.cursor;
        (self.may_follow)(behind).then_some((wire, Body::Json { text, cursor }))
    }
}

/// An object with its first layer taken off.
pub(super) struct Opened<'a> {
    pub(super) header: Header,
    /// What stands under `items`; empty if there is nothing, `None` if it is no list.
    pub(super) items: Option<Vec<Body<'a>>>,
}

/// A YAML document; positions are found when they are first needed.
pub(super) struct YamlDocument<'a> {
    chunk: Chunk<'a>,
    tree: OnceCell<Option<Tree>>,
}

impl<'a> YamlDocument<'a> {
    pub(super) fn new(chunk: Chunk<'a>) -> Self {
        Self {
            chunk,
            tree: OnceCell::new(),
        }
    }

    fn tree(&self) -> Option<&Tree> {
        self.tree.get_or_init(|| self.chunk.tree()).as_ref()
    }
}

impl<'a> Body<'a> {
    /// What the object says it is, and its entries if it is a list.
    pub(super) fn open(&self) -> Result<Opened<'a>, Fault> {
        match self {
            Self::Json { text, cursor } => {
                self.enter();
                let (header, items) = json::open(text)?;
                let body = |raw: &'a RawValue| Body::Json {
                    text: raw.get(),
                    cursor,
                };
                let items = match items {
                    json::Items::None => Some(Vec::new()),
                    json::Items::List(list) => Some(list.into_iter().map(body).collect()),
                    json::Items::Other => None,
                };
                Ok(Opened { header, items })
            }
            Self::Yaml {
                value,
                document,
                path,
            } => Ok(Opened {
                header: Header {
                    api_version: string(value, "apiVersion"),
                    kind: string(value, "kind"),
                },
                items: yaml_items(value, document, path),
            }),
        }
    }

    /// How long the text is, where the object has one of its own.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Json { text, .. } => text.len(),
            Self::Yaml { .. } => 0,
        }
    }

    /// Goes on to this object, so that the places in it are found soon.
    pub(super) fn enter(&self) {
        match self {
            Self::Json { text, cursor } => cursor.enter(text),
            Self::Yaml { .. } => {}
        }
    }

    /// Whether its type can be told from how it begins.
    pub(super) fn names_itself(&self) -> bool {
        match self {
            Self::Json { text, .. } => json::first_fields(text).is_some(),
            Self::Yaml { .. } => false,
        }
    }

    /// What can be tried without a pass for its type.
    pub(super) fn ahead(&self) -> Option<Ahead<'a>> {
        match self {
            Self::Json { text, cursor } => Some(Ahead {
                text,
                cursor,
                may_follow: str::is_empty,
            }),
            Self::Yaml { .. } => None,
        }
    }

    /// The object as a wire type. The path of a fault costs time, so it is found on a second try.
    pub(super) fn read<W: DeserializeOwned>(&self) -> Result<W, Fault> {
        match self {
            Self::Json { text, .. } => serde_json::from_str(text).or_else(|_| {
                let mut parser = serde_json::Deserializer::from_str(text);
                serde_path_to_error::deserialize(&mut parser).map_err(|e| Fault::of_type(&e))
            }),
            Self::Yaml { value, .. } => W::deserialize(*value).or_else(|_| {
                serde_path_to_error::deserialize(*value).map_err(|e| Fault::of_type(&e))
            }),
        }
    }

    /// Where `path` leads within the object.
    pub(super) fn position(&self, path: &FieldPath) -> Option<Position> {
        match self {
            Self::Json { text, cursor } => {
                let found = json::walk(text, path);
                cursor.position(found)
            }
            Self::Yaml {
                document,
                path: own,
                ..
            } => document.tree()?.locate(&own.join(path)),
        }
    }

    /// Lines of the entries of the list at `path`.
    pub(super) fn entry_lines(&self, path: &FieldPath) -> Vec<u32> {
        match self {
            Self::Json { text, cursor } => json::entries(text, path)
                .into_iter()
                .filter_map(|entry| cursor.position(entry))
                .map(|position| position.line)
                .collect(),
            Self::Yaml {
                document,
                path: own,
                ..
            } => document.tree().map_or_else(Vec::new, |tree| {
                let entries = tree.entries(&own.join(path));
                entries.iter().map(|position| position.line).collect()
            }),
        }
    }

    /// Line of the object, or of its document where that would cost another parse.
    pub(super) fn cheap_line(&self) -> Option<u32> {
        match self {
            Self::Json { .. } => self.position(&FieldPath::default()).map(|p| p.line),
            Self::Yaml { document, path, .. } => match document.tree.get() {
                Some(Some(tree)) => tree.locate(path).map(|position| position.line),
                Some(None) | None => Some(document.chunk.content_line()),
            },
        }
    }

    /// Everything, for messages about it.
    pub(super) fn value(&self) -> Value {
        match self {
            Self::Json { text, .. } => serde_json::from_str(text).unwrap_or_default(),
            Self::Yaml { value, .. } => (*value).clone(),
        }
    }
}

fn yaml_items<'a>(
    value: &'a Value,
    document: &'a YamlDocument<'a>,
    path: &FieldPath,
) -> Option<Vec<Body<'a>>> {
    let items = match value.get("items") {
        None | Some(Value::Null) => return Some(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return None,
    };
    let path = path.clone().key("items");
    let body = |(i, value)| Body::Yaml {
        value,
        document,
        path: path.clone().index(i),
    };
    Some(items.iter().enumerate().map(body).collect())
}

fn string(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}
