//! Pinned messages.

use serde_json::json;

use crate::error_codes::ApiError;
use crate::gateway::sessions::Event;
use crate::payload::timestamp;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::{By, Deed, action};
use crate::world::draft::Draft;
use crate::world::message::{Message, Notice};
use crate::world::news::intent_of;

/// Discord's limit of pins in a channel.
const PINS_MAX: usize = 250;

impl World {
    /// The pinned messages of a channel, last pinned first.
    pub(crate) fn pins(&self, channel: Snowflake) -> Result<Vec<&Message>, ApiError> {
        let messages = self.channel(channel)?.messages.values();
        let mut pinned: Vec<_> = messages.filter(|it| it.pinned.is_some()).collect();
        pinned.sort_by_key(|it| std::cmp::Reverse((it.pinned, it.id)));
        Ok(pinned)
    }

    /// Pins a message, and says so in the channel; nothing happens when it is pinned.
    ///
    /// # Errors
    /// An unknown message; 30003 when there are too many pins.
    pub(crate) fn pin(
        &mut self,
        channel: Snowflake,
        id: Snowflake,
        by: By<'_>,
    ) -> Result<(), ApiError> {
        let now = self.now();
        let count = self.pins(channel)?.len();
        let message = self.message_mut(channel, id)?;
        if message.pinned.is_some() {
            return Ok(());
        }
        if count >= PINS_MAX {
            return Err(ApiError::too_many_pins());
        }
        message.pinned = Some(now);
        let message = message.clone();
        if let Some(home) = self.channels.get_mut(&channel) {
            home.last_pin = Some(now);
        }
        self.after_pin(&message, action::MESSAGE_PIN, by);
        let notice = Draft {
            reply_to: Some(id),
            ..Draft::notice(Notice::Pinned)
        };
        self.post(channel, by.actor, notice).map(drop)
    }

    /// # Errors
    /// An unknown message.
    pub(crate) fn unpin(
        &mut self,
        channel: Snowflake,
        id: Snowflake,
        by: By<'_>,
    ) -> Result<(), ApiError> {
        let message = self.message_mut(channel, id)?;
        if message.pinned.take().is_some() {
            let message = message.clone();
            self.after_pin(&message, action::MESSAGE_UNPIN, by);
        }
        Ok(())
    }

    fn after_pin(&mut self, message: &Message, action: u64, by: By<'_>) {
        let channel = message.channel;
        let Some(home) = self.channels.get(&channel) else {
            return;
        };
        let guild = home.guild;
        let mut data = json!({ "channel_id": channel });
        if let Some(last) = home.last_pin {
            data["last_pin_timestamp"] = json!(timestamp(last));
        }
        if let Some(guild) = guild {
            data["guild_id"] = json!(guild);
        }
        self.announce(message, "MESSAGE_UPDATE");
        let event = Event::new("CHANNEL_PINS_UPDATE", data).guild_if(guild);
        let event = match guild {
            Some(_) => event.needs(intent_of("CHANNEL_PINS_UPDATE")),
            None => event.needs(crate::intents::Intents::DIRECT_MESSAGES),
        };
        self.emit(&event);
        if let Some(guild) = guild {
            let options = json!({ "channel_id": channel, "message_id": message.id });
            self.audit(
                guild,
                by,
                Deed::new(action, message.author).options(options),
            );
        }
    }
}
