//! Rules of automatic moderation.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::guild::Guild;

/// How many rules a guild has of each trigger: words, spam, lists, mentions, names.
const RULES_MAX: [(u64, usize); 5] = [(1, 6), (3, 1), (4, 1), (5, 1), (6, 1)];
/// Four weeks.
const TIME_OUT_MAX: u64 = 2_419_200;

const FIELDS: [(&str, Rule); 8] = [
    ("name", Rule::Text(1, 100)),
    ("event_type", Rule::OneOf(&[1, 2])),
    ("trigger_type", Rule::OneOf(&[1, 3, 4, 5, 6])),
    ("trigger_metadata", Rule::Any),
    ("actions", Rule::Any),
    ("enabled", Rule::Flag),
    ("exempt_roles", Rule::Ids),
    ("exempt_channels", Rule::Ids),
];

pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_GUILD)?;
    Ok(Answer::ok(
        guild.moderation.values().cloned().collect::<Vec<_>>(),
    ))
}

fn rule<'a>(world: &'a World, call: &Call) -> Result<(&'a Guild, &'a Value), ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_GUILD)?;
    let rule = guild.moderation.get(&call.id(4)?);
    Ok((guild, rule.ok_or_else(ApiError::not_found)?))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    Ok(Answer::ok(rule(world, call)?.1.clone()))
}

pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_GUILD)?;
    let body = fields::checked(&call.body, &FIELDS)?;
    for key in ["name", "event_type", "trigger_type", "actions"] {
        fields::required(&body, key)?;
    }
    let kind = body["trigger_type"].as_u64().unwrap_or(0);
    let same = guild
        .moderation
        .values()
        .filter(|it| it["trigger_type"] == kind);
    let limit = RULES_MAX.iter().find(|(known, _)| *known == kind);
    if same.count() >= limit.map_or(0, |(_, limit)| *limit) {
        return Err(ApiError::too_many_moderation_rules());
    }
    let metadata = metadata(kind, body.get("trigger_metadata").unwrap_or(&Value::Null))?;
    let actions = actions(guild, kind, &body)?;
    let guild = guild.id;
    let list = |key: &str| body.get(key).cloned().unwrap_or_else(|| json!([]));
    let rule = json!({
        "id": world.next_id(),
        "guild_id": guild,
        "creator_id": call.actor,
        "name": body["name"],
        "event_type": body["event_type"],
        "trigger_type": kind,
        "trigger_metadata": metadata,
        "actions": actions,
        "enabled": body.get("enabled") == Some(&json!(true)),
        "exempt_roles": list("exempt_roles"),
        "exempt_channels": list("exempt_channels"),
    });
    world.add_moderation_rule(guild, &rule, call.by());
    Ok(Answer::ok(rule))
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (guild, rule) = rule(world, call)?;
    let mut body = fields::checked(&call.body, &FIELDS)?;
    let kind = rule["trigger_type"].as_u64().unwrap_or(0);
    // Of what kind a rule is cannot be changed; libraries send it along.
    body.remove("trigger_type");
    if let Some(given) = body.get("trigger_metadata") {
        let given = metadata(kind, given)?;
        body.insert("trigger_metadata".to_owned(), given);
    }
    if body.contains_key("actions") {
        let given = actions(guild, kind, &body)?;
        body.insert("actions".to_owned(), given.into());
    }
    let (guild, id) = (guild.id, call.id(4)?);
    let new = world.change_moderation_rule(guild, id, call.by(), |rule| {
        for (key, value) in body.into_iter().filter(|(_, value)| !value.is_null()) {
            rule[key] = value;
        }
    })?;
    Ok(Answer::ok(new))
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = rule(world, call)?.0.id;
    world.drop_moderation_rule(guild, call.id(4)?, call.by())?;
    Ok(Answer::nothing())
}

