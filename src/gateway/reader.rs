//! Reads one shard: keeps its session, and takes its events in.

mod intake;

use std::{
    collections::VecDeque,
    fmt::Display,
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use cogsmith_tasks::Clock;
use parking_lot::Mutex;
use serde::Deserialize;
use serenity::model::id::GuildId;
use tokio::sync::{Notify, mpsc, watch};
use tracing::{debug, error, info, warn};
use twilight_model::gateway::CloseCode;

use super::{
    Closing, Counters, End, Sink,
    connection::{Connection, Item},
    decode::{self, Header},
    entry::is_gateway,
    guard::Guard,
    link::Link,
    name,
    presence::Shown,
    session::{Sessions, Stored},
    silence::{Silence, Verdict},
};
use crate::{
    bus::Lanes,
    events::{Position, Progress, ShardProgress},
    shards::{Guilds, Phase, Pulse, Shard, ShardTable},
};

/// The next event may be so far ahead of the last one: far more than Discord ever leaves out, and little enough
/// not to take what follows for repeats for long.
const LEAP: u64 = 10_000;

/// What all readers share.
pub(super) struct Shared {
    pub(super) sink: Arc<dyn Sink>,
    pub(super) lanes: Lanes,
    pub(super) sessions: Sessions,
    pub(super) guard: Arc<Guard>,
    pub(super) progress: Arc<Progress>,
    pub(super) counters: Arc<Counters>,
    pub(super) clock: Clock,
    pub(super) table: ShardTable,
    pub(super) link: Arc<Link>,
    /// When the log was last told that no connection can be made.
    pub(super) told_unreachable: Mutex<Option<Instant>>,
}

/// How others reach a reader.
pub(super) struct Wires {
    pub(super) commands: mpsc::UnboundedReceiver<String>,
    pub(super) closing: watch::Receiver<Option<Closing>>,
    /// Asks for a new session.
    pub(super) renewal: Arc<Notify>,
    pub(super) pulse: Arc<Mutex<Pulse>>,
    pub(super) guilds: Arc<Mutex<Guilds>>,
    /// What people see of the bot on this shard, told when a session begins and when it changes.
    pub(super) shown: Shown,
}

impl Wires {
    pub(super) fn new(
        commands: mpsc::UnboundedReceiver<String>,
        closing: watch::Receiver<Option<Closing>>,
        shard: &Shard,
    ) -> Self {
        Self {
            commands,
            closing,
            renewal: Arc::default(),
            pulse: Arc::clone(&shard.pulse),
            guilds: Arc::clone(&shard.guilds),
            shown: Shown::new(shard.shown()),
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
    /// Commands that have begun ahead of their place, in order.
    ahead: VecDeque<u64>,
    /// Whether what arrives is what was missed, until RESUMED or READY.
    replaying: bool,
    /// Since when there is no connection, where a session waits to be resumed.
    away_since: Option<DateTime<Utc>>,
    /// The newest close code, which says why when nothing follows it.
    refusal: CloseCode,
    silence: Silence,
}

/// Why reading stops.
enum Stop {
    Closing(Closing),
    End(End),
}

/// Between two words about connections that fail.
const TOLD_EVERY: Duration = Duration::from_secs(60);
/// Until Discord says how often it wants a heartbeat.
const HEARTBEAT: Duration = Duration::from_secs(40);

type Flow = ControlFlow<Stop>;

#[derive(Deserialize)]
struct Ready {
    session_id: Box<str>,
    resume_gateway_url: String,
    #[serde(default)]
    guilds: Vec<Guild>,
}

/// What READY, GUILD_CREATE and GUILD_DELETE have alike.
#[derive(Deserialize)]
struct Guild {
    id: GuildId,
    /// In GUILD_DELETE: it is in an outage, and the bot has not left it.
    #[serde(default)]
    unavailable: bool,
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
    ) -> Self {
        let progress = shared.progress.shard(shard);
        Self {
            shard,
            connection,
            shared,
            wires,
            progress,
            session: "".into(),
            received: 0,
            ahead: VecDeque::new(),
            replaying: false,
            away_since: None,
            refusal: CloseCode::UnknownError,
            silence: Silence::new(HEARTBEAT),
        }
    }

    /// Takes up the session of an earlier process, which has begun the commands up to an event, if it lived to say.
    pub(super) fn taking_up(mut self, stored: Stored, commands: Option<u64>) -> Self {
        self.away_since = Some(stored.updated_at);
        self.shared.guard.lived(self.shard, stored.updated_at);
        let Position {
            session, sequence, ..
        } = stored.position.clone();
        self.progress.begin(Arc::clone(&session), sequence);
        self.progress.take_up_commands(commands);
        self.shared.sessions.take_up(stored);
        self.wires.pulse.lock().has_session = true;
        self.replaying = true;
        (self.session, self.received) = (session, sequence);
        self
    }

    /// Reads until the gateway closes, or until the shard cannot go on, for the reason in the error.
    pub(super) async fn run(mut self) -> Result<(), End> {
        match self.read().await {
            Stop::Closing(closing) => {
                self.connection.close(closing.code()).await;
                Ok(())
            }
            Stop::End(end) => Err(end),
        }
    }

    async fn read(&mut self) -> Stop {
        loop {
            let identified = self.connection.is_identified();
            self.wires.pulse.lock().phase = self.connection.phase();
            let flow = tokio::select! {
                biased;
                stop = closing(&mut self.wires.closing) => ControlFlow::Break(stop),
                Some(command) = self.wires.commands.recv(), if identified => {
                    self.connection.send(command);
                    ControlFlow::Continue(())
                }
                () = self.wires.shown.due(), if identified => {
                    self.show_presence();
                    ControlFlow::Continue(())
                }
                // Before the frames, which may come without a pause.
                () = self.silence.interval() => self.listen_for_silence(),
                item = self.connection.next() => self.take(item).await,
                () = self.wires.renewal.notified() => self.renew_if_down(),
            };
            if let ControlFlow::Break(stop) = flow {
                let mut pulse = self.wires.pulse.lock();
                (pulse.connected, pulse.phase) = (false, Phase::Ended);
                drop(pulse);
                self.shared.link.down(self.shard);
                return stop;
            }
        }
    }

    async fn take(&mut self, item: Item) -> Flow {
        match item {
            Item::Text(raw) => return self.frame(&raw).await,
            Item::Closed(code) => self.closed(code),
            Item::Lost => return self.lost().await,
            Item::Unreachable(reason) => self.unreachable(&reason),
            Item::Unreadable(problem) => self.puzzled(&problem),
            Item::Unnumbered => self.miscounted("an event", "no whole number above 0"),
            Item::Ended => return ControlFlow::Break(Stop::End(self.refused())),
        }
        ControlFlow::Continue(())
    }

    /// Told once a minute, by one shard for all.
    fn unreachable(&self, reason: &str) {
        self.shared.counters.failed_connections.add_one();
        let shard = self.shard;
        let mut told = self.shared.told_unreachable.lock();
        if told.is_some_and(|at| at.elapsed() < TOLD_EVERY) {
            debug!(shard.id = shard, error = %reason, "connecting shard {shard} failed");
            return;
        }
        *told = Some(Instant::now());
        warn!(shard.id = shard, error = %reason, "connecting shard {shard} failed and is tried again until it succeeds");
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
    }

    fn refused(&self) -> End {
        End::Refused {
            shard: self.shard,
            code: self.refusal,
        }
    }

    /// A heartbeat interval is over. What waits to be read may have an answer among it.
    fn listen_for_silence(&mut self) -> Flow {
        self.look_at_heartbeats();
        let (is_connected, acknowledged) = {
            let pulse = self.wires.pulse.lock();
            (pulse.connected, pulse.acknowledged)
        };
        let is_judged = is_connected && self.connection.is_read_up();
        match self.silence.note(acknowledged, is_judged) {
            Verdict::Wait => {}
            Verdict::Renew => {
                warn!(
                    shard.id = self.shard,
                    "Discord answered no heartbeat of shard {} for 3 intervals: it begins a new session",
                    self.shard
                );
                self.renew();
            }
            Verdict::GiveUp => {
                return ControlFlow::Break(Stop::End(End::Dead { shard: self.shard }));
            }
        }
        ControlFlow::Continue(())
    }

    /// The connection may have come back since it was asked for.
    fn renew_if_down(&mut self) -> Flow {
        if !self.wires.pulse.lock().connected {
            self.renew();
        }
        ControlFlow::Continue(())
    }

    fn renew(&mut self) {
        self.connection.start_over();
        self.wires.pulse.lock().has_session = false;
    }

    /// A session that another process has taken over is not taken back: the two would go on for ever.
    async fn lost(&mut self) -> Flow {
        self.shared.counters.losses.add_one();
        self.replaying = true;
        self.away_since
            .get_or_insert_with(|| self.shared.clock.now());
        let was_connected = {
            let mut pulse = self.wires.pulse.lock();
            pulse.has_session = self.connection.has_session();
            std::mem::replace(&mut pulse.connected, false)
        };
        if was_connected {
            self.shared.guard.lived(self.shard, self.shared.clock.now());
        }
        self.shared.link.down(self.shard);
        if self.shared.sessions.are_anothers().await {
            return ControlFlow::Break(closing(&mut self.wires.closing).await);
        }
        ControlFlow::Continue(())
    }

    /// Without a session there is nothing that the next frame could mend.
    fn puzzled(&mut self, problem: &str) {
        self.unreadable("a frame", 0, &decode::problem(&problem));
        if !self.connection.is_identified() {
            self.connection.start_over();
        }
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
            let interval = Duration::from_millis(heartbeat_interval);
            self.connection.heartbeat_every(interval);
            self.silence.begin(interval);
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
        if !self.can_follow(sequence) {
            self.miscounted(kind, sequence);
            return ControlFlow::Continue(());
        }
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
        self.note_guild(kind, raw);
        let flow = self.event(kind, sequence, raw).await;
        if flow.is_continue() {
            self.received = sequence;
        }
        flow
    }

    /// Discord numbers the events of a session 1, 2, 3 and so on, and goes on from there after a resume.
    fn can_follow(&self, sequence: u64) -> bool {
        sequence != 0 && sequence.saturating_sub(self.received) <= LEAP
    }

    /// Taken for true, such a number would make every event up to it a repeat.
    fn miscounted(&mut self, kind: &str, found: impl Display) {
        self.shared.counters.parse_failures.add_one();
        let (shard, expected) = (self.shard, self.received + 1);
        error!(
            shard.id = shard,
            "the number of {kind} on shard {shard} is {found}, expected {expected}: its session is given up for a new one"
        );
        self.connection.start_over();
    }

    fn ready(&mut self, sequence: u64, raw: &str) {
        let ready = match decode::data::<Ready>(raw) {
            Ok(ready) => ready,
            Err(problem) => return self.unreadable("READY", sequence, &decode::problem(&problem)),
        };
        self.begun();
        let guilds = ready.guilds.iter().map(|guild| guild.id);
        self.wires.guilds.lock().begin(guilds);
        // Whoever says READY within a session, with the next number, says it again; else it begins a session,
        // whatever it is called.
        let is_known = *ready.session_id == *name::id_of(&self.session);
        if !is_known || sequence <= self.received {
            self.shared.counters.identifies.add_one();
            self.log_gap();
            self.session = name::after(&self.session, &ready.session_id);
            self.received = sequence.saturating_sub(1);
            self.ahead.clear();
            self.progress
                .begin(Arc::clone(&self.session), self.received);
            self.open(ready.resume_gateway_url);
        }
        self.away_since = None;
    }

    /// An address that is none would make twilight panic when it resumes.
    fn open(&mut self, resume_url: String) {
        let is_usable = is_gateway(&resume_url);
        if !is_usable {
            self.unreadable(
                "READY",
                self.received + 1,
                "resume_gateway_url, expected ws:// or wss://",
            );
            self.connection.resume_elsewhere();
        }
        let resume_url = if is_usable { resume_url } else { String::new() };
        self.shared.sessions.open(self.shard, resume_url);
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
        self.progress.commands_known(sequence);
        if !self.wires.guilds.lock().is_complete() {
            self.shared.table.lack_guilds();
        }
        self.begun();
    }

    fn begun(&mut self) {
        self.replaying = false;
        let mut pulse = self.wires.pulse.lock();
        (pulse.connected, pulse.has_session) = (true, true);
        drop(pulse);
        self.shared.link.up(self.shard);
        self.show_presence();
    }

    fn show_presence(&mut self) {
        if let Some(command) = self.wires.shown.tell() {
            self.connection.send(command);
        }
    }

    fn note_guild(&self, kind: &str, raw: &str) {
        if !matches!(kind, "GUILD_CREATE" | "GUILD_DELETE") {
            return;
        }
        // One that cannot be read is told of where it is to be delivered.
        let Ok(Guild { id, unavailable }) = decode::data(raw) else {
            return;
        };
        let mut guilds = self.wires.guilds.lock();
        match kind {
            "GUILD_CREATE" => guilds.join(id),
            _ if unavailable => {}
            _ => guilds.leave(id),
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
