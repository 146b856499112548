//! `cogsmith migrate`: the schema brought up to date, and nothing else.

use std::time::Duration;

use super::{out, settings::Settings};
use crate::{config::DatabaseUrl, error::Result, module::Modules};

pub(super) async fn migrate(mut settings: Settings, modules: Modules) -> Result<()> {
    settings.start_log_at("warn");
    let url = DatabaseUrl::read(&settings.variables);
    let Some(url) = settings.problems.keep(url) else {
        return Err(settings.problems.into());
    };
    let db = settings.open("DATABASE_URL", &url, Duration::ZERO).await?;
    settings.problems.into_result()?;
    if let Some(db) = db {
        let migrated = db.migrate(modules.own_migrations()).await;
        db.close().await;
        migrated?;
    }
    out::line(format_args!("{url} is up to date"));
    Ok(())
}
