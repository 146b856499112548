//! The task engine's store, on either database.
//!
//! Statement count is what costs, so a batch of any size takes five: the fence, the versions, the
//! cursors, the runs, the commit. Instants are kept as UTC milliseconds.

mod record;
mod registering;
mod scopes;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    time::Duration,
};

use chrono::{DateTime, Utc};
use cogsmith_tasks::{
    Change, Cursor, Epoch, Opened, Registration, Retention, RunRecord, Store, StoreError, TaskId,
    TaskRow,
};
use futures_util::{FutureExt, future::BoxFuture};
use sqlx::error::ErrorKind;
use tracing::warn;

use super::{Db, Error, Query, Transaction, mark::Mark, patience};
use record::{Run, Task};

type Outcome<T> = Result<T, StoreError>;

const TASKS: &str =
    "select id, name, scope, task_cursor.* from task join task_cursor on task_id = id";

/// Tasks named in one statement: databases bound the number of values.
const NAMED_AT_ONCE: usize = 1_000;

/// Between two questions to a database that does not answer.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// A running run stays; so do the newest of each task.
const PRUNE: &str = "
    delete from task_run where state <> 'running'
    and started_at < case when state in ('ok', 'cancelled', 'skipped') then $2 else $3 end
    and (task_id, number) in (
        select task_id, number from (
            select task_id, number,
                row_number() over (partition by task_id order by number desc) as place
            from task_run
        ) as ranked where place > $1
    )";

impl Store for Db {
    fn open<'a>(&'a self, owner: &'a str, now: DateTime<Utc>) -> BoxFuture<'a, Outcome<Opened>> {
        async move {
            let opened = patience::while_busy(|| take_over(self, owner, now));
            opened.await.map_err(failure)
        }
        .boxed()
    }

    fn register<'a>(
        &'a self,
        epoch: Epoch,
        tasks: &'a [Registration],
    ) -> BoxFuture<'a, Outcome<Vec<TaskRow>>> {
        async move {
            let begun = patience::while_busy(|| self.begin_at(epoch.0));
            let mut transaction = begun.await.map_err(failure)?;
            let rows = registering::find_or_add(&mut transaction, tasks).await?;
            transaction.commit().await.map_err(failure)?;
            Ok(rows)
        }
        .boxed()
    }

    fn commit<'a>(&'a self, epoch: Epoch, changes: &'a [Change]) -> BoxFuture<'a, Outcome<()>> {
        async move {
            let cursors = newest_cursors(changes)?;
            let mut transaction = self.begin_at(epoch.0).await.map_err(failure)?;
            check_versions(&mut transaction, &cursors).await?;
            let rows =
                record::cursor_rows(cursors.iter().map(|(task, steps)| (*task, steps.newest)));
            transaction.write(rows).await.map_err(failure)?;
            let runs = newest_runs(changes);
            if !runs.is_empty() {
                let rows = record::run_rows(epoch, runs.into_values());
                transaction.write(rows).await.map_err(failure)?;
            }
            match transaction.commit().await {
                Err(error) if !was_committed(self, &cursors).await => Err(failure(error)),
                _ => Ok(()),
            }
        }
        .boxed()
    }

    fn beat(&self, epoch: Epoch, now: DateTime<Utc>) -> BoxFuture<'_, Outcome<()>> {
        async move {
            let mut transaction = self.begin_at(epoch.0).await.map_err(failure)?;
            let beat = transaction.query("update task_engine set beat_at = $1 where id = 1");
            beat.bind(now).execute().await.map_err(failure)?;
            transaction.commit().await.map_err(failure)
        }
        .boxed()
    }

    fn close(&self, epoch: Epoch) -> BoxFuture<'_, Outcome<()>> {
        async move {
            let mut transaction = self.begin_at(epoch.0).await.map_err(failure)?;
            let close = transaction.query("update task_engine set clean = 1 where id = 1");
            close.execute().await.map_err(failure)?;
            transaction.commit().await.map_err(failure)
        }
        .boxed()
    }

    fn tasks(&self) -> BoxFuture<'_, Outcome<Vec<TaskRow>>> {
        async move {
            let sql = format!("{TASKS} order by name, scope");
            let rows: Vec<Task> = Query::on_reader(self, sql.into())
                .all()
                .await
                .map_err(failure)?;
            rows.into_iter().map(TaskRow::try_from).collect()
        }
        .boxed()
    }

    fn history(&self, task: TaskId, limit: u32) -> BoxFuture<'_, Outcome<Vec<RunRecord>>> {
        async move {
            let runs = self
                .read("select * from task_run where task_id = $1 order by number desc limit $2");
            let runs: Vec<Run> = runs.bind(task.0).bind(limit).all().await.map_err(failure)?;
            runs.into_iter().map(RunRecord::try_from).collect()
        }
        .boxed()
    }

    fn delete<'a>(&'a self, epoch: Epoch, tasks: &'a [TaskId]) -> BoxFuture<'a, Outcome<u64>> {
        async move {
            let mut transaction = self.begin_at(epoch.0).await.map_err(failure)?;
            let mut deleted = 0;
            for tasks in tasks.chunks(NAMED_AT_ONCE) {
                let ids = transaction.mark().row(tasks.len());
                let sql = format!("delete from task where id in {ids}");
                let delete = Query::in_transaction(&mut transaction, sql.into());
                let delete = delete.bind_all(tasks.iter().map(|task| task.0.into()));
                deleted += delete.execute().await.map_err(failure)?;
            }
            transaction.commit().await.map_err(failure)?;
            Ok(deleted)
        }
        .boxed()
    }

    fn prune(&self, epoch: Epoch, retention: Retention) -> BoxFuture<'_, Outcome<u64>> {
        async move {
            let mut transaction = self.begin_at(epoch.0).await.map_err(failure)?;
            let prune = transaction.query(PRUNE).bind(retention.per_task);
            let prune = prune
                .bind(retention.successes_since)
                .bind(retention.failures_since);
            let pruned = prune.execute().await.map_err(failure)?;
            transaction.commit().await.map_err(failure)?;
            Ok(pruned)
        }
        .boxed()
    }

    fn optimise(&self) -> BoxFuture<'_, Outcome<()>> {
        async move { self.tidy_up().await.map_err(failure) }.boxed()
    }
}

