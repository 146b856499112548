//! Events as they come, as a stream.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use cogsmith_tasks::{Clock, Sleep};
use futures_util::Stream;
use tokio::sync::mpsc::{self, error::TrySendError};

use super::{Event, Events, WaitError, wait::Registered, work::Asked};

/// Events of one type, from the moment it was made: see [`Events::stream`]. Dropping it ends it.
pub struct EventStream<E> {
    came: mpsc::Receiver<Event<E>>,
    dropped: Arc<AtomicU64>,
    clock: Clock,
    timeout: Duration,
    idle: Sleep,
    asked: Asked,
    _registered: Registered,
}

impl<E> EventStream<E> {
    /// How many events were dropped because as many as it holds were waiting to be taken.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
    }
}

impl<E> Stream for EventStream<E> {
    type Item = Event<E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event<E>>> {
        let this = &mut *self;
        let polled = this.ask(context);
        this.asked.note(polled.is_pending());
        polled
    }
}

impl<E> EventStream<E> {
    fn ask(&mut self, context: &mut Context<'_>) -> Poll<Option<Event<E>>> {
        if let Poll::Ready(event) = self.came.poll_recv(context) {
            self.idle = self.clock.sleep(self.timeout);
            return Poll::Ready(event);
        }
        Pin::new(&mut self.idle).poll(context).map(|()| None)
    }
}

impl<E> Unpin for EventStream<E> {}

impl Events {
    /// Every event of a type from now on, until none has come for `timeout` by the host's clock, or the bot shuts
    /// down. `filter`, `map` and `take` are those of `futures`.
    ///
    /// `capacity` events, 1 at the least, wait to be taken; what comes while as many wait is dropped and
    /// [counted](EventStream::dropped).
    ///
    /// # Errors
    /// As [`Events::wait_for`], but for the time.
    pub fn stream<E: Send + Sync + 'static>(
        &self,
        timeout: Duration,
        capacity: usize,
    ) -> Result<EventStream<E>, WaitError> {
        let (send, came) = mpsc::channel(capacity.max(1));
        let dropped = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&dropped);
        let offer = move |source: &super::Source| {
            let Some(event) = Event::<E>::of(source) else {
                return true;
            };
            match send.try_send(event) {
                Ok(()) => true,
                Err(TrySendError::Full(_)) => {
                    counted.fetch_add(1, Relaxed);
                    true
                }
                Err(TrySendError::Closed(_)) => false,
            }
        };
        let registered = self.register::<E>(None, Box::new(offer))?;
        let clock = self.0.clock.clone();
        Ok(EventStream {
            came,
            dropped,
            idle: clock.sleep(timeout),
            clock,
            timeout,
            asked: Asked::default(),
            _registered: registered,
        })
    }
}
