//! Tasks that come and go while the engine runs.

use cogsmith_tasks::{
    Error, Family, History, Run, RunState, State, TaskSpec, every, hours, manual, mins, once, secs,
};
use futures_util::future::join_all;

use crate::stage::{Stage, dawn};

/// Reminders that note what they are to remind of.
async fn reminders(stage: &Stage) -> Family {
    let diary = stage.diary.clone();
    let spec = TaskSpec::new("remind", manual(), move |run: Run| {
        let diary = diary.clone();
        async move {
            diary.note(run.payload::<String>()?);
            Ok(())
        }
    });
    stage.engine.family(spec).await.unwrap()
}

/// One update for each guild, which takes 5 s.
async fn updates(stage: &Stage) -> Family {
    let (diary, clock) = (stage.diary.clone(), stage.clock.clone());
    let spec = TaskSpec::new("update", every(mins(10)), move |run: Run| {
        let (diary, clock) = (diary.clone(), clock.clone());
        async move {
            diary.note(run.task.scope().to_string());
            clock.sleep(secs(5)).await;
            Ok(())
        }
    });
    let spec = spec.after({
        let diary = stage.diary.clone();
        move |run: Run| {
            diary.note(format!("after {}", run.ended.unwrap()));
            async { Ok(()) }
        }
    });
    stage.engine.family(spec).await.unwrap()
}

#[tokio::test]
async fn a40_a_reminder_outlives_restarts_and_comes_once() {
    let mut stage = Stage::open().await;
    let family = reminders(&stage).await;
    let at = dawn() + hours(24 * 90);
    family
        .schedule("user:7:1", once(at), "water the plants")
        .await
        .unwrap();
    for _ in 0..3 {
        stage.engine.advance(hours(24 * 20)).await;
        stage.crash().await;
        reminders(&stage).await;
        stage.engine.start().await.unwrap();
    }
    stage.engine.advance(hours(24 * 60)).await;
    let expected = (
        hours(24 * 90).as_millis().try_into().unwrap(),
        "water the plants".into(),
    );
    assert_eq!(stage.diary.read(), [expected]);
}

#[tokio::test]
async fn a40_a_reminder_is_cancelled_by_its_key() {
    let stage = Stage::open().await;
    let family = reminders(&stage).await;
    let at = once(dawn() + hours(1));
    family.schedule("a", at.clone(), "a").await.unwrap();
    family.schedule("b", at, "b").await.unwrap();
    family.get("a").unwrap().cancel().await.unwrap();
    assert!(family.remove("b").await.unwrap());
    assert!(!family.remove("b").await.unwrap());
    stage.engine.advance(hours(2)).await;
    assert_eq!(stage.diary.words(), [""; 0]);
}

#[tokio::test]
async fn a41_the_same_key_twice_is_one_task_and_the_first_stands() {
    let mut stage = Stage::open().await;
    let family = reminders(&stage).await;
    let first = family.schedule("a", once(dawn() + secs(60)), "first");
    let second = family.schedule("a", once(dawn() + secs(30)), "second");
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.unwrap().id(), second.unwrap().id());
    stage.crash().await;
    let family = reminders(&stage).await;
    let third = family.schedule("a", once(dawn() + secs(10)), "third");
    third.await.unwrap();
    stage.engine.start().await.unwrap();
    stage.engine.advance(hours(1)).await;
    let fourth = family.schedule("a", once(dawn() + hours(2)), "fourth");
    assert_eq!(fourth.await.unwrap().status().state, State::Finished);
    stage.engine.advance(hours(2)).await;
    assert_eq!(stage.diary.read(), [(60_000, "first".to_owned())]);
}

