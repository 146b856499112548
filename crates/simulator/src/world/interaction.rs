//! Interactions: a person uses a command or a component, and the bot has 3 s to say something.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::error_codes::ApiError;
use crate::gateway::sessions::Event;
use crate::payload;
use crate::snowflake::{Snowflake, mix};
use crate::transcript::{Deed, Line};
use crate::world::World;
use crate::world::draft::{Draft, Edit};
use crate::world::message::{EPHEMERAL, LOADING, Origin};

/// How long the bot has for its first answer.
const FIRST_ANSWER: TimeDelta = TimeDelta::seconds(3);
/// How long the token of an interaction lives.
const TOKEN_LIFE: TimeDelta = TimeDelta::minutes(15);
/// How many interactions are remembered.
const INTERACTIONS_KEPT: usize = 10_000;

/// What kind of interaction, by Discord's number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Command = 2,
    Component = 3,
    Autocomplete = 4,
    Modal = 5,
}

#[derive(Clone, Debug)]
pub(crate) struct Interaction {
    pub(crate) id: Snowflake,
    /// Whose bot has to answer.
    pub(crate) application: Snowflake,
    pub(crate) token: String,
    pub(crate) kind: Kind,
    pub(crate) user: Snowflake,
    pub(crate) channel: Snowflake,
    pub(crate) created_at: DateTime<Utc>,
    /// What the person's client calls it.
    pub(crate) nonce: Option<String>,
    /// What was used, as a person would write it: `leaderboard view`.
    pub(crate) name: String,
    /// The `data` of the event.
    pub(crate) data: Value,
    /// The message whose component was used.
    pub(crate) message: Option<Snowflake>,
    /// The interaction that opened the form.
    pub(crate) trigger: Option<Snowflake>,
    pub(crate) answer: Answer,
    /// Messages that came after the first, oldest first.
    pub(crate) follow_ups: Vec<Snowflake>,
}

/// What the bot has said so far.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    None,
    /// Promised, and not given yet; the message shows "thinking...".
    Deferred {
        message: Snowflake,
    },
    /// Given. `was_deferred` remembers the promise.
    Message {
        message: Snowflake,
        was_deferred: bool,
    },
    /// The component's message will be, or was, changed.
    Update {
        message: Snowflake,
    },
    /// Taken note of: a form that no message belongs to was closed.
    Acknowledged,
    /// A form was opened.
    Modal(Value),
    /// Suggestions for an option.
    Choices(Value),
}

impl Answer {
    /// The message that `@original` means.
    pub(crate) const fn original(&self) -> Option<Snowflake> {
        match self {
            Self::Deferred { message }
            | Self::Message { message, .. }
            | Self::Update { message } => Some(*message),
            Self::None | Self::Acknowledged | Self::Modal(_) | Self::Choices(_) => None,
        }
    }
}

/// An interaction as somebody starts it.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) kind: Kind,
    pub(crate) user: Snowflake,
    pub(crate) channel: Snowflake,
    pub(crate) name: String,
    pub(crate) data: Value,
    pub(crate) message: Option<Snowflake>,
    pub(crate) trigger: Option<Snowflake>,
}

impl World {
    /// Starts an interaction and tells the bot.
    pub(crate) fn interact(&mut self, start: Start) -> Snowflake {
        let id = self.next_id();
        let application = self.addressee(&start);
        let interaction = Interaction {
            id,
            application,
            token: token_for(id),
            kind: start.kind,
            user: start.user,
            channel: start.channel,
            created_at: self.now(),
            nonce: None,
            name: start.name,
            data: start.data,
            message: start.message,
            trigger: start.trigger,
            answer: Answer::None,
            follow_ups: Vec::new(),
        };
        let guild = self.channels[&start.channel].guild;
        let data = payload::interaction::event(self, &interaction);
        self.tokens.insert(interaction.token.clone(), id);
        self.interactions.insert(id, interaction);
        self.forget_old_interactions();
        let event = Event::new("INTERACTION_CREATE", data).guild_if(guild);
        self.emit(&event.only_for(application));
        id
    }

    /// The application of the command, of the message or of the form.
    pub(crate) fn addressee(&self, start: &Start) -> Snowflake {
        let command = || self.commands.get(&start.data["id"].as_str()?.parse().ok()?);
        let form = || self.interactions.get(&start.trigger?);
        let channel = self.channels.get(&start.channel);
        let message = || channel?.messages.get(&start.message?);
        let known = match start.kind {
            Kind::Command | Kind::Autocomplete => command().map(|it| it.application),
            Kind::Component => message().map(|it| it.author),
            Kind::Modal => form().map(|it| it.application),
        };
        let known = known.filter(|id| self.is_application(*id));
        known.unwrap_or(self.application.id)
    }

    fn forget_old_interactions(&mut self) {
        if self.interactions.len() > INTERACTIONS_KEPT
            && let Some((_, old)) = self.interactions.pop_first()
        {
            self.tokens.remove(&old.token);
        }
    }

    /// Finds an interaction that still waits for its first answer.
    ///
    /// # Errors
    /// 10062 when it is unknown or 3 s have passed, 40060 when it was answered.
    pub(crate) fn open_interaction(
        &self,
        id: Snowflake,
        token: &str,
    ) -> Result<&Interaction, ApiError> {
        let known = self.interactions.get(&id).filter(|it| it.token == token);
        let known = known.ok_or_else(ApiError::unknown_interaction)?;
        if known.answer != Answer::None {
            return Err(ApiError::already_acknowledged());
        }
        if !self.may_answer(known) {
            return Err(ApiError::unknown_interaction());
        }
        Ok(known)
    }

