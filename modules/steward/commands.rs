//! `/task`: each change answers with the state after it.

use cogsmith::prelude::*;
use serenity::builder::{AutocompleteChoice, CreateAutocompleteResponse, CreateEmbed};

/// Discord shows at most this many suggestions.
const SUGGESTIONS: usize = 25;

/// Sees and steers the bot's tasks.
#[command(
    slash_command,
    owners_only,
    default_member_permissions = "ADMINISTRATOR",
    subcommands("list", "show", "start", "stop", "restart", "interval", "run"),
    subcommand_required
)]
pub(super) async fn task(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Lists every task with its state.
#[command(slash_command, owners_only, ephemeral)]
async fn list(ctx: Context<'_>) -> Result<()> {
    let lines: Vec<_> = ctx
        .host()
        .tasks()
        .iter()
        .map(|task| line(&task.status()))
        .collect();
    let text = if lines.is_empty() {
        "There are no tasks.".to_owned()
    } else {
        lines.join("\n")
    };
    ctx.send(CreateReply::default().embed(CreateEmbed::new().title("Tasks").description(text)))
        .await?;
    Ok(())
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

/// Changes the time between two runs; it stays so after a restart of the bot.
#[command(slash_command, owners_only, ephemeral)]
async fn interval(
    ctx: Context<'_>,
    #[description = "Which task"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Such as 90s, 10m or 1h30m; the code's own when left out"] time: Option<String>,
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
    let trigger = format!("every {}", time.trim()).parse();
    trigger.map_err(|_| {
        UserError::new(format!("`{time}` is not a time I can use: take one such as 90s, 10m or 1h30m, from 100ms to 10 years.")).into()
    })
}

async fn answer(ctx: Context<'_>, status: &Status) -> Result<()> {
    let instant = |at: Option<DateTime<Utc>>| at.map_or("never".to_owned(), relative);
    let trigger = match status.overridden {
        true => format!(
            "{} (set by hand; in the code: {})",
            status.trigger, status.default_trigger
        ),
        false => status.trigger.to_string(),
    };
    let fields = [
        ("State", status.state.to_string()),
        ("Due", trigger),
        ("Next run", instant(status.next_run_at)),
        ("Last run", instant(status.last_run_at)),
        ("Last success", instant(status.last_ok_at)),
        (
            "Runs",
            format!("{} ({} in this life)", status.runs_total, status.loop_index),
        ),
        ("Failures in a row", status.fails.to_string()),
        (
            "Last error",
            status.last_error.as_deref().unwrap_or("none").to_owned(),
        ),
    ];
    let fields = fields.map(|(name, value)| (name, value, true));
    let embed = CreateEmbed::new()
        .title(status.name.to_string())
        .fields(fields);
    ctx.send(CreateReply::default().embed(embed)).await?;
    Ok(())
}

fn line(status: &Status) -> String {
    let next = status
        .next_run_at
        .map_or(String::new(), |at| format!(", next {}", relative(at)));
    format!(
        "`{}` {}, {}{next}",
        status.name, status.state, status.trigger
    )
}

fn relative(at: DateTime<Utc>) -> String {
    format!("<t:{}:R>", at.timestamp())
}

async fn names(ctx: Context<'_>, partial: &str) -> CreateAutocompleteResponse {
    let names = ctx
        .host()
        .tasks()
        .into_iter()
        .map(|task| task.name().to_string());
    let choices = names
        .filter(|name| name.contains(partial))
        .take(SUGGESTIONS);
    CreateAutocompleteResponse::new().set_choices(
        choices
            .map(|name| AutocompleteChoice::new(name.clone(), name))
            .collect(),
    )
}
