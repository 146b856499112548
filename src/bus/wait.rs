//! Waiting for one event.

use std::{
    any::type_name,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use cogsmith_tasks::Sleep;
use serenity::model::{event::MessageCreateEvent, gateway::GatewayIntents};
use tokio::sync::oneshot;

use super::{
    Event, Events, WaiterId,
    listener::{NotAnEvent, Only},
    waiters::Waiter,
    work::Asked,
};
use crate::{activity::Activity, events::LeanMessage};

/// Why a wait ended without its event.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WaitError {
    /// It did not come in time.
    #[error("no {event} came within {after:?}")]
    TimedOut {
        /// What was waited for.
        event: &'static str,
        /// For how long.
        after: Duration,
    },
    /// Discord does not send it, because no module has declared it.
    #[error(
        "{event} is not sent to this bot: declare it in setup, by `setup.declare::<{event}>()` or by listening to it \
         (intents {})",
        names(*intents)
    )]
    NotDeclared {
        /// What was waited for.
        event: &'static str,
        /// What Discord wants declared; one of them is enough.
        intents: GatewayIntents,
    },
    /// It can never come.
    #[error(transparent)]
    NotAnEvent(#[from] NotAnEvent),
    /// What chooses the event panicked; the log says more.
    #[error("what chooses the event that is waited for panicked")]
    Panicked,
    /// The bot is shutting down.
    #[error("the bot is shutting down")]
    Closed,
}

fn names(intents: GatewayIntents) -> String {
    let names = intents.iter_names().map(|(name, _)| name);
    names.collect::<Vec<_>>().join(", ")
}

/// One event that is waited for: see [`Events::wait_for`]. Waits from the moment it is made.
#[must_use = "a wait does nothing unless it is awaited"]
pub struct Wait<E> {
    came: Result<oneshot::Receiver<Event<E>>, Option<WaitError>>,
    asleep: Sleep,
    timeout: Duration,
    events: Events,
    asked: Asked,
    _registered: Option<Registered>,
}

impl<E> Unpin for Wait<E> {}

impl<E> Future for Wait<E> {
    type Output = Result<Event<E>, WaitError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let polled = this.ask(context);
        this.asked.note(polled.is_pending());
        polled
    }
}

impl<E> Wait<E> {
    fn ask(&mut self, context: &mut Context<'_>) -> Poll<Result<Event<E>, WaitError>> {
        let came = match &mut self.came {
            Ok(came) => Pin::new(came).poll(context),
            Err(error) => return Poll::Ready(Err(error.take().unwrap_or(WaitError::Closed))),
        };
        if let Poll::Ready(came) = came {
            return Poll::Ready(came.map_err(|_| self.events.lost()));
        }
        Pin::new(&mut self.asleep).poll(context).map(|()| {
            Err(WaitError::TimedOut {
                event: type_name::<E>(),
                after: self.timeout,
            })
        })
    }
}

/// Takes the waiter out when nobody waits any more.
pub(super) struct Registered {
    events: Events,
    id: WaiterId,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.events.0.waiters.remove(self.id);
    }
}

impl Events {
    /// Waits for the next event for which `is_it` is true, for `timeout` by the host's clock.
    ///
    /// It is registered, and its time begins, at once, so what comes before the first poll is not missed; dropping it
    /// leaves nothing behind.
    /// An event of Discord's is offered on the task that reads it, before listeners have it: `is_it` looks and does
    /// not wait.
    ///
    /// # Errors
    /// See [`WaitError`]. A wait does not hold up a shutdown: it ends with [`WaitError::Closed`].
    pub fn wait_for<E: Send + Sync + 'static>(
        &self,
        timeout: Duration,
        is_it: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> Wait<E> {
        self.wait(timeout, None, is_it)
    }

    /// As [`Events::wait_for`], for a message: `only` looks at who wrote where before the message is parsed whole,
    /// so that a bot of many messages pays for the one that is waited for alone.
    pub fn wait_for_message(
        &self,
        timeout: Duration,
        only: impl Fn(&LeanMessage<'_>) -> bool + Send + Sync + 'static,
    ) -> Wait<MessageCreateEvent> {
        self.wait(timeout, Some(Box::new(only)), |_: &MessageCreateEvent| true)
    }

    fn wait<E: Send + Sync + 'static>(
        &self,
        timeout: Duration,
        only: Option<Box<Only>>,
        is_it: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> Wait<E> {
        let (send, came) = oneshot::channel();
        let send = parking_lot::Mutex::new(Some(send));
        let offer = move |source: &super::Source| {
            let Some(event) = Event::<E>::of(source).filter(|event| is_it(event)) else {
                return true;
            };
            if let Some(send) = send.lock().take() {
                // Nobody may wait any more.
                let _ = send.send(event);
            }
            false
        };
        let (came, registered) = match self.register::<E>(only, Box::new(offer)) {
            Ok(registered) => (Ok(came), Some(registered)),
            Err(error) => (Err(Some(error)), None),
        };
        Wait {
            came,
            asleep: self.0.clock.sleep(timeout),
            timeout,
            events: self.clone(),
            asked: Asked::default(),
            _registered: registered,
        }
    }

    pub(super) fn register<E: 'static>(
        &self,
        only: Option<Box<Only>>,
        offer: Box<dyn Fn(&super::Source) -> bool + Send + Sync>,
    ) -> Result<Registered, WaitError> {
        let waiter = Waiter {
            wanted: self.declared::<E>()?,
            only,
            offer,
            event: type_name::<E>(),
            activity: Activity::current(),
        };
        let registered = Registered {
            events: self.clone(),
            id: self.0.waiters.add(waiter),
        };
        // Asked after it is registered, so that no wait outlives the closing.
        match self.0.closed.is_cancelled() {
            true => Err(WaitError::Closed),
            false => Ok(registered),
        }
    }

    /// Why a waiter is gone that has got nothing.
    fn lost(&self) -> WaitError {
        match self.0.closed.is_cancelled() {
            true => WaitError::Closed,
            false => WaitError::Panicked,
        }
    }
}
