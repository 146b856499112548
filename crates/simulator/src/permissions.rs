//! Discord's permission bits and the rules by which roles and overwrites add up.

use std::fmt;
use std::ops::BitOr;

use serde::{Serialize, Serializer};

/// A set of permissions: bits in code, a decimal string on the wire.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Permissions(u64);

/// Discord's names.
const NAMES: [(&str, Permissions); 38] = [
    ("CREATE_INSTANT_INVITE", Permissions::CREATE_INSTANT_INVITE),
    ("KICK_MEMBERS", Permissions::KICK_MEMBERS),
    ("BAN_MEMBERS", Permissions::BAN_MEMBERS),
    ("ADMINISTRATOR", Permissions::ADMINISTRATOR),
    ("MANAGE_CHANNELS", Permissions::MANAGE_CHANNELS),
    ("MANAGE_GUILD", Permissions::MANAGE_GUILD),
    ("ADD_REACTIONS", Permissions::ADD_REACTIONS),
    ("VIEW_AUDIT_LOG", Permissions::VIEW_AUDIT_LOG),
    ("VIEW_CHANNEL", Permissions::VIEW_CHANNEL),
    ("SEND_MESSAGES", Permissions::SEND_MESSAGES),
    ("SEND_TTS_MESSAGES", Permissions::SEND_TTS_MESSAGES),
    ("MANAGE_MESSAGES", Permissions::MANAGE_MESSAGES),
    ("EMBED_LINKS", Permissions::EMBED_LINKS),
    ("ATTACH_FILES", Permissions::ATTACH_FILES),
    ("READ_MESSAGE_HISTORY", Permissions::READ_MESSAGE_HISTORY),
    ("MENTION_EVERYONE", Permissions::MENTION_EVERYONE),
    ("CONNECT", Permissions::CONNECT),
    ("MUTE_MEMBERS", Permissions::MUTE_MEMBERS),
    ("DEAFEN_MEMBERS", Permissions::DEAFEN_MEMBERS),
    ("MOVE_MEMBERS", Permissions::MOVE_MEMBERS),
    ("CHANGE_NICKNAME", Permissions::CHANGE_NICKNAME),
    ("MANAGE_NICKNAMES", Permissions::MANAGE_NICKNAMES),
    ("MANAGE_ROLES", Permissions::MANAGE_ROLES),
    ("MANAGE_WEBHOOKS", Permissions::MANAGE_WEBHOOKS),
    (
        "MANAGE_GUILD_EXPRESSIONS",
        Permissions::MANAGE_GUILD_EXPRESSIONS,
    ),
    (
        "USE_APPLICATION_COMMANDS",
        Permissions::USE_APPLICATION_COMMANDS,
    ),
    ("REQUEST_TO_SPEAK", Permissions::REQUEST_TO_SPEAK),
    (
        "SET_VOICE_CHANNEL_STATUS",
        Permissions::SET_VOICE_CHANNEL_STATUS,
    ),
    ("MANAGE_EVENTS", Permissions::MANAGE_EVENTS),
    ("MANAGE_THREADS", Permissions::MANAGE_THREADS),
    ("CREATE_PUBLIC_THREADS", Permissions::CREATE_PUBLIC_THREADS),
    (
        "CREATE_PRIVATE_THREADS",
        Permissions::CREATE_PRIVATE_THREADS,
    ),
    (
        "SEND_MESSAGES_IN_THREADS",
        Permissions::SEND_MESSAGES_IN_THREADS,
    ),
    ("MODERATE_MEMBERS", Permissions::MODERATE_MEMBERS),
    (
        "CREATE_GUILD_EXPRESSIONS",
        Permissions::CREATE_GUILD_EXPRESSIONS,
    ),
    ("CREATE_EVENTS", Permissions::CREATE_EVENTS),
    ("SEND_POLLS", Permissions::SEND_POLLS),
    ("PIN_MESSAGES", Permissions::PIN_MESSAGES),
];

