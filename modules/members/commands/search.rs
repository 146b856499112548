//! `/members search`: members by the beginning of their name.

use cogsmith::prelude::*;
use serenity::model::id::GuildId;

use super::guild;
use crate::modules::members::{Members, change::plain, listing, member::Member};

/// The buttons under what was found. At the most 25 characters are searched for, so that they fit into an id.
pub(in crate::modules::members) const FOUND: CustomId<(usize, String)> =
    CustomId::new("members:search:{page}:{begun}");

/// Finds members by the beginning of their name or nickname.
#[command(
    slash_command,
    guild_only,
    ephemeral,
    required_permissions = "MANAGE_GUILD"
)]
pub(super) async fn search(
    ctx: Context<'_>,
    #[description = "How the name or nickname begins"]
    #[max_length = 25]
    name: String,
) -> Result<()> {
    let module = ctx.module::<Members>();
    ctx.answer(module.found(guild(ctx)?, name.trim(), 1).await?)
        .await
}

impl Members {
    pub(in crate::modules::members) async fn turn_found(
        &self,
        press: Press<(usize, String)>,
    ) -> Result<()> {
        let (page, begun) = &press.arguments;
        let Some(guild) = press.guild_id else {
            return Ok(());
        };
        press.update(self.found(guild, begun, *page).await?).await
    }

    async fn found(&self, guild: GuildId, begun: &str, page: usize) -> Result<Reply> {
        if begun.is_empty() {
            return Err(UserError::new("I need at least one character to search for.").into());
        }
        let found = listing::search(self.host.http(), guild, begun).await;
        let found = match found {
            Ok(found) => found,
            Err(error) => return Err(self.explained(guild, error).await),
        };
        if found.is_empty() {
            let text = format!("Nobody's name begins with {}.", plain(begun));
            return Ok(text.into());
        }
        let more = if found.len() == listing::PAGE {
            "the first "
        } else {
            ""
        };
        let count = counted(found.len(), "member");
        let title = format!("{}: {more}{count}", plain(begun));
        let id = |page| FOUND.with((page, begun.to_owned()));
        Ok(Reply::page(
            Embed::new(title),
            found.iter().map(line),
            page,
            id,
        ))
    }
}

fn line(member: &Member) -> String {
    let other = member.display_name.as_ref();
    let other = other.filter(|name| **name != member.name);
    let other = other.map(|name| format!(" ({})", plain(name)));
    let joined = member.joined_at;
    let joined = joined.map(|at| format!(", joined {}", relative(at)));
    let (other, joined) = (other.unwrap_or_default(), joined.unwrap_or_default());
    format!("<@{}> {}{other}{joined}", member.user, plain(&member.name))
}
