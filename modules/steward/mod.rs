//! The owner's hands: see every task, stop it, start it, change its pace. Always on.

mod audit;
mod bot;
mod commands;
mod data;
mod everywhere;
mod ids;
mod presence;
mod remove;
mod run;
mod settings;
mod steer;
mod switch;
mod time;

#[cfg(test)]
mod tests;

use cogsmith::prelude::*;

/// `/bot`, `/task`, `/module`, `/settings`, `/audit`, `/presence` and `/data`; the job `ids`.
pub struct Steward {
    host: Host,
}

impl Module for Steward {
    const NAME: &'static str = "steward";

    async fn load(host: Host) -> Result<Self> {
        Ok(Self { host })
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.always_on();
        setup.commands([
            audit::audit(),
            bot::bot(),
            commands::task(),
            data::data(),
            data::server_data(),
            data::user_data(),
            everywhere::module_everywhere(),
            presence::presence(),
            settings::settings(),
            switch::module(),
        ]);
        setup.job("ids", ids::ids);
        setup.component(audit::LIST, Self::turn_audit);
        setup.component(bot::STATUS, Self::turn_status);
        setup.component(commands::LIST, Self::turn);
        setup.component(run::RUN, Self::run);
        setup
            .task("prune_audit", every(hours(24)), Self::prune_audit)
            .history(History::Failures);
    }
}

impl Steward {
    async fn turn_status(&self, press: Press<usize>) -> Result<()> {
        bot::turned(press).await
    }

    async fn turn(&self, press: Press<usize>) -> Result<()> {
        commands::turned(press).await
    }

    async fn turn_audit(&self, press: Press<(u64, String, usize)>) -> Result<()> {
        audit::turned(press).await
    }

    async fn run(&self, press: Press<i64>) -> Result<()> {
        run::pressed(press).await
    }

    /// Deletes what is older than `AUDIT_DAYS`.
    async fn prune_audit(&self, _run: Run) -> Result<()> {
        self.host.audit().prune().await?;
        Ok(())
    }
}
