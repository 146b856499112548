//! How long a start waits for a database that somebody else keeps busy, or owns.

use std::time::Duration;

use tokio::time::Instant;
use tracing::{info, warn};

use super::{Error, Result};

/// Longer than a backup or a migration by hand takes, as a rule; each attempt waits 5 s by itself.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(250);

/// Between two looks whether another process still owns the database: nobody is answered meanwhile.
const HANDOVER: Duration = Duration::from_millis(50);

/// Between two words about the same wait.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// Tries again for up to a minute while the database is busy, and says so.
///
/// # Errors
/// The last failure.
pub(super) async fn while_busy<T, A>(attempt: impl Fn() -> A) -> Result<T>
where
    A: Future<Output = Result<T>>,
{
    let (begun, mut told) = (Instant::now(), None);
    loop {
        match attempt().await {
            Err(error) if error.is_busy() && begun.elapsed() < PATIENCE => {
                if told.is_none_or(|at: Instant| at.elapsed() >= TELL_EVERY) {
                    let waited = begun.elapsed().as_secs();
                    warn!(
                        "the database is busy ({error}); waited {waited} s of up to {PATIENCE:?}"
                    );
                    told = Some(Instant::now());
                }
            }
            ended => {
                if told.is_some() && ended.is_ok() {
                    info!("the database is free again");
                }
                return ended;
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Tries again for up to `limit` while another process owns the database, and says so.
///
/// # Errors
/// The last failure.
pub(super) async fn while_owned<T, A>(limit: Duration, attempt: impl Fn() -> A) -> Result<T>
where
    A: Future<Output = Result<T>>,
{
    let (begun, mut is_told) = (Instant::now(), false);
    loop {
        match attempt().await {
            Err(error @ Error::InUse { .. }) if begun.elapsed() < limit => {
                if !std::mem::replace(&mut is_told, true) {
                    warn!("{error}; it is waited for, for up to {limit:?}");
                }
            }
            ended => {
                if is_told && ended.is_ok() {
                    info!("the database is free after {:.1?}", begun.elapsed());
                }
                return ended;
            }
        }
        tokio::time::sleep(HANDOVER).await;
    }
}
