//! What a client may say on a socket, and what it gets for it.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::gateway::backlog::Backlog;
use crate::gateway::event::{self, Listener};
use crate::gateway::sessions::{Control, Link, Session};
use crate::gateway::starts::Verdict;
use crate::intents::Intents;
use crate::payload;
use crate::snowflake::Snowflake;
use crate::world::World;

/// Discord's close codes.
pub(crate) mod close_code {
    pub(crate) const UNKNOWN_OPCODE: u16 = 4001;
    pub(crate) const DECODE_ERROR: u16 = 4002;
    pub(crate) const NOT_AUTHENTICATED: u16 = 4003;
    pub(crate) const AUTHENTICATION_FAILED: u16 = 4004;
    pub(crate) const ALREADY_AUTHENTICATED: u16 = 4005;
    pub(crate) const INVALID_SEQUENCE: u16 = 4007;
    pub(crate) const RATE_LIMITED: u16 = 4008;
    pub(crate) const SESSION_TIMED_OUT: u16 = 4009;
    pub(crate) const INVALID_SHARD: u16 = 4010;
    pub(crate) const SHARDING_REQUIRED: u16 = 4011;
    pub(crate) const INVALID_VERSION: u16 = 4012;
    pub(crate) const INVALID_INTENTS: u16 = 4013;
    pub(crate) const DISALLOWED_INTENTS: u16 = 4014;
}

/// With more guilds than this on one shard, Discord demands more shards.
const SHARD_GUILDS_MAX: usize = 2500;

/// What to do with the socket after a frame.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A heartbeat, to be acknowledged.
    Beat,
    /// Send this frame.
    Reply(Value),
    /// Nothing to send.
    Quiet,
    /// There is something new to send.
    Continue,
    /// Carry this session from the event after the cursor on.
    Carry {
        session: String,
        cursor: u64,
        /// Whether the client wants large frames compressed.
        compress: bool,
    },
    /// Close with this code.
    Close(u16),
}

/// A socket as the operations see it.
pub(crate) struct Caller<'a> {
    pub(crate) session: Option<&'a str>,
    pub(crate) link: &'a Link,
    /// Where a client should connect to resume.
    pub(crate) gateway_url: &'a str,
}

impl World {
    /// Does what a frame asks for.
    pub(crate) fn receive(&mut self, caller: &Caller<'_>, text: &str) -> Outcome {
        let Ok(frame) = serde_json::from_str::<Value>(text) else {
            return Outcome::Close(close_code::DECODE_ERROR);
        };
        let Some(op) = frame["op"].as_u64() else {
            return Outcome::Close(close_code::DECODE_ERROR);
        };
        let data = &frame["d"];
        match (op, caller.session) {
            (1, _) => Outcome::Beat,
            (2, None) => self.identify(caller, data),
            (6, None) => self.resume(caller, data),
            (2 | 6, Some(_)) => Outcome::Close(close_code::ALREADY_AUTHENTICATED),
            (3 | 4 | 8 | 31, None) => Outcome::Close(close_code::NOT_AUTHENTICATED),
            (3 | 4 | 8 | 31, Some(session)) => self.serve(op, session, data),
            _ => Outcome::Close(close_code::UNKNOWN_OPCODE),
        }
    }

    /// What an identified client asks for, on behalf of its application.
    fn serve(&mut self, op: u64, session: &str, data: &Value) -> Outcome {
        let Some(known) = self.sessions.get(session) else {
            return Outcome::Quiet;
        };
        self.acting(known.listener.application, |world| match op {
            3 => world.set_presence(session, data),
            4 => world.set_voice_state(session, data),
            31 => world.request_sounds(session, data),
            _ => world.request_members(session, data),
        })
    }

    fn identify(&mut self, caller: &Caller<'_>, data: &Value) -> Outcome {
        let token = data["token"].as_str();
        let bits = data["intents"].as_u64();
        let (Some(token), Some(bits)) = (token, bits) else {
            return Outcome::Close(close_code::DECODE_ERROR);
        };
        let presence = &data["presence"];
        if !data["properties"].is_object() || !(presence.is_null() || is_presence(presence)) {
            return Outcome::Close(close_code::DECODE_ERROR);
        }
        let Some(application) = self.application_with(token) else {
            return Outcome::Close(close_code::AUTHENTICATION_FAILED);
        };
        let Some(intents) = Intents::parse(bits) else {
            return Outcome::Close(close_code::INVALID_INTENTS);
        };
        self.acting(application, |world| world.admit(caller, intents, data))
    }

    /// Opens a session of the acting application, unless Discord would not.
    fn admit(&mut self, caller: &Caller<'_>, intents: Intents, data: &Value) -> Outcome {
        if self.application.refuses(intents) {
            return Outcome::Close(close_code::DISALLOWED_INTENTS);
        }
        let Some(shard) = shard_of(&data["shard"]) else {
            return Outcome::Close(close_code::INVALID_SHARD);
        };
        if self.guilds_of_shard(shard).len() > SHARD_GUILDS_MAX {
            return Outcome::Close(close_code::SHARDING_REQUIRED);
        }
        if let Some(refusal) = self.start(shard.0) {
            return refusal;
        }
        let threshold = data["large_threshold"].as_u64().unwrap_or(50);
        let session = self.open_session(caller, shard, intents);
        self.greet(&session, threshold, caller.gateway_url);
        if data["presence"].is_object() {
            self.update_presence(&session, &data["presence"]);
        }
        Outcome::Carry {
            session,
            cursor: 0,
            compress: data["compress"].as_bool().unwrap_or(false),
        }
    }

