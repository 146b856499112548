//! The life of an interaction: used, answered in one of many ways, in time or not.

use cogsmith_simulator::Message;
use serde_json::{Value, json};

use crate::rank::{World, answer};

#[tokio::test]
async fn an_interaction_tells_who_where_and_what() {
    let mut world = World::new().await;
    let ann = world.ann.clone();
    let waiting = tokio::spawn(async move { ann.slash("/rank").await });
    let used = world.bot.event("INTERACTION_CREATE").await;
    assert_eq!(used["type"], 2);
    assert_eq!(used["data"]["name"], "rank");
    assert_eq!(used["member"]["user"]["username"], "ann");
    assert_eq!(used["guild_id"], world.guild.id().to_string());
    assert_eq!(used["channel"]["name"], "general");
    assert!(used["member"]["permissions"].is_string());
    assert!(used.get("user").is_none());
    let paths = world.paths(&used);
    world
        .rest
        .post(&paths.callback, answer("first"))
        .await
        .with(204);
    assert_eq!(waiting.await.unwrap().text(), "first");
}

#[tokio::test]
async fn an_answer_is_a_message_of_the_channel() {
    let mut world = World::new().await;
    let reply = world
        .rank(async |world, paths| {
            let body = json!({ "type": 4, "data": {
                "content": format!("<@{}>", world.ann.id()),
                "embeds": [{ "title": "Rank", "fields": [{ "name": "XP", "value": "15" }] }],
            } });
            world.rest.post(&paths.callback, body).await.with(204);
        })
        .await;
    assert_eq!(reply.text(), "ann\nRank\nXP: 15");
    assert_eq!(reply.embeds()[0]["title"], "Rank");
    assert!(!reply.is_deferred() && !reply.is_ephemeral());
    let message = world.bot.event("MESSAGE_CREATE").await;
    assert_eq!(message["interaction_metadata"]["user"]["username"], "ann");
    assert_eq!(message["type"], 20);
    let messages = world.guild.channel("general").messages();
    let kinds: Vec<_> = messages.iter().map(Message::kind).collect();
    assert_eq!(kinds, [7, 20]);
}

#[tokio::test]
async fn an_ephemeral_answer_is_seen_by_one_person_and_heard_by_nobody() {
    let mut world = World::new().await;
    let reply = world
        .rank(async |world, paths| {
            let body = json!({ "type": 4, "data": { "content": "psst", "flags": 64 } });
            world.rest.post(&paths.callback, body).await.with(204);
            let original = world.rest.get(&paths.original).await.with(200);
            let channel = original["channel_id"].as_str().unwrap();
            let id = original["id"].as_str().unwrap();
            let public = format!("channels/{channel}/messages/{id}");
            world.rest.get(&public).await.refused(404, 10008);
        })
        .await;
    assert!(reply.is_ephemeral());
    let general = world.guild.channel("general");
    let texts = |messages: Vec<Message>| -> Vec<_> {
        let texts = messages.into_iter().map(|it| it.text().to_owned());
        texts.collect()
    };
    let notice = "";
    assert_eq!(texts(world.ann.reads(&general)), [notice, "psst"]);
    assert_eq!(texts(world.guild.owner().reads(&general)), [notice]);
    assert_eq!(texts(general.messages()), [notice]);
    assert_eq!(world.bot.events().await, [""; 0]);
    let last = world.sim.transcript().pop().unwrap();
    assert_eq!(last.only_for.as_deref(), Some("ann"));
}

#[tokio::test]
async fn a_promise_is_kept_by_an_edit() {
    let mut world = World::new().await;
    let reply = world
        .rank(async |world, paths| {
            let defer = json!({ "type": 5, "data": { "flags": 64 } });
            world.rest.post(&paths.callback, defer).await.with(204);
            let thinking = world.rest.get(&paths.original).await.with(200);
            assert_eq!(thinking["flags"], 64 | 128);
            let edit = json!({ "content": "done" });
            let done = world.rest.patch(&paths.original, edit).await.with(200);
            assert_eq!(done["flags"], 64);
            assert!(done["edited_timestamp"].is_null());
        })
        .await;
    assert!(reply.is_deferred() && reply.is_ephemeral());
    assert_eq!(reply.text(), "done");
}

