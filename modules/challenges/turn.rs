//! A guild's turn: who changes something reads, decides and writes within it, and nobody else meanwhile.

use cogsmith::{locks::Guard, prelude::*};
use serenity::model::id::GuildId;

use super::Challenges;

/// Dropping it ends the turn, and what was computed of the guild before counts no more.
#[must_use = "the turn is over when this is dropped"]
pub(super) struct Turn<'m> {
    module: &'m Challenges,
    guild: GuildId,
    _guard: Guard,
}

impl Challenges {
    /// Waits for the guild's turn.
    ///
    /// # Errors
    /// Somebody else's did not end in time.
    pub(super) async fn turn(&self, guild: GuildId) -> Result<Turn<'_>> {
        let key = ("challenges.turn", guild.get());
        let guard = self.host.locks().lock(key).await?;
        Ok(Turn {
            module: self,
            guild,
            _guard: guard,
        })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.module.years.lock().forget(self.guild);
    }
}
