//! What roles and members may do in a channel.

use serde_json::{Map, Value};

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::overwrite::Overwrite;

/// Reads the `permission_overwrites` of a body.
pub(super) fn read(
    world: &World,
    call: &Call,
    guild: Snowflake,
    body: &Map<String, Value>,
) -> Result<Option<Vec<Overwrite>>, ApiError> {
    let Some(entries) = fields::list(body, "permission_overwrites")? else {
        return Ok(None);
    };
    let own = world.guild(guild)?.base_permissions(call.actor);
    let overwrites = entries.iter().map(|entry| {
        let rules = [
            ("id", Rule::Id),
            ("type", Rule::OneOf(&[0, 1])),
            ("allow", Rule::Bits),
            ("deny", Rule::Bits),
        ];
        let entry = fields::checked(entry, &rules)?;
        let id = fields::id(fields::required(&entry, "id")?);
        overwrite(world, guild, own, id.unwrap_or(Snowflake::new(0)), &entry)
    });
    overwrites.collect::<Result<Vec<_>, _>>().map(Some)
}

/// An overwrite, when the actor has the permissions that it allows and denies.
fn overwrite(
    world: &World,
    guild: Snowflake,
    own: Permissions,
    id: Snowflake,
    entry: &Map<String, Value>,
) -> Result<Overwrite, ApiError> {
    let bits = |key: &str| entry.get(key).and_then(fields::bits).unwrap_or_default();
    let home = world.guild(guild)?;
    let is_role = home.roles.contains_key(&id);
    let is_member = match fields::number(entry, "type")? {
        Some(kind) => kind == 1,
        None => !is_role,
    };
    if is_member == is_role {
        return Err(ApiError::unknown_overwrite());
    }
    place::may_give(own, bits("allow") | bits("deny"))?;
    Ok(Overwrite {
        id,
        is_member,
        allow: bits("allow"),
        deny: bits("deny"),
    })
}

pub(crate) fn set(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (channel, guild) = place::channel(world, call, Permissions::MANAGE_ROLES)?;
    let rules = [
        ("type", Rule::OneOf(&[0, 1])),
        ("allow", Rule::Bits),
        ("deny", Rule::Bits),
        // Some libraries send the id in the body too.
        ("id", Rule::Id),
    ];
    let body = fields::checked(&call.body, &rules)?;
    let own = world.permissions_in(call.actor, channel);
    let overwrite = overwrite(world, guild, own, call.id(3)?, &body)?;
    let id = channel.id;
    world.set_overwrite(id, overwrite, call.by())?;
    Ok(Answer::nothing())
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = place::channel(world, call, Permissions::MANAGE_ROLES)?.0.id;
    world.drop_overwrite(id, call.id(3)?, call.by())?;
    Ok(Answer::nothing())
}
