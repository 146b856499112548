//! What the process serves over HTTP: `/livez`, it answers; `/readyz`, its bots do their work.

mod health;
mod roster;
mod server;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
    routing::get,
};
use serde_json::Value;

pub use health::Health;
pub use roster::Roster;
pub(crate) use roster::{Entry, State as BotState};
pub(crate) use server::Server;

/// The routes, testable without a port.
pub fn router(roster: Arc<Roster>) -> Router {
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .with_state(roster)
        .layer(axum::middleware::map_response(nosniff))
}

async fn ready(State(roster): State<Arc<Roster>>) -> (StatusCode, Json<Value>) {
    let (is_ready, told) = roster.tell().await;
    let status = match is_ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(told))
}

/// No browser may take an answer for something else than it says it is.
async fn nosniff(mut response: Response) -> Response {
    let nosniff = HeaderValue::from_static("nosniff");
    response
        .headers_mut()
        .insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    response
}
