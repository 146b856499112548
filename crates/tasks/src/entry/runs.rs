//! Runs: claimed, launched, ended, and what follows.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Entry, InProgress, Live};
use crate::{
    core::{Core, Then},
    cursor::{Claim, Cursor, Due, Scene, State},
    event::EventKind,
    mail::{Answer, Mail},
    outcome::{Cause, Failure, Outcome, Stage},
    plan::Plan,
    policy::{History, Overlap},
    presence::Presence,
    run::{Call, Facts, Report},
    store::{RunRecord, RunState},
    transient::{Transient, is_transient},
};

/// How often the position of a task that records only failures is written at most.
const SAVE_EVERY: TimeDelta = TimeDelta::seconds(1);

impl Entry {
    /// The timer of the task has fired.
    pub(crate) fn fire(&mut self, core: &mut Core) {
        self.armed = None;
        let now = core.now();
        if self.is_count_in_hand() {
            self.is_held = true;
            return;
        }
        let scene = Scene {
            catch_up: &mut self.catch_up,
            live: self.live.len(),
            is_queued: self.is_queued,
            now,
        };
        let plan = Plan::new(&self.trigger, &self.spec);
        match self.cursor.due(plan, scene) {
            Due::Wait => self.hold(),
            Due::Run(claim) => {
                self.is_queued = false;
                self.claim(claim, None, core);
            }
            Due::Skipped { slot, count } => {
                self.is_unsaved = true;
                self.tell(EventKind::Skipped { slot, count }, core);
            }
            Due::Missed { slot, count } => self.note_missed(slot, count, core),
            Due::Replace => {
                self.hold();
                self.cancel_runs(core);
            }
        }
    }

    /// What is due waits until a live run has ended.
    fn hold(&mut self) {
        self.is_held = !self.live.is_empty();
        self.is_queued = self.is_held;
    }

    /// Whether the live runs would complete the count if all went well.
    fn is_count_in_hand(&self) -> bool {
        let left = self
            .spec
            .policy
            .count
            .map(|count| count.saturating_sub(self.cursor.loop_index));
        let live = self
            .live
            .iter()
            .filter(|live| live.counts(&self.cursor))
            .count();
        live > 0 && left.is_some_and(|left| u64::try_from(live).is_ok_and(|live| live >= left))
    }

    fn has_room(&self) -> bool {
        self.live.len() < self.spec.policy.overlap.most_live()
    }

    /// Whether a run by hand may begin, wait, or take the place of the live one.
    pub(super) fn admits_by_hand(&self) -> bool {
        let has_place = match self.spec.policy.overlap {
            Overlap::Queue(most) => self.by_hand < most,
            Overlap::Replace => true,
            Overlap::Skip | Overlap::Allow(_) => false,
        };
        has_place || self.has_room()
    }

    /// Runs by hand that waited for the live run begin when it has ended.
    pub(super) fn claim_by_hand(&mut self, core: &mut Core) {
        while self.by_hand > 0 && self.has_room() && !core.closing {
            self.by_hand -= 1;
            let claim = self.cursor.claim_manual(core.now());
            self.claim(claim, None, core);
        }
    }

    /// Counts a slot that finds a run in progress.
    pub(super) fn skip(&mut self, slot: DateTime<Utc>, count: u64, core: &mut Core) {
        self.cursor.skipped += count;
        self.is_unsaved = true;
        self.tell(EventKind::Skipped { slot, count }, core);
        self.touch(core);
    }

    /// One extra run, now or when the live one has ended.
    pub(super) fn run_now(&mut self, answer: Answer, core: &mut Core) {
        if !self.has_room() {
            self.by_hand += 1;
            if self.spec.policy.overlap == Overlap::Replace {
                self.by_hand = 1;
                self.cancel_runs(core);
            }
            return self.answer(answer, false, core);
        }
        let claim = self.cursor.claim_manual(core.now());
        self.claim(claim, Some(answer), core);
        self.touch(core);
    }

