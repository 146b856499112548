//! The threads of one bot: those of the host, and those of its modules.
//!
//! The host's read from Discord and send to it. Modules' code runs on others: when it blocks every one of those,
//! heartbeats and requests on their way still come in time. No bot has a thread of another's.

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
    /// Those of the host, for the bot that the calling thread works for.
    pub(crate) fn of_host() -> io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        Self::start(builder.worker_threads(THREADS).thread_name("cogsmith-host"))
    }

    /// Those of the modules, as many as there are cores.
    pub(crate) fn of_modules() -> io::Result<Self> {
        Self::start(Builder::new_multi_thread().thread_name("cogsmith-modules"))
    }

    fn start(builder: &mut Builder) -> io::Result<Self> {
        let origin = Origin::here();
        let builder = builder.on_thread_start(move || origin.adopt());
        Ok(Self(Some(builder.enable_all().build()?)))
    }

    /// Awaits `work` on the calling thread, and what it spawns on those of this.
    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.handle().block_on(work)
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
        let runtime = Runtime::of_host().unwrap();
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
