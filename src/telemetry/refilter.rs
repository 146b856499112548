//! The filter of the log, which can be changed while the process runs.

use std::sync::OnceLock;

use tracing::warn;
use tracing_subscriber::{
    EnvFilter, Registry,
    reload::{Handle, Layer},
};

use crate::config::Variables;

/// Of the one log that a process has.
static HELD: OnceLock<Handle<EnvFilter, Registry>> = OnceLock::new();

/// Holds on to the filter that the log is started with.
pub(super) fn held(filter: EnvFilter) -> Layer<EnvFilter, Registry> {
    let (layer, handle) = Layer::new(filter);
    // Logging is started once.
    let _ = HELD.set(handle);
    layer
}

/// Filters as `RUST_LOG` says in `variables`; a filter that is none changes nothing. Either is told in the log, as far
/// as the filter of before lets it through.
pub fn refilter(variables: &Variables) {
    let text = variables.log_filter();
    let filter = match super::filter(text) {
        Ok(filter) => filter,
        Err(problem) => return warn!("the log's filter stays as it is: {problem}"),
    };
    let Some(held) = HELD.get() else { return };
    warn!("the log's filter is {text:?} from here on");
    if let Err(error) = held.reload(filter) {
        warn!("the log's filter stays as it is: {error}");
    }
}
