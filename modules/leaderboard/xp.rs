//! The rules of XP: how much a message earns, how often, and what level that makes. No IO.

use std::collections::HashMap;

use cogsmith::prelude::*;
use serenity::model::id::{GuildId, MessageId, UserId};

/// Milliseconds between two messages of one member that both earn XP.
pub(super) const COOLDOWN_MS: i64 = 60_000;

const LEAST: u64 = 15;
const MOST: u64 = 25;

/// XP that a message earns: 15 to 25, always the same for the same message.
pub(super) fn earned_by(message: MessageId) -> u64 {
    // Fibonacci hashing spreads ids that differ in few bits.
    let spread = message.get().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    LEAST + spread % (MOST - LEAST + 1)
}

/// XP needed to get from `level` to the next one.
pub(super) fn to_next(level: u64) -> u64 {
    5 * level * level + 50 * level + 100
}

/// The level that `xp` makes, and what is left towards the next one.
pub(super) fn level(mut xp: u64) -> (u64, u64) {
    let mut level = 0;
    while xp >= to_next(level) {
        xp -= to_next(level);
        level += 1;
    }
    (level, xp)
}

/// A member of a guild.
pub(super) type Member = (GuildId, UserId);

/// What one member has earned since it was last written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gain {
    pub(super) xp: u64,
    pub(super) messages: u64,
    /// UTC milliseconds of the newest message that earned XP, 0 when none did.
    pub(super) awarded_at: i64,
}

/// What is earned but not written yet, and up to which event.
#[derive(Debug, Clone, Default)]
pub(super) struct Earnings {
    pub(super) gains: HashMap<Member, Gain>,
    pub(super) positions: Positions,
}

/// Earnings in memory, with who is still cooling down.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    awarded_at: HashMap<Member, i64>,
    unsaved: Earnings,
}

impl Ledger {
    /// Starts with who was awarded when, as it was before the process ended.
    pub(super) fn new(awarded_at: HashMap<Member, i64>) -> Self {
        Self {
            awarded_at,
            unsaved: Earnings::default(),
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
        let gain = self.unsaved.gains.entry(member).or_insert(Gain {
            xp: 0,
            messages: 0,
            awarded_at: 0,
        });
        gain.messages += 1;
        let last = self.awarded_at.get(&member);
        if last.is_none_or(|last| at.saturating_sub(*last) >= COOLDOWN_MS) {
            gain.xp += earned_by(message.id);
            gain.awarded_at = at;
            self.awarded_at.insert(member, at);
        }
    }

    /// What is to be written; it stays here until [`Ledger::settle`].
    pub(super) fn unsaved(&self) -> &Earnings {
        &self.unsaved
    }

    /// Forgets what was written, and only that: neither a failed nor a cancelled write loses XP.
    pub(super) fn settle(&mut self, saved: &Earnings) {
        for (member, saved) in &saved.gains {
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

    /// Forgets who has cooled down by `now`, so that memory follows the active few.
    pub(super) fn forget_cooled_down(&mut self, now: DateTime<Utc>) {
        let cooled = now.timestamp_millis() - COOLDOWN_MS;
        self.awarded_at.retain(|_, at| *at > cooled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_earns_fifteen_to_twenty_five() {
        let earned: std::collections::BTreeSet<_> = (1..1_000)
            .map(|n| earned_by(MessageId::new(n << 22)))
            .collect();
        assert_eq!(earned, (15..=25).collect());
    }

    #[test]
    fn levels_cost_more_and_more() {
        let cases = [
            (0, (0, 0)),
            (99, (0, 99)),
            (100, (1, 0)),
            (254, (1, 154)),
            (255, (2, 0)),
            (475, (3, 0)),
        ];
        for (xp, expected) in cases {
            assert_eq!(level(xp), expected, "{xp} XP");
        }
    }
}
