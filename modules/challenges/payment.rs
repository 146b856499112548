//! Payments for a year's dues.

use cogsmith::{audit::Actor, prelude::*};
use serenity::model::{
    id::{GuildId, UserId},
    user::User,
};

use super::{Challenges, money::Cents, store};

pub(super) struct Payment {
    pub(super) user: UserId,
    pub(super) year: i32,
    pub(super) cents: Cents,
    pub(super) paid_at: DateTime<Utc>,
    /// `None` when they had themselves deleted.
    pub(super) recorded_by: Option<UserId>,
}

impl Challenges {
    /// Notes that somebody has paid, for the current year when none is given.
    ///
    /// # Errors
    /// They have never taken part.
    pub(super) async fn pay(
        &self,
        guild: GuildId,
        user: &User,
        cents: Cents,
        year: Option<i32>,
        by: &By,
    ) -> Result<Payment> {
        let _turn = self.turn(guild).await?;
        let challenge = self.challenge(guild).await?;
        if store::stint::of(self.host.db(), guild, user.id)
            .await?
            .is_empty()
        {
            let sentence = format!(
                "{} has never taken part here: nothing was noted.",
                user.display_name()
            );
            return Err(UserError::new(sentence).into());
        }
        let now = self.host.now();
        let payment = Payment {
            user: user.id,
            year: year.unwrap_or(challenge.current(now).year),
            cents,
            paid_at: now,
            recorded_by: match by.actor {
                Actor::User(user) => Some(user),
                _ => None,
            },
        };
        let paid = by.did_in(guild, "dues paid", payment.year.to_string());
        let paid = paid.about(user.id).to(cents.to_string());
        let mut transaction = self.host.db().begin().await?;
        store::payment::add(&mut transaction, guild, &payment).await?;
        self.host.audit().record_in(&mut transaction, paid).await?;
        transaction.commit().await?;
        Ok(payment)
    }
}