    fn claim(&mut self, claim: Claim, answer: Option<Answer>, core: &mut Core) {
        let now = core.now();
        self.cursor.records += 1;
        self.cursor.runs_total += 1;
        self.cursor.last_run_at = Some(now);
        let run = self.cursor.records;
        if claim.cause != Cause::Manual {
            self.newest_claim = run;
        }
        self.tell(
            EventKind::Claimed {
                run,
                slot: claim.slot,
                cause: claim.cause,
            },
            core,
        );
        if claim.missed > 0 {
            self.tell(
                EventKind::Missed {
                    slot: claim.slot,
                    count: claim.missed,
                },
                core,
            );
        }
        self.live.reserve_exact(1);
        self.live.push(Live {
            number: run,
            life: self.cursor.life,
            claim,
            claimed_at: now,
            is_told_to_end: false,
            call: None,
        });
        self.record_claim(run, answer, now, core);
    }

    fn record_claim(
        &mut self,
        run: u64,
        answer: Option<Answer>,
        now: DateTime<Utc>,
        core: &mut Core,
    ) {
        self.is_unsaved = true;
        match self.spec.policy.history {
            History::All => {
                let record = self
                    .live
                    .last()
                    .map(|live| live.record(self, RunState::Running));
                self.write(record, Then::Launch { run, answer }, core);
                return;
            }
            History::Failures if now - self.saved_at >= SAVE_EVERY => {
                self.write(None, Then::Nothing, core)
            }
            History::Failures | History::None => {}
        }
        self.launch(run, core);
        if let Some(answer) = answer {
            self.answer(answer, false, core);
        }
    }

    fn note_missed(&mut self, slot: DateTime<Utc>, count: u64, core: &mut Core) {
        self.is_unsaved = true;
        self.tell(EventKind::Missed { slot, count }, core);
        let is_over = self.end_if_over(State::Finished, core);
        if self.spec.policy.history == History::None {
            if is_over {
                self.write(None, Then::Nothing, core);
            }
            return;
        }
        self.cursor.records += 1;
        let now = core.now();
        let note = RunRecord {
            task: self.id,
            number: self.cursor.records,
            life: self.cursor.life,
            slot_at: slot,
            attempt: 0,
            cause: Cause::Schedule,
            state: RunState::Skipped,
            missed: count,
            started_at: now,
            finished_at: Some(now),
            error: None,
        };
        self.write(Some(note), Then::Nothing, core);
    }

    /// The claim holds: calls the body as soon as there is room.
    pub(crate) fn launch(&mut self, run: u64, core: &mut Core) {
        let Some(live) = self.live.iter().find(|live| live.number == run) else {
            return;
        };
        if live.is_told_to_end {
            self.run_ended(run, &Outcome::Cancelled, Duration::ZERO, core);
        } else if self.is_starting() {
            self.early.push(run);
        } else if core.running < core.options.concurrency {
            self.call_body(run, core);
        } else {
            core.ready.push_back((self.id, run));
        }
    }

    fn call_body(&mut self, run: u64, core: &mut Core) {
        let Some(live) = self.live.iter_mut().find(|live| live.number == run) else {
            return;
        };
        let facts = Facts {
            task: self.handle.clone(),
            slot: live.claim.slot,
            attempt: live.claim.attempt,
            cause: live.claim.cause,
            missed: live.claim.missed,
            loop_index: self.cursor.loop_index,
            ended: None,
        };
        let (argument, cancel) = facts.into_run();
        let clock = core.timeline.clock().clone();
        let call = Call {
            clock: clock.clone(),
            presence: Presence::new(&core.lobby),
            cancel: cancel.clone(),
            timeout: self.spec.policy.timeout,
            grace: self.spec.policy.cancel_grace,
        };
        let presence = call.presence.clone();
        let began = clock.monotonic();
        let task = self.id;
        let report = Report::new(core.mailbox.clone(), move |outcome| {
            let duration = clock.monotonic().saturating_sub(began);
            Mail::RunEnded {
                task,
                run,
                outcome,
                duration,
            }
        });
        let body = self.spec.body.clone();
        let work = async move { report.send(call.body(|argument| body(argument), argument).await) };
        let abort = core.crew.call(work);
        live.call = Some(InProgress {
            cancel,
            presence,
            abort,
        });
        core.running += 1;
        let attempt = live.claim.attempt;
        let lateness = (core.now() - live.claim.slot).to_std().unwrap_or_default();
        self.tell(
            EventKind::Started {
                run,
                attempt,
                lateness,
            },
            core,
        );
    }

