//! Tasks that wait for something outside of the engine.

use cogsmith_tasks::{
    Error, Gate, Misfire, Overlap, Phase, RunState, State, every, hours, mins, once, secs,
};

use crate::stage::{Stage, dawn, ms};

#[tokio::test]
async fn a_life_begins_when_its_gate_opens_and_the_first_slot_is_not_late() {
    let (stage, gate) = (Stage::open().await, Gate::closed("gateway"));
    let spec = stage.diary.hooks(stage.quick(every(secs(10)))).needs(&gate);
    let task = stage.register(spec).await;
    stage.engine.advance(secs(25)).await;
    assert_eq!(stage.diary.words(), [""; 0]);
    let status = task.status();
    assert_eq!(
        (status.phase, status.held_by.as_deref()),
        (Phase::Held, Some("gateway"))
    );
    gate.open();
    stage.engine.advance(secs(12)).await;
    assert_eq!(
        stage.diary.read(),
        [
            (25_000, "before".to_owned()),
            (25_000, "run".to_owned()),
            (35_000, "run".to_owned())
        ]
    );
    assert_eq!((task.phase(), task.status().missed), (Phase::Waiting, 0));
}

#[tokio::test]
async fn slots_wait_for_a_gate_and_go_by_the_misfire_policy() {
    for (misfire, expected) in [
        (Misfire::Once, vec![0, 10_000, 45_000, 50_000]),
        (Misfire::Skip, vec![0, 10_000, 50_000]),
        (Misfire::All(2), vec![0, 10_000, 45_000, 45_000, 50_000]),
    ] {
        let (stage, gate) = (Stage::open().await, Gate::closed("gateway"));
        gate.open();
        let spec = stage.quick(every(secs(10))).misfire(misfire).needs(&gate);
        let task = stage.register(spec).await;
        stage.engine.advance(secs(12)).await;
        gate.close();
        stage.engine.advance(secs(33)).await;
        assert_eq!(task.phase(), Phase::Held);
        gate.open();
        stage.engine.advance(secs(5)).await;
        assert_eq!(stage.diary.times("run"), expected, "{misfire:?}");
    }
}

#[tokio::test]
async fn a_gate_that_closes_and_opens_within_the_grace_costs_nothing() {
    let (stage, gate) = (Stage::open().await, Gate::closed("gateway"));
    gate.open();
    let task = stage
        .register(stage.quick(every(secs(10))).needs(&gate))
        .await;
    stage.engine.advance(ms(9_800)).await;
    gate.close();
    stage.engine.advance(ms(500)).await;
    gate.open();
    stage.engine.advance(secs(10)).await;
    assert_eq!(stage.diary.times("run"), [0, 10_300, 20_000]);
    assert_eq!(task.status().missed, 0);
}

#[tokio::test]
async fn a_closing_gate_leaves_the_run_alone_and_holds_its_retry() {
    let (stage, gate) = (Stage::open().await, Gate::closed("gateway"));
    gate.open();
    let spec = stage.failing(every(secs(60)), 1, || {
        std::io::Error::from(std::io::ErrorKind::ConnectionReset).into()
    });
    stage.register(spec.needs(&gate)).await;
    stage.engine.settle().await;
    gate.close();
    stage.engine.advance(secs(30)).await;
    assert_eq!(stage.diary.times("run"), [0]);
    gate.open();
    stage.engine.advance(secs(1)).await;
    assert_eq!(stage.diary.times("run"), [0, 30_000]);
    assert_eq!(stage.states().await, [RunState::Error, RunState::Ok]);
}

#[tokio::test]
async fn all_gates_of_a_task_must_be_open_and_clones_are_the_same_gate() {
    let stage = Stage::open().await;
    let (gateway, guild) = (Gate::closed("gateway"), Gate::closed("guild"));
    let spec = stage.quick(every(secs(10))).needs(&gateway).needs(&guild);
    let task = stage.register(spec).await;
    stage.engine.settle().await;
    gateway.clone().open();
    stage.engine.settle().await;
    assert_eq!(task.status().held_by.as_deref(), Some("guild"));
    guild.open();
    stage.engine.settle().await;
    assert_eq!(task.status().held_by, None);
    assert_eq!(stage.diary.times("run"), [0]);
}

