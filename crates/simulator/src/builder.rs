//! Starting a simulator.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::Utc;
use thiserror::Error;
use tokio::net::{TcpListener, lookup_host};

use crate::core::Core;
use crate::door::Door;
use crate::gateway::starts::StartLimits;
use crate::intents::Intents;
use crate::openapi;
use crate::simulator::Simulator;
use crate::snowflake::{Snowflake, mix};
use crate::web;
use crate::wire::{Shears, Wires};
use crate::world::application::Application;
use crate::world::{Now, World};

/// What Discord says.
const HEARTBEAT_INTERVAL: Duration = Duration::from_millis(41_250);
/// Half an interval: clients beat by their own clocks, and some begin at a random moment.
const HEARTBEAT_GRACE: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_secs(10);

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
    /// `DISCORD_OPENAPI` names a file that cannot be used.
    #[error("holding requests against Discord's format: {reason}")]
    Format {
        /// The variable, the file, and what is wrong with it.
        reason: &'static str,
    },
    /// The simulator has no passwords and listens for this machine only.
    #[error("listening on {address}: expected a loopback address, such as 127.0.0.1:0")]
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
    host: Option<String>,
    reached_at: Option<SocketAddr>,
    bot: String,
    application_owner: String,
    refused_intents: u64,
    heartbeat_interval: Duration,
    heartbeat_grace: Duration,
    patience: Duration,
    allows_any_address: bool,
    start_limits: StartLimits,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            now: Arc::new(Utc::now),
            address: "127.0.0.1:0".to_owned(),
            host: None,
            reached_at: None,
            bot: "bot".to_owned(),
            application_owner: "owner".to_owned(),
            refused_intents: 0,
            heartbeat_interval: HEARTBEAT_INTERVAL,
            heartbeat_grace: HEARTBEAT_GRACE,
            patience: PATIENCE,
            allows_any_address: false,
            start_limits: StartLimits::default(),
        }
    }
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

    /// Whether an address that other machines can reach is listened on too; it is warned of.
    /// Whoever reaches it may do everything. Default `false`: only loopback.
    pub const fn allow_any_address(mut self, allowed: bool) -> Self {
        self.allows_any_address = allowed;
        self
    }

    /// The host that clients are told in every address, such as the name of a container. Default:
    /// the address that is listened on, and where that is every one, that of this machine for itself.
    /// Requests that name neither this host, nor loopback, nor the address listened on are refused.
    pub fn host(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    /// The address that clients are told in every address: that of a proxy which leads here. Default: the address that
    /// is listened on.
    pub const fn reached_at(mut self, proxy: SocketAddr) -> Self {
        self.reached_at = Some(proxy);
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

    /// How late a heartbeat may be, in real time, before the connection is closed with 4009 and its
    /// session is gone. Default 20 s.
    pub const fn heartbeat_grace(mut self, grace: Duration) -> Self {
        self.heartbeat_grace = grace;
        self
    }

    /// How many sessions may be started in 24 h of the simulator's clock. One more ends them all
    /// with 4004, as Discord takes the token back then. Default 1000.
    pub const fn session_starts(mut self, total: u64) -> Self {
        self.start_limits.total = total;
        self
    }

    /// How many shards may identify at the same moment, as told in `GET /gateway/bot`; at least 1.
    /// Default 16.
    pub const fn max_concurrency(mut self, shards: u64) -> Self {
        self.start_limits.max_concurrency = if shards == 0 { 1 } else { shards };
        self
    }

    /// Whether limits bite that a patient client never meets: requests too many are answered 429,
    /// and a second IDENTIFY of the same shard bucket within 5 s is told op 9. By the simulator's
    /// clock: while it stands still, nobody who must wait may go on. Default `false`.
    pub const fn rate_limits(mut self, bite: bool) -> Self {
        self.start_limits.paced = bite;
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
        let mut world = self.world();
        world.gate = openapi::gate().map_err(|reason| StartError::Format { reason })?;
        let door = Door::new(address.ip(), self.host.as_deref());
        let told = self.told(self.reached_at.unwrap_or(address));
        world.base_url = format!("http://{told}");
        let heartbeat = (self.heartbeat_interval, self.heartbeat_grace);
        let core = Core::new(world, (address, &told), heartbeat, self.patience);
        let core = Arc::new(core);
        let router = web::router(Arc::clone(&core), door);
        let router = router.into_make_service_with_connect_info::<Shears>();
        let stop = core.stop.clone();
        tokio::spawn(async move {
            let served = axum::serve(Wires(listener), router)
                .with_graceful_shutdown(stop.cancelled_owned())
                .await;
            if let Err(error) = served {
                tracing::error!(%error, "the simulator stopped serving");
            }
        });
        Ok(Simulator::new(core))
    }

    async fn listen(&self) -> Result<TcpListener, StartError> {
        let addresses = lookup_host(&self.address).await;
        let mut addresses = addresses.map_err(|source| self.listen_error(source))?;
        let address = addresses.next();
        let nowhere = || self.listen_error(io::ErrorKind::AddrNotAvailable.into());
        let address = address.ok_or_else(nowhere)?;
        if !address.ip().is_loopback() {
            if !self.allows_any_address {
                return Err(StartError::NotLoopback { address });
            }
            tracing::warn!(%address, "other machines may reach this address, and do everything");
        }
        let listener = TcpListener::bind(address).await;
        listener.map_err(|source| self.listen_error(source))
    }

    /// Host and port, as clients are told.
    fn told(&self, address: SocketAddr) -> String {
        let port = address.port();
        match (&self.host, address) {
            (Some(host), _) => format!("{host}:{port}"),
            (None, SocketAddr::V4(it)) if it.ip().is_unspecified() => format!("127.0.0.1:{port}"),
            (None, SocketAddr::V6(it)) if it.ip().is_unspecified() => format!("[::1]:{port}"),
            (None, address) => address.to_string(),
        }
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
        world.sessions.start_limits = self.start_limits;
        world.rates.bite = self.start_limits.paced;
        world.add_user(id, &self.bot, true);
        world.add_user(owner, &self.application_owner, false);
        world
    }
}

/// Some libraries read the bot's id out of the first part.
pub(crate) fn token_of(id: Snowflake) -> String {
    let spread = mix(id.get());
    let id = STANDARD_NO_PAD.encode(id.to_string());
    format!("{id}.{:06x}.{:016x}", spread >> 40, mix(spread))
}
