//! The handle: look into a Discord that runs, and disturb it.

use std::net::SocketAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::builder::{Builder, token_of};
use crate::core::Core;
use crate::gateway::sessions::{Control, Session};
use crate::intents::Intents;
use crate::people::{Bot, Guild, Person};
use crate::rest::fault::FaultRule;
use crate::rest::journal::Request;
use crate::snowflake::Snowflake;
use crate::transcript::Line;
use crate::world::World;

/// A Discord on localhost. Clones are handles to the same one; dropping the last handle, those of
/// guilds and people included, closes every socket and stops the server.
#[derive(Clone)]
pub struct Simulator {
    owner: Arc<Owner>,
}

/// Stops the server when the last handle goes.
struct Owner {
    core: Arc<Core>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.core.stop.cancel();
    }
}

/// A gateway connection that carries a session.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Connection {
    /// Id of the bot's application.
    pub application_id: Snowflake,
    /// Number of the shard.
    pub shard: u64,
    /// How many shards there are.
    pub shard_count: u64,
    /// Id of the session, as told in READY.
    pub session_id: String,
    /// Whether the session was ever resumed.
    pub resumed: bool,
    /// When the session was made, on the simulator's clock.
    pub identified_at: DateTime<Utc>,
    /// What the session asked to hear.
    pub intents: Intents,
    /// The presence that the bot set last, as it sent it.
    pub presence: Option<Value>,
}

impl Simulator {
    /// Settings to start from: loopback, any port, the system's clock.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(core: Arc<Core>) -> Self {
        let owner = Arc::new(Owner { core });
        Self { owner }
    }

    /// Where it listens, whatever clients are told.
    pub fn address(&self) -> SocketAddr {
        self.core().address
    }

    /// `http://127.0.0.1:PORT`: what takes the place of `https://discord.com`.
    pub fn api_url(&self) -> &str {
        &self.core().api_url
    }

    /// `ws://127.0.0.1:PORT`: where the gateway is, as told by `GET /gateway`.
    pub fn gateway_url(&self) -> &str {
        &self.core().gateway_url
    }

    /// The bot's token. It follows from the application's id and is the same in every run.
    pub fn token(&self) -> String {
        self.read(|world| world.application.token.clone())
    }

    /// Id of the application.
    pub fn application_id(&self) -> Snowflake {
        self.read(|world| world.application.id)
    }

    /// Id of the bot's user: that of the application.
    pub fn bot_user_id(&self) -> Snowflake {
        self.application_id()
    }

    /// The time on the simulator's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.read(World::now)
    }

    /// Finds the guild of this name, or founds it: owned by the application's owner, with a text
    /// channel `general` and the bot as a member with an administrator role.
    pub fn guild(&self, name: &str) -> Guild {
        let id = self.write(|world| world.found_guild(name));
        Guild::new(self.clone(), id)
    }

    /// Finds the other bot of this name, or registers it: with an application, a token, commands and
    /// sessions of its own. It is in no guild yet; see [`Guild::invites`].
    pub fn other_bot(&self, name: &str) -> Bot {
        let id = self.write(|world| world.register(name, token_of));
        Bot::new(self.clone(), id)
    }

    /// The person who owns the application, outside any guild: what they say and use, they say and
    /// use in direct messages.
    pub fn application_owner(&self) -> Person {
        let id = self.read(|world| world.application.owner);
        Person::new(self.clone(), id, None)
    }

    /// Gives the application's owner another name.
    pub fn name_application_owner(&self, name: &str) {
        self.write(|world| world.name_owner(name));
    }

    /// Everything that was said, used and answered, oldest first. The last 100,000 lines are kept.
    pub fn transcript(&self) -> Vec<Line> {
        self.transcript_since(0)
    }

    /// The transcript without its first `count` lines.
    pub fn transcript_since(&self, count: usize) -> Vec<Line> {
        self.read(|world| world.transcript.since(count))
    }

    /// How many lines the transcript ever had.
    pub fn transcript_len(&self) -> usize {
        self.read(|world| world.transcript.count())
    }

    /// What was asked for and is not simulated: routes, fields, operations. Each once.
    pub fn gaps(&self) -> Vec<String> {
        self.read(|world| world.gaps.clone())
    }

    /// The last 10,000 REST requests, oldest first.
    pub fn requests(&self) -> Vec<Request> {
        self.read(|world| world.journal.all())
    }

    /// Connections that carry a session, by shard.
    pub fn connections(&self) -> Vec<Connection> {
        self.read(|world| {
            let connected = world.sessions.connected();
            connected.into_iter().map(Connection::of).collect()
        })
    }

    /// How often a client identified.
    pub fn identifies(&self) -> u64 {
        self.read(|world| world.sessions.identifies)
    }

    /// How often a client resumed.
    pub fn resumes(&self) -> u64 {
        self.read(|world| world.sessions.resumes)
    }

    /// The highest sequence number of the newest session of a shard, sent or kept for a resume.
    /// 0 when the shard never identified.
    pub fn sent_sequence(&self, shard: u64) -> u64 {
        self.read(|world| {
            let newest = world.sessions.newest(world.application.id, shard);
            newest.map_or(0, |it| it.backlog.sequence())
        })
    }

    /// Closes every gateway connection with this code, or with a close frame without one. Sessions
    /// can be resumed, except after the codes that end them at Discord too (4004, 4007, 4009, ...).
    pub fn close(&self, code: Option<u16>) {
        self.control(Control::Close(code));
    }

    /// Ends every gateway connection without a close frame.
    pub fn cut(&self) {
        self.control(Control::Cut);
    }

    /// Ends every gateway connection in the middle of a frame.
    pub fn tear(&self) {
        self.control(Control::Tear);
    }

    /// Asks every client to reconnect and resume: op 7.
    pub fn reconnect(&self) {
        self.control(Control::Reconnect);
    }

    /// Tells every client that its session is invalid: op 9. A session that is not `resumable` is
    /// gone; the connection stays open.
    pub fn invalid_session(&self, resumable: bool) {
        self.control(Control::Invalid(resumable));
    }

    /// Asks every client for a heartbeat now: op 1.
    pub fn ask_for_heartbeat(&self) {
        self.control(Control::Beat);
    }

    /// Sends every connected session its `READY` again, with the next sequence number.
    pub fn redeliver_ready(&self) {
        self.write(|world| {
            for session in world.sessions.connected_mut() {
                if let Some(ready) = session.ready.clone() {
                    session.push(ready);
                }
            }
        });
    }

    /// Sends any event to every session, whatever its intents and shard.
    pub fn dispatch_raw(&self, kind: &str, data: &Value) {
        self.write(|world| world.sessions.dispatch_to_all(kind, data));
    }

    /// Lets the next requests that fit the rule fail. Older rules come first.
    pub fn fail_next(&self, rule: FaultRule) {
        self.write(|world| world.faults.push(rule));
    }

    pub(crate) fn core(&self) -> &Core {
        &self.owner.core
    }

    pub(crate) fn read<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        self.core().read(look)
    }

    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        self.core().write(change)
    }

    fn control(&self, control: Control) {
        self.write(|world| world.sessions.control(control));
    }
}

impl Connection {
    fn of(session: &Session) -> Self {
        Self {
            application_id: session.listener.application,
            shard: session.listener.shard.0,
            shard_count: session.listener.shard.1,
            session_id: session.id.clone(),
            resumed: session.resumed,
            identified_at: session.identified_at,
            intents: session.listener.intents,
            presence: session.presence.clone(),
        }
    }
}
