//! `/leaderboard_config`: the owner sets the pace of the updates, stops them and starts them again.
//!
//! Owner-only commands: Discord shows them to administrators at most, and the host lets only owners use them.

use cogsmith::{prelude::*, tasks::Phase};

const TASK: &str = "leaderboard.update";

/// Steers the leaderboard's updates.
#[command(
    slash_command,
    guild_only,
    owners_only,
    subcommands("set_time_between_updates", "stop", "restart"),
    subcommand_required
)]
pub(super) async fn leaderboard_config(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Sets how long to wait between two updates; it stays so after a restart.
#[command(slash_command, guild_only, owners_only, ephemeral)]
async fn set_time_between_updates(
    ctx: Context<'_>,
    #[description = "Minutes between two updates"]
    #[min = 1]
    #[max = 10_080]
    minutes: u64,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    if !(1..=10_080).contains(&minutes) {
        return Err(
            UserError::new(format!("{minutes} minutes is out of range: 1 to 10080.")).into(),
        );
    }
    let task = task(ctx)?;
    let before = in_words(&task.status().trigger);
    let status = task.change_interval(every(mins(minutes))).await?;
    let after = in_words(&status.trigger);
    let changed = ctx.by(reason).did("task interval", TASK);
    let changed = changed.from(&before).to(&after);
    ctx.host().audit().record(changed).await?;
    let change = match before == after {
        true => format!("{after} as before"),
        false => format!("{before} → {after}"),
    };
    ctx.answer(format!("Time between updates: {change}. {}", next(&status)))
        .await
}

/// Stops the updates; they stay stopped after a restart.
#[command(slash_command, guild_only, owners_only, ephemeral)]
async fn stop(
    ctx: Context<'_>,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    let task = task(ctx)?;
    let is_updating = task.phase() == Phase::Running;
    let status = task.stop().await?;
    let stopped = ctx.by(reason).did("task stop", TASK);
    let stopped = stopped.from(was(&status).as_str());
    let stopped = stopped.to(status.state.as_str());
    ctx.host().audit().record(stopped).await?;
    ctx.answer(match status.changed_from {
        Some(State::Active) if is_updating => {
            "The updates are stopped; the one in progress ends first."
        }
        Some(State::Active) => "The updates are stopped.",
        _ => "The updates were stopped already.",
    })
    .await
}

/// Starts the updates anew, whatever state they are in.
#[command(slash_command, guild_only, owners_only, ephemeral)]
async fn restart(
    ctx: Context<'_>,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    let status = task(ctx)?.restart().await?;
    // Where the state is the same it is a change nevertheless: the updates begin anew.
    let restarted = ctx.by(reason).did("task restart", TASK);
    ctx.host()
        .audit()
        .record(restarted.to(status.state.as_str()))
        .await?;
    ctx.answer(format!(
        "The updates are restarted (they were {}). {}",
        was(&status),
        next(&status)
    ))
    .await
}

/// The task, in the hands of whoever uses the command.
fn task(ctx: Context<'_>) -> Result<TaskHandle> {
    Ok(ctx
        .host()
        .task(TASK)?
        .by(format!("user {}", ctx.author().id)))
}

fn was(status: &Status) -> State {
    status.changed_from.unwrap_or(status.state)
}

fn next(status: &Status) -> String {
    match status.next_run_at {
        Some(at) => format!("Next update {}.", relative(at)),
        None => "No update is planned: the updates are stopped.".to_owned(),
    }
}

/// `10m` rather than `every 10m`.
pub(super) fn in_words(trigger: &Trigger) -> String {
    trigger.to_string().trim_start_matches("every ").to_owned()
}
