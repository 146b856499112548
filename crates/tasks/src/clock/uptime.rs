//! How long the machine has been up, its sleep included.
//!
//! The monotonic hand stands still while the machine is suspended, and the wall hand cannot tell a
//! suspension from an operator who sets it. Linux says it in `/proc/uptime`; elsewhere a suspension is
//! taken for a step of the wall hand.

use std::time::Duration;

/// To a hundredth of a second; `None` where it cannot be known.
pub(super) fn uptime() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    let seconds = text.split_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}
