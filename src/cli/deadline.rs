//! A limit of time that is kept on a thread of its own: work that holds every other is given up all the same.

use std::{
    convert::Infallible,
    io,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use cogsmith_tasks::format_duration;
use tokio::sync::oneshot;

use crate::error::Result;

/// A limit that began with [`Deadline::start`].
pub(super) struct Deadline {
    over: oneshot::Receiver<TimedOut>,
    /// The thread ends when this is dropped.
    _work: mpsc::Sender<Infallible>,
}

/// The work was not done in time.
#[derive(Debug, thiserror::Error)]
#[error("not done after {}, and given up; --timeout allows more", format_duration(*.0))]
pub(super) struct TimedOut(Duration);

impl Deadline {
    /// Without a limit it is never over.
    ///
    /// # Errors
    /// There are no threads left.
    pub(super) fn start(limit: Option<Duration>) -> io::Result<Self> {
        let (work, ended) = mpsc::channel();
        let (tell, over) = oneshot::channel();
        if let Some(limit) = limit {
            let builder = thread::Builder::new().name("cogsmith-deadline".to_owned());
            builder.spawn(move || {
                if ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                    // Nobody waits any more for work that is done.
                    let _ = tell.send(TimedOut(limit));
                }
            })?;
        }
        Ok(Self { over, _work: work })
    }

    /// Works until it is done or the limit is over.
    ///
    /// # Errors
    /// [`TimedOut`], or why the work failed.
    pub(super) async fn before<T>(self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            Ok(timed_out) = self.over => Err(timed_out.into()),
            done = work => done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_is_done_ends_it_and_work_that_is_not_is_given_up() {
        let limits = [None, Some(Duration::from_secs(600))];
        for limit in limits {
            let deadline = Deadline::start(limit).unwrap();
            assert_eq!(deadline.before(async { Ok(7) }).await.unwrap(), 7);
        }
        let deadline = Deadline::start(Some(Duration::from_millis(1))).unwrap();
        let never = std::future::pending::<Result<()>>();
        let told = deadline.before(never).await.unwrap_err();
        assert_eq!(
            told.to_string(),
            "not done after 1ms, and given up; --timeout allows more"
        );
    }
}
