//! All bots of the process, from the verification of their tokens to the end of the last one.

use std::sync::Arc;

use cogsmith_tasks::{Clock, ErrorChain};
use futures_util::future::join_all;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, error, info};

use super::{
    bot::Bot,
    error::{Failed, Stopped},
    keeper::Keeper,
};
use crate::{
    app::App,
    config::{BotName, BotsPolicy},
    error::{Error, Result},
    http::{self, BotState, Entry, Roster, Server},
};

/// What a process runs.
pub struct Process {
    /// One bot without a name, or several that each have one.
    pub bots: Vec<Bot>,
    /// What becomes of them when the token of one is refused.
    pub policy: BotsPolicy,
    /// Where health is served.
    pub listener: TcpListener,
    /// The clock of every bot.
    pub clock: Clock,
}

/// A bot that may still fail before it begins.
type Candidate = (Bot, Arc<Entry>);

impl Process {
    /// Runs until every bot has ended. When `stop` resolves, all of them are ended at once, in order and within the
    /// drain time.
    ///
    /// # Errors
    /// [`Failed`], when a bot with a name has ended with an error; for a bot without one, that error.
    pub async fn run(self, stop: impl Future) -> Result<()> {
        let names = self.bots.iter().map(|bot| bot.name().cloned());
        let roster = Arc::new(Roster::new(names, self.policy));
        let server = Server::start(self.listener, http::router(Arc::clone(&roster)))?;
        let stopping = CancellationToken::new();
        let entries = roster.entries().iter().cloned();
        let bots = self.bots.into_iter().zip(entries).collect();
        let mut running = std::pin::pin!(run(bots, self.policy, self.clock, stopping.clone()));
        let ended = tokio::select! {
            ended = &mut running => ended,
            _ = stop => {
                stopping.cancel();
                running.await
            }
        };
        // Whoever still asks how bots are that have ended learns it all the same.
        server.stop().await;
        ended
    }
}

async fn run(
    bots: Vec<Candidate>,
    policy: BotsPolicy,
    clock: Clock,
    stopping: CancellationToken,
) -> Result<()> {
    let is_named = bots.iter().all(|(bot, _)| bot.name().is_some());
    let mut failed = Vec::new();
    let bots = match is_named {
        // Its own start verifies it.
        false => bots,
        true => match verified(bots, policy, &stopping, &mut failed).await {
            Ok(bots) => bots,
            Err(error) if error.is::<Stopped>() => {
                info!("{error}");
                return Ok(());
            }
            Err(error) => return Err(error),
        },
    };
    let keepers = bots.into_iter().map(|(bot, entry)| {
        let (name, span) = (bot.name().cloned(), bot.span());
        let keeper = Keeper {
            bot,
            entry,
            clock: clock.clone(),
            stopping: stopping.clone(),
        };
        async move { (name, keeper.keep().instrument(span).await) }
    });
    for (name, ended) in join_all(keepers).await {
        match (name, ended) {
            (_, Ok(())) => {}
            (Some(name), Err(error)) => failed.push((name, error)),
            (None, Err(error)) => return Err(error),
        }
    }
    match failed.is_empty() {
        true => Ok(()),
        false => Err(Failed(failed).into()),
    }
}

/// Those that may connect, when Discord has said of every token whether it knows it.
///
/// # Errors
/// [`Stopped`]; [`Failed`] when none may. The databases are closed then.
async fn verified(
    bots: Vec<Candidate>,
    policy: BotsPolicy,
    stopping: &CancellationToken,
    failed: &mut Vec<(BotName, Error)>,
) -> Result<Vec<Candidate>> {
    let asked = bots.iter().map(|(bot, _)| {
        let asked = App::verify(&bot.settings.config);
        asked.instrument(bot.span())
    });
    let Some(answers) = stopping.run_until_cancelled(join_all(asked)).await else {
        close(bots).await;
        return Err(Stopped.into());
    };
    let (mut admitted, mut refused) = (Vec::new(), Vec::new());
    for ((bot, entry), answer) in bots.into_iter().zip(answers) {
        match (answer, bot.name().cloned()) {
            (Err(error), Some(name)) => {
                let text = ErrorChain(&error).to_string();
                bot.span().in_scope(|| error!("does not run: {text}"));
                entry.set(BotState::Failed { error: text });
                failed.push((name, error));
                refused.push((bot, entry));
            }
            _ => admitted.push((bot, entry)),
        }
    }
    close(refused).await;
    if failed.is_empty() || policy == BotsPolicy::BestEffort {
        return Ok(admitted);
    }
    close(admitted).await;
    error!("no bot connects, as BOTS_POLICY=all asks for");
    Err(Failed(std::mem::take(failed)).into())
}

async fn close(bots: Vec<Candidate>) {
    let opened = bots.into_iter().filter_map(|(bot, _)| bot.db);
    for db in opened {
        db.close().await;
    }
}
