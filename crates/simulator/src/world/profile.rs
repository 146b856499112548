//! What an application has beside its bot: how it presents itself, its emojis, what it asks of
//! linked roles, and what was sold.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::gateway::sessions::Event;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::emoji::Emoji;
use crate::world::upload::Image;

#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    /// Description, tags, addresses and the like, as they were set last.
    pub(crate) settings: Map<String, Value>,
    pub(crate) emojis: BTreeMap<Snowflake, Emoji>,
    /// What a linked role can ask for, as it stands on the wire.
    pub(crate) connections: Vec<Value>,
    pub(crate) entitlements: BTreeMap<Snowflake, Entitlement>,
}

/// Something that a person or a guild has bought, or was given to try.
#[derive(Clone, Debug)]
pub(crate) struct Entitlement {
    pub(crate) id: Snowflake,
    pub(crate) sku: Snowflake,
    pub(crate) user: Option<Snowflake>,
    pub(crate) guild: Option<Snowflake>,
    /// Who gave it; a guild's carries the id of whoever got it for the guild.
    pub(crate) giver: Snowflake,
    pub(crate) is_consumed: bool,
}

impl Entitlement {
    /// A test entitlement has no beginning and no end.
    pub(crate) fn object(&self, application: Snowflake) -> Value {
        let mut object = json!({
            "id": self.id,
            "sku_id": self.sku,
            "application_id": application,
            "user_id": self.user.unwrap_or(self.giver),
            "type": 8,
            "deleted": false,
            "consumed": self.is_consumed,
            "starts_at": null,
            "ends_at": null,
        });
        if let Some(guild) = self.guild {
            object["guild_id"] = json!(guild);
        }
        object
    }

    /// Whether it counts for somebody in a guild, or outside.
    pub(crate) fn is_for(&self, user: Snowflake, guild: Option<Snowflake>) -> bool {
        self.user == Some(user) || self.guild.is_some() && self.guild == guild
    }
}

impl World {
    /// What the acting application has.
    pub(crate) fn profile(&self) -> Option<&Profile> {
        self.profiles.get(&self.application.id)
    }

    /// As [`Self::profile`], to change it.
    pub(crate) fn profile_mut(&mut self) -> &mut Profile {
        self.profiles.entry(self.application.id).or_default()
    }

    /// Adds an emoji to the acting application; its image is where those of guilds are.
    pub(crate) fn add_application_emoji(&mut self, name: String, image: &Image) -> Value {
        let (id, creator) = (self.next_id(), self.application.id);
        let is_animated = self.keep_emoji_image(id, image);
        let emoji = Emoji {
            id,
            name,
            roles: Vec::new(),
            creator,
            is_animated,
        };
        let object = self.emoji(&emoji);
        self.profile_mut().emojis.insert(id, emoji);
        object
    }

    /// # Errors
    /// 10014 when the acting application has no such emoji.
    pub(crate) fn application_emoji(&self, id: Snowflake) -> Result<&Emoji, ApiError> {
        let emoji = self.profile().and_then(|it| it.emojis.get(&id));
        emoji.ok_or_else(ApiError::unknown_emoji)
    }

    /// Gives somebody something to try, and tells the acting application.
    pub(crate) fn entitle(&mut self, entitlement: Entitlement) -> Value {
        let object = entitlement.object(self.application.id);
        let entitlements = &mut self.profile_mut().entitlements;
        entitlements.insert(entitlement.id, entitlement);
        self.tell_own("ENTITLEMENT_CREATE", object.clone());
        object
    }

    /// # Errors
    /// 10029 when there is no such entitlement.
    pub(crate) fn entitlement(&self, id: Snowflake) -> Result<&Entitlement, ApiError> {
        let known = self.profile().and_then(|it| it.entitlements.get(&id));
        known.ok_or_else(ApiError::unknown_entitlement)
    }

    /// Uses up something that is used once.
    ///
    /// # Errors
    /// 10029 when there is no such entitlement.
    pub(crate) fn consume(&mut self, id: Snowflake) -> Result<(), ApiError> {
        let application = self.application.id;
        let known = self.profile_mut().entitlements.get_mut(&id);
        let known = known.ok_or_else(ApiError::unknown_entitlement)?;
        known.is_consumed = true;
        let object = known.object(application);
        self.tell_own("ENTITLEMENT_UPDATE", object);
        Ok(())
    }

    /// Takes something back.
    ///
    /// # Errors
    /// 10029 when there is no such entitlement.
    pub(crate) fn disentitle(&mut self, id: Snowflake) -> Result<(), ApiError> {
        let known = self.profile_mut().entitlements.remove(&id);
        let known = known.ok_or_else(ApiError::unknown_entitlement)?;
        let mut object = known.object(self.application.id);
        object["deleted"] = json!(true);
        self.tell_own("ENTITLEMENT_DELETE", object);
        Ok(())
    }

    fn tell_own(&mut self, kind: &'static str, data: Value) {
        let event = Event::new(kind, data).only_for(self.application.id);
        self.emit(&event);
    }
}
