//! What becomes of a task when a step of it panics: the task has failed, and others go on.
//!
//! The dispatcher calls no user code, but it drops what users made, and nobody writes no bugs. What the
//! step left half done is put in order: no user code goes on, no run stays open, the state is durable.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::{Entry, LifeStage, Live};
use crate::{
    core::{Core, Then},
    cursor::State,
    error_text::error_text,
    event::EventKind,
    outcome::{EndReason, Stage, panic_text},
    policy::History,
    store::{RunRecord, RunState},
};

impl Entry {
    /// Takes a step. When it panics the task has failed, whatever it was about to do.
    pub(crate) fn attempt(&mut self, core: &mut Core, step: impl FnOnce(&mut Self, &mut Core)) {
        let Err(panic) = catch_unwind(AssertUnwindSafe(|| step(self, core))) else {
            return;
        };
        self.break_down(&*panic, core);
        let after = catch_unwind(AssertUnwindSafe(|| self.reconcile(core)));
        if after.is_err() {
            self.abort();
            self.hooks.clear();
            self.life = None;
        }
    }

    fn break_down(&mut self, panic: &(dyn Any + Send), core: &mut Core) {
        let error = anyhow::anyhow!("the engine panicked: {}", panic_text(panic));
        let (name, scope) = (&self.spec.name, &self.spec.scope);
        tracing::error!(task.name = %name, task.scope = %scope, %error, "{name} broke down");
        let open = self.abandon_calls(core);
        self.forget_waiting(core);
        self.disarm(core);
        self.end_life(core);
        self.cursor.last_error = Some(error_text(&error));
        if self.cursor.state == State::Active {
            self.cursor.end(State::Failed);
            let fails = self.cursor.fails;
            self.tell(EventKind::Failed { fails }, core);
        }
        for run in open {
            self.write(Some(run), Then::Nothing, core);
        }
        let failure = self.hook_failure(Stage::Engine, &Arc::new(error), core);
        let failure = Some((Box::new(failure), None));
        self.unsettled += 1;
        self.write(None, Then::Settle { failure }, core);
        self.touch(core);
    }

    /// Ends all user code, and tells the records of runs that have thereby ended.
    fn abandon_calls(&mut self, core: &mut Core) -> Vec<RunRecord> {
        self.abort();
        self.hooks.clear();
        self.early.clear();
        core.ready.retain(|(task, _)| *task != self.id);
        let live = std::mem::take(&mut self.live);
        let called = live.iter().filter(|live| live.call.is_some()).count();
        core.running = core.running.saturating_sub(called);
        let open = live
            .iter()
            .map(|live: &Live| live.record(self, RunState::Panic));
        let mut open: Vec<_> = open.collect();
        open.extend(self.ending.take());
        if self.spec.policy.history == History::None {
            open.clear();
        }
        for run in &mut open {
            run.state = RunState::Panic;
            run.finished_at = Some(core.now());
            run.error = Some("the engine panicked over the run".into());
        }
        open
    }

    fn disarm(&mut self, core: &mut Core) {
        if let Some(at) = self.armed.take() {
            core.timers.remove(&(at, self.id));
        }
    }

    /// The life ends with its `after` hook, unless that was what went wrong.
    fn end_life(&mut self, core: &Core) {
        let reason = EndReason::Failed;
        match &mut self.life {
            Some(life) if life.stage == LifeStage::After => {
                self.life = None;
                self.tell(EventKind::Ended { reason }, core);
            }
            Some(life) => {
                life.stage = LifeStage::Ending;
                life.reason = Some(reason);
            }
            None => {}
        }
    }
}
