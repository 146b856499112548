//! `/task start`, `stop`, `cancel`, `restart`, `interval`, `backfill`: each answers with what came of it.

use chrono::{Datelike, TimeDelta};
use cogsmith::{prelude::*, tasks::parse_duration};
use futures_util::{StreamExt, stream};

use super::{
    order::Order,
    tally,
    target::{Target, names},
};

/// Orders that are on their way to the engine at once; it writes what comes together in one transaction.
pub(super) const AT_ONCE: usize = 256;

/// Starts a task that is stopped, or all members of a family.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn start(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    steer(ctx, &name, Order::Start).await
}

/// Stops a task, or all members of a family; it stays stopped after a restart of the bot.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn stop(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    steer(ctx, &name, Order::Stop).await
}

/// Stops a task, or all members of a family, and ends the run that is in progress.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn cancel(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    steer(ctx, &name, Order::Cancel).await
}

/// Restarts a task, or all members of a family, from whatever state it is in.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn restart(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    steer(ctx, &name, Order::Restart).await
}

/// Changes when a task, or each member of a family, is due; it stays so after a restart of the bot.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn interval(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Such as 90s, 1h30m, or at 09:00 in Europe/Berlin; the code's own when left out"]
    time: Option<String>,
) -> Result<()> {
    let order = match time {
        None => Order::Reset,
        Some(time) => Order::Change(parse(&time)?),
    };
    steer(ctx, &name, order).await
}

/// Runs past slots of a task, or of each member of a family, oldest first; its schedule stays.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn backfill(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
    #[description = "From how long ago, such as 2h or 3d"] since: String,
    #[description = "So many slots at most"]
    #[min = 1]
    #[max = 10_000]
    most: Option<u32>,
) -> Result<()> {
    let to = ctx.host().now();
    let from = past(&since, to)?;
    let most = most.unwrap_or(100);
    steer(ctx, &name, Order::Backfill { from, to, most }).await
}

async fn steer(ctx: Context<'_>, name: &str, order: Order) -> Result<()> {
    let target = Target::find(ctx, name)?;
    let orders = stream::iter(target.tasks.clone()).map(|task| {
        let order = order.clone();
        async move { order.give(&task).await }
    });
    let outcomes = orders.buffered(AT_ONCE).collect().await;
    let of_module = target.tasks[0].name();
    let note = ctx.data().registry.stop_warning(&of_module);
    tally::answer(ctx, &target, outcomes, note.filter(|_| order.stops())).await
}

fn past(since: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let Some(length) = parse_duration(since.trim()) else {
        let why = format!("`{since}` is not a length of time: take one such as 90s, 2h or 3d.");
        return Err(UserError::new(why).into());
    };
    let length = TimeDelta::from_std(length).ok();
    let from = length.and_then(|length| now.checked_sub_signed(length));
    from.filter(|from| from.year() >= 0).ok_or_else(|| {
        UserError::new(format!(
            "`{since}` reaches back to before the year 0: take less, such as 90s, 2h or 3d."
        ))
        .into()
    })
}

fn parse(time: &str) -> Result<Trigger> {
    let time = time.trim();
    let trigger = format!("every {time}").parse().or_else(|_| time.parse());
    trigger.map_err(|_| {
        UserError::new(format!(
            "`{time}` is not a time I can use: take one such as 90s, 10m or 1h30m, from 100ms to 10 years, \
             or `at 09:00 in Europe/Berlin`, or `cron 0 9 * * MON-FRI`."
        ))
        .into()
    })
}
