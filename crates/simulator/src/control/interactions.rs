//! What people used, and what became of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use serde_json::{Value, json};

use crate::control::{Answer, wrong};
use crate::core::Core;
use crate::error_codes::ApiError;
use crate::payload;
use crate::payload::timestamp;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::interaction::{self, Interaction};

/// Longer waits are refused.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// Which interactions are wanted; what is left out fits all.
struct Wanted {
    id: Option<Snowflake>,
    after: Option<Snowflake>,
    user: Option<Snowflake>,
    nonce: Option<String>,
    wait: Duration,
}

impl Wanted {
    fn of(query: &HashMap<String, String>) -> Result<Self, ApiError> {
        let mut wanted = Self {
            id: None,
            after: None,
            user: None,
            nonce: None,
            wait: Duration::ZERO,
        };
        for (key, text) in query {
            let id = || text.parse().map_err(|_| wrong(key, "expected an id"));
            match key.as_str() {
                "id" => wanted.id = Some(id()?),
                "after" => wanted.after = Some(id()?),
                "user_id" => wanted.user = Some(id()?),
                "nonce" => wanted.nonce = Some(text.clone()),
                "wait_ms" => {
                    let wait = text.parse().ok().map(Duration::from_millis);
                    let wait = wait.filter(|wait| *wait <= WAIT_MAX);
                    wanted.wait = wait.ok_or_else(|| wrong(key, "expected 0 to 60000"))?;
                }
                _ => return Err(wrong(key, "is unknown")),
            }
        }
        Ok(wanted)
    }

    fn fits(&self, it: &Interaction) -> bool {
        self.id.is_none_or(|id| it.id == id)
            && self.after.is_none_or(|after| it.id > after)
            && self.user.is_none_or(|user| it.user == user)
            && self
                .nonce
                .as_ref()
                .is_none_or(|nonce| it.nonce.as_ref() == Some(nonce))
    }

    fn found<'a>(&'a self, world: &'a World) -> impl Iterator<Item = &'a Interaction> {
        world.interactions.values().filter(|it| self.fits(it))
    }

    /// Whether there are some, and none of them still waits for what the bot may yet say.
    fn is_settled(&self, world: &World) -> bool {
        let mut open = self.found(world).filter(|it| state(world, it) == "pending");
        self.found(world).next().is_some() && open.next().is_none()
    }
}

/// Interactions, oldest first, of the last 10,000. With `wait_ms` the answer comes when there are
/// some and each was answered or failed, or when so much real time is over.
pub(super) async fn list(
    State(core): State<Arc<Core>>,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let wanted = Wanted::of(&query)?;
    let mut changes = core.changes();
    let settled = async {
        while !core.read(|world| wanted.is_settled(world)) && changes.changed().await.is_ok() {}
    };
    // Whether it was in time is seen in what is answered.
    let _ = tokio::time::timeout(wanted.wait, settled).await;
    Ok(Json(core.read(|world| {
        wanted.found(world).map(|it| object(world, it)).collect()
    })))
}

fn object(world: &World, it: &Interaction) -> Value {
    json!({
        "id": it.id,
        "type": it.kind as u8,
        "name": it.name,
        "user_id": it.user,
        "channel_id": it.channel,
        "message_id": it.message,
        "nonce": it.nonce,
        "data": it.data,
        "created_at": timestamp(it.created_at),
        "state": state(world, it),
        "answer": answer(world, it),
        "follow_ups": it
            .follow_ups
            .iter()
            .filter_map(|id| message(world, it, *id))
            .collect::<Vec<_>>(),
    })
}

/// `pending` while the bot may still keep the person waiting, then `answered` or `failed`.
fn state(world: &World, it: &Interaction) -> &'static str {
    let is_open = matches!(
        it.answer,
        interaction::Answer::None | interaction::Answer::Deferred { .. }
    );
    match (is_open, world.may_answer(it)) {
        (false, _) => "answered",
        (true, true) => "pending",
        (true, false) => "failed",
    }
}

fn answer(world: &World, it: &Interaction) -> Value {
    use interaction::Answer;
    match &it.answer {
        Answer::None => Value::Null,
        Answer::Deferred { message } => shown(world, it, "deferred", *message),
        Answer::Message { message, .. } => shown(world, it, "message", *message),
        Answer::Update { message } => shown(world, it, "update", *message),
        Answer::Modal(modal) => json!({ "kind": "modal", "modal": modal }),
        Answer::Choices(choices) => json!({ "kind": "choices", "choices": choices }),
    }
}

fn shown(world: &World, it: &Interaction, kind: &str, id: Snowflake) -> Value {
    let was_deferred = matches!(
        it.answer,
        interaction::Answer::Deferred { .. }
            | interaction::Answer::Message {
                was_deferred: true,
                ..
            }
    );
    json!({ "kind": kind, "was_deferred": was_deferred, "message": message(world, it, id) })
}

/// A message as the person reads it; `None` when it is gone.
fn message(world: &World, it: &Interaction, id: Snowflake) -> Option<Value> {
    let message = world.channels.get(&it.channel)?.messages.get(&id)?;
    Some(payload::message::message_for(world, message, it.user))
}
