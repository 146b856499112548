//! The boot guard: a pause before an IDENTIFY that grows while sessions do not last.
//!
//! Discord takes the token back of a bot that begins more sessions in a day than it may; see Discord docs/Gateway,
//! Session Start Limit. A supervisor that starts a process again and again would use them up within the hour.
//! So how many sessions were begun of late is kept in the database, and forgotten once one has lasted.
//! Only what identifies passes here: a RESUME waits for nothing.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use cogsmith_tasks::Clock;
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tracing::{error, warn};
use twilight_gateway::queue::{InMemoryQueue, Queue};

use super::link::Link;
use crate::store::{self, Db};

const DAY: Duration = Duration::from_hours(24);
/// A session that lived so long has lasted.
const LASTING: Duration = Duration::from_mins(10);

/// Knows of each shard how many sessions it began of late.
pub(super) struct Guard {
    /// Without one, what is counted ends with the process.
    db: Option<Db>,
    clock: Clock,
    allowance: Allowance,
    attempts: Mutex<BTreeMap<u32, Attempts>>,
}

/// What a shard may do with its part of the sessions of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Allowance {
    /// So many sessions in a row that did not last cost nothing.
    free: u32,
    /// The pause after them, doubled with each more.
    first: Duration,
    longest: Duration,
}

/// Sessions that a shard began since one of its lasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Attempts {
    count: u32,
    last: DateTime<Utc>,
}

impl Guard {
    /// Reads what earlier processes did. The bot may begin `total` sessions a day with these `shards`.
    pub(super) async fn open(
        db: Option<Db>,
        clock: Clock,
        total: u32,
        shards: usize,
    ) -> store::Result<Self> {
        let sql = "select shard_id, attempts, last_at from gateway_identify";
        let rows = match &db {
            Some(db) => db.read(sql).all::<(i64, i64, i64)>().await?,
            None => Vec::new(),
        };
        Ok(Self {
            db,
            clock,
            allowance: Allowance::of(total, shards),
            attempts: Mutex::new(rows.into_iter().filter_map(attempts).collect()),
        })
    }

    /// The session of a shard was alive until then: what led to it is forgotten if it has lasted.
    pub(super) fn lived(&self, shard: u32, until: DateTime<Utc>) {
        let mut attempts = self.attempts.lock();
        if attempts.get(&shard).is_some_and(|it| it.led_to(until)) {
            attempts.remove(&shard);
        }
    }

    /// Waits until the shard may begin another session.
    async fn pause(&self, shard: u32) {
        let Some(attempts) = self.attempts.lock().get(&shard).copied() else {
            return;
        };
        let pause = attempts.pause(self.allowance, self.clock.now());
        if pause.is_zero() {
            return;
        }
        warn!(
            shard.id = shard,
            "shard {shard} waits {pause:.0?} before it begins another session: {} were begun of late and none lasted \
             {} min, and Discord allows so many a day only",
            attempts.count,
            LASTING.as_secs() / 60
        );
        self.clock.sleep(pause).await;
    }

    /// Counts a session that is about to begin. One that cannot be written is counted in memory.
    async fn count(&self, shard: u32) {
        let now = self.clock.now();
        let Attempts { count, last } = {
            let mut attempts = self.attempts.lock();
            let attempts = attempts.entry(shard).or_insert(Attempts {
                count: 0,
                last: now,
            });
            attempts.add(now);
            *attempts
        };
        let sql = "insert into gateway_identify (shard_id, attempts, last_at) values ($1, $2, $3) \
                   on conflict (shard_id) do update set attempts = excluded.attempts, last_at = excluded.last_at";
        let Some(db) = &self.db else {
            return;
        };
        let write = db.write(sql).bind(shard).bind(count).bind(last);
        if let Err(error) = write.execute().await {
            error!(shard.id = shard, %error, "that shard {shard} begins a session could not be written: another process would not know");
        }
    }
}

impl Attempts {
    fn add(&mut self, now: DateTime<Utc>) {
        if self.age(now) >= DAY {
            self.count = 0;
        }
        self.count = self.count.saturating_add(1);
        self.last = now;
    }

    /// What is left of the pause after the last one.
    fn pause(&self, allowance: Allowance, now: DateTime<Utc>) -> Duration {
        let Allowance {
            free,
            first,
            longest,
        } = allowance;
        if self.count < free {
            return Duration::ZERO;
        }
        let pause = first.saturating_mul(1 << (self.count - free).min(16));
        pause.min(longest).saturating_sub(self.age(now))
    }

