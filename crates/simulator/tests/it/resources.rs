//! What the operations of REST cause: events, entries of the audit log, files to download.

use cogsmith_simulator::{Permissions, Simulator};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::client::{Gateway, Rest};
use crate::operations::IMAGE;

/// Every intent but presences.
const ALL: u64 = 0x1_ffff & !(1 << 8);

async fn heard(bot: &mut Gateway, rest_of: &[&str]) -> Vec<Value> {
    let mut found = Vec::new();
    for kind in rest_of {
        found.push(bot.event(kind).await);
    }
    found
}

#[tokio::test]
async fn changes_are_heard_and_logged_with_their_reason() {
    let sim = Simulator::builder().start().await.unwrap();
    let (rest, guild) = (Rest::new(&sim), sim.guild("Rustaceans"));
    let ann = guild.member("ann");
    let mut bot = Gateway::identified(&sim, ALL).await;
    bot.event("GUILD_CREATE").await;
    let path = format!("guilds/{}", guild.id());
    let entry = "GUILD_AUDIT_LOG_ENTRY_CREATE";

    let role = json!({ "name": "helper", "permissions": "0", "color": 255 });
    let role = rest.post(&format!("{path}/roles"), role).await.with(200);
    let events = heard(&mut bot, &["GUILD_ROLE_CREATE", entry]).await;
    assert_eq!(events[0]["role"], role);
    assert_eq!(
        (&events[1]["action_type"], &events[1]["target_id"]),
        (&json!(30), &role["id"])
    );

    let member = format!("{path}/members/{}", ann.id());
    rest.patch(&member, json!({ "nick": "Annie", "roles": [role["id"]] }))
        .await
        .with(200);
    let events = heard(&mut bot, &["GUILD_MEMBER_UPDATE", entry, entry]).await;
    assert_eq!(events[0]["nick"], "Annie");
    assert_eq!(
        events[1]["changes"],
        json!([{ "key": "nick", "new_value": "Annie" }])
    );
    assert_eq!(events[2]["changes"][0]["key"], "$add");

    let url = format!("{}/api/v10/{path}/bans/{}", sim.api_url(), ann.id());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client
        .put(url)
        .header("Authorization", format!("Bot {}", sim.token()));
    let request = request
        .header("X-Audit-Log-Reason", "too%20loud")
        .json(&json!({}));
    assert_eq!(request.send().await.unwrap().status(), 204);
    let events = heard(&mut bot, &["GUILD_MEMBER_REMOVE", "GUILD_BAN_ADD", entry]).await;
    assert_eq!(events[2]["reason"], "too loud");
    let log = rest
        .get(&format!("{path}/audit-logs?action_type=22"))
        .await
        .with(200);
    assert_eq!(log["audit_log_entries"][0]["reason"], "too loud");
    assert_eq!(log["audit_log_entries"].as_array().unwrap().len(), 1);
    let ban = rest
        .get(&format!("{path}/bans/{}", ann.id()))
        .await
        .with(200);
    assert_eq!(ban["reason"], "too loud");
    assert_eq!(bot.events().await, [""; 0]);
}

#[tokio::test]
async fn reactions_pins_and_threads_are_heard() {
    let sim = Simulator::builder().start().await.unwrap();
    let (rest, guild) = (Rest::new(&sim), sim.guild("Rustaceans"));
    let ann = guild.member("ann");
    let said = ann.says("hello").await;
    let mut bot = Gateway::identified(&sim, ALL & !(1 << 2)).await;
    bot.event("GUILD_CREATE").await;
    let message = format!("channels/{}/messages/{}", said.channel_id(), said.id());

    rest.put(
        &format!("{message}/reactions/%F0%9F%A6%80/@me"),
        Value::Null,
    )
    .await
    .with(204);
    ann.reacts(&said, "🦀");
    ann.unreacts(&said, "🦀");
    let kinds = [
        "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_REMOVE",
    ];
    let events = heard(&mut bot, &kinds).await;
    assert_eq!(events[1]["member"]["user"]["username"], "ann");
    let shown = rest.get(&message).await.with(200);
    assert_eq!(shown["reactions"][0]["count"], 1);
    assert_eq!(shown["reactions"][0]["me"], true);
    rest.put(&format!("{message}/reactions/nonsense/@me"), Value::Null)
        .await
        .refused(400, 10014);

    let pin = format!("channels/{}/messages/pins/{}", said.channel_id(), said.id());
    rest.put(&pin, Value::Null).await.with(204);
    let events = heard(
        &mut bot,
        &["MESSAGE_UPDATE", "CHANNEL_PINS_UPDATE", "MESSAGE_CREATE"],
    )
    .await;
    assert_eq!(events[0]["pinned"], true);
    assert_eq!(events[2]["type"], 6);

    let thread = json!({ "name": "Talk" });
    let thread = rest
        .post(&format!("{message}/threads"), thread)
        .await
        .with(201);
    assert_eq!(thread["id"], said.id().to_string());
    let events = heard(
        &mut bot,
        &["THREAD_CREATE", "MESSAGE_UPDATE", "MESSAGE_CREATE"],
    )
    .await;
    assert_eq!(events[1]["thread"]["id"], thread["id"]);
    assert_eq!(events[2]["type"], 21);
    rest.post(&format!("{message}/threads"), json!({ "name": "Again" }))
        .await
        .refused(400, 160_004);
    let path = format!("channels/{}", said.id());
    rest.patch(&path, json!({ "archived": true, "locked": true }))
        .await
        .with(200);
    bot.event("THREAD_UPDATE").await;
    rest.patch(&path, json!({ "name": "New" }))
        .await
        .refused(400, 50083);
    rest.delete(&path).await.with(200);
    bot.event("THREAD_DELETE").await;
    assert_eq!(bot.events().await, [""; 0]);
}

