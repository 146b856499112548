//! The showcase of those who agree.

use serde_json::Value;

use super::*;

async fn file(guild: &Guild) -> Value {
    let answer = guild.owner().slash("/members showcase file").await;
    assert!(answer.is_ephemeral());
    let message = answer.message().unwrap();
    serde_json::from_slice(&message.files()[0].1).unwrap()
}

#[tokio::test]
async fn those_with_the_role_who_agree_are_shown_and_nobody_else() {
    for database in Database::each().await {
        let (bot, guild) = on(database).await;
        let [ann, ben, cat, dan] = ["ann", "ben", "cat", "dan"].map(|name| guild.member(name));
        let early = ann.slash("/members showcase join").await.text();
        assert!(early.starts_with("This server has no showcase."), "{early}");
        let makers = guild.role("makers", Permissions::NONE);
        let set = format!("/settings set key:members.showcase_role value:{makers}");
        guild.owner().slash(&set).await;
        for person in [&ann, &cat, &dan] {
            guild.give_role(person, makers);
        }
        for person in [&ann, &ben, &dan] {
            let agreed = person.slash("/members showcase join").await;
            assert!(agreed.is_ephemeral());
            let lacks = agreed.text().contains("once you have that role");
            assert_eq!(lacks, person.name() == "ben", "{}", agreed.text());
        }
        dan.leaves();
        bot.settle().await;
        let shown = file(&guild).await;
        assert_eq!(shown["role"], makers.to_string());
        let members = shown["members"].as_array().unwrap();
        assert_eq!(members.len(), 1, "{shown}");
        assert_eq!(members[0]["id"], ann.id().to_string());
        assert_eq!(members[0]["name"], "ann");

        let others = guild.role("others", Permissions::NONE);
        guild.give_role(&ann, others);
        let set = format!("/settings set key:members.showcase_role value:{others}");
        guild.owner().slash(&set).await;
        assert_eq!(file(&guild).await["members"], serde_json::json!([]));
        ann.slash("/members showcase join").await;
        assert_eq!(file(&guild).await["members"].as_array().unwrap().len(), 1);
        ann.slash("/members showcase leave").await;
        assert_eq!(file(&guild).await["members"], serde_json::json!([]));
        let again = ann.slash("/members showcase leave").await.text();
        assert!(again.starts_with("You had not agreed"), "{again}");
    }
}
