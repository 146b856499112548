//! What is stored of tasks that no module has any more.

use std::collections::BTreeSet;

use cogsmith::{prelude::*, tasks::TaskSpec, testing::TestBot};

use super::bot;

/// Registers tasks, and takes their code away.
async fn orphan(bot: &TestBot, names: &[&str]) {
    let engine = bot.host().engine();
    for name in names {
        let spec = TaskSpec::new(*name, every(hours(1)), |_| async { Ok(()) });
        engine.register(spec).await.unwrap();
        bot.settle().await;
        engine.unregister(name).await;
    }
}

fn code(listed: &str) -> &str {
    let (_, rest) = listed.split_once("confirm:").unwrap();
    rest.split_once('`').unwrap().0
}

#[tokio::test]
async fn what_no_module_has_any_more_is_listed_and_goes_when_it_is_confirmed() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let none = owner.slash("/task purge").await.text();
    assert_eq!(none, "Every task that is stored belongs to a module.");

    orphan(&bot, &["old.clean", "old.sweep"]).await;
    let listed = owner.slash("/task purge").await;
    assert!(listed.is_ephemeral());
    let listed = listed.text();
    assert!(listed.starts_with("2 tasks without a module."), "{listed}");
    assert!(
        listed.contains("`old.clean` active, every 1h, 1 run, last written"),
        "{listed}"
    );
    let other = owner.slash("/task purge name:old.other").await.text();
    assert_eq!(
        other,
        "No task named `old.other` is stored without a module."
    );
    let one = owner.slash("/task purge name:old.clean").await.text();
    assert!(one.starts_with("1 task without a module."), "{one}");
    let engine = bot.host().engine();
    assert_eq!(engine.orphans().await.unwrap().len(), 2);

    let confirm = format!("/task purge confirm:{}", code(&listed));
    let purged = owner.slash(&confirm).await.text();
    assert!(
        purged.starts_with("Deleted with their history: 2 tasks."),
        "{purged}"
    );
    assert!(purged.contains("`old.sweep`"), "{purged}");
    assert!(engine.orphans().await.unwrap().is_empty());
}

#[tokio::test]
async fn nothing_goes_that_was_not_listed() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    orphan(&bot, &["old.clean"]).await;
    let listed = owner.slash("/task purge").await.text();
    orphan(&bot, &["old.sweep"]).await;
    for confirm in ["yes", code(&listed)] {
        let refused = owner.slash(&format!("/task purge confirm:{confirm}")).await;
        let refused = refused.text();
        assert!(refused.ends_with("Nothing has been deleted."), "{refused}");
    }
    assert_eq!(bot.host().engine().orphans().await.unwrap().len(), 2);

    let listed = owner.slash("/task purge name:old.sweep").await.text();
    let confirm = format!("/task purge name:old.sweep confirm:{}", code(&listed));
    owner.slash(&confirm).await;
    let left = bot.host().engine().orphans().await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(&*left[0].name, "old.clean");
}

#[tokio::test]
async fn a_module_that_is_switched_off_keeps_what_is_stored_of_its_tasks() {
    let mut bot = bot().await;
    let steward = BTreeSet::from(["steward".to_owned()]);
    bot.restart_with(crate::modules::all().only(Some(&steward)))
        .await;
    assert!(bot.host().task("leaderboard.update").is_err());
    let owner = bot.guild("Rustaceans").owner();
    let none = owner.slash("/task purge").await.text();
    assert_eq!(none, "Every task that is stored belongs to a module.");
}
