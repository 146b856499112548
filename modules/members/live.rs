//! Changes as they happen, where Discord sends them: with the intent GUILD_MEMBERS, which is privileged.
//!
//! Without it the nightly snapshot finds them.

use cogsmith::{bus::category::MemberEvent, prelude::*};
use serenity::model::event::Event as Discords;

use super::{Members, member::Member, span::Span};

impl Members {
    /// Notes who has joined, has changed or has left. An event that comes again changes nothing.
    pub(super) async fn follow(&self, event: Event<MemberEvent>) -> Result<()> {
        let (guild, user, told) = match &**event {
            Discords::GuildMemberAdd(it) => {
                let member = Member::from(&it.member);
                (it.member.guild_id, member.user, Some(member))
            }
            Discords::GuildMemberUpdate(it) => {
                let member = Member::from(it);
                (it.guild_id, member.user, Some(member))
            }
            Discords::GuildMemberRemove(it) => (it.guild_id, it.user.id, None),
            _ => return Ok(()),
        };
        let told = told.into_iter().collect();
        // Nothing that is kept is newer.
        let asked_at = DateTime::<Utc>::MAX_UTC;
        self.note(guild, Span::one(user), told, asked_at, None)
            .await
    }
}
