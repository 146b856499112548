//! Worlds: what guilds there are, and planting more.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde_json::{Value, json};

use crate::control::{Answer, read, wrong};
use crate::core::Core;
use crate::payload;
use crate::seed::Plan;
use crate::world::World;
use crate::world::guild::Guild;

/// Guilds with their channels and roles, and how many are members.
pub(super) async fn list(State(core): State<Arc<Core>>) -> Answer {
    Ok(Json(core.read(|world| {
        let guilds = world.guilds.values();
        guilds.map(|guild| object(world, guild)).collect()
    })))
}

fn object(world: &World, guild: &Guild) -> Value {
    let channels = guild
        .channels
        .iter()
        .filter_map(|id| world.channels.get(id));
    let channels =
        channels.map(|it| json!({ "id": it.id, "name": it.name, "type": it.kind as u8 }));
    json!({
        "id": guild.id,
        "name": guild.name,
        "owner_id": guild.owner,
        "member_count": guild.members.len(),
        "channels": channels.collect::<Vec<_>>(),
        "roles": guild.roles.values().map(payload::guild::role).collect::<Vec<_>>(),
    })
}

/// Plants what a world file holds, as JSON; answers as the seed file of `cogsmith simulator`.
pub(super) async fn plant(State(core): State<Arc<Core>>, body: Bytes) -> Answer {
    let plan: Plan = read(&body)?;
    let errors = plan.check();
    if !errors.is_empty() {
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        return Err(wrong("body", &errors.join("; ")).into());
    }
    let seed = plan.plant_in(&core);
    Ok(Json(json!(seed)))
}
