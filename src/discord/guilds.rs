//! The guilds of shards that go on with a session of an earlier process: Discord has told that one, and tells nobody
//! again.
//!
//! See Discord docs/Resources/User/Get Current User Guilds.

use cogsmith_tasks::ErrorChain;
use serenity::{
    http::{GuildPagination, Http},
    model::id::GuildId,
};

use crate::{
    rest::{Failure, persist},
    shards::ShardTable,
};

/// The most that Discord lists at once.
const PAGE: u64 = 200;

/// Lists the guilds each time that a shard lacks them, until the future is dropped. `shard_count` is of the whole bot.
pub(crate) async fn list(http: &Http, table: &ShardTable, shard_count: u32) {
    loop {
        table.guilds_lacking().await;
        let listed = persist("listing the bot's guilds", || async {
            let listed = every(http).await;
            listed.map_err(|error| Failure::<()>::passing(ErrorChain(&error.into()).to_string()))
        });
        if let Ok(guilds) = listed.await {
            table.list_guilds(&guilds, shard_count);
        }
    }
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
