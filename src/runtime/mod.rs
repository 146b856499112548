//! The host's own threads: what reads from Discord, sends to it and answers health.
//!
//! Modules' code runs elsewhere, on the runtime that the bot was started on. When it blocks every thread there,
//! heartbeats, answers of `/livez` and requests on their way still come in time.

mod origin;

use std::io;

use tokio::{
    runtime::{Builder, Handle, Runtime as Threads},
    task::JoinError,
};
use tokio_util::task::AbortOnDropHandle;

pub(crate) use origin::Origin;

/// One would do, were it not for folds and filters of messages: modules' code that is called where a shard is read.
const THREADS: usize = 2;

/// Dropping it ends whatever runs on it, without waiting, also in async code.
pub(crate) struct Runtime(Option<Threads>);

impl Runtime {
    pub(crate) fn start() -> io::Result<Self> {
        let origin = Origin::here();
        let threads = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("cogsmith-host")
            .on_thread_start(move || origin.adopt())
            .enable_all()
            .build()?;
        Ok(Self(Some(threads)))
    }

    pub(crate) fn handle(&self) -> &Handle {
        let threads = self.0.as_ref().expect("it runs until it is dropped");
        threads.handle()
    }

    /// Awaits `work`, which runs there with everything that it spawns. Dropping this future ends it.
    ///
    /// # Errors
    /// It has panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, JoinError> {
        AbortOnDropHandle::new(self.handle().spawn(work)).await
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        if let Some(threads) = self.0.take() {
            threads.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn what_runs_there_is_not_held_up_here_and_ends_with_it() {
        let runtime = Runtime::start().unwrap();
        let (sender, mut receiver) = tokio::sync::mpsc::channel::<()>(1);
        let here = thread::current().id();
        let there = runtime.run(async { thread::current().id() }).await.unwrap();
        assert_ne!(here, there);
        runtime.handle().spawn(async move {
            std::future::pending::<()>().await;
            drop(sender);
        });
        drop(runtime);
        assert_eq!(
            receiver.recv().await,
            None,
            "dropped in async code, without a panic"
        );
    }
}
