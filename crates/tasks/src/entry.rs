//! One task in the dispatcher's memory: its durable cursor, and the life in progress.
//!
//! Commands, slots and outcomes only move the cursor; [`Entry::reconcile`] then makes the life follow
//! it. So there is one place that begins and ends lives, and every order of events ends the same way.

mod amends;
mod breakdown;
mod by_hand;
mod commands;
mod decisions;
mod ends;
mod leaving;
mod live;
mod lives;
mod runs;
mod slots;
mod snapshot;
mod vigil;

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{oneshot, watch};

use crate::{
    core::{Core, Then},
    cursor::{Cursor, State},
    decision::Verdict,
    event::{Event, EventKind},
    gate::Gate,
    handle::TaskHandle,
    mail::Found,
    outcome::{EndReason, Stage},
    plan::Plan,
    spec::TaskSpec,
    status::Status,
    store::{Change, RunRecord, TaskId},
    trigger::Trigger,
};
pub(crate) use live::Failed;
use live::{InProgress, Live};
use vigil::Vigil;

pub(crate) struct Entry {
    pub(crate) id: TaskId,
    pub(crate) spec: TaskSpec,
    pub(crate) handle: TaskHandle,
    pub(crate) cursor: Cursor,
    trigger: Trigger,
    status: watch::Sender<Status>,
    life: Option<Life>,
    live: Vec<Live>,
    hooks: Vec<Hook>,
    /// Runs by hand that wait for the `before` hook.
    early: Vec<u64>,
    /// The end of a run that is being worked out.
    ending: Option<RunRecord>,
    /// Runs that have ended and whose end is being written.
    unsettled: usize,
    /// Missed slots up to this one are made up for, one after the other.
    catch_up: Option<DateTime<Utc>>,
    /// A retry or a slot waits for the live run.
    is_held: bool,
    /// There was nothing to do when the life was looked at last.
    was_idle: bool,
    /// What is due next has waited for a live run.
    is_queued: bool,
    /// What is due next was on time and has waited for amends: it is not missed.
    is_excused: bool,
    /// Runs by hand that wait for the live run.
    by_hand: u32,
    /// Runs that a crash cut off and that nobody has accounted for yet, oldest first.
    cut_off: VecDeque<RunRecord>,
    /// The newest run that made up for the past.
    amends: Option<u64>,
    /// The number of the newest run for a slot.
    newest_claim: u64,
    armed: Option<DateTime<Utc>>,
    vigil: Vigil,
    /// The life that the process found.
    first_life: u64,
    is_dirty: bool,
    /// The cursor has moved since it was written.
    is_unsaved: bool,
    saved_at: DateTime<Utc>,
    is_leaving: bool,
    is_deleted: bool,
    leavers: Vec<oneshot::Sender<()>>,
}

/// From `before` to `after`.
struct Life {
    number: u64,
    stage: LifeStage,
    before_ok: bool,
    /// A command that asked for the end.
    asked: Option<EndReason>,
    /// Why it ends.
    reason: Option<EndReason>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LifeStage {
    Starting,
    Open,
    Ending,
    After,
}

struct Hook {
    number: u64,
    stage: Stage,
    call: InProgress,
    /// Of an error hook: where it puts its decision, and about which run.
    decides: Option<(Verdict, Failed)>,
}

impl Entry {
    /// A task as the store has it, made to agree with the code.
    pub(crate) fn new(spec: TaskSpec, found: Found, core: &mut Core) -> Self {
        let now = core.now();
        core.is_prioritised |= spec.policy.priority != 0;
        for gate in spec.gates.iter().chain(&spec.work) {
            gate.watch(&core.mailbox);
        }
        let Found { row, abandoned } = found;
        let stored = row.cursor.clone();
        let chosen = stored
            .override_trigger
            .as_deref()
            .and_then(|text| readable(text, &spec));
        let trigger = chosen.unwrap_or_else(|| spec.trigger.clone());
        let mut cursor = row.cursor;
        if let Some(Ok(payload)) = &spec.payload {
            cursor.payload = payload.clone();
        }
        let (status, watcher) = watch::channel(Status::new(&spec, &cursor, &trigger));
        let mut entry = Self {
            id: row.id,
            handle: TaskHandle::new(row.id, core.mailbox.clone(), watcher),
            trigger,
            status,
            life: None,
            live: Vec::new(),
            hooks: Vec::new(),
            early: Vec::new(),
            ending: None,
            unsettled: 0,
            catch_up: None,
            is_held: false,
            was_idle: false,
            is_queued: false,
            is_excused: false,
            by_hand: 0,
            cut_off: VecDeque::new(),
            amends: None,
            newest_claim: 0,
            armed: None,
            vigil: Vigil::default(),
            first_life: cursor.life,
            cursor,
            is_dirty: false,
            is_unsaved: false,
            saved_at: now,
            is_leaving: false,
            is_deleted: false,
            leavers: Vec::new(),
            spec,
        };
        // What a crash or a change of the code left to do is for whoever has the code.
        if !entry.spec.is_adopted {
            entry.adopt_default(now);
            entry.take_over(abandoned, core);
            let plan = Plan::new(&entry.trigger, &entry.spec);
            entry.cursor.resume(plan, now);
            entry.end_if_over(State::Failed, core);
        }
        if entry.cursor != stored {
            entry.write(None, Then::Nothing, core);
        }
        entry.publish();
        entry
    }

