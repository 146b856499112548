//! The modules: one `mod` line and one `.with` line each.

mod challenges;
mod help;
mod leaderboard;
mod steward;
mod welcome;

use cogsmith::prelude::*;

/// Every module of this bot.
pub(crate) fn all() -> Modules {
    Modules::default()
        .with::<steward::Steward>()
        .with::<leaderboard::Leaderboard>()
        .with::<welcome::Welcome>()
        .with::<challenges::Challenges>()
        .with::<help::Help>()
}
