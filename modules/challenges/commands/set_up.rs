//! `/challenge_config create`, `sport` and `rules`: what a challenge asks for.

use chrono_tz::Tz;
use cogsmith::{prelude::*, reply::completions};
use serenity::model::channel::GuildChannel;

use super::guild;
use crate::modules::challenges::{
    Challenges, NONE, challenge::Challenge, money::Cents, rules::Rules, week::Week,
};

/// Makes this server's challenge, or changes its rules; what members have done stays.
#[command(slash_command, guild_only, required_permissions = "MANAGE_GUILD")]
#[expect(
    clippy::too_many_arguments,
    reason = "each is an option of the command"
)]
pub(super) async fn create(
    ctx: Context<'_>,
    #[description = "Where weeks are closed: this channel at first"]
    #[channel_types("Text")]
    channel: Option<GuildChannel>,
    #[description = "The time zone of its days and weeks, such as Europe/Prague: UTC at first"]
    #[autocomplete = "zones"]
    zone: Option<String>,
    #[description = "Points that a week needs: 3 at first"]
    #[min = 1]
    #[max = 100]
    needed: Option<u32>,
    #[description = "Minutes that an activity may fall short of a point: 2 at first"]
    #[min = 0]
    #[max = 60]
    tolerance: Option<u32>,
    #[description = "What a missed week costs, such as 5 or 2.50: 5 € at first"] price: Option<
        String,
    >,
    #[description = "What each further missed week in a row costs, in % of the one before: 200 at first"]
    #[min = 0]
    #[max = 1000]
    factor: Option<u32>,
    #[description = "Weeks in a year that a member may leave out: 4 at first"]
    #[min = 0]
    #[max = 53]
    jokers: Option<u32>,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    let zone = zone.as_deref().map(zone_of).transpose()?;
    let price = price.as_deref().map(price_of).transpose()?;
    let mut was_there = false;
    let edit = |before: Option<Challenge>| {
        was_there = before.is_some();
        let mut challenge = before.unwrap_or_else(|| begun(ctx, zone.unwrap_or(Tz::UTC)));
        challenge.channel = channel.map_or(challenge.channel, |channel| channel.id);
        challenge.zone = zone.unwrap_or(challenge.zone);
        challenge.set_up_by = Some(ctx.author().id);
        let rules = &mut challenge.rules;
        rules.needed = needed.unwrap_or(rules.needed);
        rules.tolerance = tolerance.unwrap_or(rules.tolerance);
        rules.price = price.unwrap_or(rules.price);
        rules.factor = factor.unwrap_or(rules.factor);
        rules.jokers = jokers.unwrap_or(rules.jokers);
        Ok(challenge)
    };
    let module = ctx.module::<Challenges>();
    let (verb, by) = ("challenge_config create", ctx.by(reason));
    let challenge = module.change(guild(ctx)?, verb, &by, edit).await?;
    let done = if was_there {
        "The rules are changed."
    } else {
        "The challenge begins."
    };
    ctx.answer(Reply::from(done).embed(described(&challenge)))
        .await
}

/// A new one, which begins with the current week, here.
fn begun(ctx: Context<'_>, zone: Tz) -> Challenge {
    let today = ctx.host().now().with_timezone(&zone).date_naive();
    Challenge {
        rules: Rules::new(Week::of(today)),
        channel: ctx.channel_id(),
        zone,
        set_up_by: Some(ctx.author().id),
    }
}

/// Adds a sport, changes what it asks for, or takes it out.
#[command(
    slash_command,
    guild_only,
    ephemeral,
    required_permissions = "MANAGE_GUILD"
)]
pub(super) async fn sport(
    ctx: Context<'_>,
    #[description = "Its name"]
    #[max_length = 50]
    name: String,
    #[description = "Minutes for a point; the sport is taken out when left out"]
    #[min = 1]
    #[max = 1440]
    minutes: Option<u32>,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    let (module, guild) = (ctx.module::<Challenges>(), guild(ctx)?);
    let name = name.trim().to_lowercase();
    if name.is_empty() {
        return Err(UserError::new("A sport needs a name, such as `run`.").into());
    }
    let edit = |before: Option<Challenge>| {
        let mut challenge = before.ok_or(UserError::new(NONE))?;
        let sports = &mut challenge.rules.sports;
        match minutes {
            Some(minutes) => drop(sports.insert(name.clone(), minutes)),
            None => drop(
                sports
                    .remove(&name)
                    .ok_or_else(|| UserError::new(format!("There is no sport named `{name}`.")))?,
            ),
        }
        Ok(challenge)
    };
    let (verb, by) = ("challenge_config sport", ctx.by(reason));
    module.change(guild, verb, &by, edit).await?;
    ctx.answer(match minutes {
        Some(minutes) => format!("{name} gives a point for {}.", counted(minutes, "minute")),
        None => format!("{name} gives no points any more, also in the past."),
    })
    .await
}

/// Shows what the challenge asks for.
#[command(slash_command, guild_only)]
pub(super) async fn rules(ctx: Context<'_>) -> Result<()> {
    let challenge = ctx.module::<Challenges>().challenge(guild(ctx)?).await?;
    ctx.answer(described(&challenge)).await
}

fn described(challenge: &Challenge) -> Embed {
    let rules = &challenge.rules;
    let sports = rules
        .sports
        .iter()
        .map(|(sport, minutes)| format!("{sport}: {minutes} min"));
    let row = match rules.factor {
        0 => "; each further one in a row is free".to_owned(),
        100 => String::new(),
        factor => format!("; each further one in a row costs {factor} % of the one before"),
    };
    let jokers = match rules.jokers {
        0 => "None".to_owned(),
        jokers => jokers.to_string(),
    };
    Embed::new("The challenge")
        .field("A week needs", counted(rules.needed, "point"))
        .field("A missed week costs", format!("{}{row}", rules.price))
        .field("A point is", sports.collect::<Vec<_>>().join("\n"))
        .field("Tolerance", format!("{} min", rules.tolerance))
        .field("Joker weeks in a year", jokers)
        .field("Since", rules.start.to_string())
        .field(
            "Weeks end",
            format!(
                "Sunday at midnight, {}, in <#{}>",
                challenge.zone, challenge.channel
            ),
        )
}

fn zone_of(text: &str) -> Result<Tz, UserError> {
    let expected = "expected the name of a time zone, such as `Europe/Prague`";
    text.trim()
        .parse()
        .map_err(|_| UserError::new(format!("`{text}` is no time zone: {expected}.")))
}

fn price_of(text: &str) -> Result<Cents, UserError> {
    let expected = "expected euros and cents, such as `5` or `2.50`, up to 1,000,000";
    text.parse()
        .map_err(|()| UserError::new(format!("`{text}` is no price: {expected}.")))
}

async fn zones(_: Context<'_>, typed: &str) -> serenity::builder::CreateAutocompleteResponse {
    let zones = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    completions(typed, zones.map(|name| (name.to_owned(), name.to_owned())))
}
