//! Channels that follow an announcement channel: what is published there is copied to them.

use crate::error_codes::ApiError;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::By;
use crate::world::draft::Draft;
use crate::world::message::{CROSSPOSTED, IS_CROSSPOST, Message, Notice};
use crate::world::webhook::{Signature, Source};

impl World {
    /// Lets a channel follow another, through a webhook that is made for it, and says so there.
    ///
    /// # Errors
    /// An unknown channel.
    pub(crate) fn follow(
        &mut self,
        source: Snowflake,
        target: Snowflake,
        by: By<'_>,
    ) -> Result<Snowflake, ApiError> {
        let from = self.channel(source)?;
        let guild = from.guild.and_then(|id| self.guilds.get(&id));
        let guild = guild.ok_or_else(ApiError::unknown_guild)?;
        let name = format!("{} #{}", guild.name, from.name);
        let origin = Source {
            guild: guild.id,
            guild_name: guild.name.clone(),
            channel: source,
            channel_name: from.name.clone(),
        };
        let home = self.channel(target)?.guild;
        let home = home.ok_or_else(ApiError::unknown_guild)?;
        let webhook = self.create_webhook(home, target, name.clone(), None, by);
        if let Some(webhook) = self.webhooks.get_mut(&webhook) {
            webhook.source = Some(origin);
        }
        let notice = Draft {
            content: name,
            reply_channel: Some(source),
            ..Draft::notice(Notice::Followed)
        };
        self.post(target, by.actor, notice)?;
        Ok(webhook)
    }

    /// Publishes a message of an announcement channel: every channel that follows gets a copy.
    ///
    /// # Errors
    /// An unknown channel or message; 40033 when it was published.
    pub(crate) fn crosspost(&mut self, channel: Snowflake, id: Snowflake) -> Result<(), ApiError> {
        let message = self.message_mut(channel, id)?;
        if message.flags & CROSSPOSTED != 0 {
            return Err(ApiError::already_crossposted());
        }
        message.flags |= CROSSPOSTED;
        let message = message.clone();
        self.announce(&message, "MESSAGE_UPDATE");
        let followers = self.webhooks.values().filter(|it| {
            let source = it.source.as_ref();
            source.is_some_and(|source| source.channel == channel)
        });
        let followers: Vec<_> = followers.cloned().collect();
        for follower in followers {
            let signature = Signature {
                webhook: follower.id,
                name: follower.name.clone(),
                avatar: None,
                application: None,
            };
            let copy = copy_of(&message, signature);
            self.post(follower.channel, follower.id, copy)?;
        }
        Ok(())
    }
}

fn copy_of(message: &Message, signature: Signature) -> Draft {
    Draft {
        content: message.content.clone(),
        embeds: message.embeds.clone(),
        components: message.components.clone(),
        flags: message.flags & !CROSSPOSTED | IS_CROSSPOST,
        signature: Some(signature),
        reply_to: Some(message.id),
        reply_channel: Some(message.channel),
        ..Draft::default()
    }
}
