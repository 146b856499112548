//! Presences on the wire.

use serde_json::{Value, json};

use crate::snowflake::Snowflake;
use crate::world::presence::Presence;

pub(crate) fn presence(guild: Snowflake, user: Snowflake, presence: &Presence) -> Value {
    let client = match presence.status.as_str() {
        "offline" => json!({}),
        status => json!({ "web": status }),
    };
    json!({
        "user": { "id": user },
        "guild_id": guild,
        "status": presence.status,
        "activities": presence.activities,
        "client_status": client,
    })
}
