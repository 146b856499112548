//! Messages on the wire.

use serde_json::{Value, json};

use crate::payload::{self, timestamp};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::message::{HAS_THREAD, Message, Notice, Origin};

/// What a session without the intent for content gets empty.
const CONTENT_FIELDS: [&str; 3] = ["embeds", "attachments", "components"];

const COMMAND: u8 = 2;
const COMPONENT: u8 = 3;

/// A message as the bot reads it.
pub(crate) fn message(world: &World, it: &Message) -> Value {
    message_for(world, it, world.application.id)
}

/// A message as `reader` reads it.
pub(crate) fn message_for(world: &World, message: &Message, reader: Snowflake) -> Value {
    let mentions = message.mentions.iter().filter_map(|id| world.users.get(id));
    let attachments = message.attachments.iter().map(|it| world.attachment(it));
    let mut object = json!({
        "id": message.id,
        "channel_id": message.channel,
        "content": message.content,
        "timestamp": timestamp(message.timestamp),
        "edited_timestamp": message.edited.map(timestamp),
        "tts": message.is_spoken,
        "mention_everyone": message.mentions_everyone,
        "mention_roles": message.mentioned_roles,
        "embeds": message.embeds,
        "components": message.components,
        "pinned": message.pinned.is_some(),
        "flags": message.flags,
        "type": message.kind(),
    });
    // What is made here is moved in: `json!` would copy it.
    object["author"] = author(world, message);
    object["mentions"] = mentions.map(payload::user::user).collect();
    object["attachments"] = attachments.collect();
    if let Some(nonce) = &message.nonce {
        object["nonce"] = nonce.clone();
    }
    if !message.reactions.is_empty() {
        let reactions = message.reactions.iter().map(|it| it.object(reader));
        object["reactions"] = reactions.collect();
    }
    if let Some(poll) = &message.poll {
        object["poll"] = poll.object(reader);
    }
    if !message.stickers.is_empty() {
        let items = message
            .stickers
            .iter()
            .filter_map(|id| world.sticker_item(*id));
        object["sticker_items"] = items.collect();
    }
    if let Some(snapshot) = &message.snapshot {
        object["message_snapshots"] = json!([snapshot]);
    }
    if let Some(signature) = &message.signature {
        object["webhook_id"] = json!(signature.webhook);
        if let Some(application) = signature.application {
            object["application_id"] = json!(application);
        }
    }
    if message.flags & HAS_THREAD != 0
        && let Some(thread) = world.channels.get(&message.id)
    {
        object["thread"] = payload::channel::channel(world, thread);
    }
    if let Some(origin) = &message.origin {
        add_origin(world, message, origin, &mut object);
    }
    if message.reply_to.is_some() || message.reply_channel.is_some() {
        add_reference(world, message, &mut object);
    }
    object
}

fn add_origin(world: &World, message: &Message, origin: &Origin, object: &mut Value) {
    object["application_id"] = json!(message.author);
    object["webhook_id"] = json!(message.author);
    if origin.kind == COMMAND {
        object["interaction"] = json!({
            "id": origin.interaction,
            "type": origin.kind,
            "name": origin.command,
            "user": world.users.get(&origin.user).map(payload::user::user),
        });
    }
    object["interaction_metadata"] = metadata(world, message, origin);
}

fn metadata(world: &World, message: &Message, origin: &Origin) -> Value {
    let guild = world.channels.get(&message.channel).and_then(|it| it.guild);
    let owner = guild.map_or("0".to_owned(), |id| id.to_string());
    let mut metadata = json!({
        "id": origin.interaction,
        "type": origin.kind,
        "user": world.users.get(&origin.user).map(payload::user::user),
        "authorizing_integration_owners": { "0": owner },
    });
    if let Some(original) = origin.original {
        metadata["original_response_message_id"] = json!(original);
    }
    if let Some(source) = origin.message.filter(|_| origin.kind == COMPONENT) {
        metadata["interacted_message_id"] = json!(source);
    }
    if let Some(trigger) = &origin.trigger {
        let trigger = self::metadata(world, message, trigger);
        metadata["triggering_interaction_metadata"] = trigger;
    }
    metadata
}

fn author(world: &World, message: &Message) -> Value {
    match &message.signature {
        Some(signature) => signature.author(),
        None => json!(world.users.get(&message.author).map(payload::user::user)),
    }
}

fn add_reference(world: &World, it: &Message, object: &mut Value) {
    let home = it.reply_channel.unwrap_or(it.channel);
    let kind = u8::from(it.snapshot.is_some());
    let mut reference = json!({ "type": kind, "channel_id": home });
    if let Some(id) = it.reply_to {
        reference["message_id"] = json!(id);
    }
    if let Some(guild) = world.channels.get(&home).and_then(|it| it.guild) {
        reference["guild_id"] = json!(guild);
    }
    object["message_reference"] = reference;
    let Some(id) = it
        .reply_to
        .filter(|_| it.notice != Some(Notice::Pinned) && it.is_reply())
    else {
        return;
    };
    let referenced = world
        .channels
        .get(&home)
        .and_then(|it| it.messages.get(&id));
    object["referenced_message"] = referenced.map_or(Value::Null, |referenced| {
        let mut referenced = referenced.clone();
        referenced.reply_to = None;
        message(world, &referenced)
    });
}

/// A message in `MESSAGE_CREATE` and `MESSAGE_UPDATE`: with its guild and the author's membership.
pub(crate) fn event(world: &World, it: &Message) -> Value {
    let mut object = message(world, it);
    let channel = &world.channels[&it.channel];
    object["channel_type"] = json!(channel.kind as u8);
    let guild = channel.guild.and_then(|id| world.guilds.get(&id));
    let Some(guild) = guild else {
        return object;
    };
    object["guild_id"] = json!(guild.id);
    let partial = |id| guild.members.get(&id).map(payload::guild::partial_member);
    if it.origin.is_none()
        && it.signature.is_none()
        && let Some(member) = partial(it.author)
    {
        object["member"] = member;
    }
    for (user, id) in object["mentions"]
        .as_array_mut()
        .into_iter()
        .flatten()
        .zip(&it.mentions)
    {
        if let Some(member) = partial(*id) {
            user["member"] = member;
        }
    }
    object
}

/// Empties what only sessions with the intent for content may read.
pub(crate) fn without_content(object: &Value) -> Value {
    let mut object = object.clone();
    blank(&mut object);
    let snapshots = object.get_mut("message_snapshots");
    let snapshots = snapshots.and_then(Value::as_array_mut);
    for snapshot in snapshots.into_iter().flatten() {
        blank(&mut snapshot["message"]);
    }
    if let Some(fields) = object.as_object_mut() {
        fields.remove("poll");
    }
    object
}

fn blank(object: &mut Value) {
    object["content"] = json!("");
    for field in CONTENT_FIELDS {
        if object.get(field).is_some() {
            object[field] = json!([]);
        }
    }
}
