//! Reads one shard: keeps its session, calls folds, and puts events into their lanes.

use std::{
    ops::ControlFlow,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::sync::{mpsc, watch};
use tracing::{debug, error, info, warn};
use twilight_model::gateway::CloseCode;

use super::{
    Closing, Counters, Delivery, ShardStatus, Sink,
    connection::{Connection, Item, ends_session},
    decode::{self, Header},
    lanes::{Job, Lane, Lanes},
    session::{Sessions, Stored},
    typed,
};
use crate::events::{LeanMessage, Position, ShardProgress};

/// What all readers share.
pub(super) struct Shared {
    pub(super) sink: Arc<dyn Sink>,
    pub(super) lanes: Lanes,
    pub(super) sessions: Arc<Sessions>,
    pub(super) counters: Arc<Counters>,
    pub(super) clock: cogsmith_tasks::Clock,
    /// The command that sets the presence, sent when a session begins.
    pub(super) presence: Arc<Mutex<Option<String>>>,
}

/// How others reach a reader.
pub(super) struct Wires {
    pub(super) commands: mpsc::UnboundedReceiver<String>,
    pub(super) closing: watch::Receiver<Option<Closing>>,
    pub(super) pulse: Arc<Mutex<Pulse>>,
}

/// What a reader tells about itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Pulse {
    connected: bool,
    has_session: bool,
    latency: Option<Duration>,
    acknowledged: Option<Instant>,
}

impl Pulse {
    pub(super) fn status(&self, id: u32) -> ShardStatus {
        ShardStatus {
            id,
            connected: self.connected,
            has_session: self.has_session,
            latency: self.latency,
            acknowledged: self.acknowledged.map(|at| at.elapsed()),
        }
    }
}

pub(super) struct Reader {
    shard: u32,
    connection: Connection,
    shared: Arc<Shared>,
    wires: Wires,
    progress: Arc<ShardProgress>,
    session: Arc<str>,
    received: u64,
    /// Whether what arrives is what was missed, until RESUMED or READY.
    replaying: bool,
    /// Since when there is no connection, where a session waits to be resumed.
    away_since: Option<DateTime<Utc>>,
    /// The newest close code, which says why when nothing follows it.
    refusal: CloseCode,
}

/// Why reading stops.
enum Stop {
    Closing(Closing),
    Refused(CloseCode),
}

type Flow = ControlFlow<Stop>;

#[derive(Deserialize)]
struct Ready {
    session_id: Box<str>,
    resume_gateway_url: String,
}

#[derive(Deserialize)]
struct Hello {
    heartbeat_interval: u64,
}

impl Reader {
    pub(super) fn new(
        shard: u32,
        connection: Connection,
        shared: Arc<Shared>,
        wires: Wires,
        progress: Arc<ShardProgress>,
    ) -> Self {
        Self {
            shard,
            connection,
            shared,
            wires,
            progress,
            session: "".into(),
            received: 0,
            replaying: false,
            away_since: None,
            refusal: CloseCode::UnknownError,
        }
    }

    /// Takes up the session of an earlier process.
    pub(super) fn taking_up(mut self, stored: Stored) -> Self {
        self.away_since = Some(stored.updated_at);
        let Position {
            session, sequence, ..
        } = stored.position.clone();
        self.progress.begin(Arc::clone(&session), sequence);
        self.shared.sessions.take_up(stored);
        self.wires.pulse.lock().has_session = true;
        self.replaying = true;
        (self.session, self.received) = (session, sequence);
        self
    }

    /// Reads until the gateway closes, or until Discord refuses the shard with the close code in the error.
    pub(super) async fn run(mut self) -> Result<(), CloseCode> {
        match self.read().await {
            Stop::Closing(closing) => {
                self.connection.close(closing.code()).await;
                Ok(())
            }
            Stop::Refused(code) => Err(code),
        }
    }

    async fn read(&mut self) -> Stop {
        loop {
            let identified = self.connection.is_identified();
            let flow = tokio::select! {
                biased;
                stop = closing(&mut self.wires.closing) => ControlFlow::Break(stop),
                Some(command) = self.wires.commands.recv(), if identified => {
                    self.connection.send(command);
                    ControlFlow::Continue(())
                }
                item = self.connection.next() => self.take(item).await,
            };
            if let ControlFlow::Break(stop) = flow {
                self.wires.pulse.lock().connected = false;
                return stop;
            }
        }
    }

