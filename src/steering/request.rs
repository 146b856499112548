//! What somebody asks of the tasks.

use serde::{Deserialize, Serialize};

use super::order::Order;

/// A verb and what it takes. `name` is `module.task`, `module.task (scope)`, or a family as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Every task, families in a line each; or the members of one.
    List {
        /// The family whose members are listed.
        name: Option<String>,
    },
    /// All about one task, or a family in numbers.
    Show {
        /// Which.
        name: String,
    },
    /// The newest 100 runs of one task.
    History {
        /// Which.
        name: String,
        /// Only those that failed.
        failures: bool,
    },
    /// The last failures over all tasks.
    Errors,
    /// An extra run of each, now.
    Run {
        /// Which.
        name: String,
    },
    /// Deletes members of a family with their history.
    Remove {
        /// Which.
        name: String,
        /// For a whole family: how many members it has.
        confirm: Option<usize>,
    },
    /// Lists what is stored of tasks that no module has any more, or deletes it.
    Purge {
        /// Only tasks of this name.
        name: Option<String>,
        /// The code that the list ends with.
        confirm: Option<String>,
    },
    /// Gives an order to each.
    Steer {
        /// Which.
        name: String,
        /// What they are to do.
        order: Order,
    },
}

impl Request {
    /// Starts what is stopped.
    pub fn start(name: String) -> Self {
        Self::steer(name, Order::Start)
    }

    /// Stops; it stays stopped after a restart of the bot.
    pub fn stop(name: String) -> Self {
        Self::steer(name, Order::Stop)
    }

    /// Stops, and ends the run that is in progress.
    pub fn cancel(name: String) -> Self {
        Self::steer(name, Order::Cancel)
    }

    /// Begins anew from whatever state.
    pub fn restart(name: String) -> Self {
        Self::steer(name, Order::Restart)
    }

    /// Lets it be due as the code says.
    pub fn reset(name: String) -> Self {
        Self::interval(name, None)
    }

    /// Changes when it is due to `time`, such as `90s` or `at 09:00`; the code's own when left out.
    pub fn interval(name: String, time: Option<String>) -> Self {
        Self::steer(name, Order::Interval { time })
    }

    /// Runs at most `most` past slots, from as long ago as `since` says, such as `2h`.
    pub fn backfill(name: String, since: String, most: u32) -> Self {
        Self::steer(name, Order::Backfill { since, most })
    }

    fn steer(name: String, order: Order) -> Self {
        Self::Steer { name, order }
    }

    /// Whether something may be changed by it.
    #[must_use]
    pub fn changes(&self) -> bool {
        match self {
            Self::List { .. } | Self::Show { .. } | Self::History { .. } | Self::Errors => false,
            Self::Purge { confirm, .. } => confirm.is_some(),
            Self::Run { .. } | Self::Remove { .. } | Self::Steer { .. } => true,
        }
    }
}
