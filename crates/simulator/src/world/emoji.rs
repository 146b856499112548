//! A guild's own emojis.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::{By, Deed, action};
use crate::world::guild::change_one;
use crate::world::upload::Image;

#[derive(Clone, Debug)]
pub(crate) struct Emoji {
    pub(crate) id: Snowflake,
    pub(crate) name: String,
    pub(crate) roles: Vec<Snowflake>,
    pub(crate) creator: Snowflake,
    pub(crate) is_animated: bool,
}

impl World {
    pub(crate) fn emoji(&self, it: &Emoji) -> Value {
        json!({
            "id": it.id,
            "name": it.name,
            "roles": it.roles,
            "user": self.users.get(&it.creator).map(payload::user::user),
            "require_colons": true,
            "managed": false,
            "animated": it.is_animated,
            "available": true,
        })
    }

    /// Keeps the image of an emoji; gives whether it moves.
    pub(super) fn keep_emoji_image(&mut self, id: Snowflake, image: &Image) -> bool {
        let is_animated = image.content_type == "image/gif";
        let end = if is_animated { "gif" } else { "png" };
        let path = format!("/emojis/{id}.{end}");
        self.keep_upload(path, image.content_type.clone(), image.bytes.clone());
        is_animated
    }

    /// Adds an emoji; its image can be downloaded from `/emojis/{id}.{png or gif}`.
    pub(crate) fn add_emoji(
        &mut self,
        guild: Snowflake,
        name: String,
        roles: Vec<Snowflake>,
        image: &Image,
        by: By<'_>,
    ) -> Value {
        let id = self.next_id();
        let is_animated = self.keep_emoji_image(id, image);
        let emoji = Emoji {
            id,
            name,
            roles,
            creator: by.actor,
            is_animated,
        };
        let new = self.emoji(&emoji);
        if let Some(home) = self.guilds.get_mut(&guild) {
            home.emojis.insert(id, emoji);
        }
        self.after_emoji(
            guild,
            by,
            Deed::new(action::EMOJI_CREATE, id).between(&Value::Null, &new),
        );
        new
    }

    /// # Errors
    /// 10014 for an unknown emoji.
    pub(crate) fn change_emoji(
        &mut self,
        guild: Snowflake,
        id: Snowflake,
        by: By<'_>,
        change: impl FnOnce(&mut Emoji),
    ) -> Result<Value, ApiError> {
        let own = self.guilds.get_mut(&guild).map(|home| &mut home.emojis);
        let (before, after) = change_one(own, id, ApiError::unknown_emoji, change)?;
        let (old, new) = (self.emoji(&before), self.emoji(&after));
        self.after_emoji(
            guild,
            by,
            Deed::new(action::EMOJI_UPDATE, id).between(&old, &new),
        );
        Ok(new)
    }

    /// # Errors
    /// 10014 for an unknown emoji.
    pub(crate) fn drop_emoji(
        &mut self,
        guild: Snowflake,
        id: Snowflake,
        by: By<'_>,
    ) -> Result<(), ApiError> {
        let home = self
            .guilds
            .get_mut(&guild)
            .ok_or_else(ApiError::unknown_guild)?;
        let emoji = home
            .emojis
            .remove(&id)
            .ok_or_else(ApiError::unknown_emoji)?;
        let old = self.emoji(&emoji);
        self.after_emoji(
            guild,
            by,
            Deed::new(action::EMOJI_DELETE, id).between(&old, &Value::Null),
        );
        Ok(())
    }

    fn after_emoji(&mut self, guild: Snowflake, by: By<'_>, deed: Deed) {
        let emojis: Vec<_> = self.guilds[&guild]
            .emojis
            .values()
            .map(|it| self.emoji(it))
            .collect();
        self.tell(
            guild,
            "GUILD_EMOJIS_UPDATE",
            json!({ "guild_id": guild, "emojis": emojis }),
        );
        self.audit(guild, by, deed);
    }
}
