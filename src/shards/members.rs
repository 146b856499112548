//! Which members Discord is asked for, over the gateway.

use serde_json::json;
use serenity::model::id::{GuildId, UserId};

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
    pub(crate) fn command(&self, guild: GuildId, nonce: &str) -> String {
        let data = match self {
            Self::Named { prefix, limit } => {
                json!({"guild_id": guild, "query": prefix, "limit": limit, "nonce": nonce})
            }
            Self::Ids(ids) => {
                json!({"guild_id": guild, "user_ids": ids, "limit": 0, "nonce": nonce})
            }
        };
        json!({"op": 8, "d": data}).to_string()
    }
}

impl Members {
    /// Every member.
    pub(crate) const fn all() -> Self {
        Self::Named {
            prefix: String::new(),
            limit: 0,
        }
    }

    /// Whether the answer is one chunk: what a caller can hold.
    pub(crate) fn is_small(&self) -> bool {
        match self {
            Self::Named { limit, .. } => (1..=CHUNK).contains(limit),
            Self::Ids(ids) => ids.len() <= 100,
        }
    }
}

/// How many members Discord puts into one event.
const CHUNK: u32 = 1_000;

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn check(command: &str, expected: &Value) {
        assert_eq!(serde_json::from_str::<Value>(command).unwrap(), *expected);
    }

    #[test]
    fn requests_are_as_documented() {
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
