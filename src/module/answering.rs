//! How a handler of a component or form answers, whatever has been answered or promised by then.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use anyhow::bail;
use poise::CreateReply;
use serenity::{
    builder::{
        Builder, CreateAllowedMentions, CreateInteractionResponse,
        CreateInteractionResponseFollowup, CreateInteractionResponseMessage,
        EditInteractionResponse,
    },
    client::Context,
    model::id::InteractionId,
};

use crate::{error::Result, host::Host, reply::Reply, rest::Open};

/// What a handler answers with.
pub(crate) struct Answering {
    pub(crate) context: Context,
    pub(crate) host: Host,
    pub(crate) open: Arc<Open>,
    pub(crate) id: InteractionId,
    pub(crate) token: String,
    /// Whether the first answer was a message of its own, so that there is no way to the component's any more.
    has_replied: AtomicBool,
}

impl Answering {
    pub(crate) fn new(
        context: Context,
        host: Host,
        open: Arc<Open>,
        id: InteractionId,
        token: &str,
    ) -> Self {
        Self {
            context,
            host,
            open,
            id,
            token: token.to_owned(),
            has_replied: AtomicBool::new(false),
        }
    }

    pub(crate) async fn reply(&self, reply: Reply) -> Result<()> {
        let reply = quiet(reply.into());
        if self.open.is_answered().await {
            let message = CreateInteractionResponseFollowup::new();
            let message = reply.to_slash_followup_response(message);
            message.execute(&self.context, (None, &self.token)).await?;
            return Ok(());
        }
        let message = CreateInteractionResponseMessage::new();
        let message = reply.to_slash_initial_response(message);
        self.first(CreateInteractionResponse::Message(message))
            .await?;
        self.has_replied.store(true, Ordering::Release);
        Ok(())
    }

    /// Makes the message say just this: its text, embed and buttons are replaced.
    pub(super) async fn update(&self, reply: Reply) -> Result<()> {
        if self.has_replied.load(Ordering::Acquire) {
            bail!("a message is updated before anything is replied, or not at all");
        }
        let reply = quiet(reply.whole());
        if self.open.is_answered().await {
            let edit = EditInteractionResponse::new();
            let edit = reply.to_slash_initial_response_edit(edit);
            edit.execute(&self.context, &self.token).await?;
            return Ok(());
        }
        let message = CreateInteractionResponseMessage::new();
        let message = reply.to_slash_initial_response(message);
        self.first(CreateInteractionResponse::UpdateMessage(message))
            .await
    }

    pub(super) async fn first(&self, response: CreateInteractionResponse) -> Result<()> {
        let to = (self.id, self.token.as_str());
        response.execute(&self.context, to).await?;
        Ok(())
    }
}

/// Pings nobody.
fn quiet(reply: CreateReply) -> CreateReply {
    reply.allowed_mentions(CreateAllowedMentions::new())
}
