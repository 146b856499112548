//! The members of a server as Discord lists them: pages, each asked for when the one before has been used.
//!
//! See Discord docs/Resources/Guild/List Guild Members. The list is refused to an application for which the intent
//! GUILD_MEMBERS is not switched on, whether a session asks for the intent or not.

use std::sync::Arc;

use anyhow::ensure;
use cogsmith::prelude::*;
use futures_util::{Stream, stream};
use serenity::{
    http::{Http, HttpError},
    model::id::{GuildId, UserId},
};

use super::member::Member;

/// The most that Discord lists at once.
pub(super) const PAGE: usize = 1_000;

/// Discord does not give the list.
#[derive(Debug, thiserror::Error)]
#[error(
    "Discord does not let me list the members of this server: the Server Members Intent is not switched on on the \
     page of my application, or I am not in the server any more."
)]
pub(super) struct Forbidden;

/// Pages of at most 1,000 members, by id, of all who come after this one. The last page is the one that is not full.
///
/// # Errors
/// A page that cannot be had ends the stream; one that is refused is [`Forbidden`].
pub(super) fn pages(
    http: Arc<Http>,
    guild: GuildId,
    after: Option<UserId>,
) -> impl Stream<Item = Result<Vec<Member>>> + Send {
    stream::try_unfold(Some(after), move |next| {
        let http = Arc::clone(&http);
        async move {
            let Some(after) = next else {
                return Ok(None);
            };
            let page = page(&http, guild, after).await?;
            let last = page.last().map(|member| member.user);
            let next = (page.len() == PAGE).then_some(last);
            Ok(Some((page, next)))
        }
    })
}

async fn page(http: &Http, guild: GuildId, after: Option<UserId>) -> Result<Vec<Member>> {
    let members = guild.members(http, Some(PAGE as u64), after).await;
    let members = members.map_err(told)?;
    let mut page: Vec<_> = members.iter().map(Member::from).collect();
    page.sort_unstable_by_key(|member| member.user);
    let first = page.first().map(|member| member.user);
    ensure!(
        first.is_none() || first > after,
        "Discord lists member {first:?} again after {after:?}"
    );
    Ok(page)
}

/// Members whose name or nickname begins like this, at most [`PAGE`]. See Discord docs/Resources/Guild/Search Guild
/// Members.
pub(super) async fn search(http: &Http, guild: GuildId, begun: &str) -> Result<Vec<Member>> {
    let found = guild.search_members(http, begun, Some(PAGE as u64)).await;
    let found = found.map_err(told)?;
    Ok(found.iter().map(Member::from).collect())
}

/// A refusal is [`Forbidden`].
pub(super) fn told(error: serenity::Error) -> Error {
    match is_refused(&error) {
        true => Forbidden.into(),
        false => error.into(),
    }
}

/// Forbidden, or a server that is not there for the bot.
fn is_refused(error: &serenity::Error) -> bool {
    let serenity::Error::Http(HttpError::UnsuccessfulRequest(refused)) = error else {
        return false;
    };
    [403, 404].contains(&refused.status_code.as_u16())
}
