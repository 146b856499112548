//! The gateway: who is connected, and disturbing them.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::asked::{Wait, asked};
use crate::control::{Answer, read, wrong};
use crate::core::Core;
use crate::gateway::sessions::{Control, Session};
use crate::payload::timestamp;
use crate::world::World;

#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
enum Order {
    /// Op 7.
    Reconnect,
    /// Op 9; the session is gone unless it is resumable.
    Invalid {
        #[serde(default)]
        resumable: bool,
    },
    /// The connection ends without a close frame.
    Drop,
    /// A close frame, with a code or without.
    Close { code: Option<u16> },
    /// The connection ends in the middle of a frame.
    Cut,
}

/// How many there must have been; what is left out is not waited for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    identifies: u64,
    #[serde(default)]
    resumes: u64,
    #[serde(default)]
    wait_ms: Wait,
}

/// Connections by shard, and how often clients identified and resumed. With `wait_ms` the answer
/// comes when there were so many `identifies` and `resumes`, or when so much real time is over.
pub(super) async fn list(State(core): State<Arc<Core>>, uri: Uri) -> Answer {
    let wanted: Wanted = asked(&uri)?;
    let is_there = |world: &World| {
        let sessions = &world.sessions;
        sessions.identifies >= wanted.identifies && sessions.resumes >= wanted.resumes
    };
    wanted.wait_ms.until(&core, is_there).await;
    Ok(Json(core.read(state)))
}

fn state(world: &World) -> Value {
    let connected = world.sessions.connected();
    json!({
        "connections": connected.into_iter().map(connection).collect::<Vec<_>>(),
        "identifies": world.sessions.identifies,
        "resumes": world.sessions.resumes,
    })
}

fn connection(session: &Session) -> Value {
    json!({
        "application_id": session.listener.application,
        "shard": [session.listener.shard.0, session.listener.shard.1],
        "session_id": session.id,
        "intents": session.listener.intents.bits(),
        "resumed": session.resumed,
        "identified_at": timestamp(session.identified_at),
        "sequence": session.backlog.sequence(),
        "presence": session.presence,
    })
}

/// `{"action": "close", "code": 4000}` and the like, to every connection.
pub(super) async fn disturb(State(core): State<Arc<Core>>, body: Bytes) -> Answer {
    let control = match read(&body)? {
        Order::Reconnect => Control::Reconnect,
        Order::Invalid { resumable } => Control::Invalid(resumable),
        Order::Drop => Control::Cut,
        Order::Close { code } if code.is_none_or(|code| (1000..5000).contains(&code)) => {
            Control::Close(code)
        }
        Order::Close { .. } => return Err(wrong("code", "expected 1000 to 4999").into()),
        Order::Cut => Control::Tear,
    };
    Ok(Json(core.write(|world| {
        let before = state(world);
        world.sessions.control(control);
        before
    })))
}
