//! Gateways that follow rules of their own.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// See Discord docs/Opcodes and Status Codes.
const HEARTBEAT: u64 = 1;
pub(crate) const IDENTIFY: u64 = 2;
pub(crate) const RESUME: u64 = 6;

/// What it does with whoever connects, beside saying hello.
#[derive(Clone, Copy)]
pub(crate) struct Manners {
    pub(crate) heartbeat: Duration,
    pub(crate) acknowledges: bool,
    /// Whether it sends an event every few milliseconds once it has said READY.
    pub(crate) chatters: bool,
}

/// A gateway that says READY to whoever identifies, and nothing to whoever resumes.
pub(crate) struct Rogue {
    pub(crate) address: SocketAddr,
    heard: Arc<Mutex<Vec<u64>>>,
}

impl Rogue {
    pub(crate) async fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::<Mutex<Vec<u64>>>::default();
        let book = Arc::clone(&heard);
        let serve = move |upgrade: WebSocketUpgrade| {
            let book = Arc::clone(&book);
            async move { upgrade.on_upgrade(move |socket| attend(socket, manners, address, book)) }
        };
        let router = axum::Router::new().fallback(serve);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, heard }
    }

    /// How often somebody identified, or resumed.
    pub(crate) fn heard(&self, op: u64) -> usize {
        self.heard.lock().iter().filter(|it| **it == op).count()
    }
}

async fn attend(
    mut socket: WebSocket,
    manners: Manners,
    address: SocketAddr,
    book: Arc<Mutex<Vec<u64>>>,
) {
    let interval = u64::try_from(manners.heartbeat.as_millis()).unwrap();
    let hello = json!({"op": 10, "d": {"heartbeat_interval": interval}});
    let mut tick = tokio::time::interval(Duration::from_millis(5));
    let mut sequence = 0;
    let mut said = send(&mut socket, &hello).await;
    while said {
        tokio::select! {
            frame = socket.recv() => {
                let Some(Ok(frame)) = frame else { return };
                let Some(op) = op(&frame) else { continue };
                if op != HEARTBEAT {
                    book.lock().push(op);
                }
                if op == IDENTIFY {
                    sequence = 1;
                    said = send(&mut socket, &ready(address)).await;
                }
                if op == HEARTBEAT && manners.acknowledges {
                    said = send(&mut socket, &json!({"op": 11})).await;
                }
            }
            _ = tick.tick(), if manners.chatters && sequence > 0 => {
                sequence += 1;
                let data = json!({"id": "1", "channel_id": "2"});
                let event = json!({"t": "MESSAGE_DELETE", "s": sequence, "op": 0, "d": data});
                said = send(&mut socket, &event).await;
            }
        }
    }
}

fn ready(address: SocketAddr) -> Value {
    let data = json!({
        "v": 10, "session_id": "kept", "resume_gateway_url": format!("ws://{address}"), "guilds": [],
        "user": {"id": "1", "username": "bot", "discriminator": "0"},
        "application": {"id": "1", "flags": 0},
    });
    json!({"t": "READY", "s": 1, "op": 0, "d": data})
}

fn op(frame: &Message) -> Option<u64> {
    let Message::Text(text) = frame else {
        return None;
    };
    serde_json::from_str::<Value>(text).ok()?["op"].as_u64()
}

/// Whether somebody was there to be told.
async fn send(socket: &mut WebSocket, frame: &Value) -> bool {
    socket.send(Message::text(frame.to_string())).await.is_ok()
}
