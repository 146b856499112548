//! How modules stand and what came of a switch, in words.

use serenity::model::id::GuildId;

use super::{Registry, Standing, Switched};
use crate::switches::Availability;

impl Switched {
    /// What was done, in full sentences; `place` is such as `in this server` or `everywhere`.
    #[must_use]
    pub fn sentence(&self, is_on: bool, place: &str) -> String {
        let name = self.module;
        let word = if is_on { "on" } else { "off" };
        let done = match self.is_change {
            true => format!("`{name}` is switched {word} {place}."),
            false => format!("`{name}` was switched {word} {place} already."),
        };
        match self.listed {
            Some(true) if is_on => format!("{done} Its commands are there."),
            Some(true) => format!("{done} Its commands are gone."),
            Some(false) => {
                format!("{done} Discord does not have its commands so yet; I go on trying.")
            }
            None => done,
        }
    }
}

impl Registry {
    /// How a module stands in a guild or, with `None`, everywhere, to be read after its name. Why it could not be
    /// loaded is for owners.
    pub fn state(&self, name: &str, guild: Option<GuildId>, for_owner: bool) -> String {
        let standing = self.standing(name).unwrap_or_default();
        self.state_of(name, standing, guild, for_owner)
    }

    /// As [`Registry::state`], as if it stood so.
    pub(crate) fn state_of(
        &self,
        name: &str,
        standing: Standing,
        guild: Option<GuildId>,
        for_owner: bool,
    ) -> String {
        let availability = self.availability(name).unwrap_or_default();
        let by_default = match availability {
            Availability::OffByDefault => " (off by default)",
            _ => "",
        };
        match (standing, guild) {
            (Standing::Loaded, _) if availability == Availability::AlwaysOn => {
                "always on".to_owned()
            }
            (Standing::Loaded, Some(guild)) if self.is_on_in(name, guild) => {
                format!("on in this server{by_default}")
            }
            (Standing::Loaded, Some(_)) => format!("off in this server{by_default}"),
            (Standing::Loaded, None) => format!("on{by_default}"),
            (Standing::Failed(_), _) if !for_owner => "could not be loaded".to_owned(),
            (standing, _) => standing.to_string(),
        }
    }

    fn is_on_in(&self, name: &str, guild: GuildId) -> bool {
        self.host.switches().is_on(name, Some(guild))
    }
}
