//! What becomes of one event: passed, folded, begun as a command, put into the lanes of its listeners.

use std::{ops::ControlFlow, panic::AssertUnwindSafe, sync::Arc, time::Instant};

use futures_util::{FutureExt, future::BoxFuture};
use serenity::model::id::GuildId;
use tracing::{error, warn};

use super::{Flow, Reader, closing};
use crate::{
    bus::{
        ListenerId, WaiterId,
        lanes::{Job, Lane, Place},
    },
    events::{LeanMessage, Position},
    gateway::{
        Delivery, Interest,
        decode::{self, Header},
        typed,
    },
};

/// The one kind that is looked at lean before it is parsed whole.
const MESSAGE: &str = "MESSAGE_CREATE";

impl Reader {
    /// Takes an event in; commands begin at once, everything else when there is room for it.
    pub(super) async fn event(&mut self, kind: &str, sequence: u64, raw: &str) -> Flow {
        let interest = self.shared.sink.interest(kind);
        if !interest.command {
            self.shared.sink.pass(kind, raw);
        } else if !self.has_begun_ahead(sequence) {
            self.command(kind, sequence, raw, self.replaying);
        }
        if kind == MESSAGE && (interest.fold || interest.deliver) {
            return self.message(interest, sequence, raw).await;
        }
        if !interest.deliver {
            if !interest.command {
                self.shared.counters.unwanted.add_one();
            }
            self.progress.pass(sequence);
            return ControlFlow::Continue(());
        }
        let place = decode::place(kind, raw);
        let listeners = self.listeners(kind, place.guild(), None);
        self.room(&listeners, place).await?;
        // Whoever waits for an interaction was offered it when it began.
        let waiters = match interest.command {
            true => Vec::new(),
            false => self.shared.sink.waiters(kind, None),
        };
        let position = self.position(sequence);
        self.deliver((&listeners, waiters), place, kind, position, raw);
        ControlFlow::Continue(())
    }

    /// Everything before the receipt may wait; nothing after it does.
    /// So an event is either not received at all, and comes again, or it is folded and in its lanes.
    async fn message(&mut self, interest: Interest, sequence: u64, raw: &str) -> Flow {
        let position = self.position(sequence);
        let message = match LeanMessage::parse(raw, &position) {
            Ok(message) => message,
            Err(error) => {
                self.unreadable(MESSAGE, sequence, &decode::problem(&error));
                self.progress.pass(sequence);
                return ControlFlow::Continue(());
            }
        };
        let listeners = if interest.deliver {
            self.listeners(MESSAGE, message.guild_id, Some(&message))
        } else {
            Vec::new()
        };
        let place = Place::of(&message);
        self.room(&listeners, place).await?;
        if interest.fold {
            self.fold(&message);
        }
        let waiters = self.shared.sink.waiters(MESSAGE, Some(&message));
        self.deliver((&listeners, waiters), place, MESSAGE, position.clone(), raw);
        ControlFlow::Continue(())
    }

    fn position(&self, sequence: u64) -> Position {
        Position {
            shard: self.shard,
            session: Arc::clone(&self.session),
            sequence,
        }
    }

    /// Begins a command, once: it does not wait for listeners, and holds no resume point.
    fn command(&self, kind: &str, sequence: u64, raw: &str, replayed: bool) {
        if self.progress.has_begun(sequence) {
            return self.repeated(kind, sequence);
        }
        let receipt = self.progress.command(sequence);
        let event = match typed::event(kind, raw) {
            Ok(event) => Arc::new(event),
            Err(error) => return self.unreadable(kind, sequence, &decode::problem(&error)),
        };
        self.shared.counters.commands.add_one();
        self.shared.sink.pass(kind, raw);
        let delivery = Delivery {
            position: self.position(sequence),
            replayed,
            guild: decode::place(kind, raw).guild(),
            event,
            receipt,
        };
        let sink = &self.shared.sink;
        if std::panic::catch_unwind(AssertUnwindSafe(|| sink.command(delivery))).is_err() {
            self.shared.counters.choice_panics.add_one();
            error!(
                shard.id = self.shard,
                sequence, "beginning a command panicked"
            );
        }
    }

    fn has_begun_ahead(&mut self, sequence: u64) -> bool {
        let is_first = self.ahead.front() == Some(&sequence);
        if is_first {
            self.ahead.pop_front();
        }
        is_first
    }

    /// Within one process no command comes again.
    fn repeated(&self, kind: &str, sequence: u64) {
        if !self.replaying {
            return;
        }
        self.shared.counters.repeated_commands.add_one();
        warn!(
            shard.id = self.shard,
            sequence, "an {kind} that may have begun before the restart was dropped"
        );
    }

