//! SIGTERM and Ctrl-C, listened for before anything else is done, on a thread of their own: modules that hold
//! every thread of the bot's do not keep them from being heard.

use std::thread;

use anyhow::Context as _;
use tokio::{
    runtime::Builder,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use crate::error::Result;

/// The wish of a supervisor, or of somebody at the terminal, that the process ends.
pub(super) struct Stop(watch::Receiver<Option<Interrupted>>);

/// A signal came before the work was done.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("ended by {name} before it was done")]
pub(super) struct Interrupted {
    name: &'static str,
    /// As a shell would tell of a process that the signal has ended.
    pub(super) code: u8,
}

/// The work is done, in order, because of a signal.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("stopped by {name}")]
pub(super) struct Stopped {
    name: &'static str,
    /// As of [`Interrupted`].
    pub(super) code: u8,
}

const TERMINATED: Interrupted = Interrupted {
    name: "SIGTERM",
    code: 143,
};
const INTERRUPTED: Interrupted = Interrupted {
    name: "SIGINT",
    code: 130,
};

impl Stop {
    /// Listens from now on. A second signal ends the process at once, with 143 or 130.
    ///
    /// # Errors
    /// The system does not let us.
    ///
    /// # Panics
    /// Inside a tokio runtime.
    pub(super) fn listen() -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_io().build()?;
        let mut signals = runtime.block_on(async { Signals::open() })?;
        let (asked, stop) = watch::channel(None);
        let listening = async move {
            asked.send_replace(Some(signals.next().await));
            let second = signals.next().await;
            std::process::exit(second.code.into())
        };
        thread::Builder::new()
            .name("cogsmith-signals".to_owned())
            .spawn(move || runtime.block_on(listening))?;
        Ok(Self(stop))
    }

    /// Resolves with the first signal.
    pub(super) async fn asked(&self) -> Interrupted {
        let mut stop = self.0.clone();
        let asked = stop.wait_for(Option::is_some).await;
        match asked.ok().and_then(|asked| *asked) {
            Some(interrupted) => interrupted,
            // Only the end of the process ends the listening.
            None => std::future::pending().await,
        }
    }

    /// [`Stop::asked`], for whoever ends with an error of any kind.
    #[cfg(feature = "simulator")]
    pub(super) async fn error(&self) -> crate::error::Error {
        self.asked().await.into()
    }

    /// An error when a signal has come.
    ///
    /// # Errors
    /// [`Stopped`].
    pub(super) fn propagate(&self) -> Result<(), Stopped> {
        match *self.0.borrow() {
            Some(Interrupted { name, code }) => Err(Stopped { name, code }),
            None => Ok(()),
        }
    }

    /// Works until it is done or the first signal comes.
    ///
    /// # Errors
    /// [`Interrupted`], or why the work failed.
    pub(super) async fn before<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            interrupted = self.asked() => Err(interrupted.into()),
            done = work => done,
        }
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From here on neither ends the process by the system's default.
    fn open() -> Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).context("listening for SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("listening for SIGINT")?,
        })
    }

    async fn next(&mut self) -> Interrupted {
        tokio::select! {
            _ = self.terminate.recv() => TERMINATED,
            _ = self.interrupt.recv() => INTERRUPTED,
        }
    }
}
