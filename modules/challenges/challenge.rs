//! A guild's challenge: its rules, and where and by which clock its weeks end.

use chrono::NaiveDate;
use chrono_tz::Tz;
use cogsmith::prelude::*;
use serenity::model::id::ChannelId;

use super::{rules::Rules, week::Week};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) rules: Rules,
    /// Where weeks are closed and members nudged.
    pub(super) channel: ChannelId,
    pub(super) zone: Tz,
}

impl Challenge {
    /// The day it is for the members.
    pub(super) fn today(&self, now: DateTime<Utc>) -> NaiveDate {
        now.with_timezone(&self.zone).date_naive()
    }

    /// The week that is being played.
    pub(super) fn current(&self, now: DateTime<Utc>) -> Week {
        Week::of(self.today(now))
    }

    /// The last week that is over.
    pub(super) fn over(&self, now: DateTime<Utc>) -> Week {
        self.current(now).before()
    }
}
