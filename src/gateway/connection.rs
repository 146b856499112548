//! One shard's socket: twilight's, with our own pauses between connections and frames set aside.
//!
//! twilight sends heartbeats only while it is polled, and a poll may bring a frame.
//! While the reading is held back, [`Connection::look_ahead`] shows the frames that come, and sets them aside in order.
//! When there are too many of them [`Connection::tend`] is called a few times in each heartbeat interval:
//! it polls once, so that a heartbeat that is due is sent and its answer read, and sets the frame aside that comes with it.
//! So few frames come that way that the bound is reached after hours; then the polling stops, Discord drops the connection,
//! and everything unread comes again after the resume.

use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use futures_util::Stream;
use tokio::time::Sleep;
use twilight_gateway::{
    CloseFrame, Config, ConfigBuilder, Message, Session, Shard, ShardId, ShardState,
    error::{ReceiveMessageError, ReceiveMessageErrorType},
};
use twilight_model::gateway::CloseCode;

use super::{decode::Header, guard::Turns, pace::Pace};
use crate::shards::Phase;

/// What a connection yields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// A frame.
    Text(String),
    /// Discord says why it closes the connection, or answers that we do.
    Closed(Option<u16>),
    /// The connection is lost, or given up because Discord asked for it; the next one follows by itself.
    Lost,
    /// Connecting failed; the next attempt follows by itself.
    Unreachable(String),
    /// A frame that makes no sense; its text is not shown.
    Unreadable(String),
    /// An event without a whole number above 0.
    Unnumbered,
    /// Discord refused the shard for good. Nothing follows.
    Ended,
}

pub(super) struct Connection {
    id: ShardId,
    config: Config<Turns>,
    shard: Shard<Turns>,
    pace: Pace,
    pause: Option<Pin<Box<Sleep>>>,
    /// Until when a new connection must have said something: twilight would wait for ever.
    greeting: Option<Pin<Box<Sleep>>>,
    greeted_within: Duration,
    opened: Instant,
    had_session: bool,
    is_lost: bool,
    heartbeat: Duration,
    aside: VecDeque<Item>,
    /// Whether something aside may begin a session or was not shown, so that nothing after it is looked at before it.
    is_barred: bool,
    /// See [`Connection::replays_ahead`].
    replays_ahead: Option<bool>,
    ended: bool,
}

/// So many frames are looked at while the reading is held back.
const AHEAD: usize = 4_096;
/// So many frames are set aside in all.
const ASIDE: usize = AHEAD + 1_024;
const TENDINGS_A_HEARTBEAT: u32 = 4;
const CLOSING: Duration = Duration::from_secs(3);

impl Connection {
    /// Begins with the session, if there is one; `config` itself has none.
    ///
    /// A connection over which nothing came within `greeted_within` is given up.
    pub(super) fn new(
        id: ShardId,
        config: Config<Turns>,
        greeted_within: Duration,
        session: Option<(Session, String)>,
    ) -> Self {
        let shard = shard(id, &config, session);
        Self {
            id,
            config,
            shard,
            pace: Pace::default(),
            pause: None,
            greeting: None,
            greeted_within,
            opened: Instant::now(),
            had_session: false,
            is_lost: false,
            heartbeat: Duration::from_secs(40),
            aside: VecDeque::new(),
            is_barred: false,
            replays_ahead: None,
            ended: false,
        }
    }

