//! The `message_reference` of a message: what it answers, or what it passes on.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::fields;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::draft::Draft;
use crate::world::message::Message;

/// What a message points at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reference {
    pub(crate) message: Snowflake,
    /// Where that is; here when the body does not say.
    pub(crate) channel: Option<Snowflake>,
    /// It is passed on, not answered.
    pub(crate) is_forward: bool,
    /// Whether nothing is written when there is no such message.
    pub(crate) must_exist: bool,
}

/// What of a message goes with it when it is passed on.
const KEPT: [&str; 12] = [
    "type",
    "content",
    "mentions",
    "mention_roles",
    "attachments",
    "embeds",
    "timestamp",
    "edited_timestamp",
    "flags",
    "components",
    "stickers",
    "sticker_items",
];

/// Reads the `message_reference` of a body.
///
/// # Errors
/// 50035 for one without an id, or of a type that is neither 0 nor 1.
pub(crate) fn reference(object: &Map<String, Value>) -> Result<Option<Reference>, ApiError> {
    let Some(reference) = object.get("message_reference").filter(|it| it.is_object()) else {
        return Ok(None);
    };
    let at = |key: &'static str| ["message_reference", key];
    let kind = reference["type"].as_u64().unwrap_or(0);
    if kind > 1 {
        let message = "Value must be one of {0, 1}.";
        return Err(ApiError::form(&at("type"), "BASE_TYPE_CHOICES", message));
    }
    let missing = |key| ApiError::form(&at(key), "BASE_TYPE_REQUIRED", "This field is required");
    let channel = fields::id(&reference["channel_id"]);
    if kind == 1 && channel.is_none() {
        return Err(missing("channel_id"));
    }
    Ok(Some(Reference {
        message: fields::id(&reference["message_id"]).ok_or_else(|| missing("message_id"))?,
        channel,
        is_forward: kind == 1,
        must_exist: reference["fail_if_not_exists"] != false,
    }))
}

/// Follows a reference from a channel: a message is answered where it is, or passed on as it is
/// now.
///
/// # Errors
/// 50035 for an unknown message; 160002 and 160014 without the right to read it; 160011 for words
/// of one's own about what is passed on; 50021 for what cannot be passed on.
pub(crate) fn follow(
    world: &World,
    actor: Snowflake,
    here: Snowflake,
    draft: &mut Draft,
    reference: Reference,
) -> Result<(), ApiError> {
    let there = reference.channel.unwrap_or(here);
    if !reference.is_forward {
        return answer(world, actor, here, draft, reference);
    }
    if !draft.is_empty() {
        return Err(ApiError::forward_with_content());
    }
    let wanted = Permissions::VIEW_CHANNEL | Permissions::READ_MESSAGE_HISTORY;
    let source = world.channel(there)?;
    if !world.permissions_in(actor, source).allows(wanted) {
        return Err(ApiError::forward_unread());
    }
    let message = source.message(reference.message).map_err(|_| unknown())?;
    if message.poll.is_some() || !may_go_on(message) {
        return Err(ApiError::wrong_message_kind());
    }
    let mut whole = payload::message::message(world, message);
    if let Some(fields) = whole.as_object_mut() {
        fields.retain(|key, _| KEPT.contains(&key.as_str()));
    }
    draft.snapshot = Some(json!({ "message": whole }));
    draft.reply_to = Some(message.id);
    draft.reply_channel = Some(there);
    Ok(())
}

fn answer(
    world: &World,
    actor: Snowflake,
    here: Snowflake,
    draft: &mut Draft,
    reference: Reference,
) -> Result<(), ApiError> {
    let channel = world.channel(here)?;
    let is_here = reference.channel.is_none_or(|it| it == here);
    if !is_here || !channel.messages.contains_key(&reference.message) {
        return match reference.must_exist {
            true => Err(unknown()),
            false => Ok(()),
        };
    }
    if !world
        .permissions_in(actor, channel)
        .allows(Permissions::READ_MESSAGE_HISTORY)
    {
        return Err(ApiError::reply_unread());
    }
    draft.reply_to = Some(reference.message);
    Ok(())
}

/// What people and bots wrote goes on; what Discord announced stays.
fn may_go_on(message: &Message) -> bool {
    message.notice.is_none() && !message.is_ephemeral() && !message.is_loading()
}

fn unknown() -> ApiError {
    let (path, code) = (["message_reference"], "REPLIES_UNKNOWN_MESSAGE");
    ApiError::form(&path, code, "Unknown message")
}
