//! Log lines on standard error, and panics among them.

mod scrub;

use std::io::{IsTerminal, Stderr, stderr};

use tracing::Metadata;
use tracing_subscriber::{EnvFilter, Layer, filter::filter_fn, fmt, prelude::*};

pub(crate) use scrub::Scrubbed;

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
        let expected = "a filter such as info or cogsmith=debug,warn";
        Problem::new("RUST_LOG", format!("{filter:?}"), expected)
    })?;
    let lines = fmt::layer().with_writer(writer);
    let lines = match format {
        LogFormat::Pretty => lines.with_ansi(stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let lines = lines.with_filter(filter_fn(is_free_of_secrets));
    tracing_subscriber::registry()
        .with(lines)
        .with(filter)
        .init();
    log_panics();
    Ok(())
}

/// Serenity's spans hold whole requests, and with them the tokens that answer interactions.
pub(crate) fn is_free_of_secrets(metadata: &Metadata<'_>) -> bool {
    !(metadata.is_span() && metadata.target().starts_with("serenity"))
}

fn writer() -> Scrubbed<Stderr> {
    Scrubbed(stderr())
}

fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let text = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(place, "a panic was caught: {text}");
    }));
}
