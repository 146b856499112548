//! Whose hand it was, and why.

use std::fmt;

use serenity::model::id::{GuildId, UserId};

use super::Change;
use crate::reply::shorten;

/// Code points of a reason.
const REASON: usize = 200;

/// Who changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody at Discord.
    User(UserId),
    /// Somebody at the shell of the bot's machine, by the number of the account.
    Shell(u32),
    /// The bot's own code.
    Bot,
    /// A person who had their data deleted since.
    Deleted,
}

/// Who changes something, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// Why, in 1 to 200 code points, when they say so.
    pub reason: Option<String>,
}

impl By {
    /// Somebody at Discord.
    pub fn user(user: UserId) -> Self {
        Actor::User(user).into()
    }

    /// Somebody at the shell of the bot's machine.
    pub fn shell(uid: u32) -> Self {
        Actor::Shell(uid).into()
    }

    /// The bot's own code.
    pub fn bot() -> Self {
        Actor::Bot.into()
    }

    /// Adds the reason, when there is one; a longer one is shortened.
    #[must_use]
    pub fn because(mut self, reason: Option<String>) -> Self {
        let reason = reason.unwrap_or_default();
        let words = reason.split_whitespace().collect::<Vec<_>>();
        let reason = words.join(" ");
        self.reason = (!reason.is_empty()).then(|| shorten(&reason, REASON).into_owned());
        self
    }

    /// What they have done to what, such as `task stop` to `leaderboard.update`: to be completed and recorded.
    pub fn did(&self, verb: impl Into<String>, target: impl Into<String>) -> Change {
        Change::new(self.clone(), &verb.into(), &target.into())
    }

    /// As [`By::did`], in a guild.
    pub fn did_in(
        &self,
        guild: GuildId,
        verb: impl Into<String>,
        target: impl Into<String>,
    ) -> Change {
        self.did(verb, target).of_guild(Some(guild))
    }
}

impl From<Actor> for By {
    fn from(actor: Actor) -> Self {
        Self {
            actor,
            reason: None,
        }
    }
}

/// As the task engine is told it.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => write!(f, "user {user}"),
            Self::Shell(uid) => write!(f, "shell uid {uid}"),
            Self::Bot => f.write_str("the bot"),
            Self::Deleted => f.write_str("somebody whose data was deleted"),
        }
    }
}
