//! The gateway against the simulator: connections lost, processes killed, listeners that are slow or wrong.

pub(crate) mod bench;
mod chaos;
mod choice;
mod endings;
mod faults;
mod folds;
mod guard;
mod outage;
mod pressure;
mod reconnects;
mod restarts;
pub(crate) mod rogue;
mod sessions;
mod threshold;
mod watchdog;
