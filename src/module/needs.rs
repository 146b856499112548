//! What the bot must be allowed to do in a guild, and what for.

use std::borrow::Cow;

use serenity::model::Permissions;

use super::Command;

/// Permissions that a module needs of the bot, and its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// All of them.
    pub permissions: Permissions,
    /// What for: words that follow the module's name, such as `greets whoever joins`.
    pub why: Cow<'static, str>,
}

impl Need {
    pub(super) fn new(permissions: Permissions, why: impl Into<Cow<'static, str>>) -> Self {
        let why = why.into();
        Self { permissions, why }
    }
}

/// What a command and those in its group say by `required_bot_permissions`.
pub(super) fn of_command(command: &Command) -> Vec<Need> {
    let permissions = command.required_bot_permissions;
    let own = (!permissions.is_empty())
        .then(|| Need::new(permissions, format!("has /{}", command.qualified_name)));
    let inner = command.subcommands.iter().flat_map(of_command);
    own.into_iter().chain(inner).collect()
}

#[cfg(test)]
mod tests {
    use poise::command;

    use super::*;
    use crate::{error::Result, module::Context};

    /// Mutes.
    #[command(slash_command, required_bot_permissions = "MODERATE_MEMBERS")]
    async fn mute(_ctx: Context<'_>) -> Result<()> {
        Ok(())
    }

    /// A group.
    #[command(slash_command, subcommands("mute"))]
    async fn calm(_ctx: Context<'_>) -> Result<()> {
        Ok(())
    }

    #[test]
    fn what_a_command_of_a_group_needs_counts() {
        let mut commands = [calm()];
        poise::set_qualified_names(&mut commands);
        let expected = Need::new(Permissions::MODERATE_MEMBERS, "has /calm mute");
        assert_eq!(of_command(&commands[0]), [expected]);
    }
}
