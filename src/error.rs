//! The two kinds of failure a handler can return: what people should read, and everything else.

use std::borrow::Cow;

/// Any failure of a command, listener, task or hook.
///
/// A [`UserError`] inside is shown to the person as it is.
/// Anything else becomes one calm sentence with an id, and one log line under the same id.
pub type Error = anyhow::Error;

/// What commands, listeners, tasks and hooks return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A sentence meant for the person who used a command: complete, without blame or internals.
///
/// ```
/// use cogsmith::prelude::*;
///
/// fn level(xp: u64) -> Result<u64> {
///     if xp == 0 {
///         return Err(UserError::new("You have no XP yet.").into());
///     }
///     Ok(xp / 100)
/// }
/// assert_eq!(level(0).unwrap_err().to_string(), "You have no XP yet.");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UserError(Cow<'static, str>);

impl UserError {
    /// Wraps a full sentence.
    pub fn new(sentence: impl Into<Cow<'static, str>>) -> Self {
        Self(sentence.into())
    }
}
