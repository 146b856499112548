use super::*;
use crate::testing::Database;

const GUILD: GuildId = GuildId::new(7);
const OTHER: GuildId = GuildId::new(8);

fn position(session: &str, sequence: u64) -> Position {
    Position {
        shard: 0,
        session: session.into(),
        sequence,
    }
}

async fn opened(db: &Db) -> Switches {
    let audit = Audit::of(db).await;
    let switches = Switches::open(db.clone(), audit).await.unwrap();
    switches.declare("xp", Availability::OnByDefault);
    switches.declare("polls", Availability::OffByDefault);
    switches.declare("steward", Availability::AlwaysOn);
    switches
}

#[tokio::test]
async fn a_switch_holds_across_a_restart_in_its_guild_alone() {
    for database in Database::each().await {
        let db = database.open().await;
        let switches = opened(&db).await;
        assert!(
            switches
                .set_in("xp", GUILD, false, || None, &By::bot())
                .await
                .unwrap()
        );
        assert!(
            !switches
                .set_in("xp", GUILD, false, || None, &By::bot())
                .await
                .unwrap()
        );
        assert!(
            switches
                .set_in("polls", GUILD, true, || None, &By::bot())
                .await
                .unwrap()
        );
        assert!(
            switches
                .set_everywhere("polls", false, &By::bot())
                .await
                .unwrap()
        );
        switches.note_list(OTHER, true).await.unwrap();
        for switches in [&switches, &opened(&db).await] {
            let is_on = |module, guild| switches.is_on(module, guild);
            assert!(!is_on("xp", Some(GUILD)) && is_on("xp", Some(OTHER)) && is_on("xp", None));
            assert!(is_on("polls", Some(GUILD)));
            assert!(!is_on("polls", Some(OTHER)) && !is_on("polls", None));
            assert!(!switches.is_on_everywhere("polls") && switches.is_on_everywhere("xp"));
            assert_eq!(switches.guilds(), BTreeSet::from([GUILD, OTHER]));
            let of = BTreeMap::from([("polls".to_owned(), true), ("xp".to_owned(), false)]);
            assert_eq!(switches.of(GUILD), of);
        }
        switches.note_list(OTHER, false).await.unwrap();
        switches.forget(GUILD).await.unwrap();
        assert!(opened(&db).await.guilds().is_empty());
        assert!(switches.is_on("xp", Some(GUILD)));
    }
}

#[tokio::test]
async fn an_event_that_comes_again_meets_the_state_that_it_met_before() {
    let database = Database::sqlite();
    let db = database.open().await;
    let newest = || Some(position("a", 10));
    let switches = opened(&db).await;
    switches
        .set_in("xp", GUILD, false, newest, &By::bot())
        .await
        .unwrap();
    for switches in [&switches, &opened(&db).await] {
        let was_on = |event: Position| switches.was_on("xp", Some(GUILD), &event);
        assert!(was_on(position("a", 10)) && !was_on(position("a", 11)));
        assert!(!was_on(position("b", 1)));
    }
}

#[tokio::test]
async fn what_is_always_on_heeds_no_switch() {
    let database = Database::sqlite();
    let db = database.open().await;
    let switches = opened(&db).await;
    for row in [None, Some(GUILD)] {
        let off = Row {
            is_on: false,
            since: None,
        };
        let mut transaction = db.begin().await.unwrap();
        let set = store::set(&mut transaction, "steward", row, &off);
        set.await.unwrap();
        transaction.commit().await.unwrap();
    }
    let again = opened(&db).await;
    for switches in [switches, again] {
        assert!(switches.is_on_everywhere("steward") && switches.is_on("steward", Some(GUILD)));
    }
}

#[tokio::test]
async fn a_gate_follows_the_switch_of_its_guild() {
    let database = Database::sqlite();
    let db = database.open().await;
    let switches = opened(&db).await;
    let (xp, polls) = (switches.gate("xp", GUILD), switches.gate("polls", GUILD));
    assert!(xp.is_open() && !polls.is_open());
    switches
        .set_in("xp", GUILD, false, || None, &By::bot())
        .await
        .unwrap();
    switches
        .set_in("polls", GUILD, true, || None, &By::bot())
        .await
        .unwrap();
    assert!(!xp.is_open() && polls.is_open());
    switches.forget(GUILD).await.unwrap();
    assert!(xp.is_open() && !polls.is_open());
}