#[tokio::test]
async fn a_thousand_members_come_at_once_and_all_come_back() {
    let mut stage = Stage::open().await;
    let family = reminders(&stage).await;
    let added = (0..1_000).map(|number| {
        let at = once(dawn() + secs(number));
        let (family, scope) = (family.clone(), format!("n:{number}"));
        async move { family.schedule(scope, at, &number.to_string()).await }
    });
    for member in join_all(added).await {
        member.unwrap();
    }
    stage.engine.kill().await;
    stage.crash().await;
    let family = reminders(&stage).await;
    assert_eq!(family.tasks().len(), 1_000);
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(1_000)).await;
    let expected: Vec<_> = (0..1_000).map(|n| (n * 1_000, n.to_string())).collect();
    assert_eq!(stage.diary.read(), expected);
}

#[tokio::test]
async fn members_without_a_trigger_of_their_own_follow_the_code() {
    let mut stage = Stage::open().await;
    let family = updates(&stage).await;
    family.add("guild:1", &()).await.unwrap();
    family
        .schedule("guild:2", every(mins(20)), &())
        .await
        .unwrap();
    stage.engine.advance(mins(21)).await;
    let times = |scope| stage.diary.times(scope).len();
    assert_eq!((times("guild:1"), times("guild:2")), (3, 2));
    stage.crash().await;
    let spec = TaskSpec::new("update", every(mins(1)), |_| async { Ok(()) });
    let family = stage.engine.family(spec).await.unwrap();
    assert_eq!(family.get("guild:1").unwrap().trigger(), every(mins(1)));
    let own = family.get("guild:2").unwrap();
    assert_eq!(own.trigger(), every(mins(20)));
    assert!(own.status().overridden);
    own.reset_interval().await.unwrap();
    assert_eq!(own.trigger(), every(mins(1)));
}

#[tokio::test]
async fn a50_a_guild_that_is_gone_takes_its_tasks_with_it() {
    let mut stage = Stage::open().await;
    let family = updates(&stage).await;
    let other = stage.quick(every(hours(1))).scope("guild:1");
    stage.register(other).await;
    family.add("guild:1", &()).await.unwrap();
    family.add("guild:2", &()).await.unwrap();
    stage.engine.advance(secs(2)).await;
    assert_eq!(stage.engine.remove_scope("guild:1").await.unwrap(), 2);
    assert_eq!(stage.diary.times("after unloaded"), [2_000]);
    assert!(stage.engine.task_in("t", "guild:1").is_none());
    assert_eq!(family.tasks().len(), 1);
    assert_eq!(stage.engine.remove_scope("guild:1").await.unwrap(), 0);
    stage.crash().await;
    assert_eq!(updates(&stage).await.tasks().len(), 1);
    assert_eq!(stage.engine.orphans().await.unwrap(), []);
}

#[tokio::test]
async fn a_key_that_was_removed_is_free_again() {
    let stage = Stage::open().await;
    let family = updates(&stage).await;
    let before = family.add("guild:1", &()).await.unwrap();
    stage.engine.advance(secs(1)).await;
    family.remove("guild:1").await.unwrap();
    let error = before.start().await.unwrap_err();
    assert_eq!(error.to_string(), "task update was unregistered");
    let after = family.add("guild:1", &()).await.unwrap();
    stage.engine.advance(secs(6)).await;
    assert_eq!(after.status().runs_total, 1);
    let runs = after.history(9).await.unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].state, RunState::Ok);
}

#[tokio::test]
async fn members_that_have_finished_are_kept_for_thirty_days() {
    let stage = Stage::open().await;
    let family = reminders(&stage).await;
    family.schedule("old", once(dawn()), "old").await.unwrap();
    stage.engine.advance(hours(24 * 20)).await;
    family.schedule("new", once(dawn()), "new").await.unwrap();
    let later = once(dawn() + hours(24 * 365));
    family.schedule("later", later, "later").await.unwrap();
    stage.engine.advance(hours(24 * 11)).await;
    stage.engine.housekeep().await;
    let scopes: Vec<_> = family.tasks().iter().map(|task| task.scope()).collect();
    assert_eq!(scopes, ["later".into(), "new".into()]);
}

