//! The audit log: who changed what in a guild, and why.

use serde_json::{Map, Value, json};

use crate::snowflake::Snowflake;
use crate::world::World;

/// How many entries a guild keeps.
const ENTRIES_KEPT: usize = 10_000;

/// Discord's numbers for what was done.
pub(crate) mod action {
    pub(crate) const GUILD_UPDATE: u64 = 1;
    pub(crate) const CHANNEL_CREATE: u64 = 10;
    pub(crate) const CHANNEL_UPDATE: u64 = 11;
    pub(crate) const CHANNEL_DELETE: u64 = 12;
    pub(crate) const OVERWRITE_CREATE: u64 = 13;
    pub(crate) const OVERWRITE_UPDATE: u64 = 14;
    pub(crate) const OVERWRITE_DELETE: u64 = 15;
    pub(crate) const MEMBER_KICK: u64 = 20;
    pub(crate) const MEMBER_PRUNE: u64 = 21;
    pub(crate) const MEMBER_BAN_ADD: u64 = 22;
    pub(crate) const MEMBER_BAN_REMOVE: u64 = 23;
    pub(crate) const MEMBER_UPDATE: u64 = 24;
    pub(crate) const MEMBER_ROLE_UPDATE: u64 = 25;
    pub(crate) const ROLE_CREATE: u64 = 30;
    pub(crate) const ROLE_UPDATE: u64 = 31;
    pub(crate) const ROLE_DELETE: u64 = 32;
    pub(crate) const INVITE_CREATE: u64 = 40;
    pub(crate) const INVITE_DELETE: u64 = 42;
    pub(crate) const WEBHOOK_CREATE: u64 = 50;
    pub(crate) const WEBHOOK_UPDATE: u64 = 51;
    pub(crate) const WEBHOOK_DELETE: u64 = 52;
    pub(crate) const EMOJI_CREATE: u64 = 60;
    pub(crate) const EMOJI_UPDATE: u64 = 61;
    pub(crate) const EMOJI_DELETE: u64 = 62;
    pub(crate) const MESSAGE_DELETE: u64 = 72;
    pub(crate) const MESSAGE_BULK_DELETE: u64 = 73;
    pub(crate) const MESSAGE_PIN: u64 = 74;
    pub(crate) const MESSAGE_UNPIN: u64 = 75;
    pub(crate) const INTEGRATION_DELETE: u64 = 82;
    pub(crate) const STAGE_CREATE: u64 = 83;
    pub(crate) const STAGE_UPDATE: u64 = 84;
    pub(crate) const STAGE_DELETE: u64 = 85;
    pub(crate) const STICKER_CREATE: u64 = 90;
    pub(crate) const STICKER_UPDATE: u64 = 91;
    pub(crate) const STICKER_DELETE: u64 = 92;
    pub(crate) const EVENT_CREATE: u64 = 100;
    pub(crate) const EVENT_UPDATE: u64 = 101;
    pub(crate) const EVENT_DELETE: u64 = 102;
    pub(crate) const THREAD_CREATE: u64 = 110;
    pub(crate) const THREAD_UPDATE: u64 = 111;
    pub(crate) const THREAD_DELETE: u64 = 112;
    pub(crate) const SOUND_CREATE: u64 = 130;
    pub(crate) const SOUND_UPDATE: u64 = 131;
    pub(crate) const SOUND_DELETE: u64 = 132;
    pub(crate) const MODERATION_RULE_CREATE: u64 = 140;
    pub(crate) const MODERATION_RULE_UPDATE: u64 = 141;
    pub(crate) const MODERATION_RULE_DELETE: u64 = 142;
    pub(crate) const ONBOARDING_UPDATE: u64 = 167;
    pub(crate) const VOICE_STATUS_UPDATE: u64 = 192;
    pub(crate) const VOICE_STATUS_DELETE: u64 = 193;
}

/// Who does something, and the reason they gave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct By<'a> {
    pub(crate) actor: Snowflake,
    pub(crate) reason: Option<&'a str>,
}