#[tokio::test]
async fn files_are_uploaded_and_downloaded_again() {
    let sim = Simulator::builder().start().await.unwrap();
    let (rest, guild) = (Rest::new(&sim), sim.guild("Rustaceans"));
    let general = guild.channel("general").id();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let token = format!("Bot {}", sim.token());
    let file = |name: &str| Part::bytes(name.as_bytes().to_vec()).file_name(name.to_owned());
    let payload = json!({
        "content": "see",
        "attachments": [{ "id": 1, "description": "two" }],
        "embeds": [{ "image": { "url": "attachment://shown.png" } }],
    });
    let form = Form::new()
        .text("payload_json", payload.to_string())
        .part("files[0]", file("shown.png"))
        .part("files[1]", file("beside.txt"));
    let url = format!("{}/api/v10/channels/{general}/messages", sim.api_url());
    let sent = client
        .post(url)
        .header("Authorization", &token)
        .multipart(form);
    let sent: Value = sent.send().await.unwrap().json().await.unwrap();
    assert_eq!(sent["attachments"].as_array().unwrap().len(), 1, "{sent:#}");
    let beside = &sent["attachments"][0];
    assert_eq!(
        (&beside["filename"], &beside["description"]),
        (&json!("beside.txt"), &json!("two"))
    );
    let read = async |url: &Value| client.get(url.as_str().unwrap()).send().await.unwrap();
    assert_eq!(
        read(&beside["url"]).await.text().await.unwrap(),
        "beside.txt"
    );
    let shown = read(&sent["embeds"][0]["image"]["url"]).await;
    assert_eq!(shown.headers()["content-type"], "image/png");
    assert_eq!(shown.text().await.unwrap(), "shown.png");
    let path = format!(
        "channels/{general}/messages/{}",
        sent["id"].as_str().unwrap()
    );
    let kept = rest
        .patch(&path, json!({ "attachments": [] }))
        .await
        .with(200);
    assert_eq!(kept["attachments"], json!([]));
    assert_eq!(read(&beside["url"]).await.status(), 404);
    let wrong = json!({ "content": "x", "attachments": [{ "id": 0 }] });
    rest.post(&format!("channels/{general}/messages"), wrong)
        .await
        .refused(400, 50035);
    assert_eq!((sim.gaps(), sim.violations()), (vec![], vec![]));
}

#[tokio::test]
async fn a_webhook_writes_under_its_own_name() {
    let sim = Simulator::builder().start().await.unwrap();
    let (rest, guild) = (Rest::new(&sim), sim.guild("Rustaceans"));
    let general = guild.channel("general").id();
    let hook = json!({ "name": "news", "avatar": IMAGE });
    let hook = rest
        .post(&format!("channels/{general}/webhooks"), hook)
        .await
        .with(200);
    let path = format!(
        "webhooks/{}/{}",
        hook["id"].as_str().unwrap(),
        hook["token"].as_str().unwrap()
    );
    let stranger = Rest::with_token(&sim, "");
    stranger
        .post(&path, json!({ "content": "one" }))
        .await
        .with(204);
    let two = json!({ "content": "two", "username": "Herald" });
    let two = stranger
        .post(&format!("{path}?wait=true"), two)
        .await
        .with(200);
    assert_eq!(
        (&two["author"]["username"], &two["webhook_id"]),
        (&json!("Herald"), &hook["id"])
    );
    let message = format!("{path}/messages/{}", two["id"].as_str().unwrap());
    let changed = stranger
        .patch(&message, json!({ "content": "three" }))
        .await
        .with(200);
    assert_eq!(changed["content"], "three");
    stranger.get(&message).await.with(200);
    stranger.delete(&message).await.with(204);
    stranger.get(&message).await.refused(404, 10008);
    stranger.get(&path).await.with(200);
    stranger
        .patch(&path, json!({ "name": "discord" }))
        .await
        .refused(400, 50035);
    let wrong = format!("webhooks/{}/wrong", hook["id"].as_str().unwrap());
    stranger
        .post(&wrong, json!({ "content": "x" }))
        .await
        .refused(401, 50027);
    stranger.delete(&path).await.with(204);
    stranger.get(&path).await.refused(404, 10015);
}

