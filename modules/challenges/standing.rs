//! How far members are in a week.

use cogsmith::prelude::*;
use serenity::model::id::{GuildId, UserId};

use super::{Challenges, challenge::Challenge, store, week::Week};

pub(super) struct Standing {
    pub(super) user: UserId,
    pub(super) points: u32,
    pub(super) is_joker: bool,
}

impl Challenges {
    /// A member's; `None` when the week does not count for them.
    pub(super) async fn standing(
        &self,
        guild: GuildId,
        challenge: &Challenge,
        user: UserId,
        week: Week,
    ) -> Result<Option<Standing>> {
        let standings = self.standings(guild, challenge, week).await?;
        Ok(standings.into_iter().find(|it| it.user == user))
    }

    /// Everybody for whom a week counts, whoever has most points first.
    pub(super) async fn standings(
        &self,
        guild: GuildId,
        challenge: &Challenge,
        week: Week,
    ) -> Result<Vec<Standing>> {
        let records =
            store::record::all(self.host.db(), guild, week.year, &challenge.rules).await?;
        let counts = records.into_iter().filter(|(_, it)| it.counts(week));
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
