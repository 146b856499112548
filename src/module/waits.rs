//! What a command waits for of whoever used it, by the host's clock.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use poise::ReplyHandle;
use serenity::{
    builder::{
        CreateAllowedMentions, CreateButton, CreateSelectMenu, CreateSelectMenuKind,
        CreateSelectMenuOption,
    },
    model::{
        application::MessageInteractionMetadata,
        channel::Message,
        event::{MessageCreateEvent, ReactionAddEvent},
    },
};
use tracing::debug;

use super::{Context, ContextExt, Form, Press};
use crate::{
    bus::{Wait, WaitError},
    error::Result,
    reply::{Reply, limits, shorten},
};

/// What the ids of choices begin with.
pub(super) const CHOICE: &str = "choice";

/// Tells questions apart, also those of one command.
static QUESTIONS: AtomicU64 = AtomicU64::new(0);

/// Two lines in a command: begin to wait, then ask and await what comes. See [`Wait`].
///
/// Each waits for the person who used the command alone, from the call on, and ends by the host's clock with
/// [`WaitError::TimedOut`]; returned by `?` that is told to the person calmly and is no failure.
/// A crash ends it: what must work after a restart has a handler, see [`Setup::component`](super::Setup::component).
pub trait Waits: Sized {
    /// A press of a button or menu whose id is `id`, or begins with it and a colon. An id that has a handler goes to
    /// the handler. One under the answer to another command is that command's, and one press is for one wait alone.
    /// What is not answered within 1.5 s is acknowledged.
    fn wait_for_press(&self, timeout: Duration, id: &str) -> Wait<Press<()>>;

    /// A form whose id is `id`, or begins with it and a colon, as [`wait_for_press`](Self::wait_for_press).
    fn wait_for_form(&self, timeout: Duration, id: &str) -> Wait<Form<()>>;

    /// A message in the channel of the command. Its text is empty unless a module has asked for it by
    /// [`Setup::message_content`](super::Setup::message_content).
    fn wait_for_message(&self, timeout: Duration) -> Wait<MessageCreateEvent>;

    /// A reaction in the channel of the command.
    fn wait_for_reaction(&self, timeout: Duration) -> Wait<ReactionAddEvent>;

    /// Asks `question` with a button for each of `choices`, of which there are 1 to 25, or with a menu when there
    /// are more than five, and waits for the choice; `None` when nothing was chosen within `timeout`. Then the
    /// question stands there without buttons.
    ///
    /// ```
    /// use cogsmith::prelude::*;
    ///
    /// /// Clears everything.
    /// #[command(slash_command)]
    /// async fn clear(ctx: Context<'_>) -> Result<()> {
    ///     let choices = [("Yes", true), ("No", false)];
    ///     let is_sure = ctx.choose("Really?", choices, mins(1)).await?;
    ///     ctx.answer(if is_sure == Some(true) { "Cleared." } else { "Kept." }).await
    /// }
    /// ```
    ///
    /// # Errors
    /// There are none or more than 25 choices; Discord could not be reached; the bot shuts down.
    fn choose<T: Send>(
        self,
        question: impl Into<Reply> + Send,
        choices: impl IntoIterator<Item = (impl Into<String>, T)> + Send,
        timeout: Duration,
    ) -> impl Future<Output = Result<Option<T>>> + Send;
}

