//! What the leaderboard keeps about people and servers, handed out and deleted.

use cogsmith::{module::Stores, prelude::*};
use serde_json::json;
use serenity::model::id::{GuildId, UserId};

use super::{
    Leaderboard,
    ledger::{Member, Which},
    rankings::Rankings,
    store::{self, Score},
};

impl Stores for Leaderboard {
    const TABLES: &'static [&'static str] = &["leaderboard_score", "leaderboard_board"];

    async fn export_user(host: &Host, user: UserId) -> Result<Json> {
        write(host).await?;
        Ok(shown(store::scores_of(host.db(), user).await?))
    }

    async fn delete_user(host: &Host, user: UserId) -> Result<()> {
        let scores = store::scores_of(host.db(), user).await?;
        forget(
            host,
            |member| member.1 == user,
            async || store::delete_user(host.db(), user).await,
            |rankings| rankings.remove(user),
        )
        .await?;
        if let Some(module) = host.module::<Self>() {
            let guilds = scores.iter().map(Score::guild);
            module.stale.lock().extend(guilds);
        }
        Ok(())
    }

    async fn export_guild(host: &Host, guild: GuildId) -> Result<Json> {
        write(host).await?;
        Ok(shown(store::scores_in(host.db(), guild).await?))
    }

    async fn delete_guild(host: &Host, guild: GuildId) -> Result<()> {
        forget(
            host,
            |member| member.0 == guild,
            async || store::delete_guild(host.db(), guild).await,
            |rankings| rankings.abandon(guild),
        )
        .await
    }
}

async fn write(host: &Host) -> Result<()> {
    match host.module::<Leaderboard>() {
        Some(module) => module.save(Which::All).await,
        None => Ok(()),
    }
}

/// Deletes rows, and what is not written yet, while nothing is being written.
async fn forget(
    host: &Host,
    is_meant: impl Fn(&Member) -> bool,
    delete: impl AsyncFnOnce() -> Result<()>,
    forget: impl FnOnce(&mut Rankings),
) -> Result<()> {
    let Some(module) = host.module::<Leaderboard>() else {
        return delete().await;
    };
    let _turn = module.saving.lock().await;
    module.ledger.lock().forget(is_meant);
    delete().await?;
    forget(&mut module.rankings.lock());
    Ok(())
}

/// Ids are texts, as in all of Discord's JSON.
fn shown(scores: Vec<Score>) -> Json {
    if scores.is_empty() {
        return Json::Null;
    }
    let shown = scores.into_iter().map(|score| {
        let awarded_at = DateTime::from_timestamp_millis(score.awarded_at);
        json!({
            "guild": score.guild_id.to_string(),
            "user": score.user_id.to_string(),
            "xp": score.xp,
            "messages": score.messages,
            "last_award": awarded_at.map(|at| at.to_rfc3339()),
        })
    });
    shown.collect()
}
