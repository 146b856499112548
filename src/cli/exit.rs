//! How an ending is told: one message on standard error, and a code for scripts.

use std::process::ExitCode;

use cogsmith_tasks::ErrorChain;

use crate::{config::Problems, discord::RestError, error::Error, gateway};

pub(super) fn failed(error: &Error) -> ExitCode {
    #[expect(
        clippy::print_stderr,
        reason = "the last word of the process, seen whatever the log filter"
    )]
    {
        eprintln!("cogsmith: {}", ErrorChain(error));
    }
    ExitCode::from(code(error))
}

fn code(error: &Error) -> u8 {
    if error.is::<Problems>() {
        return 2;
    }
    match (
        error.downcast_ref::<RestError>(),
        error.downcast_ref::<gateway::Error>(),
    ) {
        (Some(RestError::TokenRefused), _) | (_, Some(gateway::Error::TokenRefused)) => 3,
        (_, Some(error)) if error.is_about_intents() => 4,
        _ => 1,
    }
}
