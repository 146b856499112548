//! Runs: claimed, recorded, launched, told to end.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Entry, InProgress, Live};
use crate::{
    call::{Call, Ended, Report},
    core::{Core, Then},
    cursor::Claim,
    event::EventKind,
    mail::{Answer, Mail},
    outcome::{Cause, Outcome},
    policy::History,
    presence::Presence,
    run::Facts,
    store::RunState,
};

/// How often the position of a task that records only failures is written at most.
const SAVE_EVERY: TimeDelta = TimeDelta::seconds(1);
impl Entry {
    pub(super) fn claim(&mut self, claim: Claim, answer: Option<Answer>, core: &mut Core) {
        let now = core.now();
        self.cursor.records += 1;
        self.cursor.runs_total += 1;
        self.cursor.last_run_at = Some(now);
        let run = self.cursor.records;
        if claim.cause.is_scheduled() {
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

    /// The claim holds: calls the body as soon as there is room.
    pub(crate) fn launch(&mut self, run: u64, core: &mut Core) {
        let Some(live) = self.live.iter().find(|live| live.number == run) else {
            return;
        };
        if live.is_told_to_end {
            self.run_ended(run, &Ended::early(Outcome::Cancelled), Duration::ZERO, core);
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
            payload: self.cursor.payload.clone(),
            checkpoint: self.cursor.checkpoint.clone(),
        };
        let (argument, cancel) = facts.into_run();
        let clock = core.timeline.clock().clone();
        let call = Call {
            clock: clock.clone(),
            presence: Presence::new(&core.lobby),
            cancel: cancel.clone(),
            timeout: self.spec.policy.timeout,
            grace: self.spec.policy.cancel_grace,
            pool: core.options.pool.clone(),
        };
        let presence = call.presence.clone();
        let began = clock.monotonic();
        let task = self.id;
        let report = Report::new(core.mailbox.clone(), move |ended| {
            let duration = clock.monotonic().saturating_sub(began);
            Mail::RunEnded {
                task,
                run,
                ended,
                duration,
            }
        });
        let code = self.spec.code.clone();
        let work = async move { report.send(call.run(code, argument).await) };
        let abort = core.crew.call(work);
        live.call = Some(InProgress {
            cancel,
            presence,
            abort,
            is_stall_told: false,
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

    /// Tells every run to end. Those that wait for room or for their claim never begin.
    pub(crate) fn cancel_runs(&mut self, core: &mut Core) {
        for live in &mut self.live {
            live.is_told_to_end = true;
            if let Some(call) = &live.call {
                call.cancel();
            }
        }
        self.dismiss_ready(|_| true, core);
        self.dismiss_early(core);
    }

    /// The life ends: what the schedule or a backfill has claimed does not begin any more.
    pub(super) fn dismiss_claimed(&mut self, core: &mut Core) {
        self.dismiss_ready(|cause| cause != Cause::Manual, core);
    }

    /// Bodies that wait for room are not called.
    fn dismiss_ready(&mut self, is_meant: impl Fn(Cause) -> bool, core: &mut Core) {
        let waiting = self.live.iter().filter(|live| live.call.is_none());
        let waiting = waiting.filter(|live| is_meant(live.claim.cause));
        let waiting: Vec<_> = waiting.map(|live| (self.id, live.number)).collect();
        for run in waiting {
            if let Some(place) = core.ready.iter().position(|ready| *ready == run) {
                core.ready.remove(place);
                let ended = Ended::early(Outcome::Cancelled);
                self.run_ended(run.1, &ended, Duration::ZERO, core);
            }
        }
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
            self.run_ended(run, &Ended::early(Outcome::Cancelled), Duration::ZERO, core);
        }
    }
}
