//! `cogsmith run`: the bot, at Discord or at any other address.

use std::net::SocketAddr;

use cogsmith_tasks::Clock;
use tokio::net::TcpListener;
use tracing::info;

use super::{settings::Settings, stop::Stop};
use crate::{
    app::App,
    config::{Config, DatabaseUrl, Problem},
    error::Result,
    module::Modules,
    store::Db,
};

pub(super) async fn run(settings: Settings, stop: &Stop, modules: Modules) -> Result<()> {
    let app = tokio::select! {
        biased;
        _ = stop.asked() => {
            info!("stopped before the start was over");
            return Ok(());
        }
        app = Box::pin(start(settings, modules)) => app?,
    };
    app.run(stop.asked()).await
}

async fn start(settings: Settings, modules: Modules) -> Result<App> {
    let (config, db, listener) = prepare(settings, &modules).await?;
    App::start(&config.bot, db, modules, Clock::system(), listener).await
}

/// Everything that can be wrong with the settings, tried in one go, so that one start shows it all.
async fn prepare(mut settings: Settings, modules: &Modules) -> Result<(Config, Db, TcpListener)> {
    let config = Config::read(&settings.variables, &modules.names());
    let config = settings.problems.keep(config);
    settings.start_log();
    let db = match DatabaseUrl::read(&settings.variables) {
        Ok(url) => settings.open("DATABASE_URL", &url).await?,
        Err(_) => None,
    };
    let listener = match Config::read_http_address(&settings.variables) {
        Ok(address) => settings.problems.keep(bind(address).await),
        Err(_) => None,
    };
    match (config, db, listener) {
        (Some(config), Some(db), Some(listener)) if settings.problems.is_empty() => {
            Ok((config, db, listener))
        }
        _ => Err(settings.problems.into()),
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Problem> {
    TcpListener::bind(address).await.map_err(|error| {
        let found = format!("{address} ({error})");
        Problem::new("HTTP_ADDRESS", found, "a free address of this machine")
    })
}
