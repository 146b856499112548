//! Templates: what a guild looked like at a moment, for others to begin with.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::payload::{self, timestamp};
use crate::snowflake::{Snowflake, mix};
use crate::world::World;

#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) code: String,
    pub(crate) guild: Snowflake,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    creator: Snowflake,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    snapshot: Value,
}

/// What of a guild is in a template.
const OF_GUILD: [&str; 8] = [
    "name",
    "description",
    "region",
    "verification_level",
    "default_message_notifications",
    "explicit_content_filter",
    "preferred_locale",
    "afk_timeout",
];
const OF_ROLE: [&str; 8] = [
    "name",
    "permissions",
    "color",
    "colors",
    "hoist",
    "mentionable",
    "icon",
    "unicode_emoji",
];
/// What of a channel is in a template, and what it is when the channel has none.
const OF_CHANNEL: [(&str, Value); 10] = [
    ("type", Value::Null),
    ("name", Value::Null),
    ("position", Value::Null),
    ("topic", Value::Null),
    ("nsfw", Value::Bool(false)),
    ("default_auto_archive_duration", Value::Null),
    ("default_reaction_emoji", Value::Null),
    ("default_thread_rate_limit_per_user", Value::Null),
    ("default_sort_order", Value::Null),
    ("default_forum_layout", Value::Null),
];

impl World {
    pub(crate) fn template(&self, code: &str) -> Result<&Template, ApiError> {
        self.templates
            .get(code)
            .ok_or_else(ApiError::unknown_template)
    }

    pub(crate) fn template_object(&self, it: &Template) -> Value {
        let now = self.guilds.get(&it.guild).map(|_| self.snapshot(it.guild));
        let is_dirty = now.is_some_and(|now| now != it.snapshot);
        json!({
            "code": it.code,
            "name": it.name,
            "description": it.description,
            "usage_count": 0,
            "creator_id": it.creator,
            "creator": self.users.get(&it.creator).map(payload::user::user),
            "created_at": timestamp(it.created_at),
            "updated_at": timestamp(it.updated_at),
            "source_guild_id": it.guild,
            "serialized_source_guild": it.snapshot,
            "is_dirty": is_dirty.then_some(true),
        })
    }

    /// Makes a template of a guild as it is now.
    pub(crate) fn make_template(
        &mut self,
        guild: Snowflake,
        name: &str,
        description: Option<&str>,
        creator: Snowflake,
    ) -> String {
        let (id, now) = (self.next_id(), self.now());
        let template = Template {
            code: format!("{:016x}", mix(id.get())),
            guild,
            name: name.to_owned(),
            description: description.map(str::to_owned),
            creator,
            created_at: now,
            updated_at: now,
            snapshot: self.snapshot(guild),
        };
        let code = template.code.clone();
        self.templates.insert(code.clone(), template);
        code
    }

    /// Brings a template up to how its guild is now.
    pub(crate) fn sync_template(&mut self, code: &str) {
        let (now, guild) = (self.now(), self.templates.get(code).map(|it| it.guild));
        let snapshot = guild.map(|guild| self.snapshot(guild));
        if let Some(template) = self.templates.get_mut(code) {
            template.snapshot = snapshot.unwrap_or_default();
            template.updated_at = now;
        }
    }

    /// A guild without its ids: roles and channels are numbered from 0, `@everyone` being 0.
    fn snapshot(&self, guild: Snowflake) -> Value {
        let Some(home) = self.guilds.get(&guild) else {
            return Value::Null;
        };
        let whole = payload::guild::guild(home);
        let keys = OF_GUILD
            .iter()
            .map(|key| ((*key).to_owned(), whole[*key].clone()));
        let mut object: Map<_, _> = keys.collect();
        let mut roles: Vec<_> = home.roles.values().filter(|it| it.bot.is_none()).collect();
        roles.sort_by_key(|it| (it.position, it.id));
        let numbers: Vec<_> = roles.iter().map(|it| it.id).collect();
        let roles = roles.iter().zip(0_u64..).map(|(role, number)| {
            let whole = payload::guild::role(role);
            let keys = OF_ROLE
                .iter()
                .map(|key| ((*key).to_owned(), whole[*key].clone()));
            let mut object: Map<_, _> = keys.collect();
            object.insert("id".to_owned(), json!(number));
            Value::Object(object)
        });
        object.insert("roles".to_owned(), roles.collect());
        let channels = home.channels.iter().zip(0_u64..);
        let channels = channels.filter_map(|(id, number)| {
            let channel = self.channels.get(id)?;
            let whole = payload::channel::channel(self, channel);
            Some(channel_of(
                home.channels.as_slice(),
                &numbers,
                &whole,
                number,
            ))
        });
        object.insert("channels".to_owned(), channels.collect());
        for key in ["afk_channel_id", "system_channel_id"] {
            let place = home.channels.iter().position(|id| whole[key] == json!(id));
            object.insert(key.to_owned(), json!(place.map(|it| it.to_string())));
        }
        let flags = whole["system_channel_flags"].clone();
        object.insert("system_channel_flags".to_owned(), flags);
        Value::Object(object)
    }
}

fn channel_of(channels: &[Snowflake], roles: &[Snowflake], whole: &Value, number: u64) -> Value {
    let keys = OF_CHANNEL.iter().map(|(key, none)| {
        let value = whole.get(*key).unwrap_or(none);
        ((*key).to_owned(), value.clone())
    });
    let mut object: Map<_, _> = keys.collect();
    let number_of = |list: &[Snowflake], id: &Value| list.iter().position(|it| *id == json!(it));
    let parent = number_of(channels, &whole["parent_id"]);
    let overwrites = whole["permission_overwrites"]
        .as_array()
        .into_iter()
        .flatten();
    let overwrites = overwrites.filter_map(|it| {
        let role = number_of(roles, &it["id"])?;
        Some(json!({ "id": role, "type": 0, "allow": it["allow"], "deny": it["deny"] }))
    });
    for (key, value) in [
        ("id", json!(number)),
        ("parent_id", json!(parent.map(|it| it.to_string()))),
        ("permission_overwrites", overwrites.collect()),
        (
            "bitrate",
            json!(whole["bitrate"].as_u64().unwrap_or(64_000)),
        ),
        (
            "user_limit",
            json!(whole["user_limit"].as_u64().unwrap_or(0)),
        ),
        (
            "rate_limit_per_user",
            json!(whole["rate_limit_per_user"].as_u64().unwrap_or(0)),
        ),
        ("available_tags", json!([])),
        ("template", json!("")),
        ("default_tag_setting", Value::Null),
        ("theme_color", Value::Null),
    ] {
        object.insert(key.to_owned(), value);
    }
    Value::Object(object)
}
