//! Shards as modules and owners see them: states, guilds, presence.

use cogsmith::{
    config::Presence,
    shards::{ShardState, ShardStatus},
    testing::TestBot,
};
use cogsmith_simulator::{FaultRule, Simulator};
use serde_json::json;
use serenity::{gateway::ActivityData, model::user::OnlineStatus};

use crate::gateway::bench::eventually;

/// The next start is told to run so many shards, all at once.
fn recommend(simulator: &Simulator, shards: u32) {
    // So many that nobody waits for the boot guard.
    let total = 1_000 * shards;
    let limit =
        json!({"total": total, "remaining": total, "reset_after": 0, "max_concurrency": shards});
    let body =
        json!({"url": simulator.gateway_url(), "shards": shards, "session_start_limit": limit});
    simulator.fail_next(FaultRule::new(200).path("gateway/bot").body(body));
}

fn connected(bot: &TestBot) -> usize {
    let shards = bot.host().shards().into_iter();
    let connected = shards.filter(|shard| shard.state == ShardState::Connected);
    connected.count()
}

async fn bot_of(shards: u32) -> TestBot {
    let mut bot = TestBot::start(cogsmith::modules::all()).await;
    recommend(bot.simulator(), shards);
    bot.restart().await;
    eventually(|| connected(&bot) == shards as usize).await;
    bot
}

fn playing(game: &str) -> Presence {
    Presence {
        status: OnlineStatus::Idle,
        activity: Some(ActivityData::playing(game)),
        ..Presence::default()
    }
}

/// What each connection shows, sorted.
fn shown(simulator: &Simulator) -> Vec<String> {
    let connections = simulator.connections().into_iter();
    let shown = connections.filter_map(|it| it.presence);
    let games = shown.map(|it| {
        it["activities"][0]["name"]
            .as_str()
            .unwrap_or("")
            .to_owned()
    });
    let mut games: Vec<_> = games.collect();
    games.sort();
    games
}

#[tokio::test]
async fn guilds_are_counted_also_when_a_new_process_goes_on_with_a_session() {
    let mut bot = TestBot::start(cogsmith::modules::all()).await;
    bot.guild("Rustaceans");
    bot.guild("Gophers");
    bot.settle().await;
    let counts = |bot: &TestBot| bot.host().shards()[0].guilds;
    assert_eq!(counts(&bot), Some(2));
    bot.restart().await;
    assert_eq!(bot.simulator().resumes(), 1);
    eventually(|| counts(&bot) == Some(2)).await;
    bot.guild("Pythonistas");
    bot.settle().await;
    assert_eq!(counts(&bot), Some(3));
}

#[tokio::test]
async fn the_status_of_64_shards_is_paged() {
    let bot = bot_of(64).await;
    let guild = bot.guild("Rustaceans");
    eventually(|| {
        let guilds = bot.host().shards().into_iter().filter_map(|it| it.guilds);
        guilds.sum::<usize>() == 1
    })
    .await;
    let owner = guild.owner();
    let status = owner.slash("/bot status").await;
    let first = status.text();
    assert!(first.contains("64 of 64 connected"), "{first}");
    assert!(first.contains("`#0` connected"), "{first}");
    assert!(first.contains("Page 1 of 4"), "{first}");
    let second = owner.uses(status.message().unwrap(), "bot-status:2", &[]);
    let second = second.await.unwrap().text();
    assert!(second.contains("`#20` connected"), "{second}");
    let last = owner.slash("/bot status page:4").await.text();
    assert!(last.contains("`#63` connected"), "{last}");
}

#[tokio::test]
async fn a_presence_is_of_all_shards_or_of_one_and_outlives_its_session() {
    let bot = bot_of(2).await;
    let (host, simulator) = (bot.host(), bot.simulator());
    host.set_presence(&playing("chess"));
    eventually(|| shown(simulator) == ["chess", "chess"]).await;
    assert_eq!(host.presence(), playing("chess"));
    host.set_presence_on(1, &playing("go")).unwrap();
    eventually(|| shown(simulator) == ["chess", "go"]).await;
    simulator.invalid_session(false);
    eventually(|| simulator.identifies() == 5 && shown(simulator) == ["chess", "go"]).await;
    let of = |status: &ShardStatus| status.presence.clone();
    let presences: Vec<_> = host.shards().iter().map(of).collect();
    assert_eq!(presences, [playing("chess"), playing("go")]);
    let missing = host.set_presence_on(2, &playing("go")).unwrap_err();
    assert_eq!(missing.to_string(), "this process has no shard 2");
}

#[tokio::test]
async fn a_shard_says_what_it_is_about() {
    let bot = TestBot::start(cogsmith::modules::all()).await;
    let state = || bot.host().shards()[0].state;
    assert_eq!(state(), ShardState::Connected);
    assert_eq!(state().to_string(), "connected");
    bot.simulator().invalid_session(false);
    eventually(|| state() != ShardState::Connected).await;
    eventually(|| state() == ShardState::Connected).await;
    bot.simulator().cut();
    eventually(|| state() != ShardState::Connected).await;
    eventually(|| state() == ShardState::Connected).await;
}
