//! Keeps vigil over a task that should have succeeded by now, that takes its whole interval, or that keeps
//! failing: each is told once, when it begins.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Entry;
use crate::{core::Core, event::EventKind, instant::delta};

/// So many failures in a row are worth a word even when the task does not give up.
const MANY: u64 = 5;

#[derive(Default)]
pub(super) struct Vigil {
    /// A success is waited for from here on; moves with the wall hand when that is set.
    from: Option<DateTime<Utc>>,
    alarm: Option<DateTime<Utc>>,
    is_overdue: bool,
    is_held: bool,
    is_slow: bool,
    is_failing: bool,
}

impl Vigil {
    pub(super) fn is_overdue(&self) -> bool {
        self.is_overdue
    }
}

impl Entry {
    /// The life has opened. One that goes on after a restart of the process has been waiting since its
    /// last success, so that a process that crashes again and again is noticed.
    pub(super) fn begin_vigil(&mut self, core: &Core) {
        let goes_on = self.cursor.life == self.first_life;
        let last_ok = self.cursor.last_ok_at.filter(|_| goes_on);
        self.vigil.from = Some(last_ok.map_or(core.now(), |at| at.min(core.now())));
        self.vigil.is_overdue = false;
    }

    /// Whether a success is waited for.
    pub(crate) fn is_watched(&self) -> bool {
        self.vigil.alarm.is_some()
    }

    /// Sets the alarm for the moment at which a success is overdue.
    pub(super) fn arm_alarm(&mut self, core: &mut Core) {
        let Some(within) = self.spec.policy.expect_within else {
            return;
        };
        let is_held = self.closed_gate().or_else(|| self.idle_gate()).is_some();
        if std::mem::replace(&mut self.vigil.is_held, is_held) && !is_held {
            self.vigil.from = Some(core.now());
        }
        let is_watched = self.is_open() && !is_held && !self.is_leaving && !core.closing;
        self.vigil.is_overdue &= is_watched;
        let alarm = self.deadline(within);
        let alarm = alarm.filter(|_| is_watched && !self.vigil.is_overdue);
        core.set_alarm(self.id, self.vigil.alarm, alarm);
        self.vigil.alarm = alarm;
    }

    /// Tells of a success that is overdue.
    pub(crate) fn look_for_success(&mut self, core: &mut Core) {
        let Some(within) = self.spec.policy.expect_within else {
            return;
        };
        let is_late = self.vigil.alarm.is_some_and(|alarm| alarm <= core.now());
        if is_late {
            self.vigil.is_overdue = true;
            let last_ok_at = self.cursor.last_ok_at;
            self.tell(EventKind::Overdue { within, last_ok_at }, core);
        }
    }

    /// A run has succeeded.
    pub(super) fn note_success(&mut self, core: &Core) {
        if std::mem::take(&mut self.vigil.is_overdue) {
            let last_ok_at = self.cursor.last_ok_at;
            self.tell(EventKind::Recovered { last_ok_at }, core);
        }
        self.cursor.last_ok_at = Some(core.now());
        self.vigil.from = Some(core.now());
    }

    /// A run took so long; tells when runs begin to fill their interval.
    pub(super) fn note_duration(&mut self, run: u64, duration: Duration, core: &Core) {
        let Some(interval) = self.trigger.interval() else {
            return;
        };
        let is_slow = duration >= interval.mul_f64(0.8);
        if is_slow && !self.vigil.is_slow {
            let slow = EventKind::Slow {
                run,
                duration,
                interval,
            };
            self.tell(slow, core);
        }
        self.vigil.is_slow = is_slow;
    }

    /// One more slot has failed.
    pub(super) fn note_failure(&mut self, core: &Core) {
        let fails = self.cursor.fails;
        let was_failing = std::mem::replace(&mut self.vigil.is_failing, fails >= MANY);
        if fails == MANY && !was_failing {
            self.tell(EventKind::Failing { fails }, core);
        }
    }

    /// The wall hand was set; what was waited is counted on.
    pub(super) fn shift_vigil(&mut self, by: TimeDelta) {
        let from = self.vigil.from;
        self.vigil.from = from.and_then(|from| from.checked_add_signed(by));
    }

    /// Tells of code that does not give its thread back.
    pub(crate) fn look_for_stalls(&mut self, core: &Core) {
        let calls = self.live.iter_mut().filter_map(|live| {
            let call = live.call.as_mut()?;
            Some((live.number, call))
        });
        let stalled: Vec<_> = calls
            .filter_map(|(run, call)| call.newly_stalled().map(|since| (run, since)))
            .collect();
        for (run, blocked) in stalled {
            self.tell(EventKind::Stalled { run, blocked }, core);
        }
    }

    fn deadline(&self, within: Duration) -> Option<DateTime<Utc>> {
        self.vigil.from?.checked_add_signed(delta(within))
    }
}
