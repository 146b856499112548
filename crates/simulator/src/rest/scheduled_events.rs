//! Scheduled events of a guild.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::tell_in_full;
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::scheduled_event::{EXTERNAL, ScheduledEvent, status};

const STAGE: u64 = 1;

const RULES: &[(&str, Rule)] = &[
    ("name", Rule::Text(1, 100)),
    ("description", Rule::Text(0, 1000)),
    ("scheduled_start_time", Rule::Moment),
    ("scheduled_end_time", Rule::Moment),
    ("privacy_level", Rule::OneOf(&[2])),
    ("entity_type", Rule::OneOf(&[1, 2, 3])),
    ("entity_metadata", Rule::Any),
    ("channel_id", Rule::Id),
    ("image", Rule::Image),
    ("status", Rule::OneOf(&[1, 2, 3, 4])),
    ("recurrence_rule", Rule::Any),
];

pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let counted = call.flag("with_user_count")?;
    let events = guild
        .events
        .values()
        .map(|it| shown(world, guild.id, it, counted));
    Ok(Answer::ok(events.collect::<Vec<Value>>()))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let counted = call.flag("with_user_count")?;
    Ok(Answer::ok(shown(
        world,
        guild.id,
        guild.event(call.id(3)?)?,
        counted,
    )))
}

fn shown(world: &World, guild: Snowflake, event: &ScheduledEvent, counted: bool) -> Value {
    let mut object = world.scheduled_event(guild, event);
    if counted {
        object["user_count"] = json!(event.users.len());
    }
    object
}

pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::CREATE_EVENTS)?.id;
    let mut body = fields::checked(&call.body, RULES)?;
    for key in [
        "name",
        "privacy_level",
        "scheduled_start_time",
        "entity_type",
    ] {
        fields::required(&body, key)?;
    }
    body.remove("status");
    let body = whole(world, guild, body)?;
    let start = fields::moment(&body["scheduled_start_time"]);
    if start.is_some_and(|start| start < world.now()) {
        let message = "Cannot schedule event in the past.";
        return Err(ApiError::form(
            &["scheduled_start_time"],
            "GUILD_SCHEDULED_EVENT_SCHEDULE_PAST",
            message,
        ));
    }
    Ok(Answer::ok(world.schedule(guild, body, call.by())))
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let event = governed(world, call)?;
    let (guild, id) = (call.id(1)?, event.id);
    let change = fields::checked(&call.body, RULES)?;
    let was = match event.number("status") {
        0 => status::SCHEDULED,
        number => number,
    };
    if let Some(next) = fields::number(&change, "status")? {
        let steps = [
            (status::SCHEDULED, status::ACTIVE),
            (status::SCHEDULED, status::CANCELED),
            (status::ACTIVE, status::COMPLETED),
        ];
        if next != was && !steps.contains(&(was, next)) {
            let message = "Invalid status transition";
            return Err(ApiError::form(
                &["status"],
                "GUILD_SCHEDULED_EVENT_STATUS_INVALID",
                message,
            ));
        }
    }
    let mut body = event.body.clone();
    body.extend(change);
    let body = whole(world, guild, body)?;
    Ok(Answer::ok(world.reschedule(guild, id, body, call.by())?))
}

