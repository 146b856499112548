//! Where the process waits for its end: between the engine and its store.

use chrono::{DateTime, Utc};
use cogsmith::store::Db;
use cogsmith_tasks::{
    Change, Clock, Epoch, Opened, Registration, Retention, RunRecord, RunState, Store, StoreError,
    TaskId, TaskRow,
};
use futures_util::{FutureExt, future::BoxFuture};

use crate::script::{Point, Script};

type Outcome<T> = Result<T, StoreError>;

/// Who gives the command of the script, as the cursor notes it.
pub(crate) const OWNER: &str = "owner";

/// Holds the process up when the point of its script is reached.
pub(crate) struct Trap {
    pub(crate) script: Script,
    pub(crate) clock: Clock,
}

impl Trap {
    /// Does not return when the script ends here: the runtime has one thread, and this keeps it.
    pub(crate) fn pass(&self, point: Point) {
        if point != self.script.point {
            return;
        }
        println!("reached {}", self.clock.now().timestamp_millis());
        loop {
            std::thread::park();
        }
    }

    fn pass_all(&self, changes: &[Change], [claim, end, command]: [Option<Point>; 3]) {
        for change in changes {
            let point = match &change.run {
                Some(run) if run.number != self.script.run => None,
                Some(run) if run.state == RunState::Running => claim,
                Some(_) => end,
                None if change.cursor.updated_by.as_deref() == Some(OWNER) => command,
                None => None,
            };
            if let Some(point) = point {
                self.pass(point);
            }
        }
    }
}

/// A database with a trap before and behind each commit.
pub(crate) struct Trapped {
    pub(crate) db: Db,
    pub(crate) trap: std::sync::Arc<Trap>,
}

impl Store for Trapped {
    fn open<'a>(&'a self, owner: &'a str, now: DateTime<Utc>) -> BoxFuture<'a, Outcome<Opened>> {
        self.db.open(owner, now)
    }

    fn register<'a>(
        &'a self,
        epoch: Epoch,
        tasks: &'a [Registration],
    ) -> BoxFuture<'a, Outcome<Vec<TaskRow>>> {
        self.db.register(epoch, tasks)
    }

    fn commit<'a>(&'a self, epoch: Epoch, changes: &'a [Change]) -> BoxFuture<'a, Outcome<()>> {
        async move {
            let before = [Some(Point::BeforeClaim), Some(Point::BeforeEnd), None];
            self.trap.pass_all(changes, before);
            self.db.commit(epoch, changes).await?;
            let after = [Point::AfterClaim, Point::AfterEnd, Point::AfterCommand];
            self.trap.pass_all(changes, after.map(Some));
            Ok(())
        }
        .boxed()
    }

    fn beat(&self, epoch: Epoch, now: DateTime<Utc>) -> BoxFuture<'_, Outcome<()>> {
        self.db.beat(epoch, now)
    }

    fn close(&self, epoch: Epoch) -> BoxFuture<'_, Outcome<()>> {
        Store::close(&self.db, epoch)
    }

    fn tasks(&self) -> BoxFuture<'_, Outcome<Vec<TaskRow>>> {
        self.db.tasks()
    }

    fn history(&self, task: TaskId, limit: u32) -> BoxFuture<'_, Outcome<Vec<RunRecord>>> {
        self.db.history(task, limit)
    }

    fn delete<'a>(&'a self, epoch: Epoch, tasks: &'a [TaskId]) -> BoxFuture<'a, Outcome<u64>> {
        self.db.delete(epoch, tasks)
    }

    fn prune(&self, epoch: Epoch, retention: Retention) -> BoxFuture<'_, Outcome<u64>> {
        self.db.prune(epoch, retention)
    }
}
