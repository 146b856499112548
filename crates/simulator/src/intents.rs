//! Intents: what a session asked to hear about.

use std::ops::BitOr;

/// Discord's intent bits, as sent in IDENTIFY.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Intents(u64);

impl Intents {
    /// No intent: what every session hears.
    pub const NONE: Self = Self(0);
    /// Guilds, channels, threads and roles.
    pub const GUILDS: Self = Self(1 << 0);
    /// Members joining, changing and leaving. Privileged.
    pub const GUILD_MEMBERS: Self = Self(1 << 1);
    /// Bans and the audit log.
    pub const GUILD_MODERATION: Self = Self(1 << 2);
    /// Emojis, stickers and sounds.
    pub const GUILD_EXPRESSIONS: Self = Self(1 << 3);
    /// Integrations: which bots are there.
    pub const GUILD_INTEGRATIONS: Self = Self(1 << 4);
    /// Webhooks.
    pub const GUILD_WEBHOOKS: Self = Self(1 << 5);
    /// Invites.
    pub const GUILD_INVITES: Self = Self(1 << 6);
    /// Who is in which voice channel.
    pub const GUILD_VOICE_STATES: Self = Self(1 << 7);
    /// Presences, and the member list in GUILD_CREATE. Privileged.
    pub const GUILD_PRESENCES: Self = Self(1 << 8);
    /// Messages in guilds.
    pub const GUILD_MESSAGES: Self = Self(1 << 9);
    /// Reactions in guilds.
    pub const GUILD_MESSAGE_REACTIONS: Self = Self(1 << 10);
    /// Typing in guilds.
    pub const GUILD_MESSAGE_TYPING: Self = Self(1 << 11);
    /// Messages in direct messages.
    pub const DIRECT_MESSAGES: Self = Self(1 << 12);
    /// Reactions in direct messages.
    pub const DIRECT_MESSAGE_REACTIONS: Self = Self(1 << 13);
    /// Typing in direct messages.
    pub const DIRECT_MESSAGE_TYPING: Self = Self(1 << 14);
    /// The content of messages that neither come from nor mention the bot. Privileged.
    pub const MESSAGE_CONTENT: Self = Self(1 << 15);
    /// Scheduled events.
    pub const GUILD_SCHEDULED_EVENTS: Self = Self(1 << 16);
    /// The rules of automatic moderation.
    pub const AUTO_MODERATION_CONFIGURATION: Self = Self(1 << 20);
    /// What automatic moderation does.
    pub const AUTO_MODERATION_EXECUTION: Self = Self(1 << 21);
    /// Votes in polls of guilds.
    pub const GUILD_MESSAGE_POLLS: Self = Self(1 << 24);
    /// Votes in polls of direct messages.
    pub const DIRECT_MESSAGE_POLLS: Self = Self(1 << 25);

    /// Every bit that Discord documents: 0 to 16, 20, 21, 24 and 25.
    const KNOWN: u64 = 0x1_ffff | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25;

    /// Reads the number of IDENTIFY; `None` when it has a bit that Discord does not know.
    pub(crate) const fn parse(bits: u64) -> Option<Self> {
        if bits & !Self::KNOWN == 0 {
            Some(Self(bits))
        } else {
            None
        }
    }

    /// Whether every bit of `other` is here.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether one bit of `other` is here.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The number on the wire.
    pub const fn bits(self) -> u64 {
        self.0
    }
}

impl BitOr for Intents {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bits: u64, known: bool) {
        assert_eq!(Intents::parse(bits).is_some(), known, "{bits:#x}");
    }

    #[test]
    fn only_documented_bits_are_known() {
        check(0, true);
        check(0x1_ffff, true);
        check(1 << 25, true);
        check(1 << 17, false);
        check(1 << 23, false);
        check(1 << 40, false);
    }
}
