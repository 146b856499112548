//! Log lines on standard error, and panics among them.

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::config::{LogConfig, LogFormat, Problem};

/// Starts logging for the whole process.
///
/// # Errors
/// The filter is not in the filter syntax of `tracing-subscriber`.
///
/// # Panics
/// Logging was started before.
pub fn start(config: &LogConfig) -> Result<(), Problem> {
    let LogConfig { format, filter } = config;
    let filter = EnvFilter::try_new(filter).map_err(|_| {
        Problem::new(
            "RUST_LOG",
            format!("{filter:?}"),
            "a filter such as info or cogsmith=debug,warn",
        )
    })?;
    let registry = tracing_subscriber::registry().with(filter);
    match format {
        LogFormat::Pretty => registry
            .with(fmt::layer().with_writer(std::io::stderr))
            .init(),
        LogFormat::Json => registry
            .with(fmt::layer().json().with_writer(std::io::stderr))
            .init(),
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let text = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(place, "a panic was caught: {text}");
    }));
    Ok(())
}
