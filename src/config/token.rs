//! The bot's token, which no log line, error or panic ever shows.

use std::{fmt, fs};

use super::{Problem, Problems, Variables, variable};

const EXPECTED: &str = "the bot's token, from the application's page at Discord";
/// A bot token. `Debug` and `Display` are redacted; [`Token::expose`] is the only way to its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Wraps a token; a leading `Bot ` is dropped.
    pub fn new(text: impl AsRef<str>) -> Self {
        let text = text.as_ref().trim();
        Self(text.strip_prefix("Bot ").unwrap_or(text).to_owned())
    }

    /// Reads `DISCORD_TOKEN`, or the file that `DISCORD_TOKEN_FILE` names.
    ///
    /// # Errors
    /// There is none, there are two, or it is no token. Without a problem when something given could not
    /// be read: that is told already, and may have been the token.
    pub(super) fn read(variables: &Variables) -> Result<Self, Problems> {
        let (direct, file) = (&variable::DISCORD_TOKEN, &variable::DISCORD_TOKEN_FILE);
        let (name, text) = match (variables.get(direct), variables.get(file)) {
            (Some(text), None) => (direct.name, text.to_owned()),
            (None, Some(path)) => (file.name, read(file.name, path)?),
            (Some(_), Some(_)) => {
                let found = "a file beside DISCORD_TOKEN";
                return Err(Problem::new(file.name, found, "one of the two").into());
            }
            (None, None) if variables.is_incomplete() => return Err(Problems::default()),
            (None, None) => {
                let expected = format!(
                    "{EXPECTED}, in `.env` (see .env.example) or the environment; `cogsmith simulate` needs none"
                );
                return Err(Problem::new(direct.name, "nothing", expected).into());
            }
        };
        let token = Self::new(text);
        if token.is_plausible() {
            return Ok(token);
        }
        let found = "a text with characters no token has";
        Err(Problem::new(name, found, EXPECTED).into())
    }

    fn is_plausible(&self) -> bool {
        !self.0.is_empty() && self.0.chars().all(|c| c.is_ascii_graphic())
    }

    /// The secret itself, for the wire only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

fn read(name: &'static str, path: &str) -> Result<String, Problem> {
    // A token that was given in place of a path has no slash.
    let shown = if path.contains('/') { path } else { "a file" };
    let wrong = |found: String| Problem::new(name, found, "a readable file that holds the token");
    let text = fs::read_to_string(path).map_err(|error| wrong(format!("{shown} ({error})")))?;
    if text.trim().is_empty() {
        return Err(wrong(format!("{shown} (it is empty)")));
    }
    Ok(text)
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Token(redacted)")
    }
}
