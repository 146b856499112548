//! One use of a command: poise runs it, a failure is told, and the log has one line about it.

use std::{fmt, sync::atomic::AtomicBool};

use poise::FrameworkContext;
use serenity::model::application::{
    CommandData, CommandDataOptionValue, CommandInteraction, CommandType,
};
use tokio::sync::Mutex;
use tracing::info;

use super::{errors, pledge::Pledge};
use crate::{
    activity::Activity,
    error::Error,
    module::{Command, Data},
};

const NO_ANSWER: &str = "Done. There is nothing to show.";

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It ran, and was answered.
    Ok,
    /// Its user was told in a sentence why not.
    Refused,
    /// It failed; the log has the cause under this id.
    Failed { id: String },
    /// It ran, and its answer could not be sent; the log has the cause under this id.
    AnswerFailed { id: String },
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => f.write_str("ok"),
            Self::Refused => f.write_str("refused"),
            Self::Failed { id } => write!(f, "failed (id {id})"),
            Self::AnswerFailed { id } => write!(f, "answer failed (id {id})"),
        }
    }
}

/// Runs the command that `interaction` names.
pub(super) async fn run(
    framework: FrameworkContext<'_, Data, Error>,
    interaction: &CommandInteraction,
    pledge: &Pledge,
) {
    let clock = framework.user_data.host.clock();
    let begun = clock.monotonic();
    let activity = activity(framework, &interaction.data);
    let watchdog = framework.user_data.host.watchdog().clone();
    let used = Box::pin(outcome(framework, interaction, &pledge.has_answered));
    let outcome = watchdog.hold(activity, used).await;
    pledge.open.conclude(NO_ANSWER).await;
    let took = clock.monotonic().saturating_sub(begun);
    let command = name(&interaction.data);
    let guild = interaction.guild_id.map(u64::from);
    let user = interaction.user.id.get();
    info!(
        command,
        guild.id = guild,
        user.id = user,
        duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        %outcome,
        "/{command} was used: {outcome}"
    );
}

fn activity(framework: FrameworkContext<'_, Data, Error>, data: &CommandData) -> Activity {
    let mut commands = framework.options.commands.iter();
    let command = commands.find(|command| command.name == data.name);
    let module = command.and_then(|command| command.category.as_deref());
    Activity::new(module.unwrap_or("no module"), format!("/{}", name(data)))
}

async fn outcome(
    framework: FrameworkContext<'_, Data, Error>,
    interaction: &CommandInteraction,
    has_answered: &AtomicBool,
) -> Outcome {
    let data = Mutex::new(Box::new(()) as _);
    let options = interaction.data.options();
    let mut tree = Vec::new();
    let used = poise::dispatch_interaction(
        framework,
        interaction,
        has_answered,
        &data,
        &options,
        &mut tree,
    );
    match used.await {
        Ok(()) => Outcome::Ok,
        Err(error) => errors::tell(error).await,
    }
}

/// Whether the answers of the command that is used are for its user alone.
pub(super) fn is_ephemeral(commands: &[Command], data: &CommandData) -> bool {
    find(commands, data).is_some_and(|command| command.ephemeral)
}

/// The command that is used, as poise finds it.
fn find<'c>(commands: &'c [Command], data: &CommandData) -> Option<&'c Command> {
    let is_slash = data.kind == CommandType::ChatInput;
    let is_meant = |command: &&Command| {
        let menu = command.context_menu_action.map(CommandType::from);
        let is_of_kind = match is_slash {
            true => command.slash_action.is_some(),
            false => menu == Some(data.kind),
        };
        let menu_name = command.context_menu_name.as_deref();
        is_of_kind && (data.name == command.name || menu_name == Some(&data.name))
    };
    let mut found = commands.iter().find(is_meant)?;
    for name in subcommands(data) {
        found = found.subcommands.iter().find(|it| it.name == name)?;
    }
    Some(found)
}

/// Its name with those of its groups, without options.
fn name(data: &CommandData) -> String {
    let names = [data.name.as_str()].into_iter().chain(subcommands(data));
    names.collect::<Vec<_>>().join(" ")
}

fn subcommands(data: &CommandData) -> Vec<&str> {
    let (mut names, mut options) = (Vec::new(), &data.options);
    while let Some(option) = options.first() {
        let (CommandDataOptionValue::SubCommand(inner)
        | CommandDataOptionValue::SubCommandGroup(inner)) = &option.value
        else {
            break;
        };
        names.push(option.name.as_str());
        options = inner;
    }
    names
}
