//! Played against the simulator. The numbered tests are named after faults of a well-known sample bot.

use cogsmith::{
    prelude::*,
    testing::{Permissions, TestBot},
};

mod places;
mod refusals;

const TASK: &str = "leaderboard.update";

async fn bot() -> TestBot {
    TestBot::start(crate::modules::all()).await
}

#[tokio::test]
async fn talking_twice_in_a_minute_counts_once() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let ann = guild.member("ann");

    ann.says("hello").await;
    bot.settle().await;
    let first = ann.slash("/rank").await.text();
    assert!(first.contains("from 1 message: level 0"), "{first}");
    bot.advance(secs(59)).await;
    ann.says("hello again").await;
    bot.settle().await;
    let once = ann.slash("/rank").await.text();

    bot.advance(secs(1)).await;
    ann.says("and again").await;
    bot.settle().await;
    let twice = ann.slash("/rank").await.text();

    assert!(
        once.contains("from 2 messages") && xp(&once) <= 25,
        "{once}"
    );
    assert!(
        twice.contains("from 3 messages") && xp(&twice) >= 30,
        "{twice}"
    );
}

fn xp(answer: &str) -> u64 {
    let before = answer.split(" XP").next().unwrap();
    before.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn who_never_spoke_has_no_rank() {
    let bot = bot().await;
    let ann = bot.guild("Rustaceans").member("ann");
    let answer = ann.slash("/rank").await;
    assert_eq!(answer.text(), "You have no XP yet.");
    assert!(answer.is_ephemeral());
}

#[tokio::test]
async fn the_board_shows_who_stood_where_at_the_last_update() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let (ann, ben) = (guild.member("ann"), guild.member("ben"));

    ann.says("one").await;
    bot.advance(mins(2)).await;
    ann.says("two").await;
    ben.says("three").await;
    bot.advance(mins(10)).await;
    ben.says("too late for this board").await;

    let board = ben.slash("/leaderboard view").await.text();
    let (first, second) = (board.find("🥇").unwrap(), board.find("🥈").unwrap());
    assert!(board[first..second].contains("ann:"), "{board}");
    assert!(board[second..].contains("ben:"), "{board}");
    assert!(board.contains("Updated 2 minutes ago"), "{board}");
    assert!(board.contains("You: number"), "{board}");
}

#[tokio::test]
async fn the_first_board_does_not_wait_for_an_update() {
    let bot = bot().await;
    let ann = bot.guild("Rustaceans").member("ann");
    let empty = ann.slash("/leaderboard view").await.text();
    assert_eq!(empty, "Nobody has XP here yet. Say something!");

    ann.says("something").await;
    bot.settle().await;
    assert!(
        ann.slash("/leaderboard view")
            .await
            .text()
            .contains("🥇 ann:")
    );
}

#[tokio::test]
async fn fault_1_instants_are_instants_and_not_durations() {
    let bot = bot().await;
    let ann = bot.guild("Rustaceans").member("ann");
    bot.advance(mins(4)).await;

    let info = ann.slash("/leaderboard update_info").await;
    assert!(info.is_ephemeral());
    assert!(
        info.text().contains("Last update: 4 minutes ago"),
        "{}",
        info.text()
    );
    assert!(
        info.text().contains("Next update: in 6 minutes"),
        "{}",
        info.text()
    );
}

#[tokio::test]
async fn fault_2_update_info_answers_while_the_updates_are_stopped() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    guild.owner().slash("/leaderboard_config stop").await;

    let info = guild
        .member("ann")
        .slash("/leaderboard update_info")
        .await
        .text();
    assert!(info.contains("Next update: None"), "{info}");
    assert!(info.contains("Running?: No"), "{info}");
}

#[tokio::test]
async fn fault_4_restart_after_a_stop_really_restarts() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    guild.owner().slash("/leaderboard_config stop").await;
    let answer = guild
        .owner()
        .slash("/leaderboard_config restart")
        .await
        .text();

    assert!(answer.contains("restarted (they were stopped)"), "{answer}");
    let runs = bot.host().task(TASK).unwrap().status().runs_total;
    bot.advance(mins(10)).await;
    assert!(bot.host().task(TASK).unwrap().status().runs_total > runs);
}

#[tokio::test]
async fn fault_5_stop_takes_effect_at_once() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    bot.advance(mins(3)).await;
    let runs = bot.host().task(TASK).unwrap().status().runs_total;

    assert_eq!(
        owner.slash("/leaderboard_config stop").await.text(),
        "The updates are stopped."
    );
    bot.advance(hours(1)).await;
    assert_eq!(bot.host().task(TASK).unwrap().status().runs_total, runs);
}

#[tokio::test]
async fn fault_6_an_interval_of_zero_is_refused() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let refused = owner
        .try_slash("/leaderboard_config set_time_between_updates minutes:0")
        .await;
    assert!(refused.is_err());
    assert!(
        bot.host()
            .task(TASK)
            .unwrap()
            .change_interval(every(secs(0)))
            .await
            .is_err()
    );
    assert_eq!(
        bot.host().task(TASK).unwrap().status().trigger,
        every(mins(10))
    );
}

#[tokio::test]
async fn fault_7_the_interval_may_change_before_the_first_run() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    owner.slash("/leaderboard_config stop").await;
    owner
        .slash("/leaderboard_config set_time_between_updates minutes:5")
        .await;
    owner.slash("/leaderboard_config restart").await;
    bot.settle().await;
    let first = bot.host().task(TASK).unwrap().status().runs_total;
    bot.advance(mins(5)).await;
    assert_eq!(
        bot.host().task(TASK).unwrap().status().runs_total,
        first + 1
    );
}

