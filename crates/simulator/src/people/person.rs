//! A person, who says things and uses commands.

use axum::body::Bytes;

use crate::error_codes::ApiError;
use crate::people::{Channel, Message, Reply, components, form};
use crate::permissions::Permissions;
use crate::rest::body::{File, kind_of};
use crate::simulator::Simulator;
use crate::slash::{self, SlashError, Target};
use crate::snowflake::Snowflake;
use crate::transcript::{Deed, Line};
use crate::world::World;
use crate::world::draft::Draft;
use crate::world::interaction::Start;
use crate::world::presence::Presence;
use crate::world::upload::NewFile;
use crate::world::voice::VoiceState;

/// A person, in a guild or in direct messages with the bot; clones are handles to the same one.
#[derive(Clone)]
pub struct Person {
    pub(super) sim: Simulator,
    id: Snowflake,
    pub(super) guild: Option<Snowflake>,
}

impl Person {
    pub(crate) const fn new(sim: Simulator, id: Snowflake, guild: Option<Snowflake>) -> Self {
        Self { sim, id, guild }
    }

    /// The id, which follows from the name.
    pub const fn id(&self) -> Snowflake {
        self.id
    }

    /// The name.
    pub fn name(&self) -> String {
        self.sim.read(|world| world.name_of(self.id))
    }

    /// Says something in the guild's channel `general`, or to the bot in direct messages.
    ///
    /// # Panics
    /// When Discord refuses: an empty message, or no right to write there.
    pub async fn says(&self, text: &str) -> Message {
        let home = self.home();
        self.says_in(&home, text).await
    }

    /// Says something in this channel.
    ///
    /// # Panics
    /// When Discord refuses: an empty message, or no right to write there.
    pub async fn says_in(&self, channel: &Channel, text: &str) -> Message {
        let said = self.sim.write(|world| {
            let id = self.post(world, channel.id(), text)?;
            let message = world.channel(channel.id())?.message(id)?;
            Ok::<_, ApiError>(Message::of(world, message))
        });
        match said {
            Ok(message) => message,
            Err(error) => panic!("{} says {text:?}: {}", self.name(), error.body()),
        }
    }

    fn post(
        &self,
        world: &mut World,
        channel: Snowflake,
        text: &str,
    ) -> Result<Snowflake, ApiError> {
        world.writable(self.id, channel, Permissions::NONE)?;
        world.moderate(channel, self.id, text)?;
        let id = world.post(channel, self.id, Draft::text(text))?;
        world.record_message(channel, id, Deed::Said);
        Ok(id)
    }

    /// Uses a command in the guild's channel `general`, or in direct messages, and waits for the
    /// answer: `/group subcommand option:value option:"quoted value" member:@ben`.
    ///
    /// # Panics
    /// When it is refused or not answered; see [`Self::try_slash`].
    pub async fn slash(&self, text: &str) -> Reply {
        match self.try_slash(text).await {
            Ok(reply) => reply,
            Err(error) => panic!("{} uses {text}: {error}", self.name()),
        }
    }

    /// As [`Self::slash`], for commands that may be refused.
    ///
    /// # Errors
    /// The command is not registered, not shown to this person, or an option is wrong; or there
    /// was no answer in the time that the simulator waits.
    pub async fn try_slash(&self, text: &str) -> Result<Reply, SlashError> {
        let home = self.home();
        self.try_slash_in(&home, text).await
    }

    /// As [`Self::try_slash`], in this channel.
    ///
    /// # Errors
    /// As [`Self::try_slash`].
    pub async fn try_slash_in(&self, channel: &Channel, text: &str) -> Result<Reply, SlashError> {
        let started = self.sim.write(|world| {
            let start = slash::parse(world, self.id, channel.id(), text);
            let (deed, shown) = match &start {
                Ok(_) => (Deed::Used, text.to_owned()),
                Err(error) => (Deed::Refused, error.to_string()),
            };
            let line = Line::new(world.now(), &world.name_of(self.id), deed, &shown);
            let place = world.channels.get(&channel.id()).map(|it| it.name.clone());
            world.record(line.in_channel(&place.unwrap_or_default()));
            start.map(|start| world.interact(start))
        });
        self.answer_to(started?, text).await
    }

