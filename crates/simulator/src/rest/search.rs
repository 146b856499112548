//! Search: for messages of a guild, and for posts of a forum.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::{fields, place, thread_lists};
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

/// By what the found is ordered.
///
/// # Errors
/// A gap for any other order than these.
fn order<'a>(call: &'a Call, known: &[&str]) -> Result<&'a str, ApiError> {
    let asked = call.query.get("sort_by").map_or("", String::as_str);
    match asked.is_empty() || known.contains(&asked) {
        true => Ok(asked),
        false => Err(ApiError::gap(format!("order by {asked}"))),
    }
}

/// What a message must be to be found: of a list, one of its values, where it has any.
struct Wanted {
    words: Vec<String>,
    authors: Vec<Snowflake>,
    kinds: Vec<String>,
    channels: Vec<Snowflake>,
    mentioned: Vec<Snowflake>,
    mentioned_roles: Vec<Snowflake>,
    everyone: Option<bool>,
    replied_to: Vec<Snowflake>,
    pinned: Option<bool>,
    has: Vec<String>,
    endings: Vec<String>,
    least: Option<Snowflake>,
    most: Option<Snowflake>,
}

impl Wanted {
    fn read(call: &Call) -> Result<Self, ApiError> {
        let content = call.query.get("content").map_or("", String::as_str);
        let words = content.to_lowercase();
        let flag = |key: &str| match call.query.contains_key(key) {
            true => call.flag(key).map(Some),
            false => Ok(None),
        };
        Ok(Self {
            words: words.split_whitespace().map(str::to_owned).collect(),
            authors: call.list("author_id")?,
            kinds: call.list("author_type")?,
            channels: call.list("channel_id")?,
            mentioned: call.list("mentions")?,
            mentioned_roles: call.list("mentions_role_id")?,
            everyone: flag("mention_everyone")?,
            replied_to: call.list("replied_to_message_id")?,
            pinned: flag("pinned")?,
            has: call.list("has")?,
            endings: call.list("attachment_extension")?,
            least: call.query("min_id")?,
            most: call.query("max_id")?,
        })
    }

    fn fits(&self, world: &World, it: &Message) -> bool {
        let content = it.content.to_lowercase();
        let one_of = |all: &[Snowflake], is: &dyn Fn(&Snowflake) -> bool| {
            all.is_empty() || all.iter().any(is)
        };
        self.words.iter().all(|word| content.contains(word))
            && one_of(&self.authors, &|id| it.author == *id)
            && self.kinds.iter().all(|kind| is_of(world, it, kind))
            && one_of(&self.channels, &|id| it.channel == *id)
            && one_of(&self.mentioned, &|id| it.mentions.contains(id))
            && one_of(&self.mentioned_roles, &|id| it.mentioned_roles.contains(id))
            && self
                .everyone
                .is_none_or(|everyone| it.mentions_everyone == everyone)
            && one_of(&self.replied_to, &|id| it.reply_to == Some(*id))
            && self
                .pinned
                .is_none_or(|pinned| it.pinned.is_some() == pinned)
            && self.has.iter().all(|what| has(it, what))
            && (self.endings.is_empty() || ends_in(it, &self.endings))
            && self.least.is_none_or(|least| it.id > least)
            && self.most.is_none_or(|most| it.id < most)
    }
}

/// Whether the author is a `user`, a `bot` or a `webhook`; `-` before it stands for the opposite.
fn is_of(world: &World, message: &Message, kind: &str) -> bool {
    if let Some(kind) = kind.strip_prefix('-') {
        return !is_of(world, message, kind);
    }
    let is_bot = world.users.get(&message.author).is_some_and(|it| it.bot);
    let own = match (message.signature.is_some(), is_bot) {
        (true, _) => "webhook",
        (false, true) => "bot",
        (false, false) => "user",
    };
    own == kind
}

fn ends_in(message: &Message, endings: &[String]) -> bool {
    let mut files = message.attachments.iter();
    files.any(|file| {
        let end = file.name.rsplit_once('.').map(|(_, end)| end);
        endings.iter().any(|it| Some(it.as_str()) == end)
    })
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
    order(call, &["timestamp"])?;
    let may_read = |it: &&Channel| {
        let may = world.permissions_in(call.actor, it);
        it.guild == Some(guild) && may.allows(READING)
    };
    let channels = world.channels.values().filter(may_read);
    let found = channels.flat_map(|it| it.messages.values());
    let found = found.filter(|it| it.is_visible_to(call.actor) && wanted.fits(world, it));
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
    let tags: Vec<Snowflake> = call.list("tag")?;
    let (least, most): (Option<Snowflake>, Option<Snowflake>) =
        (call.query("min_id")?, call.query("max_id")?);
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
        let carries = |tag: &Snowflake| {
            let mut applied = applied.into_iter().flatten();
            applied.any(|it| fields::id(it) == Some(*tag))
        };
        let is_tagged = match is_any {
            true => tags.is_empty() || tags.iter().any(carries),
            false => tags.iter().all(carries),
        };
        it.parent == Some(forum.id)
            && is_tagged
            && name
                .as_ref()
                .is_none_or(|name| it.name.to_lowercase().contains(name))
            && least.is_none_or(|least| it.id > least)
            && most.is_none_or(|most| it.id < most)
            && is_asleep.is_none_or(|is_asleep| thread.is_archived == is_asleep)
    });
    let mut posts: Vec<_> = posts.map(|(it, _)| it).collect();
    match order(call, &["creation_time", "last_message_time"])? {
        "creation_time" => posts.sort_by_key(|it| it.id),
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
    let mut object = thread_lists::page(world, call, &shown);
    object["has_more"] = json!(offset + shown.len() < total);
    object["total_results"] = json!(total);
    object["first_messages"] = firsts.into();
    Ok(Answer::ok(object))
}
