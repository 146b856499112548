//! The guilds of shards that go on with a session of an earlier process: Discord has told that one, and tells nobody
//! again.
//!
//! See Discord docs/Resources/User/Get Current User Guilds.

use cogsmith_tasks::ErrorChain;
use serenity::{
    http::{GuildPagination, Http},
    model::id::GuildId,
};
use tracing::warn;

use super::chunking::Chunking;
use crate::{
    error::Error,
    host::Host,
    module::passes,
    rest::{Failure, persist},
    shards::shard_of,
};

/// The most that Discord lists at once.
const PAGE: u64 = 200;

/// Lists the guilds each time that a shard lacks them, and fills the cache with them, until the future is dropped.
/// `shard_count` is of the whole bot.
pub(crate) async fn list(host: &Host, chunking: &Chunking, shard_count: u32) {
    let (http, table) = (host.http(), host.shard_table());
    loop {
        table.guilds_lacking().await;
        let listed = asked("listing the bot's guilds", || every(http)).await;
        let Some(listed) = listed else { continue };
        table.list_guilds(&listed, shard_count);
        let own = listed.into_iter().filter(|guild| {
            let shard = shard_of(*guild, shard_count);
            table.shard(shard).is_some()
        });
        for guild in host.cache().unknown(own) {
            fill(host, chunking, guild).await;
        }
    }
}

/// One guild after the other, so that the requests of modules come between.
async fn fill(host: &Host, chunking: &Chunking, guild: GuildId) {
    let http = host.http();
    let what = format!("asking for guild {guild}, which is to be kept");
    let known = asked(&what, || async move {
        let whole = http.get_guild_with_counts(guild).await?;
        Ok((whole, http.get_channels(guild).await?))
    });
    match known.await {
        Some((whole, channels)) => {
            chunking.note(guild, whole.approximate_member_count.unwrap_or(0));
            host.cache().fill(whole, channels);
        }
        // The bot has left it meanwhile.
        None => host.cache().forget(&[guild].into()),
    }
}

/// Asks until it is answered; `None` when Discord refuses.
async fn asked<T, F>(what: &str, ask: impl Fn() -> F) -> Option<T>
where
    F: Future<Output = serenity::Result<T>>,
{
    let attempt = || async {
        ask().await.map_err(|error| {
            let error = Error::from(error);
            match passes(&error) {
                true => Failure::passing(ErrorChain(&error).to_string()),
                false => Failure::Lasting(error),
            }
        })
    };
    let answer = persist(what, attempt).await;
    let problem = |error: &Error| warn!("{what}: {}", ErrorChain(error));
    answer.inspect_err(problem).ok()
}

async fn every(http: &Http) -> serenity::Result<Vec<GuildId>> {
    let mut guilds = Vec::new();
    loop {
        let after = guilds.last().copied().map(GuildPagination::After);
        let page = http.get_guilds(after, Some(PAGE)).await?;
        let is_last = (page.len() as u64) < PAGE;
        guilds.extend(page.into_iter().map(|guild| guild.id));
        if is_last {
            return Ok(guilds);
        }
    }
}
