//! The audit log of a guild.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::{fields, place};
use crate::snowflake::Snowflake;
use crate::world::World;

/// Newest first, unless `after` is asked for.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::VIEW_AUDIT_LOG)?;
    let limit = call.limit(50, 100)?;
    let user: Option<Snowflake> = call.query("user_id")?;
    let target: Option<Snowflake> = call.query("target_id")?;
    let action: Option<u64> = call.query("action_type")?;
    let (before, after): (Option<Snowflake>, Option<Snowflake>) =
        (call.query("before")?, call.query("after")?);
    let is_of = |wanted: Option<Snowflake>, value: &Value| {
        wanted.is_none_or(|wanted| fields::id(value) == Some(wanted))
    };
    let fits = |entry: &&Value| {
        let id = fields::id(&entry["id"]);
        is_of(user, &entry["user_id"])
            && is_of(target, &entry["target_id"])
            && action.is_none_or(|action| entry["action_type"] == action)
            && before.is_none_or(|before| id < Some(before))
            && id > after
    };
    let entries = guild.audit.iter().filter(fits);
    let entries: Vec<_> = match after {
        Some(_) => entries.take(limit).cloned().collect(),
        None => entries.rev().take(limit).cloned().collect(),
    };
    let mut users: Vec<_> = entries
        .iter()
        .flat_map(|it| [&it["user_id"], &it["target_id"]])
        .collect();
    users.sort_by_key(|it| fields::id(it));
    users.dedup();
    let users = users
        .into_iter()
        .filter_map(|it| world.users.get(&fields::id(it)?));
    let webhooks = world.webhooks.values().filter(|it| it.guild == guild.id);
    let webhooks = webhooks.filter(|it| {
        entries
            .iter()
            .any(|entry| entry["target_id"] == json!(it.id))
    });
    let is_named = |id: &Snowflake| entries.iter().any(|it| it["target_id"] == json!(id));
    let events = guild.events.values().filter(|it| is_named(&it.id));
    let events = events.map(|it| world.scheduled_event(guild.id, it));
    let threads = world
        .threads_of(guild.id)
        .filter(|(it, _)| is_named(&it.id));
    let threads = threads.map(|(it, _)| payload::channel::channel(world, it));
    let commands = world.commands.values().filter(|it| is_named(&it.id));
    let commands = commands.map(payload::command::command);
    let rules = guild.moderation.iter().filter(|(id, _)| is_named(id));
    let rules = rules.map(|(_, rule)| rule);
    Ok(Answer::ok(json!({
        "audit_log_entries": entries,
        "users": users.map(payload::user::user).collect::<Vec<_>>(),
        "webhooks": webhooks.map(|it| world.webhook_object(it)).collect::<Vec<_>>(),
        "integrations": [],
        "guild_scheduled_events": events.collect::<Vec<_>>(),
        "threads": threads.collect::<Vec<_>>(),
        "application_commands": commands.collect::<Vec<_>>(),
        "auto_moderation_rules": rules.cloned().collect::<Vec<_>>(),
    })))
}
