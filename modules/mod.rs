//! The modules that come along: one `mod` line and one `.with` line each.
//!
//! A project mounts those that it likes beside its own: `.with::<cogsmith::modules::Steward>()`.
//! Their tables are there in any case.

mod challenges;
mod help;
mod leaderboard;
mod members;
mod steward;
mod welcome;

use cogsmith::prelude::*;

pub use {
    challenges::Challenges, help::Help, leaderboard::Leaderboard, members::Members,
    steward::Steward, welcome::Welcome,
};

/// Every module of the program `cogsmith`.
pub fn all() -> Modules {
    Modules::default()
        .with::<Steward>()
        .with::<Leaderboard>()
        .with::<Welcome>()
        .with::<Challenges>()
        .with::<Members>()
        .with::<Help>()
}
