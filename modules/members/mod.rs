//! The members of a server: `/members export`, `search`, `stats`, `diff` and `showcase`, and jobs that export.
//!
//! Every night Discord's list of members is compared with what is kept of them, and what has changed is noted: a
//! version of a member holds from one instant until another. So a snapshot costs what has changed, and two of them are
//! compared by reading only that. Snapshots, and versions that have ended, are forgotten after a while.
//! The list is Discord's to refuse; then who asks is told so, the owner once, and everything else goes on.
//! Changes are noted as they happen too, if the intent GUILD_MEMBERS is granted.
//! Whoever has the showcase's role may agree to be shown in it.

mod change;
mod commands;
mod data;
mod diff;
mod export;
mod file;
mod forbidden;
mod jobs;
mod listing;
mod live;
mod member;
mod merge;
mod showcase;
mod snapshot;
mod span;
mod stats;
mod store;
mod version;

#[cfg(test)]
mod tests;

use cogsmith::prelude::*;

/// Who is in a server, and who came, went and changed: `/members`.
pub struct Members {
    host: Host,
}

impl Module for Members {
    const NAME: &'static str = "members";

    async fn load(host: Host) -> Result<Self> {
        Ok(Self { host })
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.off_by_default();
        setup.commands([commands::members()]);
        setup.component(commands::FOUND, Self::turn_found);
        setup.component(commands::CHANGES, Self::turn_changes);
        setup.stores();
        setup.setting(&snapshot::KEPT);
        setup.setting(&showcase::ROLE);
        setup.on(Self::follow);
        setup.job("members-export", jobs::export);
        setup.job("members-showcase", jobs::showcase);

        setup
            .task("snapshot", cron("0 3 * * *"), Self::snapshot)
            .needs_discord()
            .jitter(mins(20))
            .on_error(Self::warn_owner)
            .retry(5)
            .with(|task| task.on_crash(OnCrash::Redo))
            .warn_when_stopped("Until it is started again, no server's members are compared.");
        setup
            .task("prune", cron("0 5 * * *"), Self::prune)
            .on_error(Self::warn_owner)
            .warn_when_stopped("Until it is started again, what was seen of members is kept for longer than servers want.");
    }
}

impl Members {
    /// The log has every failure; the owner is told of the first in a row.
    async fn warn_owner(&self, failure: Failure) -> Result<()> {
        if failure.will_retry || failure.task.status().fails > 1 {
            return Ok(());
        }
        let text = format!(
            "`{}` failed: {}",
            failure.task.name(),
            ErrorChain(&failure.error)
        );
        self.host.tell_owner(text).await
    }
}
