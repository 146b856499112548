//! `/dues paid`: who has put money into the pot.

use cogsmith::prelude::*;
use serenity::model::prelude::Member;

use super::guild;
use crate::modules::challenges::{Challenges, money::Cents, store::Payment};

/// What members owe.
#[command(
    slash_command,
    guild_only,
    required_permissions = "MANAGE_GUILD",
    subcommands("paid"),
    subcommand_required
)]
pub(in crate::modules::challenges) async fn dues(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Notes that a member has paid.
#[command(slash_command, guild_only, required_permissions = "MANAGE_GUILD")]
async fn paid(
    ctx: Context<'_>,
    #[description = "Who has paid"] user: Member,
    #[description = "How much, such as 5 or 2.50"] amount: String,
    #[description = "For which year; this one when left out"]
    #[min = 2000]
    #[max = 2999]
    year: Option<i32>,
) -> Result<()> {
    let (module, guild) = (ctx.module::<Challenges>(), guild(ctx)?);
    let challenge = module.challenge(guild).await?;
    let cents = amount
        .parse::<Cents>()
        .ok()
        .filter(|cents| *cents > Cents::default());
    let expected =
        format!("`{amount}` is no amount: expected euros and cents, such as `5` or `2.50`.");
    let cents = cents.ok_or(UserError::new(expected))?;
    let year = year.unwrap_or(challenge.current(ctx.host().now()).year);
    let payment = Payment {
        user: user.user.id,
        year,
        cents,
        recorded_by: ctx.author().id,
    };
    module.pay(guild, &payment).await?;
    let total = module.total(guild, &challenge, year).await?;
    let dues = total.members.iter().find(|(of, _)| *of == payment.user);
    let left = dues.map(|(_, dues)| dues.left()).unwrap_or_default();
    ctx.answer(format!(
        "<@{}> has paid {cents} for {year}; {left} left to pay.",
        payment.user
    ))
    .await
}
