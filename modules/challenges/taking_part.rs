//! What members do: every change, so that what was computed before it counts no more.

use cogsmith::prelude::*;
use serenity::model::id::{GuildId, UserId};

use super::{
    Challenges,
    challenge::Challenge,
    store::{self, Activity, Payment},
    week::Week,
};

/// How far a member is in a week.
pub(super) struct Standing {
    pub(super) user: UserId,
    pub(super) points: u32,
    pub(super) is_joker: bool,
}

impl Challenges {
    pub(super) async fn set(&self, guild: GuildId, challenge: &Challenge) -> Result<()> {
        store::set(self.host.db(), guild, challenge).await?;
        self.changed(guild);
        self.schedule(guild, challenge.zone.name()).await
    }

    /// `false` when the member takes part already.
    pub(super) async fn join(&self, guild: GuildId, user: UserId, first: Week) -> Result<bool> {
        let joined = store::join(self.host.db(), guild, user, first).await?;
        self.changed(guild);
        Ok(joined)
    }

    /// `false` when the member does not take part.
    pub(super) async fn leave(&self, guild: GuildId, user: UserId, last: Week) -> Result<bool> {
        let left = store::leave(self.host.db(), guild, user, last).await?;
        self.changed(guild);
        Ok(left)
    }

    pub(super) async fn note(&self, guild: GuildId, activity: &Activity) -> Result<()> {
        let turn = self
            .host
            .locks()
            .lock(("challenges.note", activity.user.get()))
            .await?;
        let noted = store::noted(self.host.db(), guild, activity).await?;
        store::note(self.host.db(), guild, std::slice::from_ref(activity), noted).await?;
        drop(turn);
        self.changed(guild);
        Ok(())
    }

    pub(super) async fn import(&self, guild: GuildId, activities: &[Activity]) -> Result<()> {
        store::note(self.host.db(), guild, activities, 0).await?;
        self.changed(guild);
        Ok(())
    }

    /// Leaves a week out; tells how many more may be.
    ///
    /// # Errors
    /// The week is left out already, or no more may be.
    pub(super) async fn joker(
        &self,
        guild: GuildId,
        challenge: &Challenge,
        user: UserId,
        week: Week,
    ) -> Result<u32> {
        let _turn = self
            .host
            .locks()
            .lock(("challenges.joker", user.get()))
            .await?;
        let records = store::records(self.host.db(), guild, week.year, &challenge.rules).await?;
        let used = records.get(&user).map_or(0, |record| record.jokers.len());
        let used = u32::try_from(used).unwrap_or(u32::MAX);
        if used >= challenge.rules.jokers {
            let sentence = format!(
                "All {} of this year are used.",
                counted(challenge.rules.jokers, "joker week")
            );
            return Err(UserError::new(sentence).into());
        }
        if !store::add_joker(self.host.db(), guild, user, week).await? {
            return Err(UserError::new(format!("{week} is left out already.")).into());
        }
        self.changed(guild);
        Ok(challenge.rules.jokers - used - 1)
    }

    pub(super) async fn pay(&self, guild: GuildId, payment: &Payment) -> Result<()> {
        store::pay(self.host.db(), guild, payment, self.host.now()).await?;
        self.changed(guild);
        Ok(())
    }

    /// A member's points of a week.
    pub(super) async fn points(
        &self,
        guild: GuildId,
        challenge: &Challenge,
        user: UserId,
        week: Week,
    ) -> Result<u32> {
        let standings = self.standings(guild, challenge, week).await?;
        let own = standings.iter().find(|standing| standing.user == user);
        Ok(own.map_or(0, |standing| standing.points))
    }

    /// Everybody for whom a week counts, whoever has most points first.
    pub(super) async fn standings(
        &self,
        guild: GuildId,
        challenge: &Challenge,
        week: Week,
    ) -> Result<Vec<Standing>> {
        let records = store::records(self.host.db(), guild, week.year, &challenge.rules).await?;
        let counts = records.into_iter().filter(|(_, record)| {
            record.first.is_none_or(|first| first <= week)
                && record.last.is_none_or(|last| last >= week)
        });
        let standings = counts.map(|(user, record)| Standing {
            user,
            points: record.points.get(&week).copied().unwrap_or(0),
            is_joker: record.jokers.contains(&week),
        });
        let mut standings: Vec<_> = standings.collect();
        standings.sort_by_key(|standing| (std::cmp::Reverse(standing.points), standing.user));
        Ok(standings)
    }
}
