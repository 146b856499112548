//! What a bot is called among several of one process, and what its own variables begin with.

use std::{fmt, sync::Arc};

use super::table;

const LONGEST: usize = 32;
const WORD: &str = "lower-case letters and digits, a letter first, 32 at the most";

/// The name of one bot among several: a lower-case letter, then letters and digits, 32 at the most. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BotName(Arc<str>);

impl BotName {
    /// Takes a word for a name.
    ///
    /// # Errors
    /// What was expected: such a word, and one whose variables are not taken for others, as those of a bot named
    /// `discord` would be for `DISCORD_TOKEN`.
    pub fn new(word: &str) -> Result<Self, String> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let is_word = word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.len() <= LONGEST
            && word.chars().all(is_plain);
        if !is_word {
            return Err(WORD.to_owned());
        }
        let name = Self(word.into());
        let prefix = name.prefix();
        match table::names().find(|known| known.starts_with(&prefix)) {
            None => Ok(name),
            Some(known) => Err(format!(
                "a name that no setting begins with, as {known} does"
            )),
        }
    }

    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `ALPHA_` of `alpha`: what the variables of this bot alone begin with.
    #[must_use]
    pub fn prefix(&self) -> String {
        format!("{}_", self.0.to_ascii_uppercase())
    }
}

impl fmt::Display for BotName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_lower_case_word_that_begins_no_variable_of_ours() {
        for word in ["alpha", "a", "bot2", "helper"] {
            let name = BotName::new(word).unwrap();
            assert_eq!(name.as_str(), word);
        }
        assert_eq!(BotName::new("bot2").unwrap().prefix(), "BOT2_");
        let long = "x".repeat(33);
        for word in [
            "", "Alpha", "2bots", "a_b", "a b", "é", &long, "discord", "bot", "log", "http", "bots",
        ] {
            assert!(BotName::new(word).is_err(), "{word}");
        }
        let expected = "a name that no setting begins with, as HTTP_ADDRESS does";
        assert_eq!(BotName::new("http").unwrap_err(), expected);
    }
}
