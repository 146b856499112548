//! Which commands Discord is to have, everywhere and in each guild, and that it has them.
//!
//! A guild's own list has the commands of modules that are off by default and switched on there; that of the owner
//! guild, when one is set, has those for owners.

use std::{collections::BTreeSet, sync::Arc};

use cogsmith_tasks::ErrorChain;
use serenity::{
    builder::CreateCommand,
    model::{Permissions, id::GuildId},
};
use tracing::warn;

use super::{Dispatch, commands, rest::RestError};
use crate::{
    error::Result,
    module::{Command, Wish},
    switches::Availability,
};

/// Where a command is registered.
#[derive(PartialEq, Eq)]
enum Home {
    Everywhere,
    OwnerGuild,
    /// Guilds in which this module is on.
    Guilds(&'static str),
}

impl Dispatch {
    /// Brings the global command list up to date; tried until it is done or refused.
    pub(crate) async fn sync(&self, place: &str) -> Result<(), RestError> {
        let ours = self.list(|home| *home == Home::Everywhere);
        commands::sync(self.http(), &ours, place).await
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
        commands::sync_guild(self.http(), guild, &ours, place).await?;
        if ours.is_empty() {
            self.switches().note_list(guild, false).await?;
        }
        Ok(())
    }

    fn list_of(&self, guild: GuildId) -> Vec<CreateCommand> {
        self.list(|home| match home {
            Home::Everywhere => false,
            Home::OwnerGuild => self.owner_guild() == Some(guild),
            Home::Guilds(module) => self.switches().is_on(module, Some(guild)),
        })
    }

    fn list(&self, is_in: impl Fn(&Home) -> bool) -> Vec<CreateCommand> {
        let commands = self.commands().iter();
        let commands = commands.filter(|command| is_in(&self.home(command)));
        commands.flat_map(created).collect()
    }

    fn home(&self, command: &Command) -> Home {
        if command.owners_only && self.owner_guild().is_some() {
            return Home::OwnerGuild;
        }
        match self.registry().owner_of(&command.name) {
            Some((module, Availability::OffByDefault)) => Home::Guilds(module),
            _ => Home::Everywhere,
        }
    }
}

/// As Discord is told of it. Where it has a say, those for owners are shown to administrators alone.
fn created(command: &Command) -> Vec<CreateCommand> {
    let created = poise::builtins::create_application_commands([command]);
    let hidden = |command: CreateCommand| command.default_member_permissions(Permissions::empty());
    match command.owners_only {
        true => created.into_iter().map(hidden).collect(),
        false => created,
    }
}