    fn led_to(&self, until: DateTime<Utc>) -> bool {
        self.age(until) >= LASTING
    }

    /// Zero when the wall clock was put back.
    fn age(&self, now: DateTime<Utc>) -> Duration {
        let age = now.signed_duration_since(self.last);
        age.to_std().unwrap_or_default()
    }
}

impl Allowance {
    /// With the longest pause, a day takes half of what Discord allows; what leads up to it takes less than the rest.
    fn of(total: u32, shards: usize) -> Self {
        let shards = u32::try_from(shards).unwrap_or(u32::MAX).max(1);
        let half = (total / 2).max(1);
        let longest = (DAY.saturating_mul(shards) / half).clamp(Duration::from_mins(1), DAY);
        Self {
            free: (half / 10 / shards).clamp(1, 5),
            first: Duration::from_secs(longest.as_secs() / 32),
            longest,
        }
    }
}

fn attempts((shard, count, last): (i64, i64, i64)) -> Option<(u32, Attempts)> {
    let attempts = Attempts {
        count: u32::try_from(count).ok()?,
        last: DateTime::from_timestamp_millis(last)?,
    };
    Some((u32::try_from(shard).ok()?, attempts))
}

/// Lets shards identify one after another: the guard first, then Discord's pace.
#[derive(Clone)]
pub(super) struct Turns {
    pub(super) guard: Arc<Guard>,
    pub(super) pace: InMemoryQueue,
    pub(super) link: Arc<Link>,
}

impl Turns {
    async fn come(&self, shard: u32) {
        self.guard.pause(shard).await;
        // The queue ends with the last of its handles, and this is one.
        drop(self.pace.enqueue(shard).await);
    }

    async fn admit(self, shard: u32, mut turn: oneshot::Sender<()>) {
        self.link.queued(shard);
        let came = tokio::select! {
            // The connection that was to identify is lost, or the gateway closes.
            () = turn.closed() => false,
            () = self.come(shard) => true,
        };
        self.link.dequeued(shard);
        if came {
            self.guard.count(shard).await;
            // Whoever waited may be gone by now.
            let _ = turn.send(());
        }
    }
}

impl Queue for Turns {
    fn enqueue(&self, shard: u32) -> oneshot::Receiver<()> {
        let (turn, come) = oneshot::channel();
        tokio::spawn(self.clone().admit(shard, turn));
        come
    }
}

impl fmt::Debug for Turns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turns").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use cogsmith_tasks::{mins, secs};

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn none() -> Attempts {
        Attempts {
            count: 0,
            last: at(0),
        }
    }

    #[test]
    fn the_pause_grows_with_each_session_that_does_not_last() {
        let (allowance, mut attempts) = (Allowance::of(1_000, 1), none());
        let mut pauses = Vec::new();
        for _ in 0..12 {
            attempts.add(at(0));
            pauses.push(attempts.pause(allowance, at(0)).as_secs());
        }
        assert_eq!(pauses, [0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 172, 172]);
        let longest = allowance.longest;
        assert_eq!(attempts.pause(allowance, at(100)), longest - secs(100));
        assert_eq!(attempts.pause(allowance, at(-100)), longest);
        attempts.add(at(86_400));
        assert_eq!(attempts.count, 1);
    }

    /// A day of restarts, each a second after the last sessions began.
    #[test]
    fn a_restart_loop_leaves_something_of_the_days_sessions() {
        for (total, shards) in [(1_000, 1), (1_000, 8), (1_000, 60), (2_000, 150)] {
            let (allowance, mut attempts) = (Allowance::of(total, shards), none());
            let (mut now, mut used) = (0, 0);
            while now < 86_400 {
                attempts.add(at(now));
                used += shards;
                now += 1 + attempts.pause(allowance, at(now)).as_secs().cast_signed();
            }
            let most = total as usize * 19 / 20;
            assert!(used <= most, "{used} of {total} by {shards} shards");
        }
    }

    #[test]
    fn a_session_that_lasted_is_one_that_lived_for_ten_minutes() {
        let lived = |time: Duration| none().led_to(at(0) + time);
        assert_eq!((lived(secs(599)), lived(mins(10))), (false, true));
    }
}
