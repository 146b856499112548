//! Commands of the menus of people and messages, files for options, and the five kinds of menu.

use cogsmith_simulator::{Permissions, Simulator, SlashError};
use serde_json::{Value, json};

use crate::client::{Gateway, INTENTS, Rest};

/// Answers the next interaction with this message; gives what the bot heard.
async fn answered(bot: &mut Gateway, rest: &Rest, message: Value) -> Value {
    let used = loop {
        let mut frame = bot.frame().await;
        if frame["t"] == "INTERACTION_CREATE" {
            break frame["d"].take();
        }
    };
    let (id, token) = (
        used["id"].as_str().unwrap(),
        used["token"].as_str().unwrap(),
    );
    let path = format!("interactions/{id}/{token}/callback?with_response=true");
    rest.post(&path, json!({ "type": 4, "data": message }))
        .await
        .with(200);
    used
}

#[tokio::test]
async fn a_command_of_a_menu_names_its_target() {
    let sim = Simulator::builder().start().await.unwrap();
    let (rest, guild) = (Rest::new(&sim), sim.guild("Rustaceans"));
    let (ann, ben) = (guild.member("ann"), guild.member("ben"));
    let said = ben.says("hello").await;
    let commands = json!([
        { "type": 2, "name": "Wave at" },
        { "type": 3, "name": "Quote", "default_member_permissions": "8" },
    ]);
    let path = format!("applications/{}/commands", sim.application_id());
    let commands = rest.put(&path, commands).await.with(200);
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    bot.event("GUILD_CREATE").await;

    let (waves, target) = (ann.clone(), ben.clone());
    let waiting = tokio::spawn(async move { waves.uses_on(&target, "Wave at").await });
    let used = answered(&mut bot, &rest, json!({ "content": "hi" })).await;
    let id = ben.id().to_string();
    assert_eq!(
        (&used["data"]["type"], &used["data"]["target_id"]),
        (&json!(2), &json!(id))
    );
    assert_eq!(used["data"]["resolved"]["users"][&id]["username"], "ben");
    assert_eq!(waiting.await.unwrap().unwrap().text(), "hi");
    bot.event("MESSAGE_CREATE").await;

    let refused = ann.uses_on_message(&said, "Quote").await;
    assert!(
        matches!(refused, Err(SlashError::NotPermitted { .. })),
        "{refused:?}"
    );
    let quote = commands[1]["id"].as_str().unwrap().parse().unwrap();
    guild.allow_command(quote, &ann, true);
    bot.event("APPLICATION_COMMAND_PERMISSIONS_UPDATE").await;
    let path = format!(
        "applications/{}/guilds/{}/commands",
        sim.application_id(),
        guild.id()
    );
    let rules = rest
        .get(&format!("{path}/{quote}/permissions"))
        .await
        .with(200);
    assert_eq!(rules["permissions"][0]["permission"], true);
    assert_eq!(
        rest.get(&format!("{path}/permissions")).await.with(200),
        json!([rules])
    );
    rest.get(&format!("{path}/17/permissions"))
        .await
        .refused(404, 10066);
    let (ann, message) = (ann.clone(), said.clone());
    let waiting = tokio::spawn(async move { ann.uses_on_message(&message, "Quote").await });
    let used = answered(&mut bot, &rest, json!({ "content": "> hello" })).await;
    let id = said.id().to_string();
    assert_eq!(
        used["data"]["resolved"]["messages"][&id]["content"],
        "hello"
    );
    assert_eq!(waiting.await.unwrap().unwrap().text(), "> hello");
}

