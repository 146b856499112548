//! The clock: read it, and let it run ahead.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::json;

use crate::control::{Answer, wrong};
use crate::core::Core;
use crate::payload::timestamp;
use crate::world::World;

/// 100 years: Discord's ids end not long after.
const AHEAD_MAX: Duration = Duration::from_secs(36_500 * 24 * 60 * 60);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    seconds: Option<f64>,
    until: Option<DateTime<Utc>>,
}

pub(super) async fn read(State(core): State<Arc<Core>>) -> Answer {
    Ok(Json(json!({ "now": timestamp(core.read(World::now)) })))
}

/// `{"seconds": 90}` or `{"until": "2026-03-02T09:00:00Z"}`, forward only.
pub(super) async fn forward(State(core): State<Arc<Core>>, body: Bytes) -> Answer {
    let order: Move = super::read(&body)?;
    let by = match (order.seconds, order.until) {
        (Some(seconds), None) => Duration::try_from_secs_f64(seconds).ok(),
        (None, Some(until)) => (until - core.read(World::now)).to_std().ok(),
        _ => return Err(wrong("seconds", "expected either `seconds` or `until`").into()),
    };
    let by = by.filter(|by| *by <= AHEAD_MAX);
    let by = by.ok_or_else(|| wrong("seconds", "expected 0 s to 100 years, forward"))?;
    core.write(|world| world.advance(TimeDelta::from_std(by).unwrap_or_default()));
    read(State(core)).await
}
