//! The bot's token, which no log line, error or panic ever shows.

use std::fmt;

/// A bot token. `Debug` and `Display` are redacted; [`Token::expose`] is the only way to its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Wraps a token; a leading `Bot ` is dropped.
    pub fn new(text: impl AsRef<str>) -> Self {
        let text = text.as_ref().trim();
        Self(text.strip_prefix("Bot ").unwrap_or(text).to_owned())
    }

    /// Whether it has only characters that tokens have.
    pub(super) fn is_plausible(&self) -> bool {
        !self.0.is_empty() && self.0.chars().all(|c| c.is_ascii_graphic())
    }

    /// The secret itself, for the wire only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Token(redacted)")
    }
}
