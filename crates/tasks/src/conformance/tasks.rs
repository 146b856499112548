//! Tasks: found again, as they were, until they are deleted.

use super::scene::{
    at, commit, fresh, full, history, only, open, register, register_as, registration, run, step,
};
use crate::{Change, Cursor, RunState, State, Store, TaskId};

pub(super) async fn a_task_keeps_its_number_and_its_cursor(store: &dyn Store) {
    let epoch = open(store).await;
    let first = register(store, epoch, "a.b").await;
    assert_eq!((&*first.name, &*first.scope), ("a.b", ""));
    assert_eq!(first.cursor, fresh());
    let later = Cursor {
        fails: 9,
        ..fresh()
    };
    let again = register_as(store, epoch, registration("a.b", "", later)).await;
    assert_eq!(again, first, "what is stored wins over what is offered");
}

pub(super) async fn scopes_are_tasks_of_their_own(store: &dyn Store) {
    let epoch = open(store).await;
    for scope in ["guild:2", "", "guild:1"] {
        register_as(store, epoch, registration("b", scope, fresh())).await;
    }
    register(store, epoch, "a").await;
    let rows = store.tasks().await.expect("tasks are read");
    let keys: Vec<_> = rows.iter().map(|row| (&*row.name, &*row.scope)).collect();
    assert_eq!(
        keys,
        [("a", ""), ("b", ""), ("b", "guild:1"), ("b", "guild:2")]
    );
}

pub(super) async fn everything_in_a_cursor_comes_back(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register_as(store, epoch, registration("a", "guild:1", full())).await;
    assert_eq!(row.cursor, full());
    assert_eq!(only(store).await.cursor, full());
    let nothing_due = [
        State::Active,
        State::Stopped,
        State::Failed,
        State::Finished,
    ];
    for (version, state) in (1..).zip(nothing_due) {
        let cursor = Cursor {
            state,
            version,
            next_at: None,
            wake_at: None,
            ..fresh()
        };
        let change = Change {
            task: row.id,
            cursor: cursor.clone(),
            run: None,
        };
        commit(store, epoch, &[change]).await;
        assert_eq!(only(store).await.cursor, cursor);
    }
}

pub(super) async fn a_deleted_task_leaves_nothing(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let other = register(store, epoch, "b").await;
    let steps = [
        step(&row, 1, Some(run(row.id, 1, RunState::Running))),
        step(&other, 1, Some(run(other.id, 1, RunState::Ok))),
    ];
    commit(store, epoch, &steps).await;
    store.beat(epoch, at(5)).await.expect("the owner beats");
    let gone = [row.id, TaskId(other.id.0 + 1)];
    let deleted = store.delete(epoch, &gone).await;
    assert_eq!(deleted.expect("the owner deletes"), 1);
    assert_eq!(history(store, row.id).await, []);
    assert_eq!(only(store).await.id, other.id);
    let again = register(store, epoch, "a").await;
    assert_ne!(again.id, row.id, "a number is never given twice");
    assert_eq!(again.cursor, fresh());
    let none = store.delete(epoch, &[]).await;
    assert_eq!(none.expect("nothing is deleted"), 0);
}

pub(super) async fn tidying_up_changes_nothing(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "t").await;
    let claim = run(row.id, 1, RunState::Running);
    commit(store, epoch, &[step(&row, 1, Some(claim.clone()))]).await;
    let before = only(store).await;
    store.optimise().await.expect("a store tidies up");
    assert_eq!(only(store).await, before);
    assert_eq!(history(store, row.id).await, [claim]);
}

pub(super) async fn many_come_at_once_in_their_order(store: &dyn Store) {
    let epoch = open(store).await;
    let known = register_as(store, epoch, registration("t", "7", full())).await;
    let scopes: Vec<_> = (0..3_000).map(|n| (2_999 - n).to_string()).collect();
    let tasks = scopes.iter().map(|scope| registration("t", scope, fresh()));
    let tasks: Vec<_> = tasks.collect();
    let rows = store.register(epoch, &tasks).await;
    let rows = rows.expect("all are registered");
    let found = rows.iter().map(|row| &*row.scope);
    assert!(
        found.eq(scopes.iter().map(|scope| &**scope)),
        "in their order"
    );
    assert_eq!(rows[2_992], known, "what is stored wins");
    assert_eq!(store.tasks().await.expect("tasks are read").len(), 3_000);
    let none = store.register(epoch, &[]).await;
    assert_eq!(none.expect("nobody comes"), []);
}
