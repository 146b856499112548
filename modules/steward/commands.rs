//! `/task`, and what only looks: `list`, `show`, `history`.

use cogsmith::prelude::*;

use super::{
    purge::purge,
    remove::remove,
    run::run,
    shown,
    steer::{backfill, cancel, interval, restart, start, stop},
    target::{Target, names},
};

/// The newest runs that are looked at.
const LOOKED_AT: u32 = 100;

/// Sees and steers the bot's tasks.
#[command(
    slash_command,
    owners_only,
    subcommands(
        "list", "show", "history", "start", "stop", "cancel", "restart", "interval", "run",
        "backfill", "remove", "purge"
    ),
    subcommand_required
)]
pub(super) async fn task(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Lists every task with its state; families in a line each, or the members of one.
#[command(slash_command, owners_only, ephemeral)]
async fn list(
    ctx: Context<'_>,
    #[description = "The family whose members are listed"]
    #[autocomplete = "names"]
    name: Option<String>,
    #[description = "Which page of the list; the first when left out"]
    #[min = 1]
    page: Option<usize>,
) -> Result<()> {
    let (title, lines) = match name {
        Some(name) => {
            let target = Target::find(ctx, &name)?;
            let lines: Vec<_> = target.tasks.iter().map(shown::line).collect();
            (format!("{}: {}", target.label, lines.len()), lines)
        }
        None => ("Tasks".to_owned(), shown::lines(&ctx.host().tasks())),
    };
    if lines.is_empty() {
        return ctx.answer("There are no tasks.").await;
    }
    ctx.answer(Embed::new(title).page(lines, page.unwrap_or(1)))
        .await
}

/// Shows everything about one task, or a family in numbers.
#[command(slash_command, owners_only, ephemeral)]
async fn show(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    let target = Target::find(ctx, &name)?;
    let embed = match &*target.tasks {
        [task] if !target.is_family => shown::task(&task.status()),
        members => shown::family(&target.label, members),
    };
    ctx.answer(embed).await
}

/// Shows the last runs of a task.
#[command(slash_command, owners_only, ephemeral)]
async fn history(
    ctx: Context<'_>,
    #[description = "Which task, or which member of a family"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Only runs that failed"] failures: Option<bool>,
    #[description = "Which page of the list; the first when left out"]
    #[min = 1]
    page: Option<usize>,
) -> Result<()> {
    let target = Target::find(ctx, &name)?;
    let mut runs = target.only()?.history(LOOKED_AT).await?;
    if failures == Some(true) {
        runs.retain(|run| run.error.is_some());
    }
    let embed = Embed::new(format!("Runs of {}", target.label));
    if runs.is_empty() {
        return ctx.answer(embed.description("There are none.")).await;
    }
    let lines = runs.iter().map(shown::run);
    ctx.answer(embed.page(lines, page.unwrap_or(1))).await
}
