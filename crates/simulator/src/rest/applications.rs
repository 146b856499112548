//! The application itself, and where its gateway is.

use serde_json::json;

use crate::error_codes::ApiError;
use crate::payload;
use crate::rest::call::{Answer, Call};
use crate::world::World;

/// Discord recommends a shard for each this many guilds.
const SHARD_GUILDS: usize = 1000;

pub(crate) fn gateway(_world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    Ok(Answer::ok(json!({ "url": call.gateway_url })))
}

pub(crate) fn gateway_bot(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let now = world.now();
    let limits = world.sessions.start_limits;
    let shards = world.guilds.len().div_ceil(SHARD_GUILDS).max(1);
    let starts = world.sessions.starts(world.application.id);
    Ok(Answer::ok(json!({
        "url": call.gateway_url,
        "shards": shards,
        "session_start_limit": {
            "total": limits.total,
            "remaining": starts.remaining(now, limits),
            "reset_after": starts.reset_after(now).num_milliseconds(),
            "max_concurrency": limits.max_concurrency,
        },
    })))
}

pub(crate) fn own(world: &mut World, _call: &Call) -> Result<Answer, ApiError> {
    Ok(Answer::ok(payload::application::application(world)))
}
