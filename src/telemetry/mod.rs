//! Log lines on standard error, panics and the last words of the process among them.

mod ending;
mod refilter;
mod scrub;

use std::io::{Stderr, stderr};

use tracing::{Metadata, Span, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, filter_fn},
    fmt,
    prelude::*,
};

pub(crate) use scrub::Scrubbed;

use crate::config::{LogFormat, Problem, Problems, Variables, is_coloured};

pub use ending::say_last;
pub use refilter::refilter;

use refilter::held;

/// They speak of themselves at `info`: six lines a start, and one for each rate limit that is reached.
const TALKATIVE: [&str; 3] = [
    "serenity",
    "tokio_cron_scheduler",
    "twilight_http_ratelimiting",
];

/// Starts logging for the whole process, as `LOG_FORMAT` and `RUST_LOG` say, and tells of names that look
/// like settings and are none.
///
/// # Errors
/// One is wrong: its default serves, so that what else is said is heard.
///
/// # Panics
/// Logging was started before.
pub fn start(variables: &Variables) -> Result<(), Problems> {
    let mut problems = Problems::default();
    let format = problems.keep(LogFormat::read(variables));
    let filter = problems.keep(filter(variables.log_filter()));
    let lines = fmt::layer().with_writer(writer);
    let lines = match format.unwrap_or(LogFormat::Pretty) {
        LogFormat::Pretty => lines.with_ansi(is_coloured(&stderr())).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let filter = held(filter.unwrap_or_else(|| EnvFilter::new("info")));
    // A line that is written says whose it is, whatever the filter leaves out.
    let filter = filter.or(filter_fn(is_of_bot).with_max_level_hint(LevelFilter::ERROR));
    let filter = filter.and(filter_fn(is_free_of_secrets).with_max_level_hint(LevelFilter::TRACE));
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .init();
    log_panics();
    for unknown in variables.unknown() {
        tracing::warn!("{unknown}");
    }
    problems.into_result()
}

fn filter(text: &str) -> Result<EnvFilter, Problem> {
    EnvFilter::try_new(quieted(text)).map_err(|_| {
        let expected = "a filter such as info or cogsmith=debug,warn";
        Problem::quoting("RUST_LOG", text, expected)
    })
}

/// A plain `info` asks for what the bot does; what a library says of itself is asked for by its name.
fn quieted(text: &str) -> String {
    let is_plain = text
        .split(',')
        .any(|part| part.trim().eq_ignore_ascii_case("info"));
    let mut quieted = text.to_owned();
    for library in TALKATIVE
        .iter()
        .filter(|library| is_plain && !text.contains(**library))
    {
        quieted.extend([",", library, "=warn"]);
    }
    quieted
}

/// What the lines of one bot among several say of it: `bot.name`.
pub(crate) fn bot(name: &str) -> Span {
    tracing::error_span!("bot", bot.name = %name)
}

fn is_of_bot(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.name() == "bot" && metadata.target() == module_path!()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn info_leaves_out_what_a_library_says_of_itself_unless_the_filter_names_it() {
        let (cron, limits) = (
            ",serenity=warn,tokio_cron_scheduler=warn",
            ",twilight_http_ratelimiting=warn",
        );
        let named = "info,serenity=info,tokio_cron_scheduler=info";
        for (given, used) in [
            ("info", &*format!("info{cron}{limits}")),
            ("INFO, sqlx=warn", &format!("INFO, sqlx=warn{cron}{limits}")),
            (named, &format!("{named}{limits}")),
            ("debug", "debug"),
            ("off", "off"),
            ("cogsmith=info", "cogsmith=info"),
        ] {
            assert_eq!(quieted(given), used);
        }
    }
}
