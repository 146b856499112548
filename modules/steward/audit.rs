//! `/audit`: who changed what, and why; in a server for whoever manages it, and everywhere for the bot's owner.

use cogsmith::{
    audit::{Actor, Change, Filter, Recorded},
    prelude::*,
    reply::completions,
};
use serenity::{
    builder::CreateAutocompleteResponse,
    model::{
        id::{GuildId, UserId},
        permissions::Permissions,
        user::User,
    },
};

/// The newest changes that are looked at.
const LOOKED_AT: u32 = 1_000;

/// Shows who changed what.
#[command(
    slash_command,
    default_member_permissions = "MANAGE_GUILD",
    subcommands("list"),
    subcommand_required
)]
pub(super) async fn audit(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Lists what was changed here, and for the bot's owner everywhere: by whom, to what, and why.
#[command(slash_command, ephemeral)]
async fn list(
    ctx: Context<'_>,
    #[description = "Only changes that this person made"] who: Option<User>,
    #[description = "Only changes with this text in them, such as task stop"]
    #[max_length = 40]
    #[autocomplete = "verbs"]
    what: Option<String>,
    #[description = "Which page of the list; the first when left out"]
    #[min = 1]
    page: Option<usize>,
) -> Result<()> {
    let Context::Application(application) = ctx else {
        return Ok(());
    };
    let member = application.interaction.member.as_ref();
    let permissions = member.and_then(|member| member.permissions);
    let seen = seen(ctx.host(), ctx.author().id, ctx.guild_id(), permissions)?;
    let user = who.map_or(NOBODY, |user| user.id.get());
    let asked = (user, carried(what.as_deref()), page.unwrap_or(1));
    ctx.answer(listed(ctx.host(), seen, asked).await?).await
}

/// Of whom, with what in it, which page: what the buttons under the list carry.
type Asked = (u64, String, usize);

pub(super) const LIST: CustomId<Asked> = CustomId::new("audit-list:{who}:{what}:{page}");

/// Stands in an id for no person.
const NOBODY: u64 = 0;

pub(super) async fn turned(press: Press<Asked>) -> Result<()> {
    let member = press.member.as_ref();
    let permissions = member.and_then(|member| member.permissions);
    let seen = seen(press.host(), press.user.id, press.guild_id, permissions)?;
    let page = listed(press.host(), seen, press.arguments.clone()).await?;
    press.update(page).await
}

/// The server whose changes are shown; `None` for all there are.
fn seen(
    host: &Host,
    user: UserId,
    guild: Option<GuildId>,
    permissions: Option<Permissions>,
) -> Result<Option<GuildId>> {
    if host.is_owner(user) {
        return Ok(None);
    }
    let manages = permissions.is_some_and(|them| them.manage_guild() || them.administrator());
    guild.filter(|_| manages).map(Some).ok_or_else(|| {
        let why = "Only the bot's owner and whoever manages this server may use this command.";
        UserError::new(why).into()
    })
}

/// Part of a text that the id of a button can carry, in which these characters take three.
fn carried(what: Option<&str>) -> String {
    let what = what.unwrap_or_default().trim();
    let mut left = 60_usize;
    let fits = |c: &char| {
        let taken = if matches!(c, ':' | '%') { 3 } else { 1 };
        let rest = left.checked_sub(taken);
        left = rest.unwrap_or(0);
        rest.is_some()
    };
    what.chars().take_while(fits).collect()
}

async fn listed(host: &Host, guild: Option<GuildId>, asked: Asked) -> Result<Reply> {
    let (user, what, page) = asked;
    let filter = Filter {
        guild,
        user: (user != NOBODY).then(|| UserId::new(user)),
        what: Some(what.clone()),
    };
    let changes = host.audit().list(&filter, LOOKED_AT).await?;
    if changes.is_empty() {
        return Ok("No such change is recorded.".into());
    }
    let lines = changes.iter().map(|change| line(change, guild.is_none()));
    let embed = Embed::new("Changes, the newest first");
    Ok(Reply::page(embed, lines, page, |page| {
        LIST.with((user, what.clone(), page))
    }))
}

/// A change in a list, with its server where changes of several are listed.
fn line(recorded: &Recorded, tells_guild: bool) -> String {
    let change = &recorded.change;
    let about = change
        .about
        .map_or(String::new(), |user| format!(" of <@{user}>"));
    let guild = change.guild.filter(|_| tells_guild);
    let guild = guild.map_or(String::new(), |guild| format!(", in server {guild}"));
    let reason = change.by.reason.as_ref();
    let reason = reason.map_or(String::new(), |reason| format!(" Why: {reason}"));
    format!(
        "<t:{}:f> {}: **{}** `{}`{about}{guild}{}.{reason}",
        recorded.at.timestamp(),
        by(change.by.actor),
        change.verb,
        change.target,
        states(change)
    )
}

fn by(actor: Actor) -> String {
    match actor {
        Actor::User(user) => format!("<@{user}>"),
        actor => actor.to_string(),
    }
}

fn states(change: &Change) -> String {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!(": {before} → {after}"),
        (None, Some(after)) => format!(": {after}"),
        (Some(before), None) => format!(": it was {before}"),
        (None, None) => String::new(),
    }
}

async fn verbs(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    let verbs = ctx.host().audit().verbs().into_iter();
    completions(typed, verbs.map(|verb| (verb.clone(), verb)))
}
