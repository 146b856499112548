//! A gateway of this process for serenity's shard runner, so that collectors get the events they wait for.
//!
//! It greets, lets in who knows its key, hands down what [`Loopback::hand_down`] is given, and passes up what
//! serenity sends.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    routing::any,
};
use rand::RngExt;
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::error;

/// The runner would send heartbeats, which say nothing here: once in 40 days is seldom enough.
const HEARTBEAT_MS: u32 = u32::MAX;

/// See Discord docs/Opcodes and Status Codes.
const HEARTBEAT: u8 = 1;
const IDENTIFY: u8 = 2;
const RESUME: u8 = 6;

/// The running server. Dropping it ends it.
pub(super) struct Loopback {
    address: SocketAddr,
    key: String,
    down: mpsc::UnboundedSender<String>,
    _stop: DropGuard,
}

struct Inner {
    key: String,
    /// Read by the one connection there is at a time.
    down: Mutex<mpsc::UnboundedReceiver<String>>,
    up: mpsc::UnboundedSender<Value>,
}

/// What serenity sends up.
#[derive(Deserialize)]
struct Sent {
    op: u8,
    #[serde(default)]
    d: Value,
}

impl Loopback {
    /// Starts it; what serenity sends to Discord goes into `up`.
    pub(super) async fn start(up: mpsc::UnboundedSender<Value>) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let key = format!("{:032x}", rand::rng().random::<u128>());
        let (down, frames) = mpsc::unbounded_channel();
        let inner = Arc::new(Inner {
            key: key.clone(),
            down: Mutex::new(frames),
            up,
        });
        let stop = CancellationToken::new();
        tokio::spawn(
            stop.clone()
                .run_until_cancelled_owned(serve(listener, inner)),
        );
        Ok(Self {
            address,
            key,
            down,
            _stop: stop.drop_guard(),
        })
    }

    pub(super) fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// What serenity is to take for the bot's token.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Hands an event down, as the raw frame that Discord sent.
    pub(super) fn hand_down(&self, raw: &str) {
        #[derive(Deserialize)]
        struct Frame<'a> {
            t: &'a str,
            #[serde(borrow)]
            d: &'a RawValue,
        }
        if let Ok(Frame { t, d }) = serde_json::from_str(raw) {
            // Shards number their events each for itself; a constant number is none that is missing.
            drop(
                self.down
                    .send(format!(r#"{{"t":"{t}","s":1,"op":0,"d":{d}}}"#)),
            );
        }
    }
}

async fn serve(listener: TcpListener, inner: Arc<Inner>) {
    let router = Router::new().fallback(any(welcome)).with_state(inner);
    if let Err(error) = axum::serve(listener, router).await {
        error!("the gateway for collectors ended: {error}");
    }
}

async fn welcome(
    State(inner): State<Arc<Inner>>,
    upgrade: WebSocketUpgrade,
) -> axum::response::Response {
    upgrade.on_upgrade(async move |socket| {
        // A connection that is lost is made anew by the runner.
        inner.attend(socket).await;
    })
}

impl Inner {
    /// Serves one connection until it ends; `None` is its end.
    async fn attend(&self, mut socket: WebSocket) -> Option<()> {
        let hello = json!({"op": 10, "d": {"heartbeat_interval": HEARTBEAT_MS}});
        send(&mut socket, hello.to_string()).await?;
        loop {
            let sent = receive(&mut socket).await?;
            self.answer(&mut socket, &sent).await?;
            if sent.begins() {
                break;
            }
        }
        let mut down = self.down.lock().await;
        loop {
            tokio::select! {
                frame = down.recv() => send(&mut socket, frame?).await?,
                sent = receive(&mut socket) => {
                    self.answer(&mut socket, &sent?).await?;
                }
            }
        }
    }

    async fn answer(&self, socket: &mut WebSocket, sent: &Sent) -> Option<()> {
        if sent.begins() && sent.d["token"] != *self.key {
            return None;
        }
        let answer = match sent.op {
            HEARTBEAT => json!({"op": 11, "d": null}),
            IDENTIFY => ready(),
            RESUME => json!({"op": 0, "t": "RESUMED", "s": 1, "d": {"_trace": []}}),
            op => {
                let passed = self.up.send(json!({"op": op, "d": sent.d}));
                return passed.ok();
            }
        };
        send(socket, answer.to_string()).await
    }
}

impl Sent {
    fn begins(&self) -> bool {
        [IDENTIFY, RESUME].contains(&self.op)
    }
}

/// Who the bot is does not matter here: nothing of serenity that keeps it is compiled in.
fn ready() -> Value {
    let user = json!({"id": "1", "username": "bot", "discriminator": "0000", "avatar": null, "bot": true,
        "mfa_enabled": false, "verified": true, "email": null, "flags": 0});
    let data = json!({"v": 10, "user": user, "guilds": [], "session_id": "collectors",
        "resume_gateway_url": "ws://127.0.0.1", "shard": [0, 1], "application": {"id": "1", "flags": 0}});
    json!({"op": 0, "t": "READY", "s": 1, "d": data})
}

async fn send(socket: &mut WebSocket, text: String) -> Option<()> {
    socket.send(Message::text(text)).await.ok()
}

/// The next thing that makes sense; `None` when the connection has ended.
async fn receive(socket: &mut WebSocket) -> Option<Sent> {
    loop {
        let text = match socket.recv().await?.ok()? {
            Message::Text(text) => text,
            Message::Close(_) => return None,
            _ => continue,
        };
        if let Ok(sent) = serde_json::from_str(&text) {
            return Some(sent);
        }
    }
}