/// Something for the log.
#[derive(Debug)]
pub(crate) struct Deed {
    action: u64,
    target: Option<Snowflake>,
    changes: Vec<Value>,
    options: Option<Value>,
}

impl Deed {
    pub(crate) fn new(action: u64, target: Snowflake) -> Self {
        Self {
            action,
            target: Some(target),
            changes: Vec::new(),
            options: None,
        }
    }

    /// The guild itself was meant.
    pub(crate) const fn without_target(mut self) -> Self {
        self.target = None;
        self
    }

    /// Adds what became different between two forms of an object; `null` stands for no object.
    pub(crate) fn between(mut self, old: &Value, new: &Value) -> Self {
        self.changes = changes(old, new);
        self
    }

    pub(crate) fn changes(mut self, changes: Vec<Value>) -> Self {
        self.changes = changes;
        self
    }

    pub(crate) fn options(mut self, options: Value) -> Self {
        self.options = Some(options);
        self
    }
}

impl World {
    /// Writes an entry, and tells those who may hear of it.
    pub(crate) fn audit(&mut self, guild: Snowflake, by: By<'_>, deed: Deed) {
        let mut entry = json!({
            "id": self.next_id(),
            "user_id": by.actor,
            "target_id": deed.target,
            "action_type": deed.action,
        });
        if !deed.changes.is_empty() {
            entry["changes"] = deed.changes.into();
        }
        if let Some(options) = deed.options {
            entry["options"] = options;
        }
        if let Some(reason) = by.reason.filter(|it| !it.is_empty()) {
            entry["reason"] = json!(reason);
        }
        let Some(home) = self.guilds.get_mut(&guild) else {
            return;
        };
        home.audit.push_back(entry.clone());
        if home.audit.len() > ENTRIES_KEPT {
            home.audit.pop_front();
        }
        entry["guild_id"] = json!(guild);
        self.tell(guild, "GUILD_AUDIT_LOG_ENTRY_CREATE", entry);
    }
}

/// Ids and what follows from other fields say nothing that the entry does not say.
const UNTOLD: [&str; 9] = [
    "id",
    "guild_id",
    "colors",
    "last_message_id",
    "managed",
    "user",
    "token",
    "url",
    "version",
];

/// Every field that differs, as `{key, old_value, new_value}`.
fn changes(old: &Value, new: &Value) -> Vec<Value> {
    let none = Map::new();
    let (old, new) = (
        old.as_object().unwrap_or(&none),
        new.as_object().unwrap_or(&none),
    );
    let added = new.keys().filter(|key| !old.contains_key(*key));
    let keys = old
        .keys()
        .chain(added)
        .filter(|key| !UNTOLD.contains(&key.as_str()));
    let changed = keys.filter_map(|key| {
        let (before, after) = (old.get(key), new.get(key));
        let (before, after) = (
            before.filter(|it| !it.is_null()),
            after.filter(|it| !it.is_null()),
        );
        let has_flags = [before, after].iter().flatten().any(|it| **it != 0);
        if before == after || key == "flags" && !has_flags {
            return None;
        }
        let mut change = json!({ "key": key });
        if let Some(before) = before {
            change["old_value"] = before.clone();
        }
        if let Some(after) = after {
            change["new_value"] = after.clone();
        }
        Some(change)
    });
    changed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &Value, new: &Value, expected: &Value) {
        assert_eq!(&Value::from(changes(old, new)), expected);
    }

    #[test]
    fn changes_name_each_field_that_differs() {
        let (old, new) = (
            json!({ "id": 1, "a": 1, "b": 2 }),
            json!({ "id": 2, "a": 1, "b": 3 }),
        );
        check(
            &old,
            &new,
            &json!([{ "key": "b", "old_value": 2, "new_value": 3 }]),
        );
        check(
            &Value::Null,
            &json!({ "a": 1, "flags": 0, "managed": false }),
            &json!([{ "key": "a", "new_value": 1 }]),
        );
        check(
            &json!({ "a": 1, "b": null }),
            &Value::Null,
            &json!([{ "key": "a", "old_value": 1 }]),
        );
    }
}
