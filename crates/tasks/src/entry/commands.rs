//! What handles ask of a task.

use std::sync::Arc;

use super::Entry;
use crate::{
    core::{Core, Then},
    cursor::{Backfill, State},
    error::Error,
    event::EventKind,
    instant,
    mail::{Answer, Command, Reply, Span},
    outcome::EndReason,
    plan::Plan,
    trigger::Trigger,
};

/// The most past slots of one request.
const MOST_BACKFILLED: u32 = 10_000;

impl Entry {
    /// Does what a handle asks for; the answer follows when it is in the store.
    pub(crate) fn command(
        &mut self,
        command: Command,
        by: Option<Arc<str>>,
        reply: Reply,
        core: &mut Core,
    ) {
        let changed_from = self.cursor.state;
        let answer = Answer {
            reply,
            changed_from,
        };
        if let Err(error) = self.refuses(&command, core) {
            // Whoever gave up waiting needs no answer.
            let _ = answer.reply.send(Err(error));
            return;
        }
        if matches!(command, Command::TriggerNow) {
            return self.run_now(answer, core);
        }
        if let Command::Save(checkpoint) = command {
            self.cursor.checkpoint = checkpoint;
            let is_cancel = false;
            return self.write(None, Then::Answer { answer, is_cancel }, core);
        }
        let is_cancel = matches!(command, Command::Cancel);
        if !self.obey(command, core) {
            return self.answer(answer, is_cancel, core);
        }
        self.tell_change(changed_from, by, core);
        self.write(None, Then::Answer { answer, is_cancel }, core);
    }

    /// The state or the trigger was changed by request.
    pub(super) fn tell_change(&mut self, from: State, by: Option<Arc<str>>, core: &Core) {
        self.cursor.updated_by = by.clone();
        let (to, trigger) = (self.cursor.state, self.trigger.clone());
        let changed = EventKind::Changed {
            from,
            to,
            trigger,
            by,
        };
        self.tell(changed, core);
    }

    /// What the command asked for is in the store: now it shows.
    pub(crate) fn answer(&mut self, answer: Answer, is_cancel: bool, core: &mut Core) {
        if is_cancel {
            self.cancel_runs(core);
        }
        self.reconcile(core);
        self.publish();
        let mut status = self.snapshot();
        status.changed_from = Some(answer.changed_from);
        // Whoever gave up waiting needs no answer.
        let _ = answer.reply.send(Ok(status));
    }

    fn refuses(&mut self, command: &Command, core: &mut Core) -> Result<(), Error> {
        let task = self.spec.name.clone();
        if let (Command::TriggerNow, Some(gate)) = (command, self.closed_gate()) {
            let gate = gate.name().clone();
            return Err(Error::Held { task, gate });
        }
        match command {
            // A body that was told to end may still put down how far it got.
            Command::Save(_) if !self.is_quiet() => Ok(()),
            _ if self.is_leaving => Err(Error::Unregistered { task }),
            _ if core.closing => Err(Error::ShutDown),
            Command::TriggerNow | Command::Cancel if self.spec.is_adopted => {
                Err(Error::NoCode { task })
            }
            Command::Start if self.cursor.state == State::Active => {
                Err(Error::AlreadyRunning { task })
            }
            Command::TriggerNow if !core.started => Err(Error::NotStarted { task }),
            Command::TriggerNow if !self.admits_by_hand() => {
                self.skip(core.now(), 1, core);
                Err(Error::Overlapped { task })
            }
            Command::Backfill { span, max } => self.refuses_backfill(*span, *max, core),
            _ => Ok(()),
        }
    }

    fn refuses_backfill(&self, span: Span, max: u32, core: &Core) -> Result<(), Error> {
        instant::check("the beginning of a backfill", span.from)?;
        instant::check("the end of a backfill", span.to)?;
        let expected = if span.from > span.to || span.to > core.now() {
            "a span of the past, its beginning first"
        } else if !(1..=MOST_BACKFILLED).contains(&max) {
            "at most 1 to 10,000 slots"
        } else if self.backfill(span, max).is_none() {
            "a span with a slot of the task's trigger"
        } else {
            return Ok(());
        };
        Err(Error::BadBackfill {
            task: self.spec.name.clone(),
            from: span.from,
            to: span.to,
            max,
            expected,
        })
    }

    /// The slots of the span, from the first.
    fn backfill(&self, span: Span, max: u32) -> Option<Backfill> {
        let plan = Plan::new(&self.trigger, &self.spec);
        let grid = self.cursor.anchor_at.or(self.cursor.next_at);
        let at = plan.at_or_after(grid, instant::ceil(span.from))?;
        (at <= span.to).then_some(Backfill {
            at,
            until: instant::floor(span.to),
            left: max,
        })
    }

    /// Moves the cursor; `false` when there is nothing to change.
    fn obey(&mut self, command: Command, core: &Core) -> bool {
        let is_active = self.cursor.state == State::Active;
        match command {
            Command::Start => self.begin_anew(core),
            Command::EnsureStarted if is_active => return false,
            Command::EnsureStarted => self.begin_anew(core),
            Command::Restart => {
                self.ask(EndReason::Restarted);
                self.begin_anew(core);
            }
            Command::Stop if is_active => self.end(EndReason::Stopped, core),
            Command::Stop => return self.cursor.backfill.take().is_some(),
            Command::Cancel if is_active => self.end(EndReason::Cancelled, core),
            Command::Cancel => {
                self.ask(EndReason::Cancelled);
                return self.cursor.backfill.take().is_some();
            }
            Command::Backfill { span, max } => self.cursor.backfill = self.backfill(span, max),
            Command::Change(trigger) => self.change(Some(trigger), core),
            Command::Reset if self.cursor.override_trigger.is_none() => return false,
            Command::Reset => self.change(None, core),
            Command::TriggerNow | Command::Save(_) => return false,
        }
        true
    }

    fn begin_anew(&mut self, core: &Core) {
        self.forget_waiting(core);
        if self.spec.is_adopted {
            return self.cursor.start_later(&self.trigger);
        }
        let plan = Plan::new(&self.trigger, &self.spec);
        self.cursor.start(plan, core.now());
    }

    pub(super) fn end(&mut self, reason: EndReason, core: &Core) {
        self.forget_waiting(core);
        self.ask(reason);
        self.cursor.end(State::Stopped);
    }

    pub(super) fn forget_waiting(&mut self, core: &Core) {
        self.give_up_amends(core);
        self.catch_up = None;
        self.is_held = false;
        self.is_queued = false;
        self.is_excused = false;
        self.by_hand = 0;
    }

    /// Notes why the life in progress is to end. The last command stands, but none undoes a cancel.
    fn ask(&mut self, reason: EndReason) {
        let Some(life) = &mut self.life else { return };
        if life.asked != Some(EndReason::Cancelled) {
            life.asked = Some(reason);
            life.reason = life.reason.and(Some(reason));
        }
    }

    fn change(&mut self, chosen: Option<Trigger>, core: &Core) {
        self.cursor.override_trigger = chosen.as_ref().map(|trigger| trigger.to_string().into());
        let trigger = chosen.unwrap_or_else(|| self.spec.trigger.clone());
        let before = std::mem::replace(&mut self.trigger, trigger);
        self.catch_up = None;
        let plan = Plan::new(&self.trigger, &self.spec);
        match self.spec.is_adopted {
            true => self.cursor.re_aim_later(&before, plan, core.now()),
            false => self.cursor.re_aim(&before, plan, core.now()),
        }
    }
}
