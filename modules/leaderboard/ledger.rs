//! What members have earned and the database does not have yet. No IO.

use std::collections::{BTreeMap, HashMap, HashSet};

use cogsmith::prelude::*;
use serenity::model::id::{GuildId, UserId};

use super::xp::{COOLDOWN_MS, earned_by};

/// The highest XP and count of messages that a database holds; a sum beyond it stays there.
const MOST: u64 = i64::MAX.cast_unsigned();

/// A member of a guild.
pub(super) type Member = (GuildId, UserId);

/// What one member has earned since it was last written down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Gain {
    pub(super) xp: u64,
    pub(super) messages: u64,
    /// UTC milliseconds of the newest message that earned XP, 0 when none did.
    pub(super) awarded_at: i64,
}

/// Which rows a write takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// Also those that the database has refused.
    All,
    NotSetAside,
}

/// What is earned but not written yet, and up to which event.
#[derive(Debug, Clone, Default)]
pub(super) struct Earnings {
    pub(super) gains: HashMap<Member, Gain>,
    pub(super) positions: Positions,
}

impl Earnings {
    pub(super) fn is_empty(&self) -> bool {
        self.gains.is_empty() && self.positions.is_empty()
    }

    pub(super) fn members(&self) -> HashSet<Member> {
        self.gains.keys().copied().collect()
    }

    pub(super) fn leave_out(&mut self, members: &HashSet<Member>) {
        if !members.is_empty() {
            self.gains.retain(|member, _| !members.contains(member));
        }
    }
}

/// Earnings in memory, with who is still cooling down.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    awarded_at: HashMap<Member, i64>,
    unsaved: Earnings,
    /// Whose rows the database refuses; their gains stay in `unsaved`, and are left out of ordinary writes.
    set_aside: HashSet<Member>,
    /// Those of them that the owner is still to be told of.
    untold: Vec<Member>,
}

impl Ledger {
    /// Starts with who was awarded when, as it was before the process ended.
    pub(super) fn new(awarded_at: HashMap<Member, i64>) -> Self {
        Self {
            awarded_at,
            ..Self::default()
        }
    }

    /// Counts a message; the instant is the message's own, so that a replay counts alike.
    pub(super) fn award(&mut self, message: &LeanMessage<'_>) {
        self.unsaved.positions.note(message.position);
        let Some(guild) = message.guild_id else {
            return;
        };
        if message.author_is_bot || message.is_webhook || message.is_notice() {
            return;
        }
        let member = (guild, message.author_id);
        let at = message.id.created_at().timestamp_millis();
        let gain = self.unsaved.gains.entry(member).or_default();
        gain.messages = gain.messages.saturating_add(1).min(MOST);
        let last = self.awarded_at.get(&member);
        if last.is_none_or(|last| at.saturating_sub(*last) >= COOLDOWN_MS) {
            gain.xp = gain.xp.saturating_add(earned_by(message.id)).min(MOST);
            gain.awarded_at = at;
            self.awarded_at.insert(member, at);
        }
    }

    /// What is to be written; it stays here until [`Ledger::settle`].
    pub(super) fn unsaved(&self, which: Which) -> Earnings {
        let mut unsaved = self.unsaved.clone();
        if which == Which::NotSetAside {
            unsaved.leave_out(&self.set_aside);
        }
        unsaved
    }

    /// Whether every event that came is covered by what was written.
    pub(super) fn is_caught_up(&self) -> bool {
        self.unsaved.positions.is_empty()
    }

    /// What a member has earned that is not written yet.
    pub(super) fn gain(&self, guild: GuildId, user: UserId) -> Gain {
        let gain = self.unsaved.gains.get(&(guild, user));
        gain.copied().unwrap_or_default()
    }

    /// The same for all who have earned something in a guild.
    pub(super) fn gains_in(&self, guild: GuildId) -> BTreeMap<UserId, Gain> {
        let gains = self.unsaved.gains.iter();
        gains
            .filter(|((of, _), _)| *of == guild)
            .map(|((_, user), gain)| (*user, *gain))
            .collect()
    }

    /// Leaves a member out of ordinary writes from now on, until a write of all rows succeeds with it.
    /// Returns whether that is new.
    pub(super) fn set_aside(&mut self, member: Member) -> bool {
        let is_new = self.set_aside.insert(member);
        if is_new {
            self.untold.push(member);
        }
        is_new
    }

    /// Whether everybody in it was set aside before.
    pub(super) fn has_set_aside(&self, earned: &Earnings) -> bool {
        let mut members = earned.gains.keys();
        members.all(|member| self.set_aside.contains(member))
    }

    /// Whom the owner is to be told of, once.
    pub(super) fn take_untold(&mut self) -> Vec<Member> {
        std::mem::take(&mut self.untold)
    }

    /// Forgets what was written, and only that: neither a failed nor a cancelled write loses XP.
    pub(super) fn settle(&mut self, saved: &Earnings) {
        for (member, saved) in &saved.gains {
            self.set_aside.remove(member);
            let Some(gain) = self.unsaved.gains.get_mut(member) else {
                continue;
            };
            gain.xp -= saved.xp;
            gain.messages -= saved.messages;
            if gain.messages == 0 {
                self.unsaved.gains.remove(member);
            }
        }
        if self.unsaved.positions == saved.positions {
            self.unsaved.positions = Positions::default();
        }
    }

    /// Forgets these members whole; their messages stay counted.
    pub(super) fn forget(&mut self, is_meant: impl Fn(&Member) -> bool) {
        self.unsaved.gains.retain(|member, _| !is_meant(member));
        self.awarded_at.retain(|member, _| !is_meant(member));
        self.set_aside.retain(|member| !is_meant(member));
        self.untold.retain(|member| !is_meant(member));
    }

    /// Forgets who has cooled down by `now`, so that memory follows the active few.
    pub(super) fn forget_cooled_down(&mut self, now: DateTime<Utc>) {
        let cooled = now.timestamp_millis() - COOLDOWN_MS;
        self.awarded_at.retain(|_, at| *at > cooled);
    }
}
