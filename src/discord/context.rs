//! A `serenity::Context` without serenity's connection to Discord, for poise, its commands and collectors.
//!
//! Serenity's shard runner runs on a gateway of this process, [`Loopback`], which hands it what collectors wait for.
//! It has no event handlers and no framework: events reach modules by [`super::Dispatch`] alone.

use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use serde_json::Value;
use serenity::{
    client::Context,
    gateway::{
        CollectorCallback, Shard, ShardManager, ShardManagerOptions, ShardMessenger, ShardRunner,
        ShardRunnerOptions,
    },
    http::Http,
    model::{
        event::Event,
        gateway::{GatewayIntents, ShardInfo},
        id::ShardId,
    },
    prelude::TypeMap,
};
use tokio::sync::{RwLock, mpsc};
use tokio_util::task::AbortOnDropHandle;

use super::{loopback::Loopback, need::Need};
use crate::error::Result;

type Data = Arc<RwLock<TypeMap>>;

/// What poise's dispatch asks for, made once per process. Dropping it ends the runner.
pub(super) struct Serenity {
    pub(super) context: Context,
    pub(super) manager: Arc<ShardManager>,
    loopback: Loopback,
    need: Arc<Need>,
    requests: Mutex<Option<mpsc::UnboundedReceiver<Value>>>,
    _runner: AbortOnDropHandle<()>,
}

impl Serenity {
    pub(super) async fn new(http: Arc<Http>) -> Result<Self> {
        let (up, requests) = mpsc::unbounded_channel();
        let loopback = Loopback::start(up).await?;
        let manager = manager(loopback.url(), Arc::clone(&http));
        let data = Data::default();
        let runner = runner(&loopback, &manager, &http, &data).await?;
        let shard = ShardMessenger::new(&runner);
        let context = Context {
            data: Arc::clone(&data),
            shard,
            shard_id: ShardId(0),
            http,
        };
        let need = Arc::new(Need::new(data));
        let greeted = Arc::clone(&need);
        context
            .shard
            .add_collector(CollectorCallback(Box::new(move |event| {
                let is_ready = matches!(event, Event::Ready(_));
                if is_ready {
                    greeted.greeted();
                }
                !is_ready
            })));
        let attending = tokio::spawn(super::need::attend(runner, Arc::clone(&need)));
        Ok(Self {
            context,
            manager,
            loopback,
            need,
            requests: Mutex::new(Some(requests)),
            _runner: AbortOnDropHandle::new(attending),
        })
    }

    /// Whether a collector may wait somewhere.
    pub(super) fn may_collect(&self) -> bool {
        self.need.is_somebody()
    }

    /// As long as it is kept, collectors get every event.
    pub(super) fn collecting(&self) -> Arc<()> {
        self.need.collecting()
    }

    /// Hands an event to the collectors.
    pub(super) fn collect(&self, raw: &str) {
        self.loopback.hand_down(raw);
        self.need.wake();
    }

    /// What serenity asks of the gateway, for the first who asks.
    pub(super) fn requests(&self) -> Option<mpsc::UnboundedReceiver<Value>> {
        self.requests.lock().take()
    }
}

async fn runner(
    loopback: &Loopback,
    manager: &Arc<ShardManager>,
    http: &Arc<Http>,
    data: &Data,
) -> Result<ShardRunner> {
    let url = Arc::new(tokio::sync::Mutex::new(loopback.url()));
    let info = ShardInfo {
        id: ShardId(0),
        total: 1,
    };
    let shard = Shard::new(url, loopback.key(), info, GatewayIntents::empty(), None).await?;
    Ok(ShardRunner::new(ShardRunnerOptions {
        data: Arc::clone(data),
        event_handlers: Vec::new(),
        raw_event_handlers: Vec::new(),
        framework: None,
        manager: Arc::clone(manager),
        shard,
        http: Arc::clone(http),
    }))
}

fn manager(ws_url: String, http: Arc<Http>) -> Arc<ShardManager> {
    let (manager, _ends) = ShardManager::new(ShardManagerOptions {
        data: Arc::default(),
        event_handlers: Vec::new(),
        raw_event_handlers: Vec::new(),
        framework: Arc::new(OnceLock::new()),
        shard_index: 0,
        shard_init: 0,
        shard_total: 0,
        ws_url: Arc::new(tokio::sync::Mutex::new(ws_url)),
        http,
        intents: GatewayIntents::empty(),
        presence: None,
    });
    manager
}
