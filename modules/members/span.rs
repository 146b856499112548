//! A part of a server's members, in the order of their ids.

use serenity::model::id::UserId;

/// Ids above `after`, up to `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) after: u64,
    pub(super) last: u64,
}

impl Span {
    pub(super) fn all() -> Self {
        Self::behind(0)
    }

    /// All who come after this one; 0 is before everybody.
    pub(super) fn behind(after: u64) -> Self {
        // Databases count to 2^63 - 1, and Discord's ids are far below.
        let last = i64::MAX.cast_unsigned();
        Self { after, last }
    }

    pub(super) fn one(user: UserId) -> Self {
        let last = user.get();
        Self {
            after: last - 1,
            last,
        }
    }
}
