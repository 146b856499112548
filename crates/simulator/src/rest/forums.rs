//! Forums and media channels: their tags, and the posts that are threads in them.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::channels::{ARCHIVE_AFTER, SLOW_MODE_MAX};
use crate::rest::fields::{self, Rule};
use crate::rest::form::Form;
use crate::rest::{form, messages, place, stickers, threads};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::channel::{Channel, ChannelKind};
use crate::world::draft::Draft;
use crate::world::thread::NewThread;

const TAGS_MAX: usize = 20;
/// Tags that a post carries at most.
const APPLIED_MAX: usize = 5;
/// A flag of a channel: posts must carry a tag.
const REQUIRES_TAG: u64 = 1 << 4;

/// Reads the `available_tags` of a channel; new ones get an id.
///
/// # Errors
/// 50035 with the path of the first fault.
pub(crate) fn take_tags(world: &mut World, body: &mut Map<String, Value>) -> Result<(), ApiError> {
    let Some(tags) = fields::list(body, "available_tags")? else {
        return Ok(());
    };
    fields::few_enough(tags, TAGS_MAX, &["available_tags"])?;
    let mut taken = Vec::new();
    for (index, tag) in tags.iter().enumerate() {
        let rules = [
            ("id", Rule::Id),
            ("name", Rule::Text(1, 20)),
            ("moderated", Rule::Flag),
            ("emoji_id", Rule::Id),
            ("emoji_name", Rule::Text(1, 100)),
        ];
        let tag = fields::checked_at(&["available_tags", &index.to_string()], tag, &rules)?;
        let name = fields::required(&tag, "name")?;
        let id = tag.get("id").and_then(fields::id);
        taken.push(json!({
            "id": id.unwrap_or_else(|| world.next_id()),
            "name": name,
            "moderated": tag.get("moderated") == Some(&json!(true)),
            "emoji_id": tag.get("emoji_id"),
            "emoji_name": tag.get("emoji_name"),
        }));
    }
    body.insert("available_tags".to_owned(), taken.into());
    Ok(())
}

/// Reads the `applied_tags` of a post.
///
/// # Errors
/// 50035 for more than five, 10087 for one that the forum has not, 50013 for one that only those
/// who manage threads may give, 40067 when there must be one.
pub(crate) fn applied(
    world: &World,
    actor: Snowflake,
    forum: &Channel,
    body: &Map<String, Value>,
) -> Result<Vec<Snowflake>, ApiError> {
    let tags = fields::list(body, "applied_tags")?.unwrap_or_default();
    fields::few_enough(tags, APPLIED_MAX, &["applied_tags"])?;
    let setting = |key: &str| forum.settings.get(key).cloned().unwrap_or_default();
    if tags.is_empty() && setting("flags").as_u64().unwrap_or(0) & REQUIRES_TAG != 0 {
        return Err(ApiError::tag_required());
    }
    let available = setting("available_tags");
    let available = available.as_array().map_or(&[][..], Vec::as_slice);
    let may = world.permissions_in(actor, forum);
    for tag in tags {
        let known = available.iter().find(|it| it["id"] == *tag);
        let known = known.ok_or_else(ApiError::unknown_tag)?;
        if known["moderated"] == true && !may.allows(Permissions::MANAGE_THREADS) {
            return Err(ApiError::missing_permissions());
        }
    }
    Ok(fields::ids(&tags.into()))
}

/// Opens a post: a thread that begins with a message.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (forum, guild) = place::channel(world, call, Permissions::SEND_MESSAGES)?;
    let rules = [
        ("name", Rule::Text(1, 100)),
        ("auto_archive_duration", Rule::OneOf(ARCHIVE_AFTER)),
        ("rate_limit_per_user", Rule::Number(0, SLOW_MODE_MAX)),
        ("applied_tags", Rule::Ids),
        ("message", Rule::Any),
        // Some libraries say what kind of thread it is.
        ("type", Rule::OneOf(&[11])),
    ];
    let body = fields::checked(&call.body, &rules)?;
    let words = Form {
        body: fields::required(&body, "message")?,
        files: &call.files,
    };
    let draft = form::draft(words, form::PLAIN_FLAGS)?;
    stickers::check(world, Some(guild), &draft.stickers)?;
    let tags = applied(world, call.actor, forum, &body)?;
    let new = threads::new(forum, &body, ChannelKind::PublicThread)?;
    let forum = forum.id;
    let id = open(world, call, (guild, forum), &new, tags, draft)?;
    let mut object = payload::channel::channel(world, world.channel(id)?);
    object["message"] = messages::shown(world, id, id)?;
    Ok(Answer::created(object))
}

/// Opens a thread in a forum with its first message, which has the same id.
///
/// # Errors
/// 50006 when there is nothing in the message.
pub(crate) fn open(
    world: &mut World,
    call: &Call,
    (guild, forum): (Snowflake, Snowflake),
    new: &NewThread,
    tags: Vec<Snowflake>,
    draft: Draft,
) -> Result<Snowflake, ApiError> {
    if draft.is_empty() {
        return Err(ApiError::empty_message());
    }
    let author = draft.signature.as_ref().map_or(call.actor, |it| it.webhook);
    let id = world.open_thread(
        guild,
        forum,
        &NewThread {
            tags,
            ..new.clone()
        },
        call.by(),
    )?;
    let first = Draft {
        id: Some(id),
        ..draft
    };
    world.post(id, author, first)
}