    /// The body is over, or never began.
    pub(crate) fn run_ended(
        &mut self,
        run: u64,
        outcome: &Outcome,
        duration: Duration,
        core: &mut Core,
    ) {
        let Some(index) = self.live.iter().position(|live| live.number == run) else {
            return;
        };
        let live = self.live.remove(index);
        if live.call.is_some() {
            core.running -= 1;
        }
        self.is_held = false;
        let state_before = self.cursor.state;
        let will_retry = self.conclude_run(&live, outcome, duration, core);
        let error = outcome.error().map(|error| Arc::from(format!("{error:#}")));
        let state = outcome.run_state();
        self.tell(
            EventKind::Finished {
                run,
                state,
                duration,
                error: error.clone(),
            },
            core,
        );
        if let (true, Some(at)) = (will_retry, self.cursor.wake_at) {
            self.tell(EventKind::Retried { run, at }, core);
        }
        let failure = outcome
            .error()
            .map(|error| self.run_failure(&live, error, will_retry));
        let is_recorded = match self.spec.policy.history {
            History::All => true,
            History::Failures => failure.is_some(),
            History::None => false,
        };
        let record = is_recorded.then(|| RunRecord {
            finished_at: Some(core.now()),
            error,
            ..live.record(self, state)
        });
        self.record_end(record, failure, self.cursor.state != state_before, core);
    }

