//! Activities from files.

use super::*;

async fn imported(person: &Person, text: &str) -> String {
    person.picks("week.csv", text.as_bytes());
    person
        .slash("/challenge_config import file:week.csv")
        .await
        .text()
}

#[tokio::test]
async fn a_file_replaces_itself_and_no_check_in() {
    for database in Database::each().await {
        let bot = TestBot::start_on(database, crate::modules::all()).await;
        let (guild, ann, _) = begun(&bot).await;
        ann.slash("/challenge checkin sport:run minutes:30").await;
        let file = format!("user,day,sport,minutes\n{},2026-03-02,run,60\n", ann.id());
        for _ in 0..2 {
            let said = imported(&guild.owner(), &file).await;
            assert!(said.contains("1 line noted"), "{said}");
        }
        let week = ann.slash("/challenge week").await.text();
        assert!(week.contains("ann: 3 of 3"), "{week}");
        ann.slash("/challenge checkin sport:run minutes:30").await;
        let week = ann.slash("/challenge week").await.text();
        assert!(week.contains("ann: 4 of 3"), "{week}");
    }
}

#[tokio::test]
async fn a_file_with_somebody_who_never_took_part_is_refused_whole() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (guild, ann, _) = begun(&bot).await;
    let cat = guild.member("cat");
    let file = format!(
        "user,day,sport,minutes\n{0},2026-03-02,run,90\n\n{1},2026-03-02,run,90\n",
        ann.id(),
        cat.id()
    );
    let said = imported(&guild.owner(), &file).await;
    assert!(said.contains("Nothing was noted"), "{said}");
    let fault = format!("line 4: user {} has never taken part", cat.id());
    assert!(said.contains(&fault), "{said}");
    let week = ann.slash("/challenge week").await.text();
    assert!(week.contains("ann: 0 of 3"), "{week}");
}
