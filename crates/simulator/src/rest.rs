//! REST: one request in, one operation of the world, one answer out.
//!
//! Requests are handled one after the other under the world's lock, without awaiting anything, so
//! each is a transaction. What is not in the table of [`routes`] is a gap: 501, logged, remembered.

pub(crate) mod applications;
mod audit_log;
mod bans;
pub(crate) mod body;
pub(crate) mod call;
mod cdn;
pub(crate) mod channels;
pub(crate) mod commands;
mod components;
mod embeds;
mod emojis;
mod entitlements;
pub(crate) mod fault;
pub(crate) mod fields;
mod files;
pub(crate) mod form;
mod forums;
pub(crate) mod forwarding;
pub(crate) mod guilds;
mod integrations;
pub(crate) mod interactions;
mod invites;
pub(crate) mod journal;
mod members;
pub(crate) mod messages;
mod moderation;
mod overwrites;
pub(crate) mod person;
mod pins;
mod place;
mod polls;
mod profile;
mod prune;
pub(crate) mod rates;
mod reactions;
mod roles;
pub(crate) mod routes;
mod scheduled_events;
mod search;
mod slack;
mod sounds;
mod stages;
mod stickers;
mod templates;
mod thread_lists;
mod thread_members;
mod threads;
pub(crate) mod users;
mod webhook_messages;
pub(crate) mod webhooks;
mod welcome;
mod widget;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, header};
use serde_json::Value;

use crate::core::Core;
use crate::error_codes::ApiError;
use crate::openapi::Exchange;
use crate::rest::call::{Answer, Call};
use crate::rest::fault::Scope;
use crate::rest::rates::Told;
use crate::snowflake::Snowflake;
use crate::world::World;

/// Prefixes under which the API answers.
const PREFIXES: [&str; 2] = ["/api/v10/", "/api/"];

/// Answers a request for any path under `/api`.
pub(crate) async fn handle(State(core): State<Arc<Core>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    if cdn::is_download(parts.uri.path()) {
        return cdn::download(&core, &call::decoded(parts.uri.path()));
    }
    let mut call = call_of(&core, &parts);
    let read = body::read(&parts.headers, body).await;
    let token = header(&parts.headers, &header::AUTHORIZATION);
    let (person, struck) = core.quietly(|world| {
        let person = person::named(world, token.as_deref());
        let of_bot = matches!(person, Ok(None));
        let struck = of_bot.then(|| fault::strike(&mut world.faults, &call));
        (person, struck.flatten())
    });
    if let Some(struck) = &struck {
        tokio::time::sleep(struck.delay).await;
    }
    let scope = struck.as_ref().map_or(Scope::User, |struck| struck.scope);
    let locale = header(&parts.headers, "x-discord-locale");
    let (status, body, told) = core.write(|world| {
        if let (Ok(Some(person)), Some(locale)) = (&person, &locale) {
            world.set_locale(*person, locale);
        }
        let of_bot = matches!(person, Ok(None));
        let (now, who) = (world.now(), token.as_deref().unwrap_or(""));
        let told = of_bot.then(|| world.rates.count(&call, who, now)).flatten();
        let refused = told.as_ref().and_then(Told::refusal);
        let answer = read.and_then(|read| {
            call.take(read);
            if struck.as_ref().is_some_and(|struck| struck.is_carried_out) {
                // Whatever it answers is lost.
                drop(settle(world, &mut call, token.as_deref(), None));
            }
            match struck.and_then(|struck| struck.answer).or(refused) {
                Some(answer) => Ok(answer),
                None => settle(world, &mut call, token.as_deref(), person?),
            }
        });
        let (status, body) = conclude(world, &call, answer);
        if of_bot {
            world.journal.push(journal::Request {
                method: call.method.clone(),
                path: call.path(),
                body: call.body.clone(),
                status,
            });
        }
        (status, body, told)
    });
    hold_to_format(&core, &call, status, body.as_ref());
    respond(told.as_ref(), scope, status, body)
}

fn call_of(core: &Core, parts: &axum::http::request::Parts) -> Call {
    let path = parts.uri.path();
    let rest = PREFIXES.iter().find_map(|prefix| path.strip_prefix(prefix));
    let rest = rest.unwrap_or(path).trim_matches('/');
    Call {
        method: parts.method.as_str().to_owned(),
        parts: rest.split('/').map(call::decoded).collect(),
        query: call::query_of(parts.uri.query().unwrap_or("")),
        body: Value::Null,
        files: Vec::new(),
        is_multipart: false,
        reason: header(&parts.headers, "x-audit-log-reason").map(|it| call::decoded(&it)),
        actor: core.read(|world| world.application.id),
        gateway_url: core.gateway_url.clone(),
    }
}

fn settle(
    world: &mut World,
    call: &mut Call,
    token: Option<&str>,
    person: Option<Snowflake>,
) -> Result<Answer, ApiError> {
    if let Some(person) = person {
        call.actor = person;
        let route = person::find(call)?;
        route.check_query(call)?;
        return (route.handler)(world, call);
    }
    let route = routes::find(call)?;
    let token = token.filter(|token| token.starts_with("Bot "));
    let by_token = token.and_then(|token| world.application_with(token));
    if route.needs_bot && by_token.is_none() {
        return Err(ApiError::unauthorized());
    }
    tracing::debug!(operation = route.operation, "a request");
    route.check_query(call)?;
    let application = match route.needs_bot {
        true => by_token,
        false => application_in(world, call),
    };
    call.actor = application.unwrap_or(call.actor);
    world.acting(call.actor, |world| (route.handler)(world, call))
}

/// The application that a path with a token in it is about.
fn application_in(world: &World, call: &Call) -> Option<Snowflake> {
    let id = call.id(1).ok()?;
    match call.part(0) {
        "interactions" => Some(world.interactions.get(&id)?.application),
        "webhooks" => Some(id).filter(|id| world.is_application(*id)),
        _ => None,
    }
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

/// Holds both sides against Discord's file, outside the lock, since it takes its time.
fn hold_to_format(core: &Core, call: &Call, status: u16, answer: Option<&Value>) {
    let Some(gate) = core.read(|world| world.gate) else {
        return;
    };
    let found = gate.check(&Exchange {
        method: &call.method,
        path: &call.path(),
        request: &call.body,
        is_multipart: call.is_multipart,
        status,
        answer,
    });
    if !found.is_empty() {
        core.write(|world| found.iter().for_each(|it| world.note_violation(it)));
    }
}

fn header(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// `scope` is that of a 429 that no limit of the simulator's gave.
fn respond(told: Option<&Told>, scope: Scope, status: u16, body: Option<Value>) -> Response<Body> {
    // Discord's proxy says so; a 429 without it, discord.py takes for a ban of its address.
    let response = Response::builder().header(header::VIA, "1.1 google");
    let mut response = response.status(status);
    if let Some(told) = told {
        response = told.tell(response);
    }
    let wait = body.as_ref().and_then(|body| body["retry_after"].as_f64());
    if let Some(wait) = wait.filter(|_| status == 429 && !told.is_some_and(Told::is_refused)) {
        response = response
            .header(header::RETRY_AFTER, wait.ceil().to_string())
            .header("X-RateLimit-Scope", scope.name());
        if scope == Scope::Global {
            response = response.header("X-RateLimit-Global", "true");
        }
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
