//! Stages: what is held on them, and who may speak.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::{By, Deed, action};
use crate::world::channel::ChannelKind;

/// Something that is held on a stage now.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) id: Snowflake,
    pub(crate) guild: Snowflake,
    pub(crate) channel: Snowflake,
    pub(crate) topic: String,
    pub(crate) event: Option<Snowflake>,
}

impl Stage {
    pub(crate) fn object(&self) -> Value {
        json!({
            "id": self.id,
            "guild_id": self.guild,
            "channel_id": self.channel,
            "topic": self.topic,
            "privacy_level": 2,
            "discoverable_disabled": true,
            "guild_scheduled_event_id": self.event,
        })
    }
}

/// Somebody's part on a stage.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Part {
    /// They only listen.
    pub(crate) is_suppressed: bool,
    /// Since when they wait to speak.
    pub(crate) asked_at: Option<DateTime<Utc>>,
}

impl Part {
    /// Of those who came in just now, and of everybody who is on no stage.
    pub(crate) const fn of_newcomer(kind: Option<ChannelKind>) -> Self {
        Self {
            is_suppressed: matches!(kind, Some(ChannelKind::Stage)),
            asked_at: None,
        }
    }
}

impl World {
    pub(crate) fn stage(&self, channel: Snowflake) -> Result<&Stage, ApiError> {
        let stage = self.stages.get(&channel);
        stage.ok_or_else(ApiError::unknown_stage)
    }

    /// Begins something on a stage.
    ///
    /// # Errors
    /// 150006 when there is something.
    pub(crate) fn open_stage(&mut self, stage: Stage, by: By<'_>) -> Result<Value, ApiError> {
        if self.stages.contains_key(&stage.channel) {
            return Err(ApiError::stage_is_open());
        }
        let (guild, id, new) = (stage.guild, stage.id, stage.object());
        self.stages.insert(stage.channel, stage);
        self.tell(guild, "STAGE_INSTANCE_CREATE", new.clone());
        let deed = Deed::new(action::STAGE_CREATE, id);
        self.audit(guild, by, deed.between(&Value::Null, &new));
        Ok(new)
    }

    /// # Errors
    /// 10067 when there is nothing on the stage.
    pub(crate) fn change_stage(
        &mut self,
        channel: Snowflake,
        topic: Option<&str>,
        by: By<'_>,
    ) -> Result<Value, ApiError> {
        let stage = self.stages.get_mut(&channel);
        let stage = stage.ok_or_else(ApiError::unknown_stage)?;
        let (guild, id, old) = (stage.guild, stage.id, stage.object());
        if let Some(topic) = topic {
            topic.clone_into(&mut stage.topic);
        }
        let new = stage.object();
        self.tell(guild, "STAGE_INSTANCE_UPDATE", new.clone());
        let deed = Deed::new(action::STAGE_UPDATE, id);
        self.audit(guild, by, deed.between(&old, &new));
        Ok(new)
    }

    /// # Errors
    /// 10067 when there is nothing on the stage.
    pub(crate) fn close_stage(&mut self, channel: Snowflake, by: By<'_>) -> Result<(), ApiError> {
        let stage = self.stages.remove(&channel);
        let stage = stage.ok_or_else(ApiError::unknown_stage)?;
        self.tell(stage.guild, "STAGE_INSTANCE_DELETE", stage.object());
        let deed = Deed::new(action::STAGE_DELETE, stage.id);
        let deed = deed.between(&stage.object(), &Value::Null);
        self.audit(stage.guild, by, deed);
        Ok(())
    }

    /// Somebody's part, wherever they are.
    pub(crate) fn part_of(&self, guild: Snowflake, user: Snowflake) -> Part {
        let known = self.parts.get(&(guild, user)).copied();
        known.unwrap_or(Part::of_newcomer(None))
    }

    /// Gives somebody another part on the stage where they are.
    pub(crate) fn set_part(&mut self, guild: Snowflake, user: Snowflake, part: Part) {
        if self.parts.insert((guild, user), part) != Some(part) {
            let data = self.voice_state_in(guild, user);
            self.tell(guild, "VOICE_STATE_UPDATE", data);
        }
    }
}
