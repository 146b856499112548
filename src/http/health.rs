//! How one bot is doing: what `/readyz` is answered from.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde::Serialize;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use crate::{gateway::Gateway, module::Registry, rest::Brake, store::Db};

/// How long the database's state is taken for true, and how long it may take to learn it.
const FRESH: Duration = Duration::from_secs(1);

/// What readiness is judged by.
pub struct Health {
    db: Db,
    open: AtomicBool,
    commands: AtomicBool,
    gateway: OnceLock<Arc<Gateway>>,
    registry: OnceLock<Arc<Registry>>,
    brake: OnceLock<Brake>,
    /// Why the database could not be read and written, and when that was tried.
    tried: Mutex<Option<(Instant, Option<String>)>>,
}

/// The answer of `/readyz` for one bot.
#[derive(Debug, Default, Serialize)]
pub(super) struct Readiness {
    pub(super) ready: bool,
    /// Whether the bot has started and is not shutting down.
    pub(super) open: bool,
    /// Whether Discord has the commands of this version.
    commands: bool,
    /// Whether the database can be read and written.
    database: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    database_error: Option<String>,
    shards: usize,
    shards_connected: usize,
    /// Requests of the last ten minutes that Discord refused with 401, 403 or 429.
    invalid_requests: u32,
    /// Whether all but answers to interactions waits because of them.
    requests_paused: bool,
    /// Modules that could not be loaded; the bot is ready without them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    modules_failed: Vec<&'static str>,
}

impl Health {
    /// Of a bot that is to begin, with this database.
    pub fn new(db: Db) -> Self {
        Self {
            db,
            open: AtomicBool::new(false),
            commands: AtomicBool::new(false),
            gateway: OnceLock::new(),
            registry: OnceLock::new(),
            brake: OnceLock::new(),
            tried: Mutex::default(),
        }
    }

    pub(crate) fn watch(&self, gateway: Arc<Gateway>, registry: Arc<Registry>) {
        // Set once, at boot; a second gateway does not exist.
        let _ = self.gateway.set(gateway);
        let _ = self.registry.set(registry);
    }

    pub(crate) fn watch_requests(&self, brake: Brake) {
        // Set once, at boot, too.
        let _ = self.brake.set(brake);
    }

    pub(crate) fn set_open(&self, open: bool) {
        self.open.store(open, Ordering::Relaxed);
    }

    pub(crate) fn set_commands_synced(&self) {
        self.commands.store(true, Ordering::Relaxed);
    }

    pub(super) async fn readiness(&self) -> Readiness {
        let shards = self
            .gateway
            .get()
            .map(|gateway| gateway.shards())
            .unwrap_or_default();
        let shards_connected = shards.iter().filter(|shard| shard.connected).count();
        let database_error = self.database_error().await;
        let database = database_error.is_none();
        let open = self.open.load(Ordering::Relaxed);
        let commands = self.commands.load(Ordering::Relaxed);
        let ready =
            open && commands && database && !shards.is_empty() && shards_connected == shards.len();
        let invalid = self.brake.get().map(Brake::invalid_requests);
        Readiness {
            ready,
            open,
            commands,
            database,
            database_error,
            shards: shards.len(),
            shards_connected,
            invalid_requests: invalid.map_or(0, |it| it.count),
            requests_paused: invalid.is_some_and(|it| it.is_braking),
            modules_failed: self
                .registry
                .get()
                .map(|registry| registry.failed())
                .unwrap_or_default(),
        }
    }

    /// At most one question a second, whoever asks: each of them writes.
    async fn database_error(&self) -> Option<String> {
        let mut tried = self.tried.lock().await;
        if let Some((at, error)) = &*tried
            && at.elapsed() < FRESH
        {
            return error.clone();
        }
        let error = match timeout(FRESH, self.db.check_writes()).await {
            Ok(written) => written.err().map(|error| error.to_string()),
            Err(_) => Some(format!("no write succeeded within {FRESH:?}")),
        };
        *tried = Some((Instant::now(), error.clone()));
        error
    }
}
