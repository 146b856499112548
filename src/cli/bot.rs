//! The bot as verbs know it that ask Discord and run nothing. They work beside a running bot.

use super::settings::Settings;
use crate::{
    config::BotConfig,
    discord::{Application, Rest},
    error::Result,
    module::{Manifest, Modules},
};

/// What the settings, the modules and Discord say of the bot.
pub(super) struct Bot {
    pub(super) manifest: Manifest,
    pub(super) application: Application,
}

impl Bot {
    /// Asks who the bot is, once.
    ///
    /// # Errors
    /// Settings are wrong, the token is refused, or Discord does not answer.
    pub(super) async fn ask(mut settings: Settings, modules: Modules) -> Result<Self> {
        settings.start_log_at("warn");
        let config = BotConfig::read(&settings.variables, &modules.names());
        let Some(config) = settings.problems.keep(config) else {
            return Err(settings.problems.into());
        };
        settings.problems.into_result()?;
        let rest = Rest::new(config.token.clone(), config.api_url.clone()).await?;
        let application = rest.application_once(config.place()).await?;
        let manifest = Manifest::of(modules.only(config.modules.as_ref()))?;
        Ok(Self {
            manifest,
            application,
        })
    }
}
