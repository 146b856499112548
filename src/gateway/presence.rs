//! What the bot sends to the gateway on behalf of modules: presence, and requests for members.

use serde_json::{Value, json};
use serenity::model::id::{GuildId, UserId};

use crate::config::Presence;

/// See Discord docs/Gateway Events/Update Presence.
pub(super) fn shown(presence: &Presence) -> String {
    let activities: Vec<_> = presence.activity.iter().collect();
    let data = json!({
        "since": presence.idle_since.map(|since| since.timestamp_millis()),
        "activities": activities,
        "status": presence.status.name(),
        "afk": presence.is_afk,
    });
    command(3, &data)
}

/// Which members of a guild to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Members {
    /// Those whose name begins with the text, at most so many; an empty text and 0 are all of them.
    Named {
        /// How the name begins.
        prefix: String,
        /// At most so many; 0 is no limit.
        limit: u32,
    },
    /// These, at most 100.
    Ids(Vec<UserId>),
}

impl Members {
    /// See Discord docs/Gateway Events/Request Guild Members. Answered by GUILD_MEMBERS_CHUNK with the same nonce.
    pub(super) fn command(&self, guild: GuildId, nonce: &str) -> String {
        let data = match self {
            Self::Named { prefix, limit } => {
                json!({"guild_id": guild, "query": prefix, "limit": limit, "nonce": nonce})
            }
            Self::Ids(ids) => {
                json!({"guild_id": guild, "user_ids": ids, "limit": 0, "nonce": nonce})
            }
        };
        command(8, &data)
    }
}

/// What serenity asks of a gateway, ready to be sent.
pub(super) enum Request {
    /// For every shard.
    Presence(String),
    /// For the shard of the guild.
    Guild(GuildId, String),
}

impl Request {
    /// `None` for what has no meaning here, such as entering a voice channel.
    pub(super) fn of(mut asked: Value) -> Option<Self> {
        if asked["op"] == 3 {
            // Serenity says the time as Rust's own type; Discord wants a number, or none.
            asked["d"]["since"] = Value::Null;
            return Some(Self::Presence(asked.to_string()));
        }
        let guild = &asked["d"];
        let guild = guild.get("guild_id").unwrap_or(&guild["guild_ids"][0]);
        let guild = serde_json::from_value(guild.clone()).ok()?;
        matches!(asked["op"].as_u64(), Some(8 | 31)).then(|| Self::Guild(guild, asked.to_string()))
    }
}

fn command(op: u8, data: &Value) -> String {
    json!({"op": op, "d": data}).to_string()
}

#[cfg(test)]
mod tests {
    use serenity::{gateway::ActivityData, model::user::OnlineStatus};

    use super::*;

    fn check(command: &str, expected: &Value) {
        assert_eq!(serde_json::from_str::<Value>(command).unwrap(), *expected);
    }

    #[test]
    fn commands_are_as_documented() {
        let presence = Presence {
            status: OnlineStatus::Idle,
            activity: Some(ActivityData::listening("you")),
            is_afk: true,
            idle_since: chrono::DateTime::from_timestamp(1_772_442_000, 0),
        };
        let activity = json!({"name": "you", "type": 2, "state": null, "url": null});
        let since = 1_772_442_000_000_u64;
        let data = json!({"since": since, "activities": [activity], "status": "idle", "afk": true});
        check(&shown(&presence), &json!({"op": 3, "d": data}));
        let named = Members::Named {
            prefix: "an".into(),
            limit: 5,
        };
        let data = json!({"guild_id": "7", "query": "an", "limit": 5, "nonce": "n"});
        check(
            &named.command(GuildId::new(7), "n"),
            &json!({"op": 8, "d": data}),
        );
        let ids = Members::Ids(vec![UserId::new(9)]);
        let data = json!({"guild_id": "7", "user_ids": ["9"], "limit": 0, "nonce": "n"});
        check(
            &ids.command(GuildId::new(7), "n"),
            &json!({"op": 8, "d": data}),
        );
    }
}