#[tokio::test]
async fn a45_rows_without_code_never_run_and_are_listed_until_they_are_purged() {
    let mut stage = Stage::open().await;
    stage.register(stage.quick(every(secs(10)))).await;
    let family = reminders(&stage).await;
    family
        .schedule("a", once(dawn() + hours(1)), "a")
        .await
        .unwrap();
    stage.engine.settle().await;
    stage.crash().await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(hours(2)).await;
    assert_eq!(
        stage.diary.times("run"),
        [0],
        "the one of the first process"
    );
    let orphans = stage.engine.orphans().await.unwrap();
    let orphans: Vec<_> = orphans
        .iter()
        .map(|row| (&*row.name, &*row.scope))
        .collect();
    assert_eq!(orphans, [("remind", "a"), ("t", "")]);
    let kept = TaskSpec::new("kept", every(hours(1)), |_| async { Ok(()) });
    stage.register(kept).await;
    let ids: Vec<_> = stage.engine.orphans().await.unwrap();
    let ids: Vec<_> = ids.iter().map(|row| row.id).collect();
    assert_eq!(stage.engine.purge_orphans(&ids[..1]).await.unwrap(), 1);
    assert_eq!(stage.engine.purge_orphans(&ids).await.unwrap(), 1);
    assert_eq!(stage.engine.orphans().await.unwrap(), []);
    let kept = stage.engine.task("kept").unwrap();
    assert_eq!(stage.engine.purge_orphans(&[kept.id()]).await.unwrap(), 0);
    assert!(stage.engine.task("kept").is_some());
}

#[tokio::test]
async fn what_is_stored_of_code_that_is_only_switched_off_is_no_orphan() {
    let stage = Stage::open().await;
    for name in ["off.loop", "offer.loop"] {
        let spec = TaskSpec::new(name, every(hours(1)), |_| async { Ok(()) });
        stage.register(spec).await;
        stage.engine.unregister(name).await;
    }
    let ids = stage.engine.orphans().await.unwrap();
    let ids: Vec<_> = ids.iter().map(|row| row.id).collect();
    assert_eq!(ids.len(), 2);
    stage.engine.reserve("off");
    let orphans = stage.engine.orphans().await.unwrap();
    assert_eq!(orphans.len(), 1);
    assert_eq!(&*orphans[0].name, "offer.loop");
    assert_eq!(stage.engine.purge_orphans(&ids).await.unwrap(), 1);
}

#[tokio::test]
async fn a_member_that_nobody_can_be_is_refused() {
    let stage = Stage::open().await;
    let family = reminders(&stage).await;
    let error = family.add("", &()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"scope "", expected 1 to 100 of a-z A-Z 0-9 . _ - :"#
    );
    let error = family.schedule("a", every(secs(0)), &()).await.unwrap_err();
    assert!(matches!(error, Error::BadInterval { .. }));
    let spec = TaskSpec::new("remind", manual(), |_| async { Ok(()) });
    let error = stage.engine.family(spec).await.unwrap_err();
    assert!(matches!(error, Error::Duplicate { .. }));
    assert!(family.tasks().is_empty());
}

#[tokio::test]
async fn a_task_that_is_removed_without_having_run_leaves_nothing() {
    let stage = Stage::closed();
    stage.register(stage.quick(every(secs(10)))).await;
    assert!(stage.engine.remove("t", "").await.unwrap());
    assert!(!stage.engine.remove("t", "").await.unwrap());
    assert_eq!(stage.engine.orphans().await.unwrap(), []);
    stage.engine.shut_down(secs(1)).await;
    assert!(matches!(
        stage.engine.remove("t", "").await,
        Err(Error::ShutDown)
    ));
}

#[tokio::test]
async fn a_task_that_is_removed_waits_for_no_preparation_whatever_was_asked_before() {
    for is_restarted in [false, true] {
        let stage = Stage::open().await;
        let clock = stage.clock.clone();
        let spec = stage.quick(every(mins(1))).before(move |_| {
            let nap = clock.sleep(hours(9));
            async move {
                nap.await;
                Ok(())
            }
        });
        let task = stage.register(spec).await;
        if is_restarted {
            task.restart().await.unwrap();
        } else {
            task.stop().await.unwrap();
        }
        let removal = async {
            assert!(stage.engine.remove("t", "").await.unwrap());
            stage.diary.note("removed");
        };
        tokio::join!(biased; removal, stage.engine.advance(hours(10)));
        assert_eq!(stage.diary.read(), [(0, "removed".to_owned())]);
    }
}

