//! A wait on a clock.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use chrono::{DateTime, Utc};

use super::{
    Clock, Kind,
    manual::{Hands, Place},
};
use crate::presence::Asleep;

/// The longest single wait on a tokio timer. Those end at about 795 days, and a wall hand that was
/// stepped must be looked at again.
const LONGEST_NAP: Duration = Duration::from_hours(1);

/// The future of [`Clock::sleep`]; dropping it gives the wait up.
#[derive(Debug)]
#[must_use = "a sleep does nothing unless awaited"]
pub struct Sleep(Wait);

#[derive(Debug)]
enum Wait {
    Over,
    System {
        clock: Clock,
        until: Until,
        nap: Pin<Box<tokio::time::Sleep>>,
        asleep: Option<Asleep>,
    },
    Manual {
        hands: Arc<Hands>,
        place: Place,
    },
}

#[derive(Clone, Copy, Debug)]
enum Until {
    Monotonic(Duration),
    Wall(DateTime<Utc>),
}

impl Sleep {
    pub(super) fn until_monotonic(clock: &Clock, at: Duration) -> Self {
        match &clock.0 {
            Kind::System { .. } => Self::on_system(clock, Until::Monotonic(at)),
            Kind::Manual(hands) => Self::on_hands(hands, hands.join_length(at)),
        }
    }

    pub(super) fn until_wall(clock: &Clock, at: DateTime<Utc>) -> Self {
        match &clock.0 {
            Kind::System { .. } => Self::on_system(clock, Until::Wall(at)),
            Kind::Manual(hands) => Self::on_hands(hands, hands.join_wall(at)),
        }
    }

    fn on_system(clock: &Clock, until: Until) -> Self {
        Self(match until.left(clock) {
            None => Wait::Over,
            Some(left) => Wait::System {
                clock: clock.clone(),
                until,
                nap: Box::pin(tokio::time::sleep(left.min(LONGEST_NAP))),
                asleep: None,
            },
        })
    }

    fn on_hands(hands: &Arc<Hands>, place: Option<Place>) -> Self {
        let hands = hands.clone();
        Self(place.map_or(Wait::Over, |place| Wait::Manual { hands, place }))
    }
}

impl Until {
    /// The time that is left; `None` once the instant is reached.
    fn left(self, clock: &Clock) -> Option<Duration> {
        let left = match self {
            Self::Monotonic(at) => at.saturating_sub(clock.monotonic()),
            Self::Wall(at) => (at - clock.now()).to_std().unwrap_or_default(),
        };
        (!left.is_zero()).then_some(left)
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.0 {
            Wait::Over => return Poll::Ready(()),
            Wait::Manual { hands, place } => ready!(hands.poll(*place, cx.waker())),
            Wait::System {
                clock,
                until,
                nap,
                asleep,
            } => loop {
                if nap.as_mut().poll(cx).is_pending() {
                    if asleep.is_none() {
                        *asleep = Asleep::now();
                    }
                    return Poll::Pending;
                }
                let Some(left) = until.left(clock) else { break };
                nap.set(tokio::time::sleep(left.min(LONGEST_NAP)));
            },
        }
        self.0 = Wait::Over;
        Poll::Ready(())
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Wait::Manual { hands, place } = &self.0 {
            hands.leave(*place);
        }
    }
}
