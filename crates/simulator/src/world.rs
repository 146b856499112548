//! The one store: everything that exists on this Discord.
//!
//! Two projections are made of it, the answers of REST and the events of the gateway.
//! Every change goes through an operation of [`World`], and only these emit events; so what a bot
//! reads and what it hears cannot disagree.

mod access;
pub(crate) mod application;
pub(crate) mod audit;
mod ban;
pub(crate) mod channel;
mod channel_access;
pub(crate) mod command;
pub(crate) mod command_permission;
pub(crate) mod component;
mod crowd;
pub(crate) mod draft;
pub(crate) mod due;
pub(crate) mod emoji;
mod following;
pub(crate) mod guild;
pub(crate) mod integration;
pub(crate) mod interaction;
pub(crate) mod invite;
pub(crate) mod member;
pub(crate) mod message;
mod moderation;
mod news;
pub(crate) mod overwrite;
mod pin;
pub(crate) mod poll;
pub(crate) mod presence;
pub(crate) mod profile;
pub(crate) mod reaction;
pub(crate) mod role;
pub(crate) mod scheduled_event;
pub(crate) mod sound;
pub(crate) mod stage;
pub(crate) mod sticker;
pub(crate) mod template;
pub(crate) mod thread;
mod thread_member;
pub(crate) mod upload;
pub(crate) mod user;
pub(crate) mod voice;
pub(crate) mod webhook;
mod writing;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::error_codes::ApiError;
use crate::gateway::sessions::{Event, Sessions};
use crate::openapi::Gate;
use crate::rest::fault::FaultRule;
use crate::rest::journal::Journal;
use crate::rest::rates::Rates;
use crate::snowflake::{Mint, Snowflake};
use crate::transcript::{Line, Transcript};
use crate::world::application::Application;
use crate::world::channel::Channel;
use crate::world::command::Command;
use crate::world::command_permission::CommandRule;
use crate::world::due::Due;
use crate::world::guild::Guild;
use crate::world::interaction::Interaction;
use crate::world::invite::Invite;
use crate::world::presence::Presences;
use crate::world::profile::Profile;
use crate::world::stage::{Part, Stage};
use crate::world::template::Template;
use crate::world::upload::{Attachment, Upload};
use crate::world::user::User;
use crate::world::voice::VoiceStates;
use crate::world::webhook::Webhook;
use chrono::{DateTime, TimeDelta, Utc};

/// A century: further ahead the simulator's clock is not moved.
const AHEAD_MAX: TimeDelta = TimeDelta::days(36_525);
/// How many gaps, and how many violations, are noted; later ones are only logged.
const NOTED_MAX: usize = 1000;

/// Where the simulator reads the time. It is asked often, must be cheap, and must not call the
/// simulator.
pub type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

pub(crate) struct World {
    now: Now,
    /// How far the simulator's clock was moved ahead of `now`.
    ahead: TimeDelta,
    mint: Mint,
    /// What happens by itself, and when.
    pub(crate) due: BTreeSet<(DateTime<Utc>, Due)>,
    /// The application that acts; the first one, unless another does at this moment.
    pub(crate) application: Application,
    /// The application that was there from the beginning.
    pub(crate) first: Snowflake,
    pub(crate) applications: BTreeMap<Snowflake, Application>,
    /// By application.
    pub(crate) profiles: BTreeMap<Snowflake, Profile>,
    pub(crate) users: BTreeMap<Snowflake, User>,
    pub(crate) guilds: BTreeMap<Snowflake, Guild>,
    pub(crate) channels: BTreeMap<Snowflake, Channel>,
    pub(crate) commands: BTreeMap<Snowflake, Command>,
    /// By guild and command.
    pub(crate) command_permissions: BTreeMap<(Snowflake, Snowflake), Vec<CommandRule>>,
    pub(crate) invites: BTreeMap<String, Invite>,
    /// By code.
    pub(crate) templates: BTreeMap<String, Template>,
    pub(crate) webhooks: BTreeMap<Snowflake, Webhook>,
    /// Files that somebody picked for the options of a command, by their name.
    pub(crate) picked: HashMap<(Snowflake, String), Attachment>,
    /// Files by the part of their address after the host.
    pub(crate) uploads: HashMap<String, Upload>,
    /// `http://127.0.0.1:PORT`, where files are downloaded.
    pub(crate) base_url: String,
    pub(crate) presences: Presences,
    pub(crate) voice_states: VoiceStates,
    /// What is held on stages, by channel.
    pub(crate) stages: BTreeMap<Snowflake, Stage>,
    /// By guild and user, of those who are in voice channels.
    pub(crate) parts: BTreeMap<(Snowflake, Snowflake), Part>,
    pub(crate) interactions: BTreeMap<Snowflake, Interaction>,
    /// Interaction by its token.
    pub(crate) tokens: HashMap<String, Snowflake>,
    pub(crate) sessions: Sessions,
    pub(crate) rates: Rates,
    pub(crate) transcript: Transcript,
    pub(crate) journal: Journal,
    pub(crate) gaps: Vec<String>,
    /// What Discord's own file has against requests and answers so far.
    pub(crate) violations: Vec<String>,
    pub(crate) gate: Option<&'static Gate>,
    pub(crate) faults: Vec<FaultRule>,
}

