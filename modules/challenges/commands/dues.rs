//! `/dues paid`: who has put money into the pot.

use cogsmith::prelude::*;
use serenity::model::prelude::Member;

use super::guild;
use crate::modules::challenges::{Challenges, money::Cents};

/// What members owe.
#[command(
    slash_command,
    guild_only,
    default_member_permissions = "MANAGE_GUILD",
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
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    let (module, guild) = (ctx.module::<Challenges>(), guild(ctx)?);
    let cents = amount
        .parse::<Cents>()
        .ok()
        .filter(|cents| *cents > Cents::default());
    let expected =
        format!("`{amount}` is no amount: expected euros and cents, such as `5` or `2.50`.");
    let cents = cents.ok_or(UserError::new(expected))?;
    let by = ctx.by(reason);
    let paid = module.pay(guild, &user.user, cents, year, &by);
    let (paid, user) = (paid.await?, &user.user);
    let total = module.total(guild, paid.year).await?;
    let left = total.of_member(user.id).map(|dues| dues.left());
    ctx.answer(format!(
        "<@{}> has paid {cents} for {}; {} left to pay.",
        user.id,
        paid.year,
        left.unwrap_or_default()
    ))
    .await
}