#[tokio::test]
async fn hierarchy_time_outs_and_handing_out_are_held() {
    let sim = Simulator::builder().start().await.unwrap();
    let (rest, guild) = (Rest::new(&sim), sim.guild("Rustaceans"));
    let ann = guild.member("ann");
    let path = format!("guilds/{}", guild.id());
    rest.delete(&format!("{path}/members/{}", guild.owner().id()))
        .await
        .refused(403, 50013);
    guild.allow(
        guild.bot_role(),
        Permissions::MANAGE_ROLES | Permissions::MODERATE_MEMBERS,
    );
    let role = json!({ "permissions": "8" });
    rest.post(&format!("{path}/roles"), role)
        .await
        .refused(403, 50013);
    let own = format!("{path}/roles/{}", guild.bot_role());
    rest.patch(&own, json!({ "name": "x" }))
        .await
        .refused(403, 50013);
    let member = format!("{path}/members/{}", ann.id());
    let until = |days: i64| json!({ "communication_disabled_until": sim.now() + chrono::TimeDelta::days(days) });
    rest.patch(&member, until(30)).await.refused(400, 50035);
    rest.patch(&member, until(1)).await.with(200);
    let writes = tokio::spawn(async move { ann.says("hush").await });
    assert!(
        writes.await.is_err(),
        "a member who is timed out cannot write"
    );
}

#[tokio::test]
async fn people_join_by_invite_until_it_is_used_up_or_they_are_banned() {
    let sim = Simulator::builder().start().await.unwrap();
    let (rest, guild) = (Rest::new(&sim), sim.guild("Rustaceans"));
    let zoe = sim.guild("Elsewhere").member("zoe");
    let invites = format!("channels/{}/invites", guild.channel("general").id());
    let invite = rest
        .post(&invites, json!({ "max_uses": 1 }))
        .await
        .with(200);
    let code = invite["code"].as_str().unwrap().to_owned();
    zoe.accepts(&code).says("hello").await;
    rest.get(&format!("invites/{code}"))
        .await
        .refused(404, 10006);
    let invite = rest.post(&invites, json!({})).await.with(200);
    let code = invite["code"].as_str().unwrap().to_owned();
    let ban = format!("guilds/{}/bans/{}", guild.id(), zoe.id());
    rest.put(&ban, json!({})).await.with(204);
    let joins = tokio::spawn(async move { zoe.accepts(&code) });
    assert!(joins.await.is_err(), "who is banned cannot join");
}

#[tokio::test]
async fn an_invite_gives_roles_and_a_visit_ends_when_the_visitor_goes_offline() {
    let sim = Simulator::builder().start().await.unwrap();
    let (guild, rest) = (sim.guild("Rustaceans"), Rest::new(&sim));
    let role = guild.role("guest", Permissions::NONE);
    let path = format!("channels/{}/invites", guild.channel("general").id());
    let visits = json!({ "temporary": true, "max_uses": 1, "unique": true });
    let visit = rest.post(&path, visits.clone()).await.with(200);
    let mut stays = visits;
    stays["role_ids"] = json!([role]);
    let stay = rest.post(&path, stays).await.with(200);
    let elsewhere = sim.guild("Elsewhere");
    let (ann, ben) = (elsewhere.member("ann"), elsewhere.member("ben"));
    for (person, invite) in [(&ann, &visit), (&ben, &stay)] {
        let person = person.accepts(invite["code"].as_str().unwrap());
        person.shows("online");
        person.shows("offline");
    }
    let member = async |id| {
        rest.get(&format!("guilds/{}/members/{id}", guild.id()))
            .await
    };
    member(ann.id()).await.refused(404, 10007);
    let stayed = member(ben.id()).await.with(200);
    assert_eq!(stayed["roles"], json!([role]));
}
