//! Something that a member has done.

use chrono::NaiveDate;
use serenity::model::id::UserId;

/// Minutes that one may have: a day's.
pub(super) const LONGEST: u32 = 24 * 60;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Activity {
    pub(super) user: UserId,
    pub(super) day: NaiveDate,
    pub(super) sport: String,
    pub(super) minutes: u32,
}