    /// Moves the cursor by what happened; tells whether the slot is tried again.
    fn conclude_run(
        &mut self,
        live: &Live,
        outcome: &Outcome,
        duration: Duration,
        core: &Core,
    ) -> bool {
        self.cursor.last_duration_ms =
            Some(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
        self.is_unsaved = true;
        let counts = live.counts(&self.cursor);
        let is_ok = matches!(outcome, Outcome::Ok);
        if is_ok {
            self.cursor.last_ok_at = Some(core.now());
        }
        if let Some(error) = outcome.error() {
            self.cursor.last_error = Some(format!("{error:#}").into());
        }
        if !counts {
            return false;
        }
        if is_ok {
            self.count_success();
        } else if self.retries(live, outcome, core) {
            return true;
        } else if outcome.error().is_some() {
            self.count_failure(core);
        }
        self.end_if_over(
            if is_ok {
                State::Finished
            } else {
                State::Failed
            },
            core,
        );
        false
    }

    /// Ends a task whose last slot is over; tells whether it did.
    fn end_if_over(&mut self, state: State, core: &Core) -> bool {
        let is_over = self.live.is_empty() && self.cursor.is_over(&self.trigger);
        if is_over {
            self.cursor.end(state);
        }
        if is_over && state == State::Failed {
            let fails = self.cursor.fails;
            self.tell(EventKind::Failed { fails }, core);
        }
        is_over
    }

    fn count_success(&mut self) {
        self.cursor.fails = 0;
        self.cursor.loop_index += 1;
        let is_done = self
            .spec
            .policy
            .count
            .is_some_and(|count| self.cursor.loop_index >= count);
        if is_done && self.cursor.state == State::Active {
            self.cursor.end(State::Finished);
        }
    }

    fn count_failure(&mut self, core: &Core) {
        self.cursor.fails += 1;
        let fails = self.cursor.fails;
        let is_enough = self
            .spec
            .policy
            .max_fails
            .is_some_and(|max| fails >= u64::from(max));
        if is_enough && self.cursor.state == State::Active {
            self.cursor.end(State::Failed);
            self.tell(EventKind::Failed { fails }, core);
        }
    }

    fn retries(&mut self, live: &Live, outcome: &Outcome, core: &Core) -> bool {
        let policy = &self.spec.policy;
        let (is_worth_it, asked) = match outcome {
            Outcome::Error(error) => {
                let wanted = policy
                    .retry_if
                    .as_ref()
                    .is_some_and(|worth_it| worth_it(error));
                (
                    wanted || is_transient(error),
                    Transient::pause_asked_by(error),
                )
            }
            Outcome::Timeout(_) => (true, None),
            _ => (false, None),
        };
        let is_overtaken = live.number != self.newest_claim;
        if !is_worth_it || is_overtaken || live.claim.attempt >= policy.attempts {
            return false;
        }
        let pause = policy
            .backoff
            .pause(live.claim.attempt)
            .max(asked.unwrap_or_default());
        let pause = TimeDelta::from_std(pause).unwrap_or(TimeDelta::MAX);
        let at = core.now().checked_add_signed(pause);
        at.is_some_and(|at| self.cursor.retry(live.claim.slot, live.claim.attempt, at))
    }

    fn run_failure(
        &self,
        live: &Live,
        error: &Arc<anyhow::Error>,
        will_retry: bool,
    ) -> Box<Failure> {
        Box::new(Failure {
            task: self.handle.clone(),
            stage: Stage::Body,
            error: error.clone(),
            attempt: live.claim.attempt,
            slot: live.claim.slot,
            will_retry,
        })
    }

    fn record_end(
        &mut self,
        record: Option<RunRecord>,
        failure: Option<Box<Failure>>,
        is_moved: bool,
        core: &mut Core,
    ) {
        self.unsettled += 1;
        if record.is_some() || is_moved {
            self.write(record, Then::Settle { failure }, core);
        } else {
            self.settle(failure, core);
        }
    }

    /// The end of a run, or a failed `before`, is in the store.
    pub(crate) fn settle(&mut self, failure: Option<Box<Failure>>, core: &mut Core) {
        self.unsettled -= 1;
        if let Some(failure) = failure {
            self.call_error_hook(*failure, core);
        }
    }

    /// Tells every run to end. Those that wait for room or for their claim never begin.
    pub(crate) fn cancel_runs(&mut self, core: &mut Core) {
        for live in &mut self.live {
            live.is_told_to_end = true;
            if let Some(call) = &live.call {
                call.cancel.cancel();
            }
        }
        let (mine, others): (VecDeque<_>, _) =
            core.ready.drain(..).partition(|(task, _)| *task == self.id);
        core.ready = others;
        for (_, run) in mine {
            self.run_ended(run, &Outcome::Cancelled, Duration::ZERO, core);
        }
        self.dismiss_early(core);
    }

    /// The life has opened: calls the bodies that waited for that.
    pub(super) fn launch_early(&mut self, core: &mut Core) {
        for run in std::mem::take(&mut self.early) {
            self.launch(run, core);
        }
    }

    /// The life will not open: the bodies that waited for that are not called.
    pub(super) fn dismiss_early(&mut self, core: &mut Core) {
        for run in std::mem::take(&mut self.early) {
            self.run_ended(run, &Outcome::Cancelled, Duration::ZERO, core);
        }
    }
}

impl Live {
    /// Whether its end moves the life that `cursor` is in.
    fn counts(&self, cursor: &Cursor) -> bool {
        self.life == cursor.life && self.claim.cause != Cause::Manual
    }

    fn record(&self, entry: &Entry, state: RunState) -> RunRecord {
        RunRecord {
            task: entry.id,
            number: self.number,
            life: self.life,
            slot_at: self.claim.slot,
            attempt: self.claim.attempt,
            cause: self.claim.cause,
            state,
            missed: self.claim.missed,
            started_at: self.claimed_at,
            finished_at: None,
            error: None,
        }
    }
}
