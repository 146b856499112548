//! Which errors are worth another attempt.

use std::{error::Error as StdError, fmt, io, time::Duration};

/// Marks an error as one that may pass by itself, so that the engine retries.
///
/// Reads and prints as the error within. Connection and time-out errors of `std::io` and the
/// `Elapsed` of tokio count as transient without this mark.
///
/// ```
/// use cogsmith_tasks::{Transient, secs};
///
/// fn rate_limited() -> anyhow::Result<()> {
///     let error = anyhow::anyhow!("too many requests");
///     Err(Transient::new(error).retry_after(secs(7)).into())
/// }
/// # assert_eq!(rate_limited().unwrap_err().to_string(), "too many requests");
/// ```
#[derive(Debug)]
pub struct Transient {
    error: Box<dyn StdError + Send + Sync>,
    retry_after: Option<Duration>,
}

impl Transient {
    /// Marks `error`.
    #[must_use]
    pub fn new(error: impl Into<anyhow::Error>) -> Self {
        Self {
            error: error.into().into(),
            retry_after: None,
        }
    }

    /// The shortest pause before the next attempt, as the other side asked for.
    #[must_use]
    pub fn retry_after(mut self, pause: Duration) -> Self {
        self.retry_after = Some(pause);
        self
    }

    /// The pause that `error` asks for, when it is marked and names one.
    pub(crate) fn pause_asked_by(error: &anyhow::Error) -> Option<Duration> {
        let marked = error.chain().find_map(|cause| cause.downcast_ref::<Self>());
        marked.and_then(|transient| transient.retry_after)
    }
}

impl fmt::Display for Transient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl StdError for Transient {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}

/// Whether `error`, or any of its causes, is known to pass by itself.
pub(crate) fn is_transient(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<Transient>()
            || cause.is::<tokio::time::error::Elapsed>()
            || cause.downcast_ref::<io::Error>().is_some_and(passes)
    })
}

fn passes(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::ConnectionRefused
            | Kind::ConnectionReset
            | Kind::ConnectionAborted
            | Kind::NotConnected
            | Kind::HostUnreachable
            | Kind::NetworkUnreachable
            | Kind::NetworkDown
            | Kind::BrokenPipe
            | Kind::UnexpectedEof
            | Kind::TimedOut
            | Kind::Interrupted
            | Kind::WouldBlock
            | Kind::ResourceBusy
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(error: &anyhow::Error, expected: bool) {
        assert_eq!(is_transient(error), expected, "{error:#}");
    }

    #[test]
    fn only_errors_that_may_pass_are_transient() {
        let io = |kind| anyhow::Error::from(io::Error::from(kind));
        check(&io(io::ErrorKind::ConnectionReset), true);
        check(&io(io::ErrorKind::TimedOut).context("posting"), true);
        check(&io(io::ErrorKind::NotFound), false);
        check(&io(io::ErrorKind::PermissionDenied), false);
        check(&anyhow::anyhow!("no such guild"), false);
        check(&Transient::new(anyhow::anyhow!("503")).into(), true);
        let wrapped =
            anyhow::Error::from(Transient::new(anyhow::anyhow!("503"))).context("posting");
        check(&wrapped, true);
    }

    #[test]
    fn a_marked_error_prints_each_cause_once() {
        let error = anyhow::anyhow!("closed").context("posting");
        assert_eq!(
            format!("{:#}", anyhow::Error::from(Transient::new(error))),
            "posting: closed"
        );
    }
}
