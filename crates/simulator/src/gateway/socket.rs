//! One WebSocket: frames in, events out.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use crate::core::Core;
use crate::gateway::operations::{Caller, Outcome, close_code};
use crate::gateway::sessions::{Control, Link};

/// Discord closes on larger frames from a client.
const FRAME_MAX: usize = 4096;
/// How many events are taken out of a buffer at once.
const BATCH: usize = 64;
/// How long a client may take to answer a close frame.
const CLOSING_TIME: Duration = Duration::from_secs(1);
/// Sessions end for good with these; after any other code the client may resume.
const FINAL_CODES: [u16; 7] = [1000, 1001, 4004, 4007, 4009, 4010, 4014];

/// Query parameters that the gateway understands, each with the only value that is simulated.
const QUERY: [(&str, &str); 2] = [("v", "10"), ("encoding", "json")];

/// What is missing here for a client that asks for this, such as `gateway encoding=etf`.
pub(crate) fn unsupported(query: &HashMap<String, String>) -> Option<String> {
    query
        .iter()
        .filter(|(key, _)| *key != "v")
        .find(|(key, value)| !QUERY.contains(&(key, value)))
        .map(|(key, value)| format!("gateway {key}={value}"))
}

/// Carries a socket until it closes.
pub(crate) async fn carry(core: Arc<Core>, socket: WebSocket, query: HashMap<String, String>) {
    let (control, orders) = mpsc::unbounded_channel();
    let link = Link {
        socket: core.write(|world| {
            world.sessions.sockets += 1;
            world.sessions.sockets
        }),
        wake: Arc::new(Notify::new()),
        control,
    };
    let mut carrier = Carrier {
        core,
        socket,
        link,
        session: None,
        cursor: 0,
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

struct Carrier {
    core: Arc<Core>,
    socket: WebSocket,
    link: Link,
    session: Option<String>,
    cursor: u64,
}

impl Carrier {
    async fn run(&mut self, mut orders: mpsc::UnboundedReceiver<Control>) {
        let interval = u64::try_from(self.core.heartbeat_interval.as_millis()).unwrap_or(u64::MAX);
        let hello = json!({ "op": 10, "d": { "heartbeat_interval": interval, "_trace": [] } });
        let mut step = self.send(&hello).await;
        let wake = Arc::clone(&self.link.wake);
        let stop = self.core.stop.clone();
        while step.is_continue() {
            step = tokio::select! {
                biased;
                () = stop.cancelled() => Step::Break(()),
                Some(order) = orders.recv() => self.obey(order).await,
                frame = self.socket.recv() => match frame {
                    Some(Ok(frame)) => self.hear(frame).await,
                    Some(Err(_)) | None => Step::Break(()),
                },
                () = wake.notified() => self.pump().await,
            };
        }
    }

    async fn obey(&mut self, order: Control) -> Step {
        match order {
            Control::Close(code) => self.close(code).await,
            Control::Cut => Step::Break(()),
            Control::Reconnect => self.send(&json!({ "op": 7, "d": null })).await,
            Control::Beat => self.send(&json!({ "op": 1, "d": null })).await,
            Control::Invalid(resumable) => {
                self.leave();
                if !resumable {
                    self.end_session();
                }
                self.session = None;
                self.send(&json!({ "op": 9, "d": resumable })).await
            }
        }
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
            Message::Ping(_) | Message::Pong(_) => return Step::Continue(()),
        };
        if text.len() > FRAME_MAX {
            return self.close(Some(close_code::DECODE_ERROR)).await;
        }
        let caller = Caller {
            session: self.session.as_deref(),
            link: &self.link,
            gateway_url: &self.core.gateway_url,
        };
        match self.core.write(|world| world.receive(&caller, text)) {
            Outcome::Quiet => Step::Continue(()),
            Outcome::Reply(frame) => self.send(&frame).await,
            Outcome::Close(code) => self.close(Some(code)).await,
            Outcome::Carry { session, cursor } => {
                self.session = Some(session);
                self.cursor = cursor;
                self.pump().await
            }
        }
    }

    /// Sends a batch of what the session heard since; comes back by itself when there is more.
    async fn pump(&mut self) -> Step {
        let Some(id) = self.session.clone() else {
            return Step::Continue(());
        };
        let batch = self.core.read(|world| {
            let session = world.sessions.get(&id)?;
            let reached = session.reaches_back_to(self.cursor);
            reached.then(|| session.after(self.cursor, BATCH))
        });
        let Some(batch) = batch else {
            self.end_session();
            return self.close(Some(close_code::SESSION_TIMED_OUT)).await;
        };
        if batch.len() == BATCH {
            self.link.wake.notify_one();
        }
        for event in batch {
            self.cursor = event.sequence;
            let frame = Message::text(event.frame());
            // A client that does not read keeps this waiting, but not the end of the simulator.
            let sent = tokio::select! {
                sent = self.socket.send(frame) => sent,
                () = self.core.stop.cancelled() => return Step::Break(()),
            };
            if sent.is_err() {
                return Step::Break(());
            }
        }
        Step::Continue(())
    }

    async fn send(&mut self, frame: &Value) -> Step {
        match self.socket.send(Message::text(frame.to_string())).await {
            Ok(()) => Step::Continue(()),
            Err(_) => Step::Break(()),
        }
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
        // A client that is gone cannot be told.
        let _ = self.socket.send(Message::Close(frame)).await;
        self.drain().await
    }

    /// Reads until the other side has closed too: ending a connection with unread bytes would make
    /// the system throw away the close frame that is on its way.
    async fn drain(&mut self) -> Step {
        let rest = async { while let Some(Ok(_)) = self.socket.recv().await {} };
        // A client that never answers is cut off.
        let _ = tokio::time::timeout(CLOSING_TIME, rest).await;
        Step::Break(())
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
