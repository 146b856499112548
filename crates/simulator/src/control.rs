//! `/_sim/`: how a test in any language moves the world around a bot.
//!
//! JSON in and out; unknown fields are refused; errors have Discord's form. No token is asked for.
//! Nothing here is Discord's; what people do goes over Discord's own routes, see `rest::person`.

mod asked;
mod bots;
mod clock;
mod faults;
mod gateway;
mod interactions;
mod people;
pub(crate) mod reading;
mod voice;
mod worlds;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, http::StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::core::Core;
use crate::error_codes::ApiError;
use crate::snowflake::Snowflake;

/// What an operation answers.
type Answer = Result<Json<Value>, Refused>;

/// A refusal in Discord's form.
struct Refused(ApiError);

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(self.0.body())).into_response()
    }
}

pub(crate) fn router() -> Router<Arc<Core>> {
    Router::new()
        .route("/_sim", get(reading::overview))
        .route("/_sim/", get(reading::overview))
        .route("/_sim/transcript", get(reading::transcript))
        .route("/_sim/gaps", get(reading::gaps))
        .route("/_sim/requests", get(reading::requests))
        .route("/_sim/interactions", get(interactions::list))
        .route(
            "/_sim/faults",
            get(faults::list).post(faults::add).delete(faults::clear),
        )
        .route("/_sim/clock", get(clock::read).post(clock::forward))
        .route("/_sim/gateway", get(gateway::list).post(gateway::disturb))
        .route("/_sim/worlds", get(worlds::list).post(worlds::plant))
        .route("/_sim/bots", get(bots::list).post(bots::add))
        .route("/_sim/people", get(people::list).post(people::add))
        .route("/_sim/voice", get(voice::list).post(voice::set))
        .route("/_sim/{*unknown}", any(unknown))
        .method_not_allowed_fallback(unknown)
}

async fn unknown() -> Refused {
    Refused(ApiError::not_found())
}

/// Reads a body.
///
/// # Errors
/// 50109 for no JSON; 50035 for a field that is missing, unknown or of another type.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, ApiError> {
    let value: Value = serde_json::from_slice(body).map_err(|_| ApiError::not_json())?;
    serde_json::from_value(value).map_err(|error| wrong("body", &error.to_string()))
}

/// 50035 at a field.
fn wrong(field: &str, message: &str) -> ApiError {
    ApiError::form(&[field], "BASE_TYPE_INVALID", message)
}

/// # Errors
/// 50035 for a name that no user may have.
fn name(name: &str) -> Result<(), ApiError> {
    match name.chars().count() {
        1..=32 => Ok(()),
        _ => Err(wrong("name", "expected 1 to 32 characters")),
    }
}

/// Reads an id.
///
/// # Errors
/// 50035 when it is not a number.
fn id(text: &str) -> Result<Snowflake, ApiError> {
    text.parse()
        .map_err(|_| wrong("id", &format!("Value \"{text}\" is not snowflake.")))
}