impl Waits for Context<'_> {
    fn wait_for_press(&self, timeout: Duration, id: &str) -> Wait<Press<()>> {
        let (user, id, own) = (self.author().id, id.to_owned(), self.id());
        self.host()
            .events()
            .wait_for(timeout, move |press: &Press<()>| {
                press.user.id == user
                    && is_meant(&press.data.custom_id, &id)
                    && is_of(Some(&press.message), own)
            })
    }

    fn wait_for_form(&self, timeout: Duration, id: &str) -> Wait<Form<()>> {
        let (user, id, own) = (self.author().id, id.to_owned(), self.id());
        self.host()
            .events()
            .wait_for(timeout, move |form: &Form<()>| {
                form.user.id == user
                    && is_meant(&form.data.custom_id, &id)
                    && is_of(form.message.as_deref(), own)
            })
    }

    fn wait_for_message(&self, timeout: Duration) -> Wait<MessageCreateEvent> {
        let (user, channel) = (self.author().id, self.channel_id());
        self.host()
            .events()
            .wait_for_message(timeout, move |message| {
                message.author_id == user && message.channel_id == channel
            })
    }

    fn wait_for_reaction(&self, timeout: Duration) -> Wait<ReactionAddEvent> {
        let (user, channel) = (self.author().id, self.channel_id());
        self.host()
            .events()
            .wait_for(timeout, move |event: &ReactionAddEvent| {
                event.reaction.user_id == Some(user) && event.reaction.channel_id == channel
            })
    }

    async fn choose<T: Send>(
        self,
        question: impl Into<Reply> + Send,
        choices: impl IntoIterator<Item = (impl Into<String>, T)> + Send,
        timeout: Duration,
    ) -> Result<Option<T>> {
        let choices = choices.into_iter();
        let (labels, mut values): (Vec<String>, Vec<_>) = choices
            .map(|(label, value)| (label.into(), Some(value)))
            .unzip();
        let count = labels.len();
        anyhow::ensure!(
            (1..=limits::SUGGESTIONS).contains(&count),
            "{count} choices were offered, expected 1 to {}",
            limits::SUGGESTIONS
        );
        let question = question.into();
        let id = format!("{CHOICE}:{}:{}", self.id(), QUESTIONS.fetch_add(1, Relaxed));
        let pressed = self.wait_for_press(timeout, &id);
        let asked = self.send(with_controls(question.clone(), &id, &labels).into());
        let asked = asked.await?;
        match pressed.await {
            Ok(press) => {
                // The choice was made, whatever becomes of the question.
                if let Err(error) = press.update(question).await {
                    debug!("the buttons of a choice stay: {error}");
                }
                let chosen = chosen(&press).filter(|chosen| *chosen < count);
                Ok(chosen.and_then(|chosen| values[chosen].take()))
            }
            Err(WaitError::TimedOut { .. }) => {
                // It may be deleted by now, or older than Discord lets it be changed.
                if let Err(error) = take_controls(self, &asked, question).await {
                    debug!("the buttons of a choice stay: {error}");
                }
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether a message may be of the command of this interaction: it is no other command's answer.
fn is_of(message: Option<&Message>, own: u64) -> bool {
    let answered = message.and_then(|message| message.interaction_metadata.as_deref());
    match answered {
        Some(MessageInteractionMetadata::Command(command)) => command.id.get() == own,
        _ => true,
    }
}

fn is_meant(custom_id: &str, id: &str) -> bool {
    let rest = custom_id.strip_prefix(id);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

fn with_controls(question: Reply, id: &str, labels: &[String]) -> Reply {
    let labels = labels.iter().map(|label| match label.trim() {
        "" => "–",
        label => label,
    });
    let count = labels.len();
    let numbered = labels.enumerate();
    if count <= limits::BUTTONS {
        return question.buttons(numbered.map(|(number, label)| {
            let label = shorten(label, limits::BUTTON);
            CreateButton::new(format!("{id}:{number}")).label(label)
        }));
    }
    let options = numbered.map(|(number, label)| {
        let label = shorten(label, limits::SUGGESTION);
        CreateSelectMenuOption::new(label, number.to_string())
    });
    let options = options.collect();
    let menu = CreateSelectMenu::new(id, CreateSelectMenuKind::String { options });
    question.menu(menu.placeholder("Choose"))
}

/// The number of the choice: the value of a menu, or the end of a button's id.
fn chosen(press: &Press<()>) -> Option<usize> {
    let of_menu = press.chosen().first().map(String::as_str);
    let of_button = press.data.custom_id.rsplit(':').next();
    of_menu.or(of_button)?.parse().ok()
}

async fn take_controls(ctx: Context<'_>, asked: &ReplyHandle<'_>, question: Reply) -> Result<()> {
    let nobody = CreateAllowedMentions::new();
    let bare = question.whole().allowed_mentions(nobody);
    asked.edit(ctx, bare).await?;
    Ok(())
}
