//! The tasks of each guild: its week is closed and told, and whoever lacks points is nudged before.

use cogsmith::prelude::*;
use serenity::{
    builder::{CreateAllowedMentions, CreateMessage},
    model::{
        channel::Nonce,
        id::{ChannelId, GuildId},
    },
};

use super::{Challenges, challenge::Challenge, commands::sign, dues::Outcome, week::Week};

/// The families, each with the times at which its members are due.
const FAMILIES: [(&str, &str); 2] = [
    ("challenges.close_week", "5 0 * * MON"),
    ("challenges.nudge", "0 18 * * SUN"),
];

/// Of people in one message.
const MOST_NUDGED: usize = 50;

impl Challenges {
    /// Makes a guild's weeks end by its zone.
    pub(super) async fn schedule(&self, guild: GuildId, zone: &str) -> Result<()> {
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

    /// Tells how the week before this run ended. A run that was missed while the bot was down is made up for, once.
    pub(super) async fn close_week(&self, run: Run) -> Result<()> {
        let Some((guild, challenge)) = self.of_task(&run).await? else {
            return Ok(());
        };
        let week = challenge.over(run.slot);
        if week < challenge.rules.start {
            return Ok(());
        }
        let total = self.total(guild, &challenge, week.year).await?;
        let ended = total.members.iter().filter_map(|(user, dues)| {
            let (_, outcome) = dues.weeks.iter().find(|(of, _)| *of == week)?;
            Some(match outcome {
                Outcome::Missed(price) => format!("{} <@{user}>: {price}", sign(*outcome)),
                _ => format!("{} <@{user}>", sign(*outcome)),
            })
        });
        let lines: Vec<_> = ended.collect();
        if lines.is_empty() {
            return Ok(());
        }
        let text = format!(
            "**{week} is over.** In the pot: {}\n{}",
            total.left(),
            lines.join("\n")
        );
        self.post(challenge.channel, &text, nonce("c", guild, week), &[])
            .await
    }

    /// Reminds whoever still lacks points of the week that ends.
    pub(super) async fn nudge(&self, run: Run) -> Result<()> {
        let Some((guild, challenge)) = self.of_task(&run).await? else {
            return Ok(());
        };
        let week = challenge.current(run.slot);
        let standings = self.standings(guild, &challenge, week).await?;
        let needed = challenge.rules.needed;
        let lacking = standings
            .iter()
            .filter(|it| it.points < needed && !it.is_joker);
        let lacking: Vec<_> = lacking.take(MOST_NUDGED).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        let lines = lacking.iter().map(|it| {
            let left = needed - it.points;
            format!("<@{}>: {} to go", it.user, counted(left, "point"))
        });
        let text = format!(
            "{week} ends at midnight.\n{}",
            lines.collect::<Vec<_>>().join("\n")
        );
        let users: Vec<_> = lacking.iter().map(|it| it.user).collect();
        self.post(challenge.channel, &text, nonce("n", guild, week), &users)
            .await
    }

    async fn of_task(&self, run: &Run) -> Result<Option<(GuildId, Challenge)>> {
        let scope = run.task.scope();
        let id = scope
            .strip_prefix("guild:")
            .and_then(|id| id.parse::<u64>().ok());
        let Some(guild) = id.filter(|id| *id != 0).map(GuildId::new) else {
            return Ok(None);
        };
        let challenge = super::store::challenge(self.host.db(), guild).await?;
        Ok(challenge.map(|challenge| (guild, challenge)))
    }

    /// Posted once: Discord takes a message of the same nonce for the same message.
    async fn post(
        &self,
        channel: ChannelId,
        text: &str,
        nonce: String,
        pinged: &[serenity::model::id::UserId],
    ) -> Result<()> {
        let message = CreateMessage::new()
            .content(shorten(text, 2_000))
            .allowed_mentions(CreateAllowedMentions::new().users(pinged))
            .nonce(Nonce::String(nonce))
            .enforce_nonce(true);
        channel.send_message(self.host.http(), message).await?;
        Ok(())
    }
}

/// At most 25 characters, the same for each attempt at a week.
fn nonce(kind: &str, guild: GuildId, week: Week) -> String {
    format!("{kind}{:x}-{:x}{:x}", guild.get(), week.year, week.number)
}
