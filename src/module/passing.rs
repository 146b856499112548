//! Which failures of Discord and of the database pass by themselves, so that a task tries again.
//!
//! Discord says of 429 and 5xx that the request may be made again (docs/Topics/Rate Limits and
//! docs/Topics/Opcodes and Status Codes); any other refusal would only be repeated.

use serenity::http::{HttpError, StatusCode};

use crate::{error::Error, store};

pub(crate) fn passes(error: &Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<serenity::Error>()
            .is_some_and(discord_passes)
            || cause
                .downcast_ref::<reqwest::Error>()
                .is_some_and(request_passes)
            || cause
                .downcast_ref::<store::Error>()
                .is_some_and(store::Error::passes)
    })
}

/// The status of Discord's answer, when that is the cause.
pub(crate) fn status(error: &Error) -> Option<StatusCode> {
    let mut causes = error.chain();
    causes.find_map(|cause| match cause.downcast_ref::<serenity::Error>()? {
        serenity::Error::Http(error) => error.status_code(),
        _ => None,
    })
}

fn discord_passes(error: &serenity::Error) -> bool {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => {
            status_passes(response.status_code)
        }
        serenity::Error::Http(HttpError::Request(error)) => request_passes(error),
        _ => false,
    }
}

fn request_passes(error: &reqwest::Error) -> bool {
    error.is_timeout()
        || error.is_connect()
        || error.is_request()
        || error.status().is_some_and(status_passes)
}

fn status_passes(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[track_caller]
    fn check(error: impl Into<Error>, expected: bool) {
        let error = error.into();
        assert_eq!(passes(&error), expected, "{error:#}");
    }

    #[test]
    fn statuses_pass_as_discord_says() {
        let passing = [429, 500, 502, 503, 504].map(|code| (code, true));
        let lasting = [400, 401, 403, 404, 405].map(|code| (code, false));
        for (code, expected) in passing.into_iter().chain(lasting) {
            let status = StatusCode::from_u16(code).unwrap();
            assert_eq!(status_passes(status), expected, "{status}");
        }
    }

    #[test]
    fn the_cause_is_found_under_what_was_being_done() {
        let busy = || store::Error::Query(std::io::Error::other("reset").into());
        check(Err::<(), _>(busy()).context("writing").unwrap_err(), true);
        check(anyhow::anyhow!("no such guild"), false);
    }
}