#[tokio::test]
async fn fault_8_one_unexpected_error_does_not_end_the_loop() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let ann = guild.member("ann");
    ann.says("hello").await;
    let db = bot.host().db().clone();
    db.write("alter table leaderboard_board rename to hidden")
        .execute()
        .await
        .unwrap();
    bot.advance(mins(10)).await;
    let failed = bot.host().task(TASK).unwrap().status();
    db.write("alter table hidden rename to leaderboard_board")
        .execute()
        .await
        .unwrap();
    bot.advance(mins(10)).await;

    assert!(
        failed.last_error.is_some() && failed.fails == 1 && failed.is_running(),
        "{failed:?}"
    );
    assert!(ann.slash("/leaderboard view").await.text().contains("🥇"));
    let told = bot.simulator().application_owner().direct().messages();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0]
            .content()
            .starts_with("`leaderboard.update` failed: "),
        "{told:?}"
    );
}

#[tokio::test]
async fn fault_9_interval_and_stop_survive_a_restart() {
    let mut bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let owner = guild.owner();
    let answer = owner
        .slash("/leaderboard_config set_time_between_updates minutes:30")
        .await
        .text();
    assert!(
        answer.starts_with("Time between updates: 10m → 30m."),
        "{answer}"
    );
    owner.slash("/leaderboard_config stop").await;
    let runs = bot.host().task(TASK).unwrap().status().runs_total;

    bot.restart().await;

    let status = bot.host().task(TASK).unwrap().status();
    assert!(!status.is_running());
    assert_eq!((status.trigger, status.runs_total), (every(mins(30)), runs));
}

#[tokio::test]
async fn xp_survives_a_restart_and_cool_downs_do_too() {
    let mut bot = bot().await;
    let ann = bot.guild("Rustaceans").member("ann");
    ann.says("hello").await;
    bot.settle().await;
    let before = xp(&ann.slash("/rank").await.text());
    bot.restart().await;
    ann.says("still the same minute").await;
    bot.settle().await;
    assert_eq!(xp(&ann.slash("/rank").await.text()), before);
}

#[tokio::test]
async fn only_owners_steer_the_updates() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let stranger = guild.member("sam");
    assert!(
        stranger
            .try_slash("/leaderboard_config stop")
            .await
            .is_err(),
        "hidden by Discord"
    );
    guild.give_role(&stranger, guild.role("admins", Permissions::ADMINISTRATOR));
    let answer = stranger.slash("/leaderboard_config stop").await;
    assert_eq!(answer.text(), "Only the bot's owner may use this command.");
    assert!(bot.host().task(TASK).unwrap().is_running());
}

#[tokio::test]
async fn members_see_that_an_update_failed_and_owners_see_why_once() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let ann = guild.member("ann");
    ann.says("hello").await;
    bot.host()
        .db()
        .write("alter table leaderboard_board rename to hidden")
        .execute()
        .await
        .unwrap();
    bot.advance(mins(10)).await;

    let info = ann.slash("/leaderboard update_info").await.text();
    assert!(info.contains("Failed?: Yes"), "{info}");
    assert!(info.contains("Last error: There was one."), "{info}");
    assert!(!info.contains("leaderboard_board"), "{info}");
    let shown = guild
        .owner()
        .slash("/task show name:leaderboard.update")
        .await;
    let shown = shown.text();
    assert_eq!(shown.matches("leaderboard_board").count(), 1, "{shown}");
    let told = bot.simulator().application_owner().direct().messages();
    let told: String = told.iter().map(|message| message.content()).collect();
    assert_eq!(told.matches("leaderboard_board").count(), 1, "{told}");
}

#[tokio::test]
async fn update_info_answers_whatever_times_of_day_are_set() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let times = (0..44).map(|n| format!("{:02}:{:02} in Europe/Berlin", n / 2, n % 2 * 30));
    let task = bot.host().task(TASK).unwrap();
    task.change_interval(at(times)).await.unwrap();
    let info = guild.member("ann").slash("/leaderboard update_info").await;
    assert!(info.text().contains("Running?: Yes"), "{}", info.text());
}

#[tokio::test]
async fn a_quiet_week_costs_no_flush_and_the_first_word_after_it_is_written_in_100_ms() {
    let bot = TestBot::start(Modules::default().with::<super::Leaderboard>()).await;
    let ann = bot.guild("Rustaceans").member("ann");
    let flush = bot.host().task("leaderboard.flush").unwrap();
    bot.host().task(TASK).unwrap().stop().await.unwrap();
    ann.says("hello").await;
    bot.advance(secs(1)).await;
    let runs = flush.status().runs_total;
    assert_eq!(written(&bot).await, 1);
    assert_eq!(
        bot.host().clock().next_wake(),
        None,
        "nobody waits for anything"
    );

    bot.advance(hours(7 * 24)).await;
    assert_eq!(
        (flush.status().runs_total, flush.status().missed),
        (runs, 0)
    );
    ann.says("good morning").await;
    bot.advance(Duration::from_millis(100)).await;
    assert_eq!(written(&bot).await, 2);
    assert_eq!(flush.status().runs_total, runs + 1);
}

/// The messages that are in the database.
async fn written(bot: &TestBot) -> i64 {
    let sum = "select cast(coalesce(sum(messages), 0) as bigint) from leaderboard_score";
    let (messages,) = bot.host().db().read(sum).one::<(i64,)>().await.unwrap();
    messages
}
