//! Rows that a database refuses, and databases that are busy: nobody else's XP waits for them.

use cogsmith::testing::{Database, Person};

use super::*;

async fn on_each(check: impl AsyncFn(TestBot, Refusing)) {
    for database in Database::each().await {
        let refusing = match database.url().to_string().starts_with("postgres") {
            true => POSTGRES,
            false => SQLITE,
        };
        let bot = TestBot::start_on(database, crate::modules::all()).await;
        check(bot, refusing).await;
    }
}

/// Statements that make a database refuse rows `where` something, take them again, and keep writers out.
struct Refusing {
    refuse: fn(&str) -> String,
    take: &'static str,
    lock: &'static str,
}

const SQLITE: Refusing = Refusing {
    refuse: |rows| {
        format!(
            "create trigger refusing before insert on leaderboard_score when {}
             begin select raise(abort, 'refused by the test'); end",
            rows.replace("user_id", "new.user_id")
        )
    },
    take: "drop trigger refusing",
    lock: "select 1",
};

const POSTGRES: Refusing = Refusing {
    refuse: |rows| {
        format!(
            "alter table leaderboard_score add constraint refusing check (not ({rows})) not valid"
        )
    },
    take: "alter table leaderboard_score drop constraint refusing",
    lock: "lock table leaderboard_score in exclusive mode",
};

async fn run(bot: &TestBot, sql: String) {
    let statement = bot.host().db().write(sql.leak());
    statement.execute().await.unwrap();
}

/// XP and messages of a member in the database.
async fn score(bot: &TestBot, member: &Person) -> Option<(i64, i64)> {
    let sql = "select xp, messages from leaderboard_score where user_id = $1";
    let query = bot.host().db().read(sql).bind(member.id().get());
    query.optional().await.unwrap()
}

async fn messages(bot: &TestBot, member: &Person) -> i64 {
    score(bot, member).await.map_or(0, |(_, messages)| messages)
}

/// What the owner was told of rows that are set aside.
fn told(bot: &TestBot) -> Vec<String> {
    let told = bot.simulator().application_owner().direct().messages();
    let texts = told.iter().map(|message| message.content().to_owned());
    texts.filter(|text| text.contains("refuses")).collect()
}

#[tokio::test]
async fn a_score_at_its_limit_stays_there_while_others_earn() {
    on_each(async |bot, _| {
        let guild = bot.guild("Rustaceans");
        let (ann, ben) = (guild.member("ann"), guild.member("ben"));
        let insert = format!(
            "insert into leaderboard_score values ({}, {}, {}, {}, 0)",
            guild.id(),
            ann.id(),
            i64::MAX - 5,
            i64::MAX
        );
        run(&bot, insert).await;
        for _ in 0..2 {
            ann.says("a lot").await;
            ben.says("a little").await;
            bot.advance(mins(1)).await;
        }
        assert_eq!(score(&bot, &ann).await, Some((i64::MAX, i64::MAX)));
        assert_eq!(messages(&bot, &ben).await, 2);
        assert_eq!(told(&bot), [""; 0]);
        let rank = ann.slash("/rank").await.text();
        assert!(rank.contains("number 1 with 9223372036854775807"), "{rank}");
        assert!(rank.contains("level 1768802"), "{rank}");
        let board = ben.slash("/leaderboard view").await.text();
        assert!(board.contains("level 1768802"), "{board}");
    })
    .await;
}

