//! Setting a challenge up and changing it, with the tasks that close its weeks.

use cogsmith::prelude::*;
use serenity::model::id::GuildId;

use super::{Challenges, challenge::Challenge, store};

/// The families, each with the times at which its members are due.
const FAMILIES: [(&str, &str); 2] = [
    ("challenges.close_week", "5 0 * * MON"),
    ("challenges.nudge", "0 18 * * SUN"),
];

/// How long after its end a week is closed.
const CLOSED_AFTER: Duration = Duration::from_secs(5 * 60);

impl Challenges {
    /// Lets `edit` make the challenge that is there, or `None`, into another; what members have done stays. It is
    /// recorded as `verb`.
    ///
    /// # Errors
    /// What `edit` says; nothing has changed then.
    pub(super) async fn change(
        &self,
        guild: GuildId,
        verb: &str,
        by: &By,
        edit: impl FnOnce(Option<Challenge>) -> Result<Challenge>,
    ) -> Result<Challenge> {
        let turn = self.turn(guild).await?;
        let before = store::challenge::read(self.host.db(), guild).await?;
        let challenge = edit(before.clone())?;
        let mut changed = by.did_in(guild, verb, "the challenge");
        if let Some(before) = &before {
            changed = changed.from(before.to_string());
        }
        let changed = changed.to(challenge.to_string());
        let mut transaction = self.host.db().begin().await?;
        store::challenge::write(&mut transaction, guild, &challenge).await?;
        self.host
            .audit()
            .record_in(&mut transaction, changed)
            .await?;
        transaction.commit().await?;
        self.schedule(guild, challenge.zone).await?;
        drop(turn);
        let closing = self.host.now() - CLOSED_AFTER;
        if before.is_some_and(|before| before.over(closing) < challenge.over(closing)) {
            // In the new zone the week was to be closed already.
            self.close(guild, closing, false).await?;
        }
        Ok(challenge)
    }

    /// Makes a guild's weeks end by its zone.
    async fn schedule(&self, guild: GuildId, zone: Tz) -> Result<()> {
        let scope = format!("guild:{guild}");
        for (name, times) in FAMILIES {
            let trigger = cron(format!("{times} in {zone}"));
            let family = self.host.family(name)?;
            match family.get(&scope) {
                Some(task) => drop(task.change_interval(trigger).await?),
                None => drop(family.schedule(scope.as_str(), trigger, &()).await?),
            }
        }
        Ok(())
    }
}
