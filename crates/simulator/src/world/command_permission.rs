//! Who may use a command in a guild, where those who run the guild have said so.

use serde_json::{Value, json};

use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::channel::Channel;
use crate::world::command::Command;
use crate::world::guild::Guild;

/// Whom or where a rule is about, by Discord's number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum About {
    Role = 1,
    User = 2,
    Channel = 3,
}

/// Allows or forbids a command to somebody or somewhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct CommandRule {
    pub(crate) about: About,
    pub(crate) id: Snowflake,
    pub(crate) is_allowed: bool,
}

impl World {
    /// Sets a rule in the place of the one about the same; tells the bot.
    pub(crate) fn rule_command(&mut self, guild: Snowflake, command: Snowflake, rule: CommandRule) {
        let rules = self
            .command_permissions
            .entry((guild, command))
            .or_default();
        rules.retain(|it| it.id != rule.id);
        rules.push(rule);
        let rules = rules.clone();
        let data = self.permissions_object(guild, command, &rules);
        self.tell(guild, "APPLICATION_COMMAND_PERMISSIONS_UPDATE", data);
    }

    pub(crate) fn permissions_object(
        &self,
        guild: Snowflake,
        command: Snowflake,
        rules: &[CommandRule],
    ) -> Value {
        let rules = rules
            .iter()
            .map(|it| json!({ "id": it.id, "type": it.about as u8, "permission": it.is_allowed }));
        json!({
            "id": command,
            "application_id": self.application.id,
            "guild_id": guild,
            "permissions": rules.collect::<Vec<_>>(),
        })
    }

    /// Whether somebody may use a command in a channel: rules about the channel come first, then
    /// those about the person, their roles, everybody, and without any the permissions that the
    /// command was registered with. Administrators may use everything.
    pub(crate) fn may_use(&self, user: Snowflake, channel: &Channel, command: &Command) -> bool {
        let may = self.permissions_in(user, channel);
        let Some(guild) = channel.guild.and_then(|id| self.guilds.get(&id)) else {
            return true;
        };
        let every_channel = Snowflake::new(guild.id.get() - 1);
        let rule = |id| self.rule(guild, command, About::Channel, id);
        let is_forbidden_here = rule(channel.id).or(rule(every_channel)) == Some(false);
        may.allows(Permissions::ADMINISTRATOR)
            || !is_forbidden_here && self.is_granted(user, guild, command, may)
    }

    /// Whether somebody is shown a command in the guild, wherever they may use it.
    pub(crate) fn is_shown(&self, user: Snowflake, guild: &Guild, command: &Command) -> bool {
        let may = guild.base_permissions(user);
        may.allows(Permissions::ADMINISTRATOR) || self.is_granted(user, guild, command, may)
    }

    fn is_granted(
        &self,
        user: Snowflake,
        guild: &Guild,
        command: &Command,
        may: Permissions,
    ) -> bool {
        let rule = |about, id| self.rule(guild, command, about, id);
        let roles = guild.members.get(&user).map_or(&[][..], |it| &it.roles);
        let by_role: Vec<_> = roles
            .iter()
            .filter_map(|id| rule(About::Role, *id))
            .collect();
        let by_role = (!by_role.is_empty()).then(|| by_role.contains(&true));
        let said = rule(About::User, user)
            .or(by_role)
            .or(rule(About::Role, guild.id));
        said.unwrap_or_else(|| command.is_open_to(may))
    }

    /// What a rule about this says, if there is one.
    fn rule(&self, guild: &Guild, command: &Command, about: About, id: Snowflake) -> Option<bool> {
        let rules = self.command_permissions.get(&(guild.id, command.id))?;
        let rule = rules.iter().find(|it| it.about == about && it.id == id)?;
        Some(rule.is_allowed)
    }
}
