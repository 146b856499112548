//! Wakes the engine by the wall clock, which tokio's timers cannot: they follow the monotonic clock,
//! which stands still in suspend and knows nothing of a clock that was set.
//!
//! tokio-cron-scheduler lives here, alone. It is given a few UTC jobs that post a letter and nothing
//! else: no user code, no intervals, no zones, no removal. A letter too few comes again at the next
//! minute or day, a letter too many finds nothing to do.
//! The look of each second is a plain timer: as a job it would cost an idle bot more than all else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::time::{MissedTickBehavior, interval};
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tokio_util::task::AbortOnDropHandle;

/// Between two looks at the wall clock.
const LOOK: Duration = Duration::from_secs(1);

/// What a pulse is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Beat {
    /// Look at the wall clock again; about once a second.
    Look,
    /// Look for successes that are overdue, beside the dispatcher's own alarms; about once a minute.
    Sweep,
    /// Prune the history; about once a day.
    Prune,
    /// Let the store tidy itself up; about once a day.
    Optimise,
}

/// Where a pulse posts its beats; never blocks.
pub type OnBeat = Arc<dyn Fn(Beat) + Send + Sync>;

/// A source of beats. Dropping what [`start`](Pulse::start) returned, or awaiting its end, stops it.
pub trait Pulse: Send + Sync + 'static {
    /// Begins to beat. What is returned is awaited when the engine shuts down.
    ///
    /// # Errors
    /// When the pulse cannot begin; the engine then runs without, and says so in its log.
    fn start(&self, on_beat: OnBeat) -> BoxFuture<'_, anyhow::Result<BoxFuture<'static, ()>>>;
}

/// Every second a look, every minute a sweep; at 04:17 UTC history is pruned, at 04:47 the store tidies up.
#[derive(Clone, Copy, Debug, Default)]
pub struct WallPulse;

impl Pulse for WallPulse {
    fn start(&self, on_beat: OnBeat) -> BoxFuture<'_, anyhow::Result<BoxFuture<'static, ()>>> {
        Box::pin(async move {
            let mut scheduler = JobScheduler::new().await?;
            for (schedule, beat) in [
                ("30 * * * * *", Beat::Sweep),
                ("0 17 4 * * *", Beat::Prune),
                ("0 47 4 * * *", Beat::Optimise),
            ] {
                scheduler.add(job(schedule, beat, on_beat.clone())?).await?;
            }
            scheduler.start().await?;
            let looking = AbortOnDropHandle::new(tokio::spawn(look(on_beat)));
            let stop: BoxFuture<'static, ()> = Box::pin(async move {
                drop(looking);
                if let Err(error) = scheduler.shutdown().await {
                    tracing::warn!(%error, "stopping the pulse failed");
                }
            });
            Ok(stop)
        })
    }
}

/// Beats each second. After a suspend, in which timers stand still, it beats within a second.
async fn look(on_beat: OnBeat) {
    let mut timer = interval(LOOK);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        timer.tick().await;
        on_beat(Beat::Look);
    }
}

/// No beats at all: intervals run all the same, and a clock that was set is noticed only when
/// something is due.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPulse;

impl Pulse for NoPulse {
    fn start(&self, _: OnBeat) -> BoxFuture<'_, anyhow::Result<BoxFuture<'static, ()>>> {
        Box::pin(async {
            let stop: BoxFuture<'static, ()> = Box::pin(std::future::ready(()));
            Ok(stop)
        })
    }
}

/// Looks that the dispatcher has not answered: the pulse watches over it, as it watches over the tasks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unanswered(Arc<AtomicU32>);

impl Unanswered {
    /// So many seconds without an answer are worth a word.
    const MANY: u32 = 5;

    pub(crate) fn count(&self) {
        if self.0.fetch_add(1, SeqCst) + 1 == Self::MANY {
            tracing::error!(
                "the task engine has not answered its pulse for {} s",
                Self::MANY
            );
        }
    }

    pub(crate) fn answer(&self) {
        if self.0.swap(0, SeqCst) > Self::MANY {
            tracing::warn!("the task engine answers its pulse again");
        }
    }
}

fn job(schedule: &str, beat: Beat, on_beat: OnBeat) -> Result<Job, JobSchedulerError> {
    Job::new(schedule, move |_, _| on_beat(beat))
}
