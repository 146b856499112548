//! Instants, shown to each reader in their own zone and language.

use chrono::{DateTime, Utc};

/// An instant as Discord shows it relative to now, such as "in 5 minutes": Discord docs/Reference/Message Formatting.
pub fn relative(at: DateTime<Utc>) -> String {
    format!("<t:{}:R>", at.timestamp())
}
