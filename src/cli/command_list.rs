//! One list of commands: as the modules declare it, and as Discord has it.

use std::fmt::Write;

use serde_json::{Value, json};
use serenity::{builder::CreateCommand, model::id::GuildId};

use super::{bot::Bot, paint::Paint};
use crate::{
    discord::{Difference, Home, created, fetch, register, title},
    error::Result,
};

/// The list of a guild, or everybody's.
pub(super) struct CommandList {
    guild: Option<GuildId>,
    /// Each with its module.
    ours: Vec<(CreateCommand, Value, &'static str)>,
    pub(super) theirs: Vec<Value>,
    pub(super) difference: Difference,
}

impl CommandList {
    /// Reads what is declared for the list, and asks Discord for its copy.
    ///
    /// # Errors
    /// Discord refuses or does not answer.
    pub(super) async fn read(
        bot: &Bot,
        guild: Option<GuildId>,
        is_on: impl Fn(&str, GuildId) -> bool,
    ) -> Result<Self> {
        let owner_guild = bot.config.owner_guild.map(GuildId::new);
        let mut ours = Vec::new();
        for module in bot.manifest.modules() {
            for command in &module.commands {
                let owner = Some((module.name, module.availability));
                if Home::of(command, owner, owner_guild).is_in(guild, &is_on) {
                    for command in created(command) {
                        let value = serde_json::to_value(&command)?;
                        ours.push((command, value, module.name));
                    }
                }
            }
        }
        let theirs = fetch(&bot.rest.http, guild).await?;
        let declared: Vec<_> = ours.iter().map(|(_, value, _)| value.clone()).collect();
        Ok(Self {
            guild,
            difference: Difference::between(&declared, &theirs),
            ours,
            theirs,
        })
    }

    /// Makes Discord's copy what is declared.
    ///
    /// # Errors
    /// Discord refuses or does not answer.
    pub(super) async fn sync(&self, bot: &Bot) -> Result<()> {
        let ours = self.ours.iter().map(|(command, ..)| command.clone());
        register(&bot.rest.http, self.guild, &ours.collect::<Vec<_>>()).await
    }

    /// Where the list is: words that follow a verb.
    pub(super) fn place(&self) -> String {
        match self.guild {
            Some(guild) => format!("in server {guild}"),
            None => "everywhere".to_owned(),
        }
    }

    pub(super) fn table(&self, paint: Paint) -> String {
        let rows: Vec<_> = self.rows().collect();
        let width = |of: fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or(0);
        let (names, modules) = (
            width(|it| it.name.chars().count()),
            width(|it| it.module.len()),
        );
        let head = format!(
            "{}: {} declared, {} at Discord",
            self.place(),
            self.ours.len(),
            self.theirs.len()
        );
        let mut table = paint.heading(&head) + "\n";
        for row in &rows {
            let Row {
                name,
                module,
                description,
                ..
            } = row;
            let state = match row.state {
                State::Same => String::new(),
                state => format!("  {}", paint.doubtful(state.words())),
            };
            // Writing to a string cannot fail.
            let _ = writeln!(
                table,
                "  {name:names$}  {module:modules$}  {description}{state}"
            );
        }
        table
    }

    pub(super) fn machine(&self) -> Value {
        let rows = self.rows().map(|row| {
            json!({
                "name": row.name,
                "module": row.module,
                "description": row.description,
                "state": row.state.word(),
            })
        });
        json!({ "guild": self.guild, "commands": rows.collect::<Vec<_>>() })
    }

    fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let ours = self.ours.iter().map(|(_, value, module)| {
            let name = title(value);
            let state = self.state(&name);
            Row::of(value, name, module, state)
        });
        let extra = self.theirs.iter().map(|value| (value, title(value)));
        let extra = extra.filter(|(_, name)| self.difference.extra.contains(name));
        ours.chain(extra.map(|(value, name)| Row::of(value, name, "–", State::Extra)))
    }

    fn state(&self, name: &String) -> State {
        let mut changed = self.difference.changed.iter();
        if self.difference.missing.contains(name) {
            State::Missing
        } else if changed.any(|it| it.name == *name) {
            State::Changed
        } else {
            State::Same
        }
    }
}

struct Row<'l> {
    name: String,
    module: &'static str,
    description: &'l str,
    state: State,
}

impl<'l> Row<'l> {
    fn of(command: &'l Value, name: String, module: &'static str, state: State) -> Self {
        let description = command["description"].as_str().unwrap_or_default();
        Self {
            name,
            module,
            description,
            state,
        }
    }
}

#[derive(Clone, Copy)]
enum State {
    Same,
    Missing,
    Changed,
    Extra,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Missing => "missing",
            Self::Changed => "changed",
            Self::Extra => "extra",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Same => "",
            Self::Missing => "(not at Discord)",
            Self::Changed => "(otherwise at Discord)",
            Self::Extra => "(at Discord alone)",
        }
    }
}
