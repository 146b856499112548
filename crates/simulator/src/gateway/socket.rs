//! One WebSocket: frames in, events out.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use crate::core::Core;
use crate::gateway::operations::{Caller, Outcome, close_code};
use crate::gateway::outbox::{Form, Outbox};
use crate::gateway::pace::Pace;
use crate::gateway::sessions::{Control, Link};
use crate::wire::Shears;
use crate::world::World;

/// Discord closes on larger frames from a client.
const FRAME_MAX: usize = 4096;
/// How many events are taken out of a backlog at once.
const BATCH: usize = 64;
/// With this many frames unsent, a client is not listened to until it reads.
const UNSENT_MAX: usize = 1024;
/// How long a client may take to read the rest and to answer a close frame.
const CLOSING_TIME: Duration = Duration::from_secs(1);
/// What of a torn frame goes out: its header, and a little of what it announces.
const TORN: usize = 4;
/// Sessions end for good with these; after any other code the client may resume.
const FINAL_CODES: [u16; 8] = [1000, 1001, 4004, 4007, 4009, 4010, 4011, 4014];

/// Query parameters that the gateway understands, each with the only value that is simulated.
const QUERY: [(&str, &str); 2] = [("encoding", "json"), ("compress", "zlib-stream")];

/// What is missing here for a client that asks for this, such as `gateway encoding=etf`.
pub(crate) fn unsupported(query: &HashMap<String, String>) -> Option<String> {
    query
        .iter()
        .filter(|(key, _)| *key != "v")
        .find(|(key, value)| !QUERY.contains(&(key, value)))
        .map(|(key, value)| format!("gateway {key}={value}"))
}

/// Carries a socket until it closes.
pub(crate) async fn carry(
    core: Arc<Core>,
    socket: WebSocket,
    shears: Shears,
    query: HashMap<String, String>,
) {
    let (control, orders) = mpsc::unbounded_channel();
    let number = core.write(|world| {
        world.sessions.sockets += 1;
        world.sessions.sockets
    });
    let (sink, stream) = socket.split();
    let form = match query.get("compress") {
        Some(_) => Form::stream(),
        None => Form::Text,
    };
    let mut carrier = Carrier {
        stream,
        outbox: Outbox::new(sink, form),
        shears,
        link: Link {
            socket: number,
            wake: Arc::new(Notify::new()),
            control,
            sent: Arc::default(),
        },
        session: None,
        cursor: 0,
        pace: Pace::new(core.read(World::now)),
        beat_by: Instant::now(),
        core,
    };
    if query.get("v").is_some_and(|version| version != "10") {
        // The client is gone already when this fails.
        let _ = carrier.close(Some(close_code::INVALID_VERSION)).await;
        return;
    }
    carrier.run(orders).await;
    carrier.leave();
}

/// Going on, or having ended.
type Step = ControlFlow<()>;

const GO_ON: Step = Step::Continue(());
const END: Step = Step::Break(());

struct Carrier {
    core: Arc<Core>,
    stream: SplitStream<WebSocket>,
    outbox: Outbox,
    shears: Shears,
    link: Link,
    session: Option<String>,
    /// The number of the last event that went into the outbox.
    cursor: u64,
    pace: Pace,
    /// When the next heartbeat is overdue, in real time: clients beat by their own clocks.
    beat_by: Instant,
}

impl Carrier {
    async fn run(&mut self, mut orders: mpsc::UnboundedReceiver<Control>) {
        let interval = u64::try_from(self.core.heartbeat_interval.as_millis()).unwrap_or(u64::MAX);
        self.send(&json!({ "op": 10, "d": { "heartbeat_interval": interval, "_trace": [] } }));
        self.note_beat();
        let wake = Arc::clone(&self.link.wake);
        let stop = self.core.stop.clone();
        let mut step = GO_ON;
        while step.is_continue() {
            let is_idle = !self.outbox.is_dirty();
            step = tokio::select! {
                biased;
                () = stop.cancelled() => END,
                Some(order) = orders.recv() => self.obey(order).await,
                () = tokio::time::sleep_until(self.beat_by) => {
                    self.close(Some(close_code::SESSION_TIMED_OUT)).await
                }
                frame = self.stream.next(), if self.outbox.len() < UNSENT_MAX => match frame {
                    Some(Ok(frame)) => self.hear(frame).await,
                    Some(Err(_)) | None => END,
                },
                sent = self.outbox.flush(), if !is_idle => match sent {
                    Ok(()) => self.note_sent(),
                    Err(_) => END,
                },
                () = wake.notified(), if is_idle => self.pump().await,
            };
        }
    }

    async fn obey(&mut self, order: Control) -> Step {
        match order {
            Control::Close(code) => return self.close(code).await,
            Control::Cut => return END,
            Control::Tear => return self.tear().await,
            Control::Reconnect => self.send(&json!({ "op": 7, "d": null })),
            Control::Beat => self.send(&json!({ "op": 1, "d": null })),
            Control::Invalid(resumable) => {
                self.leave();
                if !resumable {
                    self.end_session();
                }
                self.session = None;
                self.send(&json!({ "op": 9, "d": resumable }));
            }
        }
        GO_ON
    }

