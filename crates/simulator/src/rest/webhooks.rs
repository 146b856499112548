//! Webhooks: managed by those who may, and written through by whoever knows the token.
//!
//! The token of an interaction is one too, under the application's id: follow-ups, `@original`.

use serde_json::Value;

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::{form, messages, place};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::interaction::{self, Interaction};
use crate::world::upload::Image;
use crate::world::webhook::{Signature, Webhook};

/// How many webhooks a channel has at most.
const WEBHOOKS_MAX: usize = 15;
const RULES: [(&str, Rule); 2] = [("name", Rule::Text(1, 80)), ("avatar", Rule::Image)];

pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (channel, guild) = place::channel(world, call, Permissions::MANAGE_WEBHOOKS)?;
    if channel.kind.is_thread() || !channel.kind.is_written() {
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
fn check_name(name: &str) -> Result<(), ApiError> {
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

/// Writes through a webhook, or follows up on an interaction.
pub(crate) fn execute(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    if call.id(1)? == world.application.id {
        return follow_up(world, call);
    }
    let webhook = world.webhook(call.id(1)?, Some(call.part(2)))?.clone();
    let channel = place_of(world, call, &webhook)?;
    let more = ["username", "avatar_url"];
    let mut draft = form::draft_with(call.form(), form::PLAIN_FLAGS, &more)?;
    if draft.reference.is_some() {
        return Err(ApiError::gap("a webhook that replies"));
    }
    let text = |key: &str| call.body[key].as_str().filter(|it| !it.is_empty());
    let name = text("username").unwrap_or(&webhook.name).to_owned();
    fields::short_enough(&name, 80, &["username"])?;
    check_name(&name)?;
    draft.signature = Some(Signature {
        webhook: webhook.id,
        name,
        avatar: text("avatar_url").map(str::to_owned).or(webhook.avatar),
        application: webhook.is_of_application.then_some(webhook.creator),
    });
    let message = world.post(channel, webhook.id, draft)?;
    world.record_message(channel, message, crate::transcript::Deed::Said);
    match call.flag("wait")? {
        true => Ok(Answer::ok(messages::shown(world, channel, message)?)),
        false => Ok(Answer::nothing()),
    }
}

/// The webhook's channel, or the thread of it that the request names.
fn place_of(world: &World, call: &Call, webhook: &Webhook) -> Result<Snowflake, ApiError> {
    let Some(thread) = call.query::<Snowflake>("thread_id")? else {
        return Ok(webhook.channel);
    };
    match world.channel(thread)?.parent == Some(webhook.channel) {
        true => Ok(thread),
        false => Err(ApiError::unknown_channel()),
    }
}

fn follow_up(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (id, channel) = {
        let interaction = answered(world, call)?;
        (interaction.id, interaction.channel)
    };
    let draft = form::draft(call.form(), form::ANSWER_FLAGS)?;
    let message = world.follow_up(id, draft)?;
    Ok(Answer::ok(messages::shown(world, channel, message)?))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let target = target(world, call)?;
    Ok(Answer::ok(messages::shown(
        world,
        target.channel,
        target.message,
    )?))
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let Target {
        interaction,
        channel,
        message,
    } = target(world, call)?;
    let edit = form::edit(call.form())?;
    match interaction {
        Some(id) => world.edit_answer(id, message, edit)?,
        None => world.edit(channel, message, edit)?,
    }
    Ok(Answer::ok(messages::shown(world, channel, message)?))
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let Target {
        interaction,
        channel,
        message,
    } = target(world, call)?;
    world.delete(channel, message)?;
    let interaction = interaction.and_then(|id| world.interactions.get_mut(&id));
    if let Some(interaction) = interaction {
        interaction.follow_ups.retain(|known| *known != message);
        if interaction.answer == (interaction::Answer::Deferred { message }) {
            let was_deferred = true;
            interaction.answer = interaction::Answer::Message {
                message,
                was_deferred,
            };
        }
    }
    Ok(Answer::nothing())
}

fn answered<'a>(world: &'a World, call: &Call) -> Result<&'a Interaction, ApiError> {
    world.answered_interaction(call.part(2))
}

/// The message that a path under a token names.
struct Target {
    /// The interaction that it answers; `None` when a webhook wrote it.
    interaction: Option<Snowflake>,
    channel: Snowflake,
    message: Snowflake,
}

fn target(world: &World, call: &Call) -> Result<Target, ApiError> {
    if call.id(1)? != world.application.id {
        return written(world, call);
    }
    let interaction = answered(world, call)?;
    let original = interaction.answer.original();
    let message = match call.part(4) {
        "@original" => original.ok_or_else(ApiError::unknown_message)?,
        _ => call.id(4)?,
    };
    let is_ours = original == Some(message) || interaction.follow_ups.contains(&message);
    if !is_ours {
        return Err(ApiError::unknown_message());
    }
    Ok(Target {
        interaction: Some(interaction.id),
        channel: interaction.channel,
        message,
    })
}

/// A message that the webhook of the path wrote.
fn written(world: &World, call: &Call) -> Result<Target, ApiError> {
    let webhook = world.webhook(call.id(1)?, Some(call.part(2)))?;
    let channel = place_of(world, call, webhook)?;
    let message = world.channel(channel)?.message(call.id(4)?)?;
    let signature = message.signature.as_ref();
    match signature.is_some_and(|it| it.webhook == webhook.id) {
        true => Ok(Target {
            interaction: None,
            channel,
            message: message.id,
        }),
        false => Err(ApiError::unknown_message()),
    }
}
