//! `/task remove` and `/task purge`: what is stored of tasks goes for good.

use cogsmith::{prelude::*, steering::Request};

use super::commands::{ask, change, names};

/// Deletes a member of a family with its history, or all members.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn remove(
    ctx: Context<'_>,
    #[description = "Which member, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
    #[description = "For a whole family: how many members it has"] confirm: Option<usize>,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    change(ctx, reason, Request::Remove { name, confirm }).await
}

/// Lists what is stored of tasks that no module has any more, and deletes it on confirmation.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn purge(
    ctx: Context<'_>,
    #[description = "Only tasks of this name"] name: Option<String>,
    #[description = "Deletes what was listed: the code that the list ends with"] confirm: Option<
        String,
    >,
    #[description = "Which page of the list; the first when left out"]
    #[min = 1]
    page: Option<usize>,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    let request = Request::Purge { name, confirm };
    ask(ctx, ctx.by(reason), request, page.unwrap_or(1)).await
}
