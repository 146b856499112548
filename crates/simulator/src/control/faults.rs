//! Faults on demand: the next requests of bots fail, or are slow.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;

use crate::control::{Answer, read, wrong};
use crate::core::Core;
use crate::rest::fault::{FaultRule, Scope};

/// Longer ones are longer than any client waits.
const DELAY_MAX: u64 = 600_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    method: Option<String>,
    #[serde(default)]
    path: String,
    status: Option<u16>,
    code: Option<u32>,
    message: Option<String>,
    times: Option<u32>,
    #[serde(default)]
    delay_ms: u64,
    #[serde(default)]
    carried_out: bool,
    scope: Option<Scope>,
}

/// The faults that are not used up, the next one first.
pub(super) async fn list(State(core): State<Arc<Core>>) -> Answer {
    let rules: Vec<_> = core.read(|world| world.faults.iter().map(FaultRule::object).collect());
    Ok(Json(json!(rules)))
}

/// All but one of `status` and `delay_ms` may be left out: `method` and `path` then fit any request,
/// `times` is 1.
/// With `carried_out` the request has its effect, and only the answer is another. Without `status` the request is answered as always, but late.
pub(super) async fn add(State(core): State<Arc<Core>>, body: Bytes) -> Answer {
    let fault: Fault = read(&body)?;
    if fault.delay_ms > DELAY_MAX {
        return Err(wrong("delay_ms", "expected 0 to 600000").into());
    }
    if fault.times == Some(0) {
        return Err(wrong("times", "expected at least 1").into());
    }
    let has_error = fault.code.is_some() || fault.message.is_some();
    if fault.status.is_none() && has_error {
        let problem = "expected `status` with `code` and `message`";
        return Err(wrong("status", problem).into());
    }
    let delay = Duration::from_millis(fault.delay_ms);
    if fault.scope.is_some() && fault.status != Some(429) {
        return Err(wrong("scope", "expected `status` 429 with `scope`").into());
    }
    let mut rule = match fault.status {
        Some(status) if (200..600).contains(&status) => FaultRule::new(status).delay(delay),
        Some(_) => return Err(wrong("status", "expected an HTTP status, 200 to 599").into()),
        None if delay.is_zero() => {
            return Err(wrong("status", "expected `status`, `delay_ms` or both").into());
        }
        None => FaultRule::late(delay),
    };
    if let Some(method) = &fault.method {
        rule = rule.method(&method.to_uppercase());
    }
    if has_error {
        rule = rule.error(fault.code.unwrap_or(0), fault.message.as_deref());
    }
    if let Some(scope) = fault.scope {
        rule = rule.scope(scope);
    }
    let rule = rule.path(bare(&fault.path)).times(fault.times.unwrap_or(1));
    let rule = match fault.carried_out {
        true => rule.carried_out(),
        false => rule,
    };
    core.write(|world| world.faults.push(rule));
    list(State(core)).await
}

/// Forgets every fault.
pub(super) async fn clear(State(core): State<Arc<Core>>) -> Answer {
    core.write(|world| world.faults.clear());
    list(State(core)).await
}

/// Rules know paths without the prefix.
fn bare(path: &str) -> &str {
    let prefixes = ["/api/v10/", "/api/", "/"];
    let bare = prefixes.iter().find_map(|prefix| path.strip_prefix(prefix));
    bare.unwrap_or(path)
}
