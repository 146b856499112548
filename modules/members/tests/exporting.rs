//! `/members export`: a file for whoever manages the server.

use serde_json::Value;

use super::*;

async fn file(guild: &Guild, options: &str) -> (String, String) {
    let command = format!("/members export {options}");
    let answer = guild.owner().slash(command.trim()).await;
    assert!(answer.is_ephemeral());
    let message = answer.message().unwrap();
    let [(name, bytes)] = message.files() else {
        panic!("{}", answer.text());
    };
    (name.clone(), String::from_utf8(bytes.clone()).unwrap())
}

#[tokio::test]
async fn the_members_or_those_with_a_role_are_a_file_of_any_form() {
    let (bot, guild) = on(Database::sqlite()).await;
    let [ann, ben] = ["ann", "ben"].map(|name| guild.member(name));
    let helpers = guild.role("helpers", Permissions::NONE);
    guild.give_role(&ann, helpers);
    names(&bot, &guild, &ann, "=1+1").await;
    guild.fill(1_500);

    let (name, csv) = file(&guild, "").await;
    assert_eq!(name, format!("members-{}.csv", guild.id()));
    assert!(
        csv.starts_with("id,name,display_name,bot,joined_at,roles\n"),
        "{csv}"
    );
    let row = format!("{},ann,'=1+1,no,2026-03-02T09:00:00Z,helpers\n", ann.id());
    assert!(csv.contains(&row), "{csv}");
    assert_eq!(csv.lines().count(), 1 + 1_500 + 4);

    let (_, ndjson) = file(&guild, "role:@helpers format:ndjson").await;
    let only: Value = serde_json::from_str(&ndjson).unwrap();
    assert_eq!(only["roles"], serde_json::json!(["helpers"]));
    let (_, json) = file(&guild, "format:json").await;
    let all: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(all.len(), 1_504);
    let (name, table) = file(&guild, "format:table").await;
    assert!(name.ends_with(".txt") && table.contains("ben"), "{name}");
    let refused = ben.slash("/members export").await.text();
    assert!(
        refused.starts_with("You need more permissions"),
        "{refused}"
    );
}

#[tokio::test]
async fn what_is_too_much_for_a_file_is_said_with_what_to_do() {
    let (_bot, guild) = on(Database::sqlite()).await;
    guild.fill(20_000);
    let told = guild
        .owner()
        .slash("/members export format:table")
        .await
        .text();
    let job = format!("`cogsmith job members-export --guild {}`", guild.id());
    assert!(
        told.contains("more than fits into one of Discord's files"),
        "{told}"
    );
    assert!(told.contains(&job), "{told}");
}

#[tokio::test]
async fn one_export_of_a_server_is_made_at_a_time() {
    let (bot, guild) = on(Database::sqlite()).await;
    let owner = guild.owner();
    let id = serenity::model::id::GuildId::new(guild.id().get());
    let turn = bot.host().locks().lock(("members.export", id.get())).await;
    let told = owner.slash("/members export").await.text();
    assert_eq!(told, "An export of this server is being made already.");
    drop(turn);
    let (name, _) = file(&guild, "").await;
    assert!(name.ends_with(".csv"), "{name}");
}

#[tokio::test]
async fn a_list_that_is_refused_or_fails_is_told_calmly() {
    let (bot, guild) = on(Database::sqlite()).await;
    let path = format!("guilds/{}/members", guild.id());
    bot.simulator().fail_next(FaultRule::new(403).path(&path));
    let told = guild.owner().slash("/members export").await.text();
    assert!(
        told.starts_with("Discord does not let me list the members"),
        "{told}"
    );
    let owner = bot.simulator().application_owner();
    assert_eq!(owner.direct().messages().len(), 1);
}
