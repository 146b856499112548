//! A `serenity::Context` without serenity's gateway, for poise and its commands.
//!
//! Serenity can make the shard handle inside a context only for a shard that once had a socket.
//! A silent WebSocket on loopback is that socket; no runner ever polls it, so `ctx.shard` leads nowhere.

use std::sync::{Arc, OnceLock};

use axum::{Router, extract::WebSocketUpgrade, routing::any};
use serenity::{
    client::Context,
    gateway::{
        Shard, ShardManager, ShardManagerOptions, ShardMessenger, ShardRunner, ShardRunnerOptions,
    },
    http::Http,
    model::{
        gateway::{GatewayIntents, ShardInfo},
        id::ShardId,
    },
};
use tokio::{net::TcpListener, sync::Mutex};

use crate::error::Result;

/// What poise's dispatch asks for, made once per process.
pub(super) struct Connectionless {
    pub(super) context: Context,
    pub(super) manager: Arc<ShardManager>,
}

impl Connectionless {
    pub(super) async fn new(http: Arc<Http>) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = Arc::new(Mutex::new(format!("ws://{}", listener.local_addr()?)));
        let manager = manager(Arc::clone(&url), Arc::clone(&http));
        let silent = Router::new().fallback(any(async |upgrade: WebSocketUpgrade| {
            upgrade.on_upgrade(async |_| {})
        }));
        let info = ShardInfo {
            id: ShardId(0),
            total: 1,
        };
        let shard = tokio::select! {
            shard = Shard::new(url, "", info, GatewayIntents::empty(), None) => shard?,
            ended = axum::serve(listener, silent) => anyhow::bail!("the loopback socket ended: {ended:?}"),
        };
        let data = Arc::default();
        let runner = ShardRunner::new(ShardRunnerOptions {
            data: Arc::clone(&data),
            event_handlers: Vec::new(),
            raw_event_handlers: Vec::new(),
            framework: None,
            manager: Arc::clone(&manager),
            shard,
            http: Arc::clone(&http),
        });
        let shard = ShardMessenger::new(&runner);
        Ok(Self {
            context: Context {
                data,
                shard,
                shard_id: ShardId(0),
                http,
            },
            manager,
        })
    }
}

fn manager(ws_url: Arc<Mutex<String>>, http: Arc<Http>) -> Arc<ShardManager> {
    let (manager, _ends) = ShardManager::new(ShardManagerOptions {
        data: Arc::default(),
        event_handlers: Vec::new(),
        raw_event_handlers: Vec::new(),
        framework: Arc::new(OnceLock::new()),
        shard_index: 0,
        shard_init: 0,
        shard_total: 0,
        ws_url,
        http,
        intents: GatewayIntents::empty(),
        presence: None,
    });
    manager
}
