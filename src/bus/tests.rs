//! The table of Discord's events, whom a message is for, and what counts as waiting.

use std::{collections::BTreeSet, time::Duration};

use futures_util::{FutureExt, poll};
use serenity::model::{
    channel::{Message, MessageType},
    event::{Event as GatewayEvent, MessageCreateEvent, TypingStartEvent},
    id::{ChannelId, MessageId, UserId},
};
use tokio::sync::Notify;

use super::*;
use crate::{audit::Audit, events::Position, testing::Database};

#[test]
fn each_kind_has_a_type_of_its_own() {
    let types: BTreeSet<_> = gateway::kinds().map(|kind| kind.of).collect();
    assert_eq!(types.len(), gateway::kinds().count());
}

#[test]
fn a_type_that_is_taken_for_an_event_is_refused_with_what_is_meant() {
    let refused = Wanted::of::<Message>().unwrap_err().to_string();
    assert_eq!(
        refused,
        "serenity::model::channel::message::Message is none of Discord's events, so it would never be heard: listen \
         to MessageCreateEvent or MessageEvent"
    );
}

const TIMEOUT: Duration = Duration::from_secs(60);

async fn events() -> Events {
    let database = Database::sqlite();
    let db = database.open().await;
    let audit = Audit::of(&db).await;
    let switches = Switches::open(db, audit).await;
    let watchdog = Watchdog::start().unwrap();
    let clock = Clock::manual(chrono::DateTime::UNIX_EPOCH);
    let events = Events::new(clock, switches.unwrap(), watchdog, Limits::default());
    events.declare(GatewayIntents::GUILD_MESSAGES);
    events
}

fn position() -> Position {
    Position {
        shard: 0,
        session: "a".into(),
        sequence: 1,
    }
}

fn said_by(author: u64, position: &Position) -> LeanMessage<'_> {
    LeanMessage {
        id: MessageId::new(1),
        channel_id: ChannelId::new(2),
        guild_id: Some(GuildId::new(3)),
        author_id: UserId::new(author),
        author_is_bot: false,
        is_webhook: false,
        kind: MessageType::Regular,
        position,
    }
}

#[tokio::test]
async fn a_message_is_for_who_waits_for_its_author_and_for_nobody_else() {
    let (events, position) = (events().await, position());
    let count = |author| {
        events
            .waiters_for("MESSAGE_CREATE", Some(&said_by(author, &position)))
            .len()
    };
    assert!(!events.want("MESSAGE_CREATE"));
    let ann = events.wait_for_message(TIMEOUT, |message| message.author_id.get() == 7);
    assert!(events.want("MESSAGE_CREATE") && !events.want("MESSAGE_DELETE"));
    assert_eq!((count(7), count(8)), (1, 0));
    let anybody = events.wait_for(TIMEOUT, |_: &MessageCreateEvent| true);
    assert_eq!((count(7), count(8)), (2, 1));
    drop((ann, anybody));
    assert_eq!(count(7), 0);
    assert!(!events.want("MESSAGE_CREATE"));
}

#[tokio::test]
async fn work_is_parked_from_when_it_waits_until_something_wakes_it() {
    let events = events().await;
    let answered = Notify::new();
    let waiting = events.clone();
    let mut command = std::pin::pin!(events.run_command(async {
        let wait = waiting.wait_for(TIMEOUT, |number: &u8| *number == 7);
        answered.notified().await;
        wait.await
    }));
    let is_parked = || events.0.parked.count(For::Command) == 1;
    assert!(poll!(command.as_mut()).is_pending() && !is_parked());
    answered.notify_one();
    assert!(poll!(command.as_mut()).is_pending() && is_parked());
    events.dispatch(8_u8);
    assert!(is_parked());
    events.dispatch(7_u8);
    assert!(!is_parked());
    assert_eq!(*command.now_or_never().unwrap().unwrap(), 7);
}

#[tokio::test]
async fn the_clock_wakes_parked_work_before_it_is_polled() {
    let events = events().await;
    let wait = events.wait_for(TIMEOUT, |_: &u8| true);
    let mut command = std::pin::pin!(events.run_command(wait));
    assert!(poll!(command.as_mut()).is_pending());
    assert_eq!(events.0.parked.count(For::Command), 1);
    events.0.clock.advance(TIMEOUT);
    assert_eq!(events.0.parked.count(For::Command), 0);
    let ended = command.now_or_never().unwrap();
    assert!(matches!(ended, Err(WaitError::TimedOut { .. })));
}

