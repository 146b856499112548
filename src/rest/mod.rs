//! The one way to Discord's REST API: limits are kept before a request is sent, and what is safe is tried again.
//!
//! Serenity's client speaks to [`Loopback`], which hands each request to [`Forwarder`].
//! What becomes of a request:
//!
//! | Discord says | the forwarder |
//! |---|---|
//! | the bucket is empty, as told by earlier answers | waits before it sends |
//! | 429 | waits as told, by its scope, and sends again |
//! | 500 to 599, or the connection is lost | sends again what may be repeated: see [`route::Route::is_repeatable`] |
//! | nothing, as no connection could be made | sends again |
//! | nothing to a callback for a second | sends it again, as after a lost connection |
//! | 401, 403 or 429 to 5,000 requests in 10 min | sends answers to interactions only, until they are fewer: see [`brake`] |
//! | 40060 to a callback that was repeated, 404 to a deletion | 204: the first one got through |
//!
//! A first answer to an interaction that comes after the host has promised one is made into what keeps the promise:
//! see [`promise`].
//!
//! A wait that would end later than `MAX_RATE_LIMIT` (300 s) after the request came is refused with 429, a Discord that
//! cannot be reached with 502; serenity makes an `HttpError::UnsuccessfulRequest` of either, the first of which
//! [`RateLimited::of`](crate::error::RateLimited::of) knows.
//! Waits are real time, as the limits of a server on the network are.
//! A request whose caller has gone is dropped, wherever it waits.

mod answer;
mod brake;
mod forwarder;
mod limits;
mod loopback;
mod patience;
mod persist;
mod promise;
mod route;

pub(crate) use brake::Brake;
pub(crate) use forwarder::Forwarder;
pub(crate) use loopback::Loopback;
pub(crate) use persist::{Failure, persist};
pub(crate) use promise::{Answers, Open, Promise};

/// Discord's own address.
pub(crate) const DISCORD: &str = "https://discord.com";
