//! The bot as verbs know it that ask Discord and run nothing. They work beside a running bot.

use anyhow::Context as _;

use super::settings::Settings;
use crate::{
    config::{BotConfig, DatabaseUrl},
    discord::{Application, Rest},
    error::Result,
    module::{Manifest, Modules},
    store::Db,
    switches::Switches,
};

/// What the settings, the modules and Discord say of the bot.
pub(super) struct Bot {
    pub(super) config: BotConfig,
    pub(super) manifest: Manifest,
    pub(super) rest: Rest,
    pub(super) application: Application,
}

impl Bot {
    /// Asks who the bot is, once.
    ///
    /// # Errors
    /// Settings are wrong, the token is refused, or Discord does not answer.
    pub(super) async fn ask(settings: &mut Settings, modules: Modules) -> Result<Self> {
        settings.start_log_at("warn");
        let config = BotConfig::read(&settings.variables, &modules.names());
        let config = settings.problems.keep(config);
        let problems = std::mem::take(&mut settings.problems);
        let Some(config) = config.filter(|_| problems.is_empty()) else {
            return Err(problems.into());
        };
        let manifest = Manifest::of(modules.only(config.modules.as_ref()))?;
        Self::asked(config, manifest).await
    }

    /// As [`Bot::ask`], of settings that are read.
    ///
    /// # Errors
    /// The token is refused, or Discord does not answer.
    pub(super) async fn asked(config: BotConfig, manifest: Manifest) -> Result<Self> {
        let rest = Rest::new(config.clone()).await?;
        let application = rest.application_once(config.place()).await?;
        Ok(Self {
            config,
            manifest,
            rest,
            application,
        })
    }

    /// How modules are switched, read beside a running bot.
    ///
    /// # Errors
    /// The database is not there or cannot be read.
    pub(super) async fn switches(&self, settings: &Settings) -> Result<Switches> {
        let url = DatabaseUrl::read(&settings.variables)?;
        let db = Db::open_to_read(&url)
            .await
            .context("which modules are on there")?;
        let switches = Switches::open_to_read(db.clone()).await;
        db.close().await;
        let switches = switches?;
        for module in self.manifest.modules() {
            switches.declare(module.name, module.availability);
        }
        Ok(switches)
    }
}
