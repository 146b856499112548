//! What is kept is handed out and deleted.

use cogsmith::module::Stores;
use serenity::model::id::{GuildId, UserId};

use super::*;
use crate::modules::members::Members;

#[tokio::test]
async fn all_of_a_member_can_be_had_and_deleted_and_they_are_not_said_to_have_joined() {
    for database in Database::each().await {
        let (bot, guild) = on(database).await;
        let ann = guild.member("ann");
        let makers = guild.role("makers", Permissions::NONE);
        let set = format!("/settings set key:members.showcase_role value:{makers}");
        guild.owner().slash(&set).await;
        ann.slash("/members showcase join").await;
        bot.advance(mins(1)).await;
        snapshot(&bot).await;
        let user = UserId::new(ann.id().get());
        let kept = Members::export_user(bot.host(), user).await.unwrap();
        assert_eq!(kept["seen"][0]["name"], "ann");
        assert_eq!(kept["showcase"][0]["role"], makers.to_string());
        let id = GuildId::new(guild.id().get());
        let whole = Members::export_guild(bot.host(), id).await.unwrap();
        assert_eq!(whole["seen"].as_array().unwrap().len(), 3);
        assert_eq!(whole["snapshots"].as_array().unwrap().len(), 1);

        Members::delete_user(bot.host(), user).await.unwrap();
        let kept = Members::export_user(bot.host(), user).await.unwrap();
        assert!(kept.is_null(), "{kept}");
        snapshot(&bot).await;
        let text = guild.owner().slash("/members diff").await.text();
        assert!(text.contains("Nothing has changed"), "{text}");

        Members::delete_guild(bot.host(), id).await.unwrap();
        let whole = Members::export_guild(bot.host(), id).await.unwrap();
        assert!(whole.is_null(), "{whole}");
    }
}
