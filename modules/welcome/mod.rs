//! Greets whoever joins, where Discord announces it.
//!
//! Discord posts a notice of its own for each join; answering that notice needs no privileged intent.

#[cfg(test)]
mod tests;

use cogsmith::prelude::*;
use serenity::{
    builder::{CreateAllowedMentions, CreateMessage},
    model::{Permissions, channel::MessageType, event::MessageCreateEvent},
};

/// A greeting for whoever joins.
pub struct Welcome {
    host: Host,
}

impl Module for Welcome {
    const NAME: &'static str = "welcome";

    async fn load(host: Host) -> Result<Self> {
        Ok(Self { host })
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.needs(
            Permissions::VIEW_CHANNEL | Permissions::SEND_MESSAGES,
            "greets whoever joins",
        );
        setup
            .on(Self::greet)
            .only(|message| message.kind == MessageType::MemberJoin);
    }
}

impl Welcome {
    async fn greet(&self, event: Event<MessageCreateEvent>) -> Result<()> {
        let notice = &event.message;
        let greeting = CreateMessage::new()
            .content(format!("Welcome, <@{}>!", notice.author.id))
            .allowed_mentions(CreateAllowedMentions::new().users([notice.author.id]))
            .nonce(serenity::model::channel::Nonce::String(
                notice.id.to_string(),
            ))
            .enforce_nonce(true);
        notice
            .channel_id
            .send_message(self.host.http(), greeting)
            .await?;
        Ok(())
    }
}
