//! What the durable state must be: a few rules, against which the engine is held.

use cogsmith_tasks::{Cursor, State, every};

use super::{
    disk::Disk,
    steps::{Command, Plan},
};
use crate::stage::ms;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Model {
    pub(crate) state: State,
    pub(crate) life: u64,
    /// The interval that was chosen, in milliseconds.
    pub(crate) chosen: Option<u64>,
}

impl Model {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Active,
            life: 1,
            chosen: None,
        }
    }

    /// What is asked for is so, at once.
    pub(crate) fn obey(&mut self, command: Command) {
        let is_active = self.state == State::Active;
        match command {
            Command::Start | Command::EnsureStarted if is_active => {}
            Command::Start | Command::EnsureStarted | Command::Restart => {
                self.state = State::Active;
                self.life += 1;
            }
            Command::Stop | Command::Cancel if is_active => self.state = State::Stopped,
            Command::Change(interval) => self.chosen = Some(interval),
            Command::Reset => self.chosen = None,
            Command::Stop | Command::Cancel | Command::Trigger | Command::Backfill(_) => {}
        }
    }

    /// What runs and hooks do to an active task.
    pub(crate) fn follow(&mut self, disk: &Disk, plan: &Plan, has_before_failed: bool) {
        if self.state != State::Active || disk.cursor.life != self.life {
            return;
        }
        let (loops, _) = disk.tally(plan.redo);
        let fails = disk.cursor.fails;
        if plan.count.is_some_and(|count| loops >= count) {
            self.state = State::Finished;
        } else if has_before_failed || plan.max_fails.is_some_and(|max| fails >= u64::from(max)) {
            self.state = State::Failed;
        }
    }

    /// Whether the disk says the same.
    pub(crate) fn agrees(&self, cursor: &Cursor) -> bool {
        let chosen = self.chosen.map(|interval| every(ms(interval)).to_string());
        (self.state, self.life, chosen.as_deref())
            == (
                cursor.state,
                cursor.life,
                cursor.override_trigger.as_deref(),
            )
    }
}