    /// The next thing that happens, frames set aside first. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Item {
        if let Some(item) = self.aside.pop_front() {
            if self.aside.is_empty() {
                self.forget_aside();
            }
            return item;
        }
        poll_fn(|cx| self.poll(cx)).await
    }

    /// Sets the next thing that happens aside, and shows it when it is a frame. Dropping the future loses nothing.
    /// Resolves only while [`Connection::can_look_ahead`].
    pub(super) async fn look_ahead(&mut self) -> Option<&str> {
        if !self.can_look_ahead() {
            return std::future::pending().await;
        }
        let item = poll_fn(|cx| self.poll(cx)).await;
        self.set_aside(item);
        match self.aside.back() {
            Some(Item::Text(raw)) if !self.is_barred => Some(raw),
            _ => None,
        }
    }

    /// Not once there is too much aside, or something that may begin a session, or that was not shown.
    pub(super) fn can_look_ahead(&self) -> bool {
        !self.is_barred && self.aside.len() < AHEAD
    }

    fn forget_aside(&mut self) {
        self.aside.clear();
        (self.is_barred, self.replays_ahead) = (false, None);
    }

    fn set_aside(&mut self, item: Item) {
        match Turn::of(&item) {
            Turn::None => {}
            Turn::Lost => self.replays_ahead = Some(true),
            Turn::Resumed => self.replays_ahead = Some(false),
            Turn::Barred => self.is_barred = true,
        }
        self.aside.push_back(item);
    }

    /// Whether the newest frame aside is of what was missed; `None` when nothing aside tells.
    pub(super) fn replays_ahead(&self) -> Option<bool> {
        self.replays_ahead
    }

    /// Keeps the connection alive while nobody asks for frames.
    pub(super) async fn tend(&mut self) {
        poll_fn(|cx| {
            if self.aside.len() < ASIDE
                && let Poll::Ready(item) = self.poll(cx)
            {
                self.set_aside(item);
                self.is_barred = true;
            }
            Poll::Ready(())
        })
        .await;
    }

    /// How often to [`Connection::tend`].
    pub(super) fn tend_every(&self) -> Duration {
        (self.heartbeat / TENDINGS_A_HEARTBEAT).max(Duration::from_millis(1))
    }

    /// Discord has said how often it wants a heartbeat.
    pub(super) fn heartbeat_every(&mut self, interval: Duration) {
        self.heartbeat = interval;
    }

    /// Whether commands can be sent.
    pub(super) fn is_identified(&self) -> bool {
        self.shard.state().is_identified()
    }

    /// What is going on while there is no session that is connected.
    pub(super) fn phase(&self) -> Phase {
        match (self.shard.state(), &self.pause) {
            _ if self.ended => Phase::Ended,
            (ShardState::Disconnected { .. }, Some(pause)) => {
                Phase::Waiting(pause.deadline().into_std())
            }
            (ShardState::Disconnected { .. }, None) => Phase::Connecting,
            (ShardState::Identifying, _) if self.greeting.is_some() => Phase::Connecting,
            (ShardState::Identifying, _) => Phase::Identifying,
            (ShardState::Resuming | ShardState::Active, _) => Phase::Resuming,
            (ShardState::FatallyClosed, _) => Phase::Ended,
        }
    }

    /// Sends a command, within Discord's limit on their number.
    pub(super) fn send(&self, command: String) {
        self.shard.send(command);
    }

    /// The average time that Discord took to answer heartbeats of this connection, and when it last did.
    pub(super) fn heartbeats(&self) -> (Option<Duration>, Option<Instant>) {
        (
            self.shard.latency().average(),
            self.shard.latency().received(),
        )
    }

    /// Whether nothing waits to be read that came before.
    pub(super) fn is_read_up(&self) -> bool {
        self.aside.is_empty()
    }

    /// Whether there is a session, connected or to be resumed.
    pub(super) fn has_session(&self) -> bool {
        self.shard.session().is_some()
    }

    /// The session's own address is of no use: it is resumed at once at the general one.
    pub(super) fn resume_elsewhere(&mut self) {
        self.restart(self.shard.session().cloned());
    }

    /// The session is of no use: another one is started, after a while. What is aside belongs to the old one.
    pub(super) fn start_over(&mut self) {
        self.restart(None);
        self.forget_aside();
        let pause = self.pace.failed();
        self.wait(pause);
    }

    /// Closes the socket and waits for Discord's answer, but not for long. What arrives meanwhile is dropped.
    pub(super) async fn close(mut self, code: u16) {
        if self.ended || is_down(self.shard.state()) {
            return;
        }
        self.shard.close(CloseFrame::new(code, "closing"));
        self.pause = None;
        let closed = poll_fn(|cx| {
            loop {
                match ready!(Pin::new(&mut self.shard).poll_next(cx)) {
                    Some(Ok(Message::Text(_))) => {}
                    _ => return Poll::Ready(()),
                }
            }
        });
        // Discord may be gone already, and then the socket just drops.
        drop(tokio::time::timeout(CLOSING, closed).await);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Item> {
        if self.ended {
            return Poll::Pending;
        }
        loop {
            if std::mem::take(&mut self.is_lost) {
                return Poll::Ready(Item::Lost);
            }
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            let before = self.shard.state();
            let polled = Pin::new(&mut self.shard).poll_next(cx);
            self.notice(before);
            match polled {
                Poll::Ready(polled) => return Poll::Ready(self.item(polled)),
                Poll::Pending if self.is_lost => {}
                Poll::Pending => {
                    ready!(self.poll_greeting(cx));
                    return Poll::Ready(self.unreachable("no hello in time".to_owned()));
                }
            }
        }
    }

    /// Ready when a new connection has been silent for too long.
    fn poll_greeting(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let greeting = self.greeting.as_mut();
        greeting.map_or(Poll::Pending, |greeting| greeting.as_mut().poll(cx))
    }

    /// twilight connects again by itself, sometimes without a word; the change of its state tells.
    fn notice(&mut self, before: ShardState) {
        let now = self.shard.state();
        if now == ShardState::Active {
            self.had_session = true;
        }
        match (is_down(before), is_down(now)) {
            (true, false) => {
                self.opened = Instant::now();
                self.had_session = false;
                self.greeting = Some(Box::pin(tokio::time::sleep(self.greeted_within)));
            }
            (false, true) => {
                let pause = self.pace.lost(self.opened.elapsed(), self.had_session);
                self.wait(pause);
                self.is_lost = true;
                self.greeting = None;
            }
            _ => {}
        }
    }

    fn item(&mut self, polled: Option<Result<Message, ReceiveMessageError>>) -> Item {
        match polled {
            Some(Ok(Message::Text(text))) => {
                self.greeting = None;
                Item::Text(text)
            }
            Some(Ok(Message::Close(frame))) => {
                let code = frame.map(|frame| frame.code);
                // Now, not when this is taken from what is aside: there may be another session by then.
                if ends_session(code) {
                    self.restart(None);
                }
                Item::Closed(code)
            }
            Some(Err(error)) => self.failed(error),
            None => {
                self.ended = true;
                Item::Ended
            }
        }
    }

    fn failed(&mut self, error: ReceiveMessageError) -> Item {
        let is_unreachable = matches!(error.kind(), ReceiveMessageErrorType::Reconnect);
        if let ReceiveMessageErrorType::Deserializing { event } = error.kind()
            && Header::of(event).is_some_and(|header| header.op == 0 && header.sequence == 0)
        {
            return Item::Unnumbered;
        }
        let reason = error
            .into_source()
            .map_or_else(String::new, |source| source.to_string());
        if is_unreachable {
            self.unreachable(reason)
        } else {
            Item::Unreadable(reason)
        }
    }

    /// The general address is next, for the session's own may be what is gone.
    fn unreachable(&mut self, reason: String) -> Item {
        self.restart(self.shard.session().cloned());
        let pause = self.pace.failed();
        self.wait(pause);
        Item::Unreachable(reason)
    }

    /// A new shard has no memory of failures, so that our pauses are the only ones.
    fn restart(&mut self, session: Option<Session>) {
        let was_up = !is_down(self.shard.state());
        let session = session.map(|session| (session, String::new()));
        self.shard = shard(self.id, &self.config, session);
        self.greeting = None;
        self.is_lost |= was_up;
    }

    fn wait(&mut self, pause: Duration) {
        if !pause.is_zero() {
            // Shards that fell together do not come back together.
            let jittered = pause.mul_f64(rand::random_range(0.8..1.0));
            self.pause = Some(Box::pin(tokio::time::sleep(jittered)));
        }
    }
}

