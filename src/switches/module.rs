//! The switches of one module.

use std::collections::HashMap;

use cogsmith_tasks::Gate;
use serenity::model::id::GuildId;

use super::{Availability, store::Row};
use crate::events::Position;

#[derive(Default)]
pub(super) struct Module {
    pub(super) availability: Availability,
    everywhere: Option<bool>,
    guilds: HashMap<GuildId, Row>,
    /// Of guilds that somebody asked for.
    gates: HashMap<GuildId, Gate>,
}

impl Module {
    pub(super) fn is_on_everywhere(&self) -> bool {
        self.availability == Availability::AlwaysOn || self.everywhere.unwrap_or(true)
    }

    pub(super) fn is_on(&self, guild: Option<GuildId>) -> bool {
        let row = guild.and_then(|guild| self.guilds.get(&guild));
        self.is_always_on() || row.map_or(self.default(), |row| row.is_on)
    }

    pub(super) fn was_on(&self, guild: Option<GuildId>, event: &Position) -> bool {
        let row = guild.and_then(|guild| self.guilds.get(&guild));
        self.is_always_on() || row.map_or(self.default(), |row| row.was_on(event))
    }

    fn is_always_on(&self) -> bool {
        self.availability == Availability::AlwaysOn
    }

    fn default(&self) -> bool {
        self.availability != Availability::OffByDefault
    }

    /// What was set before, of a guild.
    pub(super) fn set(&mut self, guild: Option<GuildId>, row: Row) -> Option<Row> {
        let Some(guild) = guild else {
            self.everywhere = Some(row.is_on);
            return None;
        };
        let before = self.guilds.insert(guild, row);
        self.move_gate(guild);
        before
    }

    pub(super) fn restore(&mut self, guild: GuildId, before: Option<Row>) {
        match before {
            Some(row) => drop(self.guilds.insert(guild, row)),
            None => drop(self.guilds.remove(&guild)),
        }
        self.move_gate(guild);
    }

    pub(super) fn of(&self, guild: GuildId) -> Option<bool> {
        self.guilds.get(&guild).map(|row| row.is_on)
    }

    pub(super) fn guilds(&self) -> impl Iterator<Item = GuildId> {
        self.guilds.keys().copied()
    }

    pub(super) fn gate(&mut self, guild: GuildId) -> Gate {
        let gate = self
            .gates
            .entry(guild)
            .or_insert_with(|| Gate::closed("its module to be switched on"))
            .clone();
        self.move_gate(guild);
        gate
    }

    fn move_gate(&self, guild: GuildId) {
        let Some(gate) = self.gates.get(&guild) else {
            return;
        };
        if self.is_on(Some(guild)) {
            gate.open();
        } else {
            gate.close();
        }
    }
}
