//! What is kept about members and servers: handed out, and deleted.

use cogsmith::{module::Stores, prelude::*};
use serde_json::json;
use serenity::model::id::{GuildId, UserId};

use super::{
    Members,
    showcase::Consent,
    store::{self, Whose},
    version::Version,
};

/// Versions of members that are handed out at once: more would not fit into one of Discord's files.
const HANDED_OUT: u32 = 50_000;

impl Stores for Members {
    const TABLES: &'static [&'static str] = &[
        "members_consent",
        "members_forbidden",
        "members_snapshot",
        "members_version",
    ];

    async fn export_user(host: &Host, user: UserId) -> Result<Json> {
        kept(host.db(), Whose::User(user)).await
    }

    async fn delete_user(host: &Host, user: UserId) -> Result<()> {
        store::delete_user(host.db(), user).await
    }

    async fn export_guild(host: &Host, guild: GuildId) -> Result<Json> {
        let mut all = kept(host.db(), Whose::Guild(guild)).await?;
        let taken = store::snapshot::taken(host.db(), guild).await?;
        let taken = taken.iter().map(|snapshot| snapshot.taken_at.to_rfc3339());
        let taken: Vec<_> = taken.collect();
        if !taken.is_empty() {
            all["snapshots"] = json!(taken);
        }
        Ok(all)
    }

    async fn delete_guild(host: &Host, guild: GuildId) -> Result<()> {
        store::delete_guild(host.db(), guild).await
    }
}

/// Ids are texts, as in all of Discord's JSON. Beyond 50,000 versions there are no more.
async fn kept(db: &Db, whose: Whose) -> Result<Json> {
    let versions = store::version::all(db, whose, HANDED_OUT).await?;
    let consents = store::consent::all(db, whose).await?;
    if versions.is_empty() && consents.is_empty() {
        return Ok(Json::Null);
    }
    let versions: Vec<_> = versions.iter().map(version).collect();
    let consents: Vec<_> = consents.iter().map(consent).collect();
    Ok(json!({"seen": versions, "showcase": consents}))
}

fn version((guild, version): &(GuildId, Version)) -> Json {
    let member = &version.member;
    json!({"guild": guild, "user": member.user, "from": version.from, "until": version.until,
        "name": member.name, "display_name": member.display_name, "bot": member.is_bot,
        "joined_at": member.joined_at, "roles": member.roles})
}

fn consent(it: &Consent) -> Json {
    json!({"guild": it.guild, "user": it.user, "role": it.role, "given_at": it.given_at})
}