fn shard(id: ShardId, config: &Config<Turns>, session: Option<(Session, String)>) -> Shard<Turns> {
    let mut builder = ConfigBuilder::from(config.clone());
    if let Some((session, resume_url)) = session {
        builder = builder.session(session);
        if !resume_url.is_empty() {
            builder = builder.resume_url(resume_url);
        }
    }
    Shard::with_config(id, builder.build())
}

/// What an item says about the numbers of the events after it.
enum Turn {
    None,
    /// What was missed follows, with the numbers that come next.
    Lost,
    /// Nothing was missed up to here.
    Resumed,
    /// Others begin, or nobody knows.
    Barred,
}

impl Turn {
    fn of(item: &Item) -> Self {
        match item {
            Item::Text(raw) => match Header::of(raw) {
                Some(header) if header.op != 0 => Self::None,
                Some(header) => match &*header.kind {
                    "READY" => Self::Barred,
                    "RESUMED" => Self::Resumed,
                    _ => Self::None,
                },
                None => Self::Barred,
            },
            Item::Lost => Self::Lost,
            Item::Closed(_) | Item::Unreachable(_) => Self::None,
            Item::Unreadable(_) | Item::Unnumbered | Item::Ended => Self::Barred,
        }
    }
}

fn is_down(state: ShardState) -> bool {
    matches!(
        state,
        ShardState::Disconnected { .. } | ShardState::FatallyClosed
    )
}

/// Whether a session that was closed with this code is of no use any more.
fn ends_session(code: Option<u16>) -> bool {
    matches!(
        code.map(CloseCode::try_from),
        Some(Ok(CloseCode::InvalidSequence | CloseCode::SessionTimedOut))
    )
}
