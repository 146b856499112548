//! `cogsmith run`: the bot, at Discord or at any other address.

use anyhow::Context as _;
use cogsmith_tasks::Clock;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{
    app::App,
    config::{Config, DatabaseUrl, Problem, Problems, Variables},
    error::Result,
    module::Modules,
    store::{self, Db},
    telemetry,
};

pub(super) async fn run(modules: Modules) -> Result<()> {
    let (config, db, listener) = prepare(&modules).await?;
    let stop = stop_signal()?;
    let app = App::start(&config.bot, db, modules, Clock::system(), listener);
    tokio::pin!(stop);
    let app = tokio::select! {
        app = app => app?,
        () = &mut stop => return Ok(()),
    };
    app.run(stop).await
}

/// Everything that can be wrong with the settings, tried in one go, so that one start shows it all.
async fn prepare(modules: &Modules) -> Result<(Config, Db, TcpListener)> {
    let variables = Variables::from_environment().map_err(Problems::from)?;
    let mut problems = Problems::default();
    let config = problems.keep(Config::read(&variables, &modules.names()));
    let logging = config.as_ref().map(|config| telemetry::start(&config.log));
    problems.keep(logging.transpose());
    let db = match DatabaseUrl::read(&variables) {
        Ok(url) => open(&url, &mut problems).await?,
        Err(_) => None,
    };
    let listener = match &config {
        Some(config) => problems.keep(bind(config).await),
        None => None,
    };
    match (config, db, listener) {
        (Some(config), Some(db), Some(listener)) if problems.is_empty() => {
            Ok((config, db, listener))
        }
        _ => Err(problems.into()),
    }
}

async fn open(url: &DatabaseUrl, problems: &mut Problems) -> Result<Option<Db>> {
    match Db::open(url).await {
        Ok(db) => Ok(Some(db)),
        Err(store::Error::Open { place, reason }) => {
            let found = format!("{place} ({reason})");
            problems.push(Problem::new(
                "DATABASE_URL",
                found,
                "a database that can be opened",
            ));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

async fn bind(config: &Config) -> Result<TcpListener, Problem> {
    TcpListener::bind(config.http_address)
        .await
        .map_err(|error| {
            let found = format!("{} ({error})", config.http_address);
            Problem::new("HTTP_ADDRESS", found, "a free address of this machine")
        })
}

/// Resolves with the first SIGTERM or SIGINT; a second one ends the process at once.
pub(super) fn stop_signal() -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tokio::spawn(async move {
            let code = tokio::select! {
                _ = terminate.recv() => 143,
                _ = interrupt.recv() => 130,
            };
            std::process::exit(code);
        });
    })
}
