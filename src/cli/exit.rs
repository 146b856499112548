//! How an ending is told: one message on standard error, and a code for scripts.

use std::process::ExitCode;

use cogsmith_tasks::ErrorChain;

use super::{
    deadline::TimedOut,
    help,
    stop::{Interrupted, Stopped},
};
use crate::{
    config::{LogFormat, Problem, Problems},
    discord::RestError,
    error::Error,
    gateway,
    job::Panicked,
    telemetry,
};

pub(super) fn failed(error: &Error, format: LogFormat) -> ExitCode {
    if let Some(misuse) = error.downcast_ref::<clap::Error>() {
        return misused(misuse, format);
    }
    let code = code(error);
    telemetry::say_last(format, &ErrorChain(error).to_string(), code);
    ExitCode::from(code)
}

/// The arguments are wrong, or help was asked for.
pub(super) fn misused(error: &clap::Error, format: LogFormat) -> ExitCode {
    let code = u8::try_from(error.exit_code()).unwrap_or(2);
    if format == LogFormat::Pretty || !error.use_stderr() {
        help::write(error);
    } else {
        telemetry::say_last(format, error.to_string().trim_end(), code);
    }
    ExitCode::from(code)
}

fn code(error: &Error) -> u8 {
    if error.is::<Problems>() || error.is::<Problem>() {
        return 2;
    }
    if let Some(interrupted) = error.downcast_ref::<Interrupted>() {
        return interrupted.code;
    }
    if let Some(stopped) = error.downcast_ref::<Stopped>() {
        return stopped.code;
    }
    if error.is::<TimedOut>() {
        return 5;
    }
    if error.is::<Panicked>() {
        return 101;
    }
    match (
        error.downcast_ref::<RestError>(),
        error.downcast_ref::<gateway::Error>(),
    ) {
        (Some(RestError::TokenRefused), _) | (_, Some(gateway::Error::TokenRefused)) => 3,
        (_, Some(error)) if error.is_about_intents() => 4,
        (_, Some(gateway::Error::NoSessionsLeft { .. })) => 6,
        (_, Some(gateway::Error::Dead { .. })) => 70,
        _ => 1,
    }
}
