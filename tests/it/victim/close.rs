//! A bot that ends when somebody tells it to.

use cogsmith::prelude::*;

pub(crate) struct Closer;

impl Module for Closer {
    const NAME: &'static str = "closer";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([close()]);
    }
}

/// Ends the bot.
#[command(slash_command)]
async fn close(ctx: Context<'_>) -> Result<()> {
    ctx.answer("I am leaving.").await?;
    ctx.host().close();
    Ok(())
}
