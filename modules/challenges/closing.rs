//! The tasks of each guild: its week is closed and told, and whoever lacks points is nudged before.

use cogsmith::prelude::*;
use serenity::model::id::{GuildId, UserId};

use super::{Challenges, challenge::Challenge, dues::Outcome, store, total::Total, week::Week};

/// Of people in one message.
const MOST_NUDGED: usize = 50;

impl Challenges {
    /// Closes the week before this run. One that is up to a day late, as the bot was down, closes it all the same;
    /// a week that ended while the module was off stays void.
    pub(super) async fn close_week(&self, run: Run) -> Result<()> {
        let Some(guild) = guild_of(&run) else {
            return Ok(());
        };
        if store::off::was_at(self.host.db(), run.slot).await? {
            return Ok(());
        }
        self.close(guild, run.slot, run.attempt > 1).await
    }

    /// Closes the week that was over at an instant, and tells how it ended. One that is closed already is told
    /// again when an earlier attempt may not have come so far.
    pub(super) async fn close(
        &self,
        guild: GuildId,
        at: DateTime<Utc>,
        is_again: bool,
    ) -> Result<()> {
        let turn = self.turn(guild).await?;
        let Some(challenge) = store::challenge::read(self.host.db(), guild).await? else {
            return Ok(());
        };
        let week = challenge.over(at);
        if week < challenge.rules.start {
            return Ok(());
        }
        let is_new = store::closed::add(self.host.db(), guild, week).await?;
        drop(turn);
        if !is_new && !is_again {
            return Ok(());
        }
        let total = self.total(guild, week.year).await?;
        match ended(&total, week) {
            Some(text) => self.post(guild, &challenge, &text, ("c", week), &[]).await,
            None => Ok(()),
        }
    }

    /// Reminds whoever still lacks points of the week that ends.
    pub(super) async fn nudge(&self, run: Run) -> Result<()> {
        let Some(guild) = guild_of(&run) else {
            return Ok(());
        };
        let Some(challenge) = store::challenge::read(self.host.db(), guild).await? else {
            return Ok(());
        };
        let week = challenge.current(run.slot);
        let lacking = self.lacking(guild, &challenge, week).await?;
        if lacking.is_empty() {
            return Ok(());
        }
        let lines = lacking
            .iter()
            .map(|(user, left)| format!("<@{user}>: {} to go", counted(*left, "point")));
        let lines = lines.collect::<Vec<_>>().join("\n");
        let text = format!("{week} ends at midnight.\n{lines}");
        let users: Vec<_> = lacking.iter().map(|(user, _)| *user).collect();
        self.post(guild, &challenge, &text, ("n", week), &users)
            .await
    }

    /// Who lacks how many points.
    async fn lacking(
        &self,
        guild: GuildId,
        challenge: &Challenge,
        week: Week,
    ) -> Result<Vec<(UserId, u32)>> {
        let standings = self.standings(guild, challenge, week).await?;
        let needed = challenge.rules.needed;
        let lacking = standings
            .iter()
            .filter(|it| it.points < needed && !it.is_joker);
        let lacking = lacking.map(|it| (it.user, needed - it.points));
        Ok(lacking.take(MOST_NUDGED).collect())
    }
}

/// How a week ended; `None` when it was nobody's.
fn ended(total: &Total, week: Week) -> Option<String> {
    let lines = total.members.iter().filter_map(|(user, dues)| {
        let (_, outcome) = dues.weeks.iter().find(|(of, _)| *of == week)?;
        Some(match outcome {
            Outcome::Missed(price) => format!("{} <@{user}>: {price}", outcome.sign()),
            _ => format!("{} <@{user}>", outcome.sign()),
        })
    });
    let lines: Vec<_> = lines.collect();
    let (year, sums) = (week.year, total.sums());
    (!lines.is_empty()).then(|| {
        let lines = lines.join("\n");
        format!("**{week} is over.** {year} so far: {sums}\n{lines}")
    })
}

fn guild_of(run: &Run) -> Option<GuildId> {
    let scope = run.task.scope();
    let id = scope.strip_prefix("guild:")?.parse::<u64>().ok()?;
    (id != 0).then(|| GuildId::new(id))
}
