//! People: who there is, and letting more register.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde_json::{Value, json};

use crate::control::{Answer, id, name, read, wrong};
use crate::core::Core;
use crate::error_codes::ApiError;
use crate::rest::person::token_of;
use crate::snowflake::Snowflake;
use crate::world::World;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    guild_id: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
}

pub(super) async fn list(State(core): State<Arc<Core>>) -> Answer {
    Ok(Json(core.read(|world| {
        let people = world.users.values().filter(|it| !it.bot);
        people.map(|it| object(world, it.id)).collect()
    })))
}

/// Finds the person of this name, or lets one register; with `guild_id` they join, as the bot hears,
/// and get the roles of these ids.
pub(super) async fn add(State(core): State<Arc<Core>>, body: Bytes) -> Answer {
    let new: New = read(&body)?;
    name(&new.name)?;
    if new.guild_id.is_none() && !new.roles.is_empty() {
        return Err(wrong("roles", "expected `guild_id` with them").into());
    }
    let added = core.write(|world| {
        let guild = new.guild_id.as_deref().map(id).transpose()?;
        if let Some(guild) = guild {
            world.guild(guild)?;
        }
        let user = world.person(&new.name);
        if let Some(guild) = guild {
            world.join(guild, user);
            for role in &new.roles {
                world.set_role(guild, user, id(role)?, true)?;
            }
        }
        Ok::<_, ApiError>(object(world, user))
    });
    Ok(Json(added?))
}

/// Enough to act as this person.
pub(super) fn object(world: &World, user: Snowflake) -> Value {
    json!({ "id": user, "token": token_of(user), "username": world.name_of(user) })
}
