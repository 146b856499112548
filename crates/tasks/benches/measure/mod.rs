//! What benches measure: lateness, CPU, memory.

use std::{
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::Duration,
};

/// Lateness is counted in steps of 10 us, up to 1 s.
const STEP: u128 = 10;
const STEPS: usize = 100_000;

/// How many fires were how late, in steps of 10 us.
pub(crate) struct Lateness(Vec<AtomicU32>);

impl Lateness {
    pub(crate) fn new() -> Self {
        Self((0..STEPS).map(|_| AtomicU32::new(0)).collect())
    }

    pub(crate) fn note(&self, late: Duration) {
        let step = usize::try_from(late.as_micros() / STEP).unwrap_or(STEPS);
        self.0[step.min(STEPS - 1)].fetch_add(1, Relaxed);
    }

    pub(crate) fn clear(&self) {
        self.0.iter().for_each(|count| count.store(0, Relaxed));
    }

    pub(crate) fn fires(&self) -> u32 {
        self.0.iter().map(|count| count.load(Relaxed)).sum()
    }

    /// The lateness in milliseconds that this share of all fires did not exceed.
    pub(crate) fn at(&self, share: f64) -> f64 {
        let wanted = f64::from(self.fires()) * share;
        let mut seen = 0.0;
        let reached = self.0.iter().position(|count| {
            seen += f64::from(count.load(Relaxed));
            seen >= wanted
        });
        (reached.unwrap_or(STEPS) as u128 * STEP) as f64 / 1_000.0
    }
}

/// The CPU time that this process has used.
pub(crate) fn cpu() -> anyhow::Result<Duration> {
    let mut nanos = 0;
    for thread in std::fs::read_dir("/proc/self/task")? {
        let spent = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        nanos += spent.split(' ').next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanos))
}

/// Resident memory in MiB.
pub(crate) fn resident() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(kib.unwrap_or("0").parse::<f64>()? / 1_024.0)
}
