//! Lives: from `before` to `after`.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{Entry, Hook, InProgress, Life, LifeStage, live::Failed};
use crate::{
    call::{Call, Report},
    core::{Core, Then},
    cursor::State,
    decision::Verdict,
    error_text::error_text,
    event::EventKind,
    mail::Mail,
    outcome::{Cause, EndReason, Failure, Outcome, Stage},
    plan::Plan,
    presence::Presence,
    run::Facts,
    spec::Body,
};

impl Entry {
    /// Makes the life follow the cursor, as far as that is possible now.
    pub(crate) fn reconcile(&mut self, core: &mut Core) {
        self.claim_by_hand(core);
        self.pass_idle_slots(core);
        while self.step(core) || self.make_amends(core) {}
        self.arm(core);
        self.arm_alarm(core);
        self.touch(core);
    }

    /// One step of the life; `false` when the next must wait for something.
    fn step(&mut self, core: &mut Core) -> bool {
        let reason = self.why_end(core);
        let is_calm = self.live.is_empty() && self.hooks.is_empty() && self.unsettled == 0;
        let Some(life) = &mut self.life else {
            return self.may_live(core) && self.begin(core);
        };
        match (life.stage, reason) {
            (LifeStage::Starting, Some(reason)) if is_abrupt(reason) => {
                self.cancel_hooks(Stage::Before);
                false
            }
            (LifeStage::Open, Some(reason)) => {
                life.stage = LifeStage::Ending;
                life.reason = Some(reason);
                if is_abrupt(reason) {
                    self.cancel_runs(core);
                } else if reason != EndReason::Shutdown {
                    self.dismiss_claimed(core);
                }
                true
            }
            (LifeStage::Ending, _) if is_calm => self.call_after(core),
            _ => false,
        }
    }

    fn may_live(&self, core: &Core) -> bool {
        let has_code = !self.spec.is_adopted;
        let is_wanted = self.cursor.state == State::Active && !self.is_leaving && has_code;
        is_wanted && core.started && !core.closing && self.closed_gate().is_none()
    }

    fn why_end(&self, core: &Core) -> Option<EndReason> {
        let life = self.life.as_ref()?;
        let asked = life.asked;
        let asked = asked.or_else(|| self.is_leaving.then_some(EndReason::Unloaded));
        let asked = asked.or_else(|| core.closing.then_some(EndReason::Shutdown));
        asked.or(match self.cursor.state {
            State::Active if life.number == self.cursor.life => None,
            State::Active => Some(EndReason::Restarted),
            State::Stopped => Some(EndReason::Stopped),
            State::Failed => Some(EndReason::Failed),
            State::Finished => Some(EndReason::Finished),
        })
    }

    fn begin(&mut self, core: &mut Core) -> bool {
        self.life = Some(Life {
            number: self.cursor.life,
            stage: LifeStage::Starting,
            before_ok: false,
            asked: None,
            reason: None,
        });
        self.tell(EventKind::Began, core);
        match self.spec.before.clone() {
            None => self.open(core),
            Some(hook) => self.call_hook(Stage::Before, &hook, None, core),
        }
        true
    }

    fn open(&mut self, core: &mut Core) {
        if let Some(life) = &mut self.life {
            life.before_ok = true;
            life.stage = LifeStage::Open;
        }
        let plan = Plan::new(&self.trigger, &self.spec);
        self.cursor.open(plan, core.now());
        self.begin_vigil(core);
        self.launch_early(core);
    }

    /// Whether the `before` hook is running.
    pub(super) fn is_starting(&self) -> bool {
        let life = self.life.as_ref();
        life.is_some_and(|life| life.stage == LifeStage::Starting)
    }

    /// The last run is over: calls `after` if `before` had succeeded, else the life is over.
    fn call_after(&mut self, core: &mut Core) -> bool {
        let Some(life) = &mut self.life else {
            return false;
        };
        match self.spec.after.clone().filter(|_| life.before_ok) {
            None => self.conclude(core),
            Some(hook) => {
                life.stage = LifeStage::After;
                let reason = life.reason;
                self.call_hook(Stage::After, &hook, reason, core);
            }
        }
        true
    }

    fn conclude(&mut self, core: &mut Core) {
        self.dismiss_early(core);
        let reason = self.why_end(core);
        if let Some(life) = self.life.take() {
            let reason = life.reason.or(reason).unwrap_or(EndReason::Stopped);
            self.tell(EventKind::Ended { reason }, core);
        }
    }

    /// A hook is over.
    pub(crate) fn hook_ended(
        &mut self,
        hook: u64,
        stage: Stage,
        outcome: &Outcome,
        core: &mut Core,
    ) {
        let Some(index) = self.hooks.iter().position(|other| other.number == hook) else {
            return;
        };
        let decides = self.hooks.swap_remove(index).decides;
        if let Some(error) = outcome.error() {
            let error = error_text(error);
            self.tell(EventKind::HookFailed { stage, error }, core);
        }
        match stage {
            Stage::Before => self.before_ended(outcome, core),
            Stage::After => self.after_ended(outcome, core),
            Stage::Body | Stage::AfterEach | Stage::Error | Stage::Engine => {}
        }
        if let Some((verdict, failed)) = decides {
            self.decide(verdict.get(), failed, core);
        }
    }