    /// Counts a start of a session. When none is left, Discord ends every session and takes the
    /// token back; here the token is good again when the day is over.
    fn start(&mut self, shard: u64) -> Option<Outcome> {
        let now = self.now();
        let limits = self.sessions.start_limits;
        let application = self.application.id;
        match self.sessions.starts(application).take(now, shard, limits) {
            Verdict::Allowed => None,
            Verdict::TooSoon => Some(invalid_session()),
            Verdict::Exhausted => {
                self.sessions
                    .end_all(application, close_code::AUTHENTICATION_FAILED);
                Some(Outcome::Close(close_code::AUTHENTICATION_FAILED))
            }
        }
    }

    fn open_session(&mut self, caller: &Caller<'_>, shard: (u64, u64), intents: Intents) -> String {
        self.sessions.identifies += 1;
        let id = session_id(self.sessions.identifies);
        self.sessions.insert(Session {
            id: id.clone(),
            listener: Listener {
                application: self.application.id,
                shard,
                intents,
            },
            identified_at: self.now(),
            resumed: false,
            presence: None,
            backlog: Backlog::default(),
            requests: VecDeque::new(),
            link: Some(caller.link.clone()),
            ready: None,
        });
        id
    }

    /// Sends `READY` and, with the intent for guilds, the guilds of the shard.
    fn greet(&mut self, id: &str, threshold: u64, gateway_url: &str) {
        let Some(session) = self.sessions.get(id) else {
            return;
        };
        let Listener { shard, intents, .. } = session.listener;
        let guilds = self.guilds_of_shard(shard);
        let ready = payload::ready::ready(self, id, shard, &guilds, gateway_url);
        let ready = event::write("READY", &ready);
        let sees_members = intents.contains(Intents::GUILD_PRESENCES);
        let threshold = if sees_members { threshold } else { 0 };
        let creations: Vec<Arc<str>> = guilds
            .iter()
            .filter(|_| intents.contains(Intents::GUILDS))
            .map(|id| payload::guild::create(self, &self.guilds[id], threshold))
            .map(|data| event::write("GUILD_CREATE", &data))
            .collect();
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        session.ready = Some(Arc::clone(&ready));
        session.push(ready);
        for creation in creations {
            session.push(creation);
        }
    }

    fn guilds_of_shard(&self, (shard, count): (u64, u64)) -> Vec<Snowflake> {
        let bot = self.application.id;
        let homes = self.guilds.values();
        let homes = homes.filter(|it| it.members.contains_key(&bot));
        let ids = homes.map(|it| it.id);
        ids.filter(|id| id.shard(count) == shard).collect()
    }

    fn resume(&mut self, caller: &Caller<'_>, data: &Value) -> Outcome {
        let token = data["token"].as_str();
        let id = data["session_id"].as_str();
        let cursor = data["seq"].as_u64();
        let (Some(token), Some(id), Some(cursor)) = (token, id, cursor) else {
            return Outcome::Close(close_code::DECODE_ERROR);
        };
        let Some(application) = self.application_with(token) else {
            return Outcome::Close(close_code::AUTHENTICATION_FAILED);
        };
        let session = self.sessions.get_mut(id);
        let session = session.filter(|it| it.listener.application == application);
        let Some(session) = session else {
            return invalid_session();
        };
        if cursor > session.backlog.sequence() {
            return Outcome::Close(close_code::INVALID_SEQUENCE);
        }
        if !session.backlog.reaches_back_to(cursor) {
            self.sessions.remove(id);
            return invalid_session();
        }
        if let Some(former) = session.link.replace(caller.link.clone()) {
            former.tell(Control::Cut);
        }
        session.resume();
        self.sessions.resumes += 1;
        Outcome::Carry {
            session: id.to_owned(),
            cursor,
            compress: false,
        }
    }

    fn set_presence(&mut self, id: &str, data: &Value) -> Outcome {
        if !is_presence(data) {
            return Outcome::Close(close_code::DECODE_ERROR);
        }
        self.update_presence(id, data);
        Outcome::Quiet
    }
}

/// Grows with the number of sessions begun, and is never given by another simulator: a bot that kept
/// the session of an earlier one must not take a new one for it.
fn session_id(number: u64) -> String {
    format!("{number:08x}{:024x}", rand::random::<u128>() >> 32)
}

/// Whether this has the form of a presence. hikari and discord.py identify with the older one: a
/// `game` in the place of `activities`, and perhaps no status.
fn is_presence(data: &Value) -> bool {
    let (status, game) = (&data["status"], &data["game"]);
    let has_status = status.is_string() || status.is_null();
    let has_game = game.is_object() || game.is_null();
    let activities = match &data["activities"] {
        Value::Null => Some(&[][..]),
        other => other.as_array().map(Vec::as_slice),
    };
    let has_activities = activities.is_some_and(|it| it.iter().all(Value::is_object));
    data.is_object() && has_status && has_game && has_activities
}

fn invalid_session() -> Outcome {
    Outcome::Reply(json!({ "op": 9, "d": false }))
}

/// `[number, count]`; absent means the only shard.
fn shard_of(field: &Value) -> Option<(u64, u64)> {
    if field.is_null() {
        return Some((0, 1));
    }
    let [shard, count] = field.as_array()?.as_slice() else {
        return None;
    };
    let (shard, count) = (shard.as_u64()?, count.as_u64()?);
    (shard < count).then_some((shard, count))
}
