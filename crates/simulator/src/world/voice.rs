//! Who is in which voice channel. There is nothing to hear: no voice server is ever named.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::gateway::event;
use crate::gateway::operations::{Outcome, close_code};
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::fields::id;
use crate::snowflake::{Snowflake, mix};
use crate::world::World;
use crate::world::audit::{By, Deed, action};
use crate::world::channel::ChannelKind;
use crate::world::stage::Part;

/// Somebody's place in the voice channels of a guild.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct VoiceState {
    pub(crate) channel: Snowflake,
    pub(crate) self_mute: bool,
    pub(crate) self_deaf: bool,
}

/// By guild and user.
pub(crate) type VoiceStates = BTreeMap<(Snowflake, Snowflake), VoiceState>;

impl World {
    /// Op 4: the bot enters, changes or leaves a voice channel. What it may not do is ignored, as
    /// at Discord.
    pub(crate) fn set_voice_state(&mut self, session: &str, data: &Value) -> Outcome {
        let Some((guild, state)) = read(data) else {
            return Outcome::Close(close_code::DECODE_ERROR);
        };
        let bot = self.application.id;
        let may = state.is_none_or(|state| self.may_enter(guild, bot, state.channel));
        if !may || self.voice_states.get(&(guild, bot)) == state.as_ref() {
            return Outcome::Quiet;
        }
        self.set_voice(guild, bot, state);
        if state.is_some() {
            self.name_no_voice_server(session, guild);
        }
        Outcome::Quiet
    }

    /// Finds the voice channel of this name, or makes it.
    pub(crate) fn voice_channel(&mut self, guild: Snowflake, name: &str) -> Snowflake {
        let known = self.guilds.get(&guild).map_or(&[][..], |it| &it.channels);
        let fits = |id: &&Snowflake| {
            let channel = self.channels.get(id);
            channel.is_some_and(|it| it.kind.is_spoken() && it.name == name)
        };
        if let Some(channel) = known.iter().find(fits) {
            return *channel;
        }
        let id = self.seed_channel(guild, name, ChannelKind::Voice);
        let data = payload::channel::channel(self, &self.channels[&id]);
        self.tell(guild, "CHANNEL_CREATE", data);
        id
    }

    /// Whether somebody may enter a channel, which is one for voice in this guild.
    pub(crate) fn may_enter(&self, guild: Snowflake, user: Snowflake, channel: Snowflake) -> bool {
        let wanted = Permissions::VIEW_CHANNEL | Permissions::CONNECT;
        let channel = self.channel_for(user, channel, wanted);
        channel.is_ok_and(|it| it.guild == Some(guild) && it.kind.is_spoken())
    }

    /// Puts somebody into a voice channel, or takes them out with `None`.
    pub(crate) fn set_voice(
        &mut self,
        guild: Snowflake,
        user: Snowflake,
        state: Option<VoiceState>,
    ) {
        let changed = match state {
            Some(state) => self.voice_states.insert((guild, user), state) != Some(state),
            None => self.voice_states.remove(&(guild, user)).is_some(),
        };
        if !changed {
            return;
        }
        self.take_part(guild, user, state);
        let data = self.voice_state_in(guild, user);
        self.tell(guild, "VOICE_STATE_UPDATE", data);
    }

    /// Who comes to a stage listens at first.
    fn take_part(&mut self, guild: Snowflake, user: Snowflake, state: Option<VoiceState>) {
        let channel = state.and_then(|it| self.channels.get(&it.channel));
        let kind = channel.map(|it| it.kind);
        match kind {
            Some(ChannelKind::Stage) => {
                let known = self.parts.entry((guild, user));
                known.or_insert_with(|| Part::of_newcomer(kind));
            }
            _ => drop(self.parts.remove(&(guild, user))),
        }
    }

    /// Says what goes on in a voice channel, or no longer.
    pub(crate) fn set_voice_status(
        &mut self,
        guild: Snowflake,
        channel: Snowflake,
        status: Option<&str>,
        by: By<'_>,
    ) {
        let data = json!({ "id": channel, "guild_id": guild, "status": status });
        self.tell(guild, "VOICE_CHANNEL_STATUS_UPDATE", data);
        let deed = match status {
            Some(status) => Deed::new(action::VOICE_STATUS_UPDATE, channel)
                .options(json!({ "channel_id": channel, "status": status })),
            None => Deed::new(action::VOICE_STATUS_DELETE, channel)
                .options(json!({ "channel_id": channel })),
        };
        self.audit(guild, by, deed);
    }

    /// Where somebody is, on the wire; `channel_id` is null when they are in no channel.
    pub(crate) fn voice_state_in(&self, guild: Snowflake, user: Snowflake) -> Value {
        let state = self.voice_states.get(&(guild, user));
        let member = self.guilds.get(&guild).and_then(|it| it.members.get(&user));
        let session = voice_session(guild, user);
        let mut object = payload::voice::state(user, &session, state, member);
        let part = self.part_of(guild, user);
        object["suppress"] = json!(part.is_suppressed);
        object["request_to_speak_timestamp"] = json!(part.asked_at.map(payload::timestamp));
        object["guild_id"] = json!(guild);
        if let Some(member) = member {
            object["member"] = payload::guild::member(self, member);
        }
        object
    }

    /// The states of everybody in a guild's voice channels, as `GUILD_CREATE` lists them.
    pub(crate) fn voice_states_of(&self, guild: Snowflake) -> Vec<Value> {
        let (first, last) = (Snowflake::new(0), Snowflake::new(u64::MAX));
        let states = self.voice_states.range((guild, first)..=(guild, last));
        let states = states.map(|((_, user), _)| {
            let mut object = self.voice_state_in(guild, *user);
            if let Some(object) = object.as_object_mut() {
                object.remove("guild_id");
            }
            object
        });
        states.collect()
    }

    /// `VOICE_SERVER_UPDATE` without an address: Discord's word for a server that is not there yet.
    fn name_no_voice_server(&mut self, session: &str, guild: Snowflake) {
        let token = format!("{:016x}", mix(guild.get()));
        let data = json!({ "token": token, "guild_id": guild, "endpoint": null });
        let event = event::write("VOICE_SERVER_UPDATE", &data);
        if let Some(session) = self.sessions.get_mut(session) {
            session.push(event);
        }
    }
}

/// The guild and the state that an op 4 asks for.
fn read(data: &Value) -> Option<(Snowflake, Option<VoiceState>)> {
    let guild = id(&data["guild_id"])?;
    let flag = |field: &Value| match field {
        Value::Null => Some(false),
        field => field.as_bool(),
    };
    let (self_mute, self_deaf) = (flag(&data["self_mute"])?, flag(&data["self_deaf"])?);
    if data["channel_id"].is_null() {
        return Some((guild, None));
    }
    let state = VoiceState {
        channel: id(&data["channel_id"])?,
        self_mute,
        self_deaf,
    };
    Some((guild, Some(state)))
}

/// The same for the same person in the same guild, in every run.
fn voice_session(guild: Snowflake, user: Snowflake) -> String {
    let spread = mix(guild.get() ^ mix(user.get()));
    format!("{spread:016x}{:016x}", mix(spread))
}
