//! One process is killed where its script ends, and another goes on.

use chrono::{DateTime, Utc};
use cogsmith::{store::Db, testing::Database};
use cogsmith_tasks::{RunState, State, Store};

use super::{
    invariants,
    observer::Observer,
    promise::{Promise, Row, row},
    script::{Point, Script},
    victim::Victim,
};

pub(super) struct Death {
    script: Script,
    promise: Promise,
    /// What the killed process said, and later also what the next one noted.
    said: Vec<String>,
}

impl Death {
    pub(super) async fn of(script: Script, database: &Database) -> Self {
        let mut victim = Victim::playing(&script, database);
        let died_at = victim.until_reached().await;
        Self {
            said: victim.kill().await,
            promise: Promise::of(&script, died_at),
            script,
        }
    }

    /// Checks what was left, and what the next process makes of it; `choice` says when that starts.
    pub(super) async fn check(mut self, database: &Database, choice: u64) {
        let db = database.open().await;
        let retry_at = self.check_left(&db).await;
        let start = self.promise.next_start(choice);
        self.promise.begin(start);
        let rows = self.check_next(&db, retry_at, start).await;
        self.check_bodies(&rows);
        invariants::check(&db).await;
        db.close().await;
    }

    /// The middle column of the crash table; gives the time of the next attempt.
    async fn check_left(&self, db: &Db) -> Option<DateTime<Utc>> {
        let mut tasks = db.tasks().await.unwrap().into_iter();
        let left = tasks.find(|task| *task.scope == *self.script.scope);
        let left = left.expect("the task was registered");
        let (cursor, promise) = (&left.cursor, &self.promise);
        let chosen = cursor.override_trigger.as_ref();
        let trigger = chosen.unwrap_or(&cursor.default_trigger);
        assert_eq!(**trigger, *promise.trigger.to_string());
        let found = (cursor.state, cursor.life, cursor.next_at);
        assert_eq!(found, (promise.state, promise.life, promise.owed));
        let runs = db.history(left.id, u32::MAX).await.unwrap();
        let rows: Vec<_> = runs.iter().rev().map(row).collect();
        assert_eq!(rows, promise.on_disk);
        let is_in_back_off = self.script.point == Point::InBackOff;
        assert_eq!(cursor.attempt, u32::from(is_in_back_off));
        cursor.wake_at.filter(|_| is_in_back_off)
    }

    /// The last column of the crash table; gives all runs.
    async fn check_next(
        &mut self,
        db: &Db,
        retry_at: Option<DateTime<Utc>>,
        start: DateTime<Utc>,
    ) -> Vec<Row> {
        let (script, promise) = (&self.script, &self.promise);
        let observer = Observer::start(db, script, start).await;
        let mut runs = promise.on_disk.iter();
        let is_abandoned = runs.any(|(_, _, state, _)| *state == RunState::Running);
        assert_eq!(observer.status().abandoned, u64::from(is_abandoned));

        let end = promise.watched_until(start);
        observer.watch_until(end).await;
        let rows: Vec<_> = observer.runs().await.iter().map(row).collect();
        assert_eq!(rows, promise.in_the_end(retry_at, start, end), "{script:?}");
        assert_eq!(observer.status().state, promise.state, "{script:?}");

        let noted = observer.end().await;
        self.check_hooks(&noted);
        self.said.extend(noted);
        rows
    }

    /// No hook that the crash swallowed is made up for, and none is called twice.
    fn check_hooks(&self, noted: &[String]) {
        let script = &self.script;
        let count = |lines: &[String], hook| lines.iter().filter(|line| *line == hook).count();
        let hooks = |lines| ["before", "error", "after"].map(|hook| count(lines, hook));
        let failed = usize::from(script.point == Point::InBackOff);
        assert_eq!(hooks(&self.said), [1, failed, 0], "{script:?}");
        let lives = usize::from(self.promise.state == State::Active);
        assert_eq!(hooks(noted), [lives, 0, lives], "{script:?}");
    }

    /// Each run had its body called once, unless the process died just before that.
    fn check_bodies(&self, rows: &[Row]) {
        let lines = self.said.iter();
        let called: Vec<_> = lines.filter(|line| line.starts_with("run")).collect();
        let is_called = |state| match self.script.point {
            Point::AfterClaim => state != RunState::Abandoned,
            _ => true,
        };
        let runs = rows.iter().filter(|(_, _, state, _)| is_called(*state));
        let expected: Vec<_> = runs
            .map(|(slot, attempt, ..)| format!("run {} {attempt}", slot.timestamp_millis()))
            .collect();
        assert!(
            called.into_iter().eq(&expected),
            "{:?}: {:?}",
            self.script,
            self.said
        );
    }
}
