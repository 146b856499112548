//! What is known of a module without loading it.

use std::{collections::BTreeMap, mem};

use serenity::model::gateway::GatewayIntents;

use super::{Command, Fold, Handler, Need, needs, stored::Stored};
use crate::{cache::Cached, job, settings::Declared, switches::Availability};

/// What a module's setup says, but for its tasks and listeners, which are there while it is loaded.
#[derive(Default)]
pub(crate) struct Declaration {
    pub(super) availability: Availability,
    pub(super) commands: Vec<Command>,
    /// What Discord must be asked to send.
    pub(super) intents: GatewayIntents,
    /// What the module wants to be kept.
    pub(super) cached: Vec<Cached>,
    /// Why the module wants every member of large guilds.
    pub(super) chunks_members: Option<&'static str>,
    /// Why the module reads the text of messages.
    pub(super) reads_content: Option<&'static str>,
    /// What the bot must be allowed to do.
    pub(super) needs: Vec<Need>,
    /// What can never work, so that the module is not loaded.
    pub(super) problems: Vec<String>,
    pub(super) handlers: Vec<Handler>,
    pub(super) folds: Vec<Fold>,
    pub(super) settings: Vec<Declared>,
    /// By the full name of the task.
    pub(super) stop_warnings: BTreeMap<String, &'static str>,
    pub(super) stored: Option<Stored>,
    pub(super) jobs: Vec<job::Declared>,
}

impl Declaration {
    /// What Discord must be asked to send, for folds too.
    pub(super) fn wanted_intents(&self) -> GatewayIntents {
        match self.folds.is_empty() {
            true => self.intents,
            false => self.intents | GatewayIntents::GUILD_MESSAGES,
        }
    }

    /// Counts what its commands say themselves.
    pub(super) fn count_needs_of_commands(&mut self) {
        let own = self.commands.iter().flat_map(needs::of_command);
        self.needs.extend(own);
    }

    /// Leaves the problems, and what the module has stored: people's data stay in their hands.
    pub(super) fn refuse(&mut self) {
        *self = Self {
            availability: self.availability,
            intents: GatewayIntents::empty(),
            problems: mem::take(&mut self.problems),
            stored: self.stored.take(),
            ..Self::default()
        };
    }
}
