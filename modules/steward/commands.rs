//! `/task`, and what only looks: `list`, `show`, `history`.

use cogsmith::{
    prelude::*,
    reply::suggestions,
    steering::{Medium, Request, Steering, suggested},
};
use serenity::{builder::CreateAutocompleteResponse, model::id::UserId};

use super::{
    remove::{purge, remove},
    run::{button, run},
    steer::{backfill, cancel, interval, restart, start, stop},
};

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
    match name {
        None => {
            let reply = all(ctx.host(), ctx.author().id, page).await?;
            ctx.answer(reply).await
        }
        name => ask(ctx, Request::List { name }, page).await,
    }
}

/// The buttons under the list of all tasks.
pub(super) const LIST: CustomId<usize> = CustomId::new("task-list:{page}");

async fn all(host: &Host, asking: UserId, page: usize) -> Result<Reply> {
    let steering = steering_for(host, asking);
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
    let shown = steering(ctx).answer(&Request::Show { name }).await?;
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
    ask(ctx, history, page.unwrap_or(1)).await
}

/// Does what is asked, and answers with what came of it; of a list with this page.
pub(super) async fn ask(ctx: Context<'_>, request: Request, page: usize) -> Result<()> {
    let answer = steering(ctx).answer(&request).await?;
    ctx.answer(answer.reply(page)).await
}

fn steering(ctx: Context<'_>) -> Steering<'_> {
    let data = ctx.data();
    steering_for(&data.host, ctx.author().id).stop_warning(|task| data.registry.stop_warning(task))
}

pub(super) fn steering_for(host: &Host, by: UserId) -> Steering<'_> {
    Steering::new(host.engine(), Medium::Discord, format!("user {by}"))
}

/// Suggests what has in it what was typed.
pub(super) async fn names(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    suggestions(suggested(&ctx.host().tasks(), typed))
}
