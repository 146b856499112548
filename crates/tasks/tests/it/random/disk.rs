//! What is in the store, and what must be true of it alone.

use std::{collections::HashSet, ops::RangeInclusive};

use chrono::TimeDelta;
use cogsmith_tasks::{Cause, Cursor, MemoryStore, RunRecord, RunState, State, Store, Trigger};

/// The attempts for each slot, by default.
const ATTEMPTS: u32 = 3;

/// One task's rows, oldest run first.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    pub(crate) cursor: Cursor,
    pub(crate) runs: Vec<RunRecord>,
}

impl Disk {
    pub(crate) async fn read(store: &MemoryStore, name: &str) -> Self {
        let rows = store.tasks().await.unwrap();
        let row = rows.into_iter().find(|row| *row.name == *name).unwrap();
        let mut runs = store.history(row.id, u32::MAX).await.unwrap();
        runs.reverse();
        Self {
            cursor: row.cursor,
            runs,
        }
    }

    /// Invariants 1, 2, 3 and 9, as far as one look can tell.
    pub(crate) fn check(&self) {
        let Cursor {
            state,
            next_at,
            wake_at,
            ..
        } = self.cursor;
        let is_active = state == State::Active;
        assert_eq!(
            (is_active, is_active),
            (next_at.is_some(), wake_at.is_some()),
            "aim of {state}"
        );
        assert!(self.running() <= 1, "two live rows: {self:#?}");
        let mut keys = HashSet::new();
        for run in &self.runs {
            let is_new = keys.insert((run.life, run.slot_at, run.attempt, run.cause));
            assert!(is_new || is_by_request(run), "claimed twice: {run:?}");
            assert_eq!(
                run.state == RunState::Running,
                run.finished_at.is_none(),
                "{run:?}"
            );
            assert!(run.started_at >= run.slot_at, "before its slot: {run:?}");
        }
        let numbers = self.runs.iter().map(|run| run.number);
        assert!(numbers.eq(1..=self.cursor.records), "gaps: {self:#?}");
        let abandoned = self.count(|run| run.state == RunState::Abandoned);
        assert!(abandoned >= self.cursor.abandoned, "abandoned: {self:#?}");
    }

    pub(crate) fn running(&self) -> u64 {
        self.count(|run| run.state == RunState::Running)
    }

    pub(crate) fn count(&self, which: impl Fn(&RunRecord) -> bool) -> u64 {
        self.runs.iter().filter(|run| which(run)).count() as u64
    }

    /// Successes of the present life, and how many slots have failed in a row: whether one whose every
    /// attempt a crash has cut off counts depends on when the task was stopped, so at least and at most.
    pub(crate) fn tally(&self, redo: bool) -> (u64, RangeInclusive<u64>) {
        let life = self.cursor.life;
        let counts = |run: &&RunRecord| run.life == life && !is_by_request(run);
        let (mut successes, mut least, mut most) = (0, 0, 0);
        for run in self.runs.iter().filter(counts) {
            match run.state {
                RunState::Ok => (successes, least, most) = (successes + 1, 0, 0),
                RunState::Error | RunState::Panic => (least, most) = (least + 1, most + 1),
                RunState::Abandoned if redo && run.attempt == ATTEMPTS => most += 1,
                _ => {}
            }
        }
        (successes, least..=most)
    }

    /// Slots of this life that came due between an earlier look and now: by the grid, and by what became
    /// of them (a run, a skip, a missed count). `None` when the grid was moved or the life has changed.
    pub(crate) fn slots_since(&self, before: &Self, trigger: &Trigger) -> Option<(i64, i64)> {
        let (then, now) = (&before.cursor, &self.cursor);
        if then.life != now.life || then.anchor_at.is_none() {
            return None;
        }
        let moved = now.next_at? - then.next_at?;
        let step = TimeDelta::from_std(trigger.interval().unwrap()).unwrap();
        let (moved, step) = (moved.num_milliseconds(), step.num_milliseconds());
        assert!(
            moved >= 0 && moved % step == 0,
            "off the grid by {moved} ms of {step}"
        );
        let is_new = |run: &RunRecord| run.number > then.records;
        let of_a_slot = |run: &RunRecord| {
            run.attempt == 1 && matches!(run.cause, Cause::Schedule | Cause::CatchUp)
        };
        let runs = self.count(|run| is_new(run) && of_a_slot(run));
        let others = (now.skipped - then.skipped) + (now.missed - then.missed);
        Some((moved / step, (runs + others).cast_signed()))
    }
}

fn is_by_request(run: &RunRecord) -> bool {
    matches!(run.cause, Cause::Manual | Cause::Backfill)
}
