//! The crash table of docs/TASKS.md as a function: what a script leaves, and what follows from it.

use chrono::{DateTime, TimeDelta, Utc};
use cogsmith_tasks::{RunRecord, RunState, State, Trigger};

use super::script::{Ending, Order, Point, Script, dawn};

/// Slot, attempt, state, and the missed slots before it.
pub(super) type Row = (DateTime<Utc>, u32, RunState, u64);

/// What is promised of a script whose process died at `died_at`.
pub(super) struct Promise {
    /// The runs in the database.
    pub(super) on_disk: Vec<Row>,
    pub(super) state: State,
    pub(super) trigger: Trigger,
    /// The first slot that has not been claimed.
    pub(super) owed: Option<DateTime<Utc>>,
    pub(super) life: u64,
    /// Whether the next process runs the slot again that was cut off.
    is_repeated: bool,
    died_at: DateTime<Utc>,
}

impl Promise {
    pub(super) fn of(script: &Script, died_at: DateTime<Utc>) -> Self {
        let trigger = in_force(script);
        let slots = slots(&trigger, first_slot(&trigger));
        let run = usize::try_from(script.run).unwrap();
        let mut on_disk: Vec<_> = slots.take(run).map(ok).collect();
        let (slot, ..) = on_disk.pop().unwrap();
        on_disk.extend(as_left(script).map(|state| (slot, 1, state, 0)));
        let is_claimed = script.point != Point::BeforeClaim;
        let next = if is_claimed {
            trigger.next_after(slot)
        } else {
            Some(slot)
        };
        let promise = Self {
            on_disk,
            state: State::Active,
            trigger,
            owed: next,
            life: 1,
            is_repeated: script.is_repeated,
            died_at,
        };
        promise.obey(script, slot)
    }

    /// What a command changes; `slot` is the last one that was claimed.
    fn obey(mut self, script: &Script, slot: DateTime<Utc>) -> Self {
        if script.point == Point::AfterEnd && script.ending == Ending::Finished {
            return self.over(State::Finished);
        }
        match script.command.as_ref().map(|command| &command.order) {
            None => return self,
            Some(Order::Stop | Order::Cancel) => return self.over(State::Stopped),
            Some(Order::Restart) => {
                self.life += 1;
                self.is_repeated = false;
                return self;
            }
            Some(Order::Change(trigger)) => self.trigger = trigger.parse().unwrap(),
            Some(Order::Reset) => self.trigger = script.default_trigger.parse().unwrap(),
        }
        self.owed = match self.trigger.interval() {
            Some(interval) => Some((slot + interval).max(self.died_at)),
            None => self.trigger.next_after(just_before(self.died_at)),
        };
        self
    }

    fn over(self, state: State) -> Self {
        let owed = None;
        Self {
            state,
            owed,
            is_repeated: false,
            ..self
        }
    }

    /// The slots after the crash that nobody has claimed.
    fn owed(&self) -> impl Iterator<Item = DateTime<Utc>> {
        self.owed
            .into_iter()
            .flat_map(|owed| slots(&self.trigger, owed))
    }

    /// Some moments at which the next process may start: at once, half-way to the next slot, at that
    /// slot, and when it and two more were missed.
    pub(super) fn next_start(&self, choice: u64) -> DateTime<Utc> {
        let Some(owed) = self.owed else {
            return self.died_at + TimeDelta::hours(i64::try_from(choice).unwrap());
        };
        let coming: Vec<_> = slots(&self.trigger, owed)
            .skip_while(|slot| *slot <= self.died_at)
            .take(4)
            .collect();
        match choice {
            0 => self.died_at,
            1 => self.died_at + (coming[0] - self.died_at) / 2,
            2 => coming[0],
            _ => coming[2] + (coming[3] - coming[2]) / 2,
        }
    }

    /// Until when to watch the next process: for two more slots.
    pub(super) fn watched_until(&self, start: DateTime<Utc>) -> DateTime<Utc> {
        let later = self.owed().filter(|slot| *slot > start).nth(1);
        later.unwrap_or(start + TimeDelta::hours(1))
    }

    /// What the next process, which begins at `start`, sees as owed: the first slot of an interval is at
    /// once, however late that is.
    pub(super) fn begin(&mut self, start: DateTime<Utc>) {
        if self.on_disk.is_empty() && self.trigger.interval().is_some() {
            self.owed = Some(start);
        }
    }

    /// The runs in the database when a process that began at `start` was watched until `end`;
    /// `retry_at` is when a failed attempt was to be repeated.
    pub(super) fn in_the_end(
        &self,
        retry_at: Option<DateTime<Utc>>,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Vec<Row> {
        let mut rows: Vec<_> = self.on_disk.iter().copied().map(abandoned).collect();
        let is_retried =
            retry_at.is_some_and(|at| self.owed.is_none_or(|owed| at.max(start) < owed));
        if let Some((slot, ..)) = rows.last().copied().filter(|_| is_retried) {
            rows.push((slot, 2, RunState::Ok, 0));
        }
        let cut_off = rows.last().filter(|row| row.2 == RunState::Abandoned);
        if let Some((slot, ..)) = cut_off.copied().filter(|_| self.is_repeated) {
            rows.push((slot, 2, RunState::Ok, 0));
        }
        let due: Vec<_> = self.owed().take_while(|slot| *slot <= start).collect();
        if let Some((newest, missed)) = due.split_last() {
            let missed = u64::try_from(missed.len()).unwrap();
            rows.push((*newest, 1, RunState::Ok, missed));
        }
        let on_time = self.owed().skip_while(|slot| *slot <= start);
        rows.extend(on_time.take_while(|slot| *slot <= end).map(ok));
        rows
    }
}

/// How the run in which the process dies stands in the database, if it does.
fn as_left(script: &Script) -> Option<RunState> {
    let in_body = script
        .command
        .as_ref()
        .is_some_and(|command| command.in_body);
    match (script.point, script.ending) {
        (Point::BeforeClaim, _) => None,
        (Point::AfterClaim | Point::InBody | Point::BeforeEnd, _) => Some(RunState::Running),
        (Point::AfterCommand, _) if in_body => Some(RunState::Running),
        (_, Ending::Error | Ending::Transient) => Some(RunState::Error),
        (_, Ending::Ok | Ending::Finished) => Some(RunState::Ok),
    }
}

/// The trigger up to the crash.
fn in_force(script: &Script) -> Trigger {
    let chosen = script.chosen_trigger.as_ref();
    chosen.unwrap_or(&script.default_trigger).parse().unwrap()
}

fn first_slot(trigger: &Trigger) -> DateTime<Utc> {
    match trigger.interval() {
        Some(_) => dawn(),
        None => trigger.next_after(just_before(dawn())).unwrap(),
    }
}

/// `first` and what follows it.
fn slots(trigger: &Trigger, first: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
    std::iter::successors(Some(first), |slot| trigger.next_after(*slot))
}

fn just_before(instant: DateTime<Utc>) -> DateTime<Utc> {
    instant - TimeDelta::milliseconds(1)
}

fn ok(slot: DateTime<Utc>) -> Row {
    (slot, 1, RunState::Ok, 0)
}

/// What becomes of a run at the next start.
fn abandoned((slot, attempt, state, missed): Row) -> Row {
    match state {
        RunState::Running => (slot, attempt, RunState::Abandoned, missed),
        _ => (slot, attempt, state, missed),
    }
}

pub(super) fn row(run: &RunRecord) -> Row {
    (run.slot_at, run.attempt, run.state, run.missed)
}
