//! `/total`: everybody's dues of a year.

use cogsmith::prelude::*;

use super::guild;
use crate::modules::challenges::{Challenges, total::Total};

/// Shows what everybody owes for a year, whoever owes most first.
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
    let challenge = module.challenge(guild).await?;
    let current = challenge.current(ctx.host().now());
    let year = year.unwrap_or(current.year);
    let total = module.total(guild, &challenge, year).await?;
    if total.members.is_empty() {
        return Err(
            UserError::new(format!("No week of {year} has counted for anybody yet.")).into(),
        );
    }
    let embed = Embed::new(format!("Dues of {year}: {} in all", total.left()));
    ctx.answer(embed.page(lines(&total), page.unwrap_or(1)))
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
        if left == highest && left > Default::default() {
            format!("**💸 <@{user}>: {left}** ({missed})")
        } else {
            format!("<@{user}>: {left} ({missed})")
        }
    });
    lines.collect()
}
