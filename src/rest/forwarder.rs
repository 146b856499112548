//! Sends a request to Discord, as often as it takes and is safe.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use tokio::time::sleep;
use tracing::{debug, warn};

use super::{
    Brake, DISCORD,
    answer::{Answer, Refusal},
    limits::Limits,
    patience::{self, Patience},
    promise::Promises,
    route::{Request, Route},
};
use crate::config::{RestConfig, Token};

/// Of serenity's headers those that Discord shall see; authorization is our own.
const PASSED_ON: [HeaderName; 2] = [
    header::CONTENT_TYPE,
    HeaderName::from_static("x-audit-log-reason"),
];

/// The one sender of requests. It knows one address, follows no redirect, and sends the token nowhere else.
pub(crate) struct Forwarder {
    client: reqwest::Client,
    base: String,
    token: Token,
    config: RestConfig,
    limits: Limits,
    brake: Brake,
    pub(super) promises: Promises,
}

/// What became of one attempt.
enum Attempt {
    Answered(Answer),
    /// The request may or may not have been carried out.
    Lost(String),
    /// There was no connection: nothing was carried out.
    Unsent(String),
    /// Its turn would come too late.
    TooLate,
}

impl Forwarder {
    /// Sends to `api_url`, or to Discord itself, through `client`, which must not follow redirects.
    pub(crate) fn new(
        client: reqwest::Client,
        token: Token,
        api_url: Option<&str>,
        config: RestConfig,
        brake: Brake,
    ) -> Self {
        Self {
            client,
            base: api_url.unwrap_or(DISCORD).trim_end_matches('/').to_owned(),
            token,
            config,
            limits: Limits::new(),
            brake,
            promises: Promises::default(),
        }
    }

    /// Discord's answer to the last attempt, or one of our own when there was none.
    pub(super) async fn carry(&self, request: &Request) -> Answer {
        let route = Route::of(request);
        let mut patience = Patience::new(&route, &self.config);
        let mut may_be_done = false;
        loop {
            let mut attempt = self.attempt(request, &route, &patience).await;
            let pause = match &attempt {
                Attempt::TooLate => None,
                Attempt::Unsent(_) => patience.failed(),
                Attempt::Lost(_) => again(&route, &mut patience),
                Attempt::Answered(answer) => match answer.refusal() {
                    Some(refusal) => {
                        let pause = refused(&route, &mut patience, refusal);
                        if pause.is_none() {
                            attempt = Attempt::TooLate;
                        }
                        pause
                    }
                    None if answer.status.is_server_error() => again(&route, &mut patience),
                    None if may_be_done && was_done(&route, answer) => return Answer::done(),
                    None => None,
                },
            };
            let Some(pause) = pause else {
                return self.concluded(attempt);
            };
            debug!(
                "{} {}: {attempt}, again in {pause:?}",
                route.method, route.path
            );
            may_be_done |= attempt.may_be_done();
            sleep(pause).await;
        }
    }

    async fn attempt(&self, request: &Request, route: &Route, patience: &Patience) -> Attempt {
        let Some(place) = self.limits.place(route, patience).await else {
            return Attempt::TooLate;
        };
        let _admitted = match route.answers_interaction() {
            true => None,
            false => Some(self.brake.admit().await),
        };
        match self
            .send(
                request,
                patience::of_one(route, &request.body, &self.config),
            )
            .await
        {
            Ok(answer) => {
                self.limits.learn(place, &answer);
                self.brake.note(&answer);
                Attempt::Answered(answer)
            }
            Err(error) => {
                Limits::lost(place);
                match error.is_connect() {
                    true => Attempt::Unsent(reason(error)),
                    false => Attempt::Lost(reason(error)),
                }
            }
        }
    }

    fn concluded(&self, attempt: Attempt) -> Answer {
        match attempt {
            Attempt::Answered(answer) => answer,
            Attempt::TooLate => Answer::limited(self.config.max_rate_limit),
            Attempt::Lost(reason) | Attempt::Unsent(reason) => {
                let message = format!("Discord could not be reached: {reason}");
                Answer::ours(StatusCode::BAD_GATEWAY, &message)
            }
        }
    }

