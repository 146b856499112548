//! A message as it was when somebody looked.

use serde_json::Value;

use crate::payload;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::message::Message as Stored;

/// A snapshot of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    id: Snowflake,
    channel: Snowflake,
    author: String,
    content: String,
    embeds: Vec<Value>,
    text: String,
    kind: u8,
    is_ephemeral: bool,
    files: Vec<(String, Vec<u8>)>,
}

impl Message {
    pub(crate) fn of(world: &World, message: &Stored) -> Self {
        Self {
            id: message.id,
            channel: message.channel,
            author: world.name_of(message.author),
            content: message.content.clone(),
            embeds: message.embeds.clone(),
            text: payload::text::of_message(world, message),
            kind: message.kind(),
            is_ephemeral: message.is_ephemeral(),
            files: files(world, message),
        }
    }

    /// The id; ids grow with time.
    pub const fn id(&self) -> Snowflake {
        self.id
    }

    /// The channel it stands in.
    pub const fn channel_id(&self) -> Snowflake {
        self.channel
    }

    /// Name of the author.
    pub fn author(&self) -> &str {
        &self.author
    }

    /// The content as it was sent, with ids in mentions.
    pub fn content(&self) -> &str {
        &self.content
    }

    /// The embeds as they were sent.
    pub fn embeds(&self) -> &[Value] {
        &self.embeds
    }

    /// Content, embeds, polls and layouts as a person reads them: one part per line, names for
    /// mentions (`ann` for `<@1>`), words for timestamps.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Discord's number for the type: 0 for what somebody wrote, 7 for the notice that the author
    /// joined, 19 for a reply, 20 for the answer to a command.
    pub const fn kind(&self) -> u8 {
        self.kind
    }

    /// The names of its files, and what is in them.
    pub fn files(&self) -> &[(String, Vec<u8>)] {
        &self.files
    }

    /// Whether only one person sees it.
    pub const fn is_ephemeral(&self) -> bool {
        self.is_ephemeral
    }
}

fn files(world: &World, message: &Stored) -> Vec<(String, Vec<u8>)> {
    let files = message.attachments.iter().filter_map(|it| {
        let upload = world.uploads.get(&it.path)?;
        Some((it.name.clone(), upload.bytes.to_vec()))
    });
    files.collect()
}