    /// Whether the bot is still in time: for its first answer, or for what it promised.
    pub(crate) fn may_answer(&self, interaction: &Interaction) -> bool {
        let age = self.now() - interaction.created_at;
        let is_new = interaction.answer == Answer::None;
        age <= if is_new { FIRST_ANSWER } else { TOKEN_LIFE }
    }

    /// Finds the interaction of a webhook token that has been answered in some way.
    ///
    /// # Errors
    /// 10015 when the token is unknown or nothing was answered, 50027 after 15 min.
    pub(crate) fn answered_interaction(&self, token: &str) -> Result<&Interaction, ApiError> {
        let known = self.tokens.get(token);
        let known = known.and_then(|id| self.interactions.get(id));
        let known = known.ok_or_else(ApiError::unknown_webhook)?;
        if known.answer == Answer::None {
            return Err(ApiError::unknown_webhook());
        }
        if !self.may_answer(known) {
            return Err(ApiError::invalid_webhook_token());
        }
        Ok(known)
    }

    /// Answers with a message, now.
    ///
    /// # Errors
    /// 50006 when there is nothing in it.
    pub(crate) fn answer(&mut self, id: Snowflake, draft: Draft) -> Result<Snowflake, ApiError> {
        let message = self.post_for(id, draft)?;
        let was_deferred = false;
        self.set_answer(
            id,
            Answer::Message {
                message,
                was_deferred,
            },
        );
        self.record_answer(id, message);
        Ok(message)
    }

    /// Promises an answer; of `flags` only the ephemeral one counts.
    ///
    /// # Errors
    /// An unknown channel.
    pub(crate) fn defer(&mut self, id: Snowflake, flags: u64) -> Result<Snowflake, ApiError> {
        let draft = Draft {
            flags: flags & EPHEMERAL | LOADING,
            ..Draft::default()
        };
        let message = self.post_for(id, draft)?;
        self.set_answer(id, Answer::Deferred { message });
        Ok(message)
    }

    /// A later message; the first after a promise keeps the promise.
    ///
    /// # Errors
    /// 50006 when there is nothing in it; an interaction that is not known any more.
    pub(crate) fn follow_up(&mut self, id: Snowflake, draft: Draft) -> Result<Snowflake, ApiError> {
        let interaction = self.interaction(id)?;
        if let Answer::Deferred { message } = interaction.answer {
            let edit = Edit {
                content: Some(draft.content),
                embeds: Some(draft.embeds),
                components: Some(draft.components),
                flags: Some(draft.flags),
                allowed: draft.allowed,
                poll: draft.poll,
                kept: None,
                files: draft.files,
            };
            return self.edit_answer(id, message, edit).map(|()| message);
        }
        let message = self.post_for(id, draft)?;
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.follow_ups.push(message);
        }
        self.record_answer(id, message);
        Ok(message)
    }

    /// Changes one of the answers; the first change after a promise keeps the promise.
    ///
    /// # Errors
    /// An unknown message; 50006 when nothing would be left.
    pub(crate) fn edit_answer(
        &mut self,
        id: Snowflake,
        message: Snowflake,
        edit: Edit,
    ) -> Result<(), ApiError> {
        let interaction = self.interaction(id)?;
        let (channel, answer) = (interaction.channel, interaction.answer.clone());
        self.edit(channel, message, edit)?;
        if answer == (Answer::Deferred { message }) {
            let was_deferred = true;
            self.set_answer(
                id,
                Answer::Message {
                    message,
                    was_deferred,
                },
            );
            self.record_answer(id, message);
        } else {
            self.record_message(channel, message, Deed::Edited);
        }
        Ok(())
    }

    pub(crate) fn interaction(&self, id: Snowflake) -> Result<&Interaction, ApiError> {
        let known = self.interactions.get(&id);
        known.ok_or_else(ApiError::unknown_interaction)
    }

    pub(crate) fn set_answer(&mut self, id: Snowflake, answer: Answer) {
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.answer = answer;
        }
    }

    fn post_for(&mut self, id: Snowflake, mut draft: Draft) -> Result<Snowflake, ApiError> {
        let interaction = self.interaction(id)?;
        draft.origin = Some(self.origin(interaction));
        let (channel, bot) = (interaction.channel, interaction.application);
        self.post(channel, bot, draft)
    }

    fn origin(&self, interaction: &Interaction) -> Origin {
        let trigger = interaction
            .trigger
            .and_then(|id| self.interactions.get(&id));
        Origin {
            interaction: interaction.id,
            command: interaction.name.clone(),
            user: interaction.user,
            kind: interaction.kind as u8,
            original: interaction.answer.original(),
            message: interaction.message,
            trigger: trigger.map(|trigger| Box::new(self.origin(trigger))),
        }
    }

    fn record_answer(&mut self, id: Snowflake, message: Snowflake) {
        if let Ok(interaction) = self.interaction(id) {
            let channel = interaction.channel;
            self.record_message(channel, message, Deed::Answered);
        }
    }

    /// Writes a message into the transcript, with names instead of ids.
    pub(crate) fn record_message(&mut self, channel: Snowflake, id: Snowflake, deed: Deed) {
        let Ok(home) = self.channel(channel) else {
            return;
        };
        let Ok(message) = home.message(id) else {
            return;
        };
        let who = self.name_of(message.author);
        let text = payload::text::of_message(self, message);
        let mut line = Line::new(self.now(), &who, deed, &text).in_channel(&home.name);
        if let Some(origin) = message.origin.as_ref().filter(|_| message.is_ephemeral()) {
            line = line.only_for(&self.name_of(origin.user));
        }
        self.record(line);
    }
}

/// A token that cannot be guessed from the last one by counting, but is the same in every run.
fn token_for(id: Snowflake) -> String {
    let spread = mix(id.get());
    format!("{id:x}{spread:016x}{:016x}", mix(spread), id = id.get())
}