    fn listeners(
        &self,
        kind: &str,
        guild: Option<GuildId>,
        message: Option<&LeanMessage<'_>>,
    ) -> Vec<ListenerId> {
        let sink = &self.shared.sink;
        let chosen =
            std::panic::catch_unwind(AssertUnwindSafe(|| sink.listeners(kind, guild, message)));
        chosen.unwrap_or_else(|_| {
            self.shared.counters.choice_panics.add_one();
            error!(
                shard.id = self.shard,
                "choosing the listeners of a {kind} panicked"
            );
            Vec::new()
        })
    }

    fn fold(&self, message: &LeanMessage<'_>) {
        self.shared.counters.folds.add_one();
        let sink = &self.shared.sink;
        if std::panic::catch_unwind(AssertUnwindSafe(|| sink.fold(message))).is_err() {
            self.shared.counters.fold_panics.add_one();
            error!(
                shard.id = self.shard,
                sequence = message.position.sequence,
                "folding a message panicked"
            );
        }
    }

    fn deliver(
        &self,
        (listeners, waiters): (&[ListenerId], Vec<WaiterId>),
        place: Place,
        kind: &str,
        position: Position,
        raw: &str,
    ) {
        if listeners.is_empty() && waiters.is_empty() {
            return self.progress.pass(position.sequence);
        }
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
            guild: place.guild(),
            event,
            receipt,
        };
        if !waiters.is_empty() {
            self.shared.sink.offer(&waiters, &delivery);
        }
        let (kind, since) = (Arc::<str>::from(kind), Instant::now());
        for listener in listeners.iter().copied() {
            let work = self.work(listener, delivery.clone());
            let job = Job {
                kind: Arc::clone(&kind),
                module: self.shared.sink.module(listener),
                work,
                since,
            };
            self.shared.lanes.put(Lane { listener, place }, job);
        }
    }

    fn work(
        &self,
        listener: ListenerId,
        delivery: Delivery,
    ) -> Box<dyn FnOnce() -> BoxFuture<'static, ()> + Send> {
        let sink = Arc::clone(&self.shared.sink);
        Box::new(move || {
            async move {
                // An `async move` block of a sink captures only the fields it names, and may drop the receipt early.
                let _held = delivery.receipt.clone();
                sink.deliver(listener, delivery).await;
            }
            .boxed()
        })
    }

    /// Waits until the lanes have room, keeping the connection alive, and begins the commands that come meanwhile.
    async fn room(&mut self, listeners: &[ListenerId], place: Place) -> Flow {
        if listeners.is_empty() || self.shared.lanes.have_room(listeners, place) {
            return ControlFlow::Continue(());
        }
        self.shared.counters.lane_waits.add_one();
        let lanes = self.shared.lanes.clone();
        let mut tending = tokio::time::interval(self.connection.tend_every());
        loop {
            let mut room = std::pin::pin!(lanes.room());
            room.as_mut().enable();
            if lanes.have_room(listeners, place) {
                return ControlFlow::Continue(());
            }
            let looks_ahead = self.connection.can_look_ahead();
            tokio::select! {
                stop = closing(&mut self.wires.closing) => return ControlFlow::Break(stop),
                () = room => {}
                ahead = self.connection.look_ahead() => {
                    let raw = ahead.map(str::to_owned);
                    self.begin_ahead(raw.as_deref());
                    self.look_at_heartbeats();
                }
                _ = tending.tick(), if !looks_ahead => {
                    self.connection.tend().await;
                    self.look_at_heartbeats();
                }
            }
        }
    }

    /// A command is ordered against nothing that a listener does. Its event stays in line, for its listeners.
    fn begin_ahead(&mut self, raw: Option<&str>) {
        let Some((raw, header)) = raw.and_then(|raw| Some((raw, Header::of(raw)?))) else {
            return;
        };
        let Header { op, sequence, kind } = header;
        let is_next = sequence > self.received && self.can_follow(sequence);
        if op != 0 || !is_next {
            return;
        }
        if kind == "RESUMED" {
            self.progress.commands_known(sequence);
        }
        // One that has begun in an earlier process is told of in its place.
        if self.shared.sink.interest(&kind).command && !self.progress.has_begun(sequence) {
            let replayed = self.connection.replays_ahead().unwrap_or(self.replaying);
            self.command(&kind, sequence, raw, replayed);
            self.ahead.push_back(sequence);
        }
    }
}
