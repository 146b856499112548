//! The address by which a bot is added to a server, with what its modules need and no more.
//!
//! See Discord docs/Topics/OAuth2, Bot Authorization Flow.

use serenity::model::{
    Permissions,
    id::{ApplicationId, GuildId},
};

use super::{Need, Registry};

/// Where people add bots, whatever address the API has.
const AUTHORIZE: &str = "https://discord.com/oauth2/authorize";

/// An address that asks for the scopes `bot` and `applications.commands`, and for these permissions. With a guild
/// that one is chosen already.
#[must_use]
pub fn invite(
    application: ApplicationId,
    permissions: Permissions,
    guild: Option<GuildId>,
) -> String {
    let guild = guild.map(|id| format!("&guild_id={id}&disable_guild_select=true"));
    format!(
        "{AUTHORIZE}?client_id={application}&scope=bot+applications.commands&permissions={}{}",
        permissions.bits(),
        guild.unwrap_or_default()
    )
}

/// All of them together.
pub(crate) fn permissions<'n>(needs: impl IntoIterator<Item = &'n Need>) -> Permissions {
    let each = needs.into_iter().map(|need| need.permissions);
    each.fold(Permissions::empty(), Permissions::union)
}

impl Registry {
    /// The address by which this bot is added to a server; `None` before Discord has told who the bot is.
    pub fn invite(&self, guild: Option<GuildId>) -> Option<String> {
        let application = self.host.http().application_id()?;
        let permissions = permissions(self.needs().map(|(_, need)| need));
        Some(invite(application, permissions, guild))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_asks_for_the_permissions_and_no_more() {
        let needs = [Permissions::SEND_MESSAGES, Permissions::VIEW_CHANNEL]
            .map(|permissions| Need::new(permissions, "x"));
        let permissions = permissions(&needs);
        let bare = "https://discord.com/oauth2/authorize?client_id=7&scope=bot+applications.commands&permissions=3072";
        assert_eq!(invite(ApplicationId::new(7), permissions, None), bare);
        let here = invite(ApplicationId::new(7), permissions, Some(GuildId::new(9)));
        assert_eq!(here, format!("{bare}&guild_id=9&disable_guild_select=true"));
    }
}
