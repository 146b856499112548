//! A failed command becomes one sentence for the person and, when it is our fault, one log line.

use std::any::Any;

use cogsmith_tasks::ErrorChain;
use poise::{ApplicationContext, CommandInteractionType, FrameworkError};
use rand::Rng;
use serenity::{builder::CreateInteractionResponse, http::HttpError, model::Permissions};
use tracing::{error, warn};

use super::usage::Outcome;
use crate::{
    bus::WaitError,
    error::{Error, Result, UserError},
    host::Host,
    module::{Context, ContextExt, Data, gone},
    reply::{Reply, suggestions},
};

const FAILED: &str = "Something went wrong on my side. If it stays so, tell the owner this id:";
const UNANSWERED: &str = "My answer could not be shown. What you asked for may have been done: \
    please look before you ask again. The owner can find out more by this id:";

const TIMED_OUT: &str =
    "I have waited, and nothing came in time. Please use the command again when you are ready.";
const CLOSED: &str = "I am being restarted. Please use the command again in a moment.";

/// Poise's error hook, for what is no command: suggestions.
pub(super) fn on_error(error: FrameworkError<'_, Data, Error>) -> poise::BoxFuture<'_, ()> {
    Box::pin(async move { drop(tell(error).await) })
}

/// Tells the person, and the log when it is our fault.
pub(super) async fn tell(error: FrameworkError<'_, Data, Error>) -> Outcome {
    match error {
        FrameworkError::Command { error, ctx, .. } => command_failed(ctx, &error).await,
        FrameworkError::CommandPanic { payload, ctx, .. } => {
            let text = payload.unwrap_or_else(|| "no message".to_owned());
            let error = switched_off(ctx, &text);
            let error = error.unwrap_or_else(|| anyhow::anyhow!("it panicked: {text}"));
            command_failed(ctx, &error).await
        }
        FrameworkError::CommandCheckFailed {
            error: Some(error),
            ctx,
            ..
        } => command_failed(ctx, &error).await,
        other => {
            refuse(other).await;
            Outcome::Refused
        }
    }
}

/// That the command's module was switched off while it waited, when that is why it panicked.
fn switched_off(ctx: Context<'_>, text: &str) -> Option<Error> {
    let whole = ctx.command_tree().first()?;
    let registry = &ctx.data().registry;
    let (module, _) = registry.owner_of(&whole.name)?;
    let refused = registry.admit(&whole.name, ctx.guild_id()).err();
    Some(refused.filter(|_| text == gone(module))?.into())
}

async fn command_failed(ctx: Context<'_>, error: &Error) -> Outcome {
    let name = format!("/{}", ctx.command().qualified_name);
    let token = match ctx {
        Context::Application(ctx) => ctx.interaction.token.as_str(),
        Context::Prefix(_) => "",
    };
    let (sentence, outcome) = explain(&name, ctx.host(), token, error);
    reply(ctx, &sentence).await;
    outcome
}

/// The sentence for the person who used what is called `name`; what is our fault is logged under the same id.
pub(super) fn explain(name: &str, host: &Host, token: &str, error: &Error) -> (String, Outcome) {
    if let Some(sentence) = sentence(error) {
        return (sentence, Outcome::Refused);
    }
    let id = format!("{:06x}", rand::rng().next_u32() & 0xff_ffff);
    host.count_failure();
    let cause = ErrorChain(error);
    if is_about_the_answer(token, error) {
        error!(
            error.id = id,
            command = name,
            "the answer of {name} could not be sent (id {id}): {cause}"
        );
        return (format!("{UNANSWERED} `{id}`"), Outcome::AnswerFailed { id });
    }
    error!(
        error.id = id,
        command = name,
        "command {name} failed (id {id}): {cause}"
    );
    (format!("{FAILED} `{id}`"), Outcome::Failed { id })
}

/// What a person may read of it as it is: nobody's fault, or theirs.
fn sentence(error: &Error) -> Option<String> {
    if let Some(sentence) = error.downcast_ref::<UserError>() {
        return Some(sentence.to_string());
    }
    match error.downcast_ref::<WaitError>()? {
        WaitError::TimedOut { .. } => Some(TIMED_OUT.to_owned()),
        WaitError::Closed => Some(CLOSED.to_owned()),
        _ => None,
    }
}

/// What a panic says, as an error.
pub(super) fn panicked(payload: &(dyn Any + Send)) -> Error {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    anyhow::anyhow!("it panicked: {}", text.unwrap_or("no message"))
}

/// Whether what failed was a request with the token of this interaction: an answer, not the work.
fn is_about_the_answer(token: &str, error: &Error) -> bool {
    error.chain().any(|cause| {
        let url = match cause.downcast_ref::<serenity::Error>() {
            Some(serenity::Error::Http(HttpError::UnsuccessfulRequest(refused))) => &refused.url,
            _ => return false,
        };
        url.split(['/', '?']).any(|part| part == token)
    })
}

/// What poise itself refused, in a sentence for the person.
async fn refuse(error: FrameworkError<'_, Data, Error>) {
    let Some(sentence) = refusal(&error) else {
        return warn!("an interaction could not be used: {error}");
    };
    if let Some(ctx) = error.ctx() {
        reply(ctx, &sentence).await;
    }
}

fn refusal(error: &FrameworkError<'_, Data, Error>) -> Option<String> {
    Some(match error {
        FrameworkError::NotAnOwner { .. } => "Only the bot's owner may use this command.".into(),
        FrameworkError::GuildOnly { .. } => "This command works in servers only.".into(),
        FrameworkError::DmOnly { .. } => "This command works in direct messages only.".into(),
        FrameworkError::NsfwOnly { .. } => {
            "This command works in age-restricted channels only.".into()
        }
        FrameworkError::SubcommandRequired { .. } => "Please choose one of its subcommands.".into(),
        FrameworkError::CommandCheckFailed { .. } => "You may not use this command here.".into(),
        FrameworkError::MissingUserPermissions {
            missing_permissions,
            ..
        } => {
            format!(
                "You need more permissions for this{}.",
                listed(*missing_permissions)
            )
        }
        FrameworkError::MissingBotPermissions {
            missing_permissions,
            ..
        } => {
            format!(
                "I need more permissions for this{}.",
                listed(Some(*missing_permissions))
            )
        }
        FrameworkError::PermissionFetchFailed { .. } => {
            "I could not find out whether you may do this. Please try again.".into()
        }
        FrameworkError::ArgumentParse { error, input, .. } => unusable(input.as_deref(), &**error),
        FrameworkError::CommandStructureMismatch { .. } => {
            "This command has changed. Please reload Discord and try again.".into()
        }
        _ => return None,
    })
}

/// An error's own text may tell internals; only sentences that are meant for people are shown.
fn unusable(input: Option<&str>, error: &(dyn std::error::Error + 'static)) -> String {
    let what = input.map_or("that".to_owned(), |input| format!("`{input}`"));
    match error.downcast_ref::<UserError>() {
        Some(sentence) => format!("I cannot use {what}: {sentence}"),
        None => format!("I cannot use {what} here. Please choose another value."),
    }
}

fn listed(missing: Option<Permissions>) -> String {
    let Some(missing) = missing else {
        return String::new();
    };
    let names = missing.get_permission_names().into_iter();
    let names: Vec<_> = names.map(as_shown).collect();
    format!(": {}", names.join(", "))
}

/// As Discord's own settings call it; serenity has some of the names in its API.
fn as_shown(name: &'static str) -> &'static str {
    match name {
        "Create Invites" => "Create Invite",
        "Manage Guild" => "Manage Server",
        "Manage Guild Expressions" => "Manage Expressions",
        "Create Guild Expressions" => "Create Expressions",
        "Moderate Members" => "Timeout Members",
        "Stream" => "Video",
        "Use VAD" => "Use Voice Activity",
        "View Channel" => "View Channels",
        "View Guild Insights" => "View Server Insights",
        name => name,
    }
}

async fn reply(ctx: Context<'_>, sentence: &str) {
    let told = match ctx {
        Context::Application(typed) if is_about_suggestions(typed) => suggest_nothing(typed).await,
        ctx => ctx.answer(Reply::from(sentence).ephemeral()).await,
    };
    if let Err(error) = told {
        warn!("a command's failure could not be told: {error}");
    }
}

fn is_about_suggestions(ctx: ApplicationContext<'_, Data, Error>) -> bool {
    ctx.interaction_type == CommandInteractionType::Autocomplete
}

/// Discord takes no sentence for an answer there, and shows that loading failed when there is none.
async fn suggest_nothing(ctx: ApplicationContext<'_, Data, Error>) -> Result<()> {
    let nothing = CreateInteractionResponse::Autocomplete(suggestions([]));
    let http = ctx.serenity_context();
    Ok(ctx.interaction.create_response(http, nothing).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_called_as_discord_shows_them() {
        let missing = Permissions::MANAGE_GUILD | Permissions::MODERATE_MEMBERS;
        assert_eq!(listed(Some(missing)), ": Manage Server, Timeout Members");
        assert_eq!(listed(None), "");
    }
}
