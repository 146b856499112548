//! The application itself, and where its gateway is.

use serde_json::json;

use crate::error_codes::ApiError;
use crate::payload;
use crate::rest::call::{Answer, Call};
use crate::world::World;

pub(crate) fn gateway(_world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    Ok(Answer::ok(json!({ "url": call.gateway_url })))
}

pub(crate) fn gateway_bot(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let used = world.sessions.identifies;
    Ok(Answer::ok(json!({
        "url": call.gateway_url,
        "shards": 1,
        "session_start_limit": {
            "total": 1000,
            "remaining": 1000 - used.min(1000),
            "reset_after": 86_400_000,
            "max_concurrency": 16,
        },
    })))
}

pub(crate) fn own(world: &mut World, _call: &Call) -> Result<Answer, ApiError> {
    Ok(Answer::ok(payload::application::application(world)))
}
