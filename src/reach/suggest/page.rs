//! A `spec` that is being edited, with the JSON Patch (RFC 6902) that does the same.

use serde_json::Value;

/// What one operation of a patch does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OpKind {
    /// Adds to a list, or sets a field.
    Add,
    /// Takes out of a list.
    Remove,
    /// Replaces what is there.
    Replace,
}

impl OpKind {
    /// The name in a patch.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

/// One operation of a patch of the whole object.
#[derive(Clone, PartialEq, Debug)]
pub struct Op {
    /// What it does.
    pub kind: OpKind,
    /// A JSON Pointer that begins with `/spec`.
    pub path: String,
    /// The value; `None` for [`OpKind::Remove`].
    pub value: Option<Value>,
}

/// A `spec` and how it came to be.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Page {
    pub(super) spec: Value,
    pub(super) ops: Vec<Op>,
}

/// Pointers lead below `spec`; every part of them is a field name of the API or a number, so that
/// nothing has to be escaped.
impl Page {
    pub(super) const fn of(spec: Value) -> Self {
        Self {
            spec,
            ops: Vec::new(),
        }
    }

    /// Inserts before entry `at` of a list, which begins to exist if it was missing or null.
    pub(super) fn insert(&mut self, list: &str, at: usize, value: Value) {
        if let Some(Value::Array(entries)) = self.spec.pointer_mut(list) {
            let at = at.min(entries.len());
            entries.insert(at, value.clone());
            self.note(OpKind::Add, &format!("{list}/{at}"), Some(value));
            return;
        }
        let (parent, field) = list.rsplit_once('/').unwrap_or(("", list));
        self.set(parent, field, &Value::Array(vec![value]));
    }

    /// Appends to a list.
    pub(super) fn push(&mut self, list: &str, value: Value) {
        let len = self.spec.pointer(list).and_then(Value::as_array);
        self.insert(list, len.map_or(0, Vec::len), value);
    }

    /// Takes entry `at` out of a list.
    pub(super) fn remove(&mut self, list: &str, at: usize) {
        if let Some(Value::Array(entries)) = self.spec.pointer_mut(list)
            && at < entries.len()
        {
            entries.remove(at);
            self.note(OpKind::Remove, &format!("{list}/{at}"), None);
        }
    }

    /// Replaces what a pointer leads to.
    pub(super) fn replace(&mut self, pointer: &str, value: &Value) {
        if let Some(place) = self.spec.pointer_mut(pointer) {
            *place = value.clone();
            self.note(OpKind::Replace, pointer, Some(value.clone()));
        }
    }

    /// Sets a field of an object.
    pub(super) fn set(&mut self, object: &str, field: &str, value: &Value) {
        if let Some(Value::Object(fields)) = self.spec.pointer_mut(object) {
            fields.insert(field.to_owned(), value.clone());
            let pointer = format!("{object}/{field}");
            self.note(OpKind::Add, &pointer, Some(value.clone()));
        }
    }

    fn note(&mut self, kind: OpKind, pointer: &str, value: Option<Value>) {
        let path = format!("/spec{pointer}");
        self.ops.push(Op { kind, path, value });
    }
}
