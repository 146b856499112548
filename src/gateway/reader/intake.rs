//! What becomes of one event: passed, folded, put into its lane.

use std::{ops::ControlFlow, panic::AssertUnwindSafe, sync::Arc};

use tracing::error;

use super::{Flow, Reader, closing};
use crate::{
    events::{LeanMessage, Position},
    gateway::{
        Delivery, decode,
        lanes::{Job, Lane},
        typed,
    },
};

impl Reader {
    /// Everything before the receipt may wait; nothing after it does.
    /// So an event is either not received at all, and comes again, or it is in its lane.
    pub(super) async fn event(&mut self, kind: &str, sequence: u64, raw: &str) -> Flow {
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
}
