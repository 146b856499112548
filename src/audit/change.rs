//! One change: who did what to what, from what to what.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use serenity::model::id::{GuildId, UserId};

use super::By;
use crate::reply::shorten;

/// Code points of each text.
const TEXT: usize = 300;

/// A change, to be recorded with [`Audit::record`](super::Audit::record).
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it is not recorded yet"]
pub struct Change {
    /// Who made it, and why.
    pub by: By,
    /// The guild whose it is; `None` for what is the whole bot's.
    pub guild: Option<GuildId>,
    /// What was done, as its command is named: `task stop`.
    pub verb: String,
    /// What it was done to.
    pub target: String,
    /// The person that it is about, beside the one who made it.
    pub about: Option<UserId>,
    /// What was before.
    pub before: Option<String>,
    /// What is after.
    pub after: Option<String>,
}

/// A change that was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub change: Change,
}

impl Change {
    pub(super) fn new(by: By, verb: &str, target: &str) -> Self {
        Self {
            by,
            guild: None,
            verb: shortened(verb),
            target: shortened(target),
            about: None,
            before: None,
            after: None,
        }
    }

    /// Says whose it is.
    pub fn of_guild(mut self, guild: Option<GuildId>) -> Self {
        self.guild = guild;
        self
    }

    /// Says whom it is about.
    pub fn about(mut self, user: UserId) -> Self {
        self.about = Some(user);
        self
    }

    /// Says what was before; a longer text than 300 code points is shortened.
    pub fn from(mut self, before: impl Into<String>) -> Self {
        self.before = Some(shortened(&before.into()));
        self
    }

    /// Says what is after; a longer text than 300 code points is shortened.
    pub fn to(mut self, after: impl Into<String>) -> Self {
        self.after = Some(shortened(&after.into()));
        self
    }
}

fn shortened(text: &str) -> String {
    shorten(text, TEXT).into_owned()
}

impl Recorded {
    /// As it is handed out to whoever it is kept about.
    pub fn to_json(&self) -> Value {
        let Change {
            by,
            guild,
            verb,
            target,
            about,
            before,
            after,
        } = &self.change;
        json!({
            "at": self.at.to_rfc3339(), "who": by.actor.to_string(), "what": verb, "target": target,
            "guild": guild.map(|guild| guild.to_string()), "about": about.map(|user| user.to_string()),
            "before": before, "after": after, "reason": by.reason,
        })
    }
}
