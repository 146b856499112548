//! Discord's permission bits and the rules by which roles and overwrites add up.

use std::fmt;
use std::ops::BitOr;

use serde::{Serialize, Serializer};

/// A set of permissions: bits in code, a decimal string on the wire.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Permissions(u64);

impl Permissions {
    /// No permission at all.
    pub const NONE: Self = Self(0);
    /// Everything, past every overwrite.
    pub const ADMINISTRATOR: Self = Self(1 << 3);
    /// Change the guild itself.
    pub const MANAGE_GUILD: Self = Self(1 << 5);
    /// See a channel and read it.
    pub const VIEW_CHANNEL: Self = Self(1 << 10);
    /// Write messages.
    pub const SEND_MESSAGES: Self = Self(1 << 11);
    /// Delete and pin the messages of others.
    pub const MANAGE_MESSAGES: Self = Self(1 << 13);
    /// Read what was said before.
    pub const READ_MESSAGE_HISTORY: Self = Self(1 << 16);
    /// Mention everyone.
    pub const MENTION_EVERYONE: Self = Self(1 << 17);
    /// Give and take roles.
    pub const MANAGE_ROLES: Self = Self(1 << 28);
    /// Use application commands.
    pub const USE_APPLICATION_COMMANDS: Self = Self(1 << 31);
    /// Every bit that Discord documents (0 to 52 at the time of writing).
    pub const ALL: Self = Self((1 << 53) - 1);
    /// What `@everyone` may do in a new guild.
    pub const EVERYONE_DEFAULT: Self = Self(2_248_473_465_835_073);

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
}
