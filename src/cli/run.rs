//! `cogsmith run`: the bot, at Discord or at any other address.

use std::net::SocketAddr;

use cogsmith_tasks::Clock;
use tokio::net::TcpListener;
use tracing::info;

use super::{
    banner::{self, About},
    settings::Settings,
    stop::{Interrupted, Stop},
};
use crate::{
    app::App,
    config::{BotConfig, Config, DatabaseUrl, Problem},
    error::Result,
    module::Modules,
    store::Db,
};

pub(super) async fn run(settings: Settings, stop: &Stop, modules: Modules) -> Result<()> {
    match Box::pin(start(settings, stop, modules)).await {
        Ok(app) => app.run(stop.asked()).await,
        Err(error) if error.is::<Interrupted>() => {
            info!("stopped before the start was over");
            Ok(())
        }
        Err(error) => Err(error),
    }
}

async fn start(settings: Settings, stop: &Stop, modules: Modules) -> Result<App> {
    let (config, db, listener) = stop.before(prepare(settings, &modules)).await?;
    let (clock, stopped) = (Clock::system(), stop.error());
    App::start(&config.bot, db, modules, clock, listener, stopped).await
}

/// Everything that can be wrong with the settings, tried in one go, so that one start shows it all.
async fn prepare(mut settings: Settings, modules: &Modules) -> Result<(Config, Db, TcpListener)> {
    let config = Config::read(&settings.variables, &modules.names());
    let config = settings.problems.keep(config);
    if let Some(config) = &config {
        banner::show(&settings, &about(&config.bot, modules));
    }
    settings.start_log();
    // One that cannot be read is among the problems already.
    let wait = Config::read_database_wait(&settings.variables).unwrap_or_default();
    let db = match DatabaseUrl::read(&settings.variables) {
        Ok(url) => settings.open("DATABASE_URL", &url, wait).await?,
        Err(_) => None,
    };
    // Nothing is waited for once the database is open, so that no stop can come between.
    let listener = match Config::read_http_address(&settings.variables) {
        Ok(address) => settings.problems.keep(bind(address)),
        Err(_) => None,
    };
    match (config, db, listener) {
        (Some(config), Some(db), Some(listener)) if settings.problems.is_empty() => {
            Ok((config, db, listener))
        }
        (_, db, _) => {
            if let Some(db) = db {
                db.close().await;
            }
            Err(settings.problems.into())
        }
    }
}

fn about(config: &BotConfig, modules: &Modules) -> About {
    let is_on = |name: &&str| config.modules.as_ref().is_none_or(|it| it.contains(*name));
    About {
        place: config.place().to_owned(),
        modules: modules.names().into_iter().filter(is_on).collect(),
        shards: config.shards.clone(),
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, Problem> {
    let bound = std::net::TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        TcpListener::from_std(listener)
    });
    bound.map_err(|error| {
        let found = format!("{address} ({error})");
        Problem::new("HTTP_ADDRESS", found, "a free address of this machine")
    })
}
