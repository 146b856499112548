//! `/livez`: the process answers. `/readyz`: it does its work.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use serde::Serialize;

use crate::{gateway::Gateway, store::Db};

/// What readiness is judged by.
pub struct Health {
    db: Db,
    open: AtomicBool,
    commands: AtomicBool,
    gateway: OnceLock<Arc<Gateway>>,
}

/// The answer of `/readyz`.
#[derive(Debug, Serialize)]
struct Readiness {
    ready: bool,
    /// Whether the bot has started and is not shutting down.
    open: bool,
    /// Whether Discord has the commands of this version.
    commands: bool,
    database: bool,
    shards: usize,
    shards_connected: usize,
}

impl Health {
    pub(crate) fn new(db: Db) -> Self {
        Self {
            db,
            open: AtomicBool::new(false),
            commands: AtomicBool::new(false),
            gateway: OnceLock::new(),
        }
    }

    pub(crate) fn watch(&self, gateway: Arc<Gateway>) {
        // Set once, at boot; a second gateway does not exist.
        let _ = self.gateway.set(gateway);
    }

    pub(crate) fn set_open(&self, open: bool) {
        self.open.store(open, Ordering::Relaxed);
    }

    pub(crate) fn set_commands_synced(&self) {
        self.commands.store(true, Ordering::Relaxed);
    }

    async fn readiness(&self) -> Readiness {
        let shards = self
            .gateway
            .get()
            .map(|gateway| gateway.shards())
            .unwrap_or_default();
        let shards_connected = shards.iter().filter(|shard| shard.connected).count();
        let database = self.db.read("select 1").one::<(i32,)>().await.is_ok();
        let open = self.open.load(Ordering::Relaxed);
        let commands = self.commands.load(Ordering::Relaxed);
        let ready =
            open && commands && database && !shards.is_empty() && shards_connected == shards.len();
        Readiness {
            ready,
            open,
            commands,
            database,
            shards: shards.len(),
            shards_connected,
        }
    }
}

pub(super) fn routes(health: Arc<Health>) -> Router {
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .with_state(health)
}

async fn ready(State(health): State<Arc<Health>>) -> (StatusCode, Json<Readiness>) {
    let readiness = health.readiness().await;
    let status = if readiness.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(readiness))
}
