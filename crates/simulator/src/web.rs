//! What the port answers: the API, the gateway, and a few lines of text for people.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use axum::Router;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Query, State, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::core::Core;
use crate::gateway::socket;
use crate::rest;

/// Larger messages end the connection; between this and 4096 bytes it is closed with 4002.
const MESSAGE_MAX: usize = 64 * 1024;

pub(crate) fn router(core: Arc<Core>) -> Router {
    Router::new()
        .route("/", get(gateway))
        .route("/_sim", get(overview))
        .route("/_sim/", get(overview))
        .route("/_sim/transcript", get(transcript))
        .fallback(rest::handle)
        .with_state(core)
}

async fn gateway(
    State(core): State<Arc<Core>>,
    Query(query): Query<HashMap<String, String>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        return overview(State(core)).await.into_response();
    };
    if let Some(gap) = socket::unsupported(&query) {
        core.write(|world| world.note_gap(&gap));
        return (StatusCode::NOT_IMPLEMENTED, gap).into_response();
    }
    upgrade
        .max_message_size(MESSAGE_MAX)
        .on_upgrade(move |socket| socket::carry(core, socket, query))
}

async fn overview(State(core): State<Arc<Core>>) -> String {
    core.read(|world| {
        let mut page = format!(
            "A Discord on localhost.\n\
             \n\
             API      {api}/api/v10\n\
             gateway  {gateway}/?v=10&encoding=json\n\
             {api}/_sim/transcript  what was said, used and answered\n\
             \n",
            api = core.api_url,
            gateway = core.gateway_url,
        );
        for guild in world.guilds.values() {
            let members = guild.members.keys().map(|id| world.name_of(*id));
            let members = members.collect::<Vec<_>>().join(", ");
            // Writing into a string cannot fail.
            let _ = writeln!(page, "{}: {members}", guild.name);
        }
        let connected = world.sessions.connected().len();
        let gaps = world.gaps.join("\n  ");
        // Writing into a string cannot fail.
        let _ = writeln!(
            page,
            "\n{connected} shards connected\nnot simulated, but asked for:\n  {gaps}"
        );
        page
    })
}

async fn transcript(State(core): State<Arc<Core>>) -> String {
    let lines = core.read(|world| world.transcript.since(0));
    lines.iter().map(|line| format!("{line}\n")).collect()
}
