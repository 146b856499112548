//! Scheduled events: what a guild plans.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::rest::fields::moment;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::{By, Deed, action};
use crate::world::due::Due;

/// Discord's number for what happens elsewhere than on Discord.
pub(crate) const EXTERNAL: u64 = 3;

/// Discord's numbers for how far an event is.
pub(crate) mod status {
    pub(crate) const SCHEDULED: u64 = 1;
    pub(crate) const ACTIVE: u64 = 2;
    pub(crate) const COMPLETED: u64 = 3;
    pub(crate) const CANCELED: u64 = 4;
}

#[derive(Clone, Debug)]
pub(crate) struct ScheduledEvent {
    pub(crate) id: Snowflake,
    pub(crate) creator: Snowflake,
    /// Name, times, place and the rest, as they stand on the wire.
    pub(crate) body: Map<String, Value>,
    /// Who is interested.
    pub(crate) users: BTreeSet<Snowflake>,
}

impl ScheduledEvent {
    pub(crate) fn number(&self, key: &str) -> u64 {
        self.body.get(key).and_then(Value::as_u64).unwrap_or(0)
    }
}

impl World {
    pub(crate) fn scheduled_event(&self, guild: Snowflake, it: &ScheduledEvent) -> Value {
        let mut object = json!({
            "id": it.id,
            "guild_id": guild,
            "channel_id": null,
            "creator_id": it.creator,
            "creator": self.users.get(&it.creator).map(payload::user::user),
            "description": null,
            "image": null,
            "scheduled_end_time": null,
            "status": status::SCHEDULED,
            "entity_id": null,
            "entity_metadata": null,
            "recurrence_rule": null,
            "privacy_level": 2,
            "guild_scheduled_event_exceptions": [],
        });
        for (key, value) in &it.body {
            object[key] = value.clone();
        }
        object
    }

    pub(crate) fn schedule(
        &mut self,
        guild: Snowflake,
        body: Map<String, Value>,
        by: By<'_>,
    ) -> Value {
        let id = self.next_id();
        let event = ScheduledEvent {
            id,
            creator: by.actor,
            body,
            users: BTreeSet::new(),
        };
        let new = self.scheduled_event(guild, &event);
        self.await_end(guild, &event);
        if let Some(home) = self.guilds.get_mut(&guild) {
            home.events.insert(id, event);
        }
        self.tell(guild, "GUILD_SCHEDULED_EVENT_CREATE", new.clone());
        self.audit(
            guild,
            by,
            Deed::new(action::EVENT_CREATE, id).between(&Value::Null, &new),
        );
        new
    }

    /// # Errors
    /// 10070 when there is none.
    pub(crate) fn reschedule(
        &mut self,
        guild: Snowflake,
        id: Snowflake,
        change: Map<String, Value>,
        by: By<'_>,
    ) -> Result<Value, ApiError> {
        let mut event = self.guild(guild)?.event(id)?.clone();
        let old = self.scheduled_event(guild, &event);
        event.body.extend(change);
        let new = self.scheduled_event(guild, &event);
        self.await_end(guild, &event);
        if let Some(home) = self.guilds.get_mut(&guild) {
            home.events.insert(id, event);
        }
        self.tell(guild, "GUILD_SCHEDULED_EVENT_UPDATE", new.clone());
        self.audit(
            guild,
            by,
            Deed::new(action::EVENT_UPDATE, id).between(&old, &new),
        );
        Ok(new)
    }

    /// An event that is no channel's ends at its time, when it has begun.
    fn await_end(&mut self, guild: Snowflake, event: &ScheduledEvent) {
        let end = event.body.get("scheduled_end_time").and_then(moment);
        let is_elsewhere = event.number("entity_type") == EXTERNAL;
        if let Some(end) = end.filter(|_| is_elsewhere) {
            let event = event.id;
            self.remind(end, Due::Event { guild, event });
        }
    }

    /// Ends an event that has begun and whose time is over; nothing happens to any other.
    pub(crate) fn complete(&mut self, guild: Snowflake, id: Snowflake) {
        let now = self.now();
        let home = self.guilds.get_mut(&guild);
        let Some(event) = home.and_then(|home| home.events.get_mut(&id)) else {
            return;
        };
        let end = event.body.get("scheduled_end_time").and_then(moment);
        if event.number("status") != status::ACTIVE || end.is_none_or(|end| end > now) {
            return;
        }
        event
            .body
            .insert("status".to_owned(), json!(status::COMPLETED));
        let event = event.clone();
        let data = self.scheduled_event(guild, &event);
        self.tell(guild, "GUILD_SCHEDULED_EVENT_UPDATE", data);
    }

    /// # Errors
    /// 10070 when there is none.
    pub(crate) fn unschedule(
        &mut self,
        guild: Snowflake,
        id: Snowflake,
        by: By<'_>,
    ) -> Result<(), ApiError> {
        let home = self
            .guilds
            .get_mut(&guild)
            .ok_or_else(ApiError::unknown_guild)?;
        let event = home
            .events
            .remove(&id)
            .ok_or_else(ApiError::unknown_scheduled_event)?;
        let old = self.scheduled_event(guild, &event);
        self.tell(guild, "GUILD_SCHEDULED_EVENT_DELETE", old.clone());
        self.audit(
            guild,
            by,
            Deed::new(action::EVENT_DELETE, id).between(&old, &Value::Null),
        );
        Ok(())
    }

    /// Somebody is interested in an event, or not any more.
    ///
    /// # Errors
    /// 10070 when there is none.
    pub(crate) fn follow_event(
        &mut self,
        guild: Snowflake,
        id: Snowflake,
        user: Snowflake,
        interested: bool,
    ) -> Result<(), ApiError> {
        let home = self
            .guilds
            .get_mut(&guild)
            .ok_or_else(ApiError::unknown_guild)?;
        let event = home
            .events
            .get_mut(&id)
            .ok_or_else(ApiError::unknown_scheduled_event)?;
        let (changed, kind) = match interested {
            true => (event.users.insert(user), "GUILD_SCHEDULED_EVENT_USER_ADD"),
            false => (
                event.users.remove(&user),
                "GUILD_SCHEDULED_EVENT_USER_REMOVE",
            ),
        };
        if changed {
            let data =
                json!({ "guild_scheduled_event_id": id, "user_id": user, "guild_id": guild });
            self.tell(guild, kind, data);
        }
        Ok(())
    }
}
