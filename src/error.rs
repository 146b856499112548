//! The two kinds of failure a handler can return: what people should read, and everything else.

use std::borrow::Cow;

use serenity::http::{HttpError, StatusCode};

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

/// A request that was given up, or not sent at all, as Discord's limit for it is not lifted within `MAX_RATE_LIMIT`.
///
/// Serenity's client returns it as an error of its own kind; [`RateLimited::of`] tells it from every other.
///
/// ```
/// use cogsmith::{error::RateLimited, prelude::*};
///
/// fn sentence(error: &Error) -> String {
///     match RateLimited::of(error) {
///         Some(limited) => format!("Too much at once: {limited}."),
///         None => "Something went wrong.".to_owned(),
///     }
/// }
/// assert_eq!(sentence(&Error::msg("no such channel")), "Something went wrong.");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct RateLimited {
    reason: String,
}

impl RateLimited {
    /// The code of our own answer to such a request; Discord's are positive.
    pub(crate) const CODE: i32 = -429;

    /// The limit, when it is the cause of `error`.
    #[must_use]
    pub fn of(error: &Error) -> Option<Self> {
        error.chain().find_map(|cause| {
            let serenity::Error::Http(HttpError::UnsuccessfulRequest(answer)) =
                cause.downcast_ref::<serenity::Error>()?
            else {
                return None;
            };
            let is_ours = answer.status_code == StatusCode::TOO_MANY_REQUESTS
                && answer.error.code == Self::CODE as isize;
            is_ours.then(|| Self {
                reason: answer.error.message.clone(),
            })
        })
    }
}