    async fn take(&mut self, item: Item) -> Flow {
        match item {
            Item::Text(raw) => return self.frame(&raw).await,
            Item::Closed(code) => self.closed(code),
            Item::Lost => self.lost(),
            Item::Unreachable(reason) => {
                self.shared.counters.losses.add_one();
                warn!(shard.id = self.shard, error = %reason, "connecting shard {} failed", self.shard);
            }
            Item::Unreadable(problem) => self.unreadable("a frame", 0, &problem),
            Item::Ended => return ControlFlow::Break(Stop::Refused(self.refusal)),
        }
        ControlFlow::Continue(())
    }

    fn closed(&mut self, code: Option<u16>) {
        let named = code.map_or("no code".to_owned(), |code| format!("code {code}"));
        info!(
            shard.id = self.shard,
            "shard {} was closed with {named}", self.shard
        );
        self.refusal = code
            .and_then(|code| CloseCode::try_from(code).ok())
            .unwrap_or(self.refusal);
        if ends_session(code) {
            self.connection.forget_session();
        }
    }

    fn lost(&mut self) {
        self.shared.counters.losses.add_one();
        self.replaying = true;
        self.away_since
            .get_or_insert_with(|| self.shared.clock.now());
        self.wires.pulse.lock().connected = false;
    }

    async fn frame(&mut self, raw: &str) -> Flow {
        let Some(header) = Header::of(raw) else {
            self.unreadable("a frame", 0, "no opcode");
            return ControlFlow::Continue(());
        };
        match header.op {
            0 => return self.dispatch(&header.kind, header.sequence, raw).await,
            7 => info!(
                shard.id = self.shard,
                "shard {} was asked to reconnect", self.shard
            ),
            9 => info!(
                shard.id = self.shard,
                "shard {} was told that its session is invalid", self.shard
            ),
            10 => self.greeted(raw),
            11 => self.look_at_heartbeats(),
            op => debug!(shard.id = self.shard, op, "ignored a frame"),
        }
        ControlFlow::Continue(())
    }

    fn greeted(&mut self, raw: &str) {
        if let Ok(Hello { heartbeat_interval }) = decode::data(raw) {
            self.connection
                .heartbeat_every(Duration::from_millis(heartbeat_interval));
        }
    }

    /// While the reading is held back, the frame that says so is set aside; the connection knows already.
    fn look_at_heartbeats(&self) {
        let (latency, acknowledged) = self.connection.heartbeats();
        let mut pulse = self.wires.pulse.lock();
        if acknowledged.is_none() || pulse.acknowledged == acknowledged {
            return;
        }
        (pulse.latency, pulse.acknowledged) = (latency, acknowledged);
        drop(pulse);
        self.shared.counters.heartbeats.add_one();
        self.shared.sessions.alive(self.shard);
    }

    async fn dispatch(&mut self, kind: &str, sequence: u64, raw: &str) -> Flow {
        match kind {
            "READY" => self.ready(sequence, raw),
            "RESUMED" => self.resumed(sequence),
            _ => {}
        }
        if sequence <= self.received {
            self.shared.counters.repeated.add_one();
            return ControlFlow::Continue(());
        }
        self.shared.counters.received.add_one();
        let flow = self.event(kind, sequence, raw).await;
        if flow.is_continue() {
            self.received = sequence;
        }
        flow
    }

    fn ready(&mut self, sequence: u64, raw: &str) {
        match decode::data::<Ready>(raw) {
            Ok(ready) if *ready.session_id == *self.session => self.begun(),
            Ok(ready) => {
                self.shared.counters.identifies.add_one();
                self.log_gap();
                self.session = ready.session_id.into();
                self.received = sequence.saturating_sub(1);
                self.progress
                    .begin(Arc::clone(&self.session), self.received);
                self.shared
                    .sessions
                    .open(self.shard, ready.resume_gateway_url);
                self.begun();
            }
            Err(problem) => self.unreadable("READY", sequence, &decode::problem(&problem)),
        }
    }

    fn log_gap(&self) {
        let Some(since) = self.away_since else { return };
        let gap = self.shared.clock.now().signed_duration_since(since);
        warn!(
            shard.id = self.shard,
            gap.seconds = gap.num_seconds(),
            "the session of shard {} could not be resumed: events of the last {} s were not delivered",
            self.shard,
            gap.num_seconds()
        );
    }