#[tokio::test]
async fn a_file_is_given_with_an_option_and_words_of_other_languages_on_request() {
    let sim = Simulator::builder().start().await.unwrap();
    let (rest, guild) = (Rest::new(&sim), sim.guild("Rustaceans"));
    let ann = guild.member("ann");
    let option = json!({ "type": 11, "name": "file", "description": "Which", "required": true });
    let command = json!({
        "name": "report",
        "name_localizations": { "de": "bericht" },
        "description": "Report",
        "options": [option],
    });
    let path = format!("applications/{}/commands", sim.application_id());
    rest.post(&path, command).await.with(201);
    let plain = rest.get(&path).await.with(200);
    assert_eq!(plain[0].get("name_localizations"), None);
    let whole = rest
        .get(&format!("{path}?with_localizations=true"))
        .await
        .with(200);
    assert_eq!(whole[0]["name_localizations"]["de"], "bericht");

    let mut bot = Gateway::identified(&sim, INTENTS).await;
    bot.event("GUILD_CREATE").await;
    let missing = ann.try_slash("/report file:log.txt").await;
    assert!(
        matches!(missing, Err(SlashError::BadOption { .. })),
        "{missing:?}"
    );
    ann.picks("log.txt", b"it broke");
    let waiting = tokio::spawn(async move { ann.slash("/report file:log.txt").await });
    let used = answered(&mut bot, &rest, json!({ "content": "thanks" })).await;
    let id = used["data"]["options"][0]["value"].as_str().unwrap();
    let file = &used["data"]["resolved"]["attachments"][id];
    assert_eq!(
        (&file["filename"], &file["size"]),
        (&json!("log.txt"), &json!(8))
    );
    let url = file["url"].as_str().unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let text = client.get(url).send().await.unwrap().text().await.unwrap();
    assert_eq!(text, "it broke");
    assert_eq!(waiting.await.unwrap().text(), "thanks");
}

#[tokio::test]
async fn what_is_chosen_from_a_menu_is_resolved_by_its_kind() {
    let sim = Simulator::builder().start().await.unwrap();
    let (rest, guild) = (Rest::new(&sim), sim.guild("Rustaceans"));
    let ann = guild.member("ann");
    guild.role("helper", Permissions::NONE);
    let general = guild.channel("general");
    let menu = |kind: u64| json!({ "type": 1, "components": [{ "type": kind, "custom_id": kind.to_string() }] });
    let mut rows: Vec<_> = (5..=8).map(menu).collect();
    let options = json!([{ "label": "Red", "value": "r" }, { "label": "Blue", "value": "b" }]);
    rows.push(json!({ "type": 1, "components": [{
        "type": 3, "custom_id": "3", "options": options, "max_values": 2,
    }] }));
    let path = format!("channels/{}/messages", general.id());
    rest.post(&path, json!({ "content": "choose", "components": rows }))
        .await
        .with(200);
    let message = general.messages().pop().unwrap();
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    bot.event("GUILD_CREATE").await;
    let cases: [(&str, &[&str], &[&str]); 5] = [
        ("5", &["ann"], &["users", "members"]),
        ("6", &["helper"], &["roles"]),
        ("7", &["helper"], &["roles"]),
        ("8", &["general"], &["channels"]),
        ("3", &["r", "b"], &[]),
    ];
    for (id, values, kinds) in cases {
        let (ann, message) = (ann.clone(), message.clone());
        let waiting = tokio::spawn(async move { ann.uses(&message, id, values).await });
        let used = answered(&mut bot, &rest, json!({ "content": "done", "flags": 64 })).await;
        let data = &used["data"];
        assert_eq!(
            data["values"].as_array().unwrap().len(),
            values.len(),
            "{data:#}"
        );
        let resolved = data["resolved"].as_object().into_iter().flatten();
        let mut found: Vec<_> = resolved.map(|(kind, _)| kind.as_str()).collect();
        found.sort_by_key(|kind| kinds.iter().position(|it| it == kind));
        assert_eq!(found, kinds, "{data:#}");
        waiting.await.unwrap().unwrap();
    }
    for (id, values) in [
        ("3", &["x"][..]),
        ("3", &[]),
        ("6", &["nobody"]),
        ("5", &["ann", "ann"]),
    ] {
        let refused = ann.uses(&message, id, values).await;
        assert!(
            matches!(refused, Err(SlashError::BadOption { .. })),
            "{refused:?}"
        );
    }
}