    fn before_ended(&mut self, outcome: &Outcome, core: &mut Core) {
        match outcome {
            Outcome::Ok => self.open(core),
            Outcome::Cancelled => self.conclude(core),
            Outcome::Error(error) | Outcome::Panic(error) | Outcome::Timeout(error) => {
                self.before_failed(error, core);
            }
        }
    }

    fn before_failed(&mut self, error: &Arc<anyhow::Error>, core: &mut Core) {
        self.dismiss_early(core);
        let is_current = self
            .life
            .as_ref()
            .is_some_and(|life| life.number == self.cursor.life);
        if is_current && self.cursor.state == State::Active {
            self.cursor.end(State::Failed);
            self.write_off(core);
            self.tell(
                EventKind::Failed {
                    fails: self.cursor.fails,
                },
                core,
            );
        }
        self.cursor.last_error = Some(error_text(error));
        let reason = self.why_end(core);
        if let Some(life) = &mut self.life {
            life.stage = LifeStage::Ending;
            life.reason = reason;
        }
        let failure = Box::new(self.hook_failure(Stage::Before, error, core));
        self.unsettled += 1;
        self.write(
            None,
            Then::Settle {
                failure: Some((failure, None)),
            },
            core,
        );
    }

    fn after_ended(&mut self, outcome: &Outcome, core: &mut Core) {
        self.conclude(core);
        if let Some(error) = outcome.error() {
            let failure = self.hook_failure(Stage::After, error, core);
            self.call_error_hook(failure, None, core);
        }
    }

    pub(super) fn hook_failure(
        &self,
        stage: Stage,
        error: &Arc<anyhow::Error>,
        core: &Core,
    ) -> Failure {
        Failure {
            task: self.handle.clone(),
            stage,
            error: error.clone(),
            attempt: 0,
            slot: core.now(),
            will_retry: false,
            verdict: Verdict::default(),
        }
    }

    fn call_hook(&mut self, stage: Stage, hook: &Body, ended: Option<EndReason>, core: &mut Core) {
        let facts = Facts {
            task: self.handle.clone(),
            slot: core.now(),
            attempt: 0,
            cause: Cause::Hook,
            missed: 0,
            loop_index: self.cursor.loop_index,
            ended,
            payload: self.cursor.payload.clone(),
            checkpoint: self.cursor.checkpoint.clone(),
        };
        let (run, _) = facts.into_run();
        let hook = hook.clone();
        self.spawn_hook(stage, move || hook(run), core);
    }

    /// Tells the error hook; what it decides is about the run `failed`, if any.
    pub(super) fn call_error_hook(
        &mut self,
        failure: Failure,
        failed: Option<Failed>,
        core: &mut Core,
    ) {
        if let Some(hook) = self.spec.on_error.clone() {
            let verdict = failure.verdict.clone();
            self.spawn_hook(Stage::Error, move || hook(failure), core);
            if let (Some(hook), Some(failed)) = (self.hooks.last_mut(), failed) {
                hook.decides = Some((verdict, failed));
            }
        }
    }

    fn spawn_hook<F>(&mut self, stage: Stage, hook: F, core: &mut Core)
    where
        F: FnOnce() -> BoxFuture<'static, anyhow::Result<()>> + Send + 'static,
    {
        let number = core.hook_number();
        let call = Call {
            clock: core.timeline.clock().clone(),
            presence: Presence::new(&core.lobby),
            cancel: tokio_util::sync::CancellationToken::new(),
            timeout: None,
            grace: std::time::Duration::ZERO,
            pool: core.options.pool.clone(),
        };
        let (cancel, presence) = (call.cancel.clone(), call.presence.clone());
        let task = self.id;
        let letter = move |outcome| Mail::HookEnded {
            task,
            hook: number,
            stage,
            outcome,
        };
        let report = Report::new(core.mailbox.clone(), letter);
        let work = async move { report.send(call.hook(hook).await) };
        let abort = core.crew.call(work);
        let call = InProgress {
            cancel,
            presence,
            abort,
            is_stall_told: false,
        };
        self.hooks.push(Hook {
            number,
            stage,
            call,
            decides: None,
        });
    }

    /// Ends the hooks of `stage` at their current await.
    pub(crate) fn cancel_hooks(&mut self, stage: Stage) {
        for hook in self.hooks.iter().filter(|hook| hook.stage == stage) {
            hook.call.cancel();
        }
    }
}

/// Whether a life that ends for this reason does not wait for its run.
fn is_abrupt(reason: EndReason) -> bool {
    matches!(reason, EndReason::Cancelled | EndReason::Unloaded)
}
