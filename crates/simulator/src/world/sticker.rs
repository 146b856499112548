//! Stickers: a guild's own, and those of Discord's packs.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::rest::body::File;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::{By, Deed, action};
use crate::world::guild::change_one;

/// Discord's numbers for the formats.
const PNG: u64 = 1;
const LOTTIE: u64 = 3;
const GIF: u64 = 4;

#[derive(Clone, Debug)]
pub(crate) struct Sticker {
    pub(crate) id: Snowflake,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// The name of the emoji that it is found with.
    pub(crate) tags: String,
    pub(crate) creator: Snowflake,
    format: u64,
    guild: Snowflake,
}

/// The one pack that everybody has here, as Discord has them: its id, and id and name of each.
const PACK: u64 = 847_199_849_233_514_549;
const PACKED: [(u64, &str); 2] = [
    (749_054_660_769_218_631, "Wave"),
    (751_606_379_340_365_864, "Slap"),
];

/// The pack as it stands on the wire.
pub(crate) fn pack() -> Value {
    let stickers = PACKED
        .iter()
        .filter_map(|(id, _)| packed(Snowflake::new(*id)));
    json!({
        "id": PACK.to_string(),
        "name": "Wumpus Beyond",
        "sku_id": "847199849233514547",
        "description": "Say hello to Wumpus!",
        "cover_sticker_id": PACKED[0].0.to_string(),
        "banner_asset_id": "761773777976819706",
        "stickers": stickers.collect::<Vec<_>>(),
    })
}

/// A sticker of the pack.
pub(crate) fn packed(id: Snowflake) -> Option<Value> {
    let mut numbered = PACKED.iter().enumerate();
    let (place, (_, name)) = numbered.find(|(_, (known, _))| *known == id.get())?;
    Some(json!({
        "id": id,
        "pack_id": PACK.to_string(),
        "name": name,
        "description": format!("Wumpus: {name}"),
        "tags": name.to_lowercase(),
        "type": 1,
        "format_type": LOTTIE,
        "sort_value": place,
    }))
}

impl World {
    pub(crate) fn sticker(&self, it: &Sticker) -> Value {
        json!({
            "id": it.id,
            "name": it.name,
            "description": it.description,
            "tags": it.tags,
            "type": 2,
            "format_type": it.format,
            "available": true,
            "guild_id": it.guild,
            "user": self.users.get(&it.creator).map(payload::user::user),
        })
    }

    /// Finds a sticker wherever it is, as it stands on the wire.
    ///
    /// # Errors
    /// 10060 for an unknown sticker.
    pub(crate) fn any_sticker(&self, id: Snowflake) -> Result<Value, ApiError> {
        let own = || self.guilds.values().find_map(|it| it.stickers.get(&id));
        let found = packed(id).or_else(|| own().map(|it| self.sticker(it)));
        found.ok_or_else(ApiError::unknown_sticker)
    }

    /// A sticker as it stands in a message.
    pub(crate) fn sticker_item(&self, id: Snowflake) -> Option<Value> {
        let whole = self.any_sticker(id).ok()?;
        let keys = ["id", "name", "format_type"];
        Some(
            keys.iter()
                .map(|key| ((*key).to_owned(), whole[*key].clone()))
                .collect(),
        )
    }

    /// Adds a sticker; its image can be downloaded from `/stickers/{id}.{png or gif}`.
    pub(crate) fn add_sticker(
        &mut self,
        guild: Snowflake,
        (name, description, tags): (String, Option<String>, String),
        file: File,
        by: By<'_>,
    ) -> Value {
        let id = self.next_id();
        let format = if file.bytes.starts_with(b"GIF8") {
            GIF
        } else {
            PNG
        };
        let end = if format == GIF { "gif" } else { "png" };
        self.keep_upload(
            format!("/stickers/{id}.{end}"),
            file.content_type,
            file.bytes,
        );
        let sticker = Sticker {
            id,
            name,
            description,
            tags,
            creator: by.actor,
            format,
            guild,
        };
        let new = self.sticker(&sticker);
        if let Some(home) = self.guilds.get_mut(&guild) {
            home.stickers.insert(id, sticker);
        }
        let deed = Deed::new(action::STICKER_CREATE, id);
        self.after_sticker(guild, by, deed.between(&Value::Null, &new));
        new
    }

    /// # Errors
    /// 10060 for an unknown sticker.
    pub(crate) fn change_sticker(
        &mut self,
        guild: Snowflake,
        id: Snowflake,
        by: By<'_>,
        change: impl FnOnce(&mut Sticker),
    ) -> Result<Value, ApiError> {
        let own = self.guilds.get_mut(&guild).map(|home| &mut home.stickers);
        let (before, after) = change_one(own, id, ApiError::unknown_sticker, change)?;
        let (old, new) = (self.sticker(&before), self.sticker(&after));
        let deed = Deed::new(action::STICKER_UPDATE, id);
        self.after_sticker(guild, by, deed.between(&old, &new));
        Ok(new)
    }

    /// # Errors
    /// 10060 for an unknown sticker.
    pub(crate) fn drop_sticker(
        &mut self,
        guild: Snowflake,
        id: Snowflake,
        by: By<'_>,
    ) -> Result<(), ApiError> {
        let home = self.guilds.get_mut(&guild);
        let sticker = home.and_then(|home| home.stickers.remove(&id));
        let old = self.sticker(&sticker.ok_or_else(ApiError::unknown_sticker)?);
        let deed = Deed::new(action::STICKER_DELETE, id);
        self.after_sticker(guild, by, deed.between(&old, &Value::Null));
        Ok(())
    }

    fn after_sticker(&mut self, guild: Snowflake, by: By<'_>, deed: Deed) {
        let stickers = self.guilds[&guild].stickers.values();
        let stickers: Vec<_> = stickers.map(|it| self.sticker(it)).collect();
        let data = json!({ "guild_id": guild, "stickers": stickers });
        self.tell(guild, "GUILD_STICKERS_UPDATE", data);
        self.audit(guild, by, deed);
    }
}
