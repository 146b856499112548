//! Buttons, forms and suggestions.

use serde_json::json;

use crate::rank::{World, answer};

#[tokio::test]
async fn a_button_is_pressed_and_its_message_changes() {
    let mut world = World::new().await;
    let button = json!({ "type": 2, "style": 1, "label": "Go", "custom_id": "go" });
    let rows = json!([{ "type": 1, "components": [button] }]);
    let reply = world
        .rank(async |world, paths| {
            let body = json!({ "type": 4, "data": { "content": "?", "components": rows } });
            world.rest.post(&paths.callback, body).await.with(204);
        })
        .await;
    world.bot.event("MESSAGE_CREATE").await;
    let message = reply.message().unwrap().clone();
    assert!(world.ann.uses(&message, "stop", &[]).await.is_err());
    for (callback, text) in [
        (json!({ "type": 7, "data": { "content": "gone" } }), "gone"),
        (json!({ "type": 6 }), "gone"),
        (answer("pressed"), "pressed"),
    ] {
        let ann = world.ann.clone();
        let pressed = message.clone();
        let waiting = tokio::spawn(async move { ann.uses(&pressed, "go", &[]).await });
        let used = world.bot.event("INTERACTION_CREATE").await;
        assert_eq!(used["type"], 3);
        assert_eq!(used["data"]["custom_id"], "go");
        assert_eq!(used["message"]["id"], message.id().to_string());
        let paths = world.paths(&used);
        world.rest.post(&paths.callback, callback).await.with(204);
        assert_eq!(waiting.await.unwrap().unwrap().text(), text);
        world.bot.events().await;
    }
    let later = world.guild.channel("general").messages();
    assert_eq!(later.len(), 3); // ann joined, the menu, what it was answered
}

#[tokio::test]
async fn a_form_is_opened_and_submitted() {
    let mut world = World::new().await;
    let reply = world
        .rank(async |world, paths| {
            let field = json!({ "type": 4, "custom_id": "why", "style": 1, "label": "Why?" });
            let rows = json!([{ "type": 1, "components": [field] }]);
            let data = json!({ "custom_id": "form", "title": "Form", "components": rows });
            let nameless = json!({ "type": 9, "data": { "components": rows } });
            world
                .rest
                .post(&paths.callback, nameless)
                .await
                .refused(400, 50035);
            let body = json!({ "type": 9, "data": data });
            world.rest.post(&paths.callback, body).await.with(204);
        })
        .await;
    assert_eq!(reply.modal().unwrap()["custom_id"], "form");
    let ann = world.ann.clone();
    let waiting = tokio::spawn(async move { ann.submits(&reply, &[("why", "so")]).await });
    let used = world.bot.event("INTERACTION_CREATE").await;
    assert_eq!(used["type"], 5);
    assert_eq!(
        used["data"]["components"][0]["components"][0]["value"],
        "so"
    );
    let paths = world.paths(&used);
    world
        .rest
        .post(&paths.callback, answer("thanks"))
        .await
        .with(204);
    assert_eq!(waiting.await.unwrap().unwrap().text(), "thanks");
    world.bot.event("MESSAGE_CREATE").await;
}

#[tokio::test]
async fn suggestions_are_asked_for_and_given() {
    let mut world = World::new().await;
    let commands = format!("applications/{}/commands", world.sim.application_id());
    let name = json!({ "name": "name", "description": "x", "type": 3, "autocomplete": true });
    let show = json!({ "name": "show", "description": "x", "type": 1, "options": [name] });
    let task = json!([{ "name": "task", "description": "x", "options": [show] }]);
    world.rest.put(&commands, task).await.with(200);
    let ann = world.ann.clone();
    let waiting = tokio::spawn(async move { ann.completes("/task show name:le").await });
    let used = world.bot.event("INTERACTION_CREATE").await;
    assert_eq!(used["type"], 4);
    let option = &used["data"]["options"][0]["options"][0];
    assert_eq!(option["value"], "le");
    assert_eq!(option["focused"], true);
    let paths = world.paths(&used);
    let choices = json!([{ "name": "leaderboard.flush", "value": "leaderboard.flush" }]);
    let body = json!({ "type": 8, "data": { "choices": choices } });
    world.rest.post(&paths.callback, body).await.with(204);
    assert_eq!(waiting.await.unwrap().unwrap().choices(), Some(&choices));
}
