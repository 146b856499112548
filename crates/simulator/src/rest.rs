//! REST: one request in, one operation of the world, one answer out.
//!
//! Requests are handled one after the other under the world's lock, without awaiting anything, so
//! each is a transaction. What is not in the table of [`routes`] is a gap: 501, logged, remembered.

pub(crate) mod applications;
pub(crate) mod call;
pub(crate) mod channels;
pub(crate) mod commands;
mod embeds;
pub(crate) mod fault;
pub(crate) mod fields;
pub(crate) mod form;
pub(crate) mod guilds;
pub(crate) mod interactions;
pub(crate) mod journal;
pub(crate) mod messages;
pub(crate) mod routes;
pub(crate) mod users;
pub(crate) mod webhooks;

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, header};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::core::Core;
use crate::error_codes::ApiError;
use crate::rest::call::{Answer, Call};
use crate::world::World;

/// Discord refuses larger bodies too.
const BODY_MAX: usize = 25 * 1024 * 1024;
/// How long after a request its bucket is full again, in milliseconds.
const REFILL_MS: i64 = 20;

/// Prefixes under which the API answers.
const PREFIXES: [&str; 2] = ["/api/v10/", "/api/"];

/// Answers a request for any path under `/api`.
pub(crate) async fn handle(State(core): State<Arc<Core>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let rest = PREFIXES.iter().find_map(|prefix| path.strip_prefix(prefix));
    let rest = rest.unwrap_or(path.trim_start_matches('/'));
    let mut call = Call {
        method: parts.method.as_str().to_owned(),
        path: rest.trim_end_matches('/').replace("%40", "@"),
        query: query_of(parts.uri.query().unwrap_or("")),
        body: Value::Null,
        gateway_url: core.gateway_url.clone(),
    };
    let body = read_body(&parts.headers, body).await;
    let token = authorization(&parts.headers);
    let (status, body, now) = core.write(|world| {
        let answer = body.and_then(|body| {
            call.body = body;
            settle(world, &call, token.as_deref())
        });
        let (status, body) = conclude(world, &call, answer);
        world.journal.push(journal::Request {
            method: call.method.clone(),
            path: call.path.clone(),
            body: call.body.clone(),
            status,
        });
        (status, body, world.now())
    });
    respond(&call, now, status, body)
}

fn settle(world: &mut World, call: &Call, token: Option<&str>) -> Result<Answer, ApiError> {
    if let Some(fault) = fault::strike(&mut world.faults, call) {
        return Ok(fault);
    }
    let route = routes::find(call)?;
    if route.is_authorized {
        let known = token.is_some_and(|token| world.knows_token(token));
        if !known {
            return Err(ApiError::unauthorized());
        }
    }
    (route.handler)(world, call)
}

fn conclude(
    world: &mut World,
    call: &Call,
    answer: Result<Answer, ApiError>,
) -> (u16, Option<Value>) {
    match answer {
        Ok(answer) => (answer.status, answer.body),
        Err(error) => {
            if let Some(gap) = &error.gap {
                world.note_gap(&format!("{}: {gap}", call.shape()));
            }
            (error.status, Some(error.body()))
        }
    }
}

fn query_of(query: &str) -> HashMap<String, String> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

async fn read_body(headers: &HeaderMap, body: Body) -> Result<Value, ApiError> {
    let bytes = to_bytes(body, BODY_MAX).await;
    let bytes = bytes.map_err(|_| ApiError::not_json())?;
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if kind.starts_with("multipart/") {
        return Err(ApiError::gap("a multipart body"));
    }
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&bytes).map_err(|_| ApiError::not_json())
}

fn authorization(headers: &HeaderMap) -> Option<String> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    header.starts_with("Bot ").then(|| header.to_owned())
}

fn respond(call: &Call, now: DateTime<Utc>, status: u16, body: Option<Value>) -> Response<Body> {
    let mut response = Response::builder().status(status);
    if !call.path.starts_with("interactions/") {
        // Rates are told but never enforced: after every request the bucket is as good as full.
        let seconds = |ms: i64| format!("{}.{:03}", ms.div_euclid(1000), ms.rem_euclid(1000));
        let reset = now.timestamp_millis() + REFILL_MS;
        response = response
            .header("X-RateLimit-Limit", "50")
            .header("X-RateLimit-Remaining", "49")
            .header("X-RateLimit-Reset", seconds(reset))
            .header("X-RateLimit-Reset-After", seconds(REFILL_MS))
            .header("X-RateLimit-Bucket", call.bucket());
    }
    let body = match body {
        Some(body) => {
            response = response.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        }
        None => Body::empty(),
    };
    response
        .body(body)
        .expect("the headers are ours and a status outside 100..1000 is refused by FaultRule")
}
