//! What is kept about members and guilds: handed out, and deleted.

use cogsmith::{module::Stores, prelude::*};
use serde_json::json;
use serenity::model::id::{GuildId, UserId};

use super::{
    Challenges,
    challenge::Challenge,
    store::{self, Whose},
};

impl Stores for Challenges {
    const TABLES: &'static [&'static str] = &[
        "challenges_activity",
        "challenges_closed",
        "challenges_joker",
        "challenges_off",
        "challenges_payment",
        "challenges_rules",
        "challenges_sport",
        "challenges_stint",
    ];

    async fn export_user(host: &Host, user: UserId) -> Result<Json> {
        let db = host.db();
        let recorded = store::payment::recorded_by(db, user).await?;
        let recorded = recorded.into_iter().map(|(guild, payment)| {
            // Who has paid is somebody else's.
            json!({"guild": guild.to_string(), "year": payment.year, "cents": payment.cents.get(),
                "paid_at": payment.paid_at.to_rfc3339()})
        });
        let set_up = store::challenge::set_up_by(db, user).await?;
        let mut kept = lists(db, Whose::User(user)).await?;
        kept.push(("payments_recorded", recorded.collect()));
        let guilds = set_up.iter().map(|guild| json!(guild.to_string()));
        kept.push(("challenges_set_up", guilds.collect()));
        if kept.iter().all(|(_, rows)| rows.is_empty()) {
            return Ok(Json::Null);
        }
        Ok(Json::Object(object(kept)))
    }

    async fn delete_user(host: &Host, user: UserId) -> Result<()> {
        store::delete_user(host.db(), user).await?;
        if let Some(module) = host.module::<Self>() {
            module.years.lock().forget_all();
        }
        Ok(())
    }

    async fn export_guild(host: &Host, guild: GuildId) -> Result<Json> {
        let db = host.db();
        let Some(challenge) = store::challenge::read(db, guild).await? else {
            return Ok(Json::Null);
        };
        let closed = store::closed::all(db, guild).await?;
        let closed = closed.iter().map(|week| json!(week.to_string()));
        let mut kept = lists(db, Whose::Guild(guild)).await?;
        kept.push(("closed_weeks", closed.collect()));
        let mut all = shown(&challenge);
        all.extend(object(kept));
        Ok(Json::Object(all))
    }

    async fn delete_guild(host: &Host, guild: GuildId) -> Result<()> {
        let module = host.module::<Self>();
        let _turn = match &module {
            Some(module) => Some(module.turn(guild).await?),
            None => None,
        };
        store::delete_guild(host.db(), guild).await
    }
}

type Lists = Vec<(&'static str, Vec<Json>)>;

fn object(lists: Lists) -> serde_json::Map<String, Json> {
    let lists = lists.into_iter();
    let lists = lists.map(|(name, rows)| (name.to_owned(), Json::Array(rows)));
    lists.collect()
}

/// What members have done, in lists of rows. Ids are texts, as in all of Discord's JSON.
async fn lists(db: &Db, whose: Whose) -> Result<Lists> {
    let stints = store::stint::all(db, whose).await?.into_iter();
    let stints = stints.map(|(guild, user, stint)| {
        json!({"guild": guild.to_string(), "user": user.to_string(), "first": stint.first.to_string(),
            "last": stint.last.map(|week| week.to_string())})
    });
    let activities = store::activity::all(db, whose).await?.into_iter();
    let activities = activities.map(|it| {
        json!({"guild": it.guild.to_string(), "user": it.user.to_string(), "day": it.day, "sport": it.sport,
            "minutes": it.minutes, "imported": it.is_of_file})
    });
    let jokers = store::joker::all(db, whose).await?.into_iter();
    let jokers = jokers.map(|(guild, user, week)| {
        json!({"guild": guild.to_string(), "user": user.to_string(), "week": week.to_string()})
    });
    let payments = store::payment::all(db, whose).await?.into_iter();
    let payments = payments.map(|(guild, it)| {
        json!({"guild": guild.to_string(), "user": it.user.to_string(), "year": it.year,
            "cents": it.cents.get(), "paid_at": it.paid_at.to_rfc3339(),
            "recorded_by": it.recorded_by.map(|user| user.to_string())})
    });
    Ok(vec![
        ("stints", stints.collect()),
        ("activities", activities.collect()),
        ("joker_weeks", jokers.collect()),
        ("payments", payments.collect()),
    ])
}

fn shown(challenge: &Challenge) -> serde_json::Map<String, Json> {
    let rules = &challenge.rules;
    let shown = [
        ("channel", json!(challenge.channel.to_string())),
        ("zone", json!(challenge.zone.name())),
        (
            "set_up_by",
            json!(challenge.set_up_by.map(|user| user.to_string())),
        ),
        ("start", json!(rules.start.to_string())),
        ("needed", json!(rules.needed)),
        ("tolerance", json!(rules.tolerance)),
        ("price_cents", json!(rules.price.get())),
        ("factor_percent", json!(rules.factor)),
        ("jokers", json!(rules.jokers)),
        ("sports", json!(rules.sports)),
    ];
    let shown = shown.into_iter();
    shown
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
