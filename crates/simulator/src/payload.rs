//! Wire JSON: how the store looks on the network.
//!
//! These functions only read. A test parses everything they make with two client libraries, since
//! both drop an object without a word when a field is missing or of another type.

pub(crate) mod application;
pub(crate) mod channel;
pub(crate) mod command;
pub(crate) mod guild;
pub(crate) mod interaction;
pub(crate) mod message;
pub(crate) mod presence;
pub(crate) mod ready;
pub(crate) mod text;
pub(crate) mod user;
pub(crate) mod voice;

use chrono::{DateTime, SecondsFormat, Utc};

/// A moment as Discord writes it: `2026-03-02T09:00:00.000000+00:00`.
pub(crate) fn timestamp(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Micros, false)
}
