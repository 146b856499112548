//! `cogsmith module list`, `enable` and `disable`, on a bot that runs and on one that rests.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serenity::model::id::GuildId;

use super::Told;
use crate::{
    audit::By,
    error::Result,
    host::Host,
    module::{Registry, Standing, Switched},
};

/// A verb and what it takes; without a guild it is about all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModuleRequest {
    /// Every module, and whether it is on.
    List {
        /// In this guild.
        guild: Option<GuildId>,
    },
    /// Switches one on or off.
    Switch {
        /// Which.
        name: String,
        /// In this guild alone.
        guild: Option<GuildId>,
        /// On or off.
        is_on: bool,
    },
}

impl ModuleRequest {
    pub(super) fn changes(&self) -> bool {
        matches!(self, Self::Switch { .. })
    }
}

pub(super) async fn answer(
    host: &Host,
    registry: &Arc<Registry>,
    request: &ModuleRequest,
    by: &By,
    is_resting: bool,
) -> Result<Told> {
    match request {
        ModuleRequest::List { guild } => {
            let state = |name| state(host, registry, name, *guild, is_resting);
            let names = registry.names();
            let lines = names.iter().map(|name| format!("{name}: {}", state(name)));
            let facts = names
                .iter()
                .map(|name| fact(host, name, *guild, &state(name)));
            Ok(done(lines.collect::<Vec<_>>().join("\n"), facts.collect()))
        }
        ModuleRequest::Switch { name, guild, is_on } => {
            let switched = match is_resting {
                true => registry.note_switch(name, *guild, *is_on, by).await?,
                false => switch(registry, name, *guild, *is_on, by).await?,
            };
            let state = state(host, registry, switched.module, *guild, is_resting);
            let place = guild.map_or("everywhere".to_owned(), |guild| {
                format!("in server {guild}")
            });
            let text = format!("{}\nState: {state}.", switched.sentence(*is_on, &place));
            Ok(done(text, fact(host, switched.module, *guild, &state)))
        }
    }
}

async fn switch(
    registry: &Registry,
    name: &str,
    guild: Option<GuildId>,
    is_on: bool,
    by: &By,
) -> Result<Switched> {
    match (guild, is_on) {
        (Some(guild), is_on) => registry.switch_in(name, guild, is_on, by).await,
        (None, true) => registry.enable(name, by).await,
        (None, false) => registry.disable(name, by).await,
    }
}

/// How a module stands, to be read after its name; of one that rests what the next start will make of it.
fn state(
    host: &Host,
    registry: &Registry,
    name: &str,
    guild: Option<GuildId>,
    is_resting: bool,
) -> String {
    if !is_resting {
        return registry.state(name, guild, true);
    }
    let is_loaded = host.switches().is_on_everywhere(name);
    let standing = match is_loaded {
        true => Standing::Loaded,
        false => Standing::Off,
    };
    registry.state_of(name, standing, guild, true)
}

fn fact(host: &Host, name: &str, guild: Option<GuildId>, state: &str) -> Value {
    let switches = host.switches();
    let is_on =
        switches.is_on_everywhere(name) && guild.is_none_or(|_| switches.is_on(name, guild));
    json!({ "name": name, "on": is_on, "state": state })
}

fn done(text: String, facts: Value) -> Told {
    Told::Done {
        text,
        facts,
        refused: 0,
    }
}