    async fn send(&self, request: &Request, limit: Duration) -> reqwest::Result<Answer> {
        let url = format!("{}{}", self.base, request.path);
        let authorization = format!("Bot {}", self.token.expose());
        let answer = self
            .client
            .request(request.method.clone(), url)
            .headers(passed_on(&request.headers))
            .header(header::AUTHORIZATION, authorization)
            .header(header::CONTENT_LENGTH, request.body.len())
            .body(request.body.clone())
            .timeout(limit)
            .send()
            .await?;
        Ok(Answer {
            status: answer.status(),
            headers: answer.headers().clone(),
            body: answer.bytes().await?,
        })
    }
}

impl Attempt {
    fn may_be_done(&self) -> bool {
        match self {
            Self::Lost(_) => true,
            Self::Answered(answer) => answer.status.is_server_error(),
            Self::Unsent(_) | Self::TooLate => false,
        }
    }
}

impl std::fmt::Display for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Answered(answer) => write!(f, "status {}", answer.status),
            Self::Lost(reason) | Self::Unsent(reason) => f.write_str(reason),
            Self::TooLate => f.write_str("limited for too long"),
        }
    }
}

/// Whether an answer to a repetition says that an earlier attempt was carried out.
fn was_done(route: &Route, answer: &Answer) -> bool {
    let is_gone = route.leaves_nothing() && answer.status == StatusCode::NOT_FOUND;
    is_gone || route.is_callback && answer.says_already_acknowledged()
}

fn again(route: &Route, patience: &mut Patience) -> Option<Duration> {
    route.is_repeatable.then(|| patience.failed()).flatten()
}

fn refused(route: &Route, patience: &mut Patience, refusal: Refusal) -> Option<Duration> {
    let Refusal { scope, wait } = refusal;
    let (method, path) = (&route.method, &route.path);
    warn!("Discord refused {method} {path} for {wait:.1?} (429, {scope:?})");
    patience.refused(wait)
}

fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let named = |name: HeaderName| Some((name.clone(), headers.get(&name)?.clone()));
    PASSED_ON.into_iter().filter_map(named).collect()
}

/// The last cause, without the address, in which an interaction's token may stand.
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let causes = std::iter::successors(std::error::Error::source(&error), |cause| cause.source());
    causes
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Bytes, http::Method, routing::any};
    use chrono::DateTime;
    use cogsmith_tasks::{Clock, mins};
    use futures_util::FutureExt;

    use super::*;

    fn request(path: &str) -> Request {
        Request {
            method: Method::POST,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    #[tokio::test]
    async fn behind_the_brake_only_answers_to_interactions_are_sent() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let refuse = any(|| async { StatusCode::FORBIDDEN });
        let router = Router::new().fallback_service(refuse);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        let brake = Brake::at(1, clock.clone());
        let (client, token, rest) = (
            reqwest::Client::new(),
            Token::new("t"),
            RestConfig::default(),
        );
        let forwarder = Forwarder::new(client, token, Some(&url), rest, brake.clone());

        let bulk = request("/api/v10/channels/1/messages");
        let refused = forwarder.carry(&bulk).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(brake.invalid_requests().is_braking);
        let mut waits = std::pin::pin!(forwarder.carry(&bulk));
        assert!(waits.as_mut().now_or_never().is_none());
        for path in [
            "/api/v10/interactions/1/t/callback",
            "/api/v10/webhooks/1/t",
        ] {
            let sent = forwarder.carry(&request(path)).await;
            assert_eq!(sent.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert!(waits.as_mut().now_or_never().is_none());
        assert_eq!(brake.invalid_requests().count, 3);
        clock.advance(mins(11));
        assert_eq!(waits.await.status, StatusCode::FORBIDDEN);
        assert_eq!(brake.invalid_requests().count, 1);
    }
}
