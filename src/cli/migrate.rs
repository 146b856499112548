//! `cogsmith migrate`: the schema of every bot's database brought up to date, and nothing else.

use std::time::Duration;

use anyhow::Context as _;

use super::{
    asking::{Owner, is_in_use},
    out,
    settings::Settings,
};
use crate::{
    admin::{Hello, Told, What, Wish},
    bots::Bots,
    config::BotDatabase,
    error::{Error, Result},
    module::Modules,
};

pub(super) async fn migrate(mut settings: Settings, bots: &Bots) -> Result<()> {
    settings.start_log_at("warn");
    for database in settings.databases(bots) {
        let modules = bots.modules(database.bot.as_ref());
        migrate_one(&mut settings, database, modules).await?;
    }
    Ok(settings.problems.into_result()?)
}

async fn migrate_one(
    settings: &mut Settings,
    database: BotDatabase,
    modules: &Modules,
) -> Result<()> {
    let BotDatabase { variable, url, .. } = database;
    let opened = settings.open(variable, &url, Duration::ZERO).await;
    let db = match opened {
        Err(error) if is_in_use(&error) => {
            let owner = Owner::of(url, settings)?;
            return beside_a_bot(&owner, modules, error).await;
        }
        opened => opened?,
    };
    if let Some(db) = db {
        let migrated = match settings.problems.is_empty() {
            true => db.migrate(modules.own_migrations()).await,
            false => Ok(()),
        };
        db.close().await;
        migrated?;
        if settings.problems.is_empty() {
            out::line(format_args!("{url} is up to date"))?;
        }
    }
    Ok(())
}

/// A bot that runs has brought the schema to where it knows it.
async fn beside_a_bot(owner: &Owner, modules: &Modules, in_use: Error) -> Result<()> {
    let hello = Wish {
        what: What::Hello,
        reason: None,
    };
    let Some((Told::Hello(bot), _)) = owner.ask(&hello).await? else {
        return Err(in_use);
    };
    let (url, own) = (&owner.url, Hello::of(modules.own_migrations()));
    if bot.schema.0 < own.schema.0 || bot.schema.1 < own.schema.1 {
        let hint =
            "the running bot is of an older version: stop it, and start this one, which migrates";
        return Err(in_use).context(hint);
    }
    out::aside(format_args!("asked the running bot (pid {})\n", bot.pid));
    out::line(format_args!("{url} is up to date"))?;
    Ok(())
}
