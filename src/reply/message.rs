//! A whole answer.

use poise::CreateReply;

use super::{Embed, NOTHING, is_blank, limits, shorten};

/// What a command answers: a text, an embed, or both. A text is shortened to 2,000 code points.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Reply {
    text: String,
    embed: Option<Embed>,
    ephemeral: Option<bool>,
}

impl Reply {
    /// Adds an embed under the text.
    pub fn embed(mut self, embed: Embed) -> Self {
        self.embed = Some(embed);
        self
    }

    /// Shows it only to whoever used the command, also where the command itself does not say so.
    pub fn ephemeral(mut self) -> Self {
        self.ephemeral = Some(true);
        self
    }
}

impl From<String> for Reply {
    fn from(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }
}

impl From<&str> for Reply {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Embed> for Reply {
    fn from(embed: Embed) -> Self {
        Self::default().embed(embed)
    }
}

impl From<Reply> for CreateReply {
    fn from(reply: Reply) -> Self {
        let mut built = Self::default();
        if !is_blank(&reply.text) {
            built = built.content(shorten(&reply.text, limits::CONTENT));
        } else if reply.embed.is_none() {
            built = built.content(NOTHING);
        }
        if let Some(embed) = reply.embed {
            built = built.embed(embed.into());
        }
        if let Some(ephemeral) = reply.ephemeral {
            built = built.ephemeral(ephemeral);
        }
        built
    }
}
