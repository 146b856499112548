//! The owner's hands: see every task, stop it, start it, change its pace. Always on.

mod bot;
mod commands;
mod data;
mod order;
mod presence;
mod purge;
mod remove;
mod run;
mod settings;
mod shown;
mod steer;
mod switch;
mod tally;
mod target;

#[cfg(test)]
mod tests;

use cogsmith::prelude::*;

/// `/bot`, `/task`, `/module`, `/settings`, `/presence` and `/data`.
pub struct Steward;

impl Module for Steward {
    const NAME: &'static str = "steward";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.always_on();
        setup.commands([
            bot::bot(),
            commands::task(),
            data::data(),
            presence::presence(),
            settings::settings(),
            switch::module(),
        ]);
        setup.component(bot::STATUS, Self::turn_status);
        setup.component(commands::LIST, Self::turn);
        setup.component(run::RUN, Self::run);
    }
}

impl Steward {
    async fn turn_status(&self, press: Press<usize>) -> Result<()> {
        bot::turned(press).await
    }

    async fn turn(&self, press: Press<usize>) -> Result<()> {
        commands::turned(press).await
    }

    async fn run(&self, press: Press<i64>) -> Result<()> {
        run::pressed(press).await
    }
}