    /// Waits for the answer to an interaction.
    async fn answer_to(&self, id: Snowflake, text: &str) -> Result<Reply, SlashError> {
        let reply = |sim: &Simulator| {
            sim.read(|world| {
                let interaction = world.interactions.get(&id)?;
                Reply::of(world, interaction)
            })
        };
        let expected = format!("an answer to {text}");
        let waited = self
            .sim
            .try_until(&expected, |sim| reply(sim).is_some())
            .await;
        waited.map_err(SlashError::NoAnswer)?;
        Ok(reply(&self.sim).expect("an answer that was given stays, as nothing was awaited since"))
    }

    /// Presses the button, or opens the menu with these `values`, that has this `custom_id` under
    /// a message, and waits for the answer.
    ///
    /// # Errors
    /// There is no such component, it is disabled, or there was no answer in time.
    pub async fn uses(
        &self,
        message: &Message,
        custom_id: &str,
        values: &[&str],
    ) -> Result<Reply, SlashError> {
        let text = format!("the component {custom_id}");
        let place = (message.channel_id(), message.id());
        let start = self
            .sim
            .read(|world| components::press(world, self.id, place, custom_id, values));
        self.interacts(start?, &text).await
    }

    /// As [`Self::uses`], of the newest message in this channel that has such a component and that this person sees.
    /// The component is named by its label, its placeholder or its `custom_id`.
    ///
    /// # Errors
    /// As [`Self::uses`].
    pub async fn presses(
        &self,
        channel: &Channel,
        component: &str,
        values: &[&str],
    ) -> Result<Reply, SlashError> {
        let start = self.sim.read(|world| {
            let newest = components::newest(world, self.id, channel.id(), component);
            let (message, custom_id) = newest.ok_or_else(|| SlashError::NoComponent {
                name: component.to_owned(),
            })?;
            let place = (channel.id(), message);
            components::press(world, self.id, place, &custom_id, values)
        });
        self.interacts(start?, &format!("the component {component}"))
            .await
    }

    /// Uses a command of the menu of a person, and waits for the answer.
    ///
    /// # Errors
    /// As [`Self::try_slash`].
    pub async fn uses_on(&self, person: &Self, command: &str) -> Result<Reply, SlashError> {
        let (home, target) = (self.home(), Target::Person(person.id));
        let start = self
            .sim
            .read(|world| slash::on_target(world, self.id, home.id(), command, target));
        self.interacts(start?, command).await
    }

    /// Uses a command of the menu of a message, and waits for the answer.
    ///
    /// # Errors
    /// As [`Self::try_slash`].
    pub async fn uses_on_message(
        &self,
        message: &Message,
        command: &str,
    ) -> Result<Reply, SlashError> {
        let (channel, target) = (message.channel_id(), Target::Message(message.id()));
        let start = self
            .sim
            .read(|world| slash::on_target(world, self.id, channel, command, target));
        self.interacts(start?, command).await
    }

    /// Picks a file, for an option of a command that names it: `/report file:log.txt`.
    pub fn picks(&self, name: &str, bytes: &[u8]) {
        let home = self.home();
        let file = File {
            number: 0,
            name: name.to_owned(),
            content_type: kind_of(name).to_owned(),
            bytes: Bytes::copy_from_slice(bytes),
        };
        let new = NewFile {
            file,
            description: None,
        };
        self.sim.write(|world| {
            let file = world.attach(home.id(), new, true);
            world.picked.insert((self.id, name.to_owned()), file);
        });
    }

    /// Sets the language of their client, by Discord's name for it; `en-US` until then. Bots read it
    /// as `locale` of an interaction.
    pub fn speaks(&self, locale: &str) {
        self.sim.write(|world| world.set_locale(self.id, locale));
    }

