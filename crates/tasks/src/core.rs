//! What every task in the dispatcher shares: time, timers, the way to the scribe, room for runs.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use crate::{
    crew::Crew,
    engine::Options,
    entry::Failed,
    event::Events,
    mail::{Answer, Mailbox},
    outcome::Failure,
    presence::Lobby,
    pulse::Unanswered,
    scribe::Job,
    store::{Change, TaskId},
    timeline::{Jump, Timeline},
};

/// How often the store is told that the engine is alive, by the pulse of the wall clock.
const BEAT: Duration = Duration::from_secs(5);

pub(crate) struct Core {
    pub(crate) timeline: Timeline,
    pub(crate) options: Options,
    pub(crate) mailbox: Mailbox,
    pub(crate) events: Events,
    pub(crate) lobby: Arc<Lobby>,
    pub(crate) crew: Crew,
    pub(crate) timers: BTreeSet<(DateTime<Utc>, TaskId)>,
    /// When a success of a task is overdue.
    pub(crate) alarms: BTreeSet<(DateTime<Utc>, TaskId)>,
    /// Tasks whose snapshot is out of date.
    pub(crate) dirty: Vec<TaskId>,
    /// Runs that may begin when there is room.
    pub(crate) ready: VecDeque<(TaskId, u64)>,
    /// Bodies in progress.
    pub(crate) running: usize,
    /// Whether any task has a priority of its own.
    pub(crate) is_prioritised: bool,
    pub(crate) unanswered: Unanswered,
    pub(crate) started: bool,
    pub(crate) closing: bool,
    now: DateTime<Utc>,
    jobs: mpsc::UnboundedSender<Job>,
    errands: usize,
    /// Whether a sign of life is on its way to the store.
    is_beating: bool,
    last_beat: Duration,
    thens: VecDeque<(TaskId, Then)>,
    last_hook: u64,
}

/// What the error hook is told, and the run that it may decide about.
pub(crate) type Told = (Box<Failure>, Option<Failed>);

/// What follows when a step is in the store.
pub(crate) enum Then {
    Nothing,
    Launch { run: u64, answer: Option<Answer> },
    Answer { answer: Answer, is_cancel: bool },
    Settle { failure: Option<Told> },
}

impl Core {
    pub(crate) fn new(
        timeline: Timeline,
        options: Options,
        mailbox: Mailbox,
        events: Events,
        lobby: Arc<Lobby>,
        jobs: mpsc::UnboundedSender<Job>,
    ) -> Self {
        let now = timeline.now();
        let crew = Crew::new(options.bodies.clone());
        Self {
            timeline,
            options,
            mailbox,
            events,
            lobby,
            crew,
            timers: BTreeSet::new(),
            alarms: BTreeSet::new(),
            dirty: Vec::new(),
            ready: VecDeque::new(),
            running: 0,
            is_prioritised: false,
            unanswered: Unanswered::default(),
            started: false,
            closing: false,
            now,
            jobs,
            errands: 0,
            is_beating: false,
            last_beat: Duration::ZERO,
            thens: VecDeque::new(),
            last_hook: 0,
        }
    }

    /// The present of this turn: everything that is handled together happens at one moment.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Reads the clock. `Some` when the wall hand has jumped.
    pub(crate) fn look(&mut self) -> Option<Jump> {
        let jump = self.timeline.look();
        self.now = self.timeline.now();
        jump
    }

    pub(crate) fn set_alarm(
        &mut self,
        task: TaskId,
        before: Option<DateTime<Utc>>,
        now: Option<DateTime<Utc>>,
    ) {
        if before == now {
            return;
        }
        if let Some(at) = before {
            self.alarms.remove(&(at, task));
        }
        self.alarms.extend(now.map(|at| (at, task)));
    }

    /// Takes the tasks that are due, by their time.
    pub(crate) fn take_due(&mut self) -> Vec<TaskId> {
        let mut due = Vec::new();
        while let Some((at, task)) = self.timers.first().copied() {
            if at > self.now {
                break;
            }
            self.timers.pop_first();
            due.push(task);
        }
        due
    }

    /// When there is something to do next.
    pub(crate) fn next_due(&self) -> Option<DateTime<Utc>> {
        let timer = self.timers.first().map(|(at, _)| *at);
        let alarm = self.alarms.first().map(|(at, _)| *at);
        timer.into_iter().chain(alarm).min()
    }

    /// Hands a step to the scribe; `then` happens once it is in the store.
    pub(crate) fn write(&mut self, change: Change, then: Then) {
        self.thens.push_back((change.task, then));
        self.send(Job::Change(Box::new(change)));
    }

    /// Hands the scribe something that is answered by a letter of its own.
    pub(crate) fn errand(&mut self, job: Job) {
        self.errands += 1;
        self.send(job);
    }

    pub(crate) fn errand_done(&mut self) {
        self.errands -= 1;
    }

    /// Tells the store that the engine is alive, when it is time to.
    pub(crate) fn beat(&mut self) {
        let now = self.timeline.clock().monotonic();
        let is_time = now.saturating_sub(self.last_beat) >= BEAT;
        if is_time && self.started && !self.is_beating {
            self.last_beat = now;
            self.is_beating = true;
            self.errand(Job::Beat);
        }
    }

    pub(crate) fn beaten(&mut self) {
        self.is_beating = false;
        self.errand_done();
    }

    /// What follows the oldest step that was not known to be written.
    pub(crate) fn next_then(&mut self) -> Option<(TaskId, Then)> {
        self.thens.pop_front()
    }

    /// Whether the scribe has something left to do.
    pub(crate) fn is_writing(&self) -> bool {
        self.errands > 0 || !self.thens.is_empty()
    }

    pub(crate) fn hook_number(&mut self) -> u64 {
        self.last_hook += 1;
        self.last_hook
    }

    /// A scribe that is gone has posted why, and that letter ends the dispatcher.
    fn send(&self, job: Job) {
        drop(self.jobs.send(job));
    }
}
