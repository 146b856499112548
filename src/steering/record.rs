//! What was told to tasks is recorded: by whom, from what to what, and why.

use std::collections::BTreeSet;

use cogsmith_tasks::{ErrorChain, TaskHandle};
use tracing::error;

use super::{Steering, order::Order, shown, target::Target};
use crate::audit::Change;

/// So many different triggers of a family are written out.
const TRIGGERS: usize = 3;

impl Steering<'_> {
    /// Records what has been done; tells what is to be added to the answer when that fails.
    pub(super) async fn record(&self, change: Change) -> &'static str {
        let Err(error) = self.audit.record(change).await else {
            return "";
        };
        let error = ErrorChain(&error.into()).to_string();
        error!("what was done to a task could not be recorded: {error}");
        "\nWho did it could not be recorded: the log says why."
    }

    /// An order that was given to `target`, which was so before.
    pub(super) fn ordered(&self, target: &Target, order: &Order, before: String) -> Change {
        let change = self.by.did(order.verb(), target.in_words());
        let after = as_it_is(target, order);
        match order {
            Order::Start | Order::Stop | Order::Interval { .. } => change.from(before).to(after),
            // A change also where the state is the same: a run is ended, a life begins.
            Order::Cancel | Order::Restart => change.to(after),
            Order::Backfill { since, most } => {
                change.to(format!("the slots of the last {since}, {most} at most"))
            }
        }
    }
}

/// What an order is about: when tasks are due, or whether they run at all.
pub(super) fn as_it_is(target: &Target, order: &Order) -> String {
    let statuses = target.tasks.iter().map(TaskHandle::status);
    if let Order::Interval { .. } = order {
        let triggers: BTreeSet<_> = statuses.map(|status| status.trigger.to_string()).collect();
        return match triggers.len() {
            0..=TRIGGERS => triggers.into_iter().collect::<Vec<_>>().join(", "),
            many => format!("{many} different times"),
        };
    }
    match target.alone() {
        Some(task) => task.status().state.to_string(),
        None => shown::states(&statuses.collect::<Vec<_>>()),
    }
}
