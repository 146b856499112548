//! Which list at Discord a command is in: everybody's, or those of some guilds.
//!
//! A guild's own list has the commands of modules that are off by default and switched on there; that of the owner
//! guild, when one is set, has those for owners.

use serenity::{
    builder::CreateCommand,
    model::{Permissions, id::GuildId},
};

use crate::{module::Command, switches::Availability};

/// Where a command is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    Everywhere,
    OwnerGuild(GuildId),
    /// Guilds in which this module is on.
    Guilds(&'static str),
}

impl Home {
    /// Of a command whose module is this one.
    pub(crate) fn of(
        command: &Command,
        module: Option<(&'static str, Availability)>,
        owner_guild: Option<GuildId>,
    ) -> Self {
        match (owner_guild, module) {
            (Some(guild), _) if command.owners_only => Self::OwnerGuild(guild),
            (_, Some((module, Availability::OffByDefault))) => Self::Guilds(module),
            _ => Self::Everywhere,
        }
    }

    /// Whether that is in the list of a guild, or with `None` in everybody's.
    pub(crate) fn is_in(
        self,
        guild: Option<GuildId>,
        is_on: impl FnOnce(&str, GuildId) -> bool,
    ) -> bool {
        match (self, guild) {
            (Self::Everywhere, guild) => guild.is_none(),
            (_, None) => false,
            (Self::OwnerGuild(home), Some(guild)) => home == guild,
            (Self::Guilds(module), Some(guild)) => is_on(module, guild),
        }
    }
}

/// As Discord is told of it. Where it has a say, those for owners are shown to administrators alone.
pub(crate) fn created(command: &Command) -> Vec<CreateCommand> {
    let created = poise::builtins::create_application_commands([command]);
    let hidden = |command: CreateCommand| command.default_member_permissions(Permissions::empty());
    match command.owners_only {
        true => created.into_iter().map(hidden).collect(),
        false => created,
    }
}
