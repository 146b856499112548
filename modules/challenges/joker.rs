//! Weeks that a member leaves out.

use cogsmith::prelude::*;
use serenity::model::id::{GuildId, UserId};

use super::{Challenges, challenge::Challenge, store, week::Week};

impl Challenges {
    /// Leaves a week of this year out, the current one when none is given; tells which, and how many more may be.
    ///
    /// # Errors
    /// The week cannot be left out, or is already, or no more may be; in a sentence.
    pub(super) async fn leave_out(
        &self,
        guild: GuildId,
        user: UserId,
        number: Option<u32>,
    ) -> Result<(Week, u32)> {
        let _turn = self.turn(guild).await?;
        let challenge = self.challenge(guild).await?;
        let most = challenge.rules.jokers;
        if most == 0 {
            return Err(UserError::new("This challenge has no joker weeks.").into());
        }
        let week = week_of(&challenge, number, self.host.now())?;
        self.must_count(guild, user, week).await?;
        let used = store::joker::of(self.host.db(), guild, user, week.year).await?;
        if used.contains(&week) {
            return Err(UserError::new(format!("{week} is left out already.")).into());
        }
        let left = u32::try_from(used.len()).map_or(0, |used| most.saturating_sub(used));
        if left == 0 {
            let sentence = format!("You have no joker week of {} left.", week.year);
            return Err(UserError::new(sentence).into());
        }
        store::joker::add(self.host.db(), guild, user, week).await?;
        Ok((week, left - 1))
    }
}

fn week_of(
    challenge: &Challenge,
    number: Option<u32>,
    now: DateTime<Utc>,
) -> Result<Week, UserError> {
    let current = challenge.current(now);
    let week = number.map_or(Some(current), |number| Week::new(current.year, number));
    week.filter(|week| *week >= current).ok_or_else(|| {
        UserError::new(format!(
            "This week is {current}: only this one and later ones of the year can be left out."
        ))
    })
}
