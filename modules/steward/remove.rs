//! `/task remove`: members of families go for good.

use cogsmith::prelude::*;

use super::target::{Target, label, names};

/// Deletes a member of a family with its history, or all members.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn remove(
    ctx: Context<'_>,
    #[description = "Which member, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
    #[description = "For a whole family: how many members it has"] confirm: Option<usize>,
) -> Result<()> {
    let target = Target::find(ctx, &name)?;
    if target.tasks.iter().any(|task| task.scope().is_empty()) {
        return Err(UserError::new(format!(
            "`{}` belongs to a module, and would be back at the next start. `/task stop` stops it for good.",
            target.label
        ))
        .into());
    }
    let count = target.tasks.len();
    if target.is_family && confirm != Some(count) {
        return Err(UserError::new(format!(
            "`{0}` has {2}, the first being `{1}`. To delete them all with their history: \
             `/task remove name:{0} confirm:{count}`. Nothing has been deleted.",
            target.label,
            label(&target.tasks[0]),
            counted(count, "member")
        ))
        .into());
    }
    let removed = remove_each(ctx.host(), &target.tasks).await?;
    let gone = count - removed;
    let gone = if gone > 0 {
        format!(" {gone} had gone by themselves.")
    } else {
        String::new()
    };
    let what = if target.is_family {
        format!("{} of ", counted(removed, "member"))
    } else {
        String::new()
    };
    ctx.answer(format!(
        "Deleted with their history: {what}`{}`.{gone}",
        target.label
    ))
    .await
}

async fn remove_each(host: &Host, tasks: &[TaskHandle]) -> Result<usize> {
    let mut removed = 0;
    for task in tasks {
        if host.engine().remove(&task.name(), &task.scope()).await? {
            removed += 1;
        }
    }
    Ok(removed)
}
