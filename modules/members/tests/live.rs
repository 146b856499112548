//! What happens is noted as it happens.

use super::*;

#[tokio::test]
async fn a_member_is_followed_between_two_nights() {
    for database in Database::each().await {
        let (bot, guild) = on(database).await;
        let (owner, ann, ben) = (guild.owner(), guild.member("ann"), guild.member("ben"));
        snapshot(&bot).await;
        let noon = bot.host().now();
        guild.give_role(&ann, guild.role("helpers", Permissions::NONE));
        ben.leaves();
        bot.settle().await;
        bot.advance(hours(1)).await;
        guild.member("ben");
        bot.settle().await;
        bot.advance(hours(1)).await;
        let sql =
            "select from_at, until_at from members_version where user_id = $1 order by from_at";
        let versions = bot.host().db().read(sql).bind(ben.id().get());
        let versions: Vec<(i64, Option<i64>)> = versions.all().await.unwrap();
        let noon = noon.timestamp_millis();
        let hour = 3_600_000;
        let (came, back) = (versions[0].0, versions[1].0);
        assert_eq!(versions, [(came, Some(noon)), (noon + hour, None)]);
        assert_eq!(back, noon + hour);

        snapshot(&bot).await;
        let text = owner.slash("/members diff").await.text();
        assert!(text.contains("✏️ ann `ann`: +@helpers"), "{text}");
        assert!(
            text.contains("✏️ ben `ben`: left and joined again"),
            "{text}"
        );
        assert!(
            text.contains("Joined: 0") && text.contains("Left: 0"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn an_event_that_comes_again_changes_nothing() {
    let (bot, guild) = on(Database::sqlite()).await;
    let ann = guild.member("ann");
    bot.settle().await;
    let count = async || {
        let sql = "select count(*) from members_version where user_id = $1";
        let count = bot.host().db().read(sql).bind(ann.id().get());
        count.one::<(i64,)>().await.unwrap().0
    };
    assert_eq!(count().await, 1);
    bot.advance(mins(1)).await;
    let user = serde_json::json!({"id": ann.id(), "username": "ann", "discriminator": "0", "global_name": "ann",
        "avatar": null, "public_flags": 0});
    let joined = serde_json::json!({"guild_id": guild.id(), "user": user, "roles": [], "nick": null, "avatar": null,
        "joined_at": "2026-03-02T09:00:00.000000+00:00", "premium_since": null, "deaf": false, "mute": false,
        "flags": 0, "pending": false, "communication_disabled_until": null});
    for _ in 0..2 {
        bot.simulator().dispatch_raw("GUILD_MEMBER_ADD", &joined);
        bot.settle().await;
    }
    assert_eq!(count().await, 1);
}
