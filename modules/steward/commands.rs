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
    let page = page.unwrap_or(1);
    let Some(name) = name else {
        return ctx.answer(all(ctx.host(), page)).await;
    };
    let target = Target::find(ctx, &name)?;
    let lines: Vec<_> = target.tasks.iter().map(shown::line).collect();
    let title = format!("{}: {}", target.label, lines.len());
    ctx.answer(Embed::new(title).page(lines, page)).await
}

/// The buttons under the list of all tasks.
pub(super) const LIST: CustomId<usize> = CustomId::new("task-list:{page}");

fn all(host: &Host, page: usize) -> Reply {
    let lines = shown::lines(&host.tasks());
    if lines.is_empty() {
        return "There are no tasks.".into();
    }
    Reply::page(Embed::new("Tasks"), lines, page, |page| LIST.with(page))
}

pub(super) async fn turned(press: Press<usize>) -> Result<()> {
    if !press.host().is_owner(press.user.id) {
        return Err(UserError::new("Only the bot's owner sees the tasks.").into());
    }
    press.update(all(press.host(), press.arguments)).await
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
    let reply = match &*target.tasks {
        [task] if !target.is_family => {
            Reply::from(shown::task(&task.status())).buttons([super::run::button(task)])
        }
        members => shown::family(&target.label, members).into(),
    };
    ctx.answer(reply).await
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
