//! Sounds of a guild's soundboard, and those that everybody has.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::gateway::event;
use crate::gateway::operations::{Outcome, close_code};
use crate::payload;
use crate::rest::fields::id;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::{By, Deed, action};
use crate::world::guild::change_one;

#[derive(Clone, Debug)]
pub(crate) struct Sound {
    pub(crate) id: Snowflake,
    pub(crate) name: String,
    /// 0 to 1.
    pub(crate) volume: f64,
    /// At most one of an emoji of a guild and one of Unicode.
    pub(crate) emoji: (Option<Snowflake>, Option<String>),
    pub(crate) creator: Snowflake,
    pub(crate) guild: Snowflake,
}

/// Sounds that everybody has, by number: name and emoji.
const DEFAULT: [(&str, &str); 4] = [
    ("quack", "🦆"),
    ("airhorn", "🔊"),
    ("cricket", "🦗"),
    ("ba dum tss", "🥁"),
];

/// The sounds that everybody has, as they stand on the wire.
pub(crate) fn default_sounds() -> Vec<Value> {
    let numbered = DEFAULT.iter().zip(1_u64..);
    let sounds = numbered.map(|((name, emoji), number)| {
        json!({
            "sound_id": number.to_string(),
            "name": name,
            "volume": 1.0,
            "emoji_id": null,
            "emoji_name": emoji,
            "available": true,
        })
    });
    sounds.collect()
}

impl World {
    /// Op 31: the sounds of each of these guilds that the bot is in.
    pub(crate) fn request_sounds(&mut self, session: &str, data: &Value) -> Outcome {
        let Some(guilds) = data["guild_ids"].as_array() else {
            return Outcome::Close(close_code::DECODE_ERROR);
        };
        let bot = self.application.id;
        for id in guilds.iter().filter_map(id) {
            let guild = self
                .guilds
                .get(&id)
                .filter(|it| it.members.contains_key(&bot));
            let Some(guild) = guild else {
                continue;
            };
            let sounds: Vec<_> = guild.sounds.values().map(|it| self.sound(it)).collect();
            let data = json!({ "guild_id": id, "soundboard_sounds": sounds });
            if let Some(session) = self.sessions.get_mut(session) {
                session.push(event::write("SOUNDBOARD_SOUNDS", &data));
            }
        }
        Outcome::Continue
    }

    pub(crate) fn sound(&self, it: &Sound) -> Value {
        json!({
            "sound_id": it.id,
            "name": it.name,
            "volume": it.volume,
            "emoji_id": it.emoji.0,
            "emoji_name": it.emoji.1,
            "guild_id": it.guild,
            "available": true,
            "user": self.users.get(&it.creator).map(payload::user::user),
        })
    }

    pub(crate) fn add_sound(&mut self, sound: Sound, by: By<'_>) -> Value {
        let (guild, id, new) = (sound.guild, sound.id, self.sound(&sound));
        if let Some(home) = self.guilds.get_mut(&guild) {
            home.sounds.insert(id, sound);
        }
        self.tell(guild, "GUILD_SOUNDBOARD_SOUND_CREATE", new.clone());
        let deed = Deed::new(action::SOUND_CREATE, id);
        self.audit(guild, by, deed.between(&Value::Null, &new));
        new
    }

    /// # Errors
    /// 10097 for an unknown sound.
    pub(crate) fn change_sound(
        &mut self,
        guild: Snowflake,
        id: Snowflake,
        by: By<'_>,
        change: impl FnOnce(&mut Sound),
    ) -> Result<Value, ApiError> {
        let own = self.guilds.get_mut(&guild).map(|home| &mut home.sounds);
        let (before, after) = change_one(own, id, ApiError::unknown_sound, change)?;
        let (old, new) = (self.sound(&before), self.sound(&after));
        self.tell(guild, "GUILD_SOUNDBOARD_SOUND_UPDATE", new.clone());
        let deed = Deed::new(action::SOUND_UPDATE, id);
        self.audit(guild, by, deed.between(&old, &new));
        Ok(new)
    }

    /// # Errors
    /// 10097 for an unknown sound.
    pub(crate) fn drop_sound(
        &mut self,
        guild: Snowflake,
        id: Snowflake,
        by: By<'_>,
    ) -> Result<(), ApiError> {
        let home = self.guilds.get_mut(&guild);
        let sound = home.and_then(|home| home.sounds.remove(&id));
        let old = self.sound(&sound.ok_or_else(ApiError::unknown_sound)?);
        let data = json!({ "sound_id": id, "guild_id": guild });
        self.tell(guild, "GUILD_SOUNDBOARD_SOUND_DELETE", data);
        let deed = Deed::new(action::SOUND_DELETE, id);
        self.audit(guild, by, deed.between(&old, &Value::Null));
        Ok(())
    }
}
