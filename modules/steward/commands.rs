//! `/task`, and what only looks: `list`, `show`, `history`, `errors`.

use cogsmith::{
    prelude::*,
    reply::completions,
    steering::{Medium, Request, Steering, suggested},
};
use serenity::{builder::CreateAutocompleteResponse, model::id::UserId};

use super::{
    remove::{purge, remove},
    run::{button, run},
    steer::{backfill, cancel, interval, reset, restart, start, stop},
};

/// Sees and steers the bot's tasks.
#[command(
    slash_command,
    owners_only,
    subcommands(
        "list", "show", "history", "errors", "start", "stop", "cancel", "restart", "interval",
        "reset", "run", "backfill", "remove", "purge"
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
    match name {
        None => {
            let reply = all(ctx.host(), ctx.author().id, page).await?;
            ctx.answer(reply).await
        }
        name => look(ctx, Request::List { name }, page).await,
    }
}

/// The buttons under the list of all tasks.
pub(super) const LIST: CustomId<usize> = CustomId::new("task-list:{page}");

async fn all(host: &Host, asking: UserId, page: usize) -> Result<Reply> {
    let steering = steering_for(host, By::user(asking));
    let list = steering.answer(&Request::List { name: None }).await?;
    if list.lines.is_empty() {
        return Ok(list.text.into());
    }
    let embed = Embed::new(list.title);
    Ok(Reply::page(embed, list.lines, page, |page| LIST.with(page)))
}

pub(super) async fn turned(press: Press<usize>) -> Result<()> {
    let user = press.user.id;
    if !press.host().is_owner(user) {
        return Err(UserError::new("Only the bot's owner sees the tasks.").into());
    }
    let reply = all(press.host(), user, press.arguments).await?;
    press.update(reply).await
}

/// Shows everything about one task, or a family in numbers.
#[command(slash_command, owners_only, ephemeral)]
async fn show(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    let shown = steering(ctx, ctx.by(None))
        .answer(&Request::Show { name })
        .await?;
    let run = shown.task.as_ref().map(button);
    ctx.answer(shown.reply(1).buttons(run)).await
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
    let failures = failures.unwrap_or(false);
    let history = Request::History { name, failures };
    look(ctx, history, page.unwrap_or(1)).await
}

/// Shows the last failures over all tasks.
#[command(slash_command, owners_only, ephemeral)]
async fn errors(
    ctx: Context<'_>,
    #[description = "Which page of the list; the first when left out"]
    #[min = 1]
    page: Option<usize>,
) -> Result<()> {
    look(ctx, Request::Errors, page.unwrap_or(1)).await
}

async fn look(ctx: Context<'_>, request: Request, page: usize) -> Result<()> {
    ask(ctx, ctx.by(None), request, page).await
}

/// Does what is asked for this reason, and answers with what came of it.
pub(super) async fn change(
    ctx: Context<'_>,
    reason: Option<String>,
    request: Request,
) -> Result<()> {
    ask(ctx, ctx.by(reason), request, 1).await
}

/// Does what is asked, and answers with what came of it; of a list with this page.
pub(super) async fn ask(ctx: Context<'_>, by: By, request: Request, page: usize) -> Result<()> {
    let answer = steering(ctx, by).answer(&request).await?;
    ctx.answer(answer.reply(page)).await
}

fn steering(ctx: Context<'_>, by: By) -> Steering<'_> {
    let data = ctx.data();
    steering_for(&data.host, by).stop_warning(|task| data.registry.stop_warning(task))
}

pub(super) fn steering_for(host: &Host, by: By) -> Steering<'_> {
    Steering::new(host.engine(), host.audit(), Medium::Discord, by)
}

/// Suggests what has in it what was typed.
pub(super) async fn names(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    completions(typed, suggested(&ctx.host().tasks()))
}
