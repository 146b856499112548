//! Invites to a guild.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::invite::NewInvite;

/// A week in seconds.
const AGE_MAX: u64 = 604_800;
/// A day in seconds.
const AGE_USUAL: u64 = 86_400;

pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (channel, guild) = place::channel(world, call, Permissions::CREATE_INSTANT_INVITE)?;
    if channel.kind.is_thread() {
        return Err(ApiError::wrong_channel_type());
    }
    let channel = channel.id;
    let rules = [
        ("max_age", Rule::Number(0, AGE_MAX)),
        ("max_uses", Rule::Number(0, 100)),
        ("temporary", Rule::Flag),
        ("unique", Rule::Flag),
        ("target_type", Rule::OneOf(&[1, 2])),
        ("target_user_id", Rule::Id),
        ("target_application_id", Rule::Id),
        ("role_ids", Rule::Ids),
    ];
    let body = match &call.body {
        Value::Null => Map::new(),
        body => fields::checked(body, &rules)?,
    };
    check_target(&body)?;
    let roles = body.get("role_ids").map(fields::ids).unwrap_or_default();
    check_roles(world, call, guild, &roles)?;
    let is = |key: &str| body.get(key) == Some(&json!(true));
    let new = NewInvite {
        max_age: fields::number(&body, "max_age")?.unwrap_or(AGE_USUAL),
        max_uses: fields::number(&body, "max_uses")?.unwrap_or(0),
        is_temporary: is("temporary"),
        is_unique: is("unique"),
        roles,
    };
    let code = world.invite_to(channel, guild, new, call.by());
    Ok(Answer::ok(world.invite_details(world.invite(&code)?)))
}

/// An invite to somebody's stream, or to an activity. Nobody streams here, and no application has
/// activities; so Discord's refusals are all there is.
fn check_target(body: &Map<String, Value>) -> Result<(), ApiError> {
    let (key, code, message) = match fields::number(body, "target_type")? {
        Some(1) => (
            "target_user_id",
            "GUILD_INVITE_INVALID_STREAMER",
            "The specified user is currently not streaming in this channel",
        ),
        Some(_) => (
            "target_application_id",
            "GUILD_INVITE_INVALID_APPLICATION",
            "The specified application is not embedded",
        ),
        None => return Ok(()),
    };
    fields::required(body, key)?;
    Err(ApiError::form(&[key], code, message))
}

/// Who comes by the invite gets these roles; the actor must be able to give them.
fn check_roles(
    world: &World,
    call: &Call,
    guild: Snowflake,
    roles: &[Snowflake],
) -> Result<(), ApiError> {
    let guild = world.guild(guild)?;
    let may = guild
        .base_permissions(call.actor)
        .allows(Permissions::MANAGE_ROLES);
    for id in roles {
        let role = guild.role(*id)?;
        let may_this = may && guild.rules(call.actor, role.position) && role.bot.is_none();
        if !may_this || *id == guild.id {
            return Err(ApiError::missing_permissions());
        }
    }
    Ok(())
}

pub(crate) fn of_channel(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (channel, guild) = place::channel(world, call, Permissions::MANAGE_CHANNELS)?;
    let invites = world
        .invites_of(guild)
        .filter(|it| it.channel == channel.id);
    Ok(Answer::ok(
        invites
            .map(|it| world.invite_details(it))
            .collect::<Vec<Value>>(),
    ))
}

pub(crate) fn of_guild(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_GUILD)?.id;
    let invites = world.invites_of(guild).map(|it| world.invite_details(it));
    Ok(Answer::ok(invites.collect::<Vec<Value>>()))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let invite = world.invite(call.part(1))?;
    let mut object = world.invite_object(invite);
    if call.flag("with_counts")? {
        let members = world.guild(invite.guild)?.members.len();
        object["approximate_member_count"] = json!(members);
        object["approximate_presence_count"] = json!(members);
    }
    if let Some(event) = call.query::<Snowflake>("guild_scheduled_event_id")? {
        let event = world.guild(invite.guild)?.event(event)?;
        object["guild_scheduled_event"] = world.scheduled_event(invite.guild, event);
    }
    Ok(Answer::ok(object))
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let invite = world.invite(call.part(1))?;
    let (code, object) = (invite.code.clone(), world.invite_object(invite));
    let may_everywhere = world.guild(invite.guild)?.base_permissions(call.actor);
    if !may_everywhere.allows(Permissions::MANAGE_GUILD) {
        world.channel_for(call.actor, invite.channel, Permissions::MANAGE_CHANNELS)?;
    }
    world.drop_invite(&code, call.by())?;
    Ok(Answer::ok(object))
}
