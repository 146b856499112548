//! One value of a row.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use serde_json::Number;
use serenity::model::id::{ChannelId, GuildId, MessageId, RoleId, UserId};

/// One value of a row. Ids are texts, as in Discord's own JSON: JavaScript's numbers do not hold them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Cell {
    /// A text.
    Text(String),
    /// A number.
    Number(Number),
    /// Yes or no.
    Truth(bool),
    /// Several texts: an array in JSON, else separated by `; `.
    List(Vec<String>),
    /// No value: `null` in JSON, else empty.
    Nothing,
}

impl Cell {
    /// The value as text, for people and for CSV.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => text.into(),
            Self::Number(number) => number.to_string().into(),
            Self::Truth(true) => "yes".into(),
            Self::Truth(false) => "no".into(),
            Self::List(texts) => texts.join("; ").into(),
            Self::Nothing => "".into(),
        }
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => number.serialize(serializer),
            Self::Truth(truth) => serializer.serialize_bool(*truth),
            Self::List(texts) => texts.serialize(serializer),
            Self::Nothing => serializer.serialize_none(),
        }
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Cell {
    fn from(truth: bool) -> Self {
        Self::Truth(truth)
    }
}

impl From<f64> for Cell {
    /// What is no number is nothing.
    fn from(number: f64) -> Self {
        Number::from_f64(number).map_or(Self::Nothing, Self::Number)
    }
}

impl From<Vec<String>> for Cell {
    fn from(texts: Vec<String>) -> Self {
        Self::List(texts)
    }
}

impl From<DateTime<Utc>> for Cell {
    /// As in RFC 3339, to the second.
    fn from(time: DateTime<Utc>) -> Self {
        Self::Text(time.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

macro_rules! from {
    ($make:expr; $($type:ty),*) => {
        $(impl From<$type> for Cell {
            fn from(value: $type) -> Self {
                $make(value)
            }
        })*
    };
}

from!(|number| Self::Number(Number::from(number)); i32, i64, u16, u32, u64, usize);
from!(|id| Self::Text(format!("{id}")); ChannelId, GuildId, MessageId, RoleId, UserId);
