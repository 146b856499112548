//! Cool-downs of commands, on the engine's clock. Poise's own would keep everybody who ever used a command.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use chrono::TimeDelta;
use parking_lot::Mutex;
use poise::{BoxFuture, CommandInteractionType, CooldownConfig, CooldownContext};

use super::{Command, Context, ContextExt};
use crate::error::{Result, UserError};

/// The cool-downs that run; those that are over are forgotten.
#[derive(Default)]
pub(crate) struct Cooldowns(Mutex<Running>);

#[derive(Default)]
struct Running {
    ends: HashMap<Key, Duration>,
    in_order: BTreeSet<(Duration, Key)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    command: String,
    who: Who,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Who {
    Everybody,
    User(u64),
    Guild(u64),
    Channel(u64),
    Member(u64, u64),
}

impl Cooldowns {
    /// Begins the cool-downs of a use, or tells how long the longest of them still runs.
    fn begin(&self, now: Duration, wanted: Vec<(Key, Duration)>) -> Result<(), Duration> {
        let mut running = self.0.lock();
        running.forget_until(now);
        let left = wanted.iter().filter_map(|(key, _)| running.ends.get(key));
        if let Some(end) = left.max() {
            return Err(end.saturating_sub(now));
        }
        for (key, time) in wanted {
            let end = now.saturating_add(time);
            running.ends.insert(key.clone(), end);
            running.in_order.insert((end, key));
        }
        Ok(())
    }
}

impl Running {
    fn forget_until(&mut self, now: Duration) {
        while self.in_order.first().is_some_and(|(end, _)| *end <= now) {
            if let Some((_, key)) = self.in_order.pop_first() {
                self.ends.remove(&key);
            }
        }
    }
}

/// Lets every command obey its own cool-downs and those of its groups, after its other checks.
pub(crate) fn install(commands: &mut [Command]) {
    for command in commands {
        if command.subcommands.is_empty() {
            command.checks.push(check);
        }
        install(&mut command.subcommands);
    }
}

fn check(ctx: Context<'_>) -> BoxFuture<'_, Result<bool>> {
    Box::pin(async move {
        if is_completing(ctx) {
            return Ok(true);
        }
        let wanted = ctx
            .command_tree()
            .iter()
            .flat_map(|command| wanted(command, ctx));
        let now = ctx.host().clock().monotonic();
        match ctx.data().cooldowns.begin(now, wanted.collect()) {
            Ok(()) => Ok(true),
            Err(left) => Err(refusal(ctx, left).into()),
        }
    })
}

fn is_completing(ctx: Context<'_>) -> bool {
    let Context::Application(ctx) = ctx else {
        return false;
    };
    ctx.interaction_type == CommandInteractionType::Autocomplete
}

/// The moment is rounded up, so that it is never too early.
fn refusal(ctx: Context<'_>, left: Duration) -> UserError {
    let left = TimeDelta::from_std(left).unwrap_or(TimeDelta::MAX);
    let again = ctx.host().now().checked_add_signed(left);
    let again = again.map_or(i64::MAX, |again| again.timestamp() + 1);
    UserError::new(format!(
        "Please wait: this can be used again <t:{again}:R>."
    ))
}

fn wanted(command: &Command, ctx: Context<'_>) -> Vec<(Key, Duration)> {
    if command.manual_cooldowns == Some(true) {
        return Vec::new();
    }
    let config = command.cooldown_config.read();
    let config = config.map_or_else(|poisoned| poisoned.into_inner().clone(), |it| it.clone());
    let times = times(&config, &ctx.cooldown_context());
    let key = |who| Key {
        command: command.qualified_name.to_string(),
        who,
    };
    times
        .into_iter()
        .map(|(who, time)| (key(who), time))
        .collect()
}

fn times(config: &CooldownConfig, used: &CooldownContext) -> Vec<(Who, Duration)> {
    let (user, guild) = (used.user_id.get(), used.guild_id.map(u64::from));
    let all = [
        (Some(Who::Everybody), config.global),
        (Some(Who::User(user)), config.user),
        (guild.map(Who::Guild), config.guild),
        (Some(Who::Channel(used.channel_id.get())), config.channel),
        (guild.map(|guild| Who::Member(user, guild)), config.member),
    ];
    all.into_iter()
        .filter_map(|(who, time)| who.zip(time))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(user: u64, seconds: u64) -> Vec<(Key, Duration)> {
        let command = "roll".to_owned();
        let who = Who::User(user);
        vec![(Key { command, who }, Duration::from_secs(seconds))]
    }

    #[test]
    fn only_cool_downs_that_run_are_kept() {
        let cooldowns = Cooldowns::default();
        for user in 0..100_000 {
            let now = Duration::from_secs(user);
            assert_eq!(cooldowns.begin(now, wanted(user, 10)), Ok(()));
        }
        let running = cooldowns.0.lock();
        assert_eq!((running.ends.len(), running.in_order.len()), (10, 10));
    }

    #[test]
    fn a_refused_use_begins_nothing() {
        let cooldowns = Cooldowns::default();
        let at = |seconds| cooldowns.begin(Duration::from_secs(seconds), wanted(1, 10));
        assert_eq!(at(0), Ok(()));
        assert_eq!(at(4), Err(Duration::from_secs(6)));
        assert_eq!(at(10), Ok(()));
    }
}
