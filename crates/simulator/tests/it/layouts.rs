//! Layouts of components, and forms of every kind of field, as people meet them.

use cogsmith_simulator::Reply;
use serde_json::{Value, json};

use crate::rank::World;

/// `/rank` is answered like this.
async fn answered(world: &mut World, callback: Value) -> Reply {
    world
        .rank(async |world, paths| {
            world.rest.post(&paths.callback, callback).await.with(204);
        })
        .await
}

#[tokio::test]
async fn a_layout_is_read_and_its_buttons_are_pressed() {
    let mut world = World::new().await;
    let button = json!({ "type": 2, "style": 1, "label": "Go", "custom_id": "go" });
    let text = |text: &str| json!({ "type": 10, "content": text });
    let section = json!({ "type": 9, "components": [text("inside")], "accessory": button });
    let container = json!({ "type": 17, "components": [section] });
    let parts = json!([text("outside"), { "type": 14 }, container]);
    let data = json!({ "flags": 1 << 15, "components": parts });
    let reply = answered(&mut world, json!({ "type": 4, "data": data })).await;
    assert_eq!(reply.text(), "outside\ninside");
    let sent = world.bot.event("MESSAGE_CREATE").await;
    assert_eq!(sent["components"][1]["divider"], true);
    assert_eq!(sent["components"][2]["components"][0]["accessory"]["id"], 6);

    let (ann, message) = (world.ann.clone(), reply.message().unwrap().clone());
    let waiting = tokio::spawn(async move { ann.uses(&message, "go", &[]).await });
    let used = world.bot.event("INTERACTION_CREATE").await;
    assert_eq!(used["data"]["custom_id"], "go");
    let paths = world.paths(&used);
    let text = json!([{ "type": 10, "content": "pressed" }]);
    let update = json!({ "type": 7, "data": { "components": text } });
    world.rest.post(&paths.callback, update).await.with(204);
    assert_eq!(waiting.await.unwrap().unwrap().text(), "pressed");
}

#[tokio::test]
async fn a_message_becomes_a_layout_when_nothing_else_is_left_in_it() {
    let mut world = World::new().await;
    let hello = json!({ "type": 4, "data": { "content": "hello" } });
    let message = answered(&mut world, hello).await.message().unwrap().clone();
    let path = format!(
        "channels/{}/messages/{}",
        message.channel_id(),
        message.id()
    );
    let text = json!([{ "type": 10, "content": "laid out" }]);
    let mut edit = json!({ "flags": 1 << 15, "components": text });
    world
        .rest
        .patch(&path, edit.clone())
        .await
        .refused(400, 50035);
    edit["content"] = Value::Null;
    let edited = world.rest.patch(&path, edit).await.with(200);
    assert_eq!(edited["components"][0]["content"], "laid out");
    assert_eq!(edited["content"], "");
    let words = json!({ "content": "words" });
    world.rest.patch(&path, words).await.refused(400, 50035);
}

#[tokio::test]
async fn a_form_of_every_kind_of_field_is_filled_in() {
    let mut world = World::new().await;
    let options = json!([{ "label": "A", "value": "a" }, { "label": "B", "value": "b" }]);
    let label = |component: Value| json!({ "type": 18, "label": "?", "component": component });
    let parts = json!([
        label(json!({ "type": 4, "custom_id": "why", "style": 2, "min_length": 2 })),
        label(json!({ "type": 3, "custom_id": "some", "options": options, "max_values": 2 })),
        label(json!({ "type": 5, "custom_id": "who" })),
        label(json!({ "type": 21, "custom_id": "one", "options": options, "required": false })),
        label(json!({ "type": 23, "custom_id": "sure" })),
    ]);
    let data = json!({ "custom_id": "form", "title": "Form", "components": parts });
    let form = answered(&mut world, json!({ "type": 9, "data": data })).await;
    let ann = world.ann.clone();
    for wrong in [
        [("why", "x"), ("some", "a"), ("who", "ann")],
        [("why", "xyz"), ("some", "c"), ("who", "ann")],
        [("why", "xyz"), ("some", "a"), ("who", "nobody")],
        [("why", "xyz"), ("some", ""), ("who", "ann")],
        [("why", "xyz"), ("some", "a"), ("when", "ann")],
    ] {
        assert!(ann.submits(&form, &wrong).await.is_err(), "{wrong:?}");
    }
    let right = [
        ("why", "xyz"),
        ("some", "a,b"),
        ("who", "ann"),
        ("sure", "true"),
    ];
    let waiting = tokio::spawn(async move { ann.submits(&form, &right).await });
    let sent = world.bot.event("INTERACTION_CREATE").await;
    assert_eq!(sent["type"], 5);
    let field = |index: usize| &sent["data"]["components"][index]["component"];
    let ann = world.ann.id().to_string();
    assert_eq!(field(0)["value"], "xyz");
    assert_eq!(field(1)["values"], json!(["a", "b"]));
    assert_eq!(field(2)["values"], json!([ann]));
    assert_eq!(field(3)["value"], Value::Null);
    assert_eq!(field(4)["value"], true);
    assert_eq!(sent["data"]["resolved"]["users"][&ann]["username"], "ann");
    let paths = world.paths(&sent);
    let thanks = json!({ "type": 4, "data": { "content": "thanks" } });
    world.rest.post(&paths.callback, thanks).await.with(204);
    assert_eq!(waiting.await.unwrap().unwrap().text(), "thanks");
}