impl Permissions {
    /// No permission at all.
    pub const NONE: Self = Self(0);
    /// Invite people.
    pub const CREATE_INSTANT_INVITE: Self = Self(1 << 0);
    /// Remove members.
    pub const KICK_MEMBERS: Self = Self(1 << 1);
    /// Remove members and keep them out.
    pub const BAN_MEMBERS: Self = Self(1 << 2);
    /// Everything, past every overwrite.
    pub const ADMINISTRATOR: Self = Self(1 << 3);
    /// Make, change and delete channels.
    pub const MANAGE_CHANNELS: Self = Self(1 << 4);
    /// Change the guild itself.
    pub const MANAGE_GUILD: Self = Self(1 << 5);
    /// Be the first to react with an emoji.
    pub const ADD_REACTIONS: Self = Self(1 << 6);
    /// Read who changed what.
    pub const VIEW_AUDIT_LOG: Self = Self(1 << 7);
    /// See a channel and read it.
    pub const VIEW_CHANNEL: Self = Self(1 << 10);
    /// Write messages.
    pub const SEND_MESSAGES: Self = Self(1 << 11);
    /// Have messages read aloud.
    pub const SEND_TTS_MESSAGES: Self = Self(1 << 12);
    /// Delete the messages of others.
    pub const MANAGE_MESSAGES: Self = Self(1 << 13);
    /// Show embeds.
    pub const EMBED_LINKS: Self = Self(1 << 14);
    /// Upload files.
    pub const ATTACH_FILES: Self = Self(1 << 15);
    /// Read what was said before.
    pub const READ_MESSAGE_HISTORY: Self = Self(1 << 16);
    /// Mention everyone, and roles that may not be mentioned.
    pub const MENTION_EVERYONE: Self = Self(1 << 17);
    /// Enter voice channels.
    pub const CONNECT: Self = Self(1 << 20);
    /// Mute members in voice channels.
    pub const MUTE_MEMBERS: Self = Self(1 << 22);
    /// Deafen members in voice channels.
    pub const DEAFEN_MEMBERS: Self = Self(1 << 23);
    /// Move members between voice channels.
    pub const MOVE_MEMBERS: Self = Self(1 << 24);
    /// Change the own nickname.
    pub const CHANGE_NICKNAME: Self = Self(1 << 26);
    /// Change the nicknames of others.
    pub const MANAGE_NICKNAMES: Self = Self(1 << 27);
    /// Make, change, give and take roles.
    pub const MANAGE_ROLES: Self = Self(1 << 28);
    /// Make, change and delete webhooks.
    pub const MANAGE_WEBHOOKS: Self = Self(1 << 29);
    /// Change and delete the emojis of others.
    pub const MANAGE_GUILD_EXPRESSIONS: Self = Self(1 << 30);
    /// Use application commands.
    pub const USE_APPLICATION_COMMANDS: Self = Self(1 << 31);
    /// Ask to speak on a stage.
    pub const REQUEST_TO_SPEAK: Self = Self(1 << 32);
    /// Change and delete the scheduled events of others.
    pub const MANAGE_EVENTS: Self = Self(1 << 33);
    /// Change and delete threads.
    pub const MANAGE_THREADS: Self = Self(1 << 34);
    /// Open public threads.
    pub const CREATE_PUBLIC_THREADS: Self = Self(1 << 35);
    /// Open private threads.
    pub const CREATE_PRIVATE_THREADS: Self = Self(1 << 36);
    /// Write in threads.
    pub const SEND_MESSAGES_IN_THREADS: Self = Self(1 << 38);
    /// Time members out.
    pub const MODERATE_MEMBERS: Self = Self(1 << 40);
    /// Add emojis, and change the own ones.
    pub const CREATE_GUILD_EXPRESSIONS: Self = Self(1 << 43);
    /// Schedule events, and change the own ones.
    pub const CREATE_EVENTS: Self = Self(1 << 44);
    /// Say above a voice channel what goes on in it.
    pub const SET_VOICE_CHANNEL_STATUS: Self = Self(1 << 48);
    /// Ask with a poll.
    pub const SEND_POLLS: Self = Self(1 << 49);
    /// Pin messages.
    pub const PIN_MESSAGES: Self = Self(1 << 51);
    /// Every bit that Discord documents (0 to 52 at the time of writing).
    pub const ALL: Self = Self((1 << 53) - 1);
    /// What `@everyone` may do in a new guild.
    pub const EVERYONE_DEFAULT: Self = Self(2_248_473_465_835_073);

    /// The permission that Discord calls this, such as `KICK_MEMBERS`.
    pub fn named(name: &str) -> Option<Self> {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        known.map(|(_, permission)| *permission)
    }

    /// Takes the bits as they are.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The bits.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Whether everything in `other` is allowed; an administrator is allowed everything.
    pub const fn allows(self, other: Self) -> bool {
        self.0 & Self::ADMINISTRATOR.0 != 0 || self.0 & other.0 == other.0
    }

    /// What is left while a member is timed out: looking, and reading what was said.
    pub const fn timed_out(self) -> Self {
        Self(self.0 & (Self::VIEW_CHANNEL.0 | Self::READ_MESSAGE_HISTORY.0))
    }

    /// What is left in a channel when the permissions that others rest on are missing: nothing
    /// without seeing it, and without writing nothing that goes into a message.
    pub const fn as_far_as_useful(self) -> Self {
        if self.0 & Self::VIEW_CHANNEL.0 == 0 {
            return Self::NONE;
        }
        let written = Self::MENTION_EVERYONE.0
            | Self::SEND_TTS_MESSAGES.0
            | Self::ATTACH_FILES.0
            | Self::EMBED_LINKS.0
            | Self::SEND_POLLS.0;
        if self.0 & Self::SEND_MESSAGES.0 == 0 {
            return Self(self.0 & !written);
        }
        self
    }

    /// Takes away `deny`, then adds `allow`: one step of the overwrite rules.
    pub const fn overwritten(self, deny: Self, allow: Self) -> Self {
        Self(self.0 & !deny.0 | allow.0)
    }
}

impl BitOr for Permissions {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(has: Permissions, wants: Permissions, allowed: bool) {
        assert_eq!(has.allows(wants), allowed, "{has} wants {wants}");
    }

    #[test]
    fn an_administrator_may_everything_and_others_what_they_have() {
        check(Permissions::ADMINISTRATOR, Permissions::ALL, true);
        check(
            Permissions::EVERYONE_DEFAULT,
            Permissions::SEND_MESSAGES,
            true,
        );
        check(
            Permissions::EVERYONE_DEFAULT,
            Permissions::MANAGE_GUILD,
            false,
        );
        check(Permissions::NONE, Permissions::NONE, true);
    }

    #[test]
    fn permissions_rest_on_others() {
        let check = |has: Permissions, left: Permissions| assert_eq!(has.as_far_as_useful(), left);
        let (see, send) = (Permissions::VIEW_CHANNEL, Permissions::SEND_MESSAGES);
        check(send | Permissions::ATTACH_FILES, Permissions::NONE);
        check(see | Permissions::ATTACH_FILES, see);
        let all = see | send | Permissions::ATTACH_FILES;
        check(all, all);
        assert_eq!(all.timed_out(), see);
    }
}
