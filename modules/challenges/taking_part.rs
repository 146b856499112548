//! Joining and leaving, and whether a week counts for a member.

use cogsmith::prelude::*;
use serenity::model::id::{GuildId, UserId};

use super::{
    Challenges,
    stint::{Stint, refusal},
    store,
    week::Week,
};

impl Challenges {
    /// Begins a stint with the first whole week from now on that no earlier stint has; tells which.
    ///
    /// # Errors
    /// The member takes part already.
    pub(super) async fn join(&self, guild: GuildId, user: UserId) -> Result<Week> {
        let _turn = self.turn(guild).await?;
        let challenge = self.challenge(guild).await?;
        let stints = store::stint::of(self.host.db(), guild, user).await?;
        let mut first = challenge.next_whole(self.host.now());
        match stints.last() {
            Some(Stint { last: None, .. }) => {
                return Err(UserError::new("You take part already.").into());
            }
            Some(Stint {
                last: Some(last), ..
            }) => first = first.max(last.after()),
            None => {}
        }
        store::stint::begin(self.host.db(), guild, user, first).await?;
        Ok(first)
    }

    /// Ends a member's stint with the current week; tells which that is, or `None` when the first one lay ahead.
    ///
    /// # Errors
    /// The member does not take part, or has left already.
    pub(super) async fn leave(&self, guild: GuildId, user: UserId) -> Result<Option<Week>> {
        let _turn = self.turn(guild).await?;
        let current = self.challenge(guild).await?.current(self.host.now());
        let stints = store::stint::of(self.host.db(), guild, user).await?;
        match stints.last() {
            Some(Stint { first, last: None }) if *first > current => {
                store::stint::take_back(self.host.db(), guild, user).await?;
                Ok(None)
            }
            Some(Stint { last: None, .. }) => {
                store::stint::end(self.host.db(), guild, user, current).await?;
                Ok(Some(current))
            }
            Some(Stint {
                last: Some(last), ..
            }) if *last >= current => {
                let sentence = format!("You have left already: {last} is your last week.");
                Err(UserError::new(sentence).into())
            }
            _ => Err(UserError::new("You do not take part.").into()),
        }
    }

    /// Whether what a member does now may count for a week.
    ///
    /// # Errors
    /// The member does not take part in it, or it is closed; in a sentence.
    pub(super) async fn must_count(&self, guild: GuildId, user: UserId, week: Week) -> Result<()> {
        let stints = store::stint::of(self.host.db(), guild, user).await?;
        if let Some(sentence) = refusal(&stints, week) {
            return Err(UserError::new(sentence).into());
        }
        let closed = store::closed::all(self.host.db(), guild).await?;
        if closed.contains(&week) {
            let sentence = format!("{week} is closed: nothing more counts for it.");
            return Err(UserError::new(sentence).into());
        }
        Ok(())
    }
}
