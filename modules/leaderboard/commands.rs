//! `/leaderboard view`, `/leaderboard update_info` and `/rank`: ask, render.

use cogsmith::prelude::*;
use serenity::model::prelude::Member;

use super::{Leaderboard, config::in_words, store::Board, xp};

/// An error's text is for owners, who see it with `/task show`.
const HIDDEN: &str = "There was one. The bot's owner can look it up.";

/// Who talks the most here.
#[command(
    slash_command,
    guild_only,
    subcommands("view", "update_info"),
    subcommand_required
)]
pub(super) async fn leaderboard(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Shows the members with the most XP.
#[command(slash_command, guild_only)]
async fn view(ctx: Context<'_>) -> Result<()> {
    let module = ctx.module::<Leaderboard>();
    let guild = ctx
        .guild_id()
        .ok_or(UserError::new("This command works in servers only."))?;
    let Some(board) = module.board(guild).await? else {
        return Err(UserError::new("Nobody has XP here yet. Say something!").into());
    };
    let own = match module.standing(guild, ctx.author().id).await? {
        Some(own) => format!("You: number {} with {} XP.", own.place, own.score.xp),
        None => "You have no XP yet.".to_owned(),
    };
    let embed = Embed::new("Leaderboard").description(format!("{}\n\n{own}", lines(&board)));
    ctx.answer(embed).await
}

fn lines(board: &Board) -> String {
    let lines = board.lines.iter().map(|line| {
        let (level, _) = xp::level(line.xp.cast_unsigned());
        format!(
            "{} <@{}>: {} XP, level {level}",
            place(line.place),
            line.user_id,
            line.xp
        )
    });
    let lines: Vec<_> = lines.collect();
    format!(
        "{}\nUpdated {}",
        lines.join("\n"),
        relative(board.updated_at)
    )
}

fn place(place: i64) -> String {
    match place {
        1 => "🥇".to_owned(),
        2 => "🥈".to_owned(),
        3 => "🥉".to_owned(),
        _ => format!("{place}."),
    }
}

/// Shows when the board was and will be updated.
#[command(slash_command, guild_only)]
async fn update_info(ctx: Context<'_>) -> Result<()> {
    let status = ctx.host().task("leaderboard.update")?.status();
    let has_failed = status.fails > 0 || status.state == State::Failed;
    let yes = |is| if is { "Yes" } else { "No" };
    let instant = |at: Option<DateTime<Utc>>, none: &str| at.map_or(none.to_owned(), relative);
    let fields = [
        ("Last update", instant(status.last_run_at, "Never")),
        (
            "Next update",
            instant(status.next_run_at, "None: the updates are stopped"),
        ),
        ("Time between loops", in_words(&status.trigger)),
        ("Times updated this session", status.loop_index.to_string()),
        ("Running?", yes(status.is_running()).to_owned()),
        ("Failed?", yes(has_failed).to_owned()),
        ("Total runs", status.runs_total.to_string()),
        (
            "Last duration",
            status
                .last_duration
                .map_or("None".to_owned(), |took| format!("{} ms", took.as_millis())),
        ),
        (
            "Last error",
            status.last_error.map_or("None", |_| HIDDEN).to_owned(),
        ),
    ];
    let embed = Embed::new("Leaderboard updates");
    let embed = fields
        .into_iter()
        .fold(embed, |embed, (name, value)| embed.field(name, value));
    ctx.answer(Reply::from(embed).ephemeral()).await
}

/// Shows your place on the leaderboard, or someone else's.
#[command(slash_command, guild_only)]
pub(super) async fn rank(
    ctx: Context<'_>,
    #[description = "Whose place; yours when left out"] user: Option<Member>,
) -> Result<()> {
    let guild = ctx
        .guild_id()
        .ok_or(UserError::new("This command works in servers only."))?;
    let user = user.map_or(ctx.author().id, |member| member.user.id);
    let module = ctx.module::<Leaderboard>();
    let Some(standing) = module.standing(guild, user).await? else {
        let who = if user == ctx.author().id {
            "You have".to_owned()
        } else {
            format!("<@{user}> has")
        };
        return Err(UserError::new(format!("{who} no XP yet.")).into());
    };
    let (level, rest) = xp::level(standing.score.xp);
    ctx.answer(format!(
        "<@{user}> is number {} with {} XP from {}: level {level}, {} XP to the next.",
        standing.place,
        standing.score.xp,
        counted(standing.score.messages, "message"),
        xp::to_next(level) - rest,
    ))
    .await
}
