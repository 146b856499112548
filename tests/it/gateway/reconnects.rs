//! What happens to a connection, and how the shard comes back.

use std::sync::Arc;

use cogsmith::{config::Presence, gateway::Members};
use cogsmith_simulator::Simulator;
use cogsmith_tasks::{Clock, Engine, Gate, MemoryStore, TaskSpec, manual};
use serenity::{
    gateway::ActivityData,
    model::{id::GuildId, user::OnlineStatus},
};

use super::bench::{Bench, Recorder, within};

#[tokio::test]
async fn a_lost_connection_is_resumed_and_nothing_is_missed() {
    let disturbances: [fn(&Simulator); 7] = [
        |simulator| simulator.close(Some(4000)),
        |simulator| simulator.close(None),
        |simulator| simulator.close(Some(4003)),
        |simulator| simulator.close(Some(4008)),
        |simulator| simulator.cut(),
        |simulator| simulator.reconnect(),
        |simulator| simulator.invalid_session(true),
    ];
    let bench = Bench::new().await;
    let process = bench.start().await;
    let mut said = Vec::new();
    for (resumes, disturb) in (1..).zip(disturbances) {
        disturb(&bench.simulator);
        for moment in ["during", "after"] {
            let text = format!("{moment} {resumes}");
            bench.ann.says(&text).await;
            said.push(text);
            within(
                bench
                    .simulator
                    .until(|simulator| simulator.resumes() == resumes),
            )
            .await;
        }
    }
    bench.settled(&process).await;
    assert_eq!(process.sink.heard(), said);
    assert_eq!(bench.simulator.identifies(), 1);
    assert_eq!(process.gateway.counters().resumes.get(), 7);
}

#[tokio::test]
async fn the_gate_of_tasks_that_need_discord_follows_the_connection() {
    let bench = Bench::new().await;
    let mut options = bench.options();
    let gate = Gate::closed("gateway");
    options.connected = gate.clone();
    let engine = Engine::new(Arc::new(MemoryStore::new()), Clock::system());
    let spec = TaskSpec::new("t", manual(), |_| async { Ok(()) });
    let task = engine.register(spec.needs(&gate)).await.unwrap();
    engine.start().await.unwrap();
    let mut status = task.watch();
    let mut held = async |expected: bool| {
        within(status.wait_for(|status| status.held_by.is_some() == expected))
            .await
            .unwrap();
    };
    held(true).await;
    let recorder = Recorder::of(&["MESSAGE_CREATE"]);
    let process = bench.start_with(options, recorder).await;
    held(false).await;
    task.trigger_now().await.unwrap();
    bench.simulator.cut();
    within(bench.simulator.until(|simulator| simulator.resumes() == 1)).await;
    held(false).await;
    bench.simulator.close(Some(4004));
    held(true).await;
    within(process.gateway.ended()).await;
    assert!(!gate.is_open());
}

#[tokio::test]
async fn a_session_that_is_gone_is_replaced() {
    async fn check(disturb: fn(&Simulator)) {
        let bench = Bench::new().await;
        let process = bench.start().await;
        bench.ann.says("before").await;
        bench.settled(&process).await;
        disturb(&bench.simulator);
        within(
            bench
                .simulator
                .until(|simulator| simulator.identifies() == 2),
        )
        .await;
        bench.ann.says("after").await;
        process.sink.until_heard(2).await;
        bench.settled(&process).await;
        assert_eq!(process.sink.heard(), ["before", "after"]);
        assert_eq!(bench.simulator.resumes(), 0);
        assert_eq!(process.gateway.counters().identifies.get(), 2);
    }
    tokio::join!(
        check(|simulator| simulator.invalid_session(false)),
        check(|simulator| simulator.close(Some(4007))),
        check(|simulator| simulator.close(Some(4009))),
    );
}

#[tokio::test]
async fn ready_delivered_again_is_an_event_and_not_a_new_session() {
    let bench = Bench::new().await;
    let recorder = Recorder::of(&["READY", "MESSAGE_CREATE"]);
    let process = bench.start_with(bench.options(), recorder).await;
    for _ in 0..4 {
        bench.simulator.redeliver_ready();
    }
    process.sink.until_heard(5).await;
    bench.simulator.cut();
    within(bench.simulator.until(|simulator| simulator.resumes() == 1)).await;
    bench.ann.says("hello").await;
    process.sink.until_heard(6).await;
    assert_eq!(
        process.sink.heard(),
        ["READY", "READY", "READY", "READY", "READY", "hello"]
    );
    assert_eq!(process.gateway.counters().identifies.get(), 1);
}

#[tokio::test]
async fn a_heartbeat_that_is_asked_for_is_sent() {
    let bench = Bench::new().await;
    let process = bench.start().await;
    assert_eq!(process.gateway.shards()[0].acknowledged, None);
    bench.simulator.ask_for_heartbeat();
    within(process.acknowledged()).await;
    let status = process.gateway.shards().remove(0);
    assert!(
        status.connected && status.has_session && status.latency.is_some(),
        "{status:?}"
    );
}

#[tokio::test]
async fn the_presence_is_that_of_the_newest_session() {
    let bench = Bench::new().await;
    let playing = |name: &str| Presence {
        status: OnlineStatus::Online,
        activity: Some(ActivityData::playing(name)),
        ..Presence::default()
    };
    let shows = |simulator: &Simulator, name: &str| {
        let connections = simulator.connections();
        let presence = connections
            .first()
            .and_then(|connection| connection.presence.clone());
        presence.is_some_and(|presence| presence["activities"][0]["name"] == name)
    };
    let mut options = bench.options();
    options.presence = Some(playing("chess"));
    let process = bench.start_with(options, Recorder::of(&[])).await;
    within(bench.simulator.until(|simulator| shows(simulator, "chess"))).await;
    process.gateway.set_presence(&playing("go"));
    within(bench.simulator.until(|simulator| shows(simulator, "go"))).await;
    bench.simulator.invalid_session(false);
    within(
        bench
            .simulator
            .until(|simulator| simulator.identifies() == 2 && shows(simulator, "go")),
    )
    .await;
}

#[tokio::test]
async fn members_come_when_they_are_asked_for() {
    let bench = Bench::new().await;
    let process = bench
        .start_with(bench.options(), Recorder::of(&["GUILD_MEMBERS_CHUNK"]))
        .await;
    let all = Members::Named {
        prefix: String::new(),
        limit: 0,
    };
    process
        .gateway
        .request_members(GuildId::new(bench.guild.id().get()), &all, "n1");
    process.sink.until_heard(1).await;
    assert_eq!(process.sink.heard(), ["GUILD_MEMBERS_CHUNK"]);
}
