//! Where the gateway is, and how many sessions may be started: the answer of `GET /gateway/bot`.

use std::time::Duration;

use serde::Deserialize;

use super::{Error, Options};
use crate::{config::Token, rest};

/// See Discord docs/Gateway/Get Gateway Bot.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Entry {
    /// Socket address, without a slash at the end.
    pub(super) url: String,
    /// The recommended number of shards.
    pub(super) shards: u32,
    #[serde(rename = "session_start_limit")]
    pub(super) limit: StartLimit,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct StartLimit {
    pub(super) total: u32,
    pub(super) remaining: u32,
    /// Milliseconds until `remaining` is `total` again.
    pub(super) reset_after: u64,
    /// How many shards may identify in the same five seconds.
    pub(super) max_concurrency: u16,
}

const TIME_LIMIT: Duration = Duration::from_secs(10);

type Failure = rest::Failure<Error>;

/// Asks the API where the gateway is.
pub(super) struct Ask {
    http: reqwest::Client,
    url: String,
    token: Token,
}

impl Ask {
    pub(super) fn new(http: reqwest::Client, options: &Options) -> Self {
        let base = options.api_url.as_deref().unwrap_or(rest::DISCORD);
        Self {
            http,
            url: format!("{}/api/v10/gateway/bot", base.trim_end_matches('/')),
            token: options.token.clone(),
        }
    }

    /// Asks until it is answered, for as long as the failure may pass.
    pub(super) async fn until_answered(&self) -> Result<Entry, Error> {
        let what = format!("asking {} for the gateway", self.url);
        rest::persist(&what, || self.once()).await
    }

    pub(super) async fn once(&self) -> Result<Entry, Failure> {
        let authorization = format!("Bot {}", self.token.expose());
        let request = self
            .http
            .get(&self.url)
            .header("Authorization", authorization)
            .timeout(TIME_LIMIT);
        let answer = request
            .send()
            .await
            .map_err(|error| Failure::passing(reason(&error)))?;
        let status = answer.status();
        let asked = answer.headers().get("Retry-After");
        let wait = asked.and_then(|wait| wait.to_str().ok()?.parse().ok());
        let wait = Duration::from_secs(wait.unwrap_or(0));
        let body = answer
            .text()
            .await
            .map_err(|error| Failure::passing(reason(&error)))?;
        read(&self.url, status.as_u16(), wait, &body)
    }
}

fn read(url: &str, status: u16, wait: Duration, body: &str) -> Result<Entry, Failure> {
    let unexpected = |problem: String| {
        Failure::Lasting(Error::Answer {
            url: url.to_owned(),
            problem,
        })
    };
    match status {
        200 => {}
        401 => return Err(Failure::Lasting(Error::TokenRefused)),
        429 | 500.. => {
            let reason = format!("status {status}");
            return Err(Failure::Passing { reason, wait });
        }
        status => return Err(unexpected(format!("status {status}, expected 200"))),
    }
    let mut entry: Entry = serde_json::from_str(body).map_err(|error| {
        unexpected(format!(
            "{error}, expected url, shards and session_start_limit"
        ))
    })?;
    entry.url.truncate(entry.url.trim_end_matches('/').len());
    if is_gateway(&entry.url) {
        return Ok(entry);
    }
    Err(unexpected(format!(
        "the gateway's address {:?}, expected ws:// or wss://",
        entry.url
    )))
}

/// Whether a socket can be opened to this address.
pub(super) fn is_gateway(url: &str) -> bool {
    let url = reqwest::Url::parse(url);
    url.is_ok_and(|url| matches!(url.scheme(), "ws" | "wss") && url.has_host())
}

/// The whole chain of causes: reqwest's own sentence only says that sending failed.
fn reason(error: &reqwest::Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://127.0.0.1:1/api/v10/gateway/bot";

    fn check(status: u16, body: &str, expected: &str) {
        let found = match read(URL, status, Duration::from_secs(7), body) {
            Ok(entry) => format!("{} {} {}", entry.url, entry.shards, entry.limit.remaining),
            Err(Failure::Passing { reason, wait }) => format!("again after {wait:?}: {reason}"),
            Err(Failure::Lasting(error)) => error.to_string(),
        };
        assert_eq!(found, expected);
    }

    fn body(url: &str) -> String {
        let limit = r#"{"total":1000,"remaining":999,"reset_after":0,"max_concurrency":1}"#;
        format!(r#"{{"url":"{url}","shards":2,"session_start_limit":{limit}}}"#)
    }

    #[test]
    fn an_answer_is_an_entry_or_names_what_was_expected() {
        check(200, &body("ws://127.0.0.1:9/"), "ws://127.0.0.1:9 2 999");
        check(
            200,
            &body("wss://gateway.discord.gg"),
            "wss://gateway.discord.gg 2 999",
        );
        let wrong = format!(
            "unexpected answer of {URL}: the gateway's address \"http://a\", expected ws:// or wss://"
        );
        check(200, &body("http://a"), &wrong);
        check(
            401,
            "",
            "the token was refused, expected the token of a bot that still exists",
        );
        check(
            403,
            "",
            &format!("unexpected answer of {URL}: status 403, expected 200"),
        );
        check(429, "", "again after 7s: status 429");
        check(502, "", "again after 7s: status 502");
    }
}
