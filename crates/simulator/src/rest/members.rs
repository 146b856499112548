//! Members of a guild: found, changed, put out.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::intents::Intents;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::{Deed, action};
use crate::world::guild::Guild;
use crate::world::member::Member;
use crate::world::upload::Image;

const PAGE_MAX: usize = 1000;
/// A time-out lasts at most so long.
const TIME_OUT_MAX: TimeDelta = TimeDelta::days(28);

/// The flag that can be given to a member.
const BYPASSES_VERIFICATION: u64 = 1 << 2;

/// Each field with the permission that changing it needs.
const FIELDS: [(&str, Rule, Permissions); 7] = [
    (
        "flags",
        Rule::OneOf(&[0, BYPASSES_VERIFICATION]),
        Permissions::MODERATE_MEMBERS,
    ),
    ("nick", Rule::Text(0, 32), Permissions::MANAGE_NICKNAMES),
    ("roles", Rule::Ids, Permissions::MANAGE_ROLES),
    ("mute", Rule::Flag, Permissions::MUTE_MEMBERS),
    ("deaf", Rule::Flag, Permissions::DEAFEN_MEMBERS),
    ("channel_id", Rule::Id, Permissions::MOVE_MEMBERS),
    (
        "communication_disabled_until",
        Rule::Moment,
        Permissions::MODERATE_MEMBERS,
    ),
];

/// Refused to an application that does not have the intent for members, whatever its sessions ask for.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let application = &world.application;
    if call.actor == application.id && application.refuses(Intents::GUILD_MEMBERS) {
        return Err(ApiError::missing_access());
    }
    let limit = call.limit(1, PAGE_MAX)?;
    let after: Option<Snowflake> = call.query("after")?;
    let members = guild.members.values().filter(|it| Some(it.user) > after);
    Ok(Answer::ok(objects(world, members.take(limit))))
}

/// Members whose name or nickname begins like this.
pub(crate) fn search(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let limit = call.limit(1, PAGE_MAX)?;
    let query = call.query.get("query").map(|it| it.to_lowercase());
    let message = "This field is required";
    let query = query.ok_or_else(|| ApiError::form(&["query"], "BASE_TYPE_REQUIRED", message))?;
    let found = guild.members.values().filter(|it| {
        let nick = it.nick.as_ref().map(|nick| nick.to_lowercase());
        let name = world.name_of(it.user).to_lowercase();
        name.starts_with(&query) || nick.is_some_and(|nick| nick.starts_with(&query))
    });
    Ok(Answer::ok(objects(world, found.take(limit))))
}

fn objects<'a>(world: &World, members: impl Iterator<Item = &'a Member>) -> Vec<Value> {
    members
        .map(|it| payload::guild::member(world, it))
        .collect()
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let user = call.user(3)?;
    let guild = place::guild(world, call, Permissions::NONE)?;
    world.user(user)?;
    let member = guild.member(user)?;
    Ok(Answer::ok(payload::guild::member(world, member)))
}

/// The actor's own membership.
pub(crate) fn read_own(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = world.guild(call.id(3)?)?;
    let member = guild
        .member(call.actor)
        .map_err(|_| ApiError::unknown_guild())?;
    Ok(Answer::ok(payload::guild::member(world, member)))
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let user = call.user(3)?;
    let guild = place::guild(world, call, Permissions::NONE)?;
    guild.member(user)?;
    let rules = FIELDS.map(|(key, rule, _)| (key, rule));
    let body = fields::checked(&call.body, &rules)?;
    let own = guild.base_permissions(call.actor);
    for (key, _, wanted) in FIELDS.iter().filter(|(key, ..)| body.contains_key(*key)) {
        let is_own_nick = user == call.actor && *key == "nick";
        let may_own = is_own_nick && own.allows(Permissions::CHANGE_NICKNAME);
        if !own.allows(*wanted) && !may_own {
            return Err(ApiError::missing_permissions());
        }
        let is_free = user == call.actor || guild.outranks(call.actor, user);
        if !is_free && !matches!(*key, "mute" | "deaf" | "channel_id") {
            return Err(ApiError::missing_permissions());
        }
    }
    check_roles(guild, call, user, &body)?;
    check_time_out(world, guild, user, &body)?;
    let guild = guild.id;
    if let Some(channel) = body.get("channel_id") {
        move_to(world, guild, user, fields::id(channel))?;
    }
    Ok(Answer::ok(change(world, call, guild, user, &body)?))
}

