//! What is kept about members and guilds: handed out, and deleted.

use cogsmith::{module::Stores, prelude::*};
use serenity::model::id::{GuildId, UserId};

use super::{Challenges, store};

impl Stores for Challenges {
    const TABLES: &'static [&'static str] = &[
        "challenges_activity",
        "challenges_joker",
        "challenges_member",
        "challenges_payment",
        "challenges_rules",
        "challenges_sport",
    ];

    async fn export_user(host: &Host, user: UserId) -> Result<Json> {
        let kept = [
            ("takes_part", store::takings_part(host.db(), user).await?),
            ("activities", store::activities(host.db(), user).await?),
            ("joker_weeks", store::jokers(host.db(), user).await?),
            ("payments", store::payments(host.db(), user).await?),
        ];
        if kept.iter().all(|(_, rows)| rows.is_empty()) {
            return Ok(Json::Null);
        }
        let kept = kept.map(|(name, rows)| (name.to_owned(), rows.into()));
        Ok(Json::Object(kept.into_iter().collect()))
    }

    async fn delete_user(host: &Host, user: UserId) -> Result<()> {
        store::delete_user(host.db(), user).await?;
        if let Some(module) = host.module::<Self>() {
            module.totals.lock().clear();
        }
        Ok(())
    }

    async fn export_guild(host: &Host, guild: GuildId) -> Result<Json> {
        store::export_guild(host.db(), guild).await
    }

    async fn delete_guild(host: &Host, guild: GuildId) -> Result<()> {
        store::delete_guild(host.db(), guild).await?;
        if let Some(module) = host.module::<Self>() {
            module.changed(guild);
        }
        Ok(())
    }
}
