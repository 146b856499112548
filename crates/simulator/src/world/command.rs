//! The application commands that the bot registered.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::World;

/// Discord's limits of commands in a scope: slash commands, and those of each menu.
const SLASH_MAX: usize = 100;
const MENU_MAX: usize = 15;

/// The kind of a command that is typed.
pub(crate) const CHAT_INPUT: u64 = 1;
/// What starts an activity; people here start none.
pub(crate) const ENTRY_POINT: u64 = 4;

#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) id: Snowflake,
    pub(crate) application: Snowflake,
    /// Changes with every change of the command.
    pub(crate) version: Snowflake,
    /// `None` for a global command.
    pub(crate) guild: Option<Snowflake>,
    /// The command as registered, without the keys that were `null`.
    pub(crate) body: Map<String, Value>,
}

impl Command {
    pub(crate) fn name(&self) -> &str {
        self.body.get("name").and_then(Value::as_str).unwrap_or("")
    }

    pub(crate) fn kind(&self) -> u64 {
        let kind = self.body.get("type").and_then(Value::as_u64);
        kind.unwrap_or(CHAT_INPUT)
    }

    pub(crate) fn options(&self) -> &[Value] {
        options_of(self.body.get("options"))
    }

    /// Whether somebody with these permissions is shown the command.
    pub(crate) fn is_open_to(&self, permissions: Permissions) -> bool {
        let wanted = self.body.get("default_member_permissions");
        match wanted.and_then(Value::as_str).map(str::parse) {
            Some(Ok(0)) => permissions.allows(Permissions::ADMINISTRATOR),
            Some(Ok(bits)) => permissions.allows(Permissions::from_bits(bits)),
            _ => true,
        }
    }

    /// Whether the command is offered in direct messages with the bot.
    pub(crate) fn is_in_direct_messages(&self) -> bool {
        let contexts = self.body.get("contexts").and_then(Value::as_array);
        match contexts {
            Some(contexts) => contexts.iter().any(|it| it.as_u64() == Some(1)),
            None => self.guild.is_none() && self.body.get("dm_permission") != Some(&false.into()),
        }
    }

    /// Whether the command is offered in guilds.
    pub(crate) fn is_in_guilds(&self) -> bool {
        let contexts = self.body.get("contexts").and_then(Value::as_array);
        contexts.is_none_or(|contexts| contexts.iter().any(|it| it.as_u64() == Some(0)))
    }
}

/// The entries of an `options` field, absent or not.
pub(crate) fn options_of(field: Option<&Value>) -> &[Value] {
    field.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

impl World {
    /// The commands of one scope, `None` being the global one, oldest first.
    pub(crate) fn commands_of(&self, scope: Option<Snowflake>) -> Vec<&Command> {
        let all = self.commands.values();
        let own = all.filter(|it| it.application == self.application.id);
        own.filter(|command| command.guild == scope).collect()
    }

    /// Finds a typed command as a person in `guild` would see it: the guild's own come first.
    pub(crate) fn slash_command(&self, guild: Option<Snowflake>, name: &str) -> Option<&Command> {
        let find = |scope| {
            let mut commands = self.commands.values().filter(|it| self.is_here(it, guild));
            commands.find(|it| it.guild == scope && it.kind() == CHAT_INPUT && it.name() == name)
        };
        guild
            .and_then(|guild| find(Some(guild)))
            .or_else(|| find(None))
    }

    /// Whether the bot of a command is there: in this guild, or in direct messages, which are with
    /// the acting bot.
    pub(crate) fn is_here(&self, command: &Command, guild: Option<Snowflake>) -> bool {
        let bot = command.application;
        match guild.and_then(|id| self.guilds.get(&id)) {
            Some(guild) => guild.members.contains_key(&bot),
            None => bot == self.application.id,
        }
    }

    /// Whether a scope has as many commands of a kind as Discord takes.
    fn is_full(&self, scope: Option<Snowflake>, kind: u64) -> bool {
        let most = match kind {
            CHAT_INPUT => SLASH_MAX,
            _ => MENU_MAX,
        };
        let commands = self.commands_of(scope);
        let same = commands.into_iter().filter(|it| it.kind() == kind);
        same.count() >= most
    }

    /// Registers a command, or replaces the one of the same kind and name, which keeps its id.
    ///
    /// # Errors
    /// 30032 when the scope is full.
    pub(crate) fn put_command(
        &mut self,
        scope: Option<Snowflake>,
        body: Map<String, Value>,
    ) -> Result<(Snowflake, bool), ApiError> {
        let version = self.next_id();
        let mut command = Command {
            id: version,
            application: self.application.id,
            version,
            guild: scope,
            body,
        };
        let same = |known: &&Command| {
            let is_own = known.application == command.application && known.guild == scope;
            is_own && known.kind() == command.kind() && known.name() == command.name()
        };
        let known = self.commands.values().find(same);
        let is_new = known.is_none();
        if let Some(known) = known {
            command.id = known.id;
            if known.body == command.body {
                return Ok((known.id, false));
            }
        } else if self.is_full(scope, command.kind()) {
            return Err(ApiError::too_many_commands());
        }
        let id = command.id;
        self.commands.insert(id, command);
        Ok((id, is_new))
    }

    /// Replaces everything in a scope; commands that are named again keep their ids.
    ///
    /// # Errors
    /// 30032 when there are too many.
    pub(crate) fn put_commands(
        &mut self,
        scope: Option<Snowflake>,
        bodies: Vec<Map<String, Value>>,
    ) -> Result<Vec<Snowflake>, ApiError> {
        let own = self.application.id;
        let (before, others): (BTreeMap<_, _>, _) = std::mem::take(&mut self.commands)
            .into_iter()
            .partition(|(_, it)| it.application == own && it.guild == scope);
        self.commands = others;
        let mut ids = Vec::new();
        for body in bodies {
            let (id, _) = self.put_command(scope, body)?;
            ids.push(self.keep_id(id, &before));
        }
        Ok(ids)
    }

    /// Gives a command just written the id, and if nothing changed the version, that it had.
    fn keep_id(&mut self, id: Snowflake, before: &BTreeMap<Snowflake, Command>) -> Snowflake {
        let Some(mut command) = self.commands.remove(&id) else {
            return id;
        };
        let known = before
            .values()
            .find(|known| known.kind() == command.kind() && known.name() == command.name());
        if let Some(known) = known {
            command.id = known.id;
            if known.body == command.body {
                command.version = known.version;
            }
        }
        let id = command.id;
        self.commands.insert(id, command);
        id
    }
}