    /// Sends what is due, and of one more frame only the beginning.
    async fn tear(&mut self) -> Step {
        let torn = async {
            // A client that is gone cannot be told.
            let _ = self.outbox.flush().await;
            self.shears.cut_after(TORN);
            self.outbox.push(json!({ "op": 1, "d": null }).to_string());
            // That it fails is the point.
            let _ = self.outbox.flush().await;
        };
        // A client that does not read is cut off all the same.
        let _ = tokio::time::timeout(CLOSING_TIME, torn).await;
        END
    }

    async fn hear(&mut self, frame: Message) -> Step {
        let text = match &frame {
            Message::Text(text) => text.as_str(),
            Message::Binary(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => text,
                Err(_) => return self.close(Some(close_code::DECODE_ERROR)).await,
            },
            Message::Close(frame) => {
                let code = frame.as_ref().map(|frame| frame.code);
                if code.is_some_and(|code| FINAL_CODES.contains(&code)) {
                    self.end_session();
                }
                return self.drain().await;
            }
            Message::Ping(_) | Message::Pong(_) => return GO_ON,
        };
        if text.len() > FRAME_MAX {
            return self.close(Some(close_code::DECODE_ERROR)).await;
        }
        if !self.pace.allows(self.core.read(World::now)) {
            return self.close(Some(close_code::RATE_LIMITED)).await;
        }
        let caller = Caller {
            session: self.session.as_deref(),
            link: &self.link,
            gateway_url: &self.core.gateway_url,
        };
        let outcome = self.core.write(|world| world.receive(&caller, text));
        self.follow(outcome).await
    }

    async fn follow(&mut self, outcome: Outcome) -> Step {
        match outcome {
            Outcome::Quiet => GO_ON,
            Outcome::Beat => {
                self.note_beat();
                // What happened before the heartbeat is told before its acknowledgement.
                let step = self.pump().await;
                self.send(&json!({ "op": 11 }));
                step
            }
            Outcome::Reply(frame) => {
                self.send(&frame);
                GO_ON
            }
            Outcome::Close(code) => self.close(Some(code)).await,
            Outcome::Continue => {
                self.link.wake.notify_one();
                GO_ON
            }
            Outcome::Carry {
                session,
                cursor,
                compress,
            } => {
                self.session = Some(session);
                self.cursor = cursor;
                if compress {
                    self.outbox.compress_large();
                }
                self.pump().await
            }
        }
    }

    /// Takes a batch of what the session heard since into the outbox; comes back by itself when
    /// there is more.
    async fn pump(&mut self) -> Step {
        let Some(id) = &self.session else {
            return GO_ON;
        };
        let batch = self.core.read(|world| {
            let backlog = &world.sessions.get(id)?.backlog;
            let reached = backlog.reaches_back_to(self.cursor);
            reached.then(|| backlog.after(self.cursor, BATCH))
        });
        let Some(batch) = batch else {
            return self.close(Some(close_code::SESSION_TIMED_OUT)).await;
        };
        let is_full = batch.len() == BATCH;
        for event in batch {
            self.cursor = event.sequence;
            self.outbox.push(event.frame());
        }
        if is_full || self.next_chunk() {
            self.link.wake.notify_one();
        }
        GO_ON
    }

    /// Asks for more of a list of members, now that everything before it is on its way.
    fn next_chunk(&self) -> bool {
        let Some(id) = &self.session else {
            return false;
        };
        let is_waiting = self.core.read(|world| {
            let session = world.sessions.get(id);
            session.is_some_and(|it| !it.requests.is_empty())
        });
        is_waiting && self.core.write(|world| world.send_chunk(id))
    }

    fn note_sent(&self) -> Step {
        self.link.sent.store(self.cursor, Ordering::Release);
        self.core.note_change();
        GO_ON
    }

    fn send(&mut self, frame: &Value) {
        self.outbox.push(frame.to_string());
    }

    fn note_beat(&mut self) {
        let Core {
            heartbeat_interval,
            heartbeat_grace,
            ..
        } = *self.core;
        self.beat_by = Instant::now() + heartbeat_interval + heartbeat_grace;
    }

    async fn close(&mut self, code: Option<u16>) -> Step {
        if code.is_some_and(|code| FINAL_CODES.contains(&code)) {
            self.end_session();
        }
        let frame = code.map(|code| CloseFrame {
            code,
            reason: "".into(),
        });
        self.leave();
        self.outbox.push_raw(Message::Close(frame));
        self.drain().await
    }

    /// Sends what is left and reads until the other side has closed too: ending a connection with
    /// unread bytes would make the system throw away the close frame that is on its way.
    async fn drain(&mut self) -> Step {
        let rest = async {
            // A client that is gone cannot be told.
            let _ = self.outbox.flush().await;
            while let Some(Ok(_)) = self.stream.next().await {}
        };
        // A client that never answers is cut off.
        let _ = tokio::time::timeout(CLOSING_TIME, rest).await;
        END
    }

    /// Lets go of the session, unless a newer socket has it.
    fn leave(&self) {
        let Some(id) = &self.session else {
            return;
        };
        self.core.write(|world| {
            let session = world.sessions.get_mut(id);
            if let Some(session) = session
                && session.link.as_ref().map(|link| link.socket) == Some(self.link.socket)
            {
                session.link = None;
            }
        });
    }

    fn end_session(&self) {
        if let Some(id) = &self.session {
            self.core.write(|world| world.sessions.remove(id));
        }
    }
}
