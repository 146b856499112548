//! `/presence`: what people see of the bot, until it is started again.

use cogsmith::{config::Presence, prelude::*};
use serenity::model::user::OnlineStatus;

#[derive(Clone, Copy, poise::ChoiceParameter)]
enum Status {
    #[name = "online"]
    Online,
    #[name = "idle"]
    Idle,
    #[name = "do not disturb"]
    DoNotDisturb,
    #[name = "invisible"]
    Invisible,
}

impl From<Status> for OnlineStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Online => Self::Online,
            Status::Idle => Self::Idle,
            Status::DoNotDisturb => Self::DoNotDisturb,
            Status::Invisible => Self::Invisible,
        }
    }
}

/// Sets what people see of the bot.
#[command(slash_command, owners_only, subcommands("set"), subcommand_required)]
pub(super) async fn presence(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Sets the dot beside the bot's name and what stands below it.
#[command(slash_command, owners_only, ephemeral)]
async fn set(
    ctx: Context<'_>,
    #[description = "Such as playing chess, watching the clock, or any text; nothing when left out"]
    #[max_length = 128]
    activity: Option<String>,
    #[description = "The dot; online when left out"] status: Option<Status>,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    let dot = status.unwrap_or(Status::Online);
    ctx.host().set_presence(&Presence {
        status: dot.into(),
        activity: activity.as_deref().map(Presence::activity),
        ..Presence::default()
    });
    let below = activity.map_or_else(|| "nothing".to_owned(), |text| format!("`{text}`"));
    let dot = poise::ChoiceParameter::name(&dot);
    let by = ctx.by(reason);
    let change = by.did("presence set", "the bot");
    let change = change.to(format!("{dot}, below its name {below}"));
    ctx.host().audit().record(change).await?;
    ctx.answer(format!(
        "I am {dot} now, and below my name stands {below}, until I am started again: `BOT_STATUS` and `BOT_ACTIVITY` \
         are for good."
    ))
    .await
}
