//! The handle: start a Discord, look into it, disturb it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::Value;
use thiserror::Error;
use tokio::net::{TcpListener, lookup_host};

use crate::core::Core;
use crate::gateway::sessions::{Control, Session};
use crate::intents::Intents;
use crate::people::{Guild, Person};
use crate::rest::fault::FaultRule;
use crate::rest::journal::Request;
use crate::snowflake::{Snowflake, mix};
use crate::transcript::Line;
use crate::web;
use crate::world::{Application, Now, World};

/// What Discord says.
const HEARTBEAT_INTERVAL: Duration = Duration::from_millis(41_250);
const PATIENCE: Duration = Duration::from_secs(10);

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

/// Why a simulator could not be started.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address could not be understood or listened on.
    #[error("listening on {address}")]
    Listen {
        /// The address asked for.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// The simulator has no passwords and listens for this machine only.
    #[error("listening on {address}: expected a loopback address such as 127.0.0.1:0")]
    NotLoopback {
        /// The address asked for.
        address: SocketAddr,
    },
}

/// Settings of a simulator that is about to start.
#[must_use]
pub struct Builder {
    now: Now,
    address: String,
    bot: String,
    application_owner: String,
    refused_intents: u64,
    heartbeat_interval: Duration,
    patience: Duration,
}

/// A gateway connection that carries a session.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Connection {
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

impl Builder {
    /// Where the time is read. Default: the system's clock.
    pub fn now(mut self, now: Now) -> Self {
        self.now = now;
        self
    }

    /// Loopback address and port to listen on. Default `127.0.0.1:0`: any free port.
    pub fn address(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    /// Name of the bot. Default `bot`.
    pub fn bot(mut self, name: &str) -> Self {
        name.clone_into(&mut self.bot);
        self
    }

    /// Name of the person who owns the application, and by default each guild. Default `owner`.
    pub fn application_owner(mut self, name: &str) -> Self {
        name.clone_into(&mut self.application_owner);
        self
    }

    /// Privileged intents that were not switched on for the application: asking for one closes
    /// the connection with 4014. Default: none is refused.
    pub const fn refuse_intents(mut self, intents: Intents) -> Self {
        self.refused_intents = intents.bits();
        self
    }

    /// How often clients are told to send a heartbeat. Default 41.25 s.
    pub const fn heartbeat_interval(mut self, interval: Duration) -> Self {
        self.heartbeat_interval = interval;
        self
    }

    /// How long people, and tests that wait for a state, wait for the bot: real time, whatever
    /// the simulator's clock does. Default 10 s.
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Starts listening.
    ///
    /// # Errors
    /// When the address cannot be listened on or is not loopback.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn start(self) -> Result<Simulator, StartError> {
        let listener = self.listen().await?;
        let address = listener.local_addr();
        let address = address.map_err(|source| self.listen_error(source))?;
        let world = self.world();
        let address = address.to_string();
        let core = Core::new(world, &address, self.heartbeat_interval, self.patience);
        let core = Arc::new(core);
        let router = web::router(Arc::clone(&core));
        let stop = core.stop.clone();
        tokio::spawn(async move {
            let served = axum::serve(listener, router)
                .with_graceful_shutdown(stop.cancelled_owned())
                .await;
            if let Err(error) = served {
                tracing::error!(%error, "the simulator stopped serving");
            }
        });
        let owner = Arc::new(Owner { core });
        Ok(Simulator { owner })
    }

    async fn listen(&self) -> Result<TcpListener, StartError> {
        let addresses = lookup_host(&self.address).await;
        let mut addresses = addresses.map_err(|source| self.listen_error(source))?;
        let address = addresses.next();
        let nowhere = || self.listen_error(io::ErrorKind::AddrNotAvailable.into());
        let address = address.ok_or_else(nowhere)?;
        if !address.ip().is_loopback() {
            return Err(StartError::NotLoopback { address });
        }
        let listener = TcpListener::bind(address).await;
        listener.map_err(|source| self.listen_error(source))
    }

    fn listen_error(&self, source: io::Error) -> StartError {
        let address = self.address.clone();
        StartError::Listen { address, source }
    }

    fn world(&self) -> World {
        let id = Snowflake::named("application");
        let application = Application {
            id,
            owner: Snowflake::named("application owner"),
            token: token_of(id),
            refused_intents: self.refused_intents,
        };
        let owner = application.owner;
        let mut world = World::new(Arc::clone(&self.now), application);
        world.add_user(id, &self.bot, true);
        world.add_user(owner, &self.application_owner, false);
        world
    }
}

/// Some libraries read the bot's id out of the first part.
fn token_of(id: Snowflake) -> String {
    let spread = mix(id.get());
    let id = STANDARD_NO_PAD.encode(id.to_string());
    format!("{id}.{:06x}.{:016x}", spread >> 40, mix(spread))
}

impl Simulator {
    /// Settings to start from: loopback, any port, the system's clock.
    pub fn builder() -> Builder {
        Builder {
            now: Arc::new(Utc::now),
            address: "127.0.0.1:0".to_owned(),
            bot: "bot".to_owned(),
            application_owner: "owner".to_owned(),
            refused_intents: 0,
            heartbeat_interval: HEARTBEAT_INTERVAL,
            patience: PATIENCE,
        }
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
        self.read(|world| world.sessions.newest(shard).map_or(0, |it| it.sequence))
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
                    session.push("READY".into(), ready);
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
            shard: session.shard.0,
            shard_count: session.shard.1,
            session_id: session.id.clone(),
            resumed: session.resumed,
            identified_at: session.identified_at,
            intents: session.intents,
            presence: session.presence.clone(),
        }
    }
}
