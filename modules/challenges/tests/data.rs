//! What is kept is handed out and deleted.

use cogsmith::module::Stores;
use serenity::model::id::{GuildId, UserId};

use super::*;

#[tokio::test]
async fn all_of_a_member_can_be_had_and_deleted() {
    for database in Database::each().await {
        let bot = TestBot::start_on(database, crate::modules::all()).await;
        let (guild, ann, _) = begun(&bot).await;
        ann.slash("/challenge checkin sport:run minutes:90").await;
        ann.slash("/challenge joker week:11").await;
        guild.owner().slash("/dues paid user:@ann amount:5").await;
        let user = UserId::new(ann.id().get());
        let kept = Challenges::export_user(bot.host(), user).await.unwrap();
        for list in ["stints", "activities", "joker_weeks", "payments"] {
            assert_eq!(
                kept[list].as_array().map(Vec::len),
                Some(1),
                "{list}: {kept}"
            );
        }
        Challenges::delete_user(bot.host(), user).await.unwrap();
        let kept = Challenges::export_user(bot.host(), user).await.unwrap();
        assert!(kept.is_null(), "{kept}");
    }
}
#[tokio::test]
async fn exports_tell_all_that_is_kept() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (guild, ann, _) = begun(&bot).await;
    let owner = guild.owner();
    ann.slash("/challenge checkin sport:run minutes:90").await;
    ann.slash("/challenge joker week:11").await;
    owner.slash("/dues paid user:@ann amount:5").await;
    bot.advance(hours(8 * 24)).await;

    let kept = Challenges::export_guild(bot.host(), GuildId::new(guild.id().get()));
    let kept = kept.await.unwrap();
    let (ann, owner) = (ann.id().get(), owner.id().get());
    assert_eq!(kept["set_up_by"], owner.to_string());
    assert_eq!(kept["closed_weeks"], serde_json::json!(["2026-W10"]));
    assert_eq!(kept["stints"].as_array().map(Vec::len), Some(2));
    assert_eq!(kept["stints"][0]["first"], "2026-W10");
    assert_eq!(kept["activities"][0]["user"], ann.to_string());
    assert_eq!(kept["joker_weeks"][0]["week"], "2026-W11");
    let payment = &kept["payments"][0];
    assert_eq!(payment["recorded_by"], owner.to_string());
    assert_eq!(payment["paid_at"], "2026-03-02T09:00:00+00:00");

    let owner = UserId::new(owner);
    let kept = Challenges::export_user(bot.host(), owner).await.unwrap();
    assert_eq!(kept["payments_recorded"][0]["cents"], 500);
    assert_eq!(kept["challenges_set_up"][0], guild.id().to_string());
    Challenges::delete_user(bot.host(), owner).await.unwrap();
    let kept = Challenges::export_user(bot.host(), owner).await.unwrap();
    assert!(kept.is_null(), "{kept}");
}