    /// Fills the form that `reply` opened, field by `custom_id`, and waits for the answer. Several
    /// values of one menu are separated by commas; a checkbox is `true` or `false`; a file is named
    /// as it was picked.
    ///
    /// # Errors
    /// `reply` opened no form; a field is unknown, missing or not as the form wants it; or there was
    /// no answer in time.
    pub async fn submits(
        &self,
        reply: &Reply,
        values: &[(&str, &str)],
    ) -> Result<Reply, SlashError> {
        let start = self.sim.read(|world| form::submit(world, reply, values));
        self.interacts(start?, "the form").await
    }

    /// Types a command up to its last option and waits for the suggestions: see
    /// [`Reply::choices`].
    ///
    /// # Errors
    /// As [`Self::try_slash`].
    pub async fn completes(&self, text: &str) -> Result<Reply, SlashError> {
        let home = self.home();
        let start = self
            .sim
            .read(|world| slash::complete(world, self.id, home.id(), text));
        self.answer_to(self.sim.write(|world| Ok(world.interact(start?)))?, text)
            .await
    }

    /// Starts something that is not typed, and waits for the answer.
    async fn interacts(&self, start: Start, text: &str) -> Result<Reply, SlashError> {
        let id = self.sim.write(|world| {
            let line = Line::new(world.now(), &world.name_of(self.id), Deed::Used, text);
            let place = world.channels[&start.channel].name.clone();
            world.record(line.in_channel(&place));
            world.interact(start)
        });
        self.answer_to(id, text).await
    }

    pub(super) fn does<T>(
        &self,
        what: &str,
        act: impl FnOnce(&mut World) -> Result<T, ApiError>,
    ) -> T {
        let done = self.sim.write(act);
        done.unwrap_or_else(|error| panic!("{} {what}: {}", self.name(), error.body()))
    }

    /// What this person sees in a channel, oldest first; nothing when they may not look.
    pub fn reads(&self, channel: &Channel) -> Vec<Message> {
        self.sim.read(|world| {
            let wanted = Permissions::READ_MESSAGE_HISTORY;
            let Ok(channel) = world.channel_for(self.id, channel.id(), wanted) else {
                return Vec::new();
            };
            let seen = channel.messages.values();
            let seen = seen.filter(|it| it.is_visible_to(self.id));
            seen.map(|it| Message::of(world, it)).collect()
        })
    }

    /// The direct messages between this person and the bot.
    pub fn direct(&self) -> Channel {
        let id = self.sim.write(|world| world.direct_channel(self.id));
        let id = id.expect("handles are made for people only, never for a bot");
        Channel::new(self.sim.clone(), id)
    }

    /// Shows this status: `online`, `idle`, `dnd` or `offline`.
    pub fn shows(&self, status: &str) {
        let presence = Presence {
            status: status.to_owned(),
            activities: Vec::new(),
        };
        self.sim.write(|world| world.show(self.id, presence, None));
    }

    /// Enters a voice channel of the guild; `false` when Discord does not let them.
    pub fn enters_voice(&self, channel: &Channel) -> bool {
        let Some(guild) = self.guild else {
            return false;
        };
        let state = VoiceState {
            channel: channel.id(),
            self_mute: false,
            self_deaf: false,
        };
        self.sim.write(|world| {
            let may = world.may_enter(guild, self.id, channel.id());
            if may {
                world.set_voice(guild, self.id, Some(state));
            }
            may
        })
    }

    /// Leaves the voice channel they are in, if any.
    pub fn leaves_voice(&self) {
        if let Some(guild) = self.guild {
            self.sim
                .write(|world| world.set_voice(guild, self.id, None));
        }
    }

    /// Leaves the guild.
    pub fn leaves(&self) {
        if let Some(guild) = self.guild {
            self.sim.write(|world| world.leave(guild, self.id));
        }
    }

    /// Where this person talks when no channel is named.
    fn home(&self) -> Channel {
        let general = self.guild.and_then(|guild| {
            self.sim.read(|world| {
                let first = || world.guilds[&guild].channels.first().copied();
                world.channel_named(guild, "general").or_else(first)
            })
        });
        match general {
            Some(id) => Channel::new(self.sim.clone(), id),
            None => self.direct(),
        }
    }
}