    fn resumed(&mut self, sequence: u64) {
        self.shared.counters.resumes.add_one();
        info!(
            shard.id = self.shard,
            sequence, "shard {} was resumed", self.shard
        );
        self.begun();
    }

    fn begun(&mut self) {
        self.away_since = None;
        self.replaying = false;
        let mut pulse = self.wires.pulse.lock();
        (pulse.connected, pulse.has_session) = (true, true);
        drop(pulse);
        if let Some(presence) = self.shared.presence.lock().clone() {
            self.connection.send(presence);
        }
    }

    /// Everything before the receipt may wait; nothing after it does.
    /// So an event is either not received at all, and comes again, or it is in its lane.
    async fn event(&mut self, kind: &str, sequence: u64, raw: &str) -> Flow {
        let interest = self.shared.sink.interest(kind);
        let fold = interest.fold && kind == "MESSAGE_CREATE";
        if !fold && !interest.deliver {
            self.shared.counters.unwanted.add_one();
            self.progress.pass(sequence);
            return ControlFlow::Continue(());
        }
        let lane = interest.deliver.then(|| decode::lane(kind, raw));
        if let Some(lane) = lane {
            self.room(lane).await?;
        }
        let position = Position {
            shard: self.shard,
            session: Arc::clone(&self.session),
            sequence,
        };
        if fold {
            self.fold(&position, raw);
        }
        match lane {
            Some(lane) => self.deliver(lane, kind, position, raw),
            None => self.progress.pass(sequence),
        }
        ControlFlow::Continue(())
    }

    fn fold(&self, position: &Position, raw: &str) {
        let message = match LeanMessage::parse(raw, position) {
            Ok(message) => message,
            Err(error) => {
                return self.unreadable(
                    "MESSAGE_CREATE",
                    position.sequence,
                    &decode::problem(&error),
                );
            }
        };
        self.shared.counters.folds.add_one();
        let sink = &self.shared.sink;
        if std::panic::catch_unwind(AssertUnwindSafe(|| sink.fold(&message))).is_err() {
            self.shared.counters.fold_panics.add_one();
            error!(
                shard.id = self.shard,
                sequence = position.sequence,
                "folding a message panicked"
            );
        }
    }

    fn deliver(&self, lane: Lane, kind: &str, position: Position, raw: &str) {
        let event = match typed::event(kind, raw) {
            Ok(event) => Arc::new(event),
            Err(error) => {
                self.unreadable(kind, position.sequence, &decode::problem(&error));
                return self.progress.pass(position.sequence);
            }
        };
        self.shared.counters.deliveries.add_one();
        let receipt = self.progress.take(position.sequence);
        let delivery = Delivery {
            position,
            replayed: self.replaying,
            event,
            receipt,
        };
        self.shared.lanes.put(
            lane,
            Job {
                kind: kind.into(),
                delivery,
            },
        );
    }

    /// Waits until the lane has room, keeping the connection alive.
    async fn room(&mut self, lane: Lane) -> Flow {
        if self.shared.lanes.has_room(lane) {
            return ControlFlow::Continue(());
        }
        self.shared.counters.lane_waits.add_one();
        let lanes = self.shared.lanes.clone();
        let mut tending = tokio::time::interval(self.connection.tend_every());
        loop {
            let mut room = std::pin::pin!(lanes.room());
            room.as_mut().enable();
            if lanes.has_room(lane) {
                return ControlFlow::Continue(());
            }
            tokio::select! {
                stop = closing(&mut self.wires.closing) => return ControlFlow::Break(stop),
                () = room => {}
                _ = tending.tick() => {
                    self.connection.tend().await;
                    self.look_at_heartbeats();
                }
            }
        }
    }

    fn unreadable(&self, kind: &str, sequence: u64, problem: &str) {
        self.shared.counters.parse_failures.add_one();
        error!(
            shard.id = self.shard,
            sequence,
            error = problem,
            "{kind} could not be read and is lost"
        );
    }
}

/// Resolves when the gateway is to close, be it only because its handle was dropped.
async fn closing(closing: &mut watch::Receiver<Option<Closing>>) -> Stop {
    let asked = closing.wait_for(Option::is_some).await;
    Stop::Closing(
        asked
            .ok()
            .and_then(|asked| *asked)
            .unwrap_or(Closing::Resumable),
    )
}
