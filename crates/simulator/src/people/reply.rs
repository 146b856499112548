//! What the bot answered.

use serde_json::Value;

use crate::people::Message;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::interaction::{Answer, Interaction};

/// The answer to an interaction, as the person who started it sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    interaction: Snowflake,
    message: Option<Message>,
    is_deferred: bool,
    modal: Option<Value>,
    choices: Option<Value>,
}

impl Reply {
    /// The answer so far; `None` while there is none, or only a promise of one.
    pub(crate) fn of(world: &World, interaction: &Interaction) -> Option<Self> {
        let mut reply = Self {
            interaction: interaction.id,
            message: None,
            is_deferred: false,
            modal: None,
            choices: None,
        };
        match &interaction.answer {
            Answer::None | Answer::Deferred { .. } => return None,
            Answer::Message {
                message,
                was_deferred,
            } => {
                reply.is_deferred = *was_deferred;
                reply.message = seen(world, interaction, *message);
            }
            Answer::Update { message } => reply.message = seen(world, interaction, *message),
            Answer::Acknowledged => {}
            Answer::Modal(modal) => reply.modal = Some(modal.clone()),
            Answer::Choices(choices) => reply.choices = Some(choices.clone()),
        }
        Some(reply)
    }

    /// Id of the interaction that was answered.
    pub const fn interaction_id(&self) -> Snowflake {
        self.interaction
    }

    /// The message; `None` for a form, for suggestions, and when it was deleted at once.
    pub const fn message(&self) -> Option<&Message> {
        self.message.as_ref()
    }

    /// Content and embeds as a person reads them, one part per line; see [`Message::text`]. Empty
    /// without a message.
    pub fn text(&self) -> String {
        let text = self.message.as_ref().map(Message::text);
        text.unwrap_or_default().to_owned()
    }

    /// The content as it was sent; empty without a message.
    pub fn content(&self) -> &str {
        self.message.as_ref().map_or("", Message::content)
    }

    /// The embeds as they were sent.
    pub fn embeds(&self) -> &[Value] {
        self.message.as_ref().map_or(&[], Message::embeds)
    }

    /// Whether only the person who asked sees it.
    pub fn is_ephemeral(&self) -> bool {
        self.message.as_ref().is_some_and(Message::is_ephemeral)
    }

    /// Whether the bot promised an answer first.
    pub const fn is_deferred(&self) -> bool {
        self.is_deferred
    }

    /// The form that was opened, as it was sent.
    pub const fn modal(&self) -> Option<&Value> {
        self.modal.as_ref()
    }

    /// The suggestions for an option, as they were sent.
    pub const fn choices(&self) -> Option<&Value> {
        self.choices.as_ref()
    }
}

fn seen(world: &World, interaction: &Interaction, message: Snowflake) -> Option<Message> {
    let channel = world.channels.get(&interaction.channel)?;
    let message = channel.messages.get(&message)?;
    Some(Message::of(world, message))
}
