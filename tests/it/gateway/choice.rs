//! Messages that every listener declines by their lean look.

use std::sync::Arc;

use cogsmith::{
    bus::ListenerId,
    events::LeanMessage,
    gateway::{Delivery, Interest, Sink},
};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::json;
use serenity::model::{channel::MessageType, id::GuildId};

use super::bench::Bench;

/// Wants notices of joins, as `welcome` does.
struct Joins;

impl Sink for Joins {
    fn interest(&self, kind: &str) -> Interest {
        Interest {
            deliver: kind == "MESSAGE_CREATE",
            ..Interest::default()
        }
    }

    fn fold(&self, _message: &LeanMessage<'_>) {
        unreachable!("nobody asked for folds");
    }

    fn listeners(
        &self,
        _kind: &str,
        _guild: Option<GuildId>,
        message: Option<&LeanMessage<'_>>,
    ) -> Vec<ListenerId> {
        let wanted = message.is_some_and(|message| message.kind == MessageType::MemberJoin);
        wanted.then_some(0).into_iter().collect()
    }

    fn deliver(&self, _listener: ListenerId, _delivery: Delivery) -> BoxFuture<'static, ()> {
        async {}.boxed()
    }
}

#[tokio::test]
async fn a_message_that_no_listener_wants_is_never_parsed_whole() {
    let bench = Bench::new().await;
    let process = bench.start_with(bench.options(), Arc::new(Joins)).await;
    // Its text is a number: a lean look passes over that, whoever parses the whole message fails.
    let broken = |kind: MessageType| {
        json!({
            "id": "1", "channel_id": "2", "guild_id": "3", "author": {"id": "4"},
            "type": u8::from(kind), "content": 5,
        })
    };
    for _ in 0..100 {
        let unwanted = broken(MessageType::Regular);
        bench.simulator.dispatch_raw("MESSAGE_CREATE", &unwanted);
    }
    bench.settled(&process).await;
    let counters = process.gateway.counters();
    assert_eq!(
        (counters.parse_failures.get(), counters.deliveries.get()),
        (0, 0)
    );

    let wanted = broken(MessageType::MemberJoin);
    bench.simulator.dispatch_raw("MESSAGE_CREATE", &wanted);
    bench.settled(&process).await;
    assert_eq!(counters.parse_failures.get(), 1);
}