#[tokio::test]
async fn a_task_that_is_registered_while_its_family_loads_is_one_task() {
    let mut stage = Stage::open().await;
    let spec = |stage: &Stage| stage.quick(every(secs(10)));
    let family = stage.engine.family(spec(&stage)).await.unwrap();
    family.add("x", &()).await.unwrap();
    stage.engine.settle().await;
    stage.crash().await;
    stage.clock.advance(secs(15));
    stage.engine.start().await.unwrap();
    let (family, task) = tokio::join!(
        biased;
        stage.engine.family(spec(&stage)),
        stage.engine.register(spec(&stage).scope("x")),
    );
    assert!(matches!(task, Err(Error::Duplicate { .. })));
    let member = family.unwrap().get("x").unwrap();
    stage.engine.advance(secs(10)).await;
    assert_eq!(member.stop().await.unwrap().runs_total, 3);
    assert_eq!(stage.diary.times("run"), [0, 15_000, 20_000]);
}

/// A family of tasks that run until they are told to end, and then take 4 s.
fn lingering(stage: &Stage, history: History) -> TaskSpec {
    let clock = stage.clock.clone();
    TaskSpec::new("linger", every(mins(1)), move |run: Run| {
        let (clock, told) = (clock.clone(), run.token());
        async move {
            let long = clock.sleep(hours(1));
            tokio::select! {
                () = told.cancelled() => clock.sleep(secs(4)).await,
                () = long => {}
            }
            Ok(())
        }
    })
    .history(history)
}

#[tokio::test]
async fn a_key_that_is_being_removed_is_taken_by_the_next_who_asks() {
    let stage = Stage::open().await;
    let family = stage.engine.family(lingering(&stage, History::All));
    let family = family.await.unwrap();
    family.add("x", "old").await.unwrap();
    stage.engine.settle().await;
    let (removed, added, ()) = tokio::join!(
        biased;
        family.remove("x"),
        family.add("x", "new"),
        stage.engine.advance(secs(5)),
    );
    assert!(removed.unwrap());
    let added = added.unwrap();
    assert_eq!(added.payload::<String>().unwrap(), "new");
    assert_eq!(family.get("x").unwrap().id(), added.id());
    assert_eq!(added.stop().await.unwrap().runs_total, 1);
}

#[tokio::test]
async fn a_family_that_comes_while_it_goes_loses_nobody() {
    for history in [History::All, History::None] {
        let stage = Stage::open().await;
        let spec = lingering(&stage, history);
        let family = stage.engine.family(spec.clone()).await.unwrap();
        family.add("x", &()).await.unwrap();
        stage.engine.settle().await;
        let ((), family, ()) = tokio::join!(
            biased;
            stage.engine.unregister("linger"),
            stage.engine.family(spec),
            stage.engine.advance(secs(5)),
        );
        let member = family.unwrap().get("x").unwrap();
        stage.engine.advance(mins(2)).await;
        assert_eq!(member.stop().await.unwrap().runs_total, 2, "{history:?}");
    }
}

#[tokio::test]
async fn reminders_that_have_failed_are_kept_for_thirty_days() {
    let stage = Stage::open().await;
    let spec = stage.failing(manual(), 9, || anyhow::anyhow!("no luck"));
    let family = stage.engine.family(spec.max_fails(1)).await.unwrap();
    family.schedule("once", once(dawn()), &()).await.unwrap();
    family.schedule("loop", every(mins(1)), &()).await.unwrap();
    stage.engine.advance(hours(24 * 29)).await;
    stage.engine.housekeep().await;
    assert_eq!(family.tasks().len(), 2);
    stage.engine.advance(hours(24 * 2)).await;
    stage.engine.housekeep().await;
    assert!(family.get("once").is_none());
    assert!(family.get("loop").unwrap().failed(), "it may be started");
}
