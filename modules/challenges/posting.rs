//! What is posted in a challenge's channel, or told to whoever set it up when there is no channel any more.

use cogsmith::prelude::*;
use serenity::{
    builder::{CreateAllowedMentions, CreateMessage},
    http::HttpError,
    model::{
        channel::Nonce,
        id::{GuildId, UserId},
    },
};

use super::{Challenges, challenge::Challenge, week::Week};

impl Challenges {
    /// Posts a text of this kind about a week, once: Discord takes a message of the same nonce for the same one.
    /// Where the bot cannot post, whoever set the challenge up is told instead.
    pub(super) async fn post(
        &self,
        guild: GuildId,
        challenge: &Challenge,
        text: &str,
        about: (&str, Week),
        pinged: &[UserId],
    ) -> Result<()> {
        let message = message(text, nonce(guild, about))
            .allowed_mentions(CreateAllowedMentions::new().users(pinged));
        let http = self.host.http();
        match challenge.channel.send_message(http, message).await {
            Err(error) if is_refused(&error) => self.tell(guild, challenge, text, about).await,
            posted => Ok(posted.map(drop)?),
        }
    }

    /// Tells whoever set the challenge up, or the bot's owner when they cannot be told.
    async fn tell(
        &self,
        guild: GuildId,
        challenge: &Challenge,
        text: &str,
        about: (&str, Week),
    ) -> Result<()> {
        let name = match guild.to_partial_guild(self.host.http()).await {
            Ok(guild) => guild.name,
            Err(_) => format!("the server {guild}"),
        };
        let text = format!(
            "I cannot post in <#{}> of {name} any more; `/challenge_config create channel:` there chooses another \
             channel. What I had to say:\n{text}",
            challenge.channel
        );
        let Some(user) = challenge.set_up_by else {
            return self.host.tell_owner(text).await;
        };
        let message = message(&text, nonce(guild, about));
        match user.direct_message(self.host.http(), message).await {
            Err(error) if is_refused(&error) => self.host.tell_owner(text).await,
            told => Ok(told.map(drop)?),
        }
    }
}

fn message(text: &str, nonce: String) -> CreateMessage {
    CreateMessage::new()
        .content(shorten(text, 2_000))
        .nonce(Nonce::String(nonce))
        .enforce_nonce(true)
}

/// Discord says that the channel is not there, or not for the bot: trying again would not help.
fn is_refused(error: &serenity::Error) -> bool {
    let serenity::Error::Http(HttpError::UnsuccessfulRequest(refused)) = error else {
        return false;
    };
    [403, 404].contains(&refused.status_code.as_u16())
}

/// At most 25 characters, the same for each attempt at a week.
fn nonce(guild: GuildId, (kind, week): (&str, Week)) -> String {
    format!("{kind}{:x}-{:x}{:x}", guild.get(), week.year, week.number)
}
