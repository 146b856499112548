//! Batches: whole or not at all, in order, and of the newest epoch alone.

use super::scene::{
    at, commit, dawn, fresh, history, only, open, register, registration, run, step,
};
use crate::{Retention, RunState, Store, StoreError, TaskId, TaskRow};

pub(super) async fn one_batch_may_hold_several_steps_of_a_task(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let other = register(store, epoch, "b").await;
    let steps = [
        step(&row, 1, Some(run(row.id, 1, RunState::Running))),
        step(&other, 1, Some(run(other.id, 1, RunState::Ok))),
        step(&row, 2, Some(run(row.id, 1, RunState::Ok))),
        step(&row, 3, None),
    ];
    commit(store, epoch, &steps).await;
    assert_eq!(history(store, row.id).await, [run(row.id, 1, RunState::Ok)]);
    assert_eq!(history(store, other.id).await.len(), 1);
    let rows = store.tasks().await.expect("tasks are read");
    assert_eq!(
        rows.iter()
            .map(|row| row.cursor.version)
            .collect::<Vec<_>>(),
        [3, 1]
    );
}

pub(super) async fn a_batch_is_written_whole_or_not_at_all(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let other = register(store, epoch, "b").await;
    let steps = [
        step(&row, 1, Some(run(row.id, 1, RunState::Ok))),
        step(&other, 7, Some(run(other.id, 1, RunState::Ok))),
    ];
    let refused = store.commit(epoch, &steps).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict(_))),
        "{refused:?}"
    );
    assert_eq!(history(store, row.id).await, []);
    let rows = store.tasks().await.expect("tasks are read");
    assert_eq!(rows[0].cursor, row.cursor, "the first step was taken back");
    commit(store, epoch, &[step(&row, 1, None)]).await;
}

pub(super) async fn a_version_that_does_not_follow_is_refused(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    commit(store, epoch, &[step(&row, 1, None)]).await;
    for version in [0, 1, 3] {
        let refused = store.commit(epoch, &[step(&row, version, None)]).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict(_))),
            "{version}: {refused:?}"
        );
    }
    let refused = store
        .commit(epoch, &[step(&row, 2, None), step(&row, 4, None)])
        .await;
    assert!(
        matches!(refused, Err(StoreError::Conflict(_))),
        "{refused:?}"
    );
    assert_eq!(only(store).await.cursor.version, 1);
}

pub(super) async fn an_unknown_task_is_refused(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let stranger = TaskRow {
        id: TaskId(row.id.0 + 1),
        ..row
    };
    let refused = store.commit(epoch, &[step(&stranger, 1, None)]).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict(_))),
        "{refused:?}"
    );
    assert_eq!(store.tasks().await.expect("tasks are read").len(), 1);
}

pub(super) async fn an_older_epoch_can_write_nothing(store: &dyn Store) {
    let old = open(store).await;
    let row = register(store, old, "a").await;
    let new = open(store).await;
    assert!(new > old, "{new:?} follows {old:?}");
    let fenced = |result: Result<(), StoreError>| matches!(result, Err(StoreError::Fenced));
    assert!(fenced(store.commit(old, &[step(&row, 1, None)]).await));
    assert!(fenced(
        store
            .register(old, &[registration("b", "", fresh())])
            .await
            .map(drop)
    ));
    assert!(fenced(
        store
            .prune(old, Retention::standard(dawn()))
            .await
            .map(drop)
    ));
    assert!(fenced(store.delete(old, &[row.id]).await.map(drop)));
    assert!(fenced(store.beat(old, at(1)).await));
    assert!(fenced(store.close(old).await));
    assert_eq!(only(store).await, row);
    commit(store, new, &[step(&row, 1, None)]).await;
    store.close(new).await.expect("the owner closes");
}

pub(super) async fn a_large_batch_is_written(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let steps: Vec<_> = (1..=3_000)
        .map(|n| step(&row, n, Some(run(row.id, n, RunState::Ok))))
        .collect();
    commit(store, epoch, &steps).await;
    assert_eq!(history(store, row.id).await.len(), 1_000);
    assert_eq!(only(store).await.cursor.version, 3_000);
}
