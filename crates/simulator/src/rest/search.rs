//! Search: for messages of a guild, and for posts of a forum.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::{place, threads};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::channel::Channel;
use crate::world::message::Message;

const PAGE_MAX: usize = 25;
const OFFSET_MAX: usize = 9975;

/// Where a page begins, and how long it is.
fn page(call: &Call) -> Result<(usize, usize), ApiError> {
    let offset = call.query("offset")?.unwrap_or(0);
    if offset > OFFSET_MAX {
        let message = format!("int value should be between 0 and {OFFSET_MAX}.");
        return Err(ApiError::form(&["offset"], "NUMBER_TYPE_MAX", &message));
    }
    Ok((offset, call.limit(PAGE_MAX, PAGE_MAX)?))
}

/// What a message must be to be found.
struct Wanted {
    words: Vec<String>,
    author: Option<Snowflake>,
    channel: Option<Snowflake>,
    mentioned: Option<Snowflake>,
    pinned: Option<bool>,
    has: Option<String>,
    least: Option<Snowflake>,
    most: Option<Snowflake>,
}

impl Wanted {
    fn read(call: &Call) -> Result<Self, ApiError> {
        let content = call.query.get("content").map_or("", String::as_str);
        Ok(Self {
            words: content
                .to_lowercase()
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            author: call.query("author_id")?,
            channel: call.query("channel_id")?,
            mentioned: call.query("mentions")?,
            pinned: match call.query.contains_key("pinned") {
                true => Some(call.flag("pinned")?),
                false => None,
            },
            has: call.query.get("has").cloned(),
            least: call.query("min_id")?,
            most: call.query("max_id")?,
        })
    }

    fn fits(&self, it: &Message) -> bool {
        let content = it.content.to_lowercase();
        self.words.iter().all(|word| content.contains(word))
            && self.author.is_none_or(|author| it.author == author)
            && self.channel.is_none_or(|channel| it.channel == channel)
            && self
                .mentioned
                .is_none_or(|user| it.mentions.contains(&user))
            && self
                .pinned
                .is_none_or(|pinned| it.pinned.is_some() == pinned)
            && self.has.as_deref().is_none_or(|what| has(it, what))
            && self.least.is_none_or(|least| it.id > least)
            && self.most.is_none_or(|most| it.id < most)
    }
}

/// Whether there is something in a message; `-` before it stands for the opposite.
fn has(message: &Message, what: &str) -> bool {
    if let Some(what) = what.strip_prefix('-') {
        return !has(message, what);
    }
    let is_kind = |kind: &str| {
        let mut files = message.attachments.iter();
        files.any(|it| it.content_type.starts_with(kind))
    };
    match what {
        "link" => message.content.contains("http://") || message.content.contains("https://"),
        "embed" => !message.embeds.is_empty(),
        "file" => !message.attachments.is_empty(),
        "image" => is_kind("image/"),
        "video" => is_kind("video/"),
        "sound" => is_kind("audio/"),
        "sticker" => !message.stickers.is_empty(),
        "poll" => message.poll.is_some(),
        "snapshot" => message.snapshot.is_some(),
        _ => false,
    }
}

/// Newest first, unless asked for otherwise, in the channels that the actor may read.
pub(crate) fn messages(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?.id;
    let (wanted, (offset, limit)) = (Wanted::read(call)?, page(call)?);
    let may_read = |it: &&Channel| {
        let may = world.permissions_in(call.actor, it);
        it.guild == Some(guild) && may.allows(READING)
    };
    let channels = world.channels.values().filter(may_read);
    let found = channels.flat_map(|it| it.messages.values());
    let found = found.filter(|it| it.is_visible_to(call.actor) && wanted.fits(it));
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|it| it.id);
    if call.query.get("sort_order").is_none_or(|it| it != "asc") {
        found.reverse();
    }
    let page = found.iter().skip(offset).take(limit).map(|it| {
        let mut object = payload::message::message_for(world, it, call.actor);
        object["hit"] = json!(true);
        json!([object])
    });
    Ok(Answer::ok(json!({
        "messages": page.collect::<Vec<_>>(),
        "doing_deep_historical_index": false,
        "total_results": found.len(),
    })))
}

const READING: Permissions = Permissions::from_bits(
    Permissions::VIEW_CHANNEL.bits() | Permissions::READ_MESSAGE_HISTORY.bits(),
);

/// Posts by name and tag, those where somebody wrote last first.
pub(crate) fn posts(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (forum, guild) = place::channel(world, call, Permissions::READ_MESSAGE_HISTORY)?;
    if !forum.kind.is_forum() {
        return Err(ApiError::wrong_channel_type());
    }
    let (offset, limit) = page(call)?;
    let name = call.query.get("name").map(|it| it.to_lowercase());
    let tags = call.query.get("tag").map_or("", String::as_str);
    let tags: Vec<_> = tags.split(',').filter(|it| !it.is_empty()).collect();
    let is_any = call
        .query
        .get("tag_setting")
        .is_some_and(|it| it == "match_some");
    let is_asleep = match call.query.contains_key("archived") {
        true => Some(call.flag("archived")?),
        false => None,
    };
    let posts = world.threads_of(guild).filter(|(it, thread)| {
        let applied = it.settings.get("applied_tags").and_then(Value::as_array);
        let carries = |tag: &&str| applied.is_some_and(|all| all.iter().any(|it| it == tag));
        let is_tagged = match is_any {
            true => tags.is_empty() || tags.iter().any(carries),
            false => tags.iter().all(carries),
        };
        it.parent == Some(forum.id)
            && is_tagged
            && name
                .as_ref()
                .is_none_or(|name| it.name.to_lowercase().contains(name))
            && is_asleep.is_none_or(|is_asleep| thread.is_archived == is_asleep)
    });
    let mut posts: Vec<_> = posts.map(|(it, _)| it).collect();
    match call.query.get("sort_by").map(String::as_str) {
        Some("creation_time") => posts.sort_by_key(|it| it.id),
        _ => posts.sort_by_key(|it| it.last_message),
    }
    if call.query.get("sort_order").is_none_or(|it| it != "asc") {
        posts.reverse();
    }
    let total = posts.len();
    let shown: Vec<_> = posts.into_iter().skip(offset).take(limit).collect();
    let firsts = shown.iter().filter_map(|it| it.messages.get(&it.id));
    let firsts = firsts.map(|it| payload::message::message_for(world, it, call.actor));
    let firsts: Vec<_> = firsts.collect();
    let mut object = threads::page(world, call, &shown);
    object["has_more"] = json!(offset + shown.len() < total);
    object["total_results"] = json!(total);
    object["first_messages"] = firsts.into();
    Ok(Answer::ok(object))
}
