//! `/task`: each change answers with the state after it.

use chrono::TimeDelta;
use cogsmith::{
    prelude::*,
    reply::suggestions,
    tasks::{Error as TaskError, parse_duration},
};
use serenity::builder::CreateAutocompleteResponse;

use super::shown::{self, answer};

/// The newest runs that are looked at.
const LOOKED_AT: u32 = 100;

/// Sees and steers the bot's tasks.
#[command(
    slash_command,
    owners_only,
    default_member_permissions = "ADMINISTRATOR",
    subcommands(
        "list", "show", "history", "start", "stop", "cancel", "restart", "interval", "run",
        "backfill", "purge"
    ),
    subcommand_required
)]
pub(super) async fn task(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Lists every task with its state.
#[command(slash_command, owners_only, ephemeral)]
async fn list(
    ctx: Context<'_>,
    #[description = "Which page of the list; the first when left out"]
    #[min = 1]
    page: Option<usize>,
) -> Result<()> {
    let tasks = ctx.host().tasks();
    if tasks.is_empty() {
        return ctx.answer("There are no tasks.").await;
    }
    let lines = tasks.iter().map(|task| shown::line(&task.status()));
    ctx.answer(Embed::new("Tasks").page(lines, page.unwrap_or(1)))
        .await
}

/// Shows everything about one task.
#[command(slash_command, owners_only, ephemeral)]
async fn show(
    ctx: Context<'_>,
    #[description = "Which task"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    let status = find(ctx, &name)?.status();
    answer(ctx, &status).await
}

/// Shows the last runs of a task.
#[command(slash_command, owners_only, ephemeral)]
async fn history(
    ctx: Context<'_>,
    #[description = "Which task"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Only runs that failed"] failures: Option<bool>,
    #[description = "Which page of the list; the first when left out"]
    #[min = 1]
    page: Option<usize>,
) -> Result<()> {
    let mut runs = find(ctx, &name)?.history(LOOKED_AT).await?;
    if failures == Some(true) {
        runs.retain(|run| run.error.is_some());
    }
    let embed = Embed::new(format!("Runs of {name}"));
    if runs.is_empty() {
        return ctx.answer(embed.description("There are none.")).await;
    }
    let lines = runs.iter().map(shown::run);
    ctx.answer(embed.page(lines, page.unwrap_or(1))).await
}

/// Starts a task that is stopped.
#[command(slash_command, owners_only, ephemeral)]
async fn start(
    ctx: Context<'_>,
    #[description = "Which task"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    let status = find(ctx, &name)?.ensure_started().await?;
    answer(ctx, &status).await
}

/// Stops a task; it stays stopped after a restart of the bot.
#[command(slash_command, owners_only, ephemeral)]
async fn stop(
    ctx: Context<'_>,
    #[description = "Which task"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    let status = find(ctx, &name)?.stop().await?;
    answer(ctx, &status).await
}

/// Stops a task and ends the run that is in progress.
#[command(slash_command, owners_only, ephemeral)]
async fn cancel(
    ctx: Context<'_>,
    #[description = "Which task"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    let status = find(ctx, &name)?.cancel().await?;
    answer(ctx, &status).await
}

/// Restarts a task from whatever state it is in.
#[command(slash_command, owners_only, ephemeral)]
async fn restart(
    ctx: Context<'_>,
    #[description = "Which task"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    let status = find(ctx, &name)?.restart().await?;
    answer(ctx, &status).await
}

/// Changes when a task is due; it stays so after a restart of the bot.
#[command(slash_command, owners_only, ephemeral)]
async fn interval(
    ctx: Context<'_>,
    #[description = "Which task"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Such as 90s, 1h30m, or at 09:00 in Europe/Berlin; the code's own when left out"]
    time: Option<String>,
) -> Result<()> {
    let task = find(ctx, &name)?;
    let status = match time {
        None => task.reset_interval().await?,
        Some(time) => task.change_interval(parse(&time)?).await?,
    };
    answer(ctx, &status).await
}

/// Runs a task once, now; its schedule stays.
#[command(slash_command, owners_only, ephemeral)]
async fn run(
    ctx: Context<'_>,
    #[description = "Which task"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    let status = find(ctx, &name)?.trigger_now().await?;
    answer(ctx, &status).await
}

/// Runs past slots of a task, oldest first; its schedule stays.
#[command(slash_command, owners_only, ephemeral)]
async fn backfill(
    ctx: Context<'_>,
    #[description = "Which task"]
    #[autocomplete = "names"]
    name: String,
    #[description = "From how long ago, such as 2h or 3d"] since: String,
    #[description = "So many slots at most"]
    #[min = 1]
    #[max = 10_000]
    most: Option<u32>,
) -> Result<()> {
    let task = find(ctx, &name)?;
    let now = ctx.host().now();
    let from = past(&since, now)?;
    let result = task.backfill(from, now, most.unwrap_or(100)).await;
    match result {
        Err(TaskError::BadBackfill { .. }) => {
            Err(UserError::new(format!("`{name}` was not due in the last {since}.")).into())
        }
        Err(TaskError::BadInstant { .. }) => Err(UserError::new(format!(
            "`{since}` reaches back to before the year 0: take less, such as 90s, 2h or 3d."
        ))
        .into()),
        result => answer(ctx, &result?).await,
    }
}

/// Deletes what is stored of tasks that no module has any more.
#[command(slash_command, owners_only, ephemeral)]
async fn purge(ctx: Context<'_>) -> Result<()> {
    let engine = ctx.host().engine();
    let orphans = engine.orphans().await?;
    let orphans: Vec<_> = orphans.iter().map(|row| row.id).collect();
    let purged = engine.purge_orphans(&orphans).await?;
    ctx.answer(format!(
        "Tasks without a module that were deleted: {purged}."
    ))
    .await
}

fn past(since: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let Some(length) = parse_duration(since.trim()) else {
        let why = format!("`{since}` is not a length of time: take one such as 90s, 2h or 3d.");
        return Err(UserError::new(why).into());
    };
    let length = TimeDelta::from_std(length).ok();
    let from = length.and_then(|length| now.checked_sub_signed(length));
    Ok(from.unwrap_or(DateTime::<Utc>::MIN_UTC))
}

fn find(ctx: Context<'_>, name: &str) -> Result<TaskHandle> {
    let found = ctx
        .host()
        .task(name)
        .map(|task| task.by(format!("user {}", ctx.author().id)));
    found.map_err(|_| {
        UserError::new(format!(
            "No task is named `{name}`. `/task list` shows them all."
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

async fn names(ctx: Context<'_>, partial: &str) -> CreateAutocompleteResponse {
    let names = ctx
        .host()
        .tasks()
        .into_iter()
        .map(|task| task.name().to_string());
    let names = names.filter(|name| name.contains(partial));
    suggestions(names.map(|name| (name.clone(), name)))
}
