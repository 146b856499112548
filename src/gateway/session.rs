//! The sessions of all shards, kept in the database so that the next process resumes them.
//!
//! A row is written when a session begins, every second while its resume point moves, every half minute while it is
//! merely alive, with the marks of folding modules, and when the gateway closes.
//! Saving goes by the machine's own time, not by the engine's clock: it guards against a crash of the real process.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use cogsmith_tasks::Clock;
use parking_lot::Mutex;
use tokio::{sync::Notify, time::MissedTickBehavior};
use tracing::{error, info};

use crate::{
    events::{Position, Progress},
    store::{self, Db, Rows},
};

/// A session that the last process left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) position: Position,
    pub(super) resume_url: String,
    pub(super) updated_at: DateTime<Utc>,
}

/// Saves the sessions of this process.
pub(super) struct Sessions {
    /// `None` keeps nothing.
    db: Option<Db>,
    clock: Clock,
    progress: Arc<Progress>,
    shard_count: u32,
    open: Mutex<BTreeMap<u32, Open>>,
    opened: Notify,
}

struct Open {
    resume_url: String,
    /// What the database holds, and when it was written.
    saved: Option<(Position, Instant)>,
    /// Whether Discord was heard of since then.
    alive: bool,
}

const EVERY: Duration = Duration::from_secs(1);
const WHILE_ALIVE: Duration = Duration::from_secs(30);

impl Sessions {
    pub(super) fn new(
        db: Option<Db>,
        clock: Clock,
        progress: Arc<Progress>,
        shard_count: u32,
    ) -> Self {
        let (open, opened) = (Mutex::default(), Notify::new());
        Self {
            db,
            clock,
            progress,
            shard_count,
            open,
            opened,
        }
    }

    /// What the last process left, where it ran as many shards as this one.
    pub(super) async fn load(&self) -> store::Result<BTreeMap<u32, Stored>> {
        let Some(db) = &self.db else {
            return Ok(BTreeMap::new());
        };
        let sql = "select shard_id, session_id, resume_url, sequence, updated_at from gateway_session \
                   where shard_count = $1";
        type Row = (i64, String, String, i64, i64);
        let rows = db.read(sql).bind(self.shard_count).all::<Row>().await?;
        Ok(rows.into_iter().filter_map(stored).collect())
    }

    /// A session has begun.
    pub(super) fn open(&self, shard: u32, resume_url: String) {
        let open = Open {
            resume_url,
            saved: None,
            alive: true,
        };
        self.open.lock().insert(shard, open);
        self.opened.notify_one();
    }

    /// A session of the last process is about to be resumed.
    pub(super) fn take_up(&self, stored: Stored) {
        let Stored {
            position,
            resume_url,
            ..
        } = stored;
        let shard = position.shard;
        let open = Open {
            resume_url,
            saved: Some((position, Instant::now())),
            alive: false,
        };
        self.open.lock().insert(shard, open);
    }

    /// Discord was heard of.
    pub(super) fn alive(&self, shard: u32) {
        if let Some(open) = self.open.lock().get_mut(&shard) {
            open.alive = true;
        }
    }

    /// Saves until the future is dropped.
    pub(super) async fn keep(&self) {
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_failing = false;
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                () = self.opened.notified() => {}
            }
            let saved = self.save().await;
            match &saved {
                Err(error) if !is_failing => {
                    error!(%error, "saving gateway sessions fails; a restart would replay more than it needs to");
                }
                Ok(()) if is_failing => info!("gateway sessions are saved again"),
                _ => {}
            }
            is_failing = saved.is_err();
        }
    }

    /// Saves what is not in the database yet.
    pub(super) async fn save(&self) -> store::Result<()> {
        let due = self.due();
        let Some(db) = self.db.as_ref().filter(|_| !due.is_empty()) else {
            return Ok(());
        };
        let mut transaction = db.begin().await?;
        transaction.write(self.rows(&due)).await?;
        transaction.commit().await?;
        let mut open = self.open.lock();
        for (position, _) in due {
            if let Some(open) = open.get_mut(&position.shard) {
                open.saved = Some((position, Instant::now()));
                open.alive = false;
            }
        }
        Ok(())
    }

    /// Whether another process has taken over the sessions with the database.
    pub(super) async fn are_anothers(&self) -> bool {
        match &self.db {
            Some(db) => db.is_superseded().await,
            None => false,
        }
    }

    /// Saves what is not in the database yet, and up to where commands have begun: no more will.
    pub(super) async fn close(&self) -> store::Result<()> {
        self.save().await?;
        match &self.db {
            Some(db) => self.progress.write_commands(db).await,
            None => Ok(()),
        }
    }

    /// Discord has dropped the sessions.
    pub(super) async fn forget(&self) -> store::Result<()> {
        self.open.lock().clear();
        if let Some(db) = &self.db {
            let delete = db.write("delete from gateway_session");
            delete.execute().await?;
        }
        Ok(())
    }

    fn due(&self) -> Vec<(Position, String)> {
        let open = self.open.lock();
        let due = open.iter().filter_map(|(shard, open)| {
            let point = self.progress.resume_point(*shard)?;
            open.is_due(&point)
                .then(|| (point, open.resume_url.clone()))
        });
        due.collect()
    }

    /// Never back within a session: a module's commit may have moved it on meanwhile.
    fn rows(&self, due: &[(Position, String)]) -> Rows {
        let mut rows = Rows::new(
            "insert into gateway_session (shard_id, shard_count, session_id, resume_url, sequence, updated_at)",
            "on conflict (shard_id) do update set shard_count = excluded.shard_count, \
             session_id = excluded.session_id, resume_url = excluded.resume_url, \
             sequence = excluded.sequence, updated_at = excluded.updated_at \
             where gateway_session.session_id <> excluded.session_id \
             or gateway_session.sequence <= excluded.sequence",
        );
        for (position, resume_url) in due {
            rows.push([
                position.shard.into(),
                self.shard_count.into(),
                (&*position.session).into(),
                resume_url.as_str().into(),
                position.sequence.into(),
                self.clock.now().into(),
            ]);
        }
        rows
    }
}