#[tokio::test]
async fn a_task_that_is_held_cannot_be_run_by_hand_and_can_be_stopped() {
    let (stage, gate) = (Stage::open().await, Gate::closed("gateway"));
    let spec = stage.quick(every(secs(10))).overlap(Overlap::Queue(1));
    let task = stage.register(spec.needs(&gate)).await;
    let error = task.trigger_now().await.unwrap_err();
    assert!(matches!(error, Error::Held { .. }));
    assert_eq!(
        error.to_string(),
        r#"task t cannot run while "gateway" is closed"#
    );
    let status = task.stop().await.unwrap();
    assert_eq!((status.phase, status.held_by), (Phase::Idle, None));
    gate.open();
    stage.engine.advance(secs(30)).await;
    assert_eq!(stage.diary.times("run"), [0; 0]);
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_a_gate() {
    let (stage, gate) = (Stage::open().await, Gate::closed("gateway"));
    let spec = stage.quick(once(dawn() + secs(5)));
    stage.register(spec.needs(&gate)).await;
    stage.engine.advance(secs(10)).await;
    stage.engine.shut_down(secs(0)).await;
    assert_eq!(stage.diary.times("run"), [0; 0]);
}

#[tokio::test]
async fn a_gate_outlives_the_engines_that_watch_it() {
    let (mut stage, gate) = (Stage::open().await, Gate::closed("gateway"));
    let spec = |stage: &Stage| stage.quick(every(secs(10))).needs(&gate);
    stage.register(spec(&stage)).await;
    stage.crash().await;
    stage.register(spec(&stage)).await;
    stage.engine.start().await.unwrap();
    gate.open();
    stage.engine.settle().await;
    assert_eq!(stage.diary.times("run"), [0]);
}

#[tokio::test]
async fn a_retry_that_is_held_past_the_next_slot_is_a_slot_that_failed() {
    let (stage, gate) = (Stage::open().await, Gate::closed("gateway"));
    gate.open();
    let spec = stage.failing(every(secs(60)), 1, || {
        std::io::Error::from(std::io::ErrorKind::ConnectionReset).into()
    });
    let task = stage.register(spec.max_fails(1).needs(&gate)).await;
    stage.engine.settle().await;
    gate.close();
    stage.engine.advance(secs(70)).await;
    assert_eq!(task.status().fails, 0, "it may still be tried again");
    gate.open();
    stage.engine.settle().await;
    assert_eq!(
        (task.status().state, task.status().fails),
        (State::Failed, 1)
    );
    assert_eq!(stage.diary.times("run"), [0]);
}

#[tokio::test]
async fn a_task_that_has_nothing_to_do_wakes_nobody_and_misses_nothing() {
    let (stage, work) = (Stage::open().await, Gate::closed("work"));
    let spec = stage.diary.hooks(stage.quick(every(ms(100))));
    let task = stage.register(spec.idle_while_closed(&work)).await;
    stage.engine.settle().await;
    assert_eq!(stage.diary.words(), ["before"]);
    assert_eq!(stage.clock.next_wake(), None);
    let status = task.status();
    let shown = (status.phase, status.held_by.as_deref(), status.next_run_at);
    assert_eq!(shown, (Phase::Held, Some("work"), None));

    stage.engine.advance(secs(7 * 86_400 + 1) + ms(30)).await;
    work.open();
    stage.engine.advance(ms(100)).await;
    work.close();
    stage.engine.advance(hours(1)).await;
    work.open();
    stage.engine.advance(ms(250)).await;
    let week = 604_801_000;
    let hour = week + 3_600_000;
    let expected = [week + 100, hour + 200, hour + 300];
    assert_eq!(stage.diary.times("run"), expected);
    let status = task.status();
    assert_eq!(
        (status.missed, status.skipped, status.runs_total),
        (0, 0, 3)
    );
}

#[tokio::test]
async fn a_task_that_has_nothing_to_do_can_be_steered() {
    let (stage, work) = (Stage::open().await, Gate::closed("work"));
    let spec = stage.diary.hooks(stage.quick(every(secs(10))));
    let task = stage.register(spec.idle_while_closed(&work)).await;
    stage.engine.advance(secs(15)).await;
    task.trigger_now().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(stage.diary.times("run"), [15_000]);
    task.change_interval(every(secs(60))).await.unwrap();
    task.restart().await.unwrap();
    task.stop().await.unwrap();
    work.open();
    stage.engine.advance(mins(5)).await;
    assert_eq!(stage.diary.times("run"), [15_000]);
    task.start().await.unwrap();
    stage.engine.advance(secs(61)).await;
    assert_eq!(stage.diary.times("run").len(), 3);
}

#[tokio::test]
async fn a_retry_is_let_go_when_nothing_is_left_to_do() {
    let (stage, work) = (Stage::open().await, Gate::closed("work"));
    work.open();
    let spec = stage.failing(every(secs(60)), 1, || {
        std::io::Error::from(std::io::ErrorKind::ConnectionReset).into()
    });
    let task = stage.register(spec.idle_while_closed(&work)).await;
    stage.engine.settle().await;
    work.close();
    stage.engine.advance(secs(130)).await;
    assert_eq!(stage.diary.times("run"), [0]);
    work.open();
    stage.engine.advance(secs(60)).await;
    assert_eq!(stage.diary.times("run"), [0, 180_000]);
    assert_eq!((task.status().fails, task.status().missed), (0, 0));
}
