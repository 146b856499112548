//! A process that lives, dies and comes back on one store, and what must be true after each step.

use std::sync::{Arc, atomic::AtomicUsize};

use chrono::{DateTime, TimeDelta, Utc};
use cogsmith_tasks::{Clock, Error, MemoryStore, Phase, State, Status, Trigger, every, mins, secs};

use super::{
    disk::Disk,
    model::Model,
    process::{Process, give},
    steps::{Command, Plan, Step},
};
use crate::stage::{dawn, ms};

/// A run should succeed within this.
pub(crate) const EXPECTED: TimeDelta = TimeDelta::seconds(20);
/// A life opens within this after it was asked for: when the run before it has ended.
const OPENING: TimeDelta = TimeDelta::seconds(4);

pub(crate) struct World {
    plan: Arc<Plan>,
    store: MemoryStore,
    clock: Clock,
    process: Process,
    model: Model,
    disk: Disk,
    /// Slots skipped by hand that may not be on disk yet.
    by_hand: i64,
    /// When the present life was asked for.
    life_since: DateTime<Utc>,
    booted_at: DateTime<Utc>,
    /// Runs and hooks so far, for what is to happen over and over.
    turns: Arc<(AtomicUsize, AtomicUsize)>,
}

impl World {
    pub(crate) async fn new(plan: Plan) -> Self {
        let (plan, store, clock) = (Arc::new(plan), MemoryStore::new(), Clock::manual(dawn()));
        let turns = Arc::default();
        let process = Process::boot(&plan, &store, &clock, &turns).await;
        let mut model = Model::new();
        let disk = Disk::read(&store, "t").await;
        model.follow(&disk, &plan, process.notes.take_before_failed());
        Self {
            plan,
            store,
            clock,
            process,
            model,
            disk,
            by_hand: 0,
            life_since: dawn(),
            booted_at: dawn(),
            turns,
        }
    }

    pub(crate) async fn take(&mut self, step: Step) {
        match step {
            Step::Give(command) => self.give(command).await,
            Step::Advance(length) => self.advance(length).await,
            Step::Crash { jump, turns, away } => {
                self.clock.advance(ms(jump));
                self.crash(turns, away).await;
            }
            Step::CrashDuring { command, turns } => self.crash_during(command, turns).await,
            Step::ShutDown { away } => self.shut_down(away).await,
        }
        self.check().await;
    }

    /// The last process ends in good order, and leaves everything as the model says.
    pub(crate) async fn end(mut self) {
        self.shut_down(0).await;
        self.check().await;
    }

    async fn give(&mut self, command: Command) {
        let is_live = self.process.notes.bodies() > 0;
        let scheduled = self.process.notes.scheduled();
        let result = give(&self.process.task, command, self.clock.now()).await;
        match (command, &result) {
            (Command::Start, Err(Error::AlreadyRunning { .. })) => {
                assert_eq!(self.model.state, State::Active);
            }
            (Command::Trigger, Err(Error::Overlapped { .. })) => {
                assert!(is_live, "overlapped with nothing");
                self.by_hand += 1;
            }
            (Command::Trigger, Ok(())) => assert!(!is_live, "two runs at once"),
            (Command::Backfill(_), Err(Error::BadBackfill { .. })) => {}
            (_, result) => assert!(result.is_ok(), "{command:?}: {result:?}"),
        }
        let life = self.model.life;
        self.model.obey(command);
        if self.model.life > life {
            self.life_since = self.clock.now();
        }
        if result.is_ok() {
            // Acknowledged is durable, whatever happens next.
            let disk = Disk::read(&self.store, "t").await;
            let is_there = self.might_be(&disk, &self.model);
            assert!(
                is_there,
                "{command:?} was acknowledged: {:?}, {disk:?}",
                self.model
            );
        }
        self.process.engine.settle().await;
        let disk = Disk::read(&self.store, "t").await;
        if matches!(command, Command::Stop | Command::Cancel) {
            let since = self.process.notes.scheduled() - scheduled;
            assert_eq!(since, 0, "a body was called after {command:?}");
        }
        self.follow(disk);
    }

    async fn advance(&mut self, length: u64) {
        let (was_active, scheduled) = (
            self.model.state == State::Active,
            self.process.notes.scheduled(),
        );
        let others = Disk::read(&self.store, "other").await;
        self.process.engine.advance(ms(length)).await;
        let disk = Disk::read(&self.store, "t").await;
        self.account(&disk, true);
        if !was_active {
            assert_eq!(
                self.process.notes.scheduled(),
                scheduled,
                "a body of a task that is not active"
            );
        }
        let now = Disk::read(&self.store, "other").await;
        let (due, ran) = now.slots_since(&others, &every(secs(1))).unwrap();
        assert_eq!(due, ran, "the neighbour's slots");
        let is_new = |run: &cogsmith_tasks::RunRecord| run.number > others.cursor.records;
        let late = now.count(|run| is_new(run) && run.started_at != run.slot_at);
        assert_eq!(late, 0, "the neighbour was held up: {now:#?}");
        self.follow(disk);
    }

    async fn crash(&mut self, turns: u8, away: u64) {
        take_turns(turns).await;
        self.process.engine.kill().await;
        self.come_back(away, self.model.clone(), false).await;
    }

