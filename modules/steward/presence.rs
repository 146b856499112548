//! `/presence`: what people see of the bot, until it is started again.

use cogsmith::{config::Presence, prelude::*};
use serenity::model::{gateway::ActivityType, user::OnlineStatus};

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
    let before = ctx.host().presence();
    let after = Presence {
        status: dot.into(),
        activity: activity.as_deref().map(Presence::activity),
        ..Presence::default()
    };
    ctx.host().set_presence(&after);
    let [was, is] = [&before, &after].map(in_words);
    let change = ctx.by(reason).did("presence set", "the bot");
    let change = change.from(&*was).to(&*is);
    ctx.host().audit().record(change).await?;
    ctx.answer(format!(
        "People see: {was} → {is}. So it is until I am started again: `BOT_STATUS` and `BOT_ACTIVITY` are for good."
    ))
    .await
}

/// The dot, and what stands below the name.
fn in_words(presence: &Presence) -> String {
    let dot = match presence.status {
        OnlineStatus::DoNotDisturb => "do not disturb",
        OnlineStatus::Idle => "idle",
        OnlineStatus::Invisible | OnlineStatus::Offline => "invisible",
        _ => "online",
    };
    let Some(activity) = &presence.activity else {
        return dot.to_owned();
    };
    let verb = match activity.kind {
        ActivityType::Playing => "playing ",
        ActivityType::Listening => "listening to ",
        ActivityType::Watching => "watching ",
        ActivityType::Competing => "competing in ",
        _ => "",
    };
    // A status of the bot's own has its text in another place.
    let text = activity.state.as_ref().unwrap_or(&activity.name);
    format!("{dot}, `{verb}{text}`")
}
