//! Runs: added, replaced, abandoned, listed, pruned.

use super::scene::{at, commit, history, only, open, register, run, step};
use crate::{Cause, Retention, RunRecord, RunState, Store, TaskId};

pub(super) async fn taking_over_marks_running_runs_as_abandoned(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    commit(
        store,
        epoch,
        &[
            step(&row, 1, Some(run(row.id, 1, RunState::Ok))),
            step(&row, 2, Some(run(row.id, 2, RunState::Running))),
        ],
    )
    .await;
    let opened = store
        .open("next", at(99))
        .await
        .expect("taking over needs no leave");
    let abandoned = RunRecord {
        state: RunState::Abandoned,
        finished_at: Some(at(99)),
        ..run(row.id, 2, RunState::Running)
    };
    assert_eq!(opened.abandoned, std::slice::from_ref(&abandoned));
    assert_eq!(
        history(store, row.id).await,
        [abandoned.clone(), run(row.id, 1, RunState::Ok)]
    );
    let again = store.open("third", at(100)).await.expect("it opens again");
    assert_eq!(
        again.abandoned,
        [abandoned],
        "as it was, until somebody has answered for it"
    );
    let mut answer = step(&row, 3, None);
    answer.cursor.answered = 2;
    commit(store, again.epoch, &[answer]).await;
    let last = store.open("fourth", at(101)).await.expect("it opens again");
    assert_eq!(last.abandoned, []);
}

pub(super) async fn history_is_newest_first_and_bounded(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let steps: Vec<_> = (1..=5)
        .map(|n| step(&row, n, Some(run(row.id, n, RunState::Ok))))
        .collect();
    commit(store, epoch, &steps).await;
    let newest = store.history(row.id, 2).await.expect("history is read");
    assert_eq!(
        newest.iter().map(|run| run.number).collect::<Vec<_>>(),
        [5, 4]
    );
    assert_eq!(
        history(store, TaskId(row.id.0 + 1)).await,
        [],
        "a task without runs has none"
    );
}

pub(super) async fn pruning_keeps_the_newest_and_the_running(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let states = [
        RunState::Running,
        RunState::Ok,
        RunState::Error,
        RunState::Skipped,
        RunState::Abandoned,
        RunState::Ok,
        RunState::Ok,
    ];
    let steps = (1..)
        .zip(states)
        .map(|(n, state)| step(&row, n, Some(run(row.id, n, state))));
    commit(store, epoch, &steps.collect::<Vec<_>>()).await;
    let retention = Retention {
        per_task: 2,
        successes_since: at(5),
        failures_since: at(4),
    };
    assert_eq!(store.prune(epoch, retention).await.expect("old runs go"), 3);
    let left: Vec<_> = history(store, row.id)
        .await
        .iter()
        .map(|run| run.number)
        .collect();
    assert_eq!(
        left,
        [7, 6, 5, 1],
        "the newest two, a failure that is young enough, the running one"
    );
}

pub(super) async fn every_cause_comes_back(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let causes = [
        Cause::Schedule,
        Cause::CatchUp,
        Cause::Retry,
        Cause::Manual,
        Cause::Backfill,
    ];
    let runs = (1..).zip(causes).map(|(number, cause)| RunRecord {
        cause,
        ..run(row.id, number, RunState::Ok)
    });
    let runs: Vec<_> = runs.collect();
    let steps = (1..)
        .zip(&runs)
        .map(|(n, run)| step(&row, n, Some(run.clone())));
    commit(store, epoch, &steps.collect::<Vec<_>>()).await;
    let mut kept = history(store, row.id).await;
    kept.reverse();
    assert_eq!(kept, runs);
}

pub(super) async fn a_run_is_added_and_then_replaced(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let claimed = run(row.id, 1, RunState::Running);
    commit(store, epoch, &[step(&row, 1, Some(claimed.clone()))]).await;
    assert_eq!(history(store, row.id).await, std::slice::from_ref(&claimed));
    let ended = RunRecord {
        state: RunState::Error,
        finished_at: Some(at(60)),
        error: Some("no".into()),
        ..claimed
    };
    commit(store, epoch, &[step(&row, 2, Some(ended.clone()))]).await;
    assert_eq!(history(store, row.id).await, [ended]);
    assert_eq!(only(store).await.cursor.version, 2);
}