    fn adopt_default(&mut self, now: DateTime<Utc>) {
        let text = self.spec.trigger.to_string();
        if *self.cursor.default_trigger == *text {
            return;
        }
        let before = self
            .cursor
            .default_trigger
            .parse()
            .unwrap_or_else(|_| self.trigger.clone());
        self.cursor.default_trigger = text.into();
        if self.cursor.override_trigger.is_none() {
            let plan = Plan::new(&self.trigger, &self.spec);
            self.cursor.re_aim(&before, plan, now);
        }
    }

    /// Whether no user code of the task is running or about to run.
    pub(crate) fn is_quiet(&self) -> bool {
        self.life.is_none() && self.live.is_empty() && self.hooks.is_empty() && self.unsettled == 0
    }

    /// Whether all user code of the task sleeps on the clock, or waits for room.
    pub(crate) fn is_asleep(&self) -> bool {
        let runs = self.live.iter().filter_map(|live| live.call.as_ref());
        let mut calls = runs.chain(self.hooks.iter().map(|hook| &hook.call));
        calls.all(|call| call.presence.is_asleep())
    }

    /// Writes the position when it was left unwritten for the sake of speed.
    pub(crate) fn save(&mut self, core: &mut Core) {
        if self.is_unsaved {
            self.write(None, Then::Nothing, core);
        }
    }

    /// Every task lives on the wall's time line; an interval keeps its rhythm when that is stepped.
    pub(crate) fn shift(&mut self, by: TimeDelta, core: &mut Core) {
        let plan = Plan::new(&self.trigger, &self.spec);
        self.cursor.shift(plan, by, core.now());
        if !self.trigger.follows_the_wall() {
            self.catch_up = self.catch_up.and_then(|at| at.checked_add_signed(by));
        }
        self.shift_vigil(by);
        self.is_unsaved = true;
        self.arm(core);
        self.arm_alarm(core);
        self.touch(core);
    }

    /// Ends all user code of the task at its next await, with no regard to its grace.
    pub(crate) fn abort(&mut self) {
        let runs = self.live.iter().filter_map(|live| live.call.as_ref());
        for call in runs.chain(self.hooks.iter().map(|hook| &hook.call)) {
            call.abort.abort();
        }
    }

    pub(crate) fn tell(&self, kind: EventKind, core: &Core) {
        if !core.events.matters(&kind) {
            return;
        }
        core.events.note(Event {
            task: self.spec.name.clone(),
            scope: self.spec.scope.clone(),
            at: core.now(),
            kind,
        });
    }

    fn write(&mut self, run: Option<RunRecord>, then: Then, core: &mut Core) {
        let now = core.now();
        self.cursor.version += 1;
        self.cursor.updated_at = now;
        self.is_unsaved = false;
        self.saved_at = now;
        let cursor = self.cursor.clone();
        core.write(
            Change {
                task: self.id,
                cursor,
                run,
            },
            then,
        );
    }

    /// Sets the timer for what is next.
    fn arm(&mut self, core: &mut Core) {
        let may_fire = self.is_open() && !self.is_held && !self.is_leaving && !core.closing;
        let may_fire = may_fire && self.closed_gate().is_none() && self.idle_gate().is_none();
        let wake = self.cursor.wake_at.filter(|_| may_fire);
        if wake == self.armed {
            return;
        }
        if let Some(at) = self.armed {
            core.timers.remove(&(at, self.id));
        }
        if let Some(at) = wake {
            core.timers.insert((at, self.id));
        }
        self.armed = wake;
    }

    /// A gate that holds the task.
    pub(crate) fn closed_gate(&self) -> Option<&Gate> {
        self.spec.gates.iter().find(|gate| !gate.is_open())
    }

    /// The gate behind which there is nothing to do.
    pub(crate) fn idle_gate(&self) -> Option<&Gate> {
        self.spec.work.iter().find(|gate| !gate.is_open())
    }

    /// Whether any gate moves the task.
    pub(crate) fn is_gated(&self) -> bool {
        !self.spec.gates.is_empty() || !self.spec.work.is_empty()
    }

    /// Whether slots are run: the life is open and nobody has asked for its end.
    fn is_open(&self) -> bool {
        self.life.as_ref().is_some_and(|life| {
            life.stage == LifeStage::Open && life.number == self.cursor.life && life.asked.is_none()
        })
    }
}

impl Drop for Entry {
    /// No user code outlives its engine.
    fn drop(&mut self) {
        self.abort();
    }
}

/// The stored trigger, unless a newer version wrote one that this one does not know.
fn readable(text: &str, spec: &TaskSpec) -> Option<Trigger> {
    let trigger = text.parse();
    if let Err(error) = &trigger {
        tracing::warn!(task.name = %spec.name, %error, "ignoring the stored trigger of {}", spec.name);
    }
    trigger.ok()
}
