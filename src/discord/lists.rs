//! That Discord has the commands, everywhere and in each guild.

use std::{collections::BTreeSet, sync::Arc};

use cogsmith_tasks::ErrorChain;
use serenity::{builder::CreateCommand, model::id::GuildId};
use tracing::warn;

use super::{
    Dispatch, commands,
    homes::{Home, created},
    rest::RestError,
};
use crate::{
    error::Result,
    module::{Command, Wish},
};

impl Dispatch {
    /// Brings the global command list up to date; tried until it is done or refused.
    pub(crate) async fn sync(&self, place: &str) -> Result<(), RestError> {
        let ours = self.list(None);
        commands::sync(self.http(), None, &ours, place).await
    }

    /// Looks after the command lists as long as it is polled: those of all guilds now, and whatever is wished for.
    pub(crate) async fn look_after_lists(self: Arc<Self>, place: String) {
        let mut wishes = self.registry().wishes();
        self.sync_guilds(&place).await;
        while let Some(wish) = wishes.recv().await {
            match wish {
                Wish::All => {
                    if let Err(error) = self.sync(&place).await {
                        warn!("the command list: {}", ErrorChain(&error.into()));
                    }
                    self.sync_guilds(&place).await;
                }
                Wish::Guild(guild, done) => {
                    let is_done = self.sync_guild(guild, &place).await;
                    if let Some(done) = done.filter(|_| is_done) {
                        // Whoever gave up waiting needs no answer.
                        let _ = done.send(());
                    }
                }
            }
        }
    }

    /// Whether a guild has, or may still have, commands of its own.
    pub(super) fn has_list(&self, guild: GuildId) -> bool {
        self.switches().is_listed(guild) || !self.list_of(guild).is_empty()
    }

    async fn sync_guilds(&self, place: &str) {
        let mut guilds: BTreeSet<_> = self.switches().guilds();
        guilds.extend(self.owner_guild());
        for guild in guilds {
            self.sync_guild(guild, place).await;
        }
    }

    /// Tells whether Discord has the guild's list; a refusal is told in the log.
    async fn sync_guild(&self, guild: GuildId, place: &str) -> bool {
        if !self.has_list(guild) {
            return true;
        }
        let synced = self.try_sync_guild(guild, place).await;
        if let Err(error) = &synced {
            warn!(
                guild.id = guild.get(),
                "the command list of guild {guild}: {}",
                ErrorChain(error)
            );
        }
        synced.is_ok()
    }

    async fn try_sync_guild(&self, guild: GuildId, place: &str) -> Result<()> {
        let ours = self.list_of(guild);
        if !ours.is_empty() {
            self.switches().note_list(guild, true).await?;
        }
        commands::sync(self.http(), Some(guild), &ours, place).await?;
        if ours.is_empty() {
            self.switches().note_list(guild, false).await?;
        }
        Ok(())
    }

    fn list_of(&self, guild: GuildId) -> Vec<CreateCommand> {
        self.list(Some(guild))
    }

    /// What the list of a guild is to have, or with `None` everybody's.
    fn list(&self, guild: Option<GuildId>) -> Vec<CreateCommand> {
        let is_on = |module: &str, guild| self.switches().is_on(module, Some(guild));
        let commands = self.commands().iter();
        let commands = commands.filter(|command| self.home(command).is_in(guild, is_on));
        commands.flat_map(created).collect()
    }

    fn home(&self, command: &Command) -> Home {
        let module = self.registry().owner_of(&command.name);
        Home::of(command, module, self.owner_guild())
    }
}