impl Open {
    fn is_due(&self, point: &Position) -> bool {
        let Some((saved, at)) = &self.saved else {
            return true;
        };
        saved != point || (self.alive && at.elapsed() >= WHILE_ALIVE)
    }
}

fn stored(
    (shard, session, resume_url, sequence, updated_at): (i64, String, String, i64, i64),
) -> Option<(u32, Stored)> {
    let shard = u32::try_from(shard).ok()?;
    let position = Position {
        shard,
        session: session.into(),
        sequence: sequence.cast_unsigned(),
    };
    let updated_at = DateTime::from_timestamp_millis(updated_at)?;
    Some((
        shard,
        Stored {
            position,
            resume_url,
            updated_at,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{events::Positions, testing::Database};

    const MODULE: &str = "xp";

    struct Bench {
        sessions: Sessions,
        progress: Arc<Progress>,
        db: Db,
    }

    impl Bench {
        fn new(db: &Db, shards: u32) -> Self {
            let progress = Progress::new();
            let clock = Clock::system();
            let sessions = Sessions::new(Some(db.clone()), clock, Arc::clone(&progress), shards);
            Self {
                sessions,
                progress,
                db: db.clone(),
            }
        }

        fn begin(&self, session: &str, sequence: u64) {
            self.progress.shard(0).begin(session.into(), sequence);
            self.sessions.open(0, format!("ws://{session}"));
        }

        /// Session, resume address and number of what the next process would take up.
        async fn stored(&self) -> store::Result<Option<(String, String, u64)>> {
            let stored = self.sessions.load().await?.remove(&0);
            Ok(stored.map(
                |Stored {
                     position,
                     resume_url,
                     ..
                 }| {
                    (
                        position.session.as_ref().to_owned(),
                        resume_url,
                        position.sequence,
                    )
                },
            ))
        }

        async fn commit_marks(&self, sequence: u64) -> store::Result<()> {
            let mut positions = Positions::default();
            positions.note(&Position {
                shard: 0,
                session: "a".into(),
                sequence,
            });
            let mut transaction = self.db.begin().await?;
            self.progress
                .write_marks(&mut transaction, MODULE, &positions)
                .await?;
            transaction.commit().await?;
            self.progress.marks_committed(MODULE, &positions);
            Ok(())
        }
    }

    fn row(session: &str, sequence: u64) -> Option<(String, String, u64)> {
        Some((session.to_owned(), format!("ws://{session}"), sequence))
    }

    #[tokio::test]
    async fn the_newest_session_is_kept_with_its_resume_point() {
        for database in Database::each().await {
            let bench = Bench::new(&database.open().await, 1);
            bench.sessions.save().await.unwrap();
            assert_eq!(bench.stored().await.unwrap(), None);
            bench.begin("a", 1);
            bench.progress.shard(0).pass(7);
            bench.sessions.save().await.unwrap();
            assert_eq!(bench.stored().await.unwrap(), row("a", 7));
            bench.begin("b", 1);
            bench.sessions.save().await.unwrap();
            assert_eq!(bench.stored().await.unwrap(), row("b", 1));
            assert_eq!(Bench::new(&bench.db, 2).stored().await.unwrap(), None);
            bench.sessions.forget().await.unwrap();
            assert_eq!(bench.stored().await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn marks_move_their_own_session_on_and_never_back() {
        for database in Database::each().await {
            let bench = Bench::new(&database.open().await, 1);
            bench.begin("a", 1);
            bench.sessions.save().await.unwrap();
            let position = Position {
                shard: 0,
                session: "a".into(),
                sequence: 5,
            };
            bench.progress.folded(MODULE, &position);
            bench.progress.shard(0).pass(9);
            bench.sessions.save().await.unwrap();
            assert_eq!(bench.stored().await.unwrap(), row("a", 4));
            bench.commit_marks(5).await.unwrap();
            assert_eq!(bench.stored().await.unwrap(), row("a", 9));
            bench.commit_marks(3).await.unwrap();
            assert_eq!(bench.stored().await.unwrap(), row("a", 9));

            bench.begin("b", 2);
            bench.sessions.save().await.unwrap();
            bench.commit_marks(6).await.unwrap();
            assert_eq!(bench.stored().await.unwrap(), row("b", 2));
        }
    }

    #[tokio::test]
    async fn marks_are_there_for_the_next_process() {
        for database in Database::each().await {
            let bench = Bench::new(&database.open().await, 1);
            bench.begin("a", 1);
            bench.commit_marks(5).await.unwrap();
            let next = Progress::new();
            next.load_marks(&bench.db).await.unwrap();
            let at = |sequence| Position {
                shard: 0,
                session: "a".into(),
                sequence,
            };
            assert!(next.is_replay(MODULE, &at(5)) && !next.is_replay(MODULE, &at(6)));
            assert!(!next.is_replay("another", &at(5)));
        }
    }

    #[tokio::test]
    async fn what_is_in_the_database_is_not_written_again() {
        let bench = Bench::new(&Database::sqlite().open().await, 1);
        bench.begin("a", 1);
        bench.sessions.alive(0);
        assert_eq!(bench.sessions.due().len(), 1);
        bench.sessions.save().await.unwrap();
        bench.sessions.alive(0);
        assert_eq!(bench.sessions.due(), []);
        bench.progress.shard(0).pass(2);
        assert_eq!(bench.sessions.due().len(), 1);
    }
}