async fn take_over(db: &Db, owner: &str, now: DateTime<Utc>) -> Result<Opened, Error> {
    let mut transaction = db.begin().await?;
    let raise = "
        insert into task_engine (id, epoch, owner, opened_at, beat_at, clean) values (1, 1, $1, $2, $2, 0)
        on conflict (id) do update set epoch = task_engine.epoch + 1, owner = excluded.owner,
            opened_at = excluded.opened_at, beat_at = excluded.beat_at, clean = 0
        returning epoch";
    let (epoch,): (i64,) = transaction.query(raise).bind(owner).bind(now).one().await?;
    let abandon =
        "update task_run set state = 'abandoned', finished_at = $1 where state = 'running'";
    transaction.query(abandon).bind(now).execute().await?;
    let unanswered = "
        select task_run.* from task_run join task_cursor using (task_id)
        where task_run.state = 'abandoned' and number > answered order by task_id, number";
    let abandoned: Vec<Run> = transaction.query(unanswered).all().await?;
    transaction.commit().await?;
    db.status.set_epoch(epoch);
    let abandoned = abandoned
        .into_iter()
        .map(RunRecord::try_from)
        .collect::<Outcome<_>>();
    let abandoned = abandoned.map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    Ok(Opened {
        epoch: Epoch(epoch),
        abandoned,
    })
}

/// The steps of one task in one batch.
struct Steps<'a> {
    /// The version that must be stored.
    follows: u64,
    newest: &'a Cursor,
}

fn newest_cursors(changes: &[Change]) -> Outcome<BTreeMap<TaskId, Steps<'_>>> {
    let mut cursors = BTreeMap::new();
    for Change { task, cursor, .. } in changes {
        let follows = cursor
            .version
            .checked_sub(1)
            .ok_or_else(|| conflict(*task, cursor.version))?;
        match cursors.entry(*task) {
            Entry::Vacant(vacant) => drop(vacant.insert(Steps {
                follows,
                newest: cursor,
            })),
            Entry::Occupied(mut steps) if steps.get().newest.version == follows => {
                steps.get_mut().newest = cursor;
            }
            Entry::Occupied(_) => return Err(conflict(*task, cursor.version)),
        }
    }
    Ok(cursors)
}

fn newest_runs(changes: &[Change]) -> BTreeMap<(TaskId, u64), &RunRecord> {
    let runs = changes.iter().filter_map(|change| change.run.as_ref());
    runs.map(|run| ((run.task, run.number), run)).collect()
}

async fn check_versions(
    transaction: &mut Transaction,
    cursors: &BTreeMap<TaskId, Steps<'_>>,
) -> Outcome<()> {
    let sql = versions_of(cursors.len(), transaction.mark());
    let versions = Query::in_transaction(transaction, sql.into());
    let stored = versions_by_task(versions, cursors).await.map_err(failure)?;
    for (task, steps) in cursors {
        if stored.get(task) != Some(&steps.follows) {
            return Err(conflict(*task, steps.follows + 1));
        }
    }
    Ok(())
}

