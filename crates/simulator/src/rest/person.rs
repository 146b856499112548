//! People over HTTP: what a person's client asks for.
//!
//! `Authorization: user <user id>` acts as that person. There are no passwords; the address is for
//! this machine only. A person uses the bot's routes with a person's permissions, but for those that
//! Discord keeps for bots, and a few of their own.
//! People are not slowed by limits or faults and stand in no list of requests: they are the test's
//! hands, not its subject.

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
pub(crate) fn find(call: &Call) -> Result<&'static Route, ApiError> {
    if let Some(own) = ROUTES.iter().find(|route| route.fits(call)) {
        return Ok(own);
    }
    let shared = routes::find(call)?;
    match shared.needs_bot && FOR_BOTS.contains(&call.part(0)) {
        true => Err(ApiError::only_bots()),
        false => Ok(shared),
    }
}

/// The commands that the person is shown in a guild.
fn command_index(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let may = guild.base_permissions(call.actor);
    let here = world.commands.values();
    let here = here.filter(|it| it.guild.is_none() || it.guild == Some(guild.id));
    let shown = here.filter(|it| it.is_in_guilds() && it.is_open_to(may));
    let newest = world.commands.values().map(|it| it.version).max();
    let bot = world.user(world.application.id)?;
    let application = json!({
        "id": bot.id,
        "name": bot.name,
        "description": "",
        "icon": null,
        "flags": payload::application::flags(world),
        "bot": payload::user::user(bot),
    });
    Ok(Answer::ok(json!({
        "applications": [application],
        "application_commands": shown
            .map(payload::command::command)
            .collect::<Vec<Value>>(),
        "version": newest.unwrap_or(guild.id),
    })))
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

/// Opens direct messages with the bot; between people there are none here.
fn open_direct(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let rules = [("recipient_id", Rule::Id), ("recipients", Rule::Ids)];
    let object = fields::checked(&call.body, &rules)?;
    let other = match object.get("recipients").map(fields::ids).as_deref() {
        Some([other]) => Some(*other),
        Some(_) => return Err(ApiError::gap("group messages")),
        None => fields::id(fields::required(&object, "recipient_id")?),
    };
    if world.user(other.ok_or_else(ApiError::unknown_user)?)?.id != world.application.id {
        return Err(ApiError::gap("direct messages between people"));
    }
    let channel = world.direct_channel(call.actor)?;
    let channel = world.channel(channel)?;
    Ok(Answer::ok(payload::channel::channel(world, channel)))
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
            SlashError::NotACommand { .. } | SlashError::NoAnswer(_) => {
                Self::form(&["data"], "BASE_TYPE_REQUIRED", &error.to_string())
            }
        }
    }
}
