//! `/help`.

use cogsmith::{prelude::*, reply::completions};
use serenity::builder::CreateAutocompleteResponse;

use super::catalogue::{Usable, usable};

/// Shows what I can do here.
#[command(slash_command, ephemeral)]
pub(super) async fn help(
    ctx: Context<'_>,
    #[description = "The command to explain"]
    #[autocomplete = "names"]
    command: Option<String>,
    #[description = "The page of the list"]
    #[min = 1]
    page: Option<usize>,
) -> Result<()> {
    let usable = usable(ctx);
    let Some(name) = command else {
        let lines = usable.iter().map(line);
        let list = Embed::new("What I can do here");
        return ctx.answer(list.page(lines, page.unwrap_or(1))).await;
    };
    let wanted = name.trim_start_matches('/');
    let mut all = usable.iter();
    let found = all.find(|it| it.name.trim_start_matches('/') == wanted);
    let found = found.ok_or_else(|| UserError::new("There is no such command for you here."))?;
    ctx.answer(explained(found)).await
}

/// Suggests what has in it what was typed.
async fn names(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    let usable = usable(ctx).into_iter();
    completions(typed, usable.map(|it| (it.name.clone(), it.name)))
}

fn line(usable: &Usable<'_>) -> String {
    format!("**{}** {}", usable.name, described(usable.command))
}

fn described(command: &Command) -> &str {
    command.description.as_deref().unwrap_or_default()
}

fn explained(usable: &Usable<'_>) -> Embed {
    let command = usable.command;
    let text = command.help_text.as_deref();
    let embed = Embed::new(&usable.name).description(text.unwrap_or(described(command)));
    let options = command
        .parameters
        .iter()
        .filter(|_| command.slash_action.is_some());
    options.fold(embed, |embed, option| {
        let name = match option.required {
            true => option.name.to_string(),
            false => format!("{} (optional)", option.name),
        };
        let choices: Vec<_> = option.choices.iter().map(|choice| &*choice.name).collect();
        let description = option.description.as_deref().unwrap_or_default();
        let value = match choices.is_empty() {
            true => description.to_owned(),
            false => format!("{description}: {}", choices.join(", ")),
        };
        embed.field(name, value)
    })
}
