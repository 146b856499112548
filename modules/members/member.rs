//! A member of a server, as far as this module looks at one.

use chrono::SubsecRound;
use cogsmith::prelude::*;
use serenity::model::{
    event::GuildMemberUpdateEvent,
    guild::Member as Discords,
    id::{RoleId, UserId},
    user::User,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) user: UserId,
    /// The user's own, unlike anybody else's.
    pub(super) name: String,
    /// What the server shows: the nickname, or else what the user is called everywhere, if anything.
    pub(super) display_name: Option<String>,
    pub(super) is_bot: bool,
    /// To the millisecond, as it is kept.
    pub(super) joined_at: Option<DateTime<Utc>>,
    /// By id; without the role of everybody.
    pub(super) roles: Vec<RoleId>,
}

impl Member {
    fn new(
        user: &User,
        nick: Option<&String>,
        joined_at: Option<DateTime<Utc>>,
        roles: &[RoleId],
    ) -> Self {
        let mut roles = roles.to_vec();
        roles.sort_unstable();
        Self {
            user: user.id,
            name: user.name.clone(),
            display_name: nick.or(user.global_name.as_ref()).cloned(),
            is_bot: user.bot,
            joined_at: joined_at.map(|at| at.trunc_subsecs(3)),
            roles,
        }
    }

    /// What to call them.
    pub(super) fn shown_name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.name)
    }
}

impl From<&Discords> for Member {
    fn from(it: &Discords) -> Self {
        let joined_at = it.joined_at.map(|at| *at);
        Self::new(&it.user, it.nick.as_ref(), joined_at, &it.roles)
    }
}

impl From<&GuildMemberUpdateEvent> for Member {
    fn from(it: &GuildMemberUpdateEvent) -> Self {
        Self::new(&it.user, it.nick.as_ref(), Some(*it.joined_at), &it.roles)
    }
}
