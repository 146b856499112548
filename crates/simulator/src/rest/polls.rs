//! Polls: asked with a message, counted, ended.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::messages;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::poll::NewPoll;
use crate::world::reaction::Used;

const ANSWERS_MAX: usize = 10;
/// 32 days.
const HOURS_MAX: u64 = 768;
/// A day.
const HOURS: u64 = 24;

/// Reads the `poll` of a body; `None` when there is no such field.
///
/// # Errors
/// 50035 with the path of the first fault.
pub(crate) fn poll(object: &Map<String, Value>) -> Result<Option<NewPoll>, ApiError> {
    let Some(poll) = object.get("poll").filter(|it| !it.is_null()) else {
        return Ok(None);
    };
    let rules = [
        ("question", Rule::Any),
        ("answers", Rule::Any),
        ("duration", Rule::Number(1, HOURS_MAX)),
        ("allow_multiselect", Rule::Flag),
        ("layout_type", Rule::OneOf(&[1])),
    ];
    let poll = fields::checked_at(&["poll"], poll, &rules)?;
    let question = poll.get("question").unwrap_or(&Value::Null);
    let (question, _) = media(question, &["poll", "question"], 300)?;
    let answers = fields::list(&poll, "answers")?.unwrap_or_default();
    if !(1..=ANSWERS_MAX).contains(&answers.len()) {
        let message = "Must be between 1 and 10 in length.";
        let path = ["poll", "answers"];
        return Err(ApiError::form(&path, "BASE_TYPE_BAD_LENGTH", message));
    }
    let answers = answers.iter().enumerate().map(|(index, answer)| {
        let index = index.to_string();
        let path = ["poll", "answers", &index, "poll_media"];
        media(&answer["poll_media"], &path, 55)
    });
    Ok(Some(NewPoll {
        question,
        answers: answers.collect::<Result<_, _>>()?,
        is_multiple: poll.get("allow_multiselect") == Some(&json!(true)),
        hours: fields::number(&poll, "duration")?.unwrap_or(HOURS),
    }))
}

/// A text and its emoji.
fn media(media: &Value, path: &[&str], length: usize) -> Result<(String, Option<Used>), ApiError> {
    let rules = [("text", Rule::Text(1, length)), ("emoji", Rule::Any)];
    let media = fields::checked_at(path, media, &rules)?;
    let emoji = media
        .get("emoji")
        .filter(|it| it.is_object())
        .map(|emoji| Used {
            id: fields::id(&emoji["id"]),
            name: emoji["name"].as_str().unwrap_or("").to_owned(),
            is_animated: emoji["animated"] == true,
        });
    let text = media.get("text").and_then(Value::as_str);
    let path = [path, &["text"]].concat();
    let missing = || ApiError::form(&path, "BASE_TYPE_REQUIRED", "This field is required");
    Ok((text.ok_or_else(missing)?.to_owned(), emoji))
}

/// Who chose an answer, by id.
pub(crate) fn voters(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let wanted = Permissions::READ_MESSAGE_HISTORY;
    let channel = world.channel_for(call.actor, call.id(1)?, wanted)?;
    let message = channel.message(call.id(3)?)?;
    let poll = message.poll.as_ref().ok_or_else(ApiError::no_poll)?;
    let answer = call.part(5).parse().ok().and_then(|it| poll.voters(it));
    let unknown = || ApiError::form(&["answer_id"], "BASE_TYPE_CHOICES", "Invalid poll answer");
    let mut voters = answer.ok_or_else(unknown)?.to_vec();
    let limit = call.limit(25, 100)?;
    let after: Option<Snowflake> = call.query("after")?;
    voters.sort_unstable();
    let page = voters
        .into_iter()
        .filter(|id| Some(*id) > after)
        .take(limit);
    let users = page.filter_map(|id| world.users.get(&id));
    let users: Vec<_> = users.map(payload::user::user).collect();
    Ok(Answer::ok(json!({ "users": users })))
}

/// Ends the bot's own poll before its time.
pub(crate) fn expire(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (id, message) = (call.id(1)?, call.id(3)?);
    world.channel_for(call.actor, id, Permissions::VIEW_CHANNEL)?;
    world.expire_poll(id, message, call.actor)?;
    Ok(Answer::ok(messages::shown(world, id, message)?))
}
