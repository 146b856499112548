//! What can be bound to a placeholder, on either database.

use chrono::{DateTime, Utc};
use serenity::model::id::{ChannelId, GuildId, MessageId, UserId};

/// A bound value: the types that both databases share.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `bigint`, or null.
    Integer(Option<i64>),
    /// `double precision`, or null.
    Real(Option<f64>),
    /// `text`, or null.
    Text(Option<String>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Integer(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::from(i64::from(value))
    }
}

/// 0 or 1.
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::from(i64::from(value))
    }
}

/// The same 64 bits; numbers above `i64::MAX` come back by `as u64`.
impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::from(value.cast_signed())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(Some(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}

/// UTC milliseconds.
impl From<DateTime<Utc>> for Value {
    fn from(value: DateTime<Utc>) -> Self {
        Self::from(value.timestamp_millis())
    }
}

/// UTC milliseconds, or null.
impl From<Option<DateTime<Utc>>> for Value {
    fn from(value: Option<DateTime<Utc>>) -> Self {
        Self::Integer(value.map(|instant| instant.timestamp_millis()))
    }
}

macro_rules! from_snowflake {
    ($($id:ty),*) => {$(
        impl From<$id> for Value {
            fn from(value: $id) -> Self {
                Self::from(value.get())
            }
        }
    )*};
}

from_snowflake!(ChannelId, GuildId, MessageId, UserId);
