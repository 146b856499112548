//! `/challenge status` and `week`: how it stands.

use cogsmith::prelude::*;
use serenity::model::prelude::Member;

use super::guild;
use crate::modules::challenges::{Challenges, dues::Outcome};

/// Shows your year, or somebody else's.
#[command(slash_command, guild_only)]
pub(super) async fn status(
    ctx: Context<'_>,
    #[description = "Whose year; yours when left out"] user: Option<Member>,
) -> Result<()> {
    let (module, guild) = (ctx.module::<Challenges>(), guild(ctx)?);
    let challenge = module.challenge(guild).await?;
    let user = user.map_or(ctx.author().id, |member| member.user.id);
    let current = challenge.current(ctx.host().now());
    let total = module.total(guild, current.year).await?;
    let standing = module.standing(guild, &challenge, user, current).await?;
    let needed = counted(challenge.rules.needed, "point");
    let now = match standing {
        Some(it) if it.is_joker => "this week is left out".to_owned(),
        Some(it) => format!("{} of {needed} this week", it.points),
        None => "takes no part this week".to_owned(),
    };
    let embed = Embed::new(format!("{current}")).description(format!("<@{user}>: {now}"));
    let Some(dues) = total.of_member(user) else {
        return ctx.answer(embed.field("Weeks", "None is over yet.")).await;
    };
    let weeks = dues.weeks.iter().map(|(week, outcome)| match outcome {
        Outcome::Missed(price) => format!("{} W{:02} {price}", outcome.sign(), week.number),
        Outcome::Void => format!("{} W{:02} void", outcome.sign(), week.number),
        _ => format!("{} W{:02}", outcome.sign(), week.number),
    });
    ctx.answer(
        embed
            .field("Weeks", weeks.collect::<Vec<_>>().join("\n"))
            .field("Owed", dues.owed.to_string())
            .field("Paid", dues.paid.to_string())
            .field("Left to pay", dues.left().to_string()),
    )
    .await
}

/// Shows how far everybody is this week.
#[command(slash_command, guild_only)]
pub(super) async fn week(
    ctx: Context<'_>,
    #[description = "Which page; the first when left out"]
    #[min = 1]
    page: Option<usize>,
) -> Result<()> {
    let (module, guild) = (ctx.module::<Challenges>(), guild(ctx)?);
    let challenge = module.challenge(guild).await?;
    let current = challenge.current(ctx.host().now());
    let standings = module.standings(guild, &challenge, current).await?;
    if standings.is_empty() {
        return Err(UserError::new("Nobody takes part this week: `/challenge join` does.").into());
    }
    let needed = challenge.rules.needed;
    let lines = standings.into_iter().map(|standing| {
        let sign = if standing.is_joker {
            "🃏"
        } else if standing.points >= needed {
            "✅"
        } else {
            "▫️"
        };
        format!(
            "{sign} <@{}>: {} of {needed}",
            standing.user, standing.points
        )
    });
    ctx.answer(Embed::new(format!("{current}")).page(lines.collect::<Vec<_>>(), page.unwrap_or(1)))
        .await
}
