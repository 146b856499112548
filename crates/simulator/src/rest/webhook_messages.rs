//! What is written through a webhook by whoever knows its token.
//!
//! The token of an interaction is one too, under the application's id: follow-ups, `@original`.

use serde_json::{Map, Value};

use crate::error_codes::ApiError;
use crate::rest::call::{Answer, Call};
use crate::rest::fields;
use crate::rest::form::Form;
use crate::rest::webhooks::check_name;
use crate::rest::{form, forums, messages, slack, threads};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::channel::ChannelKind;
use crate::world::draft::Draft;
use crate::world::interaction::{self, Interaction};
use crate::world::webhook::{Signature, Webhook};

/// Writes through a webhook, or follows up on an interaction.
pub(crate) fn execute(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    if call.id(1)? == world.application.id {
        return follow_up(world, call);
    }
    let (channel, message) = write(world, call, &call.body)?;
    match call.flag("wait")? {
        true => Ok(Answer::ok(messages::shown(world, channel, message)?)),
        false => Ok(Answer::nothing()),
    }
}

/// Writes through a webhook what another service says in its own form.
pub(crate) fn execute_slack(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    write(world, call, &slack::translated(&call.body)?)?;
    Ok(Answer::ok("ok"))
}

/// Writes a message; gives its channel and its id.
fn write(world: &mut World, call: &Call, body: &Value) -> Result<(Snowflake, Snowflake), ApiError> {
    let webhook = world.webhook(call.id(1)?, Some(call.part(2)))?.clone();
    let channel = place_of(world, call, &webhook)?;
    let words = Form {
        body,
        files: &call.files,
    };
    let more = ["username", "avatar_url", "thread_name", "applied_tags"];
    let mut draft = form::webhook_draft(words, form::PLAIN_FLAGS, &more)?;
    let text = |key: &str| body[key].as_str().filter(|it| !it.is_empty());
    let name = text("username").unwrap_or(&webhook.name).to_owned();
    fields::short_enough(&name, 80, &["username"])?;
    check_name(&name)?;
    draft.signature = Some(Signature {
        webhook: webhook.id,
        name,
        avatar: text("avatar_url").map(str::to_owned).or(webhook.avatar),
        application: webhook.is_of_application.then_some(webhook.creator),
    });
    let (channel, message) = match is_for_forum(world, call, channel)? {
        true => {
            let post = open_post(world, call, channel, draft)?;
            (post, post)
        }
        false => (channel, world.post(channel, webhook.id, draft)?),
    };
    world.record_message(channel, message, crate::transcript::Deed::Said);
    Ok((channel, message))
}

/// Whether what a webhook writes begins a post.
///
/// # Errors
/// 220001 in a forum without a name for the post, 220002 with a name and a thread, 220003 with a
/// name elsewhere.
fn is_for_forum(world: &World, call: &Call, channel: Snowflake) -> Result<bool, ApiError> {
    let is_named = call.body["thread_name"].is_string();
    let is_forum = world.channel(channel)?.kind.is_forum();
    match (is_forum, is_named) {
        (true, false) => Err(ApiError::webhook_without_thread()),
        (false, true) if call.query.contains_key("thread_id") => {
            Err(ApiError::webhook_with_two_threads())
        }
        (false, true) => Err(ApiError::webhook_without_forum()),
        (is_forum, _) => Ok(is_forum),
    }
}

fn open_post(
    world: &mut World,
    call: &Call,
    forum: Snowflake,
    draft: Draft,
) -> Result<Snowflake, ApiError> {
    let channel = world.channel(forum)?;
    let guild = channel.guild.ok_or_else(ApiError::unknown_channel)?;
    let mut body = Map::new();
    body.insert("name".to_owned(), call.body["thread_name"].clone());
    body.insert("applied_tags".to_owned(), call.body["applied_tags"].clone());
    let tags = forums::applied(world, call.actor, channel, &body)?;
    let new = threads::new(channel, &body, ChannelKind::PublicThread)?;
    fields::short_enough(&new.name, 100, &["thread_name"])?;
    forums::open(world, call, (guild, forum), &new, tags, draft)
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
    let draft = form::webhook_draft(call.form(), form::ANSWER_FLAGS, &[])?;
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
