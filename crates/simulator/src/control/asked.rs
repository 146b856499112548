//! What a GET is asked: its query, and how long it may take.

use std::time::Duration;

use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::control::wrong;
use crate::core::Core;
use crate::error_codes::ApiError;
use crate::world::World;

/// Longer waits are refused.
const WAIT_MAX: u64 = 60_000;

/// Real time to wait for what is asked for, in milliseconds; 0 to 60,000.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(try_from = "u64")]
pub(super) struct Wait(u64);

impl TryFrom<u64> for Wait {
    type Error = String;

    fn try_from(milliseconds: u64) -> Result<Self, Self::Error> {
        match milliseconds {
            0..=WAIT_MAX => Ok(Self(milliseconds)),
            _ => Err(format!("found {milliseconds}, expected 0 to {WAIT_MAX}")),
        }
    }
}

impl Wait {
    pub(super) const fn of(milliseconds: u64) -> Self {
        Self(milliseconds)
    }

    /// Returns when this holds, or when the time is over. Which it was is seen in what is answered.
    pub(super) async fn until(self, core: &Core, holds: impl Fn(&World) -> bool) {
        let mut changes = core.changes();
        let happened = async { while !core.read(&holds) && changes.changed().await.is_ok() {} };
        let _ = tokio::time::timeout(Duration::from_millis(self.0), happened).await;
    }
}

/// Reads a query.
///
/// # Errors
/// 50035 for a parameter that is unknown or cannot be read.
pub(super) fn asked<T: DeserializeOwned>(uri: &Uri) -> Result<T, ApiError> {
    let query = Query::try_from_uri(uri);
    let Query(query) = query.map_err(|error| wrong("query", &error.body_text()))?;
    Ok(query)
}
