//! `cogsmith check`: whether everything is there that the bot needs. It works beside a running bot.

mod clock;
mod database;
mod disk;
mod finding;
mod intents;
mod permissions;
mod token;

use anyhow::bail;
use serde_json::Value;

use super::{bot::Bot, flags::Flags, out, paint::Paint, settings::Settings};
use crate::{
    config::{BotConfig, DatabaseUrl},
    error::{Error, Result},
    module::{Manifest, Modules},
};
use finding::{Finding, Level, table};

const EXAMPLES: &str = "\
Exit code 0 when nothing is a problem, 1 when something is, 2 for wrong settings, 3 for a refused token.

Examples:
  cogsmith check
  cogsmith check --json";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// One JSON array instead of lines
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pub(super) flags: Flags,
}

pub(super) async fn check(
    arguments: &Arguments,
    mut settings: Settings,
    modules: Modules,
) -> Result<()> {
    settings.start_log_at("warn");
    let config = BotConfig::read(&settings.variables, &modules.names());
    let config = settings.problems.keep(config);
    let url = settings
        .problems
        .keep(DatabaseUrl::read(&settings.variables));
    let (Some(config), Some(url)) = (config, url) else {
        return Err(settings.problems.into());
    };
    settings.problems.into_result()?;
    let manifest = Manifest::of(modules.only(config.modules.as_ref()))?;
    let database = database::look(&url).await;
    let mut findings = Vec::new();
    let failed = discord(config, manifest, &database, &mut findings)
        .await
        .err();
    findings.extend(database.findings);
    findings.extend(disk::look(&url));
    out::text(match arguments.json {
        true => format!(
            "{:#}\n",
            findings.iter().map(Finding::machine).collect::<Value>()
        ),
        false => table(&findings, Paint::stdout()),
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    match findings
        .iter()
        .filter(|it| it.level == Level::Problem)
        .count()
    {
        0 => Ok(()),
        1 => bail!("1 problem"),
        count => bail!("{count} problems"),
    }
}

/// What only Discord can tell.
///
/// # Errors
/// The token is refused, which is among the findings all the same.
async fn discord(
    config: BotConfig,
    manifest: Manifest,
    database: &database::Looked,
    findings: &mut Vec<Finding>,
) -> Result<(), Error> {
    let bot = match Bot::asked(config, manifest).await {
        Ok(bot) => bot,
        Err(error) => return token::refused(error, findings),
    };
    findings.extend(token::look(&bot));
    findings.extend(intents::look(&bot));
    findings.extend(permissions::look(&bot, database.switches.as_ref()).await);
    findings.push(clock::look(&bot).await);
    Ok(())
}
