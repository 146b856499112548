//! A guild's challenge: its rules, and where and by which clock its weeks end.

use std::fmt;

use chrono::NaiveDate;
use chrono_tz::Tz;
use cogsmith::prelude::*;
use serenity::model::id::{ChannelId, UserId};

use super::{rules::Rules, week::Week};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) rules: Rules,
    /// Where weeks are closed and members nudged.
    pub(super) channel: ChannelId,
    pub(super) zone: Tz,
    /// Who set it up last, and is told when the channel is gone; `None` when they had themselves deleted.
    pub(super) set_up_by: Option<UserId>,
}

/// In a line, as it is recorded who changed it.
impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rules {
            needed,
            tolerance,
            price,
            factor,
            jokers,
            sports,
            ..
        } = &self.rules;
        write!(
            f,
            "{needed} points, tolerance {tolerance} min, {price}, factor {factor} %, {jokers} jokers, {}, <#{}>",
            self.zone, self.channel
        )?;
        let mut sports = sports.iter();
        sports.try_for_each(|(sport, minutes)| write!(f, ", {sport} {minutes} min"))
    }
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

    /// The first week that can still be played whole: the current one on its Monday, else the next.
    pub(super) fn next_whole(&self, now: DateTime<Utc>) -> Week {
        let (today, current) = (self.today(now), self.current(now));
        let is_monday = current.monday() == today;
        let next = if is_monday { current } else { current.after() };
        next.max(self.rules.start)
    }
}
