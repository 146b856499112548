use chrono::DateTime;

use super::*;
use crate::testing::Database;

const ANN: UserId = UserId::new(7);
const BEN: UserId = UserId::new(8);
const GUILD: GuildId = GuildId::new(42);

fn shown(recorded: &[Recorded]) -> Vec<String> {
    let shown = recorded.iter().map(|it| {
        let change = &it.change;
        format!("{}: {} {}", change.by.actor, change.verb, change.target)
    });
    shown.collect()
}

async fn listed(audit: &Audit, filter: Filter) -> Vec<String> {
    shown(&audit.list(&filter, 100).await.unwrap())
}

#[tokio::test]
async fn a_change_is_kept_whole_and_found_by_who_where_and_what() {
    for database in Database::each().await {
        let db = database.open().await;
        let audit = Audit::of(&db).await;
        let by = By::user(ANN).because(Some("  too\nloud ".to_owned()));
        let set = by.did_in(GUILD, "settings set", "greeter.loud");
        let set = set.about(BEN).from("on").to("off");
        audit.record(set.clone()).await.unwrap();
        for change in [
            By::shell(1_000).did("task stop", "leaderboard.update"),
            By::bot().did("task start", "a_b.c%d!"),
        ] {
            audit.record(change).await.unwrap();
        }
        let all = audit.list(&Filter::default(), 100).await.unwrap();
        assert_eq!(all[2].change, set);
        assert_eq!(set.by.reason.as_deref(), Some("too loud"));
        let [start, stop] = [
            "the bot: task start a_b.c%d!",
            "shell uid 1000: task stop leaderboard.update",
        ];
        let of_ann = "user 7: settings set greeter.loud";
        assert_eq!(shown(&all), [start, stop, of_ann]);
        let what = |text: &str| Filter {
            what: Some(text.to_owned()),
            ..Filter::default()
        };
        assert_eq!(listed(&audit, what("TASK STOP lead")).await, [stop]);
        assert_eq!(listed(&audit, what("a_b.c%d!")).await, [start]);
        assert_eq!(listed(&audit, what("l_")).await, [""; 0]);
        let (guild, user) = (Some(GUILD), Some(ANN));
        let here = Filter {
            guild,
            ..Filter::default()
        };
        let hers = Filter {
            user,
            ..Filter::default()
        };
        assert_eq!(listed(&audit, here).await, [of_ann]);
        assert_eq!(listed(&audit, hers).await, [of_ann]);
        let verbs = ["settings set", "task start", "task stop"].map(str::to_owned);
        assert_eq!(Audit::of(&db).await.verbs(), verbs.into());
    }
}

#[tokio::test]
async fn nobody_who_had_their_data_deleted_is_named_any_more() {
    for database in Database::each().await {
        let db = database.open().await;
        let audit = Audit::of(&db).await;
        let by = By::user(ANN).because(Some("I am ann".to_owned()));
        let changes = [
            by.did_in(GUILD, "settings set", "greeter.loud"),
            By::user(BEN).did("dues paid", "2026").about(ANN),
        ];
        for change in changes {
            audit.record(change).await.unwrap();
        }
        assert_eq!(audit.of_user(ANN).await.unwrap().len(), 2);
        audit.forget_user(ANN).await.unwrap();
        assert_eq!(audit.of_user(ANN).await.unwrap(), []);
        let all = audit.list(&Filter::default(), 100).await.unwrap();
        let gone = "somebody whose data was deleted: settings set greeter.loud";
        assert_eq!(shown(&all), ["user 8: dues paid 2026", gone]);
        assert_eq!(all[1].change.by.reason, None);
        audit.forget_guild(GUILD).await.unwrap();
        let left = listed(&audit, Filter::default()).await;
        assert_eq!(left, ["user 8: dues paid 2026"]);
    }
}

#[tokio::test]
async fn what_stays_as_it_was_is_no_change() {
    let database = Database::sqlite();
    let audit = Audit::of(&database.open().await).await;
    let stop = || By::bot().did("task stop", "a.b").from("stopped");
    audit.record(stop().to("stopped")).await.unwrap();
    assert_eq!(listed(&audit, Filter::default()).await, [""; 0]);
    audit.record(stop()).await.unwrap();
    assert_eq!(listed(&audit, Filter::default()).await.len(), 1);
}

#[tokio::test]
async fn a_change_that_is_rolled_back_is_not_recorded() {
    for database in Database::each().await {
        let db = database.open().await;
        let audit = Audit::of(&db).await;
        let mut transaction = db.begin().await.unwrap();
        let change = By::bot().did("task stop", "a.b");
        let recorded = audit.record_in(&mut transaction, change);
        recorded.await.unwrap();
        drop(transaction);
        assert_eq!(listed(&audit, Filter::default()).await, [""; 0]);
    }
}

#[tokio::test]
async fn what_is_older_than_it_is_kept_goes() {
    for database in Database::each().await {
        let db = database.open().await;
        let audit = Audit::of(&db).await;
        let mut transaction = db.begin().await.unwrap();
        let old = By::bot().did("task stop", "a.b");
        let added = store::add(&mut transaction, DateTime::UNIX_EPOCH, &old);
        added.await.unwrap();
        transaction.commit().await.unwrap();
        let new = By::bot().did("task start", "a.b");
        audit.record(new).await.unwrap();
        assert_eq!(audit.prune().await.unwrap(), 1);
        let left = listed(&audit, Filter::default()).await;
        assert_eq!(left, ["the bot: task start a.b"]);
        assert_eq!(audit.prune().await.unwrap(), 0);
    }
}