#[tokio::test]
async fn a_refused_row_is_set_aside_and_everybody_elses_is_written_once() {
    on_each(async |bot, refusing| {
        let guild = bot.guild("Rustaceans");
        let members = ["ann", "ben", "cat", "dan", "eve"].map(|name| guild.member(name));
        let cat = &members[2];
        run(&bot, (refusing.refuse)(&format!("user_id = {}", cat.id()))).await;
        let flush = bot.host().task("leaderboard.flush").unwrap();
        // The next flush is 100 ms after this one.
        guild.member("zed").says("hello").await;
        bot.advance(Duration::from_millis(100)).await;
        let runs = flush.status().runs_total;
        for said in 1..=2 {
            for member in &members {
                member.says("hello").await;
            }
            bot.advance(Duration::from_millis(100)).await;
            for member in &members {
                let expected = if member.id() == cat.id() { 0 } else { said };
                assert_eq!(messages(&bot, member).await, expected);
            }
        }
        let status = flush.status();
        assert_eq!((status.runs_total - runs, status.fails), (2, 0));
        bot.advance(mins(10)).await;
        assert_eq!(messages(&bot, cat).await, 0, "the update was refused too");
        let rank = cat.slash("/rank").await.text();
        assert!(rank.contains("from 2 messages"), "{rank}");
        let told = told(&bot);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(&format!("user {} in guild {}", cat.id(), guild.id())));

        run(&bot, refusing.take.to_owned()).await;
        bot.advance(mins(10)).await;
        for member in &members {
            assert_eq!(messages(&bot, member).await, 2);
        }
        cat.says("again").await;
        bot.advance(Duration::from_millis(100)).await;
        assert_eq!(messages(&bot, cat).await, 3, "no longer set aside");
    })
    .await;
}

#[tokio::test]
async fn a_refused_row_that_is_mended_is_written_at_a_stop_in_order() {
    on_each(async |mut bot, refusing| {
        let guild = bot.guild("Rustaceans");
        let (ann, ben) = (guild.member("ann"), guild.member("ben"));
        run(&bot, (refusing.refuse)(&format!("user_id = {}", ann.id()))).await;
        ann.says("hello").await;
        ben.says("hello").await;
        bot.advance(secs(1)).await;
        assert_eq!(
            (messages(&bot, &ann).await, messages(&bot, &ben).await),
            (0, 1)
        );
        run(&bot, refusing.take.to_owned()).await;
        bot.restart().await;
        assert_eq!(
            (messages(&bot, &ann).await, messages(&bot, &ben).await),
            (1, 1)
        );
    })
    .await;
}

/// Breaks all writing of scores, lets two members talk, mends it, and expects an ordinary flush to write both.
async fn sets_nobody_aside(bot: &TestBot, break_it: String, mend_it: String) {
    let guild = bot.guild("Rustaceans");
    let (ann, ben) = (guild.member("ann"), guild.member("ben"));
    run(bot, break_it).await;
    ann.says("hello").await;
    ben.says("hello").await;
    bot.advance(secs(1)).await;
    assert!(bot.host().task("leaderboard.flush").unwrap().status().fails > 0);
    assert_eq!(told(bot), [""; 0]);
    run(bot, mend_it).await;
    bot.advance(secs(60)).await;
    assert_eq!(
        (messages(bot, &ann).await, messages(bot, &ben).await),
        (1, 1)
    );
}

#[tokio::test]
async fn a_missing_table_sets_nobody_aside() {
    on_each(async |bot, _| {
        let missing = "alter table leaderboard_score rename to hidden".to_owned();
        let back = "alter table hidden rename to leaderboard_score".to_owned();
        sets_nobody_aside(&bot, missing, back).await;
    })
    .await;
}

#[tokio::test]
async fn a_table_that_takes_no_row_sets_nobody_aside() {
    on_each(async |bot, refusing| {
        let none = (refusing.refuse)("user_id > 0");
        sets_nobody_aside(&bot, none, refusing.take.to_owned()).await;
    })
    .await;
}

#[tokio::test]
async fn a_rank_and_a_first_board_are_shown_while_nothing_can_be_written() {
    on_each(async |bot, refusing| {
        let ann = bot.guild("Rustaceans").member("ann");
        let zoe = bot.guild("Gophers").member("zoe");
        ann.says("hello").await;
        bot.advance(mins(1)).await;
        let mut writer = bot.host().db().begin().await.unwrap();
        writer.query(refusing.lock).execute().await.unwrap();
        for member in [&ann, &zoe] {
            member.says("again").await;
        }
        let rank = ann.slash("/rank").await.text();
        assert!(
            rank.contains("number 1") && rank.contains("from 2 messages"),
            "{rank}"
        );
        for member in [&ann, &zoe] {
            let board = member.slash("/leaderboard view").await.text();
            assert!(board.contains("🥇"), "{board}");
        }
        drop(writer);
        bot.advance(secs(1)).await;
        assert_eq!(ann.slash("/rank").await.text(), rank);
        assert_eq!(messages(&bot, &ann).await, 2);
    })
    .await;
}
