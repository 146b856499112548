//! `/task run`: an extra run, and how it went.

use cogsmith::{prelude::*, steering::Request};
use serenity::builder::CreateButton;

use super::commands::{change, names, steering_for};

/// Runs a task, or each member of a family, once, now; its schedule stays.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn run(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    change(ctx, reason, Request::Run { name }).await
}

/// The button under a task that is shown. It goes by the number that the task has in the database.
pub(super) const RUN: CustomId<i64> = CustomId::new("task-run:{id}");

pub(super) fn button(task: &TaskHandle) -> CreateButton {
    CreateButton::new(RUN.with(task.id().0)).label("Run now")
}

/// As `/task run`, of the task of the button.
pub(super) async fn pressed(press: Press<i64>) -> Result<()> {
    let host = press.host();
    if !host.is_owner(press.user.id) {
        return Err(UserError::new("Only the bot's owner may run a task.").into());
    }
    let mut tasks = host.tasks().into_iter();
    let task = tasks.find(|task| task.id().0 == press.arguments);
    let task = task.ok_or_else(|| UserError::new("This task is gone."))?;
    let name = format!("#{}", task.id().0);
    let steering = steering_for(host, By::user(press.user.id));
    let run = steering.answer(&Request::Run { name }).await?;
    press.update(run.reply(1).buttons([button(&task)])).await
}
