//! What is said when Discord refuses the list of members: to who asked, and once to the bot's owner.

use cogsmith::prelude::*;
use serenity::model::id::GuildId;
use tracing::warn;

use super::{Members, listing::Forbidden, store};

impl Members {
    /// What who asked is told of an error. That the list is refused is a sentence for them, and is told to the owner.
    pub(super) async fn explained(&self, guild: GuildId, error: Error) -> Error {
        if !error.is::<Forbidden>() {
            return error;
        }
        let sentence = error.to_string();
        if let Err(error) = self.note_forbidden(guild).await {
            warn!(
                "telling that members cannot be listed: {}",
                ErrorChain(&error)
            );
        }
        UserError::new(sentence).into()
    }

    /// The intent is the application's, so the owner is told of the first server, and again only when a list was
    /// had in between.
    async fn note_forbidden(&self, guild: GuildId) -> Result<()> {
        let is_news = store::forbidden::add(self.host.db(), guild, self.host.now()).await?;
        if !is_news {
            return Ok(());
        }
        warn!(%guild, "Discord refuses to list members: is the Server Members Intent on?");
        let text = format!(
            "Discord does not let me list the members of the server {guild}. Exports and nightly snapshots do nothing there \
             until the *Server Members Intent* is switched on on the page of the \
             application, under *Bot*; everything else goes on. I say this once."
        );
        self.host.tell_owner(text).await
    }

    /// The list was had.
    pub(super) async fn note_allowed(&self, guild: GuildId) -> Result<()> {
        store::forbidden::remove(self.host.db(), guild).await
    }
}
