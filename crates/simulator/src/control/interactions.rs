//! What people used, and what became of it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::Answer;
use crate::control::asked::{Wait, asked};
use crate::core::Core;
use crate::payload;
use crate::payload::timestamp;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::interaction::{self, Interaction};

/// Which interactions are wanted; what is left out fits all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    id: Option<Snowflake>,
    after: Option<Snowflake>,
    user_id: Option<Snowflake>,
    nonce: Option<String>,
    /// How many follow-ups each must have before it counts as settled.
    #[serde(default)]
    follow_ups: usize,
    #[serde(default)]
    wait_ms: Wait,
}

impl Wanted {
    fn fits(&self, it: &Interaction) -> bool {
        self.id.is_none_or(|id| it.id == id)
            && self.after.is_none_or(|after| it.id > after)
            && self.user_id.is_none_or(|user| it.user == user)
            && self
                .nonce
                .as_ref()
                .is_none_or(|nonce| it.nonce.as_ref() == Some(nonce))
    }

    fn found<'a>(&'a self, world: &'a World) -> impl Iterator<Item = &'a Interaction> {
        world.interactions.values().filter(|it| self.fits(it))
    }

    /// Whether there are some, and of none more is to come.
    fn is_settled(&self, world: &World) -> bool {
        let is_open = |it: &Interaction| {
            state(world, it) == "pending" || it.follow_ups.len() < self.follow_ups
        };
        let mut found = self.found(world).peekable();
        found.peek().is_some() && !found.any(is_open)
    }
}

/// Interactions, oldest first, of the last 10,000. With `wait_ms` the answer comes when there are
/// some and each was answered or failed, or when so much real time is over.
pub(super) async fn list(State(core): State<Arc<Core>>, uri: Uri) -> Answer {
    let wanted: Wanted = asked(&uri)?;
    let is_settled = |world: &World| wanted.is_settled(world);
    wanted.wait_ms.until(&core, is_settled).await;
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
        Answer::Acknowledged => json!({ "kind": "acknowledged" }),
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
