//! The way between the model and what is written, field by field.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use jiff::Timestamp;
use serde_json::Value;

use crate::model::{Labels, Protocol, Text};

/// A stored form of the model's `M`.
pub(super) trait Stored<M> {
    /// What is written.
    fn of(model: &M) -> Self;
    /// What was meant.
    fn model(self) -> M;
}

/// Declares stored types and their way from and to the model.
///
/// A macro, because 45 types in two directions are otherwise two thousand lines in which a
/// forgotten field would be a wrong verdict. Every field of the model is named once, with the type
/// that it is stored as.
macro_rules! stored {
    ($(#[$doc:meta])* struct $name:ident = $model:path { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name { $($field: $type),* }

        impl crate::source::snapshot::v1::Stored<$model> for $name {
            fn of(model: &$model) -> Self {
                let $model { $($field),* } = model;
                Self { $($field: crate::source::snapshot::v1::Stored::of($field)),* }
            }

            fn model(self) -> $model {
                $model { $($field: self.$field.model()),* }
            }
        }
    };
    ($(#[$doc:meta])* names $name:ident = $model:path { $($variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, serde::Serialize, serde::Deserialize)]
        pub(super) enum $name { $($variant),* }

        impl crate::source::snapshot::v1::Stored<$model> for $name {
            fn of(model: &$model) -> Self {
                type M = $model;
                match model { $(M::$variant => Self::$variant),* }
            }

            fn model(self) -> $model {
                type M = $model;
                match self { $(Self::$variant => M::$variant),* }
            }
        }
    };
    ($(#[$doc:meta])* enum $name:ident = $model:path {
        $($variant:ident { $($at:tt = $field:ident: $type:ty),* $(,)? }),* $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) enum $name { $($variant { $($field: $type),* }),* }

        impl crate::source::snapshot::v1::Stored<$model> for $name {
            fn of(model: &$model) -> Self {
                type M = $model;
                match model {
                    $(M::$variant { $($at: $field),* } => Self::$variant {
                        $($field: crate::source::snapshot::v1::Stored::of($field)),*
                    }),*
                }
            }

            fn model(self) -> $model {
                type M = $model;
                match self {
                    $(Self::$variant { $($field),* } => M::$variant {
                        $($at: $field.model()),*
                    }),*
                }
            }
        }
    };
}
pub(super) use stored;

/// Types that are written as they are; their spelling belongs to Kubernetes or to a standard.
macro_rules! as_is {
    ($($type:ty),*) => {$(
        impl Stored<$type> for $type {
            fn of(model: &$type) -> Self { model.clone() }
            fn model(self) -> $type { self }
        }
    )*};
}

as_is!(
    bool, u16, u32, u64, i64, usize, Text, IpAddr, IpNet, Protocol, Timestamp
);
as_is!([bool; 2]);

impl<M, S: Stored<M>> Stored<Option<M>> for Option<S> {
    fn of(model: &Option<M>) -> Self {
        model.as_ref().map(S::of)
    }

    fn model(self) -> Option<M> {
        self.map(S::model)
    }
}

impl<M, S: Stored<M>> Stored<Vec<M>> for Vec<S> {
    fn of(model: &Vec<M>) -> Self {
        model.iter().map(S::of).collect()
    }

    fn model(self) -> Vec<M> {
        self.into_iter().map(S::model).collect()
    }
}

impl<M, S: Stored<M>> Stored<Arc<[M]>> for Vec<S> {
    fn of(model: &Arc<[M]>) -> Self {
        model.iter().map(S::of).collect()
    }

    fn model(self) -> Arc<[M]> {
        self.into_iter().map(S::model).collect()
    }
}

impl<M, S: Stored<M>> Stored<Box<[M]>> for Vec<S> {
    fn of(model: &Box<[M]>) -> Self {
        model.iter().map(S::of).collect()
    }

    fn model(self) -> Box<[M]> {
        self.into_iter().map(S::model).collect()
    }
}

impl Stored<Arc<str>> for String {
    fn of(model: &Arc<str>) -> Self {
        (**model).to_owned()
    }

    fn model(self) -> Arc<str> {
        self.into()
    }
}

impl Stored<Labels> for BTreeMap<Text, Text> {
    fn of(model: &Labels) -> Self {
        let pairs = model.iter();
        pairs
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    fn model(self) -> Labels {
        self.into_iter().collect()
    }
}

impl Stored<Arc<Value>> for Value {
    fn of(model: &Arc<Value>) -> Self {
        (**model).clone()
    }

    fn model(self) -> Arc<Value> {
        Arc::new(self)
    }
}
