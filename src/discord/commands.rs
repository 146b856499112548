//! The command list at Discord, brought up to date only when it differs from ours.

use serde::Serialize;
use serde_json::{Map, Number, Value};
use serenity::{builder::CreateCommand, http::Http, model::id::GuildId};
use tracing::info;

use super::{RestError, rest::failure};
use crate::{error::Result, rest::persist};

/// Registers the commands of a guild, or with `None` the global ones, unless Discord already has just these; tried
/// until it is done or refused.
///
/// Registering replaces the whole list, so commands of modules that are gone disappear.
pub(super) async fn sync(
    http: &Http,
    guild: Option<GuildId>,
    ours: &[CreateCommand],
    place: &str,
) -> Result<(), RestError> {
    let (what, asked) = match guild {
        Some(guild) => (
            format!("syncing the command list of guild {guild}"),
            "the command list of a guild",
        ),
        None => ("syncing the command list".to_owned(), "the command list"),
    };
    persist(&what, || async {
        let synced = try_sync(http, guild, ours).await;
        synced.map_err(|error| failure(error, place, asked))
    })
    .await
}

async fn try_sync(http: &Http, guild: Option<GuildId>, ours: &[CreateCommand]) -> Result<()> {
    let theirs = fetch(http, guild).await?;
    if is_same(&values(ours)?, &theirs) {
        if guild.is_none() {
            info!(commands = ours.len(), "the command list is up to date");
        }
        return Ok(());
    }
    register(http, guild, ours).await?;
    let count = ours.len();
    match guild {
        Some(guild) => info!(
            commands = count,
            guild.id = guild.get(),
            "registered {count} commands in guild {guild}"
        ),
        None => info!(commands = count, "registered {count} commands"),
    }
    Ok(())
}

/// The list that Discord has of a guild, or with `None` the global one.
pub(crate) async fn fetch(http: &Http, guild: Option<GuildId>) -> Result<Vec<Value>> {
    let theirs = match guild {
        Some(guild) => http.get_guild_commands(guild).await?,
        None => http.get_global_commands().await?,
    };
    values(&theirs)
}

/// Replaces the list that Discord has of a guild, or with `None` the global one.
pub(crate) async fn register(
    http: &Http,
    guild: Option<GuildId>,
    ours: &[CreateCommand],
) -> Result<()> {
    match guild {
        Some(guild) => http.create_guild_commands(guild, &ours).await?,
        None => http.create_global_commands(&ours).await?,
    };
    Ok(())
}

/// As they are on the wire.
fn values(commands: &[impl Serialize]) -> Result<Vec<Value>> {
    let values = commands.iter().map(serde_json::to_value);
    Ok(values.collect::<Result<_, _>>()?)
}

fn is_same(ours: &[Value], theirs: &[Value]) -> bool {
    let is_there = |ours| theirs.iter().any(|theirs| agrees(ours, theirs));
    ours.len() == theirs.len() && ours.iter().all(is_there)
}

/// Whether Discord's copy says all that ours says; what ours leaves at its default, theirs may leave out.
pub(super) fn agrees(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => agree_as_objects(ours, theirs),
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len()
                && ours
                    .iter()
                    .zip(theirs)
                    .all(|(ours, theirs)| agrees(ours, theirs))
        }
        (Value::Number(ours), Value::Number(theirs)) => is_equal(ours, theirs),
        _ => ours == theirs,
    }
}

/// The last digit may be another: a large number with a point, such as the bound that poise gives to every
/// number, is not read exactly by `serde_json`, nor by whoever stores our list with it.
fn is_equal(ours: &Number, theirs: &Number) -> bool {
    let (Some(ours), Some(theirs)) = (ours.as_f64(), theirs.as_f64()) else {
        return ours == theirs;
    };
    (ours - theirs).abs() <= f64::EPSILON * ours.abs()
}

fn agree_as_objects(ours: &Map<String, Value>, theirs: &Map<String, Value>) -> bool {
    let said = ours.iter().all(|(key, ours)| match theirs.get(key) {
        Some(theirs) => agrees(ours, theirs) || is_default(ours) && is_default(theirs),
        None => is_default(ours),
    });
    said && !theirs.iter().any(|(key, value)| is_extra(ours, key, value))
}

/// Whether Discord's copy has what ours no longer has, an option or choice above all.
pub(super) fn is_extra(ours: &Map<String, Value>, key: &str, theirs: &Value) -> bool {
    const KEYS: [&str; 4] = [
        "options",
        "choices",
        "default_member_permissions",
        "required",
    ];
    KEYS.contains(&key) && !is_default(theirs) && !ours.contains_key(key)
}

pub(super) fn is_default(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Array(values) => values.is_empty(),
        Value::Object(values) => values.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_real_difference_is_one() {
        let ours =
            json!({"name": "rank", "options": [{"name": "user", "type": 6, "required": false}]});
        let cases = [
            (
                json!({"id": "7", "version": "9", "name": "rank", "options": [{"name": "user", "type": 6}]}),
                true,
            ),
            (
                json!({"name": "rank", "options": [{"name": "user", "type": 6, "required": true}]}),
                false,
            ),
            (
                json!({"name": "rank", "options": [{"name": "user", "type": 3}]}),
                false,
            ),
            (json!({"name": "rank", "options": []}), false),
            (
                json!({"name": "top", "options": [{"name": "user", "type": 6}]}),
                false,
            ),
        ];
        for (theirs, expected) in cases {
            assert_eq!(agrees(&ours, &theirs), expected, "{theirs}");
        }
    }

    #[test]
    fn numbers_agree_that_were_written_and_read_again() {
        let bound = 9_007_199_254_740_991.0;
        for (theirs, expected) in [
            (json!(9_007_199_254_740_990.0), true),
            (json!(9_007_199_254_740_991_u64), true),
            (json!(9_007_199_254_740_000_u64), false),
            (json!(10), false),
        ] {
            assert_eq!(agrees(&json!(bound), &theirs), expected, "{theirs}");
        }
        assert!(!agrees(&json!(0), &json!(1)) && agrees(&json!(0), &json!(0.0)));
    }

    #[test]
    fn options_that_are_gone_are_a_difference() {
        assert!(!agrees(
            &json!({"name": "rank"}),
            &json!({"name": "rank", "options": [{"name": "user"}]})
        ));
    }
}
