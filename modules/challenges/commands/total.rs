//! `/total`: everybody's dues of a year.

use cogsmith::prelude::*;

use super::guild;
use crate::modules::challenges::{Challenges, money::Cents, total::Total};

/// Shows what everybody owes for a year, whoever has most left to pay first.
#[command(slash_command, guild_only)]
pub(in crate::modules::challenges) async fn total(
    ctx: Context<'_>,
    #[description = "Which year; this one when left out"]
    #[min = 2000]
    #[max = 2999]
    year: Option<i32>,
    #[description = "Which page; the first when left out"]
    #[min = 1]
    page: Option<usize>,
) -> Result<()> {
    let (module, guild) = (ctx.module::<Challenges>(), guild(ctx)?);
    let current = module.challenge(guild).await?.current(ctx.host().now());
    let year = year.unwrap_or(current.year);
    let total = module.total(guild, year).await?;
    if total.members.is_empty() {
        return Err(
            UserError::new(format!("No week of {year} has counted for anybody yet.")).into(),
        );
    }
    let embed = Embed::new(format!("Dues of {year}: {}", total.sums()));
    let embed = embed.page(lines(&total), page.unwrap_or(1));
    if total.void.is_empty() {
        return ctx.answer(embed).await;
    }
    let void = total.void.iter().map(|week| format!("W{:02}", week.number));
    let void = void.collect::<Vec<_>>().join(", ");
    ctx.answer(embed.field("Void, as the bot or this module was off", void))
        .await
}

fn lines(total: &Total) -> Vec<String> {
    let highest = total
        .members
        .first()
        .map(|(_, dues)| dues.left())
        .unwrap_or_default();
    let lines = total.members.iter().map(|(user, dues)| {
        let left = dues.left();
        let missed = counted(dues.missed(), "missed week");
        let paid = if dues.paid > Cents::default() {
            format!(" of {}", dues.owed)
        } else {
            String::new()
        };
        if left == highest && left > Cents::default() {
            format!("**💸 <@{user}>: {left}**{paid} ({missed})")
        } else {
            format!("<@{user}>: {left}{paid} ({missed})")
        }
    });
    lines.collect()
}
