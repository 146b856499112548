//! `READY` on the wire.

use serde_json::{Value, json};

use crate::payload;
use crate::snowflake::Snowflake;
use crate::world::World;

/// The first event of a session. The guilds of its shard follow as events of their own.
pub(crate) fn ready(
    world: &World,
    session: &str,
    shard: (u64, u64),
    guilds: &[Snowflake],
    resume_url: &str,
) -> Value {
    let unavailable = |id: &Snowflake| json!({ "id": id, "unavailable": true });
    let own = world.application.id;
    json!({
        "v": 10,
        "user": world.users.get(&own).map(payload::user::current),
        "guilds": guilds.iter().map(unavailable).collect::<Vec<_>>(),
        "session_id": session,
        "session_type": "normal",
        "resume_gateway_url": resume_url,
        "shard": [shard.0, shard.1],
        "application": { "id": own, "flags": payload::application::flags(world) },
        "private_channels": [],
        "relationships": [],
        "user_settings": {},
        "geo_ordered_rtc_regions": [],
        "_trace": [],
    })
}