/// What a rule looks for, with everything that was left unsaid.
fn metadata(kind: u64, given: &Value) -> Result<Value, ApiError> {
    let path = ["trigger_metadata"];
    let rules: &[_] = match kind {
        1 | 6 => &[
            ("keyword_filter", Rule::Any),
            ("regex_patterns", Rule::Any),
            ("allow_list", Rule::Any),
        ],
        4 => &[("presets", Rule::Any), ("allow_list", Rule::Any)],
        5 => &[
            ("mention_total_limit", Rule::Number(0, 50)),
            ("mention_raid_protection_enabled", Rule::Flag),
        ],
        _ => &[],
    };
    let none = json!({});
    let given = if given.is_null() { &none } else { given };
    let mut object = fields::checked_at(&path, given, rules)?;
    let patterns = fields::list(&object, "regex_patterns")?.unwrap_or_default();
    fields::few_enough(patterns, 10, &[path[0], "regex_patterns"])?;
    for (index, pattern) in patterns.iter().enumerate() {
        let text = pattern.as_str().unwrap_or("");
        let path = [path[0], "regex_patterns", &index.to_string()];
        fields::short_enough(text, 260, &path)?;
        if regex::Regex::new(text).is_err() {
            let code = "AUTO_MODERATION_INVALID_RUST_REGEX";
            return Err(ApiError::form(&path, code, "Invalid regex pattern"));
        }
    }
    for (key, length) in [("keyword_filter", 60), ("allow_list", 60)] {
        let texts = fields::list(&object, key)?.unwrap_or_default();
        fields::few_enough(texts, 1000, &[path[0], key])?;
        for (index, text) in texts.iter().enumerate() {
            let index = index.to_string();
            let text = text.as_str().unwrap_or("");
            fields::short_enough(text, length, &[path[0], key, &index])?;
        }
    }
    for (key, rule) in rules {
        let unsaid = match rule {
            Rule::Flag => json!(false),
            Rule::Number(..) => json!(0),
            _ => json!([]),
        };
        object.entry(*key).or_insert(unsaid);
    }
    Ok(Value::Object(object))
}

/// What a rule does: from one to three things, each with what it needs.
fn actions(guild: &Guild, kind: u64, body: &Map<String, Value>) -> Result<Vec<Value>, ApiError> {
    let actions = fields::list(body, "actions")?.unwrap_or_default();
    if !(1..=5).contains(&actions.len()) {
        let message = "Must be between 1 and 5 in length.";
        return Err(ApiError::form(
            &["actions"],
            "BASE_TYPE_BAD_LENGTH",
            message,
        ));
    }
    let actions = actions.iter().enumerate().map(|(index, action)| {
        let index = index.to_string();
        let path = ["actions", &index];
        let rules = [
            ("type", Rule::OneOf(&[1, 2, 3, 4])),
            ("metadata", Rule::Any),
        ];
        let action = fields::checked_at(&path, action, &rules)?;
        let what = fields::required_at(&path, &action, "type")?.as_u64();
        let metadata = action.get("metadata").cloned().unwrap_or(Value::Null);
        check_action(guild, kind, what.unwrap_or(0), &metadata, &path)?;
        let metadata = if metadata.is_null() {
            json!({})
        } else {
            metadata
        };
        Ok(json!({ "type": what, "metadata": metadata }))
    });
    actions.collect()
}

fn check_action(
    guild: &Guild,
    kind: u64,
    what: u64,
    metadata: &Value,
    path: &[&str],
) -> Result<(), ApiError> {
    let at = |key: &'static str| [path, &["metadata", key]].concat();
    match what {
        2 => {
            let channel = fields::id(&metadata["channel_id"]);
            let is_here = channel.is_some_and(|id: Snowflake| guild.channels.contains(&id));
            let fault = || ApiError::form(&at("channel_id"), "CHANNEL_INVALID", "Invalid channel");
            if is_here { Ok(()) } else { Err(fault()) }
        }
        3 if kind != 1 && kind != 5 => {
            let message = "Members can be timed out for words and mentions only.";
            let path = [path, &["type"]].concat();
            Err(ApiError::form(
                &path,
                "AUTO_MODERATION_INVALID_ACTION_TYPE",
                message,
            ))
        }
        3 => {
            let seconds = metadata["duration_seconds"].as_u64().unwrap_or(0);
            let message = "int value should be between 1 and 2419200.";
            let fault = || ApiError::form(&at("duration_seconds"), "NUMBER_TYPE_MAX", message);
            if (1..=TIME_OUT_MAX).contains(&seconds) {
                Ok(())
            } else {
                Err(fault())
            }
        }
        _ => Ok(()),
    }
}
