//! Voice states on the wire.

use serde_json::{Value, json};

use crate::snowflake::Snowflake;
use crate::world::member::Member;
use crate::world::voice::VoiceState;

/// A state without guild and member, and without their part on a stage; `state` is `None` for somebody who left.
pub(crate) fn state(
    user: Snowflake,
    session: &str,
    state: Option<&VoiceState>,
    member: Option<&Member>,
) -> Value {
    json!({
        "channel_id": state.map(|it| it.channel),
        "user_id": user,
        "session_id": session,
        "deaf": member.is_some_and(|it| it.is_deaf),
        "mute": member.is_some_and(|it| it.is_mute),
        "self_deaf": state.is_some_and(|it| it.self_deaf),
        "self_mute": state.is_some_and(|it| it.self_mute),
        "self_stream": false,
        "self_video": false,
    })
}
