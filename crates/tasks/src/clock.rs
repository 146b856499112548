//! The only reader of time.
//!
//! A clock has two hands: the wall hand says what time it is and may be stepped by an operator or
//! by NTP; the monotonic hand only moves forward and measures lengths. [`Clock::manual`] moves both
//! by command, so that a test can play a year in a moment, and can also move the wall hand alone.

mod manual;
mod sleep;
mod uptime;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use crate::instant::kept;
use manual::Hands;
pub use sleep::Sleep;

/// Reads the time and sleeps. Clones are cheap and share their hands.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    System {
        origin: Instant,
        /// The uptime at the origin.
        uptime: Option<Duration>,
    },
    Manual(Arc<Hands>),
}

impl Clock {
    /// The clock of the machine. Its monotonic hand starts at zero when this is called.
    #[must_use]
    pub fn system() -> Self {
        Self(Kind::System {
            origin: Instant::now(),
            uptime: uptime::uptime(),
        })
    }

    /// A clock that stands at `start` until [`advance`](Self::advance) moves it.
    #[must_use]
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self(Kind::Manual(Arc::new(Hands::new(start))))
    }

    /// The wall hand, which stays within the years 0 to 9999 however it is set.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Kind::System { .. } => kept(Utc::now()),
            Kind::Manual(hands) => hands.wall(),
        }
    }

    /// The monotonic hand: never goes back, stands still while the machine is suspended.
    #[must_use]
    pub fn monotonic(&self) -> Duration {
        match &self.0 {
            Kind::System { origin, .. } => origin.elapsed(),
            Kind::Manual(hands) => hands.monotonic(),
        }
    }

    /// Waits for `duration` on the monotonic hand. The wait counts from this call, not from the
    /// first poll.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep_until_monotonic(self.monotonic().saturating_add(duration))
    }

    /// Waits until the wall hand has reached `instant`.
    ///
    /// On the system clock a step of the wall hand is noticed within an hour; tasks with a calendar
    /// notice it within a second through the engine's pulse.
    pub fn sleep_until(&self, instant: DateTime<Utc>) -> Sleep {
        Sleep::until_wall(self, instant)
    }

    /// Waits until the monotonic hand has reached `instant`.
    pub fn sleep_until_monotonic(&self, instant: Duration) -> Sleep {
        Sleep::until_monotonic(self, instant)
    }

    /// Moves both hands of a manual clock forward and wakes every sleeper that fell due.
    ///
    /// The hands jump: an engine that was to act several times on the way sees only the end, as
    /// after a stall. [`Engine::advance`](crate::Engine::advance) goes timer by timer.
    ///
    /// # Panics
    /// On a system clock, which nobody can move.
    pub fn advance(&self, duration: Duration) {
        self.hands().advance(duration);
    }

    /// Moves the wall hand of a manual clock alone, forwards or back, as an operator or NTP would.
    ///
    /// # Panics
    /// On a system clock, which nobody can move.
    pub fn step_wall(&self, by: TimeDelta) {
        self.hands().step_wall(by);
    }

    /// Lets a manual clock pass a time in which the machine is suspended: the wall hand moves forward,
    /// the monotonic hand stands still, and unlike after [`step_wall`](Self::step_wall) it is known why.
    ///
    /// # Panics
    /// On a system clock, which nobody can move.
    pub fn suspend(&self, duration: Duration) {
        self.hands().suspend(duration);
    }

    /// How far a manual clock must advance until its earliest sleeper is due; `None` when nobody
    /// sleeps, and on a system clock.
    #[must_use]
    pub fn next_wake(&self) -> Option<Duration> {
        match &self.0 {
            Kind::System { .. } => None,
            Kind::Manual(hands) => hands.next_wake(),
        }
    }

    /// Whether the clock moves by command.
    #[must_use]
    pub fn is_manual(&self) -> bool {
        matches!(self.0, Kind::Manual(_))
    }

    /// How long the machine has been suspended since the clock was made; on Linux to a few hundredths
    /// of a second, elsewhere unknown and zero.
    pub(crate) fn suspended(&self) -> Duration {
        match &self.0 {
            Kind::System { origin, uptime } => {
                let awake = uptime.map(|uptime| uptime + origin.elapsed());
                let up = awake.and_then(|_| uptime::uptime());
                up.zip(awake)
                    .map_or(Duration::ZERO, |(up, awake)| up.saturating_sub(awake))
            }
            Kind::Manual(hands) => hands.suspended(),
        }
    }

    /// Completes when [`step_wall`](Self::step_wall) or [`suspend`](Self::suspend) is called; never on a
    /// system clock.
    pub(crate) async fn stepped(&self) {
        match &self.0 {
            Kind::System { .. } => std::future::pending().await,
            Kind::Manual(hands) => hands.stepped().await,
        }
    }

    fn hands(&self) -> &Arc<Hands> {
        match &self.0 {
            Kind::Manual(hands) => hands,
            Kind::System { .. } => panic!("a system clock cannot be moved, use Clock::manual"),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::duration::{hours, secs};

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    #[tokio::test]
    async fn a_sleeper_wakes_when_its_time_has_come_and_not_before() {
        let clock = Clock::manual(noon());
        let mut sleep = clock.sleep(secs(10));
        assert_eq!(clock.next_wake(), Some(secs(10)));
        clock.advance(secs(9));
        assert!((&mut sleep).now_or_never().is_none());
        clock.advance(secs(1));
        assert!(sleep.now_or_never().is_some());
        assert_eq!(clock.next_wake(), None);
    }

    #[tokio::test]
    async fn a_dropped_sleeper_is_forgotten() {
        let clock = Clock::manual(noon());
        drop(clock.sleep(secs(10)));
        drop(clock.sleep_until(noon() + hours(1)));
        assert_eq!(clock.next_wake(), None);
    }

    #[tokio::test]
    async fn a_step_of_the_wall_hand_wakes_those_who_wait_for_the_wall() {
        let clock = Clock::manual(noon());
        let wall = clock.sleep_until(noon() + hours(1));
        let mut length = clock.sleep(hours(1));
        clock.step_wall(TimeDelta::hours(2));
        assert!(wall.now_or_never().is_some());
        assert!((&mut length).now_or_never().is_none());
        assert_eq!(clock.monotonic(), Duration::ZERO);
        assert_eq!(clock.now(), noon() + hours(2));
    }

    #[tokio::test]
    async fn an_instant_in_the_past_is_not_waited_for() {
        let clock = Clock::manual(noon());
        assert!(clock.sleep(Duration::ZERO).now_or_never().is_some());
        assert!(clock.sleep_until(noon() - secs(1)).now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_suspension_moves_the_wall_hand_alone_and_is_remembered() {
        let clock = Clock::manual(noon());
        let wall = clock.sleep_until(noon() + hours(1));
        clock.suspend(hours(2));
        assert!(wall.now_or_never().is_some());
        assert_eq!(clock.monotonic(), Duration::ZERO);
        assert_eq!(
            (clock.now(), clock.suspended()),
            (noon() + hours(2), hours(2))
        );
    }

    #[tokio::test]
    async fn a_machine_that_is_awake_has_not_been_suspended() {
        assert!(Clock::system().suspended() < Duration::from_millis(500));
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_sleep_on_the_system_clock_ends_on_time() {
        let clock = Clock::system();
        let before = clock.monotonic();
        clock.sleep(hours(30)).await;
        let slept = clock.monotonic() - before;
        assert!(
            slept >= hours(30) && slept < hours(30) + secs(1),
            "{slept:?}"
        );
    }
}
