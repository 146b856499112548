//! The showcase: those who have a role and have agreed to be shown to the public, as JSON for a web page.
//!
//! Whoever has agreed is asked for at Discord one by one, which needs no intent: who has lost the role, or has left, is
//! not shown.

use std::sync::Arc;

use cogsmith::prelude::*;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use serenity::{
    http::{Http, HttpError},
    model::{
        guild::Member,
        id::{GuildId, RoleId, UserId},
    },
};

pub(super) const ROLE: Setting<Option<RoleId>> = Setting::role(
    "members.showcase_role",
    "Role whose members may show themselves to the public",
);

/// Members asked for at once.
const AT_ONCE: usize = 4;

/// Somebody has agreed to be shown among those with a role, and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Consent {
    pub(super) guild: GuildId,
    pub(super) user: UserId,
    pub(super) role: RoleId,
    pub(super) given_at: DateTime<Utc>,
}

/// A file of all who have the role and have agreed, by when they joined.
pub(super) async fn file(
    http: &Arc<Http>,
    guild: GuildId,
    role: RoleId,
    consents: &[Consent],
) -> Result<Json> {
    let agreed = consents.iter().filter(|consent| consent.role == role);
    let users: Vec<_> = agreed.map(|consent| consent.user).collect();
    let found = stream::iter(users).map(|user| find(Arc::clone(http), guild, user));
    let found = found.buffer_unordered(AT_ONCE).try_collect::<Vec<_>>();
    let mut members: Vec<_> = found.await?.into_iter().flatten().collect();
    members.retain(|member| member.roles.contains(&role));
    members.sort_unstable_by_key(|member| (member.joined_at, member.user.id));
    let members: Vec<_> = members.iter().map(shown).collect();
    Ok(json!({"guild": guild, "role": role, "members": members}))
}

/// `None` for who has left.
async fn find(http: Arc<Http>, guild: GuildId, user: UserId) -> Result<Option<Member>> {
    match guild.member(&http, user).await {
        Ok(member) => Ok(Some(member)),
        Err(error) if is_unknown(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn is_unknown(error: &serenity::Error) -> bool {
    let serenity::Error::Http(HttpError::UnsuccessfulRequest(refused)) = error else {
        return false;
    };
    refused.status_code.as_u16() == 404
}

fn shown(member: &Member) -> Json {
    json!({
        "id": member.user.id,
        "name": member.user.name,
        "display_name": member.display_name(),
        "picture": member.face(),
        "joined_at": member.joined_at.map(|at| at.to_rfc3339()),
    })
}
