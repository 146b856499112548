//! A bot in a process of its own, and what it uses.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::ensure;
use cogsmith_simulator::Simulator;

pub(crate) struct Bot(Child);

impl Bot {
    /// Starts it on a database in `folder` and waits until its commands are registered.
    pub(crate) async fn start(
        binary: &Path,
        simulator: &Simulator,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        Self::start_with(binary, simulator, folder, Stdio::null()).await
    }

    /// As [`Bot::start`], with its log in a file.
    pub(crate) async fn start_logging(
        binary: &Path,
        simulator: &Simulator,
        folder: &Path,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let log = fs::File::create(log)?;
        Self::start_with(binary, simulator, folder, log.into()).await
    }

    async fn start_with(
        binary: &Path,
        simulator: &Simulator,
        folder: &Path,
        log: Stdio,
    ) -> anyhow::Result<Self> {
        let database = folder.join("cogsmith.db");
        let child = Command::new(binary)
            .arg("run")
            .current_dir(folder)
            .env_clear()
            .env("DISCORD_TOKEN", simulator.token())
            .env("DISCORD_API_URL", simulator.api_url())
            .env("DATABASE_URL", format!("sqlite://{}", database.display()))
            .env("HTTP_ADDRESS", "127.0.0.1:0")
            .stderr(log)
            .spawn()?;
        let bot = Self(child);
        let is_up = |simulator: &Simulator| {
            let mut requests = simulator.requests().into_iter();
            requests.any(|request| request.method == "PUT" && request.path.ends_with("/commands"))
        };
        simulator.until(is_up).await;
        Ok(bot)
    }

    pub(crate) fn signal(&self, name: &str) -> anyhow::Result<()> {
        let id = self.0.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status()?;
        ensure!(sent.success(), "kill -s {name} failed");
        Ok(())
    }

    /// Whether the process is gone.
    pub(crate) fn has_ended(&mut self) -> anyhow::Result<bool> {
        Ok(self.0.try_wait()?.is_some())
    }

    /// The CPU time of all its threads.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let mut nanos = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.0.id()))? {
            let spent = fs::read_to_string(thread?.path().join("schedstat"))?;
            nanos += spent.split(' ').next().unwrap_or_default().parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// Its resident memory in MiB.
    pub(crate) fn resident(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1));
        Ok(kib.unwrap_or("0").parse::<f64>()? / 1_024.0)
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