#[tokio::test]
async fn a_promise_is_kept_by_the_first_follow_up_and_the_second_is_a_message_of_its_own() {
    let mut world = World::new().await;
    let reply = world
        .rank(async |world, paths| {
            world
                .rest
                .post(&paths.callback, json!({ "type": 5 }))
                .await
                .with(204);
            let first = json!({ "content": "first" });
            let first = world.rest.post(&paths.follow_up, first).await.with(200);
            let original = world.rest.get(&paths.original).await.with(200);
            assert_eq!(first["id"], original["id"]);
            let second = json!({ "content": "second" });
            let second = world.rest.post(&paths.follow_up, second).await.with(200);
            assert_ne!(second["id"], original["id"]);
            let one = format!(
                "{}/messages/{}",
                paths.follow_up,
                second["id"].as_str().unwrap()
            );
            world
                .rest
                .patch(&one, json!({ "content": "2nd" }))
                .await
                .with(200);
            assert_eq!(world.rest.get(&one).await.with(200)["content"], "2nd");
            world.rest.delete(&one).await.with(204);
            world.rest.get(&one).await.refused(404, 10008);
        })
        .await;
    assert_eq!(reply.text(), "first");
    let kinds = world.bot.events().await;
    let create = "MESSAGE_CREATE";
    let expected = [
        create,
        "MESSAGE_UPDATE",
        create,
        "MESSAGE_UPDATE",
        "MESSAGE_DELETE",
    ];
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn the_original_can_be_deleted() {
    let mut world = World::new().await;
    world
        .rank(async |world, paths| {
            world
                .rest
                .post(&paths.callback, answer("oops"))
                .await
                .with(204);
            world.rest.delete(&paths.original).await.with(204);
            world.rest.get(&paths.original).await.refused(404, 10008);
        })
        .await;
    let messages = world.guild.channel("general").messages();
    assert!(messages.iter().all(|it| it.kind() == 7), "{messages:?}");
}

#[tokio::test]
async fn an_interaction_is_answered_once() {
    let mut world = World::new().await;
    world
        .rank(async |world, paths| {
            world
                .rest
                .post(&paths.callback, answer("one"))
                .await
                .with(204);
            let second = world.rest.post(&paths.callback, answer("two")).await;
            second.refused(400, 40060);
        })
        .await;
}

#[tokio::test]
async fn after_three_seconds_of_its_clock_an_interaction_is_unknown() {
    let mut world = World::new().await;
    let (paths, waiting) = world.used().await;
    assert_eq!(world.sim.pending(), ["/rank unanswered"]);
    world.clock.advance(4);
    assert_eq!(world.sim.pending(), [""; 0]);
    let late = world.rest.post(&paths.callback, answer("late")).await;
    late.refused(404, 10062);
    waiting.abort();
    let (paths, waiting) = world.used().await;
    world.clock.advance(3);
    world
        .rest
        .post(&paths.callback, answer("just in time"))
        .await
        .with(204);
    assert_eq!(waiting.await.unwrap().unwrap().text(), "just in time");
    let nobody = world
        .rest
        .post("interactions/1/x/callback", answer("?"))
        .await;
    nobody.refused(404, 10062);
}

#[tokio::test]
async fn a_token_lives_a_quarter_of_an_hour_and_begins_with_the_answer() {
    let mut world = World::new().await;
    let (paths, waiting) = world.used().await;
    let early = world
        .rest
        .post(&paths.follow_up, json!({ "content": "x" }))
        .await;
    early.refused(404, 10015);
    world
        .rest
        .post(&paths.callback, answer("now"))
        .await
        .with(204);
    waiting.await.unwrap().unwrap();
    world.clock.advance(15 * 60);
    world.rest.get(&paths.original).await.with(200);
    world.clock.advance(1);
    world.rest.get(&paths.original).await.refused(401, 50027);
}

#[tokio::test]
async fn with_response_the_callback_shows_what_became_of_it() {
    let mut world = World::new().await;
    let (paths, waiting) = world.used().await;
    let path = format!("{}?with_response=true", paths.callback);
    let shown = world.rest.post(&path, answer("now")).await.with(200);
    assert_eq!(shown["resource"]["message"]["content"], "now");
    assert_eq!(shown["interaction"]["response_message_loading"], false);
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn with_response_a_promise_or_a_form_is_no_resource() {
    let field = json!({ "type": 4, "custom_id": "why", "style": 1, "label": "Why?" });
    let rows = json!([{ "type": 1, "components": [field] }]);
    let form = json!({ "custom_id": "form", "title": "Form", "components": rows });
    for (body, loading) in [
        (json!({ "type": 5 }), json!(true)),
        (json!({ "type": 9, "data": form }), Value::Null),
    ] {
        let mut world = World::new().await;
        let (paths, waiting) = world.used().await;
        let path = format!("{}?with_response=true", paths.callback);
        let shown = world.rest.post(&path, body).await.with(200);
        assert_eq!(shown.get("resource"), None);
        assert_eq!(shown["interaction"]["response_message_loading"], loading);
        waiting.abort();
    }
}

#[tokio::test]
async fn a_callback_fits_its_interaction() {
    let mut world = World::new().await;
    let (paths, waiting) = world.used().await;
    for form in [0, 1, 6, 7, 8, 99] {
        let body = json!({ "type": form, "data": { "content": "x" } });
        world
            .rest
            .post(&paths.callback, body)
            .await
            .refused(400, 50035);
    }
    world
        .rest
        .post(&paths.callback, json!({ "type": 4 }))
        .await
        .refused(400, 50035);
    let empty = json!({ "type": 4, "data": {} });
    world
        .rest
        .post(&paths.callback, empty)
        .await
        .refused(400, 50006);
    waiting.abort();
}

#[tokio::test]
async fn an_interaction_tells_the_language_of_the_person_and_of_the_guild() {
    let mut world = World::new().await;
    world.ann.speaks("de");
    let home = format!("guilds/{}", world.guild.id());
    let french = json!({ "preferred_locale": "fr" });
    world.rest.patch(&home, french).await.with(200);
    world.bot.event("GUILD_UPDATE").await;
    let ann = world.ann.clone();
    let waiting = tokio::spawn(async move { ann.try_slash("/rank").await });
    let used = world.bot.event("INTERACTION_CREATE").await;
    assert_eq!(
        (&used["locale"], &used["guild_locale"]),
        (&json!("de"), &json!("fr"))
    );
    let paths = world.paths(&used);
    world
        .rest
        .post(&paths.callback, answer("hallo"))
        .await
        .with(204);
    assert_eq!(waiting.await.unwrap().unwrap().text(), "hallo");
}
