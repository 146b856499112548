//! People over HTTP: what a person's client asks for.
//!
//! `Authorization: user <user id>` acts as that person. There are no passwords; the address is for
//! this machine only. A person uses the bot's routes with a person's permissions, but for those that
//! Discord keeps for bots, and a few of their own.
//! People are not slowed by limits or faults and stand in no list of requests: they are the test's
//! hands, not its subject.

mod client;
mod interact;

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::rest::routes::{self, Route, route};
use crate::slash;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::user::User;

/// What only a person's client asks for. Of two rows that fit, the first counts.
#[rustfmt::skip]
const ROUTES: &[Route] = &[
    route("POST", "interactions", "", interact::start),
    route("GET", "guilds/*/application-command-index", "", command_index),
    route("POST", "invites/*", "", join),
    route("POST", "users/@me/channels", "", open_direct),
];

/// Parts of the API that bots have for themselves.
const FOR_BOTS: [&str; 3] = ["applications", "gateway", "oauth2"];

/// The person that this `Authorization` names; `None` when it is not for a person.
///
/// # Errors
/// 401 for one who never registered.
pub(crate) fn named(world: &World, token: Option<&str>) -> Result<Option<Snowflake>, ApiError> {
    let Some(id) = token.and_then(|token| token.strip_prefix("user ")) else {
        return Ok(None);
    };
    let id = id.trim().parse().map_err(|_| ApiError::unauthorized())?;
    match world.user(id) {
        Ok(user) if !user.bot => Ok(Some(id)),
        _ => Err(ApiError::unauthorized()),
    }
}

/// The `Authorization` of a person.
pub(crate) fn token_of(id: Snowflake) -> String {
    format!("user {id}")
}

/// Finds the operation of a person's request.
///
/// # Errors
/// 20002 for what only bots do; a gap for what nobody can do here.
pub(crate) fn find(call: &mut Call) -> Result<&'static Route, ApiError> {
    client::tidy(call);
    if let Some(own) = ROUTES.iter().find(|route| route.fits(call)) {
        return Ok(own);
    }
    let shared = routes::find(call)?;
    match shared.needs_bot && FOR_BOTS.contains(&call.part(0)) {
        true => Err(ApiError::only_bots()),
        false => Ok(shared),
    }
}

/// The commands that the person is shown in a guild, of every bot in it.
fn command_index(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let here = world.commands.values().filter(|it| {
        let is_here = it.guild.is_none() || it.guild == Some(guild.id);
        is_here && it.is_in_guilds() && world.is_here(it, Some(guild.id))
    });
    let shown = here.filter(|it| world.is_shown(call.actor, guild, it));
    let newest = world.commands.values().map(|it| it.version).max();
    let bots = guild.members.keys().filter(|id| world.is_application(**id));
    Ok(Answer::ok(json!({
        "applications": bots
            .filter_map(|id| world.users.get(id))
            .map(|bot| application(world, bot))
            .collect::<Vec<_>>(),
        "application_commands": shown
            .map(payload::command::command)
            .collect::<Vec<Value>>(),
        "version": newest.unwrap_or(guild.id),
    })))
}

fn application(world: &World, bot: &User) -> Value {
    json!({
        "id": bot.id,
        "name": bot.name,
        "description": "",
        "icon": null,
        "flags": payload::application::flags(world),
        "bot": payload::user::user(bot),
    })
}

/// Joins a guild with an invite.
fn join(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let code = call.part(1);
    let mut object = world.invite_object(world.invite(code)?);
    let guild = world.invite(code)?.guild;
    let is_new = !world.guild(guild)?.members.contains_key(&call.actor);
    world.join_by_invite(code, call.actor)?;
    object["new_member"] = json!(is_new);
    Ok(Answer::ok(object))
}

/// Opens direct messages with a bot; between people there are none here.
fn open_direct(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let rules = [("recipient_id", Rule::Id), ("recipients", Rule::Ids)];
    let object = fields::checked(&call.body, &rules)?;
    let other = match object.get("recipients").map(fields::ids).as_deref() {
        Some([other]) => Some(*other),
        Some(_) => return Err(ApiError::gap("group messages")),
        None => fields::id(fields::required(&object, "recipient_id")?),
    };
    let other = world.user(other.ok_or_else(ApiError::unknown_user)?)?.id;
    if !world.is_application(other) {
        return Err(ApiError::gap("direct messages between people"));
    }
    let channel = world.acting(other, |world| world.direct_channel(call.actor))?;
    let mut object = payload::channel::channel(world, world.channel(channel)?);
    // Channels are told as the bot sees them.
    object["recipients"] = json!([payload::user::user(world.user(other)?)]);
    Ok(Answer::ok(object))
}

impl From<slash::SlashError> for ApiError {
    fn from(error: slash::SlashError) -> Self {
        use slash::SlashError;
        match &error {
            SlashError::NotRegistered { .. } => Self::unknown_command(),
            SlashError::NotPermitted { .. } => Self::missing_permissions(),
            SlashError::BadOption { option, .. } => {
                let code = "APPLICATION_COMMAND_OPTION_INVALID";
                Self::form(&["data", "options", option], code, &error.to_string())
            }
            SlashError::NotACommand { .. }
            | SlashError::NoComponent { .. }
            | SlashError::NoAnswer(_) => {
                Self::form(&["data"], "BASE_TYPE_REQUIRED", &error.to_string())
            }
        }
    }
}
