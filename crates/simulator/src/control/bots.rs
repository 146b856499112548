//! Bots: who there is, and registering more.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::builder::token_of;
use crate::control::{Answer, id, name, read};
use crate::core::Core;
use crate::error_codes::ApiError;
use crate::snowflake::Snowflake;
use crate::world::World;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    guild_id: Option<String>,
}

pub(super) async fn list(State(core): State<Arc<Core>>) -> Answer {
    Ok(Json(core.read(|world| {
        let bots = world.applications.keys();
        bots.map(|id| object(world, *id)).collect()
    })))
}

/// Finds the bot of this name, or registers it with an application and a token of its own; with
/// `guild_id` it joins, as an administrator.
pub(super) async fn add(State(core): State<Arc<Core>>, body: Bytes) -> Answer {
    let new: New = read(&body)?;
    name(&new.name)?;
    let added = core.write(|world| {
        let guild = new.guild_id.as_deref().map(id).transpose()?;
        if let Some(guild) = guild {
            world.guild(guild)?;
        }
        let own = world.application.id;
        let bot = match world.name_of(own) == new.name {
            true => own,
            false => world.register(&new.name, token_of),
        };
        if let Some(guild) = guild {
            world.invite_bot(guild, bot);
        }
        Ok::<_, ApiError>(object(world, bot))
    });
    Ok(Json(added?))
}

/// By the names of the seed file.
fn object(world: &World, bot: Snowflake) -> Value {
    json!({
        "application_id": bot,
        "bot_token": world.applications.get(&bot).map(|it| &it.token),
        "username": world.name_of(bot),
    })
}
