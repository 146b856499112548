//! One job, from the way to Discord to the last byte of its output.

use std::sync::Arc;

use clap::ArgMatches;
use serenity::http::StatusCode;

use crate::{
    config::BotConfig,
    discord::{Rest, RestError},
    error::{Error, Result},
    job::{Declared, Entry, Job, Out, Parts, Place},
    module::status,
    runtime::Runtime,
};

/// Does it. What it has opened is closed, and what it has written is written out, also when it fails.
///
/// # Errors
/// The first of: what the job failed with, why its gateway cannot go on, that standard output took not all. When
/// whoever reads that has gone away, nothing of it is an error.
pub(crate) async fn run(
    declared: Declared,
    matches: &ArgMatches,
    config: BotConfig,
    place: Place,
    out: Out,
) -> Result<()> {
    let runtime = Runtime::of_host()?;
    let rest = runtime.run(Rest::new(config.clone())).await??;
    let job = Job::new(Parts {
        http: Arc::clone(&rest.http),
        out: out.clone(),
        needs: declared.needs,
        place,
        entry: Entry {
            config,
            client: rest.client.clone(),
            threads: runtime.handle().clone(),
        },
    });
    let ended = tokio::select! {
        biased;
        ended = declared.run(job.clone(), matches) => ended,
        error = job.disconnected() => Err(error.into()),
    };
    job.close().await;
    let written = out.finish();
    match out.is_closed() {
        true => Ok(()),
        false => ended.map_err(plain).and(written.map_err(Error::from)),
    }
}

/// A refused token is told as at a start.
fn plain(error: Error) -> Error {
    match status(&error) {
        Some(StatusCode::UNAUTHORIZED) => RestError::TokenRefused.into(),
        _ => error,
    }
}