#[tokio::test]
async fn what_is_declared_lets_nothing_else_be_waited_for() {
    let events = events().await;
    let (_, messages) = Wanted::of::<category::MessageEvent>().unwrap();
    let messages_alone = GatewayIntents::GUILD_MESSAGES | GatewayIntents::DIRECT_MESSAGES;
    assert_eq!(messages, messages_alone);
    let refused = events.stream::<TypingStartEvent>(TIMEOUT, 1).err().unwrap();
    assert_eq!(
        refused.to_string(),
        "serenity::model::event::TypingStartEvent is not sent to this bot: declare it in setup, by \
         `setup.declare::<serenity::model::event::TypingStartEvent>()` or by listening to it (intents \
         GUILD_MESSAGE_TYPING, DIRECT_MESSAGE_TYPING)"
    );
}

fn parsed(kind: &str, data: &serde_json::Value) -> Source {
    let unknown = serde_json::json!({ "t": kind, "d": data });
    let event = serde_json::from_value(unknown).map(GatewayEvent::Unknown);
    Source {
        what: What::Gateway(Arc::new(event.unwrap())),
        position: Some(position()),
        guild: None,
    }
}

#[test]
fn events_that_serenity_has_no_type_for_have_one_here() {
    let effect = serde_json::json!({
        "channel_id": "2", "guild_id": "3", "user_id": "7", "emoji": { "id": null, "name": "🦀" },
        "animation_type": 1, "animation_id": 4, "sound_id": "9", "sound_volume": 0.5,
    });
    let source = parsed("VOICE_CHANNEL_EFFECT_SEND", &effect);
    let effect = Event::<VoiceChannelEffectSendEvent>::of(&source).unwrap();
    assert_eq!((effect.user_id.get(), effect.animation_id), (7, Some(4)));
    assert!(
        effect
            .emoji
            .as_ref()
            .is_some_and(|emoji| emoji.unicode_eq("🦀"))
    );
    assert!(Event::<category::VoiceEvent>::of(&source).is_some());
    let paid = serde_json::json!({
        "id": "1", "user_id": "7", "sku_ids": ["5"], "entitlement_ids": ["6"], "renewal_sku_ids": null,
        "current_period_start": "2026-03-01T00:00:00+00:00",
        "current_period_end": "2026-04-01T00:00:00+00:00", "status": 0, "canceled_at": null,
    });
    let source = parsed("SUBSCRIPTION_CREATE", &paid);
    let made = Event::<SubscriptionCreateEvent>::of(&source).unwrap();
    assert_eq!((made.user_id.get(), made.status), (7, 0));
    assert!(Event::<SubscriptionDeleteEvent>::of(&source).is_none());
    let wrong = parsed("SUBSCRIPTION_CREATE", &serde_json::json!({ "id": 1 }));
    assert!(Event::<SubscriptionCreateEvent>::of(&wrong).is_none());
}

fn typing() -> TypingStartEvent {
    let data = serde_json::json!({ "channel_id": "2", "user_id": "7", "timestamp": 0 });
    serde_json::from_value(data).unwrap()
}

#[tokio::test]
async fn an_event_of_discords_that_a_module_dispatches_reaches_who_listens_to_it() {
    let events = events().await;
    events.declare(GatewayIntents::GUILD_MESSAGE_TYPING);
    let (typed, any) = (
        events.wait_for(TIMEOUT, |_: &TypingStartEvent| true),
        events.wait_for(TIMEOUT, |event: &GatewayEvent| {
            kind(event) == "TYPING_START"
        }),
    );
    events.dispatch(typing());
    let typed = typed.now_or_never().unwrap().unwrap();
    assert_eq!((typed.user_id.get(), typed.position()), (7, None));
    assert!(any.now_or_never().unwrap().is_ok());
    assert_eq!(events.failures(), 0);
    let whole = events.wait_for(TIMEOUT, |_: &TypingStartEvent| true);
    events.dispatch(GatewayEvent::TypingStart(typing()));
    assert!(whole.now_or_never().unwrap().is_ok());
    events.dispatch(UserId::new(7));
    assert_eq!(events.failures(), 1, "it is told that nobody hears it");
}

#[tokio::test]
async fn a_message_that_a_module_dispatches_is_not_what_somebody_says() {
    let events = events().await;
    let said = events.wait_for_message(TIMEOUT, |message| message.author_id.get() == 7);
    let data = serde_json::json!({
        "id": "1", "channel_id": "2", "content": "", "author": { "id": "8", "username": "ben" },
        "timestamp": "2026-03-02T09:00:00Z", "edited_timestamp": null, "tts": false, "mention_everyone": false,
        "mentions": [], "mention_roles": [], "attachments": [], "embeds": [], "pinned": false, "type": 0,
    });
    events.dispatch(serde_json::from_value::<MessageCreateEvent>(data).unwrap());
    assert!(said.now_or_never().is_none());
}