/// An event with its place as its kind demands it.
fn whole(
    world: &mut World,
    guild: Snowflake,
    mut body: Map<String, Value>,
) -> Result<Map<String, Value>, ApiError> {
    let kind = fields::number(&body, "entity_type")?.unwrap_or(0);
    if kind == EXTERNAL {
        let place = body
            .get("entity_metadata")
            .and_then(|it| it["location"].as_str());
        if !place.is_some_and(|it| (1..=100).contains(&it.chars().count())) {
            let message = "This field is required";
            return Err(ApiError::form(
                &["entity_metadata", "location"],
                "BASE_TYPE_REQUIRED",
                message,
            ));
        }
        fields::required(&body, "scheduled_end_time")?;
        body.insert("channel_id".to_owned(), Value::Null);
    } else {
        let channel = fields::id(fields::required(&body, "channel_id")?);
        let channel = channel.and_then(|id| world.channels.get(&id));
        let channel = channel.filter(|it| it.guild == Some(guild) && it.kind.is_spoken());
        channel.ok_or_else(ApiError::wrong_channel_type)?;
        let metadata = if kind == STAGE {
            json!({})
        } else {
            Value::Null
        };
        body.entry("entity_metadata").or_insert(metadata);
    }
    if let Some(rule) = body.get("recurrence_rule").filter(|it| !it.is_null()) {
        let rule = recurrence(rule)?;
        body.insert("recurrence_rule".to_owned(), rule);
    }
    if let Some(image) = body.get("image").and_then(Value::as_str)
        && let Some(image) = crate::world::upload::Image::parse(image)
    {
        let hash = world.keep_image("guild-events", guild, &image);
        body.insert("image".to_owned(), json!(hash));
    }
    tell_in_full(&mut body, &["scheduled_start_time", "scheduled_end_time"]);
    Ok(body)
}

/// How often an event comes again, with everything that was left unsaid. When it does, its status
/// stays: that is for the bot to change.
fn recurrence(rule: &Value) -> Result<Value, ApiError> {
    let path = ["recurrence_rule"];
    let rules = [
        ("start", Rule::Moment),
        ("end", Rule::Moment),
        ("frequency", Rule::OneOf(&[0, 1, 2, 3])),
        ("interval", Rule::Number(1, 1000)),
        ("by_weekday", Rule::Any),
        ("by_n_weekday", Rule::Any),
        ("by_month", Rule::Any),
        ("by_month_day", Rule::Any),
        ("by_year_day", Rule::Any),
        ("count", Rule::Number(1, 1000)),
    ];
    let mut rule = fields::checked_at(&path, rule, &rules)?;
    for key in ["start", "frequency"] {
        fields::required_at(&path, &rule, key)?;
    }
    for key in ["by_weekday", "by_n_weekday", "by_month", "by_month_day"] {
        fields::list(&rule, key)?;
        rule.entry(key).or_insert(Value::Null);
    }
    tell_in_full(&mut rule, &["start", "end"]);
    let interval = fields::number(&rule, "interval")?.unwrap_or(1);
    rule.insert("interval".to_owned(), json!(interval));
    Ok(Value::Object(rule))
}

/// How many are interested.
pub(crate) fn count(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let event = place::guild(world, call, Permissions::NONE)?.event(call.id(3)?)?;
    Ok(Answer::ok(json!({
        "guild_scheduled_event_count": event.users.len(),
        "guild_scheduled_event_exception_counts": {},
    })))
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (guild, id) = (call.id(1)?, governed(world, call)?.id);
    world.unschedule(guild, id, call.by())?;
    Ok(Answer::nothing())
}

/// The event, when the actor may change it: their own, or everybody's.
fn governed<'a>(world: &'a World, call: &Call) -> Result<&'a ScheduledEvent, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let event = guild.event(call.id(3)?)?;
    let may = guild.base_permissions(call.actor);
    let is_own = event.creator == call.actor && may.allows(Permissions::CREATE_EVENTS);
    match is_own || may.allows(Permissions::MANAGE_EVENTS) {
        true => Ok(event),
        false => Err(ApiError::missing_permissions()),
    }
}

/// Who is interested, by id.
pub(crate) fn users(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let event = guild.event(call.id(3)?)?;
    let limit = call.limit(100, 100)?;
    let whole = call.flag("with_member")?;
    let (before, after): (Option<Snowflake>, Option<Snowflake>) =
        (call.query("before")?, call.query("after")?);
    let fits = |id: &&Snowflake| before.is_none_or(|before| **id < before) && Some(**id) > after;
    let users = event.users.iter().filter(fits).take(limit).map(|user| {
        let mut object = json!({
            "guild_scheduled_event_id": event.id,
            "user_id": user,
            "user": world.users.get(user).map(payload::user::user),
            "response": 1,
        });
        if let Some(member) = guild.members.get(user).filter(|_| whole) {
            object["member"] = payload::guild::member(world, member);
        }
        object
    });
    Ok(Answer::ok(users.collect::<Vec<Value>>()))
}