/// A commit may succeed though its answer is lost with the connection; to write it again would be refused,
/// as nobody else could have written it.
async fn was_committed(db: &Db, cursors: &BTreeMap<TaskId, Steps<'_>>) -> bool {
    loop {
        let versions = Query::on_reader(db, versions_of(cursors.len(), db.mark()).into());
        match versions_by_task(versions, cursors).await {
            Ok(stored) => {
                let is_stored = |(task, steps): (_, &Steps<'_>)| {
                    stored.get(task) == Some(&steps.newest.version)
                };
                return cursors.iter().all(is_stored);
            }
            Err(error) => warn!("asking what became of a commit: {error}"),
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

fn versions_of(tasks: usize, mark: Mark) -> String {
    let ids = mark.row(tasks);
    format!("select task_id, version from task_cursor where task_id in {ids}")
}

async fn versions_by_task(
    versions: Query<'_>,
    cursors: &BTreeMap<TaskId, Steps<'_>>,
) -> Result<BTreeMap<TaskId, u64>, Error> {
    let versions = versions.bind_all(cursors.keys().map(|task| task.0.into()));
    let rows = versions.all::<(i64, i64)>().await?.into_iter();
    let version = |(task, version): (i64, i64)| (TaskId(task), version.cast_unsigned());
    Ok(rows.map(version).collect())
}

fn conflict(task: TaskId, version: u64) -> StoreError {
    StoreError::Conflict(format!("version {version} of task {}", task.0))
}

/// What went wrong, by whether it is worth another attempt.
fn failure(error: Error) -> StoreError {
    if matches!(error, Error::Superseded) {
        return StoreError::Fenced;
    }
    let Error::Query(cause) = &error else {
        return StoreError::Unavailable(Box::new(error));
    };
    match cause {
        sqlx::Error::Database(cause) if !matches!(cause.kind(), ErrorKind::Other) => {
            StoreError::Conflict(cause.to_string())
        }
        sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Decode(_)
        | sqlx::Error::ColumnNotFound(_) => StoreError::Unreadable(cause.to_string()),
        _ => StoreError::Unavailable(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cogsmith_tasks::{Clock, Engine, RunState, State, TaskSpec, every, secs};
    use parking_lot::Mutex;

    use super::*;
    use crate::testing::Database;

    #[tokio::test]
    async fn both_databases_keep_every_promise_of_a_store() {
        let kept = Mutex::new(Vec::new());
        let kinds = Database::each().await.len();
        for kind in 0..kinds {
            cogsmith_tasks::conformance::run_all(async || {
                let database = Database::each().await.swap_remove(kind);
                let db = database.open().await;
                kept.lock().push(database);
                Arc::new(db) as Arc<dyn Store>
            })
            .await;
        }
        assert!(!kept.lock().is_empty());
    }

    #[tokio::test]
    async fn an_engine_goes_on_where_a_crash_left_it() {
        for database in Database::each().await {
            let db: Arc<dyn Store> = Arc::new(database.open().await);
            let clock = Clock::manual(DateTime::UNIX_EPOCH);
            let body = {
                let clock = clock.clone();
                move |_| {
                    let sleep = clock.sleep(secs(5));
                    async move {
                        sleep.await;
                        Ok(())
                    }
                }
            };
            let spec = TaskSpec::new("t", every(secs(10)), body);
            let engine = Engine::new(db.clone(), clock.clone());
            let task = engine.register(spec.clone()).await.unwrap();
            engine.start().await.unwrap();
            engine.advance(secs(12)).await;
            task.change_interval(every(secs(30))).await.unwrap();
            task.stop().await.unwrap();
            engine.kill().await;

            let engine = Engine::new(db, clock);
            let task = engine.register(spec).await.unwrap();
            let status = task.status();
            assert_eq!(
                (status.state, status.trigger),
                (State::Stopped, every(secs(30)))
            );
            assert_eq!((status.loop_index, status.abandoned), (1, 1));
            let runs = task.history(9).await.unwrap();
            let states: Vec<_> = runs.iter().map(|run| run.state).collect();
            assert_eq!(states, [RunState::Abandoned, RunState::Ok]);
            engine.start().await.unwrap();
            task.start().await.unwrap();
            engine.advance(secs(30)).await;
            assert_eq!(task.status().last_run_at, DateTime::from_timestamp(40, 0));
            tokio::join!(engine.shut_down(secs(10)), engine.advance(secs(10)));
        }
    }
}
