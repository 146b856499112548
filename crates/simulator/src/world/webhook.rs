//! Webhooks: addresses that write into a channel under a name of their own.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::snowflake::{Snowflake, mix};
use crate::world::World;
use crate::world::audit::{By, Deed, action};

#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub(crate) id: Snowflake,
    pub(crate) token: String,
    pub(crate) guild: Snowflake,
    pub(crate) channel: Snowflake,
    pub(crate) name: String,
    /// Hash of its image.
    pub(crate) avatar: Option<String>,
    pub(crate) creator: Snowflake,
    /// Whether the creator is a bot; then the webhook is its application's.
    pub(crate) is_of_application: bool,
    /// The channel that is followed through it.
    pub(crate) source: Option<Source>,
}

/// A channel of announcements that another follows.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) guild: Snowflake,
    pub(crate) guild_name: String,
    pub(crate) channel: Snowflake,
    pub(crate) channel_name: String,
}

/// Under which name a message was written by a webhook.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    pub(crate) webhook: Snowflake,
    pub(crate) name: String,
    pub(crate) avatar: Option<String>,
    /// The application that the webhook belongs to.
    pub(crate) application: Option<Snowflake>,
}

impl Signature {
    /// The author of such a message.
    pub(crate) fn author(&self) -> Value {
        json!({
            "id": self.webhook,
            "username": self.name,
            "discriminator": "0000",
            "avatar": self.avatar,
            "global_name": null,
            "bot": true,
            "public_flags": 0,
            "flags": 0,
            "primary_guild": null,
        })
    }
}

impl World {
    pub(crate) fn create_webhook(
        &mut self,
        guild: Snowflake,
        channel: Snowflake,
        name: String,
        avatar: Option<&crate::world::upload::Image>,
        by: By<'_>,
    ) -> Snowflake {
        let id = self.next_id();
        let avatar = avatar.map(|image| self.keep_image("avatars", id, image));
        let webhook = Webhook {
            id,
            token: format!(
                "{:016x}{:016x}{:016x}",
                mix(id.get()),
                mix(id.get() + 1),
                mix(!id.get())
            ),
            guild,
            channel,
            name,
            avatar,
            creator: by.actor,
            is_of_application: by.actor == self.application.id,
            source: None,
        };
        let new = self.webhook_object(&webhook);
        self.webhooks.insert(id, webhook);
        let deed = Deed::new(action::WEBHOOK_CREATE, id).between(&Value::Null, &new);
        self.after_webhook(guild, channel, by, deed);
        id
    }

    /// # Errors
    /// 10015 when there is none of this id, or its token is another.
    pub(crate) fn webhook(&self, id: Snowflake, token: Option<&str>) -> Result<&Webhook, ApiError> {
        let known = self
            .webhooks
            .get(&id)
            .ok_or_else(ApiError::unknown_webhook)?;
        match token.is_none_or(|token| token == known.token) {
            true => Ok(known),
            false => Err(ApiError::invalid_webhook_token()),
        }
    }

    /// # Errors
    /// 10015 when there is none.
    pub(crate) fn change_webhook(
        &mut self,
        id: Snowflake,
        by: By<'_>,
        change: impl FnOnce(&mut Webhook),
    ) -> Result<(), ApiError> {
        let mut webhook = self.webhook(id, None)?.clone();
        let old = self.webhook_object(&webhook);
        change(&mut webhook);
        let new = self.webhook_object(&webhook);
        let (guild, channel) = (webhook.guild, webhook.channel);
        self.webhooks.insert(id, webhook);
        let deed = Deed::new(action::WEBHOOK_UPDATE, id).between(&old, &new);
        self.after_webhook(guild, channel, by, deed);
        Ok(())
    }

    /// # Errors
    /// 10015 when there is none.
    pub(crate) fn drop_webhook(&mut self, id: Snowflake, by: By<'_>) -> Result<(), ApiError> {
        let webhook = self
            .webhooks
            .remove(&id)
            .ok_or_else(ApiError::unknown_webhook)?;
        let old = self.webhook_object(&webhook);
        let deed = Deed::new(action::WEBHOOK_DELETE, id).between(&old, &Value::Null);
        self.after_webhook(webhook.guild, webhook.channel, by, deed);
        Ok(())
    }

    fn after_webhook(&mut self, guild: Snowflake, channel: Snowflake, by: By<'_>, deed: Deed) {
        let data = json!({ "guild_id": guild, "channel_id": channel });
        self.tell(guild, "WEBHOOKS_UPDATE", data);
        self.audit(guild, by, deed);
    }

    /// A webhook with its token, and its creator.
    pub(crate) fn webhook_object(&self, it: &Webhook) -> Value {
        let mut object = self.webhook_without_creator(it);
        object["user"] = json!(self.users.get(&it.creator).map(payload::user::user));
        object
    }

    /// A webhook as those see it who know its token only.
    pub(crate) fn webhook_without_creator(&self, it: &Webhook) -> Value {
        if let Some(source) = &it.source {
            return following(it, source);
        }
        json!({
            "id": it.id,
            "type": 1,
            "guild_id": it.guild,
            "channel_id": it.channel,
            "name": it.name,
            "avatar": it.avatar,
            "token": it.token,
            "application_id": it.is_of_application.then_some(it.creator),
            "url": format!("{}/api/webhooks/{}/{}", self.base_url, it.id, it.token),
        })
    }
}

/// A webhook through which a channel follows another; nobody is told its token.
fn following(it: &Webhook, source: &Source) -> Value {
    json!({
        "id": it.id,
        "type": 2,
        "guild_id": it.guild,
        "channel_id": it.channel,
        "name": it.name,
        "avatar": it.avatar,
        "application_id": null,
        "source_guild": { "id": source.guild, "name": source.guild_name, "icon": null },
        "source_channel": { "id": source.channel, "name": source.channel_name },
    })
}
