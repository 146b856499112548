//! `cogsmith run`: the bots, at Discord or at any other address.

use std::{collections::BTreeSet, net::SocketAddr};

use cogsmith_tasks::Clock;
use tokio::net::TcpListener;
use tracing::{Instrument, Span, info};

use super::{
    banner::{self, About},
    settings::Settings,
    stop::{Interrupted, Stop},
};
use crate::{
    bots::{Bot, Bots, Process},
    config::{self, BotName, Config, Problem},
    error::Result,
    store::Db,
    telemetry,
};

pub(super) async fn run(settings: Settings, stop: &Stop, bots: &Bots) -> Result<()> {
    match stop.before(prepare(settings, bots)).await {
        Ok(process) => Box::pin(process.run(stop.asked())).await,
        Err(error) if error.is::<Interrupted>() => {
            info!("stopped before the start was over");
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Everything that can be wrong with the settings, tried in one go, so that one start shows it all.
async fn prepare(mut settings: Settings, bots: &Bots) -> Result<Process> {
    let config = Config::read(&settings.variables, &bots.known());
    let config = settings.problems.keep(config);
    if let Some(config) = &config {
        banner::show(&settings, &about(config, bots));
    }
    settings.start_log();
    let mut opened = open(&mut settings, bots).await?;
    // Nothing is waited for once the databases are open, so that no stop can come between.
    let listener = match Config::read_http_address(&settings.variables) {
        Ok(address) => settings.problems.keep(bind(address)),
        Err(_) => None,
    };
    let (Some(config), Some(listener), true) = (config, listener, settings.problems.is_empty())
    else {
        close(opened).await;
        return Err(settings.problems.into());
    };
    let with_modules = |bot: config::Bot| {
        let name = bot.config.name.clone();
        let modules = bots.modules(name.as_ref()).clone();
        let bot = Bot::new(bot, modules);
        let at = opened.iter().position(|(of, _)| *of == name);
        match at {
            Some(at) => bot.on(opened.swap_remove(at).1),
            None => bot,
        }
    };
    Ok(Process {
        bots: config.bots.into_iter().map(with_modules).collect(),
        policy: config.bots_policy,
        listener,
        clock: Clock::system(),
    })
}

/// A bot's database.
type Opened = (Option<BotName>, Db);

/// Opens the database of every bot that has one of its own.
async fn open(settings: &mut Settings, bots: &Bots) -> Result<Vec<Opened>> {
    let mut opened = Vec::new();
    for database in settings.databases(bots) {
        let span = database.bot.as_ref();
        let span = span.map_or_else(Span::none, |bot| telemetry::bot(bot.as_str()));
        let opening = settings.open(database.variable, &database.url, database.wait);
        match opening.instrument(span).await {
            Ok(Some(db)) => opened.push((database.bot, db)),
            Ok(None) => {}
            Err(error) => {
                close(opened).await;
                return Err(error);
            }
        }
    }
    Ok(opened)
}

async fn close(opened: Vec<Opened>) {
    for (_, db) in opened {
        db.close().await;
    }
}

/// Of several bots: where the first one is, and what modules there are among them.
fn about(config: &Config, bots: &Bots) -> About {
    let mut about = About {
        place: String::new(),
        modules: Vec::new(),
        shards: None,
    };
    for bot in config.bots.iter().rev().map(|bot| &bot.config) {
        let is_on = |name: &&str| bot.modules.as_ref().is_none_or(|it| it.contains(*name));
        let names = bots.modules(bot.name.as_ref()).names();
        about.modules.extend(names.into_iter().filter(is_on));
        about.place = bot.place().to_owned();
        about.shards.clone_from(&bot.shards);
    }
    let mut met = BTreeSet::new();
    about.modules.retain(|name| met.insert(*name));
    about
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
