//! Pruning: putting out those who were not seen for days.

use serde_json::json;

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::world::World;
use crate::world::audit::{Deed, action};

/// How many a pruning would put out.
pub(crate) fn count(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::KICK_MEMBERS)?.id;
    let days = call.query("days")?.unwrap_or(7);
    let roles = call.query.get("include_roles").map_or("", String::as_str);
    let roles: Vec<_> = roles.split(',').filter_map(|it| it.parse().ok()).collect();
    let count = world.prunable(guild, days_in_range(days)?, &roles).len();
    Ok(Answer::ok(json!({ "pruned": count })))
}

pub(crate) fn prune(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::KICK_MEMBERS)?;
    let guild = guild.id;
    let rules = [
        ("days", Rule::Number(1, 30)),
        ("compute_prune_count", Rule::Flag),
        ("include_roles", Rule::Ids),
    ];
    let body = fields::checked(&call.body, &rules)?;
    let days = fields::number(&body, "days")?.unwrap_or(7);
    let roles = body
        .get("include_roles")
        .map(fields::ids)
        .unwrap_or_default();
    let gone = world.prunable(guild, days_in_range(days)?, &roles);
    for user in &gone {
        world.leave(guild, *user);
    }
    let options = json!({ "delete_member_days": days.to_string(), "members_removed": gone.len().to_string() });
    let deed = Deed::new(action::MEMBER_PRUNE, guild)
        .without_target()
        .options(options);
    world.audit(guild, call.by(), deed);
    let is_told = body.get("compute_prune_count") != Some(&json!(false));
    Ok(Answer::ok(
        json!({ "pruned": is_told.then_some(gone.len()) }),
    ))
}

fn days_in_range(days: u64) -> Result<i64, ApiError> {
    let fits = i64::try_from(days)
        .ok()
        .filter(|days| (1..=30).contains(days));
    let message = "int value should be between 1 and 30.";
    fits.ok_or_else(|| ApiError::form(&["days"], "NUMBER_TYPE_MAX", message))
}
