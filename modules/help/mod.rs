//! What the bot can do, built from the commands themselves.

mod catalogue;
mod commands;
#[cfg(test)]
mod tests;

use cogsmith::prelude::*;

/// `/help`.
pub struct Help;

impl Module for Help {
    const NAME: &'static str = "help";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([commands::help()]);
    }
}