/// Moves somebody who is in a voice channel to another, or out of it.
fn move_to(
    world: &mut World,
    guild: Snowflake,
    user: Snowflake,
    channel: Option<Snowflake>,
) -> Result<(), ApiError> {
    let state = world.voice_states.get(&(guild, user)).copied();
    let mut state = state.ok_or_else(ApiError::not_in_voice)?;
    let Some(channel) = channel else {
        world.set_voice(guild, user, None);
        return Ok(());
    };
    let known = world.channel(channel)?;
    if known.guild != Some(guild) || !known.kind.is_spoken() {
        return Err(ApiError::wrong_channel_type());
    }
    state.channel = channel;
    world.set_voice(guild, user, Some(state));
    Ok(())
}

/// Changes the actor's own nickname, and the images that they show here.
pub(crate) fn edit_own(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?.id;
    let rules = [
        ("nick", Rule::Text(0, 32)),
        ("avatar", Rule::Image),
        ("banner", Rule::Image),
        ("bio", Rule::Text(0, 190)),
    ];
    let mut body = fields::checked(&call.body, &rules)?;
    if body.contains_key("nick") {
        place::guild(world, call, Permissions::CHANGE_NICKNAME)?;
    }
    for (key, folder) in [("avatar", "avatars"), ("banner", "banners")] {
        let image = body.get(key).and_then(Value::as_str).and_then(Image::parse);
        if let Some(image) = image {
            let folder = format!("guilds/{guild}/users/{}/{folder}", call.actor);
            let hash = world.keep_image(&folder, call.actor, &image);
            body.insert(key.to_owned(), json!(hash));
        }
    }
    Ok(Answer::ok(change(world, call, guild, call.actor, &body)?))
}

/// Every role that is given or taken must exist, stand below the actor, and not be a bot's.
fn check_roles(
    guild: &Guild,
    call: &Call,
    user: Snowflake,
    body: &Map<String, Value>,
) -> Result<(), ApiError> {
    let Some(wanted) = body.get("roles") else {
        return Ok(());
    };
    let (wanted, had) = (fields::ids(wanted), &guild.member(user)?.roles);
    let given = wanted.iter().filter(|id| !had.contains(id));
    let taken = had.iter().filter(|id| !wanted.contains(id));
    for id in given.chain(taken) {
        let role = guild.role(*id)?;
        if !guild.rules(call.actor, role.position) || role.bot.is_some() || *id == guild.id {
            return Err(ApiError::missing_permissions());
        }
    }
    Ok(())
}

fn check_time_out(
    world: &World,
    guild: &Guild,
    user: Snowflake,
    body: &Map<String, Value>,
) -> Result<(), ApiError> {
    let end = body
        .get("communication_disabled_until")
        .and_then(fields::moment);
    let Some(end) = end else {
        return Ok(());
    };
    if end > world.now() + TIME_OUT_MAX {
        let (path, code) = (["communication_disabled_until"], "DATE_TIME_TYPE_MAX");
        return Err(ApiError::form(
            &path,
            code,
            "The date must be within 28 days.",
        ));
    }
    // Administrators cannot be timed out.
    match guild
        .base_permissions(user)
        .allows(Permissions::ADMINISTRATOR)
    {
        true => Err(ApiError::missing_permissions()),
        false => Ok(()),
    }
}

