//! How an ending is told: one message on standard error, and a code for scripts.

use std::process::ExitCode;

use cogsmith_tasks::ErrorChain;

use super::{
    deadline::TimedOut,
    help,
    stop::{Interrupted, Stopped},
};
use crate::{
    bots::{self, Failed},
    config::{LogFormat, Problem, Problems},
    discord::RestError,
    error::Error,
    gateway, job, telemetry,
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
        if let Err(error) = help::write(error) {
            return failed(&error, format);
        }
    } else {
        telemetry::say_last(format, error.to_string().trim_end(), code);
    }
    ExitCode::from(code)
}

/// From the best to the worst: from what passes by itself to what somebody must mend.
const SEVERITY: [u8; 8] = [0, 6, 70, 1, 101, 4, 3, 2];

/// Of several bots the worst.
fn worst(failed: &Failed) -> u8 {
    let severity = |code: &u8| SEVERITY.iter().position(|it| it == code);
    let codes = failed.errors().map(code);
    codes.max_by_key(severity).unwrap_or(1)
}

fn code(error: &Error) -> u8 {
    if let Some(failed) = error.downcast_ref() {
        return worst(failed);
    }
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
    if error.is::<bots::Panicked>() || error.is::<job::Panicked>() {
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
