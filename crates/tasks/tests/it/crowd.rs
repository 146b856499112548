//! Many at once, on several threads and on the clock of the machine.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use cogsmith_tasks::{
    Beat, Clock, Engine, EventKind, History, MemoryStore, OnBeat, Pulse, RunState, State, Store,
    TaskSpec, every, manual, secs,
};
use futures_util::future::join_all;
use tokio::sync::{Semaphore, mpsc};

use crate::{pulse::ByHand, refusing::Counting, stage::ms};

fn on_system() -> Engine {
    Engine::new(Arc::new(MemoryStore::new()), Clock::system())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_people_steering_one_task_at_once_never_make_two_lives_of_it() {
    let engine = on_system();
    let (alive, most) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicI64::new(0)));
    let begun = Arc::new(AtomicUsize::new(0));
    let spec = TaskSpec::new("t", every(ms(100)), |_| async { Ok(()) });
    let spec = spec.before({
        let (alive, most, begun) = (alive.clone(), most.clone(), begun.clone());
        move |_| {
            begun.fetch_add(1, SeqCst);
            most.fetch_max(alive.fetch_add(1, SeqCst) + 1, SeqCst);
            async {
                tokio::task::yield_now().await;
                Ok(())
            }
        }
    });
    let spec = spec.after({
        let alive = alive.clone();
        move |_| {
            alive.fetch_sub(1, SeqCst);
            async { Ok(()) }
        }
    });
    let task = engine.register(spec).await.unwrap();
    engine.start().await.unwrap();
    let people = (0..50).map(|person| {
        let task = task.clone();
        tokio::spawn(async move {
            for turn in 0..1_000_u64 {
                match (person + turn) % 5 {
                    0 => drop(task.start().await),
                    1 => drop(task.stop().await.unwrap()),
                    2 => drop(task.restart().await.unwrap()),
                    3 => drop(
                        task.change_interval(every(ms(100 + turn % 9)))
                            .await
                            .unwrap(),
                    ),
                    _ => drop(task.trigger_now().await),
                }
            }
        })
    });
    for person in join_all(people).await {
        person.unwrap();
    }
    task.stop().await.unwrap();
    task.stopped().await;
    assert!(begun.load(SeqCst) > 0);
    assert_eq!(most.load(SeqCst), 1, "lives at once");
    assert_eq!(alive.load(SeqCst), 0, "every life that began has ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_that_come_and_go_on_many_sides_leave_nothing_behind() {
    let store = MemoryStore::new();
    let engine = Engine::new(Arc::new(store.clone()), Clock::system());
    let ran = Arc::new(AtomicUsize::new(0));
    let spec = TaskSpec::new("t", manual(), {
        let ran = ran.clone();
        move |_| {
            ran.fetch_add(1, SeqCst);
            async {
                tokio::task::yield_now().await;
                Ok(())
            }
        }
    });
    let family = engine.family(spec).await.unwrap();
    engine.start().await.unwrap();
    let people = (0..16).map(|person| {
        let (engine, family) = (engine.clone(), family.clone());
        tokio::spawn(async move {
            for turn in 0..200 {
                let scope = format!("n:{}", (person + turn) % 7);
                match (person + turn) % 4 {
                    0 => drop(family.remove(&scope).await.unwrap()),
                    1 => drop(engine.remove_scope(&scope).await.unwrap()),
                    2 => {
                        let orphans = engine.orphans().await.unwrap();
                        let orphans: Vec<_> = orphans.iter().map(|row| row.id).collect();
                        engine.purge_orphans(&orphans).await.unwrap();
                    }
                    _ => {
                        let task = family.add(scope, &turn).await.unwrap();
                        drop(task.trigger_now().await);
                    }
                }
            }
        })
    });
    for person in join_all(people).await {
        person.unwrap();
    }
    for number in 0..7 {
        engine.remove_scope(&format!("n:{number}")).await.unwrap();
    }
    engine.settle().await;
    assert!(ran.load(SeqCst) > 0);
    assert!(engine.tasks().is_empty());
    assert_eq!(store.tasks().await.unwrap(), []);
    engine.shut_down(secs(5)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn engines_that_start_and_stop_again_and_again_leak_no_run() {
    let store = MemoryStore::new();
    let live = Arc::new(AtomicI64::new(0));
    for _ in 0..100 {
        let engine = Engine::new(Arc::new(store.clone()), Clock::system());
        let tasks = (0..10).map(|n| {
            let live = live.clone();
            let spec = TaskSpec::new(format!("t{n}"), every(ms(100)), move |_| {
                let live = live.clone();
                live.fetch_add(1, SeqCst);
                async move {
                    tokio::task::yield_now().await;
                    live.fetch_sub(1, SeqCst);
                    Ok(())
                }
            });
            engine.register(spec.first(cogsmith_tasks::First::Now))
        });
        for task in join_all(tasks).await {
            task.unwrap().restart().await.unwrap();
        }
        let (first, second) = tokio::join!(engine.start(), engine.start());
        first.and(second).unwrap();
        engine.shut_down(secs(5)).await;
        assert_eq!(live.load(SeqCst), 0, "a body outlived its engine");
    }
    let rows = store.tasks().await.unwrap();
    assert_eq!(rows.len(), 10);
    for row in rows {
        let runs = store.history(row.id, u32::MAX).await.unwrap();
        assert!(runs.iter().all(|run| run.state != RunState::Running));
        assert_eq!(row.cursor.abandoned, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a38_ten_thousand_tasks_due_at_once_each_run_once() {
    let engine = on_system();
    let (ran, mut rings) = mpsc::unbounded_channel();
    for n in 0..10_000 {
        let ran = ran.clone();
        let spec = TaskSpec::new(format!("t{n}"), every(secs(36_000)), move |_| {
            ran.send(n).unwrap();
            async { Ok(()) }
        });
        engine.register(spec).await.unwrap();
    }
    engine.start().await.unwrap();
    let mut seen: Vec<_> = Vec::new();
    while seen.len() < 10_000 {
        seen.push(rings.recv().await.unwrap());
    }
    engine.settle().await;
    assert!(rings.try_recv().is_err(), "nobody runs twice");
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..10_000));
    assert!(engine.tasks().iter().all(|task| task.current_loop() == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_loop_of_100_ms_keeps_time_on_the_clock_of_the_machine() {
    let engine = on_system();
    let enough = Arc::new(Semaphore::new(0));
    let late = Arc::new(AtomicI64::new(0));
    let spec = TaskSpec::new("t", every(ms(100)), {
        let (enough, late, clock) = (enough.clone(), late.clone(), engine.clock().clone());
        move |run| {
            let lateness = (clock.now() - run.slot).num_milliseconds();
            late.fetch_max(lateness, SeqCst);
            enough.add_permits(1);
            async { Ok(()) }
        }
    });
    let task = engine.register(spec.history(History::None)).await.unwrap();
    engine.start().await.unwrap();
    let begun = engine.clock().monotonic();
    enough.acquire_many(6).await.unwrap().forget();
    let took = engine.clock().monotonic() - begun;
    assert!(
        took >= ms(480),
        "six runs span five intervals, not {took:?}"
    );
    assert!(late.load(SeqCst) < 1_000, "{} ms late", late.load(SeqCst));
    engine.shut_down(secs(1)).await;
    assert_eq!(task.status().state, State::Active);
}

#[tokio::test]
async fn an_endless_body_delays_no_other_task() {
    let engine = on_system();
    let hang = TaskSpec::new("hang", every(secs(1)), |_| std::future::pending());
    engine.register(hang).await.unwrap();
    let (ran, mut rings) = mpsc::unbounded_channel();
    let calm = TaskSpec::new("calm", every(ms(100)), move |_| {
        ran.send(()).unwrap();
        async { Ok(()) }
    });
    engine.register(calm).await.unwrap();
    engine.start().await.unwrap();
    for _ in 0..3 {
        rings.recv().await.unwrap();
    }
    let hang = engine.task("hang").unwrap();
    assert_eq!(hang.status().runs_total, 1);
    hang.cancel().await.unwrap();
    hang.stopped().await;
    assert!(!hang.is_running());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_body_that_blocks_its_thread_holds_up_nobody_who_is_due_with_it() {
    let engine = on_system();
    let (ran, rings) = std::sync::mpsc::channel();
    let rings = Arc::new(parking_lot::Mutex::new(rings));
    let blocker = TaskSpec::new("blocker", every(secs(3_600)), move |_| {
        let rings = rings.lock();
        let others: usize = (0..20).map(|_| rings.recv().unwrap()).sum();
        assert_eq!(others, 20);
        async { Ok(()) }
    });
    let blocker = engine.register(blocker).await.unwrap();
    for n in 0..20 {
        let ran = ran.clone();
        let spec = TaskSpec::new(format!("t{n}"), every(secs(3_600)), move |_| {
            ran.send(1).unwrap();
            async { Ok(()) }
        });
        engine.register(spec).await.unwrap();
    }
    engine.start().await.unwrap();
    engine.settle().await;
    assert_eq!(blocker.current_loop(), 1, "the others ran while it blocked");
}

#[tokio::test]
async fn a_beat_of_housekeeping_prunes_the_history() {
    let pulse = ByHand::default();
    let clock = Clock::manual(crate::stage::dawn());
    let store = Arc::new(MemoryStore::new());
    let engine = Engine::builder(store, clock).pulse(pulse.clone()).build();
    let task = engine
        .register(TaskSpec::new("t", every(secs(60)), |_| async { Ok(()) }))
        .await
        .unwrap();
    engine.start().await.unwrap();
    engine.advance(secs(60) * 149).await;
    assert_eq!(task.history(1_000).await.unwrap().len(), 150);
    task.stop().await.unwrap();
    engine.advance(Duration::from_hours(31 * 24)).await;
    pulse.beat(Beat::Prune).await;
    engine.settle().await;
    assert_eq!(
        task.history(1_000).await.unwrap().len(),
        100,
        "the newest stay whatever their age"
    );
}

#[tokio::test]
async fn the_pulse_of_the_wall_clock_beats_and_ends() {
    let (beats, mut beaten) = mpsc::unbounded_channel();
    let on_beat: OnBeat = Arc::new(move |beat| beats.send(beat).unwrap_or_default());
    let end = cogsmith_tasks::WallPulse.start(on_beat).await.unwrap();
    assert_eq!(beaten.recv().await, Some(Beat::Look));
    end.await;
}

#[tokio::test]
async fn events_tell_the_whole_story_of_a_run() {
    let engine = Engine::new(
        Arc::new(MemoryStore::new()),
        Clock::manual(crate::stage::dawn()),
    );
    let mut events = engine.events();
    engine.start().await.unwrap();
    let task = engine
        .register(TaskSpec::new("t", every(secs(60)), |_| async { Ok(()) }))
        .await
        .unwrap();
    engine.settle().await;
    task.stop().await.unwrap();
    engine.settle().await;
    let kinds = std::iter::from_fn(|| events.try_recv().ok()).map(|event| event.kind);
    let names: Vec<_> = kinds.map(|kind| name(&kind)).collect();
    assert_eq!(
        names,
        [
            "began", "claimed", "started", "finished", "changed", "ended"
        ]
    );
}

fn name(kind: &EventKind) -> String {
    let json = serde_json::to_value(kind).unwrap();
    let name = json.as_str().map(str::to_owned);
    name.unwrap_or_else(|| json.as_object().unwrap().keys().next().unwrap().clone())
}

#[tokio::test]
async fn tasks_of_higher_priority_find_room_first() {
    let clock = Clock::manual(crate::stage::dawn());
    let store = Arc::new(MemoryStore::new());
    let engine = Engine::builder(store, clock.clone()).concurrency(1).build();
    let diary = Arc::new(parking_lot::Mutex::new(Vec::new()));
    for (name, priority) in [("a", 0), ("b", -5), ("c", 7), ("d", 0), ("e", 7)] {
        let (diary, clock) = (diary.clone(), clock.clone());
        let spec = TaskSpec::new(name, every(secs(60)), move |_| {
            diary.lock().push(name);
            let sleep = clock.sleep(secs(1));
            async move {
                sleep.await;
                Ok(())
            }
        });
        engine.register(spec.priority(priority)).await.unwrap();
    }
    engine.start().await.unwrap();
    engine.advance(secs(6)).await;
    assert_eq!(*diary.lock(), ["c", "e", "a", "d", "b"]);
}

#[tokio::test]
async fn a_thousand_tasks_that_go_together_are_deleted_together() {
    let (store, clock) = (Counting::default(), Clock::manual(crate::stage::dawn()));
    let engine = Engine::new(Arc::new(store.clone()), clock);
    engine.start().await.unwrap();
    let names = (0..1_000).map(|n| format!("t{n}"));
    let specs = names.map(|name| TaskSpec::new(name, every(secs(60)), |_| async { Ok(()) }));
    join_all(specs.map(|spec| engine.register(spec.scope("guild:1")))).await;
    engine.settle().await;
    assert_eq!(engine.remove_scope("guild:1").await.unwrap(), 1_000);
    let deletions = store.deletions.load(SeqCst);
    assert!(deletions <= 4, "{deletions}");
    assert_eq!(store.tasks().await.unwrap(), []);
}
