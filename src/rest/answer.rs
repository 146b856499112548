//! An answer, Discord's or our own.

use std::time::Duration;

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, StatusCode, header},
};
use serde::Deserialize;
use serde_json::json;

use crate::error::RateLimited;

/// Discord's code for an interaction that was answered before.
const ALREADY_ACKNOWLEDGED: u32 = 40_060;

/// As far as a limit is believed: timers have an end, and nobody here waits so long.
pub(super) const FARTHEST: Duration = Duration::from_hours(24);

/// What came back, whole.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Whom a 429 holds back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// This bucket.
    Bucket,
    /// Everything the bot asks.
    Global,
}

/// How long a 429 asks to wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) scope: Scope,
    pub(super) wait: Duration,
}

/// The body of a 429, or of another error.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    code: u32,
    retry_after: Option<f64>,
    global: bool,
}

impl Answer {
    /// An answer of our own, in the form of Discord's errors.
    pub(super) fn ours(status: StatusCode, message: &str) -> Self {
        Self::with_code(status, 0, message)
    }

    /// The limit of a request is not lifted in time; known again by [`RateLimited::of`].
    pub(super) fn limited(most: Duration) -> Self {
        let message = format!("Discord's limit for this is not lifted within {most:?}");
        Self::with_code(StatusCode::TOO_MANY_REQUESTS, RateLimited::CODE, &message)
    }

    fn with_code(status: StatusCode, code: i32, message: &str) -> Self {
        let body = json!({ "code": code, "message": message }).to_string();
        let mut headers = HeaderMap::new();
        let json = header::HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json);
        Self {
            status,
            headers,
            body: body.into(),
        }
    }

    /// Done, and nothing to say about it.
    pub(super) fn done() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    /// What a 429 says. One that did not come by way of Discord's own proxy (`Via`) bars the whole address.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        if self.status != StatusCode::TOO_MANY_REQUESTS {
            return None;
        }
        let told = self.told();
        let is_global = told.global
            || self.headers.contains_key("x-ratelimit-global")
            || !self.headers.contains_key(header::VIA);
        let seconds = told.retry_after.or(self.number(&header::RETRY_AFTER));
        let wait = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Some(Refusal {
            scope: if is_global {
                Scope::Global
            } else {
                Scope::Bucket
            },
            wait: wait.map_or(Duration::from_secs(1), |wait| wait.min(FARTHEST)),
        })
    }

    pub(super) fn says_already_acknowledged(&self) -> bool {
        self.status.is_client_error() && self.told().code == ALREADY_ACKNOWLEDGED
    }

    pub(super) fn number(&self, name: &HeaderName) -> Option<f64> {
        self.headers.get(name)?.to_str().ok()?.trim().parse().ok()
    }

    fn told(&self) -> Told {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        via: bool,
        headers: &[(&'static str, &'static str)],
        body: &str,
        expected: (Scope, u64),
    ) {
        let mut answer = Answer::ours(StatusCode::TOO_MANY_REQUESTS, "");
        answer.body = Bytes::copy_from_slice(body.as_bytes());
        let via = via.then_some(("via", "1.1 google"));
        for (name, value) in via.iter().chain(headers) {
            answer.headers.insert(*name, value.parse().unwrap());
        }
        let (scope, milliseconds) = expected;
        let wait = Duration::from_millis(milliseconds);
        assert_eq!(answer.refusal(), Some(Refusal { scope, wait }), "{body}");
    }

    #[test]
    fn a_429_says_whom_it_holds_back_and_for_how_long() {
        let bucket = r#"{"retry_after":0.25,"global":false}"#;
        check(true, &[("retry-after", "1")], bucket, (Scope::Bucket, 250));
        let global = r#"{"retry_after":2.5,"global":true}"#;
        check(true, &[], global, (Scope::Global, 2_500));
        check(
            true,
            &[("x-ratelimit-global", "true")],
            bucket,
            (Scope::Global, 250),
        );
        check(
            false,
            &[("retry-after", "60")],
            "<html>",
            (Scope::Global, 60_000),
        );
        check(
            true,
            &[],
            r#"{"retry_after":1e19}"#,
            (Scope::Bucket, 86_400_000),
        );
        check(true, &[], r#"{"retry_after":-1}"#, (Scope::Bucket, 1_000));
    }
}
