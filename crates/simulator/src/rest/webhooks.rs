//! Later answers to an interaction, under its token: follow-ups, `@original`, edits, deletions.

use crate::error_codes::ApiError;
use crate::rest::call::{Answer, Call};
use crate::rest::{form, messages};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::interaction::{self, Interaction};

pub(crate) fn follow_up(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (id, channel) = {
        let interaction = answered(world, call)?;
        (interaction.id, interaction.channel)
    };
    let draft = form::draft(call.form(), form::ANSWER_FLAGS)?;
    let message = world.follow_up(id, draft)?;
    Ok(Answer::ok(messages::shown(world, channel, message)?))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (_, channel, message) = target(world, call)?;
    Ok(Answer::ok(messages::shown(world, channel, message)?))
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (id, channel, message) = target(world, call)?;
    world.edit_answer(id, message, form::edit(call.form())?)?;
    Ok(Answer::ok(messages::shown(world, channel, message)?))
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (id, channel, message) = target(world, call)?;
    world.delete(channel, message)?;
    if let Some(interaction) = world.interactions.get_mut(&id) {
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
    if call.id(1)? != world.application.id {
        return Err(ApiError::unknown_webhook());
    }
    world.answered_interaction(call.part(2))
}

/// The interaction, its channel, and the one of its messages that the path names.
fn target(world: &World, call: &Call) -> Result<(Snowflake, Snowflake, Snowflake), ApiError> {
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
    Ok((interaction.id, interaction.channel, message))
}
