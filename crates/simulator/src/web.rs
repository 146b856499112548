//! What the port answers: the API, the gateway, and `/_sim/`.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{ConnectInfo, Query, State, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::control::{self, reading};
use crate::core::Core;
use crate::door::{self, Door};
use crate::gateway::socket;
use crate::rest;
use crate::wire::Shears;

/// Larger messages end the connection; between this and 4096 bytes it is closed with 4002.
const MESSAGE_MAX: usize = 64 * 1024;

pub(crate) fn router(core: Arc<Core>, door: Door) -> Router {
    let guard = middleware::from_fn_with_state(Arc::new(door), door::guard);
    Router::new()
        .route("/", get(gateway))
        .merge(control::router())
        .fallback(rest::handle)
        .layer(guard)
        .with_state(core)
}

async fn gateway(
    State(core): State<Arc<Core>>,
    ConnectInfo(shears): ConnectInfo<Shears>,
    Query(query): Query<HashMap<String, String>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        return reading::overview(State(core)).await.into_response();
    };
    if let Some(gap) = socket::unsupported(&query) {
        core.write(|world| world.note_gap(&gap));
        return (StatusCode::NOT_IMPLEMENTED, gap).into_response();
    }
    upgrade
        .max_message_size(MESSAGE_MAX)
        .on_upgrade(move |socket| socket::carry(core, socket, shears, query))
}
