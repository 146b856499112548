//! Webhooks: made, changed, deleted by those who may, or by whoever knows the token.

use serde_json::Value;

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::upload::Image;
use crate::world::webhook::Webhook;

/// How many webhooks a channel has at most.
const WEBHOOKS_MAX: usize = 15;
const RULES: [(&str, Rule); 2] = [("name", Rule::Text(1, 80)), ("avatar", Rule::Image)];

pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (channel, guild) = place::channel(world, call, Permissions::MANAGE_WEBHOOKS)?;
    let may_be = channel.kind.is_written() || channel.kind.is_forum();
    if channel.kind.is_thread() || !may_be {
        return Err(ApiError::wrong_channel_type());
    }
    let channel = channel.id;
    let body = fields::checked(&call.body, &RULES)?;
    let name = fields::required(&body, "name")?
        .as_str()
        .unwrap_or("")
        .trim()
        .to_owned();
    check_name(&name)?;
    if world
        .webhooks
        .values()
        .filter(|it| it.channel == channel)
        .count()
        >= WEBHOOKS_MAX
    {
        return Err(ApiError::too_many_webhooks());
    }
    let avatar = image(body.get("avatar"));
    let id = world.create_webhook(guild, channel, name, avatar.as_ref(), call.by());
    Ok(Answer::ok(world.webhook_object(world.webhook(id, None)?)))
}

fn image(field: Option<&Value>) -> Option<Image> {
    field.and_then(Value::as_str).and_then(Image::parse)
}

/// Discord keeps some names for itself.
pub(super) fn check_name(name: &str) -> Result<(), ApiError> {
    let small = name.to_lowercase();
    let taken = ["clyde", "discord"]
        .into_iter()
        .find(|taken| small.contains(taken));
    let Some(taken) = taken else {
        return Ok(());
    };
    let message = format!("Username cannot contain \"{taken}\"");
    Err(ApiError::form(
        &["name"],
        "USERNAME_INVALID_CONTAINS",
        &message,
    ))
}

pub(crate) fn of_channel(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (channel, _) = place::channel(world, call, Permissions::MANAGE_WEBHOOKS)?;
    let webhooks = world
        .webhooks
        .values()
        .filter(|it| it.channel == channel.id);
    Ok(Answer::ok(
        webhooks
            .map(|it| world.webhook_object(it))
            .collect::<Vec<Value>>(),
    ))
}

pub(crate) fn of_guild(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_WEBHOOKS)?.id;
    let webhooks = world.webhooks.values().filter(|it| it.guild == guild);
    Ok(Answer::ok(
        webhooks
            .map(|it| world.webhook_object(it))
            .collect::<Vec<Value>>(),
    ))
}

pub(crate) fn read_own(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let webhook = managed(world, call)?;
    Ok(Answer::ok(world.webhook_object(webhook)))
}

pub(crate) fn read_by_token(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let webhook = world.webhook(call.id(1)?, Some(call.part(2)))?;
    Ok(Answer::ok(world.webhook_without_creator(webhook)))
}

/// A webhook in a channel where the actor manages webhooks.
fn managed<'a>(world: &'a World, call: &Call) -> Result<&'a Webhook, ApiError> {
    let webhook = world.webhook(call.id(1)?, None)?;
    world.channel_for(call.actor, webhook.channel, Permissions::MANAGE_WEBHOOKS)?;
    Ok(webhook)
}

pub(crate) fn change_own(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let webhook = managed(world, call)?;
    let (id, guild) = (webhook.id, webhook.guild);
    let rules = [&RULES[..], &[("channel_id", Rule::Id)]].concat();
    let body = fields::checked(&call.body, &rules)?;
    let channel = body.get("channel_id").and_then(fields::id);
    if let Some(channel) = channel {
        let channel = world.channel_for(call.actor, channel, Permissions::MANAGE_WEBHOOKS)?;
        if channel.guild != Some(guild) {
            return Err(ApiError::unknown_channel());
        }
    }
    change(world, call, id, &body, channel)?;
    Ok(Answer::ok(world.webhook_object(world.webhook(id, None)?)))
}

pub(crate) fn change_by_token(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = world.webhook(call.id(1)?, Some(call.part(2)))?.id;
    let body = fields::checked(&call.body, &RULES)?;
    change(world, call, id, &body, None)?;
    Ok(Answer::ok(
        world.webhook_without_creator(world.webhook(id, None)?),
    ))
}

fn change(
    world: &mut World,
    call: &Call,
    id: Snowflake,
    body: &serde_json::Map<String, Value>,
    channel: Option<Snowflake>,
) -> Result<(), ApiError> {
    let name = fields::string(body, "name")?;
    name.map_or(Ok(()), check_name)?;
    let avatar = image(body.get("avatar"));
    let avatar = avatar.map(|image| world.keep_image("avatars", id, &image));
    world.change_webhook(id, call.by(), |webhook| {
        if let Some(name) = name {
            name.clone_into(&mut webhook.name);
        }
        if body.contains_key("avatar") {
            webhook.avatar = avatar;
        }
        webhook.channel = channel.unwrap_or(webhook.channel);
    })
}

pub(crate) fn drop_own(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = managed(world, call)?.id;
    world.drop_webhook(id, call.by())?;
    Ok(Answer::nothing())
}

pub(crate) fn drop_by_token(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = world.webhook(call.id(1)?, Some(call.part(2)))?.id;
    world.drop_webhook(id, call.by())?;
    Ok(Answer::nothing())
}
