//! How runs end, and what follows: another attempt, a count, the end of the task.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use super::{Entry, Live};
use crate::{
    call::Ended,
    core::{Core, Then, Told},
    cursor::State,
    decision::Verdict,
    error_text::error_text,
    event::EventKind,
    instant::delta,
    outcome::{Failure, Outcome, Stage, panic_text},
    plan::Plan,
    policy::History,
    store::RunRecord,
    transient::{Transient, is_transient},
};

impl Entry {
    /// The body is over, or never began.
    pub(crate) fn run_ended(
        &mut self,
        run: u64,
        ended: &Ended,
        duration: Duration,
        core: &mut Core,
    ) {
        let outcome = &ended.run;
        let Some(index) = self.live.iter().position(|live| live.number == run) else {
            return;
        };
        let live = self.live.remove(index);
        if live.call.is_some() {
            core.running -= 1;
        }
        let error = outcome.error().map(|error| error_text(error));
        self.ending = Some(RunRecord {
            finished_at: Some(core.now()),
            error: error.clone(),
            ..live.record(self, outcome.run_state())
        });
        self.is_held = false;
        let state_before = self.cursor.state;
        let will_retry = self.conclude_run(&live, outcome, duration, core);
        self.tell(
            EventKind::Finished {
                run,
                state: outcome.run_state(),
                duration,
                error,
            },
            core,
        );
        if let (true, Some(at)) = (will_retry, self.cursor.wake_at) {
            self.tell(EventKind::Retried { run, at }, core);
        }
        let failure = outcome.error().map(|error| {
            (
                self.run_failure(&live, error, will_retry),
                Some(live.failed()),
            )
        });
        let is_recorded = match self.spec.policy.history {
            History::All => true,
            History::Failures => failure.is_some(),
            History::None => false,
        };
        let record = self.ending.take().filter(|_| is_recorded);
        self.record_end(record, failure, self.cursor.state != state_before, core);
        if let Some(error) = ended.after.error() {
            self.after_each_failed(error, core);
        }
    }

    fn after_each_failed(&mut self, error: &Arc<anyhow::Error>, core: &mut Core) {
        let stage = Stage::AfterEach;
        let text = error_text(error);
        self.tell(EventKind::HookFailed { stage, error: text }, core);
        let failure = self.hook_failure(stage, error, core);
        self.call_error_hook(failure, None, core);
    }

    /// Moves the cursor by what happened; tells whether the slot is tried again.
    fn conclude_run(
        &mut self,
        live: &Live,
        outcome: &Outcome,
        duration: Duration,
        core: &Core,
    ) -> bool {
        self.note_duration(live.number, duration, core);
        self.cursor.last_duration_ms =
            Some(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
        self.is_unsaved = true;
        let counts = live.counts(&self.cursor);
        let is_ok = matches!(outcome, Outcome::Ok);
        if is_ok {
            self.note_success(core);
        }
        if let Some(error) = self.ending.as_ref().and_then(|run| run.error.clone()) {
            self.cursor.last_error = Some(error);
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
    pub(super) fn end_if_over(&mut self, state: State, core: &Core) -> bool {
        let may_count = self.live.iter().any(|live| live.counts(&self.cursor));
        let is_calm = !may_count && self.cut_off.is_empty();
        let is_over = is_calm && self.cursor.is_over(&self.trigger);
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

    /// The slot that was to be tried again has failed.
    pub(super) fn give_up_retry(&mut self, core: &Core) {
        self.cursor
            .give_up_retry(Plan::new(&self.trigger, &self.spec));
        self.is_unsaved = true;
        self.count_failure(core);
    }

    pub(super) fn count_failure(&mut self, core: &Core) {
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
        } else {
            self.note_failure(core);
        }
    }

    fn retries(&mut self, live: &Live, outcome: &Outcome, core: &Core) -> bool {
        let policy = &self.spec.policy;
        let (is_worth_it, asked) = match outcome {
            Outcome::Error(error) => self.is_worth_it(error),
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
        let at = core.now().checked_add_signed(delta(pause));
        at.is_some_and(|at| self.cursor.retry(live.claim.slot, live.claim.attempt, at))
    }

    /// Whether the error may pass, and after which pause at least. `retry_if` is user code, and so is
    /// what errors say about themselves: when they panic there is no other attempt.
    fn is_worth_it(&self, error: &anyhow::Error) -> (bool, Option<Duration>) {
        let retry_if = self.spec.policy.retry_if.as_ref();
        let asked = catch_unwind(AssertUnwindSafe(|| {
            let is_wanted = retry_if.is_some_and(|worth_it| worth_it(error));
            let pause = Transient::pause_asked_by(error);
            (is_wanted || is_transient(error), pause)
        }));
        asked.unwrap_or_else(|panic| {
            let (name, panic) = (&self.spec.name, panic_text(&*panic));
            tracing::error!(task.name = %name, panic, "retry_if of {name} panicked");
            (false, None)
        })
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
            verdict: Verdict::default(),
        })
    }

    fn record_end(
        &mut self,
        record: Option<RunRecord>,
        failure: Option<Told>,
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
    pub(crate) fn settle(&mut self, failure: Option<Told>, core: &mut Core) {
        self.unsettled = self.unsettled.saturating_sub(1);
        if let Some((failure, failed)) = failure {
            self.call_error_hook(*failure, failed, core);
        }
    }
}