fn change(
    world: &mut World,
    call: &Call,
    guild: Snowflake,
    user: Snowflake,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    let mut member = world.guild(guild)?.member(user)?.clone();
    let old = payload::guild::member(world, &member);
    if let Some(nick) = body.get("nick") {
        member.nick = nick.as_str().filter(|it| !it.is_empty()).map(str::to_owned);
    }
    if let Some(roles) = body.get("roles") {
        member.roles = fields::ids(roles);
        member.roles.sort_unstable();
        member.roles.dedup();
    }
    member.is_mute = body.get("mute").map_or(member.is_mute, |it| it == true);
    member.is_deaf = body.get("deaf").map_or(member.is_deaf, |it| it == true);
    let text = |key: &str| body.get(key).map(|it| it.as_str().map(str::to_owned));
    member.avatar = text("avatar").unwrap_or(member.avatar);
    member.banner = text("banner").unwrap_or(member.banner);
    member.flags = fields::number(body, "flags")?.unwrap_or(member.flags);
    if let Some(end) = body.get("communication_disabled_until") {
        member.timed_out_until = fields::moment(end);
    }
    let new = payload::guild::member(world, &member);
    if old == new {
        return Ok(new);
    }
    let deeds = deeds(world, guild, user, &old, &new);
    world.change_member(guild, &member)?;
    for deed in deeds {
        world.audit(guild, call.by(), deed);
    }
    Ok(new)
}

/// What the log says: roles apart from the rest.
fn deeds(world: &World, guild: Snowflake, user: Snowflake, old: &Value, new: &Value) -> Vec<Deed> {
    let mut deeds = Vec::new();
    let without_roles = |object: &Value| {
        let mut object = object.clone();
        object["roles"] = Value::Null;
        object
    };
    let (plain_old, plain_new) = (without_roles(old), without_roles(new));
    if plain_old != plain_new {
        deeds.push(Deed::new(action::MEMBER_UPDATE, user).between(&plain_old, &plain_new));
    }
    let (had, has) = (fields::ids(&old["roles"]), fields::ids(&new["roles"]));
    let name = |id: &Snowflake| {
        let role = world.guilds.get(&guild).and_then(|it| it.roles.get(id));
        json!({ "id": id, "name": role.map(|it| &it.name) })
    };
    let given: Vec<_> = has
        .iter()
        .filter(|id| !had.contains(id))
        .map(name)
        .collect();
    let taken: Vec<_> = had
        .iter()
        .filter(|id| !has.contains(id))
        .map(name)
        .collect();
    let changes = [("$add", given), ("$remove", taken)];
    let changes = changes.into_iter().filter(|(_, roles)| !roles.is_empty());
    let changes = changes.map(|(key, roles)| json!({ "key": key, "new_value": roles }));
    let changes: Vec<_> = changes.collect();
    if !changes.is_empty() {
        deeds.push(Deed::new(action::MEMBER_ROLE_UPDATE, user).changes(changes));
    }
    deeds
}

pub(crate) fn kick(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let user = call.id(3)?;
    let guild = place::guild(world, call, Permissions::KICK_MEMBERS)?;
    guild.member(user)?;
    place::above(guild, call, user)?;
    let guild = guild.id;
    world.kick(guild, user, call.by());
    Ok(Answer::nothing())
}

pub(crate) fn give_role(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    change_role(world, call, true)
}

pub(crate) fn take_role(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    change_role(world, call, false)
}

fn change_role(world: &mut World, call: &Call, given: bool) -> Result<Answer, ApiError> {
    let (user, id) = (call.user(3)?, call.id(5)?);
    let guild = place::guild(world, call, Permissions::NONE)?;
    let role = guild.role(id)?;
    let may = guild
        .base_permissions(call.actor)
        .allows(Permissions::MANAGE_ROLES);
    if !may || !guild.rules(call.actor, role.position) || role.bot.is_some() || id == guild.id {
        return Err(ApiError::missing_permissions());
    }
    world.user(user)?;
    let mut roles = guild.member(user)?.roles.clone();
    roles.retain(|it| *it != id);
    if given {
        roles.push(id);
    }
    let body = Map::from_iter([("roles".to_owned(), json!(roles))]);
    let guild = guild.id;
    change(world, call, guild, user, &body)?;
    Ok(Answer::nothing())
}
