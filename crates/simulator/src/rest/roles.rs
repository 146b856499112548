//! Roles of a guild.

use serde_json::{Map, Value};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::guild::Guild;
use crate::world::role::{Look, Role};

const ROLES_MAX: usize = 250;
const RULES: &[(&str, Rule)] = &[
    ("name", Rule::Text(1, 100)),
    ("permissions", Rule::Bits),
    ("color", Rule::Number(0, 0xff_ffff)),
    ("hoist", Rule::Flag),
    ("mentionable", Rule::Flag),
    ("unicode_emoji", Rule::Text(0, 100)),
    ("icon", Rule::Any),
    ("colors", Rule::Any),
];

pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    Ok(Answer::ok(payload::guild::roles(guild)))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let role = place::guild(world, call, Permissions::NONE)?.role(call.id(3)?)?;
    Ok(Answer::ok(payload::guild::role(role)))
}

/// How many members have each role; everybody has `@everyone`, which is not told.
pub(crate) fn counts(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let roles = guild.roles.keys().filter(|id| **id != guild.id);
    let count = |id: &Snowflake| {
        guild
            .members
            .values()
            .filter(|it| it.roles.contains(id))
            .count()
    };
    let counts = roles.map(|id| (id.to_string(), Value::from(count(id))));
    Ok(Answer::ok(Value::Object(counts.collect())))
}

pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_ROLES)?;
    if guild.roles.len() >= ROLES_MAX {
        return Err(ApiError::too_many_roles());
    }
    let body = match &call.body {
        Value::Null => Map::new(),
        body => read_body(body)?,
    };
    let (guild, everyone) = (guild.id, guild.role(guild.id)?.permissions);
    let mut role = Role {
        id: world.next_id(),
        name: "new role".to_owned(),
        permissions: everyone,
        position: 1,
        look: Look::default(),
        bot: None,
    };
    if let Some(given) = body.get("permissions").and_then(fields::bits) {
        let own = world.guild(guild)?.base_permissions(call.actor);
        place::may_give(own, given)?;
    }
    change(&mut role, &body);
    Ok(Answer::ok(world.create_role(guild, role, call.by())))
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.id(3)?;
    let guild = governed(world, call, id)?;
    let body = read_body(&call.body)?;
    let own = guild.base_permissions(call.actor);
    if let Some(given) = body.get("permissions").and_then(fields::bits) {
        let had = guild.role(id)?.permissions;
        let changed = Permissions::from_bits(given.bits() ^ had.bits());
        place::may_give(own, changed)?;
    }
    let guild = guild.id;
    let role = world.change_role(guild, id, call.by(), |role| change(role, &body))?;
    Ok(Answer::ok(role))
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.id(3)?;
    let guild = governed(world, call, id)?;
    if guild.id == id || guild.role(id)?.bot.is_some() {
        return Err(ApiError::form(&["role_id"], "ROLE_INVALID", "Invalid Role"));
    }
    let guild = guild.id;
    world.delete_role(guild, id, call.by())?;
    Ok(Answer::nothing())
}

/// Reads a role. Icons and gradients take boosts, which no guild here has.
///
/// # Errors
/// 50035 with every fault at its path; 50101 for what takes boosts.
fn read_body(body: &Value) -> Result<Map<String, Value>, ApiError> {
    let mut body = fields::checked(body, RULES)?;
    let [icon, emoji, colors] = ["icon", "unicode_emoji", "colors"].map(|key| {
        let value = body.remove(key);
        value.unwrap_or_default()
    });
    let is_gradient = !colors["secondary_color"].is_null() || !colors["tertiary_color"].is_null();
    if !icon.is_null() || emoji.as_str().is_some_and(|it| !it.is_empty()) || is_gradient {
        return Err(ApiError::boosts_required());
    }
    if colors.is_object() {
        let rules = [
            ("primary_color", Rule::Number(0, 0xff_ffff)),
            ("secondary_color", Rule::Any),
            ("tertiary_color", Rule::Any),
        ];
        let colors = fields::checked_at(&["colors"], &colors, &rules)?;
        let primary = fields::required_at(&["colors"], &colors, "primary_color")?;
        body.insert("color".to_owned(), primary.clone());
    }
    Ok(body)
}

/// Moves roles: `[{id, position}]`.
pub(crate) fn reorder(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_ROLES)?;
    let Some(entries) = call.body.as_array() else {
        let message = "Only iterables may be used in a ListType";
        return Err(ApiError::form(&[], "LIST_TYPE_CONVERT", message));
    };
    let mut wanted = Vec::new();
    for entry in entries {
        let rules = [("id", Rule::Id), ("position", Rule::Number(0, 250))];
        let entry = fields::checked(entry, &rules)?;
        let id = fields::id(fields::required(&entry, "id")?);
        let role = guild.role(id.ok_or_else(ApiError::unknown_role)?)?;
        let Some(position) = fields::number(&entry, "position")? else {
            continue;
        };
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        let is_allowed = guild.rules(call.actor, role.position.max(position));
        if !is_allowed || role.id == guild.id || position == 0 {
            return Err(ApiError::missing_permissions());
        }
        wanted.push((role.id, position));
    }
    let id = guild.id;
    world.order_roles(id, &wanted, call.by());
    Ok(Answer::ok(payload::guild::roles(world.guild(id)?)))
}

/// The guild, when the actor may change this role of it.
fn governed<'a>(world: &'a World, call: &Call, role: Snowflake) -> Result<&'a Guild, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_ROLES)?;
    let role = guild.role(role)?;
    match guild.rules(call.actor, role.position) {
        true => Ok(guild),
        false => Err(ApiError::missing_permissions()),
    }
}

fn change(role: &mut Role, body: &Map<String, Value>) {
    if let Some(name) = body.get("name").and_then(Value::as_str) {
        name.clone_into(&mut role.name);
    }
    if let Some(permissions) = body.get("permissions").and_then(fields::bits) {
        role.permissions = permissions;
    }
    if let Some(color) = body.get("color") {
        role.look.color = color.as_u64().unwrap_or(0);
    }
    if let Some(hoist) = body.get("hoist") {
        role.look.is_hoisted = hoist == true;
    }
    if let Some(mentionable) = body.get("mentionable") {
        role.look.is_mentionable = mentionable == true;
    }
}