impl World {
    pub(crate) fn new(now: Now, application: Application) -> Self {
        Self {
            now,
            ahead: TimeDelta::zero(),
            mint: Mint::default(),
            due: BTreeSet::new(),
            first: application.id,
            applications: BTreeMap::from([(application.id, application.clone())]),
            application,
            profiles: BTreeMap::new(),
            users: BTreeMap::new(),
            guilds: BTreeMap::new(),
            channels: BTreeMap::new(),
            commands: BTreeMap::new(),
            command_permissions: BTreeMap::new(),
            invites: BTreeMap::new(),
            templates: BTreeMap::new(),
            webhooks: BTreeMap::new(),
            picked: HashMap::new(),
            uploads: HashMap::new(),
            base_url: String::new(),
            presences: Presences::new(),
            voice_states: VoiceStates::new(),
            stages: BTreeMap::new(),
            parts: BTreeMap::new(),
            interactions: BTreeMap::new(),
            tokens: HashMap::new(),
            sessions: Sessions::default(),
            rates: Rates::default(),
            transcript: Transcript::default(),
            journal: Journal::default(),
            gaps: Vec::new(),
            violations: Vec::new(),
            gate: None,
            faults: Vec::new(),
        }
    }

    /// The time on the simulator's clock.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.now)() + self.ahead
    }

    /// Moves the simulator's clock forward; there is no way back.
    pub(crate) fn advance(&mut self, by: TimeDelta) {
        let by = by.clamp(TimeDelta::zero(), AHEAD_MAX);
        self.ahead = (self.ahead + by).min(AHEAD_MAX);
        self.catch_up();
    }

    pub(crate) fn next_id(&mut self) -> Snowflake {
        let now = self.now();
        self.mint.next(now)
    }

    /// Notes something the simulator does not do, once, and loudly.
    pub(crate) fn note_gap(&mut self, what: &str) {
        tracing::error!(gap = what, "not simulated: {what}");
        if self.gaps.len() < NOTED_MAX && !self.gaps.iter().any(|known| known == what) {
            self.gaps.push(what.to_owned());
        }
    }

    /// Notes something that Discord's own file forbids, once, and loudly.
    pub(crate) fn note_violation(&mut self, what: &str) {
        tracing::error!(violation = what, "against the format: {what}");
        if self.violations.len() < NOTED_MAX && !self.violations.iter().any(|known| known == what) {
            self.violations.push(what.to_owned());
        }
    }

    pub(crate) fn user(&self, id: Snowflake) -> Result<&User, ApiError> {
        self.users.get(&id).ok_or_else(ApiError::unknown_user)
    }

    pub(crate) fn guild(&self, id: Snowflake) -> Result<&Guild, ApiError> {
        self.guilds.get(&id).ok_or_else(ApiError::unknown_guild)
    }

    pub(crate) fn channel(&self, id: Snowflake) -> Result<&Channel, ApiError> {
        self.channels.get(&id).ok_or_else(ApiError::unknown_channel)
    }

    /// The name that people see; the number when the person is unknown.
    pub(crate) fn name_of(&self, user: Snowflake) -> String {
        self.users
            .get(&user)
            .map_or_else(|| user.to_string(), |user| user.name.clone())
    }

    /// Sends an event to every session that asked for it.
    pub(crate) fn emit(&mut self, event: &Event) {
        let audience = self.audience(event);
        self.sessions.dispatch(event, audience.as_deref());
    }

    /// Writes one line of the transcript.
    pub(crate) fn record(&mut self, line: Line) {
        self.transcript.push(line);
    }
}
