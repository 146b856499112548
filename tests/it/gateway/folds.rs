//! Folded state over sudden deaths: each message counts once.

use std::sync::Arc;

use cogsmith::{
    bus::ListenerId,
    events::{LeanMessage, Positions, Progress},
    gateway::{Closing, Delivery, Interest, Sink},
    store::{self, Db},
};
use futures_util::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;

use super::bench::{Bench, Process, within};

const MODULE: &str = "tally";

/// Counts messages in memory, and writes the count with its mark.
pub(super) struct Tally {
    progress: Arc<Progress>,
    counted: Mutex<Counted>,
}

#[derive(Clone, Default)]
struct Counted {
    messages: i64,
    positions: Positions,
}

impl Sink for Tally {
    fn interest(&self, kind: &str) -> Interest {
        Interest {
            fold: kind == "MESSAGE_CREATE",
            ..Interest::default()
        }
    }

    fn fold(&self, message: &LeanMessage<'_>) {
        if self.progress.is_replay(MODULE, message.position) {
            return;
        }
        let mut counted = self.counted.lock();
        counted.messages += 1;
        counted.positions.note(message.position);
        drop(counted);
        self.progress.folded(MODULE, message.position);
    }

    fn deliver(&self, _listener: ListenerId, _delivery: Delivery) -> BoxFuture<'static, ()> {
        std::future::ready(()).boxed()
    }
}

impl Tally {
    pub(super) fn new(progress: &Arc<Progress>) -> Self {
        Self {
            progress: Arc::clone(progress),
            counted: Mutex::default(),
        }
    }

    pub(super) async fn with_table(db: &Db) -> store::Result<()> {
        db.write("create table tally (messages bigint not null)")
            .execute()
            .await?;
        db.write("insert into tally values (0)").execute().await?;
        Ok(())
    }

    /// What is durable.
    pub(super) async fn total(db: &Db) -> store::Result<i64> {
        let (messages,) = db
            .read("select messages from tally")
            .one::<(i64,)>()
            .await?;
        Ok(messages)
    }

    /// Commits what was counted so far, as a module's flush does.
    pub(super) async fn flush(&self, db: &Db) -> store::Result<()> {
        let counted = std::mem::take(&mut *self.counted.lock());
        let mut transaction = db.begin().await?;
        let add = transaction.query("update tally set messages = messages + $1");
        add.bind(counted.messages).execute().await?;
        self.progress
            .write_marks(&mut transaction, MODULE, &counted.positions)
            .await?;
        transaction.commit().await?;
        self.progress.marks_committed(MODULE, &counted.positions);
        Ok(())
    }
}

async fn start(bench: &Bench) -> Process<Tally> {
    let progress = Progress::new();
    let tally = Arc::new(Tally::new(&progress));
    let begun = bench.begin_on(bench.options(), tally, progress).await;
    begun.expect("a gateway that connects")
}

#[tokio::test]
async fn each_message_counts_once_over_sudden_deaths() {
    let bench = Bench::new().await;
    Tally::with_table(&bench.db).await.unwrap();
    let mut said = 0;
    for death in 0..6_u64 {
        let process = start(&bench).await;
        within(bench.simulator.until(|simulator| {
            simulator.resumes() == death && !simulator.connections().is_empty()
        }))
        .await;
        for _ in 0..10 {
            bench.ann.says("counted and written").await;
        }
        bench.settled(&process).await;
        process.sink.flush(&bench.db).await.unwrap();
        for _ in 0..10 {
            bench.ann.says("counted and lost with the process").await;
        }
        bench.settled(&process).await;
        drop(process);
        for _ in 0..5 {
            bench.ann.says("said while nobody listens").await;
        }
        said += 25;
    }
    let last = start(&bench).await;
    bench.settled(&last).await;
    last.sink.flush(&bench.db).await.unwrap();
    assert_eq!(Tally::total(&bench.db).await.unwrap(), said);
    assert_eq!(bench.simulator.identifies(), 1);
}

#[tokio::test]
async fn closing_before_the_last_flush_loses_and_doubles_nothing() {
    let bench = Bench::new().await;
    Tally::with_table(&bench.db).await.unwrap();
    for _ in 0..2 {
        let process = start(&bench).await;
        within(
            bench
                .simulator
                .until(|simulator| !simulator.connections().is_empty()),
        )
        .await;
        bench.ann.says("hello").await;
        bench.settled(&process).await;
        let tally = Arc::clone(&process.sink);
        process.close(Closing::Resumable).await;
        tally.flush(&bench.db).await.unwrap();
    }
    assert_eq!(Tally::total(&bench.db).await.unwrap(), 2);
    assert_eq!(bench.simulator.resumes(), 1);
}
