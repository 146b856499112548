//! The gateway against the simulator: connections lost, processes killed, listeners that are slow or wrong.

pub(crate) mod bench;
mod chaos;
mod choice;
mod endings;
mod folds;
mod pressure;
mod reconnects;
mod restarts;
mod sessions;
mod threshold;
