//! When a request may be sent: per bucket, as Discord's headers tell, and in all.

use std::time::{Duration, Instant};

use axum::http::{HeaderName, HeaderValue, Method};
use parking_lot::Mutex;
use tokio::time::{sleep_until, timeout_at};
use twilight_http_ratelimiting::{
    Bucket, Endpoint, Method as EndpointMethod, Permit, RateLimitHeaders, RateLimiter,
};

use super::{
    answer::{Answer, FARTHEST, Refusal, Scope},
    patience::Patience,
    route::Route,
};

/// The bucket of a 429 that names none.
const UNNAMED: &[u8] = b"unnamed";

/// The limits of one bot.
pub(super) struct Limits {
    buckets: RateLimiter,
    /// Until when a global 429 holds everything back.
    held: Mutex<Instant>,
}

/// The right to send one request. Dropped unused, it gives its place back.
pub(super) struct Place(Option<Permit>);

impl Limits {
    pub(super) fn new() -> Self {
        Self {
            buckets: RateLimiter::default(),
            held: Mutex::new(Instant::now()),
        }
    }

    /// Waits until a request may be sent; `None` when that is later than `patience` allows.
    pub(super) async fn place(&self, route: &Route, patience: &Patience) -> Option<Place> {
        if route.is_callback {
            return Some(Place(None));
        }
        timeout_at(patience.deadline, self.wait(route, patience))
            .await
            .ok()
            .flatten()
    }

    async fn wait(&self, route: &Route, patience: &Patience) -> Option<Place> {
        let deadline = patience.deadline.into_std();
        let in_time = move |bucket: Option<Bucket>| {
            bucket.is_none_or(|bucket| bucket.remaining > 0 || bucket.reset_at <= deadline)
        };
        let Some(endpoint) = endpoint(route) else {
            return Some(Place(None));
        };
        loop {
            let held = *self.held.lock();
            if route.counts_globally() && held > Instant::now() {
                if held > deadline {
                    return None;
                }
                sleep_until(held.into()).await;
                continue;
            }
            let permit = self.buckets.acquire_if(endpoint.clone(), in_time).await?;
            // The hold may have begun while the bucket was waited for.
            if !route.counts_globally() || *self.held.lock() <= Instant::now() {
                return Some(Place(Some(permit)));
            }
        }
    }

    /// There was no answer to learn from: frees the bucket for the next request.
    pub(super) fn lost(place: Place) {
        if let Place(Some(permit)) = place {
            permit.complete(None);
        }
    }

    /// Learns from the answer, and frees the bucket for the next request.
    pub(super) fn learn(&self, place: Place, answer: &Answer) {
        let refusal = answer.refusal();
        if let Some(Refusal {
            scope: Scope::Global,
            wait,
        }) = refusal
        {
            let until = Instant::now() + wait;
            let mut held = self.held.lock();
            *held = until.max(*held);
        }
        if let Place(Some(permit)) = place {
            permit.complete(told(answer, refusal));
        }
    }
}

/// Methods that Discord has no limits for, having no routes for them, are sent as they come.
fn endpoint(route: &Route) -> Option<Endpoint> {
    let method = match route.method {
        Method::DELETE => EndpointMethod::Delete,
        Method::GET => EndpointMethod::Get,
        Method::PATCH => EndpointMethod::Patch,
        Method::POST => EndpointMethod::Post,
        Method::PUT => EndpointMethod::Put,
        _ => return None,
    };
    let path = route.path.clone();
    Some(Endpoint { method, path })
}

/// What the headers say of the bucket; a 429 of the bucket empties it, whatever they say, named or not.
fn told(answer: &Answer, refusal: Option<Refusal>) -> Option<RateLimitHeaders> {
    let name = |name| HeaderName::from_static(name);
    let bucket = answer.headers.get(RateLimitHeaders::BUCKET);
    if let Some(Refusal {
        scope: Scope::Bucket,
        wait,
    }) = refusal
    {
        return Some(RateLimitHeaders {
            bucket: bucket.map_or(UNNAMED, HeaderValue::as_bytes).to_vec(),
            limit: 0,
            remaining: 0,
            reset_at: Instant::now() + wait,
        });
    }
    let bucket = bucket?.as_bytes();
    let limit = answer.number(&name(RateLimitHeaders::LIMIT))?;
    let remaining = answer.number(&name(RateLimitHeaders::REMAINING))?;
    let reset = answer.number(&name(RateLimitHeaders::RESET_AFTER))?;
    let reset = Duration::try_from_secs_f64(reset).ok()?.min(FARTHEST);
    Some(RateLimitHeaders {
        bucket: bucket.to_vec(),
        limit: count(limit),
        remaining: count(remaining),
        reset_at: Instant::now() + reset,
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "such a cast saturates"
)]
fn count(number: f64) -> u16 {
    number as u16
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Bytes,
        http::{HeaderMap, StatusCode},
    };

    use super::*;
    use crate::{config::RestConfig, rest::route::Request};

    fn route(channel: u64) -> Route {
        Route::of(&Request {
            method: Method::GET,
            path: format!("/api/v10/channels/{channel}"),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        })
    }

    fn answer(status: StatusCode, headers: &[(&'static str, &'static str)], body: &str) -> Answer {
        let mut answer = Answer::ours(status, "");
        answer.body = Bytes::copy_from_slice(body.as_bytes());
        for (name, value) in headers {
            answer.headers.insert(*name, value.parse().unwrap());
        }
        answer
    }

    async fn place(limits: &Limits, channel: u64) -> Option<Place> {
        let route = route(channel);
        let patience = Patience::new(&route, &RestConfig::default());
        limits.place(&route, &patience).await
    }

    #[tokio::test]
    async fn a_limit_for_longer_than_anybody_lives_holds_back_its_bucket_alone() {
        let via = ("via", "1.1 google");
        let bucket = ("x-ratelimit-bucket", "b");
        let full = [
            via,
            bucket,
            ("x-ratelimit-limit", "5"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset-after", "1e18"),
        ];
        let refused = r#"{"retry_after":1e18,"global":false}"#;
        for answer in [
            answer(StatusCode::OK, &full, "{}"),
            answer(StatusCode::TOO_MANY_REQUESTS, &[via, bucket], refused),
            answer(StatusCode::TOO_MANY_REQUESTS, &[via], refused),
        ] {
            let limits = Limits::new();
            let first = place(&limits, 1).await.unwrap();
            limits.learn(first, &answer);
            for _ in 0..2 {
                assert!(place(&limits, 1).await.is_none(), "{answer:?}");
                assert!(place(&limits, 2).await.is_some(), "{answer:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_global_limit_for_longer_than_anybody_lives_refuses_everything_at_once() {
        let limits = Limits::new();
        let first = place(&limits, 1).await.unwrap();
        let refused = r#"{"retry_after":1e19,"global":true}"#;
        limits.learn(first, &answer(StatusCode::TOO_MANY_REQUESTS, &[], refused));
        assert!(place(&limits, 2).await.is_none());
    }
}
