//! The clock: read it, and let it run ahead.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::asked::Wait;
use crate::control::{Answer, wrong};
use crate::core::Core;
use crate::error_codes::ApiError;
use crate::payload::timestamp;
use crate::world::World;

/// 100 years: Discord's ids end not long after.
const AHEAD_MAX: Duration = Duration::from_secs(36_500 * 24 * 60 * 60);

/// How long moving it waits for quiet, unless the order says otherwise.
const PATIENCE: Wait = Wait::of(1_000);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    seconds: Option<f64>,
    until: Option<String>,
    wait_ms: Option<Wait>,
}

impl Move {
    /// How far ahead.
    ///
    /// # Errors
    /// 50035 for neither or both, for what is no time, and for the past.
    fn by(&self, now: DateTime<Utc>) -> Result<Duration, ApiError> {
        let by = match (self.seconds, &self.until) {
            (Some(seconds), None) => Duration::try_from_secs_f64(seconds)
                .map_err(|_| wrong("seconds", "expected 0 to 3153600000")),
            (None, Some(until)) => {
                let until = until.parse::<DateTime<Utc>>();
                let until = until.map_err(|_| {
                    wrong("until", "expected a moment such as 2026-03-02T09:00:00Z")
                })?;
                let problem = format!("expected a moment after now, {}", timestamp(now));
                (until - now).to_std().map_err(|_| wrong("until", &problem))
            }
            _ => Err(wrong("seconds", "expected either `seconds` or `until`")),
        };
        let by = by?;
        match by <= AHEAD_MAX {
            true => Ok(by),
            false => Err(wrong("seconds", "expected 100 years at most")),
        }
    }
}

pub(super) async fn read(State(core): State<Arc<Core>>) -> Answer {
    Ok(Json(core.read(state)))
}

/// What time it is, and what keeps the world from being quiet.
fn state(world: &World) -> Value {
    json!({
        "now": timestamp(world.now()),
        "pending": world.pending(),
        "unsent": world.unsent(),
    })
}

/// `{"seconds": 90}` or `{"until": "2026-03-02T09:00:00Z"}`, forward only. The answer comes when
/// everything is with the clients and nobody waits for an answer, or when `wait_ms` are over.
pub(super) async fn forward(State(core): State<Arc<Core>>, body: Bytes) -> Answer {
    let order: Move = super::read(&body)?;
    core.write(|world| {
        let by = order.by(world.now())?;
        world.advance(TimeDelta::from_std(by).unwrap_or_default());
        Ok::<_, ApiError>(())
    })?;
    let wait = order.wait_ms.unwrap_or(PATIENCE);
    wait.until(&core, World::is_quiet).await;
    read(State(core)).await
}
