//! The command list at Discord, brought up to date only when it differs from ours.

use serde_json::{Map, Number, Value};
use serenity::{
    builder::CreateCommand,
    http::Http,
    model::{application::Command as Registered, id::GuildId},
};
use tracing::info;

use super::{RestError, rest::failure};
use crate::{error::Result, rest::persist};

/// Registers the global commands, unless Discord already has just these; tried until it is done or refused.
///
/// Registering replaces the whole list, so commands of modules that are gone disappear.
pub(super) async fn sync(
    http: &Http,
    ours: &[CreateCommand],
    place: &str,
) -> Result<(), RestError> {
    persist("syncing the command list", || async {
        let synced = try_sync(http, ours).await;
        synced.map_err(|error| failure(error, place, "the command list"))
    })
    .await
}

/// The same for the commands that a guild has of its own.
pub(super) async fn sync_guild(
    http: &Http,
    guild: GuildId,
    ours: &[CreateCommand],
    place: &str,
) -> Result<(), RestError> {
    let what = format!("syncing the command list of guild {guild}");
    persist(&what, || async {
        let synced = try_sync_guild(http, guild, ours).await;
        synced.map_err(|error| failure(error, place, "the command list of a guild"))
    })
    .await
}

async fn try_sync(http: &Http, ours: &[CreateCommand]) -> Result<()> {
    let theirs = http.get_global_commands().await?;
    if is_same(ours, &theirs)? {
        info!(commands = ours.len(), "the command list is up to date");
        return Ok(());
    }
    http.create_global_commands(&ours).await?;
    info!(commands = ours.len(), "registered {} commands", ours.len());
    Ok(())
}

async fn try_sync_guild(http: &Http, guild: GuildId, ours: &[CreateCommand]) -> Result<()> {
    let theirs = http.get_guild_commands(guild).await?;
    if is_same(ours, &theirs)? {
        return Ok(());
    }
    http.create_guild_commands(guild, &ours).await?;
    let (count, guild_id) = (ours.len(), guild.get());
    info!(
        commands = count,
        guild.id = guild_id,
        "registered {count} commands in guild {guild}"
    );
    Ok(())
}

fn is_same(ours: &[CreateCommand], theirs: &[Registered]) -> Result<bool> {
    if ours.len() != theirs.len() {
        return Ok(false);
    }
    let theirs = theirs
        .iter()
        .map(serde_json::to_value)
        .collect::<Result<Vec<_>, _>>()?;
    let ours = ours
        .iter()
        .map(serde_json::to_value)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(ours
        .iter()
        .all(|ours| theirs.iter().any(|theirs| agrees(ours, theirs))))
}

/// Whether Discord's copy says all that ours says; what ours leaves at its default, theirs may leave out.
fn agrees(ours: &Value, theirs: &Value) -> bool {
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
    // An option or choice that ours no longer has, a whole one above all.
    let extra = |key: &str| {
        theirs.get(key).is_some_and(|value| !is_default(value)) && !ours.contains_key(key)
    };
    said && ![
        "options",
        "choices",
        "default_member_permissions",
        "required",
    ]
    .iter()
    .any(|key| extra(key))
}

fn is_default(value: &Value) -> bool {
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
