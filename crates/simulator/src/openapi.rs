//! The format gate: requests and answers held against Discord's own OpenAPI file.
//!
//! It works when the environment variable `DISCORD_OPENAPI` names that file, and costs nothing
//! otherwise. The file says more than any client library checks, but not everything: it knows no
//! state, and is lenient about contents. A request that was refused is not held against it, since
//! the refusal is the point; an answer always is. Where the file itself is wrong, it is corrected in
//! one place, with reasons.

#[cfg(feature = "openapi")]
mod corrections;
#[cfg(feature = "openapi")]
mod finding;
#[cfg(feature = "openapi")]
mod gate;
#[cfg(not(feature = "openapi"))]
#[path = "openapi/no_gate.rs"]
mod gate;

use std::sync::LazyLock;

use serde_json::Value;

pub(crate) use gate::Gate;

use crate::simulator::Simulator;

/// Names the file.
const VARIABLE: &str = "DISCORD_OPENAPI";

/// The gate of this process, or why there is none although there should be.
///
/// # Errors
/// The file cannot be read or understood.
pub(crate) fn gate() -> Result<Option<&'static Gate>, &'static str> {
    // A memo of a file that does not change, and of validators that follow from it: a schema takes
    // longer to compile than most tests take to run.
    static GATE: LazyLock<Option<Result<Gate, String>>> = LazyLock::new(|| {
        let path = std::env::var(VARIABLE)
            .ok()
            .filter(|path| !path.is_empty())?;
        Some(Gate::read(&path).map_err(|error| format!("{VARIABLE}={path}: {error}")))
    });
    match GATE.as_ref() {
        None => Ok(None),
        Some(Ok(gate)) => Ok(Some(gate)),
        Some(Err(error)) => Err(error),
    }
}

/// A request and its answer, as they went over the wire.
#[cfg_attr(
    not(feature = "openapi"),
    expect(dead_code, reason = "without a gate nobody reads it")
)]
pub(crate) struct Exchange<'a> {
    pub(crate) method: &'a str,
    /// Without the prefix: `channels/1/messages`.
    pub(crate) path: &'a str,
    /// `null` when there was none.
    pub(crate) request: &'a Value,
    pub(crate) is_multipart: bool,
    pub(crate) status: u16,
    pub(crate) answer: Option<&'a Value>,
}

impl Simulator {
    /// Where requests that were accepted, or answers, differ from Discord's OpenAPI file: operation,
    /// JSON path, what was expected and what was found. Each once. Empty unless the environment
    /// variable `DISCORD_OPENAPI` names that file.
    pub fn violations(&self) -> Vec<String> {
        self.read(|world| world.violations.clone())
    }
}