    async fn crash_during(&mut self, command: Command, turns: u8) {
        let (task, now) = (self.process.task.clone(), self.clock.now());
        let giving = tokio::spawn(async move { give(&task, command, now).await });
        take_turns(turns).await;
        self.process.engine.kill().await;
        let is_acknowledged = giving.await.unwrap().is_ok();
        let mut after = self.model.clone();
        after.obey(command);
        let disk = Disk::read(&self.store, "t").await;
        let is_there = self.might_be(&disk, &after);
        assert!(
            is_there || !is_acknowledged,
            "{command:?} was acknowledged and is lost: {disk:?}"
        );
        let is_re_aimed = matches!(command, Command::Change(_) | Command::Reset);
        let survivor = if is_there { after } else { self.model.clone() };
        if survivor.life > self.model.life {
            self.life_since = self.clock.now();
        }
        self.come_back(0, survivor, is_re_aimed).await;
    }

    async fn shut_down(&mut self, away: u64) {
        let engine = self.process.engine.clone();
        tokio::join!(engine.shut_down(mins(1)), engine.advance(secs(5)));
        let disk = Disk::read(&self.store, "t").await;
        assert_eq!(disk.running(), 0, "a run outlived its process");
        assert_eq!(self.process.notes.lives(), 0, "a life outlived its process");
        self.come_back(away, self.model.clone(), false).await;
    }

    /// The process is dead; what it left is as before the last step or after it, never between.
    async fn come_back(&mut self, away: u64, mut survivor: Model, is_re_aimed: bool) {
        let disk = Disk::read(&self.store, "t").await;
        disk.check();
        assert!(self.might_be(&disk, &survivor), "{survivor:?}, {disk:#?}");
        survivor.state = disk.cursor.state;
        self.model = survivor;
        if !is_re_aimed {
            self.account(&disk, false);
        }
        self.by_hand = 0;
        let cut_off = disk.running();
        let abandoned = disk.cursor.abandoned;
        self.disk = disk;
        self.clock.advance(ms(away));
        self.booted_at = self.clock.now();
        self.process = Process::boot(&self.plan, &self.store, &self.clock, &self.turns).await;
        let disk = Disk::read(&self.store, "t").await;
        assert_eq!(disk.cursor.abandoned, abandoned + cut_off, "{disk:#?}");
        self.account(&disk, true);
        self.follow(disk);
    }

    /// Whether the disk may look like this after `model`, with or without a hook that failed last.
    fn might_be(&self, disk: &Disk, model: &Model) -> bool {
        [false, true].into_iter().any(|has_before_failed| {
            let mut model = model.clone();
            model.follow(disk, &self.plan, has_before_failed);
            model.agrees(&disk.cursor)
        })
    }

    /// Invariant 4: every slot that came due has become a run, a skip or a missed count.
    fn account(&self, disk: &Disk, is_calm: bool) {
        if let Some((due, found)) = disk.slots_since(&self.disk, &self.trigger()) {
            let by_hand = found - due;
            let is_right = (0..=self.by_hand).contains(&by_hand);
            assert!(
                is_right,
                "{due} due, {found} found: {:#?} {disk:#?}",
                self.disk
            );
            let is_written = disk.cursor.version > self.disk.cursor.version;
            assert!(
                !is_calm || !is_written || by_hand == self.by_hand,
                "a skip was lost"
            );
        }
    }

    fn follow(&mut self, disk: Disk) {
        if disk.cursor.version > self.disk.cursor.version {
            self.by_hand = 0;
        }
        let has_before_failed = self.process.notes.take_before_failed();
        self.model.follow(&disk, &self.plan, has_before_failed);
        self.disk = disk;
    }

    /// Invariant 10: a success that is waited for too long is told, and no other. It is waited for from
    /// the last one on, or from the start of the process when there was none; and from the opening of a
    /// life that this process began, which may be a little after it was asked for.
    fn check_overdue(&self, status: &Status) {
        let last_ok_at = self.disk.cursor.last_ok_at;
        let since = last_ok_at.unwrap_or(self.booted_at).max(self.life_since);
        let waited = self.clock.now() - since;
        let is_of_this_process = self.life_since > self.booted_at;
        let is_lived = status.state == State::Active
            && !matches!(status.phase, Phase::Idle | Phase::Starting | Phase::Ending);
        let is_sure = waited > EXPECTED + OPENING && is_lived;
        assert!(
            status.is_overdue || !is_sure,
            "overdue by {waited}: {status:?}"
        );
        let is_early = waited < EXPECTED && is_of_this_process;
        assert!(
            !(status.is_overdue && is_early),
            "after {waited}: {status:?}"
        );
    }

    async fn check(&self) {
        self.disk.check();
        let (cursor, notes) = (&self.disk.cursor, &self.process.notes);
        assert!(self.model.agrees(cursor), "{:?}, {cursor:#?}", self.model);
        let (successes, failures) = self.disk.tally(self.plan.redo);
        assert_eq!(cursor.loop_index, successes, "{:#?}", self.disk);
        assert!(failures.contains(&cursor.fails), "{:#?}", self.disk);
        assert_eq!(notes.wrong(), Vec::<String>::new());
        assert_eq!(
            self.disk.running(),
            notes.bodies().unsigned_abs(),
            "live rows and bodies"
        );
        let status = self.process.task.status();
        self.check_overdue(&status);
        assert_eq!(
            (status.state, status.trigger),
            (self.model.state, self.trigger())
        );
        let is_open = status.phase != Phase::Idle;
        assert!(
            notes.lives() <= i64::from(is_open),
            "a life in phase {:?}",
            status.phase
        );
        let is_lived = status.state == State::Active && status.phase != Phase::Ending;
        assert!(
            !is_lived || notes.lives() == 1,
            "an active task without a life"
        );
    }

    fn trigger(&self) -> Trigger {
        every(ms(self.model.chosen.unwrap_or(self.plan.interval)))
    }
}

/// Lets whoever can do something do it, so many times.
async fn take_turns(turns: u8) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}
