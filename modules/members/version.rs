//! What a member was, from an instant on and until another.

use cogsmith::prelude::*;

use super::member::Member;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) member: Member,
    pub(super) from: DateTime<Utc>,
    /// `None` for what holds still.
    pub(super) until: Option<DateTime<Utc>>,
}

impl Version {
    /// What somebody is from now on.
    pub(super) fn begun(member: Member, from: DateTime<Utc>) -> Self {
        let until = None;
        Self {
            member,
            from,
            until,
        }
    }

    pub(super) fn ended(self, until: DateTime<Utc>) -> Self {
        let until = Some(until);
        Self { until, ..self }
    }

    /// Whether the member was this at an instant.
    pub(super) fn holds_at(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && self.until.is_none_or(|until| until > at)
    }

    /// Whether it began or ended at an instant or later.
    pub(super) fn has_changed_since(&self, at: DateTime<Utc>) -> bool {
        self.from >= at || self.until.is_some_and(|until| until >= at)
    }
}
