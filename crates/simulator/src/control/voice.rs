//! Voice: who is in which channel, and moving people.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;

use crate::control::{Answer, id, read, wrong};
use crate::core::Core;
use crate::error_codes::ApiError;
use crate::world::voice::VoiceState;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    guild_id: String,
    user_id: String,
    channel_id: Option<String>,
    #[serde(default)]
    self_mute: bool,
    #[serde(default)]
    self_deaf: bool,
}

/// Everybody's state, as on the wire.
pub(super) async fn list(State(core): State<Arc<Core>>) -> Answer {
    Ok(Json(core.read(|world| {
        let guilds = world.guilds.keys();
        guilds.flat_map(|id| world.voice_states_of(*id)).collect()
    })))
}

/// Lets a member enter a voice channel, or leave with `channel_id: null`; the bot hears of it.
pub(super) async fn set(State(core): State<Arc<Core>>, body: Bytes) -> Answer {
    let order: Move = read(&body)?;
    let (guild, user) = (id(&order.guild_id)?, id(&order.user_id)?);
    let channel = order.channel_id.as_deref().map(id).transpose()?;
    let state = channel.map(|channel| VoiceState {
        channel,
        self_mute: order.self_mute,
        self_deaf: order.self_deaf,
    });
    let moved = core.write(|world| {
        world.guild(guild)?.member(user)?;
        if channel.is_some_and(|channel| !world.may_enter(guild, user, channel)) {
            let problem = "expected a voice channel of the guild that this person may enter";
            return Err(wrong("channel_id", problem));
        }
        world.set_voice(guild, user, state);
        Ok::<_, ApiError>(world.voice_state_in(guild, user))
    });
    Ok(Json(moved?))
}
