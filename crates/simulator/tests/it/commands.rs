//! Registering commands.

use cogsmith_simulator::Simulator;
use serde_json::{Value, json};
use serenity::model::application::Command;

use crate::client::Rest;

async fn world() -> (Simulator, Rest, String) {
    let sim = Simulator::builder().start().await.unwrap();
    let rest = Rest::new(&sim);
    let path = format!("applications/{}/commands", sim.application_id());
    (sim, rest, path)
}

fn command(name: &str) -> Value {
    json!({ "name": name, "description": "something" })
}

#[tokio::test]
async fn commands_are_created_read_changed_and_deleted() {
    let (_sim, rest, path) = world().await;
    let created = rest.post(&path, command("rank")).await.with(201);
    let parsed: Command = serde_json::from_value(created.clone()).unwrap();
    assert_eq!(parsed.name, "rank");
    let one = format!("{path}/{}", parsed.id);
    assert_eq!(rest.get(&one).await.with(200), created);
    let again = rest.post(&path, command("rank")).await.with(200);
    assert_eq!(again["id"], created["id"]);
    let changed = rest
        .patch(&one, json!({ "description": "else" }))
        .await
        .with(200);
    assert_eq!(changed["description"], "else");
    assert_ne!(changed["version"], created["version"]);
    rest.delete(&one).await.with(204);
    rest.get(&one).await.refused(404, 10063);
    assert_eq!(rest.get(&path).await.with(200), json!([]));
}

#[tokio::test]
async fn replacing_all_keeps_the_ids_of_those_named_again() {
    let (_sim, rest, path) = world().await;
    let first = json!([command("rank"), command("top")]);
    let first = rest.put(&path, first).await.with(200);
    let second = json!([command("top"), command("new")]);
    let second = rest.put(&path, second).await.with(200);
    let _: Vec<Command> = serde_json::from_value(second.clone()).unwrap();
    assert_eq!(second[0]["id"], first[1]["id"]);
    assert_eq!(second[0]["version"], first[1]["version"]);
    let listed = rest.get(&path).await.with(200);
    assert_eq!(listed.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn permissions_may_come_as_a_number_and_are_kept_as_text() {
    let (_sim, rest, path) = world().await;
    let mut secret = command("secret");
    secret["default_member_permissions"] = json!(32);
    let created = rest.post(&path, secret).await.with(201);
    assert_eq!(created["default_member_permissions"], "32");
}

#[tokio::test]
async fn a_guild_has_its_own_commands() {
    let (sim, rest, global) = world().await;
    let guild = sim.guild("Rustaceans");
    let own = format!(
        "applications/{}/guilds/{}/commands",
        sim.application_id(),
        guild.id()
    );
    let created = rest.post(&own, command("rank")).await.with(201);
    assert_eq!(created["guild_id"], guild.id().to_string());
    let one = format!("{own}/{}", created["id"].as_str().unwrap());
    rest.get(&one).await.with(200);
    rest.patch(&one, json!({ "nsfw": true })).await.with(200);
    assert_eq!(rest.get(&global).await.with(200), json!([]));
    rest.put(&own, json!([])).await.with(200);
    rest.delete(&one).await.refused(404, 10063);
    let elsewhere = format!("applications/{}/guilds/17/commands", sim.application_id());
    rest.get(&elsewhere).await.refused(403, 50001);
    rest.get("applications/17/commands")
        .await
        .refused(404, 10002);
}

#[tokio::test]
async fn faults_in_a_command_name_their_path() {
    let (_sim, rest, path) = world().await;
    let refused = async |body: Value, fault: &str| {
        let answer = rest.put(&path, json!([body])).await.refused(400, 50035);
        assert!(answer["errors"].pointer(fault).is_some(), "{answer:#}");
    };
    let with = |options: Value| {
        let mut command = command("rank");
        command["options"] = options;
        command
    };
    let option = |name: &str, kind: u64, required: bool| json!({ "name": name, "description": "x", "type": kind, "required": required });
    refused(command("Rank"), "/0/name").await;
    refused(command("two words"), "/0/name").await;
    refused(command(&"x".repeat(33)), "/0/name").await;
    refused(json!({ "description": "x" }), "/0/name").await;
    refused(json!({ "name": "rank" }), "/0/description").await;
    refused(with(json!([option("X", 3, false)])), "/0/options/0/name").await;
    refused(with(json!([option("x", 99, false)])), "/0/options/0/type").await;
    let disordered = json!([option("a", 3, false), option("b", 3, true)]);
    refused(with(disordered), "/0/options/1").await;
    let many: Vec<_> = (0..26)
        .map(|it| option(&format!("o{it}"), 3, false))
        .collect();
    refused(with(json!(many)), "/0/options/_errors").await;
    rest.put(&path, json!({})).await.refused(400, 50035);
}

#[tokio::test]
async fn a_scope_holds_a_hundred_slash_commands_and_fifteen_of_each_menu() {
    let (_sim, rest, path) = world().await;
    let many = |count| {
        (0..count)
            .map(|it| command(&format!("c{it}")))
            .collect::<Vec<_>>()
    };
    rest.put(&path, json!(many(100))).await.with(200);
    rest.post(&path, command("more")).await.refused(400, 30032);
    rest.post(&path, command("c7")).await.with(200);
    rest.put(&path, json!(many(101))).await.refused(400, 30032);
    assert_eq!(
        rest.get(&path).await.with(200).as_array().unwrap().len(),
        100
    );
    for kind in [2, 3] {
        let of_menu = |number| json!({ "name": format!("Menu {number}"), "type": kind });
        for number in 0..15 {
            rest.post(&path, of_menu(number)).await.with(201);
        }
        rest.post(&path, of_menu(15)).await.refused(400, 30032);
    }
}
